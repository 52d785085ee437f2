"""How published counts lie in files: a base that readers map, and deltas that only grow.

A generation is a base (a header, one number an article at the place of its id, and pairs for the
ids beyond) and the batches of what changed since, in pairs; `current` names it by the version of
its base. All numbers are little-endian, of 64 bits. What a crash leaves half-written has no right checksum, and is not there.
"""

import fcntl
import os
import re
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from mmap import ACCESS_READ, mmap
from pathlib import Path
from zlib import crc32

from .view_log import sync_directory
from .whole_files import write_whole

CURRENT = "current"
LOCK = "lock"
#: Ids from here on lie in pairs: one stray id makes no file of gigabytes.
MAX_SLOTS = 32 * 1024 * 1024
#: Magic (with the version of the format), CRC-32 of all that follows it; then version, revision,
#: moment (ms), the number of slots (0 in a batch) and of pairs.
_CHECK = struct.Struct("<4sI")
_REST = struct.Struct("<QqqQQ")
HEADER_BYTES = _CHECK.size + _REST.size
_BASE_MAGIC, _BATCH_MAGIC = b"BNB1", b"BND1"
_PAIR_BYTES = 16
_NAME = re.compile(r"(\d{20})\.base")

#: Article → `pack_number`.
Values = Mapping[int, int]


class DamagedSnapshotError(ValueError):
    """Bytes that should be published counts are none: cut short, overwritten or missing."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a base or a batch brings the counts to: a version, the revision of the database that
    it holds everything of, and the moment when they were so.
    """

    version: int
    revision: int
    as_of_ms: int


@dataclass(frozen=True, slots=True)
class Base:
    stamp: Stamp
    #: `pack_number` by article id; int64, mapped and not read into memory.
    slots: memoryview
    strays: Values


@dataclass(frozen=True, slots=True)
class Batch:
    stamp: Stamp
    values: Values
    end: int


def pack_number(total: int, *, is_live: bool) -> int:
    """Return views and state of an article in one number; 0 says nothing is known of it."""
    return total << 1 | is_live


class Generation:
    """A generation as far as it was read. `read_on()` applies the batches that came since."""

    def __init__(self, directory: Path, version: int) -> None:
        """Open the generation of that name. Raises `DamagedSnapshotError`, `OSError`."""
        self.name = version
        self.base = read_base(directory / base_name(version))
        if self.base.stamp.version != version:
            raise DamagedSnapshotError(f"{base_name(version)} is of another generation")
        self.stamp = self.base.stamp
        #: What differs from the slots. Never changed in place: snapshots hold on to it.
        self.changed: Values = self.base.strays
        self.end = 0
        #: Whether the file ended with its last whole batch when it was last looked at.
        self.is_whole = True
        self._deltas = directory / deltas_name(version)
        self.read_on()

    def read_on(self) -> bool:
        """Apply new whole batches; return whether there were any.

        Raises `DamagedSnapshotError` where the file has become shorter than what was read of
        it, `OSError` where it is gone.
        """
        size = self._deltas.stat().st_size
        if size < self.end:
            raise DamagedSnapshotError(f"{self._deltas.name} has lost what was read of it")
        self.is_whole = size == self.end
        if self.is_whole:
            return False
        with self._deltas.open("rb") as file:
            file.seek(self.end)
            data = file.read()
        start = self.end
        changed: dict[int, int] | None = None
        for batch in _read_batches(data, self.stamp.version):
            if batch.values:
                changed = dict(self.changed) if changed is None else changed
                changed.update(batch.values)
            self.stamp, self.end = batch.stamp, start + batch.end
        if changed is not None:
            self.changed = changed
        self.is_whole = self.end == start + len(data)
        return self.end > start

    def append(self, values: Values, stamp: Stamp) -> None:
        """Append a batch and read it. Only for the one who publishes; raises `OSError`.

        It is not synced: what a power cut takes away has no right checksum, and its revision is
        still to be published.
        """
        left = memoryview(encode_batch(values, stamp))
        with self._deltas.open("ab", buffering=0) as file:
            while left:
                left = left[file.write(left) :]
        self.read_on()

    def merged(self) -> tuple["array[int]", dict[int, int]]:
        """Return base and deltas in one: the slots, and the ids that lie beyond them."""
        slots = array("q")
        slots.frombytes(self.base.slots.cast("B"))
        return slots, put_values(slots, self.changed)


