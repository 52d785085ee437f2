"""An archive to search in: articles in English and Ukrainian, whose words are as common as those of
a language are (wordfreq), and which are indexed by the shipped code; and copies of those, each at a
moment of its own, until there are enough.

    BROADSHEET_HOME=… python benchmarks/measuring/newspaper.py --articles 1000000 --originals 20000

In SQLite all are in Wagtail's own index too, as its database backend has them.
"""

import argparse
import itertools
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

SECTIONS, AUTHORS, PEOPLE = 12, 60, 200
VOCABULARY, COMMONEST = 40_000, 60
HEADLINE, LEAD, BODY = 8, 22, 120
STEP = 500
MINUTES_APART = 5
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
CODES = ("en", "uk")


@dataclass(frozen=True, slots=True)
class Written:
    """An article as the index reads it."""

    pk: int
    locale: Any
    locale_id: int
    section_id: int
    headline: str
    lead: str
    body: Any
    first_published_at: datetime
    dateline: str = ""
    last_published_at: datetime | None = None


def vocabulary(code: str) -> list[str]:
    """Return the words of a language, the commonest first."""
    from wordfreq import top_n_list  # noqa: PLC0415 - its lists are large

    words = (word for word in top_n_list(code, 2 * VOCABULARY) if word.isalpha())
    return list(itertools.islice(words, VOCABULARY))


def set_up_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
    import django  # noqa: PLC0415 - the settings read the environment

    django.setup()


def make_records() -> dict[str, list[int]]:
    from broadsheet.articles.models import (  # noqa: PLC0415 - Django has to be set up first
        Author,
        AuthorName,
        Edition,
        Person,
        PersonName,
        Section,
        SectionName,
    )

    editions = list(Edition.objects.filter(locale__language_code__in=CODES))
    made = {}
    for kind, names, count in (
        (Section, SectionName, SECTIONS),
        (Author, AuthorName, AUTHORS),
        (Person, PersonName, PEOPLE),
    ):
        label = kind.__name__
        made[label] = []
        for number in range(count):
            record = kind.objects.create()
            made[label].append(record.pk)
            for edition in editions:
                names.objects.create(owner=record, edition=edition, name=f"{label} {number}")
    return made


def write_articles(
    count: int, total: int, records: dict[str, list[int]]
) -> Iterator[list[Written]]:
    """Yield steps of the oldest `count` of `total` articles, the newest last."""
    from broadsheet.articles.models import Edition  # noqa: PLC0415 - as above

    draw = random.Random(7)
    editions = [Edition.objects.get(locale__language_code=code) for code in CODES]
    languages = []
    for edition in editions:
        words = vocabulary(edition.code)
        # Zipf's law, flattened at its top as it is in any language.
        weights = list(itertools.accumulate(1 / (rank + 12) for rank in range(len(words))))
        languages.append((edition, words, weights))
    oldest = NEWEST - timedelta(minutes=MINUTES_APART * total)
    for start in range(0, count, STEP):
        articles = []
        for number in range(start + 1, min(start + STEP, count) + 1):
            edition, words, weights = languages[number % len(languages)]
            text = draw.choices(words, cum_weights=weights, k=HEADLINE + LEAD + BODY)
            body = " ".join(text[HEADLINE + LEAD :])
            articles.append(
                Written(
                    pk=number,
                    locale=SimpleNamespace(language_code=edition.code),
                    locale_id=edition.pk,
                    section_id=draw.choice(records["Section"]),
                    headline=" ".join(text[:HEADLINE]).capitalize(),
                    lead=" ".join(text[HEADLINE : HEADLINE + LEAD]).capitalize() + ".",
                    body=SimpleNamespace(
                        raw_data=[{"type": "paragraph", "value": f"<p>{body}</p>", "id": "1"}]
                    ),
                    first_published_at=oldest + timedelta(minutes=MINUTES_APART * number),
                )
            )
        yield articles


