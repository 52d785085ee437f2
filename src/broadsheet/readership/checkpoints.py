"""Thin the log: fold what is past its time into sums that stand for it, and delete it.

A recount is then the checkpoint and the records after it. It lies beside the log and not in the
file that the fold writes, so it is as far from a mistake of the fold as the log is.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, router, transaction

from . import statements
from .counting import KEPT, first_kept, first_kept_referrers, place_of
from .damage import record_damage
from .excluding import load_rules
from .models import (
    CheckpointArticleCount,
    CheckpointBucket,
    CheckpointDroppedViews,
    CheckpointOpenWindow,
    CheckpointReferrerCount,
    CheckpointState,
    FoldState,
    SectionMove,
)
from .replaying import Replay
from .tallying import Tally
from .view_reading import LogPlace, open_log

logger = logging.getLogger(__name__)

_ROWS_A_STATEMENT = 10_000


def thin_log(*, now: datetime) -> bool:
    """Take the oldest part of the log that is past its time into the checkpoint, and delete it.

    Returns whether there was one; what a call leaves, the next one takes. Nothing is taken that
    is not folded. A crash at any moment leaves either the part or its sums to count on from.
    Raises `OSError` where the log cannot be read.
    """
    log = open_log()
    with log.hold("thinning") as is_ours:
        if not is_ours:
            return False
        place = find_checkpoint()
        # A crash may have come between the sums and the deleting.
        log.forget_until(place)
        end = log.find_old_end(
            before=now - timedelta(days=settings.VIEW_LOG_DAYS),
            after=place,
            until=place_of(FoldState.load()),
        )
        if end is None:
            return False
        tally = start_tally(now=now)
        _load_windows(tally)
        replay = Replay(log, tally, place)
        replay.read_until(end)
        record_damage(replay.damage, was_counted=True, now=now)
        _write(tally, end, now=now)
        log.forget_until(end)
        SectionMove.objects.filter(until_sequence__lte=end.sequence).delete()
    logger.info("the view log was thinned up to view %d", end.sequence)
    return True


def find_checkpoint() -> LogPlace:
    """Return the place that the checkpoint stands at: the log's beginning where there is none."""
    state = CheckpointState.objects.filter(pk=1).first()
    return LogPlace(state.segment, state.offset, 0, state.sequence) if state else LogPlace()


def start_tally(*, now: datetime) -> Tally:
    """Return an empty tally of what is kept at `now`, under the exclusions of this moment."""
    tally = Tally(window_minutes=settings.VIEW_WINDOW_MINUTES, rules=load_rules())
    tally.first_kept = {size: first_kept(size, now=now) for size in KEPT}
    return tally


def load_checkpoint(tally: Tally) -> LogPlace:
    """Seed a tally with the checkpoint; return the place to read on from."""
    for article_id, counted, robots in CheckpointArticleCount.objects.values_list(
        "article_id", "counted", "robots"
    ).iterator():
        tally.counted[article_id], tally.robots[article_id] = counted, robots
    buckets = CheckpointBucket.objects.values_list(
        "size", "start", "article_id", "section_id", "views"
    )
    for size, start, article_id, section_id, views in buckets.iterator():
        tally.buckets[size, start, article_id, section_id] = views
    referrers = CheckpointReferrerCount.objects.values_list("day", "host", "article_id", "views")
    for day, host, article_id, views in referrers.iterator():
        tally.referrers[day, host, article_id] = views
    for day, verdict, views in CheckpointDroppedViews.objects.values_list(
        "day", "verdict", "views"
    ):
        tally.dropped[day, verdict] = views
    _load_windows(tally)
    return find_checkpoint()


def _load_windows(tally: Tally) -> None:
    rows = CheckpointOpenWindow.objects.values_list("reader", "article_id", "last_counted_at_ms")
    for reader, article_id, at in rows.iterator():
        tally.windows.setdefault(bytes(reader), {})[article_id] = at


def _write(tally: Tally, end: LogPlace, *, now: datetime) -> None:
    """Add what was tallied to the checkpoint and move it on, in one transaction.

    It may be long: nobody else writes there, and readers do not wait for it.
    """
    with transaction.atomic(using=_database()):
        articles = sorted({*tally.counted, *tally.robots})
        _run(
            statements.ADD_TO_CHECKPOINT,
            ((one, tally.counted[one], tally.robots[one]) for one in articles),
        )
        for statement, sums in (
            (statements.ADD_TO_BUCKETS, tally.buckets),
            (statements.ADD_REFERRERS, tally.referrers),
            (statements.ADD_DROPPED, tally.dropped),
        ):
            rows = ((*key, views) for key, views in sorted(sums.items()))
            _run(statements.of_checkpoint(statement), rows)
        CheckpointOpenWindow.objects.all().delete()
        windows = (
            (reader, article_id, at)
            for reader in sorted(tally.windows)
            for article_id, at in sorted(tally.windows[reader].items())
        )
        _run(statements.of_checkpoint(statements.SET_WINDOW), windows)
        for size in KEPT:
            CheckpointBucket.objects.filter(size=size, start__lt=first_kept(size, now=now)).delete()
        CheckpointReferrerCount.objects.filter(day__lt=first_kept_referrers(now=now)).delete()
        CheckpointState.objects.update_or_create(
            pk=1,
            defaults={
                "segment": end.segment,
                "offset": end.offset,
                "sequence": end.sequence,
                "made_at": now,
            },
        )


def _run(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connections[_database()].cursor() as cursor:
        step = []
        for row in rows:
            step.append(row)
            if len(step) == _ROWS_A_STATEMENT:
                cursor.executemany(statement, step)
                step.clear()
        if step:
            cursor.executemany(statement, step)


def _database() -> str:
    return str(router.db_for_write(CheckpointState))
