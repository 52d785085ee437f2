"""Whether counting goes as it should, for those who watch: what waits, what is late, what is lost."""

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from . import intake_counts
from .checkpoints import find_checkpoint
from .counting import place_of
from .models import DAY, FoldState, LogDamage
from .snapshot import SnapshotReader
from .view_reading import DamagedExtent, FileLog, open_log

#: What a frame of many views takes.
_TRIAL_BYTES = 64 * 1024
#: The clock takes a part of the log some time after it is due, and a long one part by part.
THINNING_LATE = timedelta(days=2)


def try_to_write() -> None:
    """Do what a view needs to be taken: write to the log's disk and sync it; nothing stays there.

    Raises `OSError`, with which a view would be refused. In PostgreSQL the log is only asked for
    its end.
    """
    log = open_log()
    if not isinstance(log, FileLog):
        log.find_durable_end()
        return
    log.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=log.directory) as file:
        file.write(bytes(_TRIAL_BYTES))
        file.flush()
        os.fsync(file.fileno())


def find_room() -> int | None:
    """Return the bytes that are free for the log; None where PostgreSQL has it."""
    log = open_log()
    return shutil.disk_usage(log.directory).free if isinstance(log, FileLog) else None


def count_refused_for_trouble(*, now: datetime) -> int:
    """Return how many views could not be taken on this UTC day. Raises `OSError`."""
    today = int(now.astimezone(UTC).timestamp()) // DAY * DAY
    by_reason = intake_counts.read(Path(settings.INTAKE_DIRECTORY)).get(today, {})
    return by_reason.get("unavailable", 0)


def are_counts_behind() -> bool:
    """Whether views that are not counted are in the log as sums only: the counts are older."""
    return find_checkpoint().sequence > FoldState.load().sequence


def find_losses(*, since: datetime) -> list[DamagedExtent]:
    """Return what was found damaged in the log since a moment, and has cost views; newest first."""
    found = LogDamage.objects.filter(missing__gt=0, found_at__gte=since).order_by("-pk")
    return [
        DamagedExtent(one.name, one.offset, one.end, one.first_missing, one.missing)
        for one in found
    ]


def is_thinning_late(*, now: datetime) -> bool:
    """Whether views are still in the log that should have become sums. Raises `OSError`."""
    kept = timedelta(days=settings.VIEW_LOG_DAYS) + THINNING_LATE
    until = place_of(FoldState.load())
    late = open_log().find_old_end(before=now - kept, after=find_checkpoint(), until=until)
    return late is not None


def find_numbers_moment() -> datetime | None:
    """Return of which moment the numbers are that pages show; None before any were published."""
    snapshot = SnapshotReader(Path(settings.NUMBERS_DIRECTORY))()
    return snapshot.as_of if snapshot.version else None
