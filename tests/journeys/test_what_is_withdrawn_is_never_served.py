"""Readers ask the shipped program for every page that showed an article, while it is withdrawn."""

import threading
import time

import pytest
from tests.program import stopped

pytestmark = pytest.mark.journey

HEADLINE = "Minister of ports resigns"
#: An article with what shows it: a section, an author, a tag, and another article's inline card.
MAKE_ARTICLES = """
from django.utils import timezone
from broadsheet.articles.models import *
edition = Edition.objects.get(locale__language_code="en")
section = Section.objects.create(position=1)
SectionName.objects.create(owner=section, edition=edition, name="Ports")
author, tag = Author.objects.create(), Tag.objects.create()
AuthorName.objects.create(owner=author, edition=edition, name="Olena Marchuk")
TagName.objects.create(owner=tag, edition=edition, name="Harbour")
def publish(headline, body):
    article = Article(locale=edition.locale, section=section, headline=headline, live=False,
                      lead="It was announced in the morning.", body=body)
    article.save()
    article.tags = [tag]
    article.bylines.add(article.bylines.model(author=author))
    article.save()
    article.publish(article.save_revision())
    return article
withdrawn = publish({headline!r}, [("paragraph", "<p>He gave no reason.</p>")])
publish("Ferry line opens", [("related", withdrawn)])
print(withdrawn.pk)
"""
#: What a desk does in its own process; prints the moment after its commit.
WITHDRAW = """
import time
from django.utils import timezone
from broadsheet.articles import publishing
from broadsheet.articles.models import Article
article = Article.objects.get(pk={pk})
{act}
print(time.time())
"""
ACTS = {
    "unpublish": "article.unpublish()",
    "kill": "publishing.kill(article, notice='It was not true.', now=timezone.now())",
    "delete": "article.delete()",
}
#: Facts of an import whose articles are related for minutes.
ADD_FACTS = """
from django.utils import timezone
from broadsheet.outbox.models import Fact
Fact.objects.bulk_create([
    Fact(name="ArticlesImported", payload={"article_ids": [n]}, is_bulk=True,
         announced_at=timezone.now())
    for n in range(10**9, 10**9 + 10_000)
])
"""
PAGES = (
    "/en/news/minister-of-ports-resigns",
    "/en/news/ferry-line-opens",
    "/en/",
    "/en/news/",
    "/en/ports/",
    "/en/popular",
    "/en/authors/olena-marchuk",
    "/en/tags/harbour",
)


class Reader(threading.Thread):
    """Asks for every page in turn, and notes when each last showed the headline."""

    def __init__(self, program):
        super().__init__(daemon=True)
        self.program = program
        self.shown_at = {}
        self.rounds = 0
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.is_set():
            for path in PAGES:
                asked_at = time.time()
                answer = self.program.get(path)
                if answer.status == 200 and HEADLINE in answer.text:
                    # It left the server after it was asked for, at the earliest.
                    self.shown_at[path] = asked_at
            self.rounds += 1


def withdraw_under_readers(program, act, pk):
    """Withdraw the article; return for how many seconds after the commit each page showed it."""
    readers = [Reader(program) for _ in range(3)]
    for reader in readers:
        reader.start()
    program.wait_until(lambda: all(reader.rounds > 1 for reader in readers), "two rounds")
    assert {path for reader in readers for path in reader.shown_at} == set(PAGES)
    committed_at = float(program.python(WITHDRAW.format(pk=pk, act=ACTS[act])))
    rounds = [reader.rounds for reader in readers]
    program.wait_until(
        lambda: (
            time.time() > committed_at + 2
            and all(reader.rounds > past + 2 for reader, past in zip(readers, rounds, strict=True))
        ),
        "readers who come later",
    )
    for reader in readers:
        reader.is_over.set()
        reader.join(30)
    late = {
        path: max(reader.shown_at.get(path, 0) for reader in readers) - committed_at
        for path in PAGES
    }
    return {path: seconds for path, seconds in late.items() if seconds > 1}


@pytest.mark.parametrize("act", ACTS)
def test_with_the_worker_stopped(program, act):
    program.start("--processes", "2")
    pk = program.python(MAKE_ARTICLES.format(headline=HEADLINE)).strip()
    program.wait_until(lambda: HEADLINE in program.get("/en/popular").text, "the article")
    assert program.read(int(pk)) == 204
    with stopped(program.worker()):
        assert withdraw_under_readers(program, act, pk) == {}
        assert program.read(int(pk)) == 404  # though it was asked for a moment ago
    assert program.get(PAGES[0]).status == (410 if act == "kill" else 404)


def test_with_10000_facts_waiting(program):
    program.start("--processes", "2")
    pk = program.python(MAKE_ARTICLES.format(headline=HEADLINE)).strip()
    program.wait_until(lambda: HEADLINE in program.get("/en/popular").text, "the article")
    program.python(ADD_FACTS)
    assert withdraw_under_readers(program, "unpublish", pk) == {}
    assert program.get(PAGES[0]).status == 404
