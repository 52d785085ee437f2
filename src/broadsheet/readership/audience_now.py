"""Who reads now: readers whose view of an article counted within the last minutes.

What is counted are the windows of readers (`OpenWindow`), so it is what the counts know: a
reader who stays on one page counts when the page is opened and not again, robots that were told
by name or network never do. One who reads on over midnight (UTC) is two readers for half an hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, router
from django.db.models import Sum

from .audience import five_minutes_until
from .models import FIVE_MINUTES, NO_SECTION, Bucket, OpenWindow
from .tallying import ROBOT_MARK

RECENT_MINUTES, LONG_MINUTES = 5, 30
#: With more views than these in half an hour, only a share of all readers is looked at: those
#: whose hash, which is random, begins low.
MOST_VIEWS = 60_000
_SHARES = (1, 4, 16, 64, 256)


@dataclass(frozen=True, slots=True)
class Readers:
    """How many different readers there were within 5 and within 30 minutes."""

    recent: int = 0
    long: int = 0


@dataclass(frozen=True, slots=True)
class Now:
    """Who reads, by what is read; the most read first. `section` keys are edition and section.

    `looked_at_each` is 1 where all readers were counted; where it is n, one in n was, and the
    numbers are that count times n. `views` are those of the last hour, by five minutes.
    """

    as_of: datetime
    all: Readers
    editions: dict[int, Readers]
    sections: dict[tuple[int, int], Readers]
    articles: dict[int, Readers]
    views: list[int]
    looked_at_each: int


def read_now(*, now: datetime, limit: int = 20) -> Now:
    """Return who reads at `now`, with the `limit` most read articles. Costs five queries."""
    views = _views_of_last_hour(now)
    share = _share_for(sum(views[-(LONG_MINUTES * 60 // FIVE_MINUTES) - 1 :]))
    now_ms = int(now.timestamp() * 1000)
    moments = (now_ms - RECENT_MINUTES * 60_000, now_ms - LONG_MINUTES * 60_000)

    def count(statement: Callable[[str], str], *more: Any) -> list[tuple[Any, ...]]:
        below, values = _below(share)
        with connections[router.db_for_read(OpenWindow)].cursor() as cursor:
            cursor.execute(statement(below), [*moments, ROBOT_MARK, *values, *more])
            return cursor.fetchall()

    def scale(recent: int | None, long: int) -> Readers:
        return Readers((recent or 0) * share, long * share)

    [(recent, long)] = count(_all)
    return Now(
        as_of=now,
        all=scale(recent, long),
        editions={
            edition_id: scale(recent, long)
            for edition_id, recent, long in count(_by_edition)
            if edition_id is not None
        },
        sections={
            (edition_id, section_id or NO_SECTION): scale(recent, long)
            for edition_id, section_id, recent, long in count(_by_section)
            if edition_id is not None
        },
        articles={one: scale(recent, long) for one, recent, long in count(_by_article, limit)},
        views=views,
        looked_at_each=share,
    )


def _views_of_last_hour(now: datetime) -> list[int]:
    spans = five_minutes_until(now)
    rows = Bucket.objects.filter(size=FIVE_MINUTES, start__in=[span.start for span in spans])
    found = dict(rows.values_list("start").annotate(read=Sum("views")))
    return [found.get(span.start, 0) for span in spans]


def _share_for(views: int) -> int:
    return next((one for one in _SHARES if views <= MOST_VIEWS * one), _SHARES[-1])


def _below(share: int) -> tuple[str, list[bytes]]:
    """Return the condition that leaves one reader in `share`, and its values."""
    if share == 1:
        return "", []
    return "AND reader < %s", [bytes([256 // share]) + bytes(15)]


def _open(below: str) -> str:
    """Windows of the long span: the moments, the mark of robots and `below` are parameters."""
    return (
        "SELECT reader, article_id, "  # noqa: S608 - texts of this module
        "CASE WHEN last_counted_at_ms > %s THEN reader END AS recent "
        "FROM broadsheet_readership_openwindow "
        f"WHERE last_counted_at_ms > %s AND article_id <> %s {below}"
    )


_READERS = "COUNT(DISTINCT recent), COUNT(DISTINCT reader)"
_PLACED = (
    "CROSS JOIN broadsheet_readership_articlecount AS placed "
    "WHERE placed.article_id = seen.article_id"
)


def _all(below: str) -> str:
    return f"SELECT {_READERS} FROM ({_open(below)}) AS seen"  # noqa: S608 - as above


def _by_edition(below: str) -> str:
    return (
        f"SELECT edition_id, {_READERS} FROM ({_open(below)}) AS seen {_PLACED} "  # noqa: S608
        "GROUP BY edition_id ORDER BY 3 DESC, 1"
    )


def _by_section(below: str) -> str:
    return (
        f"SELECT edition_id, section_id, {_READERS} "  # noqa: S608 - as above
        f"FROM ({_open(below)}) AS seen {_PLACED} "
        "GROUP BY edition_id, section_id ORDER BY 4 DESC, 1, 2"
    )


def _by_article(below: str) -> str:
    return (
        f"SELECT article_id, COUNT(recent), COUNT(*) FROM ({_open(below)}) AS seen "  # noqa: S608
        "GROUP BY article_id ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT %s"
    )
