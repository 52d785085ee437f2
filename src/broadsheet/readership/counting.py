"""Fold the log's new views into counts, and keep beside each count where its article stands.

One fold at a time reads the log, adds up (`tallying`) and writes counts and position in one
transaction, so a crash loses nothing and counts nothing twice.
"""

import gc
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.articles.queries import places_of

from . import statements
from .damage import record_damage
from .excluding import load_rules
from .executing import counts_database, select_in, write_rows
from .models import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    NO_SECTION,
    ArticleCount,
    CheckpointState,
    FoldState,
)
from .open_windows import OpenWindows
from .tallying import FORGET_EACH, Tally, Windows
from .view_reading import LogPlace, ReadableLog, ViewBatch, open_log

#: How long buckets are kept, by their size; days are kept for ever.
KEPT = {FIVE_MINUTES: timedelta(days=8), HOUR: timedelta(days=40)}
REFERRERS_KEPT = timedelta(days=40)
#: No transaction of the fold takes more records, nor is meant to take longer.
MAX_RECORDS = 20_000
MAX_SECONDS = 0.05
#: But no fewer, however slow a loaded machine is: with each transaction's own cost the fold would
#: fall behind. Scattered over 1,000,000 articles they took 22 ms (2 cores, ext4, November 2026).
_LEAST_RECORDS = 500
#: Articles in one transaction; far below 100 ms.
_STEP = 500
#: Rows deleted in one transaction, and transactions of one pruning.
_ROWS_A_PRUNING = 2000
_PRUNINGS = 200


class FoldOvertakenError(RuntimeError):
    """Another fold moved the position meanwhile; nothing of this one was written."""


class CountsBehindError(RuntimeError):
    """Views that the counts do not have are in the log as sums only: the counts are older."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What was folded: records read, views counted; `is_busy` where another fold was at work."""

    records: int = 0
    counted: int = 0
    is_busy: bool = False


class _Stride:
    """How many records one transaction takes, so that it ends within `MAX_SECONDS`.

    Views scattered over a large archive touch a page of the database each, and cost ten times
    what views of the day's articles do.
    """

    def __init__(self) -> None:
        self.records = 1000

    def learn(self, records: int, seconds: float) -> None:
        """Learn how long one took that had so many records."""
        fitting = max(_LEAST_RECORDS, int(records * 0.8 * MAX_SECONDS / max(seconds, 1e-6)))
        if seconds > 0.9 * MAX_SECONDS:
            self.records = min(fitting, self.records)
        elif records >= self.records:
            self.records = min(MAX_RECORDS, fitting, self.records * 2)


_stride = _Stride()
_windows = OpenWindows()


def fold_views(*, now: datetime, max_records: int | None = None) -> Folded:
    """Fold new records of the log in one transaction: up to `max_records`, or what 50 ms allow.

    Raises `LogBehindError` where the log ends before what is counted already,
    `CountsBehindError` where it begins only after that, `OSError` where it cannot be read.
    """
    log = open_log()
    with log.hold("fold") as is_ours:
        if not is_ours:
            return Folded(is_busy=True)
        with _garbage_kept():
            return _fold_batch(log, now=now, max_records=max_records or _stride.records)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Leave the garbage where it is for one transaction.

    A fold makes thousands of small objects and no cycles, and each few hundred of them the
    collector would go through those that are still needed: a tenth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def fold_all_views(*, now: datetime) -> Folded:
    """Fold what waits, batch by batch. For programs that sent views."""
    records = counted = 0
    while True:
        folded = fold_views(now=now)
        records, counted = records + folded.records, counted + folded.counted
        if folded.is_busy or not folded.records:
            return Folded(records, counted, is_busy=folded.is_busy)


def place_of(state: FoldState) -> LogPlace:
    return LogPlace(state.segment, state.offset, state.taken, state.sequence)


