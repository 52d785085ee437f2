"""Read the view log in its order, and nothing that a crash could still take away."""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .view_log import Segment, list_segments, lock_log, sync_directory
from .view_records import Damage, DamagedFrameError, Frame, View, read_frames

logger = logging.getLogger(__name__)


class LogBehindError(RuntimeError):
    """The log ends before what was already read from it: it was emptied, or is an older copy."""


@dataclass(frozen=True, slots=True, order=True)
class LogPlace:
    """How far the log was read: all before `offset` of a segment, and `taken` views of the frame
    there. `sequence` is that of the last view read.
    """

    segment: int = 0
    offset: int = 0
    taken: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class LogEnd:
    """Up to where the log is on disk: `offset` in segment `segment`."""

    segment: int
    offset: int


@dataclass(frozen=True, slots=True)
class ViewBatch:
    """Views whose sequences follow one another, and the place after the last of them."""

    first_sequence: int
    views: list[View]
    place: LogPlace


def find_durable_end(directory: Path, *, after: LogPlace | None = None) -> LogEnd | None:
    """Return up to where every byte of the log is on disk; None where nothing follows `after`.

    Takes the log's lock, so that no writer is in the middle of a frame, and brings to disk what
    a writer that died may have left unsynced. Without news since `after` it costs one look.
    Raises `LogBehindError`, and `OSError` where the disk fails.
    """
    after = after or LogPlace()
    if not _has_news(directory, after):
        return None
    with lock_log(directory, shared=True):
        last = list_segments(directory)[-1]
        with (directory / last.name).open("rb") as file:
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        sync_directory(directory)
    return LogEnd(last.number, size)


def _has_news(directory: Path, after: LogPlace) -> bool:
    segments = list_segments(directory)
    end = (0, 0)
    if segments:
        end = (segments[-1].number, (directory / segments[-1].name).stat().st_size)
    if end < (after.segment, after.offset):
        raise LogBehindError(
            f"The view log in {directory} ends before view {after.sequence}, which is counted "
            "already. Put back the log that belongs to the counts; `broadsheet recount --apply` "
            "takes the views that are missing out of the counts."
        )
    return end > (after.segment, after.offset)


def read_batch(
    directory: Path, after: LogPlace, *, end: LogEnd, limit: int, stop_each: int
) -> ViewBatch | None:
    """Return the views after `after` and before `end`; None where there are no more.

    At most `limit`, and none beyond a sequence that `stop_each` divides, so that whoever has
    something to do at those sequences does it there however the log is read.
    """
    views: list[View] = []
    first_sequence = 0
    place = after
    for segment, frame, found in _frames_after(directory, after, end):
        taken = after.taken if (segment, frame.offset) == (after.segment, after.offset) else 0
        sequence = frame.first_sequence + taken
        if not views:
            first_sequence = sequence
            until_stop = stop_each - (sequence - 1) % stop_each
            limit = min(limit, until_stop)
        elif sequence != first_sequence + len(views):
            break
        wanted = found[taken : taken + limit - len(views)]
        views += wanted
        last = first_sequence + len(views) - 1
        if taken + len(wanted) < frame.count:
            place = LogPlace(segment, frame.offset, taken + len(wanted), last)
            break
        place = LogPlace(segment, frame.end, 0, last)
        if len(views) == limit:
            break
    return ViewBatch(first_sequence, views, place) if views else None


def _frames_after(
    directory: Path, after: LogPlace, end: LogEnd
) -> Iterator[tuple[int, Frame, list[View]]]:
    for segment in list_segments(directory):
        if segment.number < after.segment or segment.number > end.segment:
            continue
        start = after.offset if segment.number == after.segment else 0
        for frame in _frames_of(directory, segment, start=start, end=end):
            try:
                views = frame.views()
            except DamagedFrameError as error:  # its checksum agrees: a writer was wrong
                logger.warning("%s at %d: %s", segment.name, frame.offset, error)
                continue
            yield segment.number, frame, views


def _frames_of(directory: Path, segment: Segment, *, start: int, end: LogEnd) -> Iterator[Frame]:
    with (directory / segment.name).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        stop = min(size, end.offset) if segment.number == end.segment else size
        for found in read_frames(file, start=start, end=stop):
            if isinstance(found, Damage):
                logger.warning(
                    "%s is damaged from byte %d to %d; the rest of it is used",
                    segment.name, found.offset, found.end,
                )  # fmt: skip
            else:
                yield found


def read_until(
    directory: Path, until: LogPlace, *, limit: int, stop_each: int, after: LogPlace | None = None
) -> Iterator[ViewBatch]:
    """Yield the views after `after` (the log's beginning) up to the place `until`, in batches."""
    place = after or LogPlace()
    # A place in the middle of a frame lies before that frame's end.
    end = LogEnd(until.segment, until.offset if not until.taken else sys.maxsize)
    while place < until:
        batch = read_batch(directory, place, end=end, limit=limit, stop_each=stop_each)
        if batch is None:
            return
        if batch.place > until:
            beyond = batch.place.sequence - until.sequence
            yield ViewBatch(batch.first_sequence, batch.views[: len(batch.views) - beyond], until)
            return
        yield batch
        place = batch.place
