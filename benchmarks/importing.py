"""How many articles a second an archive goes in with, search index included, as the archive grows.

`benchmarks/importing.py [--articles 20000] [--directory DIR]` makes an archive of articles of
about 3 kB in our own words, sets up a fresh installation in DIR and runs the shipped
`broadsheet import jsonl` on it. It prints the rate in each thousand, the longest write
transaction, and whether every article is in the search index; about a minute and a half. The
Wikinews archive beside the checkout goes in as well where it is there.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

MIN_RATE = 300  # articles a second
MAX_TRANSACTION_MS = 100
PROGRAM = Path(sys.executable).with_name("broadsheet")
WIKINEWS = Path(__file__).parents[2] / "shared" / "data" / "wikinews_en.jsonl"
WIKINEWS_MAP = ["lang=edition", "title=headline", "text=body", "date=published_at",
                "url=source_url"]  # fmt: skip

# Runs the very command inside a process that notes when each batch was committed, and how long
# its transaction was open: from BEGIN to the end of COMMIT.
WATCHED = """
import json, sys, time
from django.db.backends.sqlite3 import base
began, marks = None, []
def watch(name):
    plain = getattr(base.DatabaseWrapper, name)
    def watched(self, *args):
        global began
        now = time.perf_counter()
        result = plain(self, *args)
        if name == "_start_transaction_under_autocommit":
            began = now
        elif began is not None:
            marks.append((began, time.perf_counter()))
            began = None
        return result
    setattr(base.DatabaseWrapper, name, watched)
for name in ("_start_transaction_under_autocommit", "_commit", "_rollback"):
    watch(name)
from broadsheet.project.cli import main
try:
    main()
finally:
    with open({marks!r}, "w") as file:
        json.dump(marks, file)