def put_values(slots: "array[int]", values: Values) -> dict[int, int]:
    """Set slots, making more where they are needed; return the values that have no slot."""
    strays = {one: value for one, value in values.items() if not 0 <= one < MAX_SLOTS}
    largest = max(values.keys() - strays.keys(), default=-1)
    if largest >= len(slots):
        slots.frombytes(bytes(8 * (largest + 1 - len(slots))))
    for one, value in values.items():
        if one not in strays:
            slots[one] = value
    return strays


def base_name(version: int) -> str:
    return f"{version:020}.base"


def deltas_name(version: int) -> str:
    return f"{version:020}.deltas"


def list_generations(directory: Path) -> list[int]:
    """Return the generations whose base is there, the oldest first."""
    found = (_NAME.fullmatch(path.name) for path in directory.iterdir())
    return sorted(int(match[1]) for match in found if match)


def read_current(directory: Path) -> int:
    """Return which generation counts. Raises `DamagedSnapshotError`, `OSError`."""
    text = (directory / CURRENT).read_bytes().strip()
    if not text.isdigit():
        raise DamagedSnapshotError(f"{CURRENT} names no generation")
    return int(text)


def read_base(path: Path) -> Base:
    """Map a base file and check it. Raises `DamagedSnapshotError`, `OSError`."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < HEADER_BYTES:
            raise DamagedSnapshotError(f"{path.name} is cut short")
        mapped = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    magic, checksum = _CHECK.unpack_from(mapped)
    *stamp, slots, pairs = _REST.unpack_from(mapped, _CHECK.size)
    end = HEADER_BYTES + 8 * slots
    if magic != _BASE_MAGIC or len(mapped) != end + _PAIR_BYTES * pairs:
        raise DamagedSnapshotError(f"{path.name} is no whole base")
    if crc32(mapped[_CHECK.size :]) != checksum:
        raise DamagedSnapshotError(f"{path.name}: the checksum does not agree")
    return Base(
        Stamp(*stamp), mapped[HEADER_BYTES:end].cast("q"), _decode_pairs(bytes(mapped[end:]))
    )


def write_generation(
    directory: Path, slots: "array[int]", strays: Values, stamp: Stamp, *, previous: int | None
) -> None:
    """Make a generation the current one, on disk before its name is; of the others `previous`
    alone stays. Only for the one who publishes; raises `OSError`.
    """
    body, pairs = memoryview(slots).cast("B"), _encode_pairs(strays)
    rest = _REST.pack(stamp.version, stamp.revision, stamp.as_of_ms, len(slots), len(strays))
    header = _CHECK.pack(_BASE_MAGIC, crc32(pairs, crc32(body, crc32(rest)))) + rest
    write_whole(directory / base_name(stamp.version), header, body, pairs)
    write_whole(directory / deltas_name(stamp.version))
    sync_directory(directory)
    write_whole(directory / CURRENT, b"%d\n" % stamp.version)
    sync_directory(directory)
    kept = set()
    for version in (stamp.version, previous or stamp.version):
        kept |= {base_name(version), deltas_name(version)}
    for path in list(directory.iterdir()):
        if path.name not in kept and path.suffix in {".base", ".deltas", ".new"}:
            path.unlink()


def encode_batch(values: Values, stamp: Stamp) -> bytes:
    pairs = _encode_pairs(values)
    rest = _REST.pack(stamp.version, stamp.revision, stamp.as_of_ms, 0, len(values))
    return _CHECK.pack(_BATCH_MAGIC, crc32(pairs, crc32(rest))) + rest + pairs


def _encode_pairs(values: Values) -> bytes:
    return array("q", chain.from_iterable(values.items())).tobytes()


def _decode_pairs(data: bytes) -> dict[int, int]:
    pairs = array("q", data)
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _read_batches(data: bytes, version: int) -> Iterator[Batch]:
    """Yield the batches after `version`, up to the first that is not whole."""
    start = 0
    while start + HEADER_BYTES <= len(data):
        magic, checksum = _CHECK.unpack_from(data, start)
        *stamp, _, count = _REST.unpack_from(data, start + _CHECK.size)
        end = start + HEADER_BYTES + _PAIR_BYTES * count
        is_next = magic == _BATCH_MAGIC and stamp[0] == version + 1 and end <= len(data)
        if not is_next or crc32(memoryview(data)[start + _CHECK.size : end]) != checksum:
            return
        yield Batch(Stamp(*stamp), _decode_pairs(data[start + HEADER_BYTES : end]), end)
        start, version = end, stamp[0]


@contextmanager
def hold_publishing(directory: Path) -> Iterator[bool]:
    """Be the only one who publishes; False where another is at work. Released by a crash too."""
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


# Arrays are written and mapped as they lie in memory.
assert sys.byteorder == "little"
