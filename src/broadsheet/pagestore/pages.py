"""What is kept: a page as stable bytes with slots, and its form on disk."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

_MAGIC = b"broadsheet page 1\n"
_DIGEST_BYTES = 16
#: A third of the disk that zlib's default takes in four times the time (30 kB pages).
_LEVEL = 1


class DamagedPageError(ValueError):
    """The bytes are no page, or not the page that was written."""


class ViewsSlot(NamedTuple):
    """The place of an article's view count."""

    article_id: int


class FragmentSlot(NamedTuple):
    """The place of a shared fragment: the page at `address`, which is a fragment.

    Of its entries that of the article `without` is left out, and all after `limit` (0: none is).
    """

    address: str
    without: int = 0
    limit: int = 0


class Entry(NamedTuple):
    """In a fragment: here begins the entry of an article; of 0: what follows the entries."""

    article_id: int


Part = bytes | ViewsSlot | FragmentSlot | Entry
_KINDS: dict[str, type[Any]] = {"views": ViewsSlot, "fragment": FragmentSlot, "entry": Entry}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A pressed page.

    `address` is a path with the query that it knows, or a name such as `404:en`. `version` is
    the journal's place that was read before the page was gathered. Until `fresh_until` (Unix
    time) it is as a fresh pressing would be; later it may still be shown while a new one is
    made. `tags` say what it was made from. `headers` are those of every answer with it.
    """

    address: str
    edition: str
    status: int
    headers: tuple[tuple[str, str], ...]
    version: int
    fresh_until: float | None
    tags: frozenset[str]
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory."""
        text = sum(len(part) for part in self.parts if isinstance(part, bytes))
        return text + 120 * len(self.parts) + 90 * len(self.tags) + 1000


def encode(page: Page, *, journal: str) -> bytes:
    """Return the form on disk. `journal` names the journal that `page.version` is a place in."""
    described = {
        "journal": journal,
        "address": page.address,
        "edition": page.edition,
        "status": page.status,
        "headers": page.headers,
        "version": page.version,
        "fresh_until": page.fresh_until,
        "tags": sorted(page.tags),
        "parts": [
            len(part) if isinstance(part, bytes) else [_NAMES[type(part)], *part]
            for part in page.parts
        ],
    }
    head = json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    text = b"".join(part for part in page.parts if isinstance(part, bytes))
    packed = zlib.compress(len(head).to_bytes(4, "little") + head + text, _LEVEL)
    return _MAGIC + hashlib.blake2b(packed, digest_size=_DIGEST_BYTES).digest() + packed


def decode(written: bytes) -> tuple[Page, str]:
    """Return the page and the name of its journal. Raises `DamagedPageError`."""
    begin = len(_MAGIC) + _DIGEST_BYTES
    digest, packed = written[len(_MAGIC) : begin], written[begin:]
    if not written.startswith(_MAGIC):
        raise DamagedPageError("it does not begin as a page does")
    if hashlib.blake2b(packed, digest_size=_DIGEST_BYTES).digest() != digest:
        raise DamagedPageError("its checksum is wrong")
    unpacked = zlib.decompress(packed)
    length = int.from_bytes(unpacked[:4], "little")
    told = json.loads(unpacked[4 : 4 + length])
    page = Page(
        address=told["address"],
        edition=told["edition"],
        status=told["status"],
        headers=tuple((name, value) for name, value in told["headers"]),
        version=told["version"],
        fresh_until=told["fresh_until"],
        tags=frozenset(told["tags"]),
        parts=tuple(_cut(unpacked[4 + length :], told["parts"])),
    )
    return page, told["journal"]


def _cut(text: bytes, parts: list[Any]) -> Iterator[Part]:
    place = 0
    for part in parts:
        if isinstance(part, int):
            yield text[place : place + part]
            place += part
        else:
            kind, *fields = part
            yield _KINDS[kind](*fields)