"""

SUBJECTS = ["The harbour council", "A team of surveyors", "The railway", "Teachers of the valley",
            "The weather service", "A small brewery", "The ferry company", "Residents of the old town",
            "The university clinic", "Two neighbouring villages"]  # fmt: skip
VERBS = ["agreed on", "put off", "looked again at", "paid for", "voted against", "opened",
         "measured", "asked for", "gave up", "rebuilt"]  # fmt: skip
OBJECTS = ["the northern bridge", "a plan for the mill stream", "the evening trains",
           "a new reading room", "the lights along the quay", "the flood gate", "a timetable",
           "the market hall", "repairs to the tower", "the school garden"]  # fmt: skip
ENDINGS = ["after a long night of talks", "and nobody spoke against it", "for the third time",
           "although the money is not there yet", "before the winter sets in",
           "as the engineers had advised", "while the old one stays open",
           "with the help of volunteers", "two years later than planned"]  # fmt: skip


def make_sentence(draw: random.Random) -> str:
    parts = [draw.choice(words) for words in (SUBJECTS, VERBS, OBJECTS, ENDINGS)]
    return f"{' '.join(parts)}, {draw.randrange(2, 900)} people were told on day {draw.randrange(365)}."


def make_article(number: int, draw: random.Random) -> dict[str, object]:
    paragraphs = [
        f"<p>{' '.join(make_sentence(draw) for _ in range(4))} <b>{draw.choice(OBJECTS)}</b></p>"
        for _ in range(6)
    ]
    paragraphs.insert(2, f"<h2>{draw.choice(OBJECTS).capitalize()}</h2>")
    published_at = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(minutes=number * 17)
    return {
        "id": number,
        "edition": "en",
        "headline": f"{make_sentence(draw).split(',')[0]} ({number})",
        "lead": make_sentence(draw) + " " + make_sentence(draw),
        "body": "".join(paragraphs),
        "published_at": published_at.isoformat(),
        "section": draw.choice(["Town", "Region", "Economy", "Sport", "Culture"]),
        "authors": [f"Author {draw.randrange(40)}"],
        "tags": [f"Tag {draw.randrange(400)}" for _ in range(3)],
        "source": {"name": f"Agency {draw.randrange(20)}", "role": "relayed"},
    }


def write_archive(path: Path, articles: int) -> int:
    draw = random.Random(20261124)
    with path.open("w", encoding="utf-8") as file:
        for number in range(articles):
            file.write(json.dumps(make_article(number, draw)) + "\n")
    return path.stat().st_size


def import_archive(home: Path, *arguments: str) -> tuple[dict[str, int], list[list[float]], float]:
    """Return what the program printed, when each transaction began and ended, and seconds."""
    marks = home / "marks.json"
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED.format(marks=str(marks)), "import", "jsonl", *arguments,
         "--json"],
        env={**os.environ, "BROADSHEET_HOME": str(home)},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    took = time.perf_counter() - began
    return json.loads(done.stdout), json.loads(marks.read_text()), took


def print_rates(home: Path, marks: list[list[float]]) -> list[float]:
    """Print the rate in each thousand of articles; from when their rows were committed."""
    database = sqlite3.connect(home / "content.sqlite3")
    batches = [
        len(json.loads(payload)["article_ids"])
        for (payload,) in database.execute(
            "SELECT payload FROM broadsheet_outbox_fact WHERE name = 'ArticlesImported' ORDER BY id"
        )
    ]
    database.close()
    rates, count, since, counted = [], 0, marks[0][0], 0
    for size, (_, ended) in zip(batches, marks, strict=True):
        count += size
        if count // 1000 > counted // 1000:
            rates.append((count - counted) / (ended - since))
            print(f"{count:>9,} articles   {rates[-1]:>6.0f} a second")
            counted, since = count, ended
    return rates


def indexed_articles(home: Path) -> tuple[int, int, int]:
    """Return how many articles, rows of the index, and rows of its full-text table there are."""
    database = sqlite3.connect(home / "content.sqlite3")
    of_articles = (
        "content_type_id = (SELECT id FROM django_content_type "
        "WHERE app_label = 'broadsheet_articles' AND model = 'article')"
    )
    statements = (
        "SELECT count(*) FROM broadsheet_articles_article",
        f"SELECT count(*) FROM wagtailsearch_indexentry WHERE {of_articles}",
        (
            "SELECT count(*) FROM wagtailsearch_indexentry_fts WHERE rowid IN "
            f"(SELECT id FROM wagtailsearch_indexentry WHERE {of_articles})"
        ),
    )
    found = [database.execute(statement).fetchone()[0] for statement in statements]
    database.close()
    return found[0], found[1], found[2]


def verdict(name: str, *, is_met: bool, seen: str) -> bool:
    print(f"{'PASS' if is_met else 'FAIL'}  {name}: {seen}")
    return is_met


def run(directory: Path, articles: int) -> bool:
    archive, home = directory / "archive.jsonl", directory / "home"
    size = write_archive(archive, articles)
    print(f"{articles:,} articles, {size / articles:,.0f} bytes a line; {os.cpu_count()} cores")
    subprocess.run(
        [PROGRAM, "init"], env={**os.environ, "BROADSHEET_HOME": str(home)},
        check=True, capture_output=True,
    )  # fmt: skip
    done, marks, took = import_archive(home, str(archive), "--source", "benchmark")
    rates = print_rates(home, marks)
    longest = sorted(1000 * (end - begin) for begin, end in marks)
    found = indexed_articles(home)
    shares = ", ".join(
        f"{share} % {longest[len(longest) * share // 100]:.0f}" for share in (50, 99)
    )
    print(f"transactions: {len(longest)}; ms: {shares}, the longest five "
          + " ".join(f"{ms:.0f}" for ms in longest[-5:]))  # fmt: skip
    is_met = [
        verdict("articles a second, with the program's start",
                is_met=articles / took >= MIN_RATE, seen=f"{articles / took:.0f}"),
        verdict("articles a second in the slowest thousand",
                is_met=min(rates) >= MIN_RATE, seen=f"{min(rates):.0f}"),
        verdict("longest transaction",
                is_met=longest[-1] < MAX_TRANSACTION_MS, seen=f"{longest[-1]:.0f} ms"),
        verdict("every article is in, and in the search index",
                is_met=done["imported"] == articles and set(found) == {articles},
                seen=f"articles {found[0]:,}, index {found[1]:,}, full text {found[2]:,}"),
    ]  # fmt: skip
    _, _, again = import_archive(home, str(archive), "--source", "benchmark")
    print(f"the same archive again, all present: {articles / again:,.0f} lines a second")
    if WIKINEWS.is_file():
        names = ["--source", "wikinews", "--map", *WIKINEWS_MAP]
        done, marks, took = import_archive(home, str(WIKINEWS), *names)
        longest = sorted(1000 * (end - begin) for begin, end in marks)
        rate = done["imported"] / (marks[-1][1] - marks[0][0])
        print(f"Wikinews: {done}")
        is_met.append(verdict("Wikinews goes in whole", is_met=not done["bad"],
                              seen=f"{rate:.0f} a second, longest {longest[-1]:.0f} ms"))  # fmt: skip
    return all(is_met)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--directory", type=Path, help="where to work (default: a new one)")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="importing-", dir=options.directory))
    try:
        sys.exit(0 if run(directory, options.articles) else 1)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
