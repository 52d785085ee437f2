"""Processes are killed in a surge, while an editor publishes; afterwards every page is right."""

import contextlib
import json
import os
import re
import signal
import threading

import pytest

pytestmark = pytest.mark.journey

PUBLISH = """
import sys
from broadsheet.articles.models import *
edition = Edition.objects.get(locale__language_code="en")
section = SectionName.objects.get(edition=edition, slug="news").owner
author, _ = Author.objects.get_or_create(label="Olena Marchuk")
AuthorName.objects.get_or_create(owner=author, edition=edition, defaults={"name": "Olena Marchuk"})
made = []
for n in range(24):
    if n % 3 == 2:  # an edit of an earlier one; or it is taken down
        article = Article.objects.get(pk=made[n // 2]).get_latest_revision_as_object()
        article.headline += " at last"
        if n % 4 == 0:
            article.unpublish()
            continue
    else:
        article = Article(locale=edition.locale, section=section, live=False,
                          headline=f"Bridge {n} over the Sula opens", lead=f"The {n}th this year.")
        article.save()
        article.bylines.add(article.bylines.model(author=author))
    article.publish(article.save_revision())
    made.append(article.pk)
    print(article.get_absolute_url(), flush=True)
name = author.names.get()
name.name = "Olena Marchuk-Sula"
name.save()
print("/en/authors/olena-marchuk")
"""
#: Each page as a fresh pressing makes it, one JSON object a line.
PRESS = """
import json
from django.utils import timezone
from broadsheet.outbox.models import Fact
from broadsheet.web.answering import fill
from broadsheet.web.pressing import make_page
from broadsheet.web.touching import all_addresses
for address in sorted(set(all_addresses()) - {"/desk/"}):
    page = make_page(address, 0, now=timezone.now())
    print(json.dumps([address, page.status, fill(page.parts, page.edition).decode()]))
"""
FACTS = "from broadsheet.outbox.models import Fact\nprint(Fact.objects.filter(delivered_at=None).count())"
#: A ranking is computed each 20 seconds, so the moment in it is not the same.
COMPUTED = re.compile(r'<p class="block-note">.*?</p>', re.DOTALL)


class Reader(threading.Thread):
    """Asks for pages as fast as it can; notes answers that no reader should get."""

    def __init__(self, program, paths):
        super().__init__(daemon=True)
        self.program, self.paths = program, paths
        self.answered, self.cut_off, self.failed = 0, 0, []
        self.is_over = threading.Event()

    def run(self):
        while not self.is_over.is_set():
            for path in [*self.paths]:
                try:
                    answer = self.program.get(path, timeout=10)
                except OSError:
                    self.cut_off += 1
                    self.is_over.wait(0.02)
                    continue
                self.answered += 1
                if answer.status >= 500 or not answer.text.rstrip().endswith("</html>"):
                    self.failed.append((path, answer.status))


def test_every_page_is_right_after_kills(program):
    program.start("--processes", "2")
    paths = ["/en/", "/uk/", "/en/news/", "/en/popular", "/en/about/how-we-count"]
    readers = [Reader(program, paths) for _ in range(4)]
    for reader in readers:
        reader.start()
    editor = threading.Thread(target=lambda: paths.extend(program.python(PUBLISH).split()))
    editor.start()
    for _ in range(3):
        before = sum(reader.answered for reader in readers)
        for pid in program.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        program.wait_until(
            lambda seen=before: sum(reader.answered for reader in readers) > seen + 200,
            "more answers",
        )
    editor.join(120)
    program.wait_until(lambda: program.python(FACTS).strip() == "0", "all facts delivered")
    for reader in readers:
        reader.is_over.set()
        reader.join(60)
    assert [reader.failed for reader in readers] == [[], [], [], []]
    assert sum(reader.cut_off for reader in readers) > 0  # something was killed in the middle
    compare_every_page(program)


def compare_every_page(program):
    compared = 0
    for line in program.python(PRESS).splitlines():
        address, status, html = json.loads(line)
        answer = program.get(address) if address != "/" else None
        if answer is None or status in {301, 302}:
            continue
        assert answer.status == status, address
        assert COMPUTED.sub("", answer.text) == COMPUTED.sub("", html), address
        compared += 1
    assert compared > 20
