"""Who is the same reader, without knowing who: a keyed hash whose key lives for a day.

The key of a UTC day is a file shared by all processes. It is destroyed at 00:30 UTC of the next
day; after that nothing leads from a hash back to an address or a browser.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from .view_log import sync_directory
from .view_records import READER_BYTES

KEY_BYTES = 32
#: Until this moment of the UTC day yesterday's key is kept, so that midnight counts nobody twice.
OLD_KEY_LIVES_UNTIL = time(0, 30)
_KEY_SUFFIX = ".key"
_UNFINISHED_SUFFIX = ".new"


@dataclass(frozen=True, slots=True)
class ReaderHashes:
    """A reader's hash of 16 bytes by today's key, and by yesterday's while that lives."""

    today: bytes
    yesterday: bytes | None


class ReaderKeys:
    """The keys of a directory, made when they are first needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = Path(directory)
        self._known: dict[date, bytes] = {}

    def hash_reader(
        self, address: IPv4Address | IPv6Address | None, user_agent: str, *, now: datetime
    ) -> ReaderHashes:
        """Return the hashes of whoever reads from that network with that browser.

        The network is the IPv4 address or the IPv6 /64. Raises `OSError` where no key can be
        read or made.
        """
        who = network_of(address) + b"\0" + user_agent.encode("utf-8", "surrogateescape")
        now = now.astimezone(UTC)
        today, yesterday = now.date(), now.date() - timedelta(days=1)
        self._forget_all_but(today, yesterday if now.time() < OLD_KEY_LIVES_UNTIL else today)
        key = self._known.get(today)
        if key is None:
            key = self._known[today] = self._read(today) or self._make(today)
        old_key = None
        if now.time() < OLD_KEY_LIVES_UNTIL:
            old_key = self._known.get(yesterday) or self._read(yesterday)
            if old_key is not None:
                self._known[yesterday] = old_key
        return ReaderHashes(_hash(key, who), _hash(old_key, who) if old_key else None)

    def _forget_all_but(self, *days: date) -> None:
        if not self._known.keys() <= set(days):
            self._known = {day: key for day, key in self._known.items() if day in days}

    def _read(self, day: date) -> bytes | None:
        try:
            return (self._directory / f"{day}{_KEY_SUFFIX}").read_bytes()
        except FileNotFoundError:
            return None

    def _make(self, day: date) -> bytes:
        """Make the key of a day; where another process is quicker, take its key."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._directory / f"{day}{_KEY_SUFFIX}"
        unfinished = self._directory / f"{secrets.token_hex(8)}{_UNFINISHED_SUFFIX}"
        key = secrets.token_bytes(KEY_BYTES)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - by descriptor, for its mode
                file.write(key)
                file.flush()
                os.fsync(file.fileno())
            # A link is made whole or not at all, and never over a key that exists.
            os.link(unfinished, path)
            sync_directory(self._directory)
        except FileExistsError:
            key = path.read_bytes()
        finally:
            unfinished.unlink(missing_ok=True)
        return key


def destroy_old_keys(directory: Path, *, now: datetime) -> int:
    """Delete the keys of past days, yesterday's from 00:30 UTC on; return how many were deleted.

    Leftovers of a process that died while it made a key go with them.
    """
    now = now.astimezone(UTC)
    oldest = now.date() - timedelta(days=1 if now.time() < OLD_KEY_LIVES_UNTIL else 0)
    destroyed = 0
    if not directory.is_dir():
        return 0
    for path in directory.iterdir():
        if path.suffix == _KEY_SUFFIX and date.fromisoformat(path.stem) < oldest:
            path.unlink(missing_ok=True)
            destroyed += 1
        elif path.suffix == _UNFINISHED_SUFFIX:
            made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if now - made_at > timedelta(hours=1):
                path.unlink(missing_ok=True)
    if destroyed:
        sync_directory(directory)
    return destroyed


def network_of(address: IPv4Address | IPv6Address | None) -> bytes:
    """Return what of an address tells readers apart: all of IPv4, the /64 of IPv6."""
    if address is None:
        return b"unknown"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return b"6" + address.packed[:8]
        address = address.ipv4_mapped
    return b"4" + address.packed


def _hash(key: bytes, who: bytes) -> bytes:
    return hmac.new(key, who, hashlib.sha256).digest()[:READER_BYTES]
