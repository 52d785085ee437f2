"""Fold the log's new views into counts, and keep beside each count where its article stands.

One fold at a time reads the log, adds up (`tallying`) and writes counts and position in one
transaction, so a crash loses nothing and counts nothing twice.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, router, transaction

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.articles.queries import places_of

from . import statements
from .models import FIVE_MINUTES, HOUR, ArticleCount, Bucket, FoldState
from .tallying import FORGET_EACH, Tally
from .view_reading import LogPlace, ReadableLog, ViewBatch, open_log

logger = logging.getLogger(__name__)

#: How long buckets are kept, by their size; days are kept for ever.
KEPT = {FIVE_MINUTES: timedelta(days=8), HOUR: timedelta(days=40)}
#: Records in one transaction: 50 ms of writing at most (2 cores, ext4, November 2026).
FOLD_RECORDS = 4096
#: Articles in one transaction, or readers in one query; far below 100 ms.
_STEP = 500
_READERS_A_QUERY = 5000
_STARTS_A_PRUNING = 1000


class FoldOvertakenError(RuntimeError):
    """Another fold moved the position meanwhile; nothing of this one was written."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What was folded: records read, views counted; `is_busy` where another fold was at work."""

    records: int = 0
    counted: int = 0
    is_busy: bool = False


def fold_views(*, now: datetime, max_records: int = FOLD_RECORDS) -> Folded:
    """Fold up to `max_records` new records of the log in one transaction.

    Raises `LogBehindError` where the log ends before what is counted already, `OSError` where
    it cannot be read.
    """
    log = open_log()
    with log.hold("fold") as is_ours:
        if not is_ours:
            return Folded(is_busy=True)
        return _fold_batch(log, now=now, max_records=max_records)


def fold_all_views(*, now: datetime, max_batches: int = 1000) -> Folded:
    """Fold what waits, batch by batch. For the clock, and for programs that sent views."""
    records = counted = 0
    for _ in range(max_batches):
        folded = fold_views(now=now)
        records, counted = records + folded.records, counted + folded.counted
        if folded.is_busy or not folded.records:
            return Folded(records, counted, is_busy=folded.is_busy)
    return Folded(records, counted)


def place_of(state: FoldState) -> LogPlace:
    return LogPlace(state.segment, state.offset, state.taken, state.sequence)


def place_articles(article_ids: Iterable[int]) -> None:
    """Copy edition, section, live and moment of publication of articles from the record.

    An article that is no more keeps its count and is no longer live. Safe to run twice.
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
        with transaction.atomic(using=_database()):
            revision = take_revision()
            for count in placed:
                count.revision = revision
            ArticleCount.objects.bulk_create(
                placed,
                update_conflicts=True,
                update_fields=["edition_id", "section_id", "is_live", "published_at", "revision"],
                unique_fields=["article_id"],
            )
            ArticleCount.objects.filter(article_id__in=gone).update(
                is_live=False, revision=revision
            )


def set_imported_counts(counts: Mapping[int, int]) -> None:
    """Set the views that articles had in a former system; what was counted here stays.

    Raises `ValueError` for a number below zero. Safe to run twice.
    """
    if any(views < 0 for views in counts.values()):
        raise ValueError("An article cannot have been read fewer than 0 times")
    rows = [(article_id, views, views) for article_id, views in sorted(counts.items())]
    for start in range(0, len(rows), _STEP):
        with transaction.atomic(using=_database()):
            revision = take_revision()
            step = [(*row, revision) for row in rows[start : start + _STEP]]
            _write(statements.SET_IMPORTED, step)


def take_revision() -> int:
    """Return the next revision of the counts, for the rows that this transaction changes.

    Take it before the first of them: until the end of the transaction nobody else gets one, so
    revisions become visible in their order, and no two writers wait for each other's rows.
    """
    with connections[_database()].cursor() as cursor:
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
    if size not in KEPT:
        return 0
    oldest = int((now - KEPT[size]).timestamp())
    return oldest - oldest % size


def prune_buckets(*, now: datetime) -> int:
    """Delete small buckets that are past their time; return how many spans went.

    Each span goes in a transaction of its own; what a call leaves, the next one takes.
    """
    pruned = 0
    for size in KEPT:
        old = Bucket.objects.filter(size=size, start__lt=first_kept(size, now=now))
        starts = old.order_by("start").values_list("start", flat=True).distinct()
        for start in list(starts[: _STARTS_A_PRUNING - pruned]):
            _write(statements.DELETE_SPAN, [(size, start)])
            pruned += 1
    return pruned


def _fold_batch(log: ReadableLog, *, now: datetime, max_records: int) -> Folded:
    state = FoldState.load()
    place = place_of(state)
    end = log.find_durable_end(after=place)
    if end is None:
        return Folded()
    batch = log.read_batch(place, end=end, limit=max_records, stop_each=FORGET_EACH)
    if batch is None:
        return Folded()
    for extent in batch.damage:
        logger.warning("The view log is damaged: %s", extent.text)
    tally = Tally(window_minutes=settings.VIEW_WINDOW_MINUTES)
    tally.windows = _load_windows(batch)
    tally.add(batch.views)
    with transaction.atomic(using=_database()):
        _write_tally(tally, revision=take_revision())
        if batch.place.sequence % FORGET_EACH == 0:
            kept_between = tally.kept_between(batch.views[-1].received_at_ms)
            _write(statements.FORGET_WINDOWS, [kept_between])
        _move_on(place, batch.place, now=now)
    _place_strangers({*tally.counted, *tally.robots})
    return Folded(len(batch.views), tally.counted.total())


def _load_windows(batch: ViewBatch) -> dict[tuple[bytes, int], int]:
    """Return the open windows of everybody in the batch."""
    readers = {view.reader for view in batch.views}
    readers |= {view.reader_yesterday for view in batch.views if view.reader_yesterday}
    wanted = sorted(readers)
    windows: dict[tuple[bytes, int], int] = {}
    with connections[_database()].cursor() as cursor:
        for start in range(0, len(wanted), _READERS_A_QUERY):
            step = wanted[start : start + _READERS_A_QUERY]
            cursor.execute(statements.find_windows(len(step)), step)
            for reader, article_id, at in cursor.fetchall():
                windows[bytes(reader), article_id] = at
    return windows


def _write_tally(tally: Tally, *, revision: int) -> None:
    counted, robots = tally.counted, tally.robots
    _write(
        statements.ADD_COUNTS,
        [
            (one, counted[one], robots[one], counted[one], revision)
            for one in sorted({*counted, *robots})
        ],
    )
    _write(statements.ADD_TO_BUCKETS, [(*key, n) for key, n in sorted(tally.buckets.items())])
    _write(statements.ADD_DROPPED, [(*key, n) for key, n in sorted(tally.dropped.items())])
    # In the order of the index, which is also what keeps two writers from a deadlock.
    _write(statements.SET_WINDOW, [(*key, tally.windows[key]) for key in sorted(tally.changed)])


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


def _place_strangers(article_ids: set[int]) -> None:
    """Place articles that are read before their publication was delivered."""
    strangers = ArticleCount.objects.filter(edition_id=None, article_id__in=article_ids)
    place_articles(strangers.values_list("article_id", flat=True))


def _write(statement: str, rows: list[Any]) -> None:
    if rows:
        with connections[_database()].cursor() as cursor:
            cursor.executemany(statement, rows)


def _database() -> str:
    return str(router.db_for_write(ArticleCount))
