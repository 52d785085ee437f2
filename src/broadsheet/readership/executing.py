"""Run the statements of the fold, for many values at a time."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from django.db import connections, router

from .models import ArticleCount

#: Values in one query. One length for all, so that the database knows the statement.
_VALUES_A_QUERY = 1000
#: Bytes as a statement's value. For `bytes` Python's sqlite3 searches for somebody who would rather
#: have another type, which takes longer than the row.
Blob = bytearray
#: Rows in one insertion.
_ROWS_A_STATEMENT = 100
_VALUES = re.compile(r"VALUES (\([^)]*\))")


def select_in(
    statement: Callable[[int], str], values: Iterable[Any], *others: int
) -> Iterator[tuple[Any, ...]]:
    """Yield what a statement finds for values and `others`, a step of them after the other."""
    wanted = sorted(values)
    if wanted and isinstance(wanted[0], bytes):
        wanted = list(map(Blob, wanted))
    with connections[counts_database()].cursor() as cursor:
        for start in range(0, len(wanted), _VALUES_A_QUERY):
            step = wanted[start : start + _VALUES_A_QUERY]
            if start:
                step += [step[-1]] * (_VALUES_A_QUERY - len(step))
            cursor.execute(statement(len(step)), [*step, *others])
            yield from cursor.fetchall()


def write_rows(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for each row; nothing where there is none.

    An insertion takes many rows at a time, no two of which may have one key: a database spends
    as long on a statement as on the row.
    """
    whole = len(rows) - len(rows) % _ROWS_A_STATEMENT if _VALUES.search(statement) else 0
    steps = range(0, whole, _ROWS_A_STATEMENT)
    many = [list(chain(*rows[start : start + _ROWS_A_STATEMENT])) for start in steps]
    with connections[counts_database()].cursor() as cursor:
        if many:
            cursor.executemany(_of_many_rows(statement), many)
        if whole < len(rows):
            cursor.executemany(statement, rows[whole:])


@cache
def _of_many_rows(statement: str) -> str:
    return _VALUES.sub(
        lambda found: found[0] + f", {found[1]}" * (_ROWS_A_STATEMENT - 1), statement
    )


def counts_database() -> str:
    """Return the alias of the database of the counts."""
    return str(router.db_for_write(ArticleCount))
