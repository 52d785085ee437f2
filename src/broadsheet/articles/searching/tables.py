"""The full text of live articles, in SQLite (FTS5) or PostgreSQL (tsvector and GIN).

Each row is a set of tokens at a *place*: a number that grows with the moment of publishing. Rows
are found newest first, a few at a time, so that a word which stands in every article costs no more
than one that stands in ten: nothing is ever sorted, nor weighed one by one. Tokens are made in
`indexing`; they consist of letters, digits and low lines, so neither database parses them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

TABLE = "broadsheet_articles_searchtext"
#: A place is the second of publishing with so many bits behind it, for articles of one second.
PLACE_BITS = 16
LAST_PLACE = 2**62
#: So many rows are taken from PostgreSQL's index at most before they are put in order.
_SORTED_AT_MOST = 2000
_SEPARATOR = " "

Alternatives = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Rows that hold one token of each of `all_of`, but not one of each of `but_not`."""

    all_of: tuple[Alternatives, ...]
    but_not: tuple[Alternatives, ...] = ()


class Row(NamedTuple):
    place: int
    tokens: Sequence[str]


def first_place(moment: datetime) -> int:
    """Return the first place of the second that `moment` is in."""
    return int(moment.timestamp()) << PLACE_BITS


def moment_of(place: int) -> datetime:
    return datetime.fromtimestamp(place >> PLACE_BITS, UTC)


def put(rows: Sequence[Row]) -> None:
    """Write rows, in place of those that are at the same places."""
    if connection.vendor == "sqlite":
        statement = f"INSERT OR REPLACE INTO {TABLE}(rowid, tokens) VALUES (%s, %s)"  # noqa: S608 - a constant
        values: list[tuple[int, Any]] = [(r.place, _SEPARATOR.join(r.tokens)) for r in rows]
    else:
        statement = (
            f"INSERT INTO {TABLE}(place, tokens) VALUES (%s, array_to_tsvector(%s))"  # noqa: S608 - a constant
            " ON CONFLICT (place) DO UPDATE SET tokens = excluded.tokens"
        )
        values = [(r.place, [*r.tokens, *_times_of(r.place)]) for r in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def drop(places: Iterable[int]) -> None:
    key = "rowid" if connection.vendor == "sqlite" else "place"
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {TABLE} WHERE {key} = %s", [(one,) for one in places])  # noqa: S608 - constants


def make_table() -> None:
    for statement in _MAKING[connection.vendor]:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def drop_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def newest(
    match: Match, *, limit: int, below: int = LAST_PLACE, above: int = -LAST_PLACE
) -> list[int]:
    """Return the last `limit` places between `above` and `below`, both left out, that match."""
    if connection.vendor == "sqlite":
        return _rows(
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s AND rowid > %s AND rowid < %s"  # noqa: S608 - a constant
            " ORDER BY rowid DESC LIMIT %s",
            [_for_fts5(match), above, below, limit],
        )
    return _newest_in_postgresql(match, limit=limit, below=below, above=above)


def is_held(match: Match) -> bool:
    """Whether any row matches."""
    if connection.vendor == "sqlite":
        return bool(newest(match, limit=1))
    return bool(_rows(f"{_FROM_INDEX} LIMIT 1", [_for_tsquery(match), -LAST_PLACE, LAST_PLACE]))


# --- SQLite ---------------------------------------------------------------------------------

_FTS5 = "fts5(tokens, detail=none, columnsize=0, tokenize=\"ascii tokenchars '_'\")"
_MAKING = {
    "sqlite": (
        # `ascii` takes what is not ASCII as it comes, so tokens are parted at spaces alone.
        f"CREATE VIRTUAL TABLE {TABLE} USING {_FTS5}",
    ),
    "postgresql": (
        f"CREATE TABLE {TABLE} (place bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        # Rows are found by the index alone, so what is looked up at a place has to be small.
        f"ALTER TABLE {TABLE} SET (toast_tuple_target = 128)",
        f"CREATE INDEX {TABLE}_tokens ON {TABLE} USING gin (tokens) WITH (gin_pending_list_limit = 256)",
    ),
}


def _for_fts5(match: Match) -> str:
    found = " AND ".join(_any_of(one, '"{}"', " OR ") for one in match.all_of)
    if not match.but_not:
        return found
    left_out = " AND ".join(_any_of(one, '"{}"', " OR ") for one in match.but_not)
    return f"({found}) NOT ({left_out})"


def _any_of(tokens: Alternatives, form: str, between: str) -> str:
    return f"({between.join(form.format(token) for token in tokens)})"


# --- PostgreSQL -----------------------------------------------------------------------------

_FROM_INDEX = f"SELECT place FROM {TABLE} WHERE tokens @@ %s::tsquery AND place > %s AND place < %s"  # noqa: S608 - a constant


def _for_tsquery(match: Match, *more: Alternatives) -> str:
    found = " & ".join(_any_of(one, "'{}'", " | ") for one in (*match.all_of, *more))
    if not match.but_not:
        return found
    left_out = " & ".join(_any_of(one, "'{}'", " | ") for one in match.but_not)
    return f"{found} & !({left_out})"


def _newest_in_postgresql(match: Match, *, limit: int, below: int, above: int) -> list[int]:
    """GIN knows no order, so spans of time are tokens too, and looked through from the last.

    A common word has enough in the last month; a rare one is had whole, and put in order here.
    """
    found: list[int] = []
    spans = _spans(below, above)
    for number, times in enumerate(spans):
        query = _for_tsquery(match, times)
        found += sorted(_rows(_FROM_INDEX, [query, above, below]), reverse=True)
        if len(found) >= limit:
            return found[:limit]
        if number == 0:
            every = _rows(
                f"{_FROM_INDEX} LIMIT {_SORTED_AT_MOST + 1}", [_for_tsquery(match), above, below]
            )
            if len(every) <= _SORTED_AT_MOST:
                return sorted(every, reverse=True)[:limit]
    return found


def _spans(below: int, above: int) -> Iterator[Alternatives]:
    """Yield the spans of time from before `below` back to `above`: a month, the rest of its year
    by months, and then years.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(place), max(place) FROM {TABLE} WHERE place > %s AND place < %s",  # noqa: S608 - a constant
            [above, below],
        )
        oldest, last = cursor.fetchone()
    if oldest is None:
        return
    first, final = moment_of(oldest), moment_of(last)
    yield (_month(final.year, final.month),)
    if final.month > 1:
        yield tuple(_month(final.year, month) for month in range(final.month - 1, 0, -1))
    for year in range(final.year - 1, first.year - 1, -1):
        yield (_year(year),)


def _times_of(place: int) -> tuple[str, str]:
    moment = moment_of(place)
    return _month(moment.year, moment.month), _year(moment.year)


def _month(year: int, month: int) -> str:
    return f"_m{year}_{month}"


def _year(year: int) -> str:
    return f"_y{year}"


def _rows(statement: str, parameters: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [place for (place,) in cursor.fetchall()]
