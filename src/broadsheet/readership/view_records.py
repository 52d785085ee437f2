"""What one view is, and how views lie in a file: records in frames, each frame checked by itself.

A frame is what one group commit wrote: a header (magic, CRC-32, payload length, first sequence,
number of records) and the records. All numbers are little-endian. The last byte of the magic is
the version of the format; frames of version 1, whose records name no network, stay readable.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from zlib import crc32

ACCEPTED = "accepted"
SCRIPT = "script"
IMAGE = "image"
READER_BYTES = 16
NETWORK_BYTES = 8

#: Magic (with the version of the format), CRC-32 of all that follows it, then the rest.
_HEADER = struct.Struct("<4sI")
_REST = struct.Struct("<IQI")
HEADER_BYTES = _HEADER.size + _REST.size
MAGIC = b"BVF2"
_FIRST_MAGIC = b"BVF1"
_ANY_MAGIC = b"BVF"
#: No writer makes a frame as large; a larger length is damage, and is not read into memory.
MAX_PAYLOAD_BYTES = 16 * 1024 * 1024

#: Received at (ms), article, flags, length of the verdict, length of the host, reader, network.
_RECORD = struct.Struct(f"<qqBBB{READER_BYTES}s{NETWORK_BYTES}s")
#: The same in version 1, where the network takes no byte.
_FIRST_RECORD = struct.Struct(f"<qqBBB{READER_BYTES}s0s")
_NO_NETWORK = bytes(NETWORK_BYTES)
_FROM_IMAGE = 1
_HAS_YESTERDAY = 2
_LONGEST_TEXT = 255


class View(NamedTuple):
    """One view as intake saw it. Holds nothing that leads back to a person.

    `reader` is a keyed hash of 16 bytes by the key of the UTC day, `reader_yesterday` the same
    reader by the key of the day before while that key still lives. `verdict` is "accepted", or
    the name of the reason why the view does not count, as in "robot:crawler". `network` is a
    keyed hash of 8 bytes of the network alone, by the key of the day; empty where it is unknown.
    """

    received_at_ms: int
    article_id: int
    reader: bytes
    reader_yesterday: bytes | None = None
    door: str = SCRIPT
    verdict: str = ACCEPTED
    referring_host: str = ""
    network: bytes = b""


class DamagedFrameError(ValueError):
    """Bytes that should be a frame are none: cut short, overwritten or rotten."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole frame as found: where it lies in its segment, and its unread records."""

    offset: int
    end: int
    first_sequence: int
    count: int
    payload: bytes
    magic: bytes = MAGIC

    @property
    def next_sequence(self) -> int:
        return self.first_sequence + self.count

    def views(self) -> list[View]:
        """Return the records, which are not to be changed. Raises `DamagedFrameError`.

        The frame that was read last is remembered: a large one is read on from several times.
        """
        global _read_last  # noqa: PLW0603 - replaced as a whole, so threads need no lock
        if _read_last is None or _read_last[0] != self:
            _read_last = (self, decode_views(self.payload, self.count, magic=self.magic))
        return _read_last[1]


_read_last: tuple[Frame, list[View]] | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a segment, from `offset` up to `end`, in which no whole frame was found."""

    offset: int
    end: int


def encode_view(view: View) -> bytes:
    """Return one record. Texts longer than 255 bytes are cut."""
    verdict = b"" if view.verdict == ACCEPTED else view.verdict.encode()[:_LONGEST_TEXT]
    host = view.referring_host.encode("ascii", "replace")[:_LONGEST_TEXT]
    yesterday = view.reader_yesterday or b""
    flags = (_FROM_IMAGE if view.door == IMAGE else 0) | (_HAS_YESTERDAY if yesterday else 0)
    fixed = _RECORD.pack(
        view.received_at_ms,
        view.article_id,
        flags,
        len(verdict),
        len(host),
        view.reader,
        view.network,
    )
    return fixed + yesterday + verdict + host


def decode_views(payload: bytes, count: int, *, magic: bytes = MAGIC) -> list[View]:
    """Return the `count` records of a payload. Raises `DamagedFrameError`."""
    views: list[View] = []
    # A named tuple's own way asks Python for each one.
    make, add = tuple.__new__, views.append
    record = _FIRST_RECORD if magic == _FIRST_MAGIC else _RECORD
    offset, unpack, size = 0, record.unpack_from, record.size
    try:
        for _ in range(count):
            at_ms, article_id, flags, verdict_bytes, host_bytes, reader, network = unpack(
                payload, offset
            )
            offset += size
            if network == _NO_NETWORK:
                network = b""
            yesterday, verdict, host = None, ACCEPTED, ""
            if flags & _HAS_YESTERDAY:
                yesterday = payload[offset : offset + READER_BYTES]
                offset += READER_BYTES
            if verdict_bytes:
                verdict = payload[offset : offset + verdict_bytes].decode("utf-8", "replace")
                offset += verdict_bytes
            if host_bytes:
                host = payload[offset : offset + host_bytes].decode("ascii", "replace")
                offset += host_bytes
            door = IMAGE if flags & _FROM_IMAGE else SCRIPT
            add(make(View, (at_ms, article_id, reader, yesterday, door, verdict, host, network)))
    except struct.error as error:
        raise DamagedFrameError(str(error)) from error
    if offset != len(payload):
        raise DamagedFrameError("The records do not fill the frame")
    return views


def encode_frame(records: Sequence[bytes], *, first_sequence: int) -> bytes:
    payload = b"".join(records)
    rest = _REST.pack(len(payload), first_sequence, len(records))
    return _HEADER.pack(MAGIC, crc32(payload, crc32(rest))) + rest + payload


def read_frame(file: BinaryIO, offset: int, end: int) -> Frame:
    """Return the frame that begins at `offset` and lies before `end`.

    `file` stands at `offset`. Raises `DamagedFrameError` where there is no whole frame.
    """
    header = file.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        raise DamagedFrameError("A header is cut short")
    magic, checksum = _HEADER.unpack_from(header)
    length, first_sequence, count = _REST.unpack_from(header, _HEADER.size)
    frame_end = offset + HEADER_BYTES + length
    if magic not in {MAGIC, _FIRST_MAGIC} or length > MAX_PAYLOAD_BYTES or frame_end > end:
        raise DamagedFrameError("A header makes no sense")
    payload = file.read(length)
    if len(payload) != length or crc32(payload, crc32(header[_HEADER.size :])) != checksum:
        raise DamagedFrameError("A checksum does not agree")
    return Frame(offset, frame_end, first_sequence, count, payload, magic)


def read_frames(file: BinaryIO, *, start: int, end: int) -> Iterator[Frame | Damage]:
    """Yield the frames of a segment from `start` up to `end`, and what is damaged between them."""
    offset = start
    file.seek(offset)
    while offset < end:
        try:
            frame = read_frame(file, offset, end)
        except DamagedFrameError:
            found = _find_next_frame(file, offset + 1, end)
            yield Damage(offset, end if found is None else found)
            if found is None:
                return
            offset = found
            file.seek(offset)
            continue
        yield frame
        offset = frame.end


def _find_next_frame(file: BinaryIO, offset: int, end: int) -> int | None:
    file.seek(offset)
    rest = file.read(end - offset)
    place = rest.find(_ANY_MAGIC)
    while place >= 0:
        file.seek(offset + place)
        try:
            read_frame(file, offset + place, end)
        except DamagedFrameError:
            place = rest.find(_ANY_MAGIC, place + 1)
        else:
            return offset + place
    return None
