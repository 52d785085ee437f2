"""Which addresses can exist: a set of all that are live or redirect, in one file for all processes.

It is a Bloom filter (Burton Bloom, 1970) with double hashing (Kirsch and Mitzenmacher, 2006): two
bytes an address, seven probes, one in 2,000 unknown addresses taken for one that may exist, which
then costs a look into the database. One that exists is never taken for unknown. Addresses are
added in place, seen by every process at once; those that went are forgotten when it is built anew.

It is asked once a second a page, and for each page that is not in memory; so it is read by system
calls (1 µs a probe) and not mapped: mapped memory ends the process once somebody cuts the file.
Where the file is missing or damaged every address may exist.
"""

import contextlib
import logging
import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from .file_locks import lock_file

logger = logging.getLogger(__name__)

PROBES = 7
BITS_AN_ADDRESS = 16
SMALLEST = 10_000  # addresses
#: Before the bits: what it is, how many addresses it is made for, the checksum of these two; and
#: how many were added, which changes.
_MADE = Struct("<8sQ")
_CHECKSUM = Struct("<Q")
_ADDED = Struct("<Q")
_MAGIC = b"bloom 01"
_ADDED_AT = _MADE.size + _CHECKSUM.size
_HEAD_BYTES = _ADDED_AT + _ADDED.size
#: So many changes fit before it is built anew.
_ROOM = 2
#: Addresses that are taken in at once.
_STEP = 1000


class _DamagedError(OSError):
    """The file is no filter, or not all of one."""


class _Opened(NamedTuple):
    """A filter that is open: its file, what it is made for, and how many bits it has."""

    file: int
    inode: tuple[int, int]
    room: int
    bits: int