def store(articles: Sequence[Written], records: dict[str, list[int]]) -> float:
    """Store a step of articles; return the seconds that our index took of it."""
    from django.db import connection, transaction  # noqa: PLC0415 - as above

    from broadsheet.articles.searching.indexing import index_articles  # noqa: PLC0415

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_ARTICLE, [_row(one) for one in articles])
        cursor.executemany(
            "INSERT INTO broadsheet_articles_articleauthor (sort_order, article_id, author_id)"
            " VALUES (0, %s, %s)",
            [(one.pk, records["Author"][one.pk % AUTHORS]) for one in articles],
        )
        cursor.executemany(
            "INSERT INTO broadsheet_articles_quote"
            ' (article_id, person_id, text, role, "where", anchor)'
            " VALUES (%s, %s, 'Yes.', '', '', 'quote-1')",
            [(o.pk, records["Person"][o.pk * 7 % PEOPLE]) for o in articles if o.pk % 3 == 0],
        )
        begun = time.perf_counter()
        index_articles(articles)  # type: ignore[arg-type] - it reads no more of them than that
        took = time.perf_counter() - begun
        if connection.vendor == "sqlite":
            _index_as_wagtail(cursor, articles)
    return took


_COLUMNS = {
    "id": "%s", "translation_key": "%s", "locale_id": "%s", "section_id": "%s", "slug": "%s",
    "headline": "%s", "lead": "%s", "body": "%s", "first_published_at": "%s",
    "last_published_at": "%s", "live": "true", "has_unpublished_changes": "false",
    "locked": "false", "expired": "false", "dateline": "''", "image_alt": "''",
    "image_caption": "''", "is_exclusive": "false", "has_photo": "false", "has_video": "false",
    "is_flash": "false", "kill_notice": "''",
}  # fmt: skip
_ARTICLE = (
    f"INSERT INTO broadsheet_articles_article ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join(_COLUMNS.values())})"
)


def _row(one: Written) -> tuple[object, ...]:
    moment: Any = one.first_published_at
    from django.db import connection  # noqa: PLC0415 - as above

    if connection.vendor == "sqlite":
        moment = one.first_published_at.replace(tzinfo=None).isoformat(" ")
    return (
        one.pk, f"{one.pk:032x}", one.locale_id, one.section_id, f"archive-{one.pk}", one.headline,
        one.lead, json.dumps(one.body.raw_data, ensure_ascii=False), moment, moment,
    )  # fmt: skip


def _index_as_wagtail(cursor: Any, articles: Sequence[Written]) -> None:
    """What Wagtail's database backend writes of an article, without its signals."""
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - as above

    from broadsheet.articles.models import Article  # noqa: PLC0415

    kind = ContentType.objects.get_for_model(Article).pk
    cursor.executemany(
        "INSERT INTO wagtailsearch_indexentry"
        " (content_type_id, object_id, title_norm, title, autocomplete, body)"
        " VALUES (%s, %s, 1.0, %s, %s, %s)",
        [
            (
                kind,
                str(one.pk),
                "",
                one.headline,
                f"{one.headline} {one.lead} {one.body.raw_data[0]['value'][3:-4]}",
            )
            for one in articles
        ],
    )


def copy_articles(originals: int, count: int) -> None:
    """Copy the originals with all that stands in the indexes, until there are `count` articles."""
    from django.db import connection, transaction  # noqa: PLC0415 - as above

    for start in range(originals, count, originals):
        more = min(originals, count - start)
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _copying(connection.vendor, cursor):
                cursor.execute(
                    statement.format(start=start, more=more, seconds=start * MINUTES_APART * 60)
                )
        print(f"{start + more:,} articles", file=sys.stderr)


