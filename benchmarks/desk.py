"""How fast the desk's list of articles is with 100,000 of them: every filter, search, page, order.

    python benchmarks/desk.py [--articles 100000] [--rounds 15] [--results FILE]

Makes an installation in a temporary directory and asks the list as an editor does, through
Django's whole request. The cases take turns in every round, so that no case has the machine to
itself. Prints p50 and p95 in milliseconds and the number of statements (both databases), and
PASS or FAIL against 300 ms and 15 statements; exit code 1 for FAIL. Making the articles takes a
few minutes and is not measured.
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
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

HOME = Path(tempfile.mkdtemp(prefix="broadsheet-bench-"))
os.environ["BROADSHEET_HOME"] = str(HOME)
os.environ["BROADSHEET_SECRET_KEY"] = "for-this-run"
os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
os.environ["BROADSHEET_ALLOWED_HOSTS"] = "testserver"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - Django has to be set up first
from django.contrib.auth.models import Group  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from broadsheet.articles.models import (  # noqa: E402
    Article,
    ArticleAuthor,
    Author,
    AuthorName,
    Edition,
    Section,
    SectionName,
)
from broadsheet.articles.publishing import kill, publish_imported  # noqa: E402
from broadsheet.operations.setting_up import set_up_installation  # noqa: E402
from broadsheet.readership.models import ArticleCount  # noqa: E402

MOST_MS, MOST_STATEMENTS = 300, 15
BATCH = 1000
SECTIONS, AUTHORS = 12, 60
DRAFTS, CHANGED, SCHEDULED, KILLED = 400, 200, 40, 40
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)

ENGLISH = [
    "council",
    "port",
    "minister",
    "strike",
    "bridge",
    "harvest",
    "court",
    "election",
    "budget",
    "river",
    "school",
    "market",
    "storm",
    "treaty",
    "factory",
    "museum",
    "hospital",
    "railway",
    "pension",
    "border",
    "festival",
    "reactor",
    "satellite",
    "airline",
]
UKRAINIAN = [
    "рада",
    "порт",
    "міністр",
    "страйк",
    "міст",
    "врожай",
    "суд",
    "вибори",
    "бюджет",
    "річка",
    "школа",
    "ринок",
    "буря",
    "договір",
    "завод",
    "музей",
    "лікарня",
    "залізниця",
    "пенсія",
    "кордон",
    "фестиваль",
    "реактор",
    "супутник",
    "літак",
]


def words(draw: random.Random, language: str, count: int) -> str:
    return " ".join(draw.choices(UKRAINIAN if language == "uk" else ENGLISH, k=count))


# --- the newsroom -----------------------------------------------------------


def make_newsroom(count: int) -> tuple[list[Section], list[Author]]:
    """Fill the installation: live articles as an import makes them, the rest as the desk does."""

    editions = {edition.code: edition for edition in Edition.objects.select_related("locale")}
    sections = [Section.objects.create(position=n) for n in range(2, SECTIONS + 2)]
    authors = [Author.objects.create() for _ in range(AUTHORS)]
    for edition in editions.values():
        for n, section in enumerate(sections):
            SectionName.objects.create(owner=section, edition=edition, name=f"Section {n}")
        for n, author in enumerate(authors):
            AuthorName.objects.create(owner=author, edition=edition, name=f"Author {n}")
    draw = random.Random(1)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        import_batch(draw, numbers, editions=editions, sections=sections, authors=authors)
    count_views(draw)
    work_at_the_desk(draw, editions["en"], sections)
    return sections, authors


def import_batch(
    draw: random.Random,
    numbers: range,
    *,
    editions: Mapping[str, Edition],
    sections: list[Section],
    authors: list[Author],
) -> None:

    articles = []
    for n in numbers:
        code = "uk" if draw.random() < 0.6 else "en"
        article = Article(
            locale=editions[code].locale,
            headline=f"{words(draw, code, 7)} {n}".capitalize(),
            slug=f"article-{n}",
            lead=words(draw, code, 25),
            section=draw.choice(sections),
            body=[("paragraph", f"<p>{words(draw, code, 60)}</p>")],
            first_published_at=NEWEST - timedelta(minutes=11 * n),
        )
        article.bylines.add(ArticleAuthor(author=draw.choice(authors)))
        articles.append(article)
    publish_imported(articles, now=NEWEST)


def count_views(draw: random.Random) -> None:

    counts = []
    for pk in Article.objects.values_list("pk", flat=True):
        views = int(draw.paretovariate(1.2) * 40)
        counts.append(ArticleCount(article_id=pk, imported=views, total=views))
    ArticleCount.objects.bulk_create(counts, batch_size=BATCH)


def work_at_the_desk(draw: random.Random, edition: Edition, sections: list[Section]) -> None:
    """Write drafts, change live articles, schedule and kill, through the seams the desk uses."""

    editor = get_user_model().objects.get(username="editor")
    for n in range(DRAFTS + SCHEDULED):
        draft = Article(
            locale=edition.locale,
            headline=f"{words(draw, 'en', 6)} draft {n}",
            section=draw.choice(sections),
            live=False,
        )
        if n >= DRAFTS:
            draft.go_live_at = timezone.now() + timedelta(days=n)
        draft.save()
        revision = draft.save_revision(user=editor)
        if n >= DRAFTS:
            draft.publish(revision)
    older = Article.objects.filter(live=True).order_by("pk")[1000 : 1000 + CHANGED + KILLED]
    for n, article in enumerate(older):
        if n < CHANGED:
            article.headline += ", again"
            article.save_revision(user=editor)
        else:
            kill(article, notice="Withdrawn.", now=timezone.now())


def make_editor() -> Client:

    editor = get_user_model().objects.create_user("editor")
    editor.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(editor)
    return client


# --- what is asked ----------------------------------------------------------


def cases(sections: list[Section], authors: list[Author]) -> dict[str, str]:
    section, author = sections[3].pk, authors[5].pk
    return {
        "first page": "",
        "second page": "?p=2",
        "page 100": "?p=100",
        "beyond the last page": "?p=100000",
        "oldest first": "?ordering=first_published_at",
        "oldest first, page 50": "?ordering=first_published_at&p=50",
        **{f"status: {name}": f"?status={name}" for name in
           ("live", "draft", "scheduled", "changed", "killed")},
        "edition: en": "?locale=en",
        "edition: uk, page 40": "?locale=uk&p=40",
        "section": f"?section={section}",
        "author": f"?author={author}",
        "published: a week": "?first_published_at_from=2025-06-01&first_published_at_to=2025-06-07",
        "published: two years": "?first_published_at_from=2024-11-01&first_published_at_to=2026-10-31",
        "all filters": f"?status=live&locale=en&section={section}&author={author}"
        "&first_published_at_from=2024-11-01",
        "search: in half of them": "?q=council",
        "search: in half of them, oldest first": "?q=council&ordering=first_published_at",
        "search: two words": "?q=bridge+treaty",
        "search: one article": "?q=77777",
        "search: Ukrainian": "?q=залізниця",
        "search: beginning of a word": "?q=satel",
        "search: nothing": "?q=zebra",
        "search: hostile": "?q=%22+%27)+OR+*+NEAR(",
        "search and filters": f"?q=storm&locale=en&section={section}&status=live",
    }  # fmt: skip


def ask(client: Client, address: str) -> tuple[float, int]:
    """Return milliseconds and statements of one answer."""

    statements = 0

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    content, counts = connections["default"], connections["readership"]
    with content.execute_wrapper(count), counts.execute_wrapper(count):
        began = time.perf_counter()
        response = client.get(address)
        took = (time.perf_counter() - began) * 1000
    assert response.status_code == 200, (address, response.status_code)
    return took, statements


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(
    client: Client, queries: Mapping[str, str], rounds: int
) -> tuple[dict[str, list[float]], dict[str, int]]:

    address = reverse(Article.snippet_viewset.get_url_name("list"))
    took: dict[str, list[float]] = {name: [] for name in queries}
    statements = dict.fromkeys(queries, 0)
    for query in queries.values():  # templates and content types are loaded once a process
        ask(client, address + query)
    draw = random.Random(2)
    for _ in range(rounds):
        for name in draw.sample(list(queries), len(queries)):
            one, count = ask(client, address + queries[name])
            took[name].append(one)
            statements[name] = max(statements[name], count)
    return took, statements


def report(
    took: Mapping[str, list[float]], statements: Mapping[str, int], *, articles: int, rounds: int
) -> tuple[bool, str]:
    lines = [
        f"{os.cpu_count()} CPUs, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}",
        f"{articles:,} articles, {rounds} rounds",
        "",
        f"{'the list of articles':40}{'p50 ms':>9}{'p95 ms':>9}{'statements':>12}",
    ]
    lines += [
        f"{name:40}{percentile(one, 0.5):9.1f}{percentile(one, 0.95):9.1f}{statements[name]:12}"
        for name, one in took.items()
    ]
    slowest = max(percentile(one, 0.95) for one in took.values())
    most = max(statements.values())
    passed = slowest <= MOST_MS and most <= MOST_STATEMENTS
    lines += [
        "",
        f"slowest p95 {slowest:.0f} ms (bar {MOST_MS}), most statements {most} (bar {MOST_STATEMENTS})",
        "PASS" if passed else "FAIL",
    ]
    return passed, "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    set_up_installation(tell=lambda _line: None)
    editor = make_editor()
    sections, authors = make_newsroom(options.articles)
    took, statements = measure(editor, cases(sections, authors), options.rounds)
    passed, text = report(took, statements, articles=Article.objects.count(), rounds=options.rounds)
    print(text, end="")
    if options.results:
        options.results.write_text(text, encoding="utf-8")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
