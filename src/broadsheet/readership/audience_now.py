"""Who reads now: readers whose view of an article counted within the last minutes.

What is counted are the windows of readers (`open_windows`), so it is what the counts know: a
reader who stays on one page counts when the page is opened and not again, robots that were told
by name or network never do. One who reads on over midnight (UTC) is two readers for half an hour.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from .audience import five_minutes_until
from .models import FIVE_MINUTES, NO_SECTION, ArticleCount, Bucket
from .open_windows import find_recent
from .tallying import ROBOT_MARK
from .view_records import READER_BYTES

RECENT_MINUTES, LONG_MINUTES = 5, 30
#: With more views than these in half an hour, only a share of all readers is looked at: those
#: whose hash, which is random, begins low.
MOST_VIEWS = 60_000
_SHARES = (1, 4, 16, 64, 256)
_ARTICLES_A_QUERY = 1000


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
    """Return who reads at `now`, with the `limit` most read articles."""
    views = _views_of_last_hour(now)
    share = _share_for(sum(views[-(LONG_MINUTES * 60 // FIVE_MINUTES) - 1 :]))
    now_ms = int(now.timestamp() * 1000)
    opened = find_recent(
        since_ms=now_ms - LONG_MINUTES * 60_000,
        before=b"" if share == 1 else bytes([256 // share]) + bytes(READER_BYTES - 1),
    )
    recent_ms = now_ms - RECENT_MINUTES * 60_000
    places = _places_of({article_id for _reader, article_id in opened})
    seen = _Seen(share)
    for (reader, article_id), at in opened.items():
        if article_id == ROBOT_MARK:
            continue
        seen.add("all", None, reader, is_recent=at > recent_ms)
        seen.add("article", article_id, reader, is_recent=at > recent_ms)
        if article_id in places:
            edition_id, section_id = places[article_id]
            seen.add("edition", edition_id, reader, is_recent=at > recent_ms)
            seen.add("section", (edition_id, section_id), reader, is_recent=at > recent_ms)
    articles = sorted(
        seen.of("article").items(), key=lambda one: (one[1].recent, one[1].long, one[0])
    )
    return Now(
        as_of=now,
        all=seen.of("all").get(None, Readers()),
        editions=_most_first(seen.of("edition")),
        sections=_most_first(seen.of("section")),
        articles=dict(articles[: -limit - 1 : -1]),
        views=views,
        looked_at_each=share,
    )


def _most_first(found: dict[Any, Readers]) -> dict[Any, Readers]:
    return dict(sorted(found.items(), key=lambda one: (-one[1].long, one[0])))


class _Seen:
    """Different readers by what they read, of whom one in `share` was looked at."""

    def __init__(self, share: int) -> None:
        self._share = share
        self._long: defaultdict[tuple[str, Any], set[bytes]] = defaultdict(set)
        self._recent: defaultdict[tuple[str, Any], set[bytes]] = defaultdict(set)

    def add(self, kind: str, key: Any, reader: bytes, *, is_recent: bool) -> None:
        self._long[kind, key].add(reader)
        if is_recent:
            self._recent[kind, key].add(reader)

    def of(self, kind: str) -> dict[Any, Readers]:
        """Return the readers by the keys of a kind."""
        return {
            key: Readers(
                len(self._recent.get((kind, key), ())) * self._share, len(readers) * self._share
            )
            for (one, key), readers in self._long.items()
            if one == kind
        }


def _places_of(article_ids: set[int]) -> dict[int, tuple[int, int]]:
    """Return the edition and the section of those articles that have a place."""
    places: dict[int, tuple[int, int]] = {}
    wanted = sorted(article_ids)
    for start in range(0, len(wanted), _ARTICLES_A_QUERY):
        step = wanted[start : start + _ARTICLES_A_QUERY]
        rows = ArticleCount.objects.filter(article_id__in=step).exclude(edition_id=None)
        for article_id, edition_id, section_id in rows.values_list(
            "article_id", "edition_id", "section_id"
        ):
            places[article_id] = (int(edition_id or 0), section_id or NO_SECTION)
    return places


def _views_of_last_hour(now: datetime) -> list[int]:
    spans = five_minutes_until(now)
    rows = Bucket.objects.filter(size=FIVE_MINUTES, start__in=[span.start for span in spans])
    found = dict(rows.values_list("start").annotate(read=Sum("views")))
    return [found.get(span.start, 0) for span in spans]


def _share_for(views: int) -> int:
    return next((one for one in _SHARES if views <= MOST_VIEWS * one), _SHARES[-1])
