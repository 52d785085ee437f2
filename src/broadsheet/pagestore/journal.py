"""What was dropped, and when: a log that all processes of a machine append to and follow.

A tag is dropped by one line, however many pages carry it. A page names the place in the journal
that was read before it was gathered; it may be served while none of its tags was dropped after
that place. So a page that was being made during a change is never served after it.

A change is told twice. Before its transaction commits it is *expected* (and what shows it is
*withheld*, where it withdraws something); after the commit it is dropped, which closes the
expectation. Where a process ends between the two, the expectation stays on record, and the worker
closes it.
"""

import contextlib
import fcntl
import json
import logging
import mmap
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

#: A longer journal is written anew, with the latest drops; what is older is under the floor.
LONGEST_BYTES = 8 * 1024 * 1024
KEPT_DROPS = 20_000
_CLOCK_BYTES = 16


class JournalUnwritableError(OSError):
    """What has to be withdrawn cannot be told to the other processes."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Tags of a change that was about to be committed at `at` (Unix time)."""

    tags: frozenset[str]
    is_withheld: bool
    at: float


class Journal:
    """The journal in `directory`, as this process knows it. Safe to use from several threads.

    A shared counter of eight bytes in memory says at once that another process appended.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "journal"
        self._lock_path = directory / "journal-lock"
        self._threads = threading.RLock()
        self._file: int | None = None
        self._inode = 0
        self._read_bytes = 0
        #: Names the journal: places of another one mean nothing here.
        self.name = ""
        self.place = 0
        self._floor = 0
        self._dropped: dict[str, int] = {}
        self._expected: dict[int, Expected] = {}
        self._withheld: Counter[str] = Counter()
        #: Addresses whose page was replaced without a drop; whoever keeps pages empties it.
        self.replaced: list[str] = []
        directory.mkdir(parents=True, exist_ok=True)
        self._clock, self._is_shared = _open_clock(directory / "journal-clock")
        with self._threads:
            try:
                with self._hold():
                    self._begin()
            except OSError as error:
                logger.error("The page store in %s cannot be written: %s", directory, error)  # noqa: TRY400 - the stack says no more
            self._follow()

    @property
    def told(self) -> int:
        """The place of the last line, of whichever process. To compare with `place`: it is fast."""
        return self._clock[0]

    @property
    def is_distrusted(self) -> bool:
        """Whether a withdrawal could not be written: no stored page may be served until it is."""
        return bool(self._clock[1])

    def follow(self) -> int:
        """Read what was appended meanwhile; return the place that is now known."""
        with self._threads:
            self._follow()
            return self.place

    def is_dropped(self, tags: Collection[str], *, since: int) -> bool:
        """Whether a page with these tags, gathered at the place `since`, must not be served."""
        if since < self._floor or self.is_distrusted:
            return True
        dropped, withheld = self._dropped, self._withheld
        return any(dropped.get(tag, 0) > since or tag in withheld for tag in tags)

    def drop(self, tags: Iterable[str], *, closes: Iterable[int] = ()) -> int:
        """Drop tags, and close expectations; return the place. Raises `OSError`."""
        return self._append({"drop": sorted(tags), "closes": sorted(closes)}, is_durable=True)

    def expect(self, tags: Iterable[str], *, withhold: bool = False) -> int:
        """Say that tags are about to be dropped; return the place, to close it by.

        With `withhold` no page that carries one of them is served or taken from now on; where
        that cannot be written it raises `JournalUnwritableError`.
        """
        line = {"expect": sorted(tags), "withhold": withhold, "at": time.time()}
        try:
            return self._append(line, is_durable=True)
        except OSError as error:
            if not withhold:
                raise
            return self._distrust(error)

    def replace(self, addresses: Iterable[str]) -> int:
        """Say that pages were replaced by newer ones though nothing was dropped."""
        return self._append({"replaced": sorted(addresses)}, is_durable=False)

    def expected(self) -> dict[int, Expected]:
        """Return the changes that are not closed, by the place where they were said."""
        with self._threads:
            self._follow()
            return dict(self._expected)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other process from appending, to check and write a page as one act."""
        with self._threads, self._hold():
            self._follow()
            yield

    def close(self) -> None:
        with self._threads:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    # --- below: with the threads' lock held ---

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _begin(self) -> None:
        """See that there is a journal with a name; places of a lost one mean nothing."""
        if self._path.is_file():
            self._follow()
            if self.name:
                return
        self._write_anew(name=secrets.token_hex(8), floor=self.place, place=self.place)
        self._follow()
        self._clock[0] = self.place

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

    def _append(self, record: dict[str, Any], *, is_durable: bool) -> int:
        with self._threads, self._hold():
            self._begin()
            if self._read_bytes > LONGEST_BYTES:
                self._shorten()
            assert self._file is not None
            # A line that a crash left unfinished goes; what was read are whole lines.
            os.ftruncate(self._file, self._read_bytes)
            line = _line({"n": self.place + 1, **record})
            try:
                os.pwrite(self._file, line, self._read_bytes)
                if is_durable:
                    os.fsync(self._file)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, self._read_bytes)
                raise
            self._follow()
            self._clock[0] = self.place
            if self.is_distrusted:
                # Writing works again. What was told by distrust alone is under the floor.
                self._write_anew(name=self.name, floor=self.place, place=self.place)
                self._follow()
                self._clock[1] = 0
            return self.place

    def _shorten(self) -> None:
        latest = sorted(self._dropped.values())
        floor = latest[-KEPT_DROPS] if len(latest) > KEPT_DROPS else self._floor
        self._write_anew(name=self.name, floor=max(floor, self._floor), place=self.place)
        self._follow()

    def _distrust(self, error: OSError) -> int:
        if not self._is_shared:
            raise JournalUnwritableError(
                f"What was withdrawn would still be shown: {self._path} cannot be written ({error})"
            ) from error
        logger.error(
            "%s cannot be written (%s): no stored page is served until it can", self._path, error
        )
        self._clock[1] = 1
        return 0

    def _follow(self) -> None:
        try:
            found = self._path.stat()
        except OSError:
            return
        if self._file is None or found.st_ino != self._inode:
            self._reopen(found.st_ino)
        assert self._file is not None
        while chunk := os.pread(self._file, 1 << 20, self._read_bytes):
            whole, end, _rest = chunk.rpartition(b"\n")
            if not end:
                break
            for line in whole.split(b"\n"):
                self._take(line)
            self._read_bytes += len(whole) + 1
        if self._clock[0] < self.place:
            self._clock[0] = self.place  # its writer ended before it could say so

    def _reopen(self, inode: int) -> None:
        if self._file is not None:
            os.close(self._file)
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        self._inode, self._read_bytes, self.name = inode, 0, ""

    def _take(self, line: bytes) -> None:
        try:
            told = json.loads(line)
            place = told["n"]
        except (ValueError, KeyError, TypeError):
            # What it said is lost: everything that was pressed before is under the floor.
            logger.error("A line of %s is damaged: all pages are pressed anew", self._path)  # noqa: TRY400 - as above
            self.place += 1
            self._floor = self.place
            return
        if "journal" in told:
            self._take_head(told)
        for tag in told.get("drop", ()):
            self._dropped[tag] = place
        if "expect" in told:
            tags = frozenset(told["expect"])
            self._expected[place] = Expected(tags, told["withhold"], told["at"])
        for closed in told.get("closes", ()):
            self._expected.pop(closed, None)
        if "expect" in told or told.get("closes"):
            self._count_withheld()
        self.replaced += told.get("replaced", ())
        self.place = place

    def _take_head(self, told: dict[str, Any]) -> None:
        self.name, self._floor = told["journal"], told["floor"]
        self._dropped = dict(told["dropped"])
        self._expected = {n: Expected(frozenset(tags), w, at) for n, tags, w, at in told["open"]}
        self._count_withheld()

    def _count_withheld(self) -> None:
        withheld = (one.tags for one in self._expected.values() if one.is_withheld)
        self._withheld = Counter(tag for tags in withheld for tag in tags)


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _open_clock(path: Path) -> tuple[Any, bool]:
    """Return two shared numbers of 64 bits, and whether they are shared indeed."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return memoryview(bytearray(_CLOCK_BYTES)).cast("Q"), False
    try:
        if os.fstat(descriptor).st_size < _CLOCK_BYTES:
            os.truncate(descriptor, _CLOCK_BYTES)
            os.posix_fallocate(descriptor, 0, _CLOCK_BYTES)
        shared = mmap.mmap(descriptor, _CLOCK_BYTES)
    except OSError:
        return memoryview(bytearray(_CLOCK_BYTES)).cast("Q"), False
    finally:
        os.close(descriptor)
    return memoryview(shared).cast("Q"), True
