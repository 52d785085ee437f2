"""Count the whole view log again and compare: the log is the truth, the tables are a fold of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connections, router, transaction

from . import statements
from .counting import first_kept, place_articles, place_of, take_revision
from .models import ArticleCount, Bucket, DroppedViews, FoldState, OpenWindow
from .tallying import FORGET_EACH, Tally
from .view_reading import LogPlace, ReadableLog, open_log, read_until

_BATCH = 20_000
#: Rows mended in one transaction; far below 100 ms.
_STEP = 500

#: How a kind of row is set to what the log says, and taken away where the log knows nothing of it.
_MENDING = {
    "counts": (statements.SET_COUNTS, None),
    "bucket": (statements.SET_BUCKET, statements.DELETE_BUCKET),
    "dropped": (statements.SET_DROPPED, statements.DELETE_DROPPED),
    "window": (statements.SET_WINDOW, statements.DELETE_WINDOW),
}

Key = tuple[Any, ...]
Rows = Mapping[Key, Key]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says; None where there is no such row on one side."""

    kind: str
    key: Key
    stored: Key | None
    counted: Key | None

    @property
    def text(self) -> str:
        return f"{self.name}: the tables say {_say(self.stored)}, the log {_say(self.counted)}"

    @property
    def name(self) -> str:
        match self.kind:
            case "counts":
                return f"article {self.key[0]}, views and robots' views"
            case "bucket":
                size, start, article_id = self.key
                return f"article {article_id}, {size} s from {_moment(start)}"
            case "dropped":
                day, verdict = self.key
                return f"dropped as {verdict} on {_moment(day)[:10]}"
            case _:
                return f"article {self.key[1]}, last counted view of one reader (ms)"


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found, up to the view `sequence` where the fold stands."""

    sequence: int
    records: int
    differences: list[Difference]


def recount(*, now: datetime, apply: bool = False) -> Recount:
    """Count the log from its beginning up to the fold's position and compare every row.

    With `apply` each differing row is set to what the log says. The fold goes on meanwhile and
    waits only for the last stretch. Raises `OSError` where the log cannot be read.
    """
    log = open_log()
    tally = Tally(window_minutes=settings.VIEW_WINDOW_MINUTES)
    end = log.find_durable_end()
    # Nothing that a crash could take away is read: the fold stands before the durable end.
    place, records = _tally_until(log, place_of(FoldState.load()), tally, after=LogPlace())
    with log.hold("fold", wait=True):
        state = FoldState.load()
        place, more = _tally_until(log, place_of(state), tally, after=place)
        differences = _compare(tally, now=now)
        if apply:
            _mend(differences)
            is_beyond = end is None or (end.segment, end.offset) < (state.segment, state.offset)
            if is_beyond:
                # The log that was counted is gone: go on from the end of the one that is there.
                FoldState.objects.filter(pk=1).update(
                    segment=place.segment,
                    offset=place.offset,
                    taken=place.taken,
                    sequence=place.sequence,
                )
    return Recount(place.sequence, records + more, differences)


def _tally_until(
    log: ReadableLog, until: LogPlace, tally: Tally, *, after: LogPlace
) -> tuple[LogPlace, int]:
    place, records = after, 0
    for batch in read_until(log, until, after=after, limit=_BATCH, stop_each=FORGET_EACH):
        tally.add(batch.views)
        tally.changed.clear()
        place, records = batch.place, records + len(batch.views)
        if place.sequence % FORGET_EACH == 0:
            tally.forget_windows(now_ms=batch.views[-1].received_at_ms)
    return place, records


def _compare(tally: Tally, *, now: datetime) -> list[Difference]:
    """Compare what was tallied with the tables, buckets as far back as they are kept."""

    def is_kept(key: Key) -> bool:
        return int(key[1]) >= first_kept(int(key[0]), now=now)

    articles = {*tally.counted, *tally.robots}
    counts: Rows = {(one,): (tally.counted[one], tally.robots[one]) for one in articles}
    stored_counts = ArticleCount.objects.values_list("article_id", "counted", "robots")
    buckets = Bucket.objects.values_list("size", "start", "article_id", "views")
    windows = OpenWindow.objects.values_list("reader", "article_id", "last_counted_at_ms")
    return [
        *_differences("counts", _rows(stored_counts, 1), counts, empty=(0, 0)),
        *_differences("bucket", _rows(buckets, 3), _singles(tally.buckets), is_kept=is_kept),
        *_differences(
            "dropped",
            _rows(DroppedViews.objects.values_list("day", "verdict", "views"), 2),
            _singles(tally.dropped),
        ),
        *_differences(
            "window",
            {(bytes(reader), article): (at,) for reader, article, at in windows.iterator()},
            _singles(tally.windows),
        ),
    ]


def _rows(rows: Any, key_length: int) -> Rows:
    return {row[:key_length]: row[key_length:] for row in rows.iterator()}


def _singles(values: Mapping[Any, int]) -> Rows:
    return {key: (value,) for key, value in values.items()}


def _differences(
    kind: str,
    stored: Rows,
    counted: Rows,
    *,
    empty: Key | None = None,
    is_kept: Callable[[Key], bool] = lambda _: True,
) -> Iterable[Difference]:
    for key in sorted(stored.keys() | counted.keys()):
        one, other = stored.get(key, empty), counted.get(key, empty)
        if one != other and is_kept(key):
            yield Difference(kind, key, one, other)


def _mend(differences: list[Difference]) -> None:
    database = router.db_for_write(ArticleCount)
    for start in range(0, len(differences), _STEP):
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            revision = take_revision()
            for found in differences[start : start + _STEP]:
                setting, deleting = _MENDING[found.kind]
                if found.counted is None:
                    assert deleting is not None  # counts are never None: they have an `empty`
                    cursor.execute(deleting, found.key)
                elif found.kind == "counts":
                    values = (*found.key, *found.counted, found.counted[0], revision)
                    cursor.execute(setting, values)
                else:
                    cursor.execute(setting, (*found.key, *found.counted))
    place_articles(found.key[0] for found in differences if found.kind == "counts")


def _say(values: Key | None) -> str:
    return "nothing" if values is None else " and ".join(f"{value}" for value in values)


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M UTC")