def place_articles(article_ids: Iterable[int]) -> None:
    """Copy edition, section, live and moment of publication of articles from the record.

    An article that is no more keeps its count and is no longer live. Where one changes its
    section, the views folded so far stay in the former. Safe to run twice.
    """
    wanted = sorted(set(article_ids))
    for start in range(0, len(wanted), _STEP):
        step = wanted[start : start + _STEP]
        places = places_of(step)
        placed = [
            ArticleCount(
                article_id=place.id,
                edition_id=place.edition_id,
                section_id=place.section_id,
                is_live=place.is_live,
                published_at=place.published_at,
            )
            for place in places
        ]
        gone = set(step) - {place.id for place in places}
        with transaction.atomic(using=counts_database()):
            revision = take_revision()
            for count in placed:
                count.revision = revision
            _keep_sections({place.id: place.section_id or NO_SECTION for place in places})
            ArticleCount.objects.bulk_create(
                placed,
                update_conflicts=True,
                update_fields=["edition_id", "section_id", "is_live", "published_at", "revision"],
                unique_fields=["article_id"],
            )
            ArticleCount.objects.filter(article_id__in=gone).update(
                is_live=False, revision=revision
            )


def _keep_sections(new: Mapping[int, int]) -> None:
    """Write down which section articles had until now that are to have another.

    A revision was taken, so no fold is between what it counts and where it says it stands.
    """
    had = ArticleCount.objects.filter(article_id__in=new).exclude(edition_id=None, counted=0)
    moved = [
        (article_id, section_id or NO_SECTION)
        for article_id, section_id in had.values_list("article_id", "section_id")
        if (section_id or NO_SECTION) != new[article_id]
    ]
    if moved:
        sequence = FoldState.load().sequence
        write_rows(statements.KEEP_SECTIONS, [(one, sequence, section) for one, section in moved])


def set_imported_counts(counts: Mapping[int, int]) -> None:
    """Set the views that articles had in a former system; what was counted here stays.

    Raises `ValueError` for a number below zero. Safe to run twice.
    """
    if any(views < 0 for views in counts.values()):
        raise ValueError("An article cannot have been read fewer than 0 times")
    rows = [(article_id, views, views, views) for article_id, views in sorted(counts.items())]
    for start in range(0, len(rows), _STEP):
        with transaction.atomic(using=counts_database()):
            revision = take_revision()
            step = [(*row, revision) for row in rows[start : start + _STEP]]
            write_rows(statements.SET_IMPORTED, step)


def take_revision() -> int:
    """Return the next revision of the counts, for the rows that this transaction changes.

    Take it before the first of them: until the end of the transaction nobody else gets one, so
    revisions become visible in their order, and no two writers wait for each other's rows.
    """
    with connections[counts_database()].cursor() as cursor:
        cursor.execute(statements.TAKE_REVISION)
        [(revision,)] = cursor.fetchall()
    return int(revision)


def on_article_published(fact: ArticlePublished) -> None:
    place_articles([fact.article_id])


def on_article_unpublished(fact: ArticleUnpublished) -> None:
    place_articles([fact.article_id])


def on_articles_imported(fact: ArticlesImported) -> None:
    place_articles(fact.article_ids)


def first_kept(size: int, *, now: datetime) -> int:
    """Return the start (Unix time) of the oldest bucket of that size that is kept at `now`."""
    return _first_start(size, KEPT[size], now=now) if size in KEPT else 0


def first_kept_referrers(*, now: datetime) -> int:
    """Return the oldest day (Unix time) of which referring hosts are kept at `now`."""
    return _first_start(DAY, REFERRERS_KEPT, now=now)


def prune_buckets(*, now: datetime) -> int:
    """Delete small buckets and referring hosts that are past their time; return how many rows.

    In small transactions; what a call leaves, the next one takes.
    """
    pruned = sum(
        _forget(statements.FORGET_BUCKETS, size, first_kept(size, now=now)) for size in KEPT
    )
    return pruned + _forget(statements.FORGET_REFERRERS, first_kept_referrers(now=now))


def find_sections(article_ids: Iterable[int]) -> dict[int, int | None]:
    """Return the sections of those articles that have a place; None for one without."""
    rows = select_in(statements.find_sections, article_ids)
    return {article_id: section_id for article_id, section_id, is_placed in rows if is_placed}