class AddressFilter:
    """The filter in `directory`, shared by all processes of a machine. Safe to use from threads."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "addresses"
        self._unfinished = directory / "addresses.new"
        self._lock_path = directory / "addresses-lock"
        self._threads = threading.RLock()
        self._opened: _Opened | None = None
        self._refused = (0, 0)
        self.follow()

    @property
    def is_built(self) -> bool:
        return self._opened is not None

    @property
    def added(self) -> int:
        """How many addresses were added since it was begun; changes with each."""
        with self._threads:
            if self._opened is None:
                return 0
            told = os.pread(self._opened.file, _ADDED.size, _ADDED_AT)
            return int.from_bytes(told, "little")

    @property
    def is_full(self) -> bool:
        """Whether it holds more than it was made for, and takes too many for possible."""
        opened = self._opened
        return opened is not None and self.added > opened.room

    def may_exist(self, address: str) -> bool:
        """Whether there may be a page at `address`; True for all while there is no filter."""
        with self._threads:
            opened = self._opened
            if opened is None:
                return True
            for at, mask in _probes(address, opened.bits):
                byte = os.pread(opened.file, 1, at)
                if not byte:  # it was cut
                    self._close()
                    return True
                if not byte[0] & mask:
                    return False
            return True

    def add(self, addresses: Iterable[str]) -> None:
        """Take in addresses that become live. Nothing where no filter was built yet.

        Raises `OSError` where it cannot be written.
        """
        wanted = list(addresses)
        with self._threads, self._hold():
            self._follow()
            if self._opened is not None:
                _set_bits(self._opened.file, self._opened.bits, wanted)
                os.fsync(self._opened.file)
            with contextlib.suppress(FileNotFoundError, _DamagedError):
                unfinished = _open(self._unfinished)
                try:
                    _set_bits(unfinished.file, unfinished.bits, wanted)
                finally:
                    os.close(unfinished.file)

    def build(self, addresses: Iterable[str], *, expected: int) -> int:
        """Replace the filter by one of `addresses`, of which about `expected` come; return how many.

        What others add meanwhile goes into both. Added before, and committed after it was looked
        for, is an address that has to be added again after its commit. Raises `OSError`.
        """
        room = max(SMALLEST, expected * _ROOM)
        bits = room * BITS_AN_ADDRESS
        made = _MADE.pack(_MAGIC, room)
        head = made + _CHECKSUM.pack(zlib.crc32(made)) + _ADDED.pack(0)
        with self._threads, self._hold():
            # Another that is being built ends without an effect: its file has lost its name.
            self._unfinished.unlink(missing_ok=True)
            self._unfinished.write_bytes(head + bytes(bits // 8))
            unfinished = _open(self._unfinished)
        try:
            count = self._fill(unfinished, addresses)
            with self._threads, self._hold():
                os.fsync(unfinished.file)
                if _inode_of(self._unfinished) == unfinished.inode:
                    self._unfinished.replace(self._path)
                self._follow()
        finally:
            os.close(unfinished.file)
        return count

    def follow(self) -> None:
        """Take the newest filter where another process built one."""
        with self._threads:
            self._follow()

    def _fill(self, unfinished: _Opened, addresses: Iterable[str]) -> int:
        """Set the bits in memory, and then those of others who set theirs in the file meanwhile."""
        bits, count = bytearray(unfinished.bits // 8), 0
        remaining = iter(addresses)
        while step := list(islice(remaining, _STEP)):
            for address in step:
                for at, mask in _probes(address, unfinished.bits):
                    bits[at - _HEAD_BYTES] |= mask
            count += len(step)
        with self._threads, self._hold():
            theirs = os.pread(unfinished.file, len(bits), _HEAD_BYTES)
            both = int.from_bytes(bits, "little") | int.from_bytes(theirs, "little")
            _write(unfinished.file, both.to_bytes(len(bits), "little"), at=_HEAD_BYTES)
            _count_added(unfinished.file, count)
        return count

    def _follow(self) -> None:
        inode = _inode_of(self._path)
        opened = self._opened
        if opened is not None and (inode != opened.inode or not _is_whole(opened.file)):
            self._close()
        if self._opened is not None or inode is None or inode == self._refused:
            return
        try:
            self._opened = _open(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            self._refused = inode
            logger.error("%s cannot be used until it is built anew: %s", self._path, error)  # noqa: TRY400 - no stack says more

    def _close(self) -> None:
        if self._opened is not None:
            os.close(self._opened.file)
            self._opened = None

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            descriptor = os.open(self._lock_path, flags, 0o600)
        except FileNotFoundError:  # somebody took the whole directory away
            self._lock_path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock_path, flags, 0o600)
        try:
            lock_file(descriptor)
            yield
        finally:
            os.close(descriptor)


def _inode_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open(path: Path) -> _Opened:
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    if not _is_whole(file):
        os.close(file)
        raise _DamagedError("it is damaged")
    found, room = os.fstat(file), _room_of(file)
    return _Opened(file, (found.st_dev, found.st_ino), room, room * BITS_AN_ADDRESS)


def _is_whole(file: int) -> bool:
    """Whether it begins as a filter does and is as long; bits that were lost are not seen."""
    try:
        made = os.pread(file, _ADDED_AT, 0)
    except OSError:
        return False
    return (
        made.startswith(_MAGIC)
        and made[_MADE.size :] == _CHECKSUM.pack(zlib.crc32(made[: _MADE.size]))
        and os.fstat(file).st_size == _HEAD_BYTES + _room_of(file) * BITS_AN_ADDRESS // 8
    )


def _room_of(file: int) -> int:
    return int.from_bytes(os.pread(file, _MADE.size - len(_MAGIC), len(_MAGIC)), "little")


def _probes(address: str, bits: int) -> Iterator[tuple[int, int]]:
    """Where an address has its bits in a file: a byte and the bit in it."""
    digest = blake2b(address.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    # An odd step never falls into a short cycle.
    first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
    for probe in range(PROBES):
        bit = (first + probe * step) % bits
        yield _HEAD_BYTES + (bit >> 3), 1 << (bit & 7)


def _set_bits(file: int, bits: int, addresses: Iterable[str]) -> None:
    """With the lock held, for others set bits of the same bytes."""
    added = 0
    for address in addresses:
        for at, mask in _probes(address, bits):
            before = os.pread(file, 1, at)
            if not before:
                raise _DamagedError("it was cut")
            if not before[0] & mask:
                _write(file, bytes((before[0] | mask,)), at=at)
        added += 1
    _count_added(file, added)


def _count_added(file: int, count: int) -> None:
    added = int.from_bytes(os.pread(file, _ADDED.size, _ADDED_AT), "little") + count
    _write(file, _ADDED.pack(added % 2**64), at=_ADDED_AT)


def _write(file: int, written: bytes, *, at: int) -> None:
    done = 0
    while done < len(written):
        done += os.pwrite(file, written[done:], at + done)
