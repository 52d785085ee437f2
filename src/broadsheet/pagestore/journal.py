"""What was dropped, and when: a log that all processes of a machine append to and follow.

A tag is dropped by one line, however many pages carry it. A page names the place in the journal
that was read before it was gathered; it may be served while none of its tags was dropped after
that place. So a page that was being made during a change is never served after it.

A change is told twice. Before its transaction commits it is *expected* (and what shows it is
*withheld*, where it withdraws something); after the commit it is dropped, which closes the
expectation. Where a process ends between the two, the expectation stays on record, and the worker
closes it.

Each line has a checksum and the place that follows on the one before. Where one is damaged or
missing, or the journal is shorter than was told, no stored page is served until whoever finds it
has begun a new one. Places only grow, over all journals of a directory.
"""

import contextlib
import json
import logging
import os
import secrets
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .clock import UNKNOWN, Clock
from .file_locks import lock_file

logger = logging.getLogger(__name__)

#: A longer journal is written anew, with the latest drops; what is older is under the floor.
LONGEST_BYTES = 8 * 1024 * 1024
MOST_DROPS = 80_000  # tags: 15 MB in each process
KEPT_DROPS = 20_000
#: What could not be written is tried again so often.
RETRY_SECONDS = 1.0
#: What other processes told is looked for at most so often for an answer that is ready.
LATELY_SECONDS = 0.001
_CHUNK_BYTES = 1 << 20
#: Larger numbers in the clock are damage: places begin as milliseconds since 1970.
_MOST = 2**53


class JournalUnwritableError(OSError):
    """What has to be withdrawn cannot be told to the other processes."""


class _DamagedLineError(ValueError):
    """A line is not as it was written, or one before it is missing."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Tags of a change that was about to be committed at `at` (Unix time)."""

    tags: frozenset[str]
    is_withheld: bool
    at: float


