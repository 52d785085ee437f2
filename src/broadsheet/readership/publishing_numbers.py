"""Publish counts from the database to the files that web processes map: a snapshot of a moment.

What changed is found by its revision. A batch says which revision it holds everything of, so
whoever publishes next, after whatever end, goes on from what the files say.
"""

from array import array
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, router

from . import statements
from .models import ArticleCount, FoldState
from .snapshot_files import (
    DamagedSnapshotError,
    Generation,
    Stamp,
    base_name,
    hold_publishing,
    list_generations,
    put_values,
    read_current,
    write_generation,
)

#: With more that differs from the base, or more bytes of deltas (empty batches too), a new
#: generation begins: each snapshot with news copies the former, each new reader reads them all.
MAX_CHANGED = 20_000
MAX_DELTA_BYTES = 1024 * 1024
#: With nothing changed, how often the files say so.
HEARTBEAT_MS = 1000
#: Rows a query.
_STEP = 10_000
_LAST_ID = 2**63 - 1

#: What this process published last, so that it need not read it again.
_held: tuple[Path, Generation] | None = None


def publish_numbers(*, now: datetime) -> int:
    """Bring the published snapshot to what the database says; return how many ids that took.

    The first time it publishes every article, then what changed; with nothing changed it says
    so once a second, and the snapshot's `as_of` becomes `now`. It writes nothing to the
    database. Where another process publishes it does nothing. Raises `OSError` where the disk
    fails; the snapshot is then as it was.
    """
    directory = Path(settings.NUMBERS_DIRECTORY)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_publishing(directory) as is_ours:
        return _publish(directory, as_of_ms=int(now.timestamp() * 1000)) if is_ours else 0


def _publish(directory: Path, *, as_of_ms: int) -> int:
    held = _read_held(directory)
    # A database that is behind the files is a restored one: nothing published is of it.
    if held is None or _last_revision() < held.stamp.revision:
        return _publish_all(directory, as_of_ms=as_of_ms)
    changes, revision = _read_changes(since=held.stamp.revision)
    changed = len(held.changed) - len(held.base.strays) + len(changes)
    is_small = changed <= MAX_CHANGED and held.end <= MAX_DELTA_BYTES
    if not is_small or not held.is_whole:
        slots, strays = held.merged()
        strays |= put_values(slots, changes)
        _begin_generation(directory, slots, strays, revision=revision, as_of_ms=as_of_ms)
    elif changes or abs(as_of_ms - held.stamp.as_of_ms) >= HEARTBEAT_MS:
        held.append(changes, Stamp(held.stamp.version + 1, revision, as_of_ms))
    return len(changes)


def _publish_all(directory: Path, *, as_of_ms: int) -> int:
    since = _last_revision()
    slots: array[int] = array("q")
    strays: dict[int, int] = {}
    published, after = 0, -_LAST_ID
    while rows := _select(statements.NUMBERS_AFTER, after, _STEP):
        strays |= put_values(slots, dict(rows))
        published, after = published + len(rows), rows[-1][0]
    # What was changed behind the reading: now it is all of one moment.
    changes, revision = _read_changes(since=since)
    strays |= put_values(slots, changes)
    _begin_generation(directory, slots, strays, revision=revision, as_of_ms=as_of_ms)
    return published


def _read_changes(*, since: int) -> tuple[dict[int, int], int]:
    """Return what changed after a revision, and the revision that this is everything of.

    In steps, and yet of one moment, that of the last step: a row that changes after it was read
    gets a revision beyond all those read, and is met again.
    """
    changes: dict[int, int] = {}
    revision, after, last_id = max(since, _last_revision()), since, _LAST_ID
    while True:
        rows = _select(statements.NUMBERS_SINCE, after, last_id, _STEP)
        changes.update((article_id, number) for _, article_id, number in rows)
        if rows:
            after, last_id = rows[-1][:2]
        if len(rows) < _STEP:
            return changes, max(revision, after)


def _begin_generation(
    directory: Path,
    slots: "array[int]",
    strays: dict[int, int],
    *,
    revision: int,
    as_of_ms: int,
) -> None:
    global _held  # noqa: PLW0603 - one publisher a process
    try:
        previous = read_current(directory)
    except (OSError, DamagedSnapshotError):
        previous = None
    # By the clock where the files are gone, so that no version ever comes twice.
    known = list_generations(directory)
    if _held and _held[0] == directory:
        known.append(_held[1].stamp.version)
    version = max([as_of_ms, *(one + 1 for one in known)])
    stamp = Stamp(version, revision, as_of_ms)
    write_generation(directory, slots, strays, stamp, previous=previous)
    _held = (directory, Generation(directory, version))


def _read_held(directory: Path) -> Generation | None:
    """Return what is published; None where there is nothing, or nothing whole."""
    global _held  # noqa: PLW0603 - one publisher a process
    try:
        current = read_current(directory)
        if _held is None or _held[0] != directory or _held[1].name != current:
            _held = (directory, Generation(directory, current))
        (directory / base_name(current)).stat()
        _held[1].read_on()
    except (OSError, DamagedSnapshotError):
        return None
    return _held[1]


def _last_revision() -> int:
    return FoldState.objects.filter(pk=1).values_list("revision", flat=True).first() or 0


def _select(statement: str, *values: int) -> list[tuple[Any, ...]]:
    with connections[router.db_for_read(ArticleCount)].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