def find_moves(article_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Return of those articles that moved until which sequence they had which section."""
    moves: dict[int, list[tuple[int, int]]] = {}
    for article_id, until, section_id in select_in(statements.find_moves, article_ids):
        moves.setdefault(article_id, []).append((until, section_id))
    return moves


def _first_start(size: int, kept: timedelta, *, now: datetime) -> int:
    oldest = int((now - kept).timestamp())
    return oldest - oldest % size


def _forget(statement: str, *values: int) -> int:
    forgotten = 0
    for _ in range(_PRUNINGS):
        with connections[counts_database()].cursor() as cursor:
            cursor.execute(statement, [*values, _ROWS_A_PRUNING])
            forgotten += cursor.rowcount
            if cursor.rowcount < _ROWS_A_PRUNING:
                break
    return forgotten


def _fold_batch(log: ReadableLog, *, now: datetime, max_records: int) -> Folded:
    state = FoldState.load()
    place = place_of(state)
    end = log.find_durable_end(after=place)
    if end is None:
        return Folded()
    batch = log.read_batch(place, end=end, limit=max_records, stop_each=FORGET_EACH)
    if batch is None:
        return Folded()
    if any(extent.missing for extent in batch.damage):
        _check_not_behind(place)
    article_ids = {view.article_id for view in batch.views}
    sections = find_sections(article_ids)
    if strangers := article_ids - sections.keys():
        # Read before their publication was delivered.
        place_articles(strangers)
        state = FoldState.load()
        sections = find_sections(article_ids)
    _windows.catch_up(sequence=place.sequence)
    expected = state.revision + 1
    tally = _tally(batch, sections)
    rows = _rows_of(tally, revision=expected)
    began = time.perf_counter()
    with transaction.atomic(using=counts_database()):
        revision = take_revision()
        if revision != expected:
            # Somebody wrote since the sections were read, and may have moved an article.
            tally = _tally(batch, find_sections(article_ids))
            rows = _rows_of(tally, revision=revision)
        for statement, values in rows.items():
            write_rows(statement, values)
        _write_windows(tally, batch)
        record_damage(batch.damage, was_counted=False, now=now)
        _move_on(place, batch.place, now=now)
    _windows.confirm(sequence=batch.place.sequence)
    _stride.learn(len(batch.views), time.perf_counter() - began)
    return Folded(len(batch.views), tally.counted.total())


def _check_not_behind(place: LogPlace) -> None:
    checkpoint = CheckpointState.objects.filter(pk=1).first()
    if checkpoint is not None and checkpoint.sequence > place.sequence:
        raise CountsBehindError(
            f"The counts end with view {place.sequence}, and the log keeps views up to "
            f"{checkpoint.sequence} as sums only: the counts are an older copy. Put back those "
            "that belong to the log, or let `broadsheet recount --apply` set them to what the "
            "log says."
        )


def _tally(batch: ViewBatch, sections: dict[int, int | None]) -> Tally:
    tally = Tally(window_minutes=settings.VIEW_WINDOW_MINUTES, rules=load_rules())
    tally.windows = _load_windows(batch)
    tally.sections = sections
    tally.add(batch.views, first_sequence=batch.first_sequence)
    return tally


def _load_windows(batch: ViewBatch) -> Windows:
    """Return the open windows of everybody in the batch that may matter to one of its views."""
    readers = {view.reader for view in batch.views}
    readers |= {view.reader_yesterday for view in batch.views if view.reader_yesterday}
    width = settings.VIEW_WINDOW_MINUTES * 60_000
    moments = [view.received_at_ms for view in batch.views]
    return _windows.find(readers, between=(min(moments) - width, max(moments) + width))


def _write_windows(tally: Tally, batch: ViewBatch) -> None:
    _windows.write(tally.windows, tally.changed)
    if batch.place.sequence % FORGET_EACH == 0:
        _windows.forget(*tally.kept_between(batch.views[-1].received_at_ms))
    _windows.merge(records=len(batch.views))


def _rows_of(tally: Tally, *, revision: int) -> dict[str, list[Any]]:
    """Return what a tally writes, by statement, in the order of the keys."""
    counted, robots = tally.counted, tally.robots
    return {
        statements.ADD_COUNTS: [
            (one, counted[one], robots[one], counted[one], revision)
            for one in sorted({*counted, *robots})
        ],
        statements.ADD_TO_BUCKETS: [(*key, n) for key, n in sorted(tally.buckets.items())],
        statements.ADD_REFERRERS: [(*key, n) for key, n in sorted(tally.referrers.items())],
        statements.ADD_DROPPED: [(*key, n) for key, n in sorted(tally.dropped.items())],
    }


def _move_on(before: LogPlace, after: LogPlace, *, now: datetime) -> None:
    moved = FoldState.objects.filter(
        pk=1, segment=before.segment, offset=before.offset, taken=before.taken
    ).update(
        segment=after.segment,
        offset=after.offset,
        taken=after.taken,
        sequence=after.sequence,
        folded_at=now,
    )
    if not moved:
        raise FoldOvertakenError("Another fold counted these views")
