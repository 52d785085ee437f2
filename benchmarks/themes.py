"""How good and how fast the stories are, on labelled news, beside plain methods in the same run.

`benchmarks/themes.py [DIRECTORY] [--only ecb*] [--results FILE]`; about six minutes.

DIRECTORY holds the labelled sets, one JSON object a line (default: `stories` of
`$BROADSHEET_SHARED/data`, else of `../shared/data`). Each set is published into an installation
of its own (SQLite, in a temporary directory) and related in the order of its dates, in batches as
an import, by the code that the site runs. Undated articles get one and the same moment.

The peer is what most systems do: tf-idf of whole words, the story with the nearest centroid, a
Gaussian of the days since it was last written about, one threshold, which it may choose after it
has seen the labels; ours is the one shipped. The floor is every article alone.

Then one new article at a time is related against an archive that grows, of real articles dealt
over past days, none of them forgotten.
"""

import argparse
import gc
import json
import math
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils.html import escape

Labelled = dict[str, Any]
Measures = dict[str, float]
Write = Callable[[str], None]

UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
PEER_THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
PEER_DAYS_SQUARED = 18.0  # twice the square of three days
LANGUAGES = ("en", "uk")
METHODS = ("broadsheet", "cosine, best for each", "every article alone")
BATCH = 50  # as imports publish

ARCHIVES = (10_000, 30_000, 100_000)
ARTICLES_A_DAY = 100
NEW_ARTICLES = 300
BAR_MS = 50


# --- the labelled sets ------------------------------------------------------


def read_sets(directory: Path, only: str) -> Iterator[tuple[str, str, list[Labelled]]]:
    """Yield name, language and articles of each set, in the order of their dates."""
    for path in sorted(directory.glob(f"{only}.jsonl")):
        by_language = defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            if article["lang"] in LANGUAGES:
                by_language[article["lang"]].append(article)
        for language, articles in sorted(by_language.items()):
            articles.sort(key=lambda article: article["date"] or "")
            name = path.stem + (f" {language}" if len(by_language) > 1 else "")
            yield name, language, articles


def moment_of(article: Labelled) -> datetime:
    if not article["date"]:
        return UNDATED
    return datetime.fromisoformat(article["date"]).replace(tzinfo=UTC)


# --- the program as shipped -------------------------------------------------


