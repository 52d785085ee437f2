"""How fast the desk says what stands beside a text that is being written, with 100,000 articles.

    python benchmarks/writing.py [--articles 100000] [--rounds 40] [--results FILE]

Makes an installation in a temporary directory. 400 articles of words as common as English words
are (wordfreq), and of names, are published and related by the shipped code; what was read in them is
then dealt over an archive of past days, a hundred a day, none of it forgotten. A text that grows from
a headline to 6,000 characters is asked about as an editor's browser does, through Django's whole
request; texts and lengths take turns. Prints p50 and p95 in milliseconds by length, the number of
statements, and PASS or FAIL against 300 ms; exit code 1 for FAIL.
"""

import argparse
import atexit
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import django

HOME = Path(tempfile.mkdtemp(prefix="broadsheet-bench-"))
os.environ["BROADSHEET_HOME"] = str(HOME)
os.environ["BROADSHEET_SECRET_KEY"] = "for-this-run"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.project.settings")
os.environ["BROADSHEET_ALLOWED_HOSTS"] = "testserver"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - Django has to be set up first
from django.contrib.auth.models import Group  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from wordfreq import top_n_list, word_frequency  # noqa: E402

from broadsheet.articles.models import Article, Edition, SectionName  # noqa: E402
from broadsheet.articles.publishing import publish_imported  # noqa: E402
from broadsheet.operations.setting_up import set_up_installation  # noqa: E402
from broadsheet.themes.models import (  # noqa: E402
    DocumentFrequency,
    Posting,
    Reading,
    Story,
    StoryMember,
)
from broadsheet.themes.relating import relate_articles  # noqa: E402

MOST_MS = 300
ORIGINALS, ARTICLES_A_DAY, BATCH = 400, 100, 1000
VOCABULARY, NAMES, TOPIC_WORDS = 30_000, 3000, 40
LENGTHS = (0, 300, 1000, 2500, 6000)
NOW = datetime.now(UTC)


class Writer:
    """Writes articles on topics of their own, a topic in several articles."""

    def __init__(self) -> None:
        self.draw = random.Random(3)
        found = (word for word in top_n_list("en", 2 * VOCABULARY) if word.isalpha())
        self.words = list(islice(found, VOCABULARY))
        self.weights = list(accumulate(word_frequency(word, "en") for word in self.words))
        rare = [word.capitalize() for word in self.words[5000:] if len(word) > 4]
        self.names = [f"{self.draw.choice(rare)} {self.draw.choice(rare)}" for _ in range(NAMES)]
        self.name_weights = list(accumulate(1 / (place + 1) for place in range(NAMES)))

    def write(self, topic: int, characters: int) -> tuple[str, str]:
        """Return a headline and a text on a topic."""
        own = random.Random(topic)
        words = own.sample(self.words[300:], TOPIC_WORDS)
        people = own.choices(self.names, cum_weights=self.name_weights, k=3)
        headline = " ".join([people[0], "to", *self.draw.sample(words[:12], 4)])
        parts: list[str] = []
        while sum(map(len, parts)) + len(parts) < characters:
            common = self.draw.choices(self.words, cum_weights=self.weights, k=14)
            said = self.draw.sample(words, 6)
            sentence = [*common, *said, self.draw.choice(people)]
            self.draw.shuffle(sentence)
            said_so = " ".join(sentence)
            parts.append(f"{said_so[0].upper()}{said_so[1:]}.")
        return headline, " ".join(parts)


