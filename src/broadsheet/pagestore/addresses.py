"""Which addresses can exist: a set of all that are live or redirect, in one shared piece of memory.

It is a Bloom filter (Burton Bloom, 1970) with double hashing (Kirsch and Mitzenmacher, 2006): two
bytes an address, seven probes, one in 2,000 unknown addresses taken for one that may exist, which
then costs a look into the database. One that exists is never taken for unknown. Addresses are
added in place, seen by every process at once; those that went are forgotten when it is built anew.
"""

import contextlib
import fcntl
import logging
import mmap
import os
import threading
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path

logger = logging.getLogger(__name__)

PROBES = 7
BITS_AN_ADDRESS = 16
SMALLEST = 10_000  # addresses
#: Before the bits: how many addresses it is made for, and how many were added.
_HEAD_BYTES = 16
#: So many changes fit before it is built anew.
_ROOM = 2
#: Addresses that are taken in while others wait to add theirs: about 10 ms.
_STEP = 1000


class AddressFilter:
    """The filter in `directory`, shared by all processes of a machine. Safe to use from threads."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "addresses"
        self._unfinished = directory / "addresses.new"
        self._lock_path = directory / "addresses-lock"
        self._threads = threading.Lock()
        self._inode = 0
        self._memory: mmap.mmap | None = None
        self._head = memoryview(bytearray(_HEAD_BYTES)).cast("Q")
        self.follow()

    @property
    def is_built(self) -> bool:
        return self._memory is not None

    @property
    def added(self) -> int:
        """How many addresses were added since it was begun; changes with each."""
        return self._head[1]

    @property
    def is_full(self) -> bool:
        """Whether it holds more than it was made for, and takes too many for possible."""
        return self.added > self._head[0]

    def may_exist(self, address: str) -> bool:
        """Whether there may be a page at `address`; True for all while no filter was built."""
        memory = self._memory
        if memory is None:
            return True
        return all(memory[at] & mask for at, mask in _probes(address, len(memory)))

    def add(self, addresses: Iterable[str]) -> None:
        """Take in addresses that become live. Nothing where no filter was built yet.

        Raises `OSError` where it cannot be written.
        """
        wanted = list(addresses)
        with self._threads, self._hold():
            self._follow()
            if self._memory is not None:
                _set_bits(self._memory, wanted)
                self._memory.flush()
            if self._unfinished.exists():
                with _mapped(self._unfinished) as memory:
                    _set_bits(memory, wanted)

    def build(self, addresses: Iterable[str], *, expected: int) -> int:
        """Replace the filter by one of `addresses`, of which about `expected` come; return how many.

        What others add meanwhile goes into both. Added before, and committed after it was looked
        for, is an address that has to be added again after its commit.
        """
        room = max(SMALLEST, expected * _ROOM)
        with self._threads, self._hold(), self._unfinished.open("wb") as file:
            file.write(room.to_bytes(8, "little") + bytes(8 + room * BITS_AN_ADDRESS // 8))
        count = 0
        remaining = iter(addresses)
        with _mapped(self._unfinished) as memory:
            while step := list(islice(remaining, _STEP)):
                with self._threads, self._hold():
                    _set_bits(memory, step)
                count += len(step)
            memory.flush()
        with self._threads, self._hold():
            self._unfinished.replace(self._path)
            self._follow()
        return count

    def follow(self) -> None:
        """Take the newest filter where another process built one."""
        with self._threads:
            self._follow()

    def _follow(self) -> None:
        try:
            inode = self._path.stat().st_ino
            if inode == self._inode:
                return
            self._open()
            self._inode = inode
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            logger.error("%s cannot be read: %s", self._path, error)  # noqa: TRY400 - no stack says more

    def _open(self) -> None:
        try:
            descriptor, access = os.open(self._path, os.O_RDWR | os.O_CLOEXEC), mmap.ACCESS_WRITE
        except PermissionError:
            descriptor, access = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC), mmap.ACCESS_READ
        try:
            size = os.fstat(descriptor).st_size
            if size <= _HEAD_BYTES:
                raise ValueError("it is empty")
            memory = mmap.mmap(descriptor, size, access=access)
        finally:
            os.close(descriptor)
        self._head = memoryview(memory)[:_HEAD_BYTES].cast("Q")
        self._memory = memory

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _probes(address: str, size: int) -> Iterator[tuple[int, int]]:
    """Where an address has its bits in a file of `size` bytes: a byte and the bit in it."""
    digest = blake2b(address.encode("utf-8", "surrogateescape"), digest_size=16).digest()
    # An odd step never falls into a short cycle.
    first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little") | 1
    bits = (size - _HEAD_BYTES) * 8
    for probe in range(PROBES):
        bit = (first + probe * step) % bits
        yield _HEAD_BYTES + (bit >> 3), 1 << (bit & 7)


def _set_bits(memory: mmap.mmap, addresses: Iterable[str]) -> None:
    size, added = len(memory), 0
    for address in addresses:
        for at, mask in _probes(address, size):
            memory[at] |= mask
        added += 1
    total = int.from_bytes(memory[8:_HEAD_BYTES], "little") + added
    memory[8:_HEAD_BYTES] = total.to_bytes(8, "little")


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        yield memory
