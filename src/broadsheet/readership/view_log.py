"""The view log: every view on disk before its answer, in one total order.

The log is a directory of segments, files that only grow. Views that wait together share one
frame and one fsync. A lock file makes several processes take turns, and the sequence is given
under that lock, so there is one order for all of them. What a crash leaves half-written is
never cut off: the next writer begins a new segment, and readers pass over the damage.
"""

import asyncio
import fcntl
import logging
import os
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .view_records import Damage, View, encode_frame, encode_view, read_frames

logger = logging.getLogger(__name__)

SEGMENT_BYTES = 32 * 1024 * 1024
#: Views that wait for the disk; at 5,000 a second that is two seconds behind.
MAX_WAITING = 10_000
MAX_FRAME_VIEWS = 8192
_DAY_SECONDS = 86_400
LOCK = "lock"
_SEGMENT_NAME = re.compile(r"(\d{10})-(\d{16})\.views")


class LogUnavailableError(RuntimeError):
    """The log cannot take a view now: too many wait, the disk failed, or it was closed."""


#: Who waits for a view to be on disk, and what came of it: its sequence, or why it is not.
Waiter = Future[int] | asyncio.Future[int]
Answered = tuple[Waiter, int | LogUnavailableError]


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A file of the log: its place in the order, and the sequence that its first view has."""

    number: int
    first_sequence: int

    @property
    def name(self) -> str:
        return f"{self.number:010}-{self.first_sequence:016}.views"


def list_segments(directory: Path) -> list[Segment]:
    """Return the segments of a log in their order; none where the directory is missing."""
    try:
        names = os.listdir(directory)  # noqa: PTH208 - names alone are wanted
    except FileNotFoundError:
        return []
    found = (_SEGMENT_NAME.fullmatch(name) for name in names)
    return sorted(Segment(int(match[1]), int(match[2])) for match in found if match)


def find_last_segment(directory: Path) -> Segment | None:
    """Return the segment that is being written. Reads names alone, however many there are."""
    names = os.listdir(directory)  # noqa: PTH208 - a Path for each is slow under the lock
    name = max((name for name in names if name.endswith(".views")), default="")
    match = _SEGMENT_NAME.fullmatch(name)
    return Segment(int(match[1]), int(match[2])) if match else None


@contextmanager
def lock_log(directory: Path, *, name: str = LOCK, shared: bool = False) -> Iterator[None]:
    """Hold a lock file of the log's directory, waiting for it; released also by a crash."""
    descriptor = os.open(directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Bring the names of a directory's files to disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Appender(Protocol):
    """Where a log's frames go."""

    def append(self, records: Sequence[bytes]) -> int:
        """Write one frame, durably; return its first sequence. Raises `LogUnavailableError`."""

    def close(self) -> None: ...


def open_view_log(directory: Path, database: Mapping[str, Any]) -> "ViewLog":
    """Return the writing end of an installation's log: in the PostgreSQL database that
    `database`, an entry of Django's DATABASES, names, else in files of a directory.
    """
    if not database["ENGINE"].endswith("postgresql"):
        return ViewLog(directory)
    from .table_log import TableAppender  # noqa: PLC0415 - its library is an extra

    return ViewLog(directory, appender=TableAppender(database))


class ViewLog:
    """The writing end of a log. Safe to use from many threads; one object a process.

    It is in files of `directory`, where no `appender` puts it elsewhere. Both are opened with the
    first view, so an object made before a fork is harmless.
    """

    def __init__(
        self,
        directory: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        max_waiting: int = MAX_WAITING,
        appender: Appender | None = None,
    ) -> None:
        self.directory = Path(directory)
        self._appender = appender or _Appender(self.directory, segment_bytes)
        self._max_waiting = max_waiting
        self._changed = threading.Condition()
        self._waiting: list[tuple[bytes, Waiter]] = []
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def append(self, view: View) -> "Future[int]":
        """Return a future of the view's sequence, resolved once the view is on disk.

        The future fails with `LogUnavailableError` where the disk did; too many waiting views,
        or a closed log, raise it at once.
        """
        future: Future[int] = Future()
        self._take(view, future)
        return future

    def append_in_loop(self, view: View) -> "asyncio.Future[int]":
        """Return the same as a future of the running event loop.

        For many coroutines that wait at once: all views of a frame wake their loop together.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._take(view, future)
        return future

    def _take(self, view: View, waiter: Waiter) -> None:
        record = encode_view(view)
        with self._changed:
            if self._is_closed:
                raise LogUnavailableError("The view log is closed")
            if len(self._waiting) >= self._max_waiting:
                raise LogUnavailableError(f"{self._max_waiting} views wait for the disk")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="view-log", daemon=True)
                self._thread.start()
            self._waiting.append((record, waiter))
            self._changed.notify()

    def append_all(self, views: Sequence[View]) -> None:
        """Append many views in their order and wait until they are on disk.

        For programs that bring their own views; it does not go through the queue. Raises
        `LogUnavailableError` where the disk fails; earlier frames are then already durable.
        """
        for start in range(0, len(views), MAX_FRAME_VIEWS):
            self._appender.append([encode_view(v) for v in views[start : start + MAX_FRAME_VIEWS]])

    def close(self) -> None:
        """Write what waits, and take nothing more. Safe to call twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
        self._appender.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._is_closed:
                    self._changed.wait()
                batch = self._waiting[:MAX_FRAME_VIEWS]
                del self._waiting[:MAX_FRAME_VIEWS]
            if not batch:
                return
            try:
                first = self._appender.append([record for record, _ in batch])
            except Exception as error:  # noqa: BLE001 - whatever it was, the waiting hear of it
                failure = LogUnavailableError(f"The view log cannot be written: {error}")
                _answer([(waiter, failure) for _, waiter in batch])
            else:
                waiters = (waiter for _, waiter in batch)
                _answer([(waiter, number) for number, waiter in enumerate(waiters, first)])


def _answer(answers: list[Answered]) -> None:
    """Tell those who wait what became of their views. One that went away is passed over."""
    in_loops: dict[asyncio.AbstractEventLoop, list[Answered]] = {}
    for waiter, found in answers:
        if isinstance(waiter, asyncio.Future):
            in_loops.setdefault(waiter.get_loop(), []).append((waiter, found))
        elif waiter.set_running_or_notify_cancel():
            _settle(waiter, found)
    for loop, theirs in in_loops.items():
        with suppress(RuntimeError):  # it was closed: nobody is there any more
            loop.call_soon_threadsafe(_answer_in_loop, theirs)


def _answer_in_loop(answers: list[Answered]) -> None:
    for waiter, found in answers:
        if not waiter.done():
            _settle(waiter, found)


def _settle(waiter: Waiter, found: int | LogUnavailableError) -> None:
    if isinstance(found, int):
        waiter.set_result(found)
    else:
        waiter.set_exception(found)


class _Appender:
    """Writes frames under the log's lock, and knows where the log ends."""

    def __init__(self, directory: Path, segment_bytes: int) -> None:
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._turn = threading.Lock()
        self._segment: Segment | None = None
        self._descriptor = -1
        self._end = 0
        self._next_sequence = 1
        #: The segment that this object must not write to again: its end is in doubt.
        self._spoilt: Segment | None = None

    def append(self, records: Sequence[bytes]) -> int:
        """Write one frame, durably; return its first sequence. Raises `LogUnavailableError`."""
        with self._turn:
            try:
                self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
                with lock_log(self._directory):
                    self._catch_up()
                    return self._write(records)
            except OSError as error:
                raise LogUnavailableError(str(error)) from error

    def close(self) -> None:
        with self._turn:
            self._leave_segment()

    def _catch_up(self) -> None:
        """Find the log's end, where others may have written since, and a segment to go on in."""
        last = find_last_segment(self._directory)
        if last is None:
            # The directory itself may be as new as its first file.
            sync_directory(self._directory.parent)
            self._begin_segment(Segment(1, 1))
            return
        if last != self._segment:
            self._open_segment(last, flags=os.O_RDWR)
        state = os.fstat(self._descriptor)
        size = state.st_size
        is_torn = self._scan(size) if size != self._end else False
        # A segment holds no more than a day, so that a quiet site's views grow no older in the
        # log than a busy one's.
        is_old = size > 0 and state.st_mtime // _DAY_SECONDS != time.time() // _DAY_SECONDS
        if is_torn or is_old or last == self._spoilt or size >= self._segment_bytes:
            # What a dead process wrote and did not sync comes before what follows, or not at all.
            os.fsync(self._descriptor)
            self._begin_segment(Segment(last.number + 1, self._next_sequence))

    def _scan(self, size: int) -> bool:
        """Follow the frames up to `size`; return whether the segment ends in damage."""
        is_torn = size < self._end
        with open(self._descriptor, "rb", closefd=False) as file:
            for found in read_frames(file, start=min(self._end, size), end=size):
                is_torn = isinstance(found, Damage) and found.end == size
                if not isinstance(found, Damage):
                    self._next_sequence = found.next_sequence
        if is_torn:
            logger.warning("Segment %s of the view log ends in damage", self._segment)
        self._end = size
        return is_torn

    def _begin_segment(self, segment: Segment) -> None:
        self._open_segment(segment, flags=os.O_RDWR | os.O_CREAT | os.O_EXCL)
        self._spoilt = None

    def _open_segment(self, segment: Segment, *, flags: int) -> None:
        self._leave_segment()
        path = self._directory / segment.name
        self._descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
        # Its name has to be on disk too; whoever made it may have died before that.
        sync_directory(self._directory)
        self._segment, self._next_sequence = segment, segment.first_sequence

    def _write(self, records: Sequence[bytes]) -> int:
        first = self._next_sequence
        frame = memoryview(encode_frame(records, first_sequence=first))
        try:
            written = 0
            while written < len(frame):
                written += os.pwrite(self._descriptor, frame[written:], self._end + written)
        except OSError:
            self._take_back()
            raise
        try:
            os.fsync(self._descriptor)
        except OSError:
            # After a failed fsync nobody knows what of the file is on disk: write it no more.
            self._spoilt = self._segment
            self._take_back()
            raise
        self._end += len(frame)
        self._next_sequence = first + len(records)
        return first

    def _take_back(self) -> None:
        """Cut off our own failed frame, still under the lock: no reader has seen it."""
        try:
            os.ftruncate(self._descriptor, self._end)
            os.fsync(self._descriptor)
        except OSError:
            self._spoilt = self._segment
        self._leave_segment()

    def _leave_segment(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._segment, self._end = -1, None, 0
