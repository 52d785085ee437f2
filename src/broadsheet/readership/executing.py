"""Run the statements of the fold, for many values at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db import connections, router

from .models import ArticleCount

#: Values in one query. One length for all, so that the database knows the statement.
_VALUES_A_QUERY = 1000


def select_in(
    statement: Callable[[int], str], values: Iterable[Any], *others: int
) -> Iterator[tuple[Any, ...]]:
    """Yield what a statement finds for values and `others`, a step of them after the other."""
    wanted = sorted(values)
    with connections[counts_database()].cursor() as cursor:
        for start in range(0, len(wanted), _VALUES_A_QUERY):
            step = wanted[start : start + _VALUES_A_QUERY]
            if start:
                step += [step[-1]] * (_VALUES_A_QUERY - len(step))
            cursor.execute(statement(len(step)), [*step, *others])
            yield from cursor.fetchall()


def write_rows(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for each row; nothing where there is none."""
    if rows:
        with connections[counts_database()].cursor() as cursor:
            cursor.executemany(statement, rows)


def counts_database() -> str:
    """Return the alias of the database of the counts."""
    return str(router.db_for_write(ArticleCount))