def make_installation(home: Path) -> tuple[dict[str, Any], Any]:
    """Make an empty installation; return its editions by code, and its section."""
    os.environ["BROADSHEET_HOME"] = str(home)
    os.environ["BROADSHEET_SECRET_KEY"] = "for-this-run"
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
    import django  # noqa: PLC0415 - the settings read the environment set above
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    for database in ("default", "readership"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from broadsheet.articles.models import SectionName  # noqa: PLC0415 - needs the installation
    from broadsheet.articles.setting_up import set_up_editions  # noqa: PLC0415

    editions = set_up_editions(
        LANGUAGES,
        site_name="Bench",
        time_zone="UTC",
        section_names={"en": "News", "uk": "Новини"},
    )
    return {edition.code: edition for edition in editions}, SectionName.objects.first().owner


def publish(
    articles: Sequence[Labelled], edition: Any, section: Any, *, at: datetime | None = None
) -> list[int]:
    """Put articles into the installation and return their keys; not measured."""
    from broadsheet.articles.models import Article  # noqa: PLC0415 - needs the installation

    made = []
    for number, article in enumerate(articles):
        lines = [line for line in article["text"].split("\n") if line.strip()]
        row = Article(
            locale=edition.locale,
            section=section,
            slug=f"{'new' if at else 'article'}-{number}",
            headline=article["title"][:250],
            body=[("paragraph", f"<p>{escape(line)}</p>") for line in lines],
            first_published_at=at or moment_of(article),
            live=True,
        )
        row.note_contents()
        made.append(row)
    Article.objects.bulk_create(made, batch_size=200)
    return [row.pk for row in made]


def relate(keys: Sequence[int]) -> tuple[list[int], float]:
    """Relate in batches as an import does; return the story of each key and the seconds."""
    from broadsheet.articles.events import ArticlesImported  # noqa: PLC0415 - as above
    from broadsheet.themes.models import StoryMember  # noqa: PLC0415
    from broadsheet.themes.relating import on_articles_imported  # noqa: PLC0415

    began = time.perf_counter()
    for start in range(0, len(keys), BATCH):
        on_articles_imported(ArticlesImported(article_ids=list(keys[start : start + BATCH])))
    seconds = time.perf_counter() - began
    stories = dict(StoryMember.objects.values_list("article_id", "story_id"))
    return [stories[key] for key in keys], seconds


def links_within(keys: Sequence[int], topics: Sequence[str]) -> tuple[int, float]:
    """How many pairs are linked by name, and the share of them within one labelled topic."""
    from broadsheet.themes.queries import theme_of  # noqa: PLC0415 - as above

    topic_of = dict(zip(keys, topics, strict=True))
    pairs = {
        frozenset((key, entry.article_id))
        for key in keys
        for entry in theme_of(key, limit=1000)
        if entry.kind == "also_about"
    }
    within = sum(len({topic_of[key] for key in pair}) == 1 for pair in pairs)
    return len(pairs), within / max(1, len(pairs))


def empty_installation() -> None:
    from django.db import connection  # noqa: PLC0415 - as above

    from broadsheet.articles.models import Article  # noqa: PLC0415
    from broadsheet.themes import models  # noqa: PLC0415

    tables = (
        models.RelatedArticle, models.AnnouncedDate, models.Posting, models.Reading,
        models.StoryMember, models.Story, models.DocumentFrequency, Article,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table._meta.db_table}")  # noqa: SLF001 - Django's own API


# --- the peer ---------------------------------------------------------------


def peer_vectors(articles: Sequence[Labelled], language: str) -> list[dict[str, float]]:
    """Tf-idf of whole words, with the frequencies of what came before."""
    from broadsheet.themes.languages import language_of  # noqa: PLC0415 - needs the installation

    stop_words = language_of(language).stop_words
    held: Counter[str] = Counter()
    vectors = []
    for number, article in enumerate(articles, 1):
        words = re.findall(r"\w+", f"{article['title']} {article['text']}".casefold())
        counts = Counter(word for word in words if word not in stop_words)
        held.update(counts.keys())
        weights = {
            w: (1 + math.log(n)) * math.log((number + 1) / held[w]) for w, n in counts.items()
        }
        kept = dict(sorted(weights.items(), key=lambda pair: -pair[1])[:120])
        length = math.sqrt(sum(weight * weight for weight in kept.values())) or 1.0
        vectors.append({word: weight / length for word, weight in kept.items()})
    return vectors


def peer_stories(
    vectors: Sequence[dict[str, float]], days: Sequence[float], threshold: float
) -> list[int]:
    """Single-pass clustering: the nearest centroid, less for each day without news of it."""
    postings: dict[str, set[int]] = defaultdict(set)
    centroids: list[Counter[str]] = []
    newest: list[float] = []
    story_of = []
    for vector, day in zip(vectors, days, strict=True):
        heaviest = list(vector)[:25]
        rough = Counter(story for word in heaviest for story in postings[word])
        best, score = len(centroids), threshold
        for story, _ in rough.most_common(40):
            centroid = centroids[story]
            size = math.sqrt(sum(weight * weight for weight in centroid.values())) or 1.0
            near = sum(weight * centroid.get(word, 0.0) for word, weight in vector.items()) / size
            near *= math.exp(-((day - newest[story]) ** 2) / PEER_DAYS_SQUARED)
            if near > score:
                best, score = story, near
        if best == len(centroids):
            centroids.append(Counter())
            newest.append(day)
        centroids[best].update(vector)
        newest[best] = max(newest[best], day)
        for word in heaviest:
            postings[word].add(best)
        story_of.append(best)
    return story_of


def measure_peer(articles: Sequence[Labelled], language: str) -> dict[float, Measures]:
    """The peer at each threshold."""
    given = [article["story"] for article in articles]
    vectors = peer_vectors(articles, language)
    days = [moment_of(article).timestamp() / 86_400 for article in articles]
    return {t: measure(peer_stories(vectors, days, t), given) for t in PEER_THRESHOLDS}


# --- the measures -----------------------------------------------------------


def measure(found: Sequence[Hashable], given: Sequence[Hashable]) -> Measures:
    """BCubed and pairwise precision, recall and F1 over the labelled articles."""
    from broadsheet.themes.evaluating import bcubed, pairwise  # noqa: PLC0415 - as above

    articles, pairs = bcubed(found, given), pairwise(found, given)
    labelled = [(f, g) for f, g in zip(found, given, strict=True) if g is not None]
    return {
        "bP": articles.precision, "bR": articles.recall, "bF": articles.f1,
        "pP": pairs.precision, "pR": pairs.recall, "pF": pairs.f1,
        "found": len({f for f, _ in labelled}), "given": len({g for _, g in labelled}),
    }  # fmt: skip


def row(name: str, method: str, measures: Measures, rate: float | None = None) -> str:
    numbers = "  ".join(f"{measures[key]:.3f}" for key in ("bP", "bR", "bF", "pP", "pR", "pF"))
    speed = f"{rate:7.0f}/s" if rate else " " * 9
    return (
        f"{name:22}{method:24}{numbers}  {measures['found']:5.0f}/{measures['given']:<5.0f}{speed}"
    )


def measure_stories(
    sets: Sequence[tuple[str, str, list[Labelled]]],
    editions: dict[str, Any],
    section: Any,
    write: Write,
) -> None:
    means: dict[str, list[Measures]] = defaultdict(list)
    fixed: dict[float, list[Measures]] = defaultdict(list)
    links = []
    write(f"{'set':22}{'method':24}bP     bR     bF     pP     pR     pF     stories found/given")
    for name, language, articles in sets:
        given = [article["story"] for article in articles]
        empty_installation()
        keys = publish(articles, editions[language], section)
        found, seconds = relate(keys)
        if name == "ecbplus":
            number, share = links_within(keys, [article["topic"] for article in articles])
            links.append(f"{name}: {number} pairs linked by name, {share:.3f} within one topic")
        peers = measure_peer(articles, language)
        for threshold, measures in peers.items():
            fixed[threshold].append(measures)
        threshold = max(peers, key=lambda t: peers[t]["bF"])
        rows = (
            ("broadsheet", measure(found, given), len(keys) / seconds),
            (f"cosine and days > {threshold}", peers[threshold], None),
            ("every article alone", measure(range(len(given)), given), None),
        )
        for position, (method, measures, rate) in enumerate(rows):
            write(row(name if not position else "", method, measures, rate))
            means[METHODS[position]].append(measures)
    threshold = max(fixed, key=lambda t: sum(m["bF"] for m in fixed[t]))
    means[f"cosine, {threshold} for all"] = fixed[threshold]
    write("")
    for method, measured in means.items():
        macro = {key: sum(m[key] for m in measured) / len(measured) for key in measured[0]}
        write(
            row("mean of the sets", method, {**macro, "found": 0, "given": 0}).split("      0/")[0]
        )
    write("\n".join(links))


# --- an archive that grows --------------------------------------------------


def grow_archive(path: Path, read: Sequence[Any], size: range, edition: Any, section: Any) -> None:
    """Add articles before the present one by one each few minutes, straight into the tables.

    Each is a real one's reading, dealt at random; none is forgotten, and stories have one member.
    """
    from broadsheet.articles.models import Article  # noqa: PLC0415 - needs the installation

    draw = random.Random(size.start)
    rows = [
        Article(
            locale=edition.locale,
            section=section,
            slug=f"archive-{number}",
            headline="Archive",
            body=[],
            live=True,
            first_published_at=UNDATED - timedelta(days=number / ARTICLES_A_DAY),
        )
        for number in size
    ]
    Article.objects.bulk_create(rows, batch_size=500)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("BEGIN")
    held: Counter[str] = Counter()
    for article in rows:
        reading, posted, holds = draw.choice(read)
        at = int(article.first_published_at.timestamp())
        moment = article.first_published_at.strftime("%Y-%m-%d %H:%M:%S")
        database.execute(
            "INSERT INTO broadsheet_themes_story"
            " (locale_id, slug, headline, summary, is_closed, is_featured, size, headlines,"
            " oldest_at, newest_at, mean_at, terms) VALUES (?,'','','',0,0,1,0,?,?,?,?)",
            (edition.pk, moment, moment, moment, reading[0]),
        )
        story = database.execute("SELECT last_insert_rowid()").fetchone()[0]
        database.execute(
            "INSERT INTO broadsheet_themes_storymember"
            " (article_id, story_id, published_at, is_headline) VALUES (?,?,?,0)",
            (article.pk, story, moment),
        )
        database.execute(
            "INSERT INTO broadsheet_themes_reading"
            " (article_id, published_at, read_at, terms, names, cards, is_brief)"
            " VALUES (?,?,?,?,?,'[]',0)",
            (article.pk, moment, moment, *reading),
        )
        database.executemany(
            "INSERT INTO broadsheet_themes_posting"
            " (locale_id, term, at, article_id, weight, is_sure) VALUES (?,?,?,?,?,?)",
            [(edition.pk, term, at, article.pk, weight, sure) for term, weight, sure in posted],
        )
        held.update(holds)
    database.executemany(
        "INSERT INTO broadsheet_themes_documentfrequency (locale_id, term, articles) VALUES (?,?,?)"
        " ON CONFLICT (locale_id, term) DO UPDATE SET articles = articles + excluded.articles",
        [(edition.pk, term, number) for term, number in held.items()],
    )
    database.execute("COMMIT")
    database.close()


def take_readings() -> list[Any]:
    """What the set that was related last put into the tables, to be dealt over an archive."""
    from broadsheet.themes.models import Posting, Reading  # noqa: PLC0415 - as above

    posted = defaultdict(list)
    for key, *posting in Posting.objects.values_list("article_id", "term", "weight", "is_sure"):
        posted[key].append(tuple(posting))
    return [
        (
            (json.dumps(reading.terms), json.dumps(reading.names)),
            posted[reading.article_id],
            {"", *reading.terms, *(term for term, _, _ in posted[reading.article_id])},
        )
        for reading in Reading.objects.all()
    ]


def measure_speed(
    articles: Sequence[Labelled], home: Path, edition: Any, section: Any, write: Write
) -> None:
    """Relate new articles singly, as the desk publishes them, against each size of archive."""
    from broadsheet.articles.models import Article  # noqa: PLC0415 - as above
    from broadsheet.themes.relating import forget_article, relate_article  # noqa: PLC0415

    news = articles[-NEW_ARTICLES:]
    empty_installation()
    relate(publish(articles[:-NEW_ARTICLES], edition, section))
    read = take_readings()
    empty_installation()
    path = next(home.rglob("content*.sqlite3"))
    grown = 0
    for size in ARCHIVES:
        grow_archive(path, read, range(grown, size), edition, section)
        grown = size
        keys = publish(news, edition, section, at=UNDATED)
        gc.freeze()  # as the worker does when it begins
        took, computed = [], []
        for key in keys:
            began, computing = time.perf_counter(), time.process_time()
            relate_article(key, now=UNDATED)
            took.append(1000 * (time.perf_counter() - began))
            computed.append(1000 * (time.process_time() - computing))
        for key in keys:
            Article.objects.filter(pk=key).update(live=False)
            forget_article(key)
        Article.objects.filter(pk__in=keys).delete()
        verdict = "" if percentile(took, 0.99) < BAR_MS else f"   over the bar of {BAR_MS} ms"
        write(
            f"archive of {size:7,}: one new article"
            f"   p50 {percentile(took, 0.5):5.1f} ms  p99 {percentile(took, 0.99):5.1f} ms"
            f"   CPU p50 {percentile(computed, 0.5):5.1f} ms  p99 {percentile(computed, 0.99):5.1f} ms"
            f"{verdict}"
        )


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    shared = Path(os.environ.get("BROADSHEET_SHARED", root.parent / "shared"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", nargs="?", type=Path, default=shared / "data" / "stories")
    parser.add_argument("--only", default="*", help="sets whose file names match, such as ecb*")
    parser.add_argument(
        "--results", type=Path, default=root / "benchmarks/results/2026-11-themes.txt"
    )
    options = parser.parse_args()
    sets = list(read_sets(options.directory, options.only)) if options.directory.is_dir() else []
    if not sets:
        sys.exit(f"no labelled sets in {options.directory}: name the directory that holds them")
    lines: list[str] = []

    def write(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    home = Path(tempfile.mkdtemp(prefix="themes-"))
    try:
        editions, section = make_installation(home)
        write(
            f"{os.cpu_count()} CPUs, {os.getloadavg()[0]:.1f} busy with other work at the start,"
            f" Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}\n"
        )
        measure_stories(sets, editions, section, write)
        write("")
        # Full texts, as many as make an archive; what is new is none of it.
        longest = max(sets, key=lambda one: sum(len(a["text"]) for a in one[2]))
        if len(longest[2]) > 2 * NEW_ARTICLES:
            measure_speed(longest[2], home, editions[longest[1]], section, write)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if options.only == "*":
        options.results.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
