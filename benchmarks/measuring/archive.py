"""Fill an installation with a large archive, fast: some articles as an import makes them, and
copies of those, each with an address, a moment, authors and tags of its own.

    BROADSHEET_HOME=… python benchmarks/measuring/archive.py --articles 100000

The copies are in the search index, and have counts; their themes are not looked for, which
`benchmarks/themes.py` measures. Every article has the author `EVERYWHERE`, and one of 60 others.
"""

import argparse
import os
import random
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TEMPLATES, STEP = 200, 50_000
SECTIONS, AUTHORS, TAGS = 12, 60, 400
MINUTES_APART = 5
EVERYWHERE, ELSEWHERE = "Ezra Everywhere", "Una Elsewhere"
WORDS = ("council", "port", "minister", "strike", "bridge", "harvest", "court", "election",
         "budget", "river", "school", "market", "storm", "treaty", "factory", "museum", "hospital",
         "railway", "pension", "border", "festival", "reactor", "satellite", "airline")  # fmt: skip
_COPIED = "broadsheet_articles_article"
_INDEXED = "wagtailsearch_indexentry"
_OF_ARTICLES = (
    "AND t.content_type_id = (SELECT id FROM django_content_type"
    " WHERE app_label = 'broadsheet_articles' AND model = 'article')"
)


def set_up_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
    import django  # noqa: PLC0415 - the settings read the environment

    django.setup()


def make_records() -> tuple[list[Any], list[Any], list[Any]]:
    """Make sections, authors and tags with names in every edition; the first author is EVERYWHERE."""
    from broadsheet.articles.models import Author, Edition, Section, Tag  # noqa: PLC0415 - as above
    from broadsheet.articles.models.names import AuthorName, SectionName, TagName  # noqa: PLC0415

    editions = list(Edition.objects.all())
    made: list[list[Any]] = []
    for kind, names, count, word in (
        (Section, SectionName, SECTIONS, "Section"),
        (Author, AuthorName, AUTHORS + 1, "Author"),
        (Tag, TagName, TAGS, "Tag"),
    ):
        records = [kind.objects.create() for _ in range(count)]
        for number, record in enumerate(records):
            is_everywhere = kind is Author and number == 0
            name = EVERYWHERE if is_everywhere else f"{word} {number}"
            for edition in editions:
                names.objects.create(owner=record, edition=edition, name=name)
        made.append(records)
    return made[0], made[1], made[2]


def import_templates(sections: list[Any], authors: list[Any], *, now: datetime) -> list[int]:
    """Import the articles that are copied; return their ids."""
    from broadsheet.articles.models import Article, ArticleAuthor, Edition  # noqa: PLC0415
    from broadsheet.articles.publishing import publish_imported  # noqa: PLC0415

    draw = random.Random(1)
    editions = list(Edition.objects.select_related("locale"))
    articles = []
    for number in range(TEMPLATES):
        text = (" ".join(draw.choices(WORDS, k=60)) for _ in range(3))
        article = Article(
            locale=editions[number % len(editions)].locale,
            headline=" ".join(draw.choices(WORDS, k=7)).capitalize(),
            slug=f"template-{number}",
            lead=" ".join(draw.choices(WORDS, k=20)),
            section=sections[number % SECTIONS],
            body=[("paragraph", f"<p>{one}</p>") for one in text],
            first_published_at=now - timedelta(hours=1, seconds=number),
        )
        article.bylines.add(ArticleAuthor(author=authors[0], sort_order=0))
        articles.append(article)
    publish_imported(articles, now=now)
    return [article.pk for article in articles]


# --- copies ---------------------------------------------------------------------------------


def copy_articles(home: Path, templates: list[int], count: int, *, now: datetime) -> None:
    """Copy the templates until there are `count` articles, one each few minutes back in time."""
    database = sqlite3.connect(home / "content.sqlite3", isolation_level=None)
    database.execute("PRAGMA synchronous=OFF")
    database.execute("ATTACH ? AS counts", [str(home / "counts.sqlite3")])
    newest = int((now - timedelta(hours=2)).timestamp())
    base = max(templates)
    statements = _statements(database)
    for start in range(0, count - len(templates), STEP):
        facts = {
            "first": start, "end": min(start + STEP, count - len(templates)), "base": base,
            "lowest": min(templates), "templates": len(templates), "newest": newest,
            "apart": MINUTES_APART * 60,
        }  # fmt: skip
        database.execute("BEGIN")
        for statement in statements:
            database.execute(statement, facts)
        database.execute("COMMIT")
        print(f"{facts['end'] + len(templates):,} articles", file=sys.stderr)
    database.execute("ANALYZE")
    database.close()


def _statements(database: sqlite3.Connection) -> list[str]:
    """What makes one step of copies: number i of `first` to `end` has the id base + 1 + i."""
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :end) "
    )
    moment = "datetime(:newest - i * :apart, 'unixepoch')"
    article = {
        "id": ":base + 1 + i",
        "translation_key": "lower(hex(randomblob(16)))",
        "slug": "'archive-' || i",
        "headline": "t.headline || ' ' || i",
        "first_published_at": moment,
        "last_published_at": moment,
    }
    entry = {"id": "NULL", "object_id": ":base + 1 + i", "title": "t.title || ' ' || i"}
    template = " FROM n JOIN {0} t ON t.{1} = :lowest + i % :templates "
    bylines = "broadsheet_articles_articleauthor (sort_order, article_id, author_id)"
    tags = "broadsheet_articles_article_tags"
    counts = "counts.broadsheet_readership_articlecount"
    first = "(SELECT min(id) FROM broadsheet_articles_{0})"
    author, tag = first.format("author"), first.format("tag")
    links = [
        f"{bylines} SELECT 0, :base + 1 + i, {author}",
        f"{bylines} SELECT 1, :base + 1 + i, {author} + 1 + i % {AUTHORS}",
        f"{tags} (article_id, tag_id) SELECT :base + 1 + i, {tag} + i % {TAGS}",
        f"{tags} (article_id, tag_id) SELECT :base + 1 + i, {tag} + (i + 137) % {TAGS}",
    ]
    counted = (
        f"{counts} (article_id, edition_id, section_id, is_live, published_at, imported, counted,"
        f" robots, total, revision) SELECT :base + 1 + i, t.locale_id, t.section_id, 1, {moment},"
        " i * 7919 % 5000, 0, 0, i * 7919 % 5000, 0"
    )
    return [
        _copy(database, _COPIED, article, numbers, template.format(_COPIED, "id")),
        _copy(
            database,
            _INDEXED,
            entry,
            numbers,
            template.format(_INDEXED, "object_id") + _OF_ARTICLES,
        ),
        *(f"{numbers} INSERT INTO {link} FROM n" for link in links),
        f"{numbers} INSERT INTO {counted} {template.format(_COPIED, 'id')}",
    ]


def _copy(
    database: sqlite3.Connection, table: str, changed: dict[str, str], numbers: str, source: str
) -> str:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = [changed.get(column, f't."{column}"') for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    return f"{numbers} INSERT INTO {table} ({named}) SELECT {', '.join(values)} {source}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, required=True)
    options = parser.parse_args()
    set_up_django()
    now = datetime.now(UTC)
    sections, authors, _tags = make_records()
    templates = import_templates(sections, authors, now=now)
    copy_articles(Path(os.environ["BROADSHEET_HOME"]), templates, options.articles, now=now)


if __name__ == "__main__":
    main()