def publish_originals(writer: Writer, edition: Edition) -> None:
    section = SectionName.objects.filter(edition=edition).first()
    assert section is not None
    articles = []
    for number in range(ORIGINALS):
        headline, text = writer.write(number // 4, 3000)
        articles.append(
            Article(
                locale=edition.locale,
                headline=headline,
                slug=f"original-{number}",
                section=section.owner,
                lead=text[:200],
                body=[("paragraph", f"<p>{text[200:]}</p>")],
                first_published_at=NOW - timedelta(minutes=14 * number),
            )
        )
    publish_imported(articles, now=NOW)
    relate_articles([article.pk for article in articles], now=NOW)


def deal_archive(edition: Edition, count: int) -> None:
    """Deal the originals' readings over past days, straight into the tables."""
    draw = random.Random(4)
    posted: dict[int, list[Posting]] = defaultdict(list)
    for posting in Posting.objects.all():
        posted[posting.article_id].append(posting)
    originals = {one.pk: one for one in Article.objects.all()}
    readings = list(Reading.objects.all())
    held: Counter[str] = Counter()
    for start in range(ORIGINALS, count, BATCH):
        dealt = [draw.choice(readings) for _ in range(min(BATCH, count - start))]
        articles = [
            Article(
                locale=edition.locale,
                headline=originals[one.article_id].headline,
                slug=f"archive-{start + n}",
                section_id=originals[one.article_id].section_id,
                body=[],
                live=True,
                first_published_at=NOW - timedelta(days=(start + n) / ARTICLES_A_DAY),
            )
            for n, one in enumerate(dealt)
        ]
        for article in articles:
            article.note_contents()
        Article.objects.bulk_create(articles)
        stories = Story.objects.bulk_create(
            Story(
                locale=edition.locale,
                size=1,
                oldest_at=article.first_published_at,
                newest_at=article.first_published_at,
                mean_at=article.first_published_at,
                terms=one.terms,
            )
            for article, one in zip(articles, dealt, strict=True)
        )
        StoryMember.objects.bulk_create(
            StoryMember(article=article, story=story, published_at=article.first_published_at)
            for article, story in zip(articles, stories, strict=True)
        )
        Reading.objects.bulk_create(
            Reading(
                article=article,
                published_at=article.first_published_at,
                read_at=NOW,
                terms=one.terms,
                names=one.names,
            )
            for article, one in zip(articles, dealt, strict=True)
        )
        rows = []
        for article, one in zip(articles, dealt, strict=True):
            assert article.first_published_at is not None
            at = int(article.first_published_at.timestamp())
            rows += [
                (edition.pk, p.term, at, article.pk, p.weight, p.is_sure)
                for p in posted[one.article_id]
            ]
            held.update({"", *one.terms})
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {Posting._meta.db_table}"  # noqa: SLF001 - a table's name
                " (locale_id, term, at, article_id, weight, is_sure) VALUES (%s,%s,%s,%s,%s,%s)",
                rows,
            )
    DocumentFrequency.objects.bulk_create(
        [DocumentFrequency(locale=edition.locale, term=t, articles=n) for t, n in held.items()],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def make_reporter() -> Client:
    reporter = get_user_model().objects.create_user("reporter")
    reporter.groups.add(Group.objects.get(name="Reporters"))
    client = Client()
    client.force_login(reporter)
    return client


def ask(client: Client, headline: str, text: str) -> tuple[float, int, bytes]:
    """Return milliseconds, statements and the answer."""
    statements = 0

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    told = {"edition": "en", "article": "", "headline": headline, "text": text}
    with connection.execute_wrapper(count):
        began = time.perf_counter()
        answer = client.post("/desk/stories/beside/", told)
        took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status_code
    return took, statements, answer.content


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    set_up_installation(tell=lambda _line: None)
    edition = Edition.objects.select_related("locale").get(locale__language_code="en")
    writer = Writer()
    publish_originals(writer, edition)
    deal_archive(edition, options.articles)
    client = make_reporter()
    took: dict[int, list[float]] = defaultdict(list)
    computed: list[float] = []
    statements = 0
    told: Counter[str] = Counter()
    ask(client, *writer.write(0, 300))  # templates and rights are loaded once a process
    for number in range(options.rounds):
        headline, text = writer.write(number * 3, max(LENGTHS))
        for length in writer.draw.sample(LENGTHS, len(LENGTHS)):
            computing = time.process_time()
            one, count, answer = ask(client, headline, text[:length])
            took[length].append(one)
            computed.append((time.process_time() - computing) * 1000)
            statements = max(statements, count)
            for part in ("data-already", "data-stories", "data-related"):
                told[part] += part.encode() in answer
    slowest = max(percentile(one, 0.95) for one in took.values())
    passed = slowest <= MOST_MS
    lines = [
        f"{os.cpu_count()} CPUs, {os.getloadavg()[0]:.1f} busy, Python {sys.version.split()[0]}",
        f"SQLite {sqlite3.sqlite_version}, {options.rounds} texts",
        f"{Article.objects.count():,} articles, {Posting.objects.count():,} postings",
        f"told of {sum(map(len, took.values()))} times: {dict(told)}",
        "",
        f"{'characters beside the headline':32}{'p50 ms':>9}{'p95 ms':>9}",
        *(
            f"{length:<32}{percentile(took[length], 0.5):9.1f}{percentile(took[length], 0.95):9.1f}"
            for length in LENGTHS
        ),
        "",
        f"CPU p50 {percentile(computed, 0.5):.0f} ms, p95 {percentile(computed, 0.95):.0f} ms",
        f"slowest p95 {slowest:.0f} ms (bar {MOST_MS}), at most {statements} statements",
        "PASS" if passed else "FAIL",
    ]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.results:
        options.results.write_text(text, encoding="utf-8")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