def _copying(vendor: str, cursor: Any) -> list[str]:
    """Statements that copy the first `more` articles with ids that are higher by `start`."""
    is_sqlite = vendor == "sqlite"
    moment = (
        "datetime(t.{0}, '+{{seconds}} seconds')"
        if is_sqlite
        else ("t.{0} + interval '{{seconds}} seconds'")
    )
    key = "rowid" if is_sqlite else "place"
    # Behind the second of a place is the id.
    place = "((({0} >> 16) + {{seconds}}) << 16) + ((e.article_id + {{start}}) & 65535)"
    tokens = (
        "t.tokens"
        if is_sqlite
        else (
            "ts_delete(t.tokens, " + _times_in_postgresql("t.place >> 16") + ")"
            " || array_to_tsvector(" + _times_in_postgresql("(t.place >> 16) + {seconds}") + ")"
        )
    )
    low = (
        "lower(printf('%032x', t.id + {start}))"
        if is_sqlite
        else ("lpad(to_hex(t.id + {start}), 32, '0')::uuid")
    )
    return [
        _copy(cursor, "broadsheet_articles_article", {
            "id": "t.id + {start}", "translation_key": low, "slug": "'archive-' || (t.id + {start})",
            "first_published_at": moment.format("first_published_at"),
            "last_published_at": moment.format("last_published_at"),
        }, "WHERE t.id <= {more}"),
        _copy(cursor, "broadsheet_articles_articleauthor", {
            "id": None, "article_id": "t.article_id + {start}"}, "WHERE t.article_id <= {more}"),
        _copy(cursor, "broadsheet_articles_quote", {
            "id": None, "article_id": "t.article_id + {start}"}, "WHERE t.article_id <= {more}"),
        (f"INSERT INTO broadsheet_articles_searchtext ({key}, tokens)"
        f" SELECT {place.format('t.' + key)}, {tokens} FROM broadsheet_articles_searchentry e"
        f" JOIN broadsheet_articles_searchtext t ON t.{key} = e.place"
        " WHERE e.article_id <= {more}"),
        ("INSERT INTO broadsheet_articles_searchentry (article_id, place, words, version)"
        f" SELECT e.article_id + {{start}}, {place.format('e.place')}, e.words, e.version"
        " FROM broadsheet_articles_searchentry e WHERE e.article_id <= {more}"),
        _copy(cursor, "wagtailsearch_indexentry", {
            "id": None, "object_id": "CAST(CAST(t.object_id AS integer) + {start} AS text)"},
            "WHERE t.content_type_id = (SELECT id FROM django_content_type WHERE"
            " app_label = 'broadsheet_articles' AND model = 'article')"
            " AND CAST(t.object_id AS integer) <= {more}"),
    ]  # fmt: skip


def _times_in_postgresql(seconds: str) -> str:
    moment = f"to_timestamp({seconds}) AT TIME ZONE 'UTC'"
    return f"ARRAY[to_char({moment}, '\"_m\"YYYY_FMMM'), to_char({moment}, '\"_y\"YYYY')]"


def _copy(cursor: Any, table: str, changed: dict[str, str | None], where: str) -> str:
    cursor.execute(f"SELECT * FROM {table} LIMIT 0")
    columns = [one[0] for one in cursor.description if changed.get(one[0], "") is not None]
    values = [changed.get(column) or f't."{column}"' for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({named}) SELECT {', '.join(values)} FROM {table} t {where}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, required=True)
    parser.add_argument("--originals", type=int, default=20_000)
    options = parser.parse_args()
    set_up_django()
    from django.db import connection  # noqa: PLC0415 - as above

    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous=OFF")
    originals = min(options.originals, options.articles)
    records, done, took = make_records(), 0, 0.0
    for articles in write_articles(originals, options.articles, records):
        took += store(articles, records)
        done += len(articles)
        if done % 5000 == 0:
            each = f"{took / done * 1e6:.0f} µs each for the index"
            print(f"{done:,} articles, {each}", file=sys.stderr)
    copy_articles(originals, options.articles)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