class Journal:
    """The journal in `directory`, as this process knows it. Safe to use from several threads.

    A shared counter says at once that another process appended. Where the directory cannot be
    written, that is logged, and others' changes are still read.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "journal"
        self._lock_path = directory / "journal-lock"
        #: Taken after the lock that is shared with other processes, and never held for long.
        self._threads = threading.RLock()
        self._file: int | None = None
        self._is_writable = False
        self._inode = (0, 0)
        self._read_bytes = 0
        self._head_bytes = 0
        #: Names the journal: places of another one mean nothing here.
        self.name = ""
        self.place = 0
        self._is_lost = True
        self._floor = 0
        self._dropped: dict[str, int] = {}
        self._expected: dict[int, Expected] = {}
        self._withheld: Counter[str] = Counter()
        #: What was withdrawn since the place from which that is remembered.
        self._withdrawn: dict[str, int] = {}
        self._remembered_from = 0
        self._replaced: set[str] = set()
        #: Called with the tags in the process that withholds or drops them, once that is told.
        self.on_drop: list[Callable[[Collection[str]], object]] = []
        #: Dropped and closed by this process, which could not write it yet.
        self._untold: tuple[frozenset[str], frozenset[int]] = (frozenset(), frozenset())
        self._retry_at = 0.0
        self._is_complaining = False
        self._lately = (0.0, 0)
        with contextlib.suppress(OSError):  # said below
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clock = Clock(directory / "journal-clock")
        self.follow()
        try:
            with self.hold():
                pass
        except OSError as error:
            self._complain(error)

    @property
    def told(self) -> int:
        """The place of the last line, of whichever process; -1 while nothing can be trusted.

        Compared with `place` it says whether there is something to follow.
        """
        told, is_distrusted = self._clock.read()
        return -1 if is_distrusted or told == UNKNOWN else told

    def told_lately(self, now: float) -> int:
        """Return what `told` was at most `LATELY_SECONDS` before `now` (monotonic)."""
        at, told = self._lately
        if not 0 <= now - at < LATELY_SECONDS:
            told = self.told
            self._lately = now, told
        return told

    @property
    def is_distrusted(self) -> bool:
        """Whether a change could not be written: no stored page may be served until it is."""
        return self._clock.read()[1]

    def follow(self) -> int:
        """Read what was appended meanwhile; return the place that is now known."""
        with self._threads:
            self._follow()
            return self.place

    def look_after(self) -> None:
        """Follow, and mend what is found damaged or was not written. It may wait for others."""
        self._clock.follow()
        self.follow()
        is_well = not self._is_lost and not any(self._untold) and self.told == self.place
        if is_well or time.monotonic() < self._retry_at:
            return
        try:
            if any(self._untold) or self.is_distrusted:
                self._append({"drop": frozenset(), "closes": frozenset()}, is_durable=True)
            else:
                with self.hold():
                    pass
        except OSError as error:
            self._complain(error)
            self._retry_at = time.monotonic() + RETRY_SECONDS

    def is_dropped(self, tags: Collection[str], *, since: int) -> bool:
        """Whether a page with these tags, gathered at the place `since`, must not be served."""
        return self.is_distrusted or self.is_touched(tags, since=since)

    def is_touched(self, tags: Collection[str], *, since: int) -> bool:
        """As `is_dropped`, for who has just seen that the store is trusted."""
        if since < self._floor or self._is_lost:
            return True
        dropped, withheld, untold = self._dropped, self._withheld, self._untold[0]
        return any(dropped.get(tag, 0) > since or tag in withheld or tag in untold for tag in tags)

    def may_linger(self, tags: Collection[str], *, since: int) -> bool:
        """Whether a page that was dropped may be sent for a moment more, while it is pressed anew.

        Not where something was withdrawn that it was made from, nor where that is not known.
        """
        if since < self._remembered_from or self._is_lost or self.is_distrusted:
            return False
        withdrawn, withheld, untold = self._withdrawn, self._withheld, self._untold[0]
        return not any(
            withdrawn.get(tag, 0) > since or tag in withheld or tag in untold for tag in tags
        )

    def drop(self, tags: Iterable[str], *, closes: Iterable[int] = ()) -> int:
        """Drop tags, and close expectations; return the place.

        Where that cannot be written, no stored page is served by any process until it is. Raises
        `JournalUnwritableError` where not even that can be said; it then is so for this process.
        """
        tags, closes = frozenset(tags), frozenset(closes)
        try:
            return self._append({"drop": tags, "closes": closes}, is_durable=True)
        except OSError as error:
            with self._threads:
                self._untold = self._untold[0] | tags, self._untold[1] | closes
            return self._distrust(error)
        finally:
            self._act_on(tags)

    def expect(self, tags: Iterable[str], *, withhold: bool = False) -> int:
        """Say that tags are about to be dropped; return the place, to close it by.

        With `withhold` no page that carries one of them is served or taken from now on; where
        that cannot be written it raises `JournalUnwritableError`.
        """
        tags = frozenset(tags)
        line = {"expect": tags, "withhold": withhold, "at": time.time()}
        try:
            place = self._append(line, is_durable=True)
        except OSError as error:
            if not withhold:
                raise
            place = self._distrust(error)
        if withhold:
            time.sleep(2 * LATELY_SECONDS)  # then no other process has an older number in mind
            self._act_on(tags)
        return place

    def replace(self, addresses: Iterable[str]) -> int:
        """Say that pages were replaced by newer ones though nothing was dropped."""
        return self._append({"replaced": frozenset(addresses)}, is_durable=False)

    def take_replaced(self) -> set[str]:
        """Return the addresses that were replaced since this was last called."""
        if not self._replaced:
            return set()
        with self._threads:
            replaced, self._replaced = self._replaced, set()
            return replaced

    def expected(self) -> dict[int, Expected]:
        """Return the changes that are not closed, by the place where they were said."""
        with self._threads:
            self._follow()
            return dict(self._expected)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep everybody else from appending, to check and write a page as one act.

        Raises `OSError`, also where another process has held it for seconds.
        """
        with self._lock():
            self._begin()
            yield

    def close(self) -> None:
        with self._threads:
            self._clock.close()
            self._is_lost = True
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _act_on(self, tags: frozenset[str]) -> None:
        for act in self.on_drop if tags else ():
            act(tags)

    # --- writing: with the lock that is shared with other processes ---

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        while True:
            descriptor = self._open_lock()
            try:
                lock_file(descriptor)
                if self._is_lock(descriptor):
                    yield
                    return
            finally:
                os.close(descriptor)

    def _open_lock(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            return os.open(self._lock_path, flags, 0o600)
        except FileNotFoundError:  # somebody took the whole directory away
            self._lock_path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._lock_path, flags, 0o600)

    def _is_lock(self, descriptor: int) -> bool:
        """Whether others lock the same file: it may have been deleted meanwhile."""
        with contextlib.suppress(FileNotFoundError):
            return os.path.samestat(os.fstat(descriptor), self._lock_path.stat())
        return False

    def _begin(self) -> None:
        """See that there is a whole journal, and that the clock tells its place."""
        self._clock.follow()
        with self._threads:
            self._follow()
            told = self._clock.read()[0]
            if self._is_lost:
                if self.name or self._path.exists():
                    logger.error("%s is damaged: all pages are pressed anew", self._path)
                latest = max(self.place, told if told < _MOST else 0)
                place = max(latest, int(time.time() * 1000)) + 1
                self._write_anew(name=secrets.token_hex(8), floor=place, place=place)
                self._clock.tell(place)
                told = place
                self._follow()
        if told != self.place:
            self._clock.tell(self.place)

    def _write_anew(self, *, name: str, floor: int, place: int) -> None:
        """Replace the journal by one with what is still of use."""
        kept = sorted(self._dropped.items(), key=lambda entry: entry[1])[-KEPT_DROPS:]
        head = {
            "journal": name,
            "n": place,
            "floor": floor,
            "dropped": {tag: at for tag, at in kept if at > floor},
            "open": [[n, sorted(e.tags), e.is_withheld, e.at] for n, e in self._expected.items()],
        }
        unfinished = self._path.with_suffix(".new")
        with unfinished.open("wb") as file:
            file.write(_line(head))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)  # else the next line could be durable in a file without a name
        finally:
            os.close(directory)

    def _append(self, record: dict[str, Any], *, is_durable: bool) -> int:
        with self._lock():
            self._begin()
            if self._is_long():
                with contextlib.suppress(OSError):  # the line may still find room
                    self._shorten()
            untold = self._untold
            if any(untold) and "drop" in record:
                record = {
                    "drop": record["drop"] | untold[0],
                    "closes": record["closes"] | untold[1],
                }
            try:
                self._write(_line({"n": self.place + 1, **record}), is_durable=is_durable)
            finally:
                # Also where it may not be durable: it was written, and others may have read it.
                self.follow()
                self._clock.tell(self.place)
                self._lately = 0.0, 0
            if self.is_distrusted:
                self._trust()
            with self._threads:
                if "drop" in record:
                    self._untold = (
                        self._untold[0] - record["drop"],
                        self._untold[1] - record["closes"],
                    )
            if self._is_complaining:
                logger.warning("%s can be written again", self._path)
                self._is_complaining = False
            return self.place

    def _write(self, line: bytes, *, is_durable: bool) -> None:
        file, end = self._opened(), self._read_bytes
        # A line that a crash left unfinished goes; what was read are whole lines.
        os.ftruncate(file, end)
        written = 0
        try:
            while written < len(line):  # a disk that gets full takes a part of it
                written += os.pwrite(file, line[written:], end + written)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(file, end)
            raise
        if is_durable:
            os.fsync(file)

    def _opened(self) -> int:
        with self._threads:
            if not self._is_writable:
                self._open()
            assert self._file is not None
            return self._file

    def _trust(self) -> None:
        """Writing works again: what was told by distrust alone is under the floor."""
        with self._threads:
            place = self.place + 1
            self._write_anew(name=self.name, floor=place, place=place)
            self._follow()
        # In this order: whoever sees no distrust any more sees that there is a floor to follow.
        self._clock.tell(self.place)
        self._clock.distrust(False)

    def _is_long(self) -> bool:
        return (
            self._read_bytes - self._head_bytes > LONGEST_BYTES or len(self._dropped) > MOST_DROPS
        )

    def _shorten(self) -> None:
        with self._threads:
            latest = sorted(self._dropped.values())
            floor = latest[-KEPT_DROPS] if len(latest) > KEPT_DROPS else self._floor
            self._write_anew(name=self.name, floor=max(floor, self._floor), place=self.place)
            self._follow()

    def _distrust(self, error: OSError) -> int:
        try:
            self._clock.distrust(True)
        except OSError:
            raise JournalUnwritableError(
                f"What was changed would still be shown: {self._path} cannot be written ({error})"
            ) from error
        logger.error(
            "%s cannot be written (%s): no stored page is served until it can", self._path, error
        )
        self._is_complaining = True
        return 0

    def _complain(self, error: OSError) -> None:
        """Say it once, until writing works again."""
        if not self._is_complaining:
            self._is_complaining = True
            logger.error("The page store cannot be written: %s", error)

    # --- reading: with the threads' lock held ---

    def _follow(self) -> None:
        told = self._clock.read()[0]
        try:
            found = self._path.stat()
            if self._file is None or (found.st_dev, found.st_ino) != self._inode:
                self._reopen()
            elif self._is_lost:
                return  # until somebody begins a new one
            elif found.st_size < self._read_bytes:
                raise _DamagedLineError("it was cut")
            self._read_on()
            # The clock is set after the line was written: one that is not there was lost.
            if self.place < told < UNKNOWN:
                raise _DamagedLineError("its end is missing")
        except (OSError, ValueError):
            self._is_lost = True

    def _reopen(self) -> None:
        known = self.place
        if self._file is not None and not self._is_lost:
            self._read_on()  # what was appended before it was replaced
            known = self.place
        self._open()
        self._read_bytes = self._head_bytes = 0
        self._read_on()
        if not self._head_bytes or self.place < known:
            self.place = max(self.place, known)
            raise _DamagedLineError("it is not the latest")
        self._is_lost = False

    def _open(self) -> None:
        try:
            file, is_writable = os.open(self._path, os.O_RDWR | os.O_CLOEXEC), True
        except OSError:
            file, is_writable = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC), False
        if self._file is not None:
            os.close(self._file)
        found = os.fstat(file)
        self._file, self._is_writable = file, is_writable
        self._inode = found.st_dev, found.st_ino

    def _read_on(self) -> None:
        assert self._file is not None
        rest, at = b"", self._read_bytes
        while chunk := os.pread(self._file, _CHUNK_BYTES, at):
            at += len(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line)
                self._read_bytes += len(line) + 1

    def _take(self, line: bytes) -> None:
        told = _read_line(line)
        if self._read_bytes == 0:
            self._take_head(told)
            self._head_bytes = len(line) + 1
            return
        place = told["n"]
        if place != self.place + 1:
            raise _DamagedLineError("a line is missing")
        for tag in told.get("drop", ()):
            self._dropped[tag] = place
        if "expect" in told:
            tags = frozenset(told["expect"])
            self._expected[place] = Expected(tags, told["withhold"], told["at"])
        for closed in told.get("closes", ()):
            expected = self._expected.get(closed)
            if expected is not None and expected.is_withheld:
                # Before it is withheld no longer: other threads look without a lock.
                self._withdrawn.update(dict.fromkeys(expected.tags, place))
            self._expected.pop(closed, None)
        if "expect" in told or told.get("closes"):
            self._count_withheld()
        self._replaced.update(told.get("replaced", ()))
        self.place = place

    def _take_head(self, told: dict[str, Any]) -> None:
        if "journal" not in told:
            raise _DamagedLineError("it has no head")
        # First what makes more pages unservable: other threads look without a lock.
        self._floor, self._remembered_from = told["floor"], told["n"]
        self._withdrawn = {}
        self._dropped = dict(told["dropped"])
        self._expected = {n: Expected(frozenset(tags), w, at) for n, tags, w, at in told["open"]}
        self._count_withheld()
        self.name, self.place = told["journal"], told["n"]

    def _count_withheld(self) -> None:
        withheld = (one.tags for one in self._expected.values() if one.is_withheld)
        self._withheld = Counter(tag for tags in withheld for tag in tags)


def _line(record: dict[str, Any]) -> bytes:
    told = json.dumps(record, separators=(",", ":"), default=sorted).encode()
    return b"%08x %s\n" % (zlib.crc32(told), told)


def _read_line(line: bytes) -> dict[str, Any]:
    checksum, _, told = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(told):
        raise _DamagedLineError("its checksum is wrong")
    read: dict[str, Any] = json.loads(told)
    return read
