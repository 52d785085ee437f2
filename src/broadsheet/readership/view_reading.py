"""Read the view log in its order, and nothing that a crash could still take away."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol

from django.conf import settings
from django.db import connections

from .view_log import Segment, list_segments, lock_log, sync_directory
from .view_records import Damage, DamagedFrameError, View, read_frames

#: The database of what belongs to the log.
VIEWS = "views"
#: What only one process at a time does with a log: count it, or take of it what is old.
Purpose = Literal["fold", "thinning"]


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
class DamagedExtent:
    """Bytes of the log that hold no whole frame, and the views that are missing for it.

    `name` says where, as a person finds it: a file, or nothing where no byte is left. With
    `missing` 0 it is what a crash left half-written, and no view that was acknowledged.
    """

    name: str
    offset: int
    end: int
    first_missing: int
    missing: int

    @property
    def text(self) -> str:
        where = f"{self.name}, bytes {self.offset} to {self.end}" if self.name else "a gap"
        if not self.missing:
            return f"{where}: half-written, no view is missing"
        last = self.first_missing + self.missing - 1
        return f"{where}: {self.missing} views are missing, {self.first_missing} to {last}"


@dataclass(frozen=True, slots=True)
class ViewBatch:
    """Views whose sequences follow one another, the place after the last of them, and what is
    damaged between the place that was read on from and the first.
    """

    first_sequence: int
    views: list[View]
    place: LogPlace
    damage: tuple[DamagedExtent, ...] = ()


class ReadableLog(Protocol):
    """A view log as those see it who count it."""

    def find_durable_end(self, *, after: LogPlace | None = None) -> LogEnd | None:
        """Return up to where every byte of the log is on disk; None where nothing follows `after`.

        Without news since `after` it costs one look. Raises `LogBehindError` where the log ends
        before `after`, and `OSError` where it cannot be read.
        """

    def read_batch(
        self, after: LogPlace, *, end: LogEnd, limit: int, stop_each: int
    ) -> ViewBatch | None:
        """Return the views after `after` and before `end`; None where there are no more.

        At most `limit`, and none beyond a sequence that `stop_each` divides, so that whoever has
        something to do at those sequences does it there however the log is read.
        """

    def hold(self, purpose: Purpose, *, wait: bool = False) -> AbstractContextManager[bool]:
        """Be the only one with that purpose; False where another is, unless told to `wait`."""

    def find_old_end(
        self, *, before: datetime, after: LogPlace, until: LogPlace
    ) -> LogPlace | None:
        """Return where the oldest part after `after` ends that is done with; None if none is.

        Nothing is written to it any more, it was last written before `before`, and lies wholly
        before `until`. Its place is what `forget_until` takes, and what reading goes on from.
        """

    def forget_until(self, place: LogPlace) -> int:
        """Delete what lies before a place of `find_old_end`; return how many parts went."""


def open_log() -> ReadableLog:
    """Return the log of this installation: a table in PostgreSQL, else files."""
    if connections[VIEWS].vendor != "postgresql":
        return FileLog(Path(settings.VIEW_LOG_DIRECTORY))
    from .table_log import TableLog  # noqa: PLC0415 - its library is an extra

    return TableLog(VIEWS)


class FileLog:
    """The reading end of a log in files, a `ReadableLog`. It holds nothing open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def find_durable_end(self, *, after: LogPlace | None = None) -> LogEnd | None:
        """Take the log's lock, so that no writer is in the middle of a frame, and bring to disk
        what a writer that died may have left unsynced.
        """
        if not self._has_news(after or LogPlace()):
            return None
        with lock_log(self.directory, shared=True):
            last = list_segments(self.directory)[-1]
            with (self.directory / last.name).open("rb") as file:
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
            sync_directory(self.directory)
        return LogEnd(last.number, size)

    def _has_news(self, after: LogPlace) -> bool:
        segments = list_segments(self.directory)
        end = (0, 0)
        if segments:
            end = (segments[-1].number, (self.directory / segments[-1].name).stat().st_size)
        if end < (after.segment, after.offset):
            raise LogBehindError(
                f"The view log in {self.directory} ends before view {after.sequence}, which is "
                "counted already. Put back the log that belongs to the counts; "
                "`broadsheet recount --apply` takes the views that are missing out of the counts."
            )
        return end > (after.segment, after.offset)

    def read_batch(
        self, after: LogPlace, *, end: LogEnd, limit: int, stop_each: int
    ) -> ViewBatch | None:
        views: list[View] = []
        torn: list[_Piece] = []
        damage: tuple[DamagedExtent, ...] = ()
        first_sequence = 0
        place = after
        for piece in self._pieces_after(after, end):
            number = piece.segment.number
            if piece.views is None:
                if views:
                    break  # whoever reads on from here finds it
                torn.append(piece)
                continue
            taken = after.taken if (number, piece.offset) == (after.segment, after.offset) else 0
            sequence = piece.first_sequence + taken
            if not views:
                first_sequence = sequence
                damage = _describe(torn, expected=after.sequence + 1, found=sequence)
                until_stop = stop_each - (sequence - 1) % stop_each
                limit = min(limit, until_stop)
            elif sequence != first_sequence + len(views):
                break
            wanted = piece.views[taken : taken + limit - len(views)]
            views += wanted
            last = first_sequence + len(views) - 1
            if taken + len(wanted) < len(piece.views):
                place = LogPlace(number, piece.offset, taken + len(wanted), last)
                break
            place = LogPlace(number, piece.end, 0, last)
            if len(views) == limit:
                break
        return ViewBatch(first_sequence, views, place, damage) if views else None

    @contextmanager
    def hold(self, purpose: Purpose, *, wait: bool = False) -> Iterator[bool]:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.directory / f"{purpose}-lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    def find_old_end(
        self, *, before: datetime, after: LogPlace, until: LogPlace
    ) -> LogPlace | None:
        """By when a segment was last written. One that a wrong clock dated into the future is as
        old as those that followed it.
        """
        segments = list_segments(self.directory)
        written_at = [(self.directory / one.name).stat().st_mtime for one in segments]
        for index, (segment, following) in enumerate(pairwise(segments)):
            if segment.number <= after.segment:
                continue
            if min(written_at[index:]) >= before.timestamp() or segment.number >= until.segment:
                return None
            size = (self.directory / segment.name).stat().st_size
            return LogPlace(segment.number, size, 0, following.first_sequence - 1)
        return None

    def forget_until(self, place: LogPlace) -> int:
        old = [one for one in list_segments(self.directory) if one.number <= place.segment]
        for segment in old:
            (self.directory / segment.name).unlink()
        if old:
            sync_directory(self.directory)
        return len(old)

    def _pieces_after(self, after: LogPlace, end: LogEnd) -> "Iterator[_Piece]":
        for segment in list_segments(self.directory):
            if after.segment <= segment.number <= end.segment:
                start = after.offset if segment.number == after.segment else 0
                yield from self._pieces_of(segment, start=start, end=end)

    def _pieces_of(self, segment: Segment, *, start: int, end: LogEnd) -> "Iterator[_Piece]":
        with (self.directory / segment.name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            stop = min(size, end.offset) if segment.number == end.segment else size
            for found in read_frames(file, start=start, end=stop):
                if isinstance(found, Damage):
                    yield _Piece(segment, found.offset, found.end)
                    continue
                try:
                    views = found.views()
                except DamagedFrameError:  # its checksum agrees: a writer was wrong
                    yield _Piece(segment, found.offset, found.end)
                else:
                    yield _Piece(segment, found.offset, found.end, found.first_sequence, views)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A frame's views as they lie in a segment; None where there should be a frame and is none."""

    segment: Segment
    offset: int
    end: int
    first_sequence: int = 0
    views: list[View] | None = None


def _describe(torn: list[_Piece], *, expected: int, found: int) -> tuple[DamagedExtent, ...]:
    """Return what is damaged before the sequence `found` where `expected` should be."""
    if not torn:
        lost = found - expected
        return (DamagedExtent("", 0, 0, expected, lost),) if lost > 0 else ()
    extents = []
    for index, piece in enumerate(torn):
        until = found
        if index + 1 < len(torn) and torn[index + 1].segment != piece.segment:
            until = torn[index + 1].segment.first_sequence
        missing = max(0, until - expected)
        extents.append(
            DamagedExtent(piece.segment.name, piece.offset, piece.end, expected, missing)
        )
        expected += missing
    return tuple(extents)


def read_until(
    log: ReadableLog,
    until: LogPlace,
    *,
    limit: int,
    stop_each: int,
    after: LogPlace | None = None,
) -> Iterator[ViewBatch]:
    """Yield the views after `after` (the log's beginning) up to the place `until`, in batches."""
    place = after or LogPlace()
    # A place in the middle of a frame lies before that frame's end.
    end = LogEnd(until.segment, until.offset if not until.taken else sys.maxsize)
    while place < until:
        batch = log.read_batch(place, end=end, limit=limit, stop_each=stop_each)
        if batch is None:
            return
        if batch.place > until:
            beyond = batch.place.sequence - until.sequence
            yield replace(batch, views=batch.views[: len(batch.views) - beyond], place=until)
            return
        yield batch
        place = batch.place
