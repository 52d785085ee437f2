"""Who reads now: readers whose view of an article counted within the last minutes.

What is counted are the windows of readers (`OpenWindow`), so it is what the counts know: a
reader who stays on one page counts when the page is opened and not again, robots that were told
by name or network never do. One who reads on over midnight (UTC) is two readers for half an hour.
"""

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
    """Return who reads at `now`, with the `limit` most read articles. Costs three queries."""
    views = _views_of_last_hour(now)
    share = _share_for(sum(views[-(LONG_MINUTES * 60 // FIVE_MINUTES) - 1 :]))
    now_ms = int(now.timestamp() * 1000)
    moments = (now_ms - RECENT_MINUTES * 60_000, now_ms - LONG_MINUTES * 60_000)

    below, values = _below(share)

    def count(statement: str, *more: Any) -> list[tuple[Any, ...]]:
        with connections[router.db_for_read(OpenWindow)].cursor() as cursor:
            cursor.execute(statement, [*moments, ROBOT_MARK, *values, *more])
            return cursor.fetchall()

    found: dict[str, dict[Any, Readers]] = {"all": {}, "edition": {}, "section": {}}
    for kind, edition_id, section_id, recent, long in count(_by_place(below)):
        key = (edition_id, section_id) if kind == "section" else edition_id
        found[kind][key] = Readers(recent * share, long * share)
    return Now(
        as_of=now,
        all=found["all"][None],
        editions=found["edition"],
        sections=found["section"],
        articles={
            one: Readers(recent * share, long * share)
            for one, recent, long in count(_by_article(below), limit)
        },
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


def _by_place(below: str) -> str:
    """Readers of all, of each edition and of each section, the most first."""
    readers = "COUNT(DISTINCT recent), COUNT(DISTINCT reader)"
    return f"""
        WITH seen AS ({_open(below)}), placed_seen AS (
            SELECT reader, recent, edition_id, COALESCE(section_id, {NO_SECTION}) AS section_id
            FROM seen CROSS JOIN broadsheet_readership_articlecount AS placed
            WHERE placed.article_id = seen.article_id AND edition_id IS NOT NULL
        )
        SELECT 'all', CAST(NULL AS bigint), CAST(NULL AS bigint), {readers} FROM seen
        UNION ALL
        SELECT 'edition', edition_id, CAST(NULL AS bigint), {readers} FROM placed_seen GROUP BY edition_id
        UNION ALL
        SELECT 'section', edition_id, section_id, {readers} FROM placed_seen
        GROUP BY edition_id, section_id
        ORDER BY 5 DESC, 2, 3
    """  # noqa: S608 - texts of this module


def _by_article(below: str) -> str:
    return (
        f"SELECT article_id, COUNT(recent), COUNT(*) FROM ({_open(below)}) AS seen "  # noqa: S608
        "GROUP BY article_id ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT %s"
    )
