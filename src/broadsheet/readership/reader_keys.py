"""Who is the same reader, without knowing who: a keyed hash whose key lives for a day.

The key of a UTC day is a file shared by all processes. It is destroyed at 00:30 UTC of the next
day; after that nothing leads from a hash back to an address or a browser.
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

from .view_log import sync_directory
from .view_records import NETWORK_BYTES, READER_BYTES

KEY_BYTES = 32
#: Until this moment of the UTC day yesterday's key is kept, so that midnight counts nobody twice.
OLD_KEY_LIVES_UNTIL = time(0, 30)
#: A network beyond these is excluded by its addresses from now on, but not from past views: its
#: hashes are made one by one, 65,536 at most.
_LARGEST_NETWORKS = {4: 16, 6: 48}
_HOME_BITS = 64
_KEY_SUFFIX = ".key"
_UNFINISHED_SUFFIX = ".new"


class NetworkTooLargeError(ValueError):
    """A network has too many addresses to hash each; the message says how large it may be."""


@dataclass(frozen=True, slots=True)
class ReaderHashes:
    """A reader's hash of 16 bytes by today's key, and by yesterday's while that lives.

    `network` is a hash of 8 bytes, by today's key, of the network alone; empty where the
    address is unknown.
    """

    today: bytes
    yesterday: bytes | None
    network: bytes = b""


class ReaderKeys:
    """The keys of a directory, made when they are first needed."""

    def __init__(self, directory: Path) -> None:
        self._directory = Path(directory)
        self._known: dict[date, hmac.HMAC | None] = {}

    def hash_reader(
        self, address: IPv4Address | IPv6Address | None, user_agent: str, *, now: datetime
    ) -> ReaderHashes:
        """Return the hashes of whoever reads from that network with that browser.

        The network is the IPv4 address or the IPv6 /64. Raises `OSError` where no key can be
        read or made.
        """
        network = network_of(address)
        who = network + b"\0" + user_agent.encode("utf-8", "surrogateescape")
        now = now.astimezone(UTC)
        today, yesterday = now.date(), now.date() - timedelta(days=1)
        self._forget_all_but(today, yesterday if now.time() < OLD_KEY_LIVES_UNTIL else today)
        key = self._known.get(today)
        if key is None:
            key = self._known[today] = _begin(self._read(today) or self._make(today))
        old_key = None
        if now.time() < OLD_KEY_LIVES_UNTIL:
            if yesterday not in self._known:  # and where there is none, it is asked for once
                read = self._read(yesterday)
                self._known[yesterday] = None if read is None else _begin(read)
            old_key = self._known[yesterday]
        return ReaderHashes(
            _end(key, who)[:READER_BYTES],
            _end(old_key, who)[:READER_BYTES] if old_key else None,
            b"" if address is None else _end(key, network)[:NETWORK_BYTES],
        )

    def _forget_all_but(self, *days: date) -> None:
        if not self._known.keys() <= set(days):
            self._known = {day: key for day, key in self._known.items() if day in days}

    def _read(self, day: date) -> bytes | None:
        try:
            return self._path(day).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, day: date) -> Path:
        return self._directory / f"{day}{_KEY_SUFFIX}"

    def _make(self, day: date) -> bytes:
        return self._keep(day, secrets.token_bytes(KEY_BYTES))

    def _keep(self, day: date, key: bytes) -> bytes:
        """Keep a key as that of a day; where another process is quicker, take its key."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._path(day)
        unfinished = self._directory / f"{secrets.token_hex(8)}{_UNFINISHED_SUFFIX}"
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
    oldest = first_living_day(now)
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


def first_living_day(now: datetime) -> date:
    """Return the oldest UTC day whose key lives at `now`."""
    now = now.astimezone(UTC)
    return now.date() - timedelta(days=1 if now.time() < OLD_KEY_LIVES_UNTIL else 0)


def read_live_keys(directory: Path) -> dict[date, bytes]:
    """Return the keys that still exist, by their day. Raises `OSError`."""
    if not directory.is_dir():
        return {}
    found = {}
    for path in directory.glob(f"*{_KEY_SUFFIX}"):
        with suppress(FileNotFoundError):  # destroyed this very moment
            found[date.fromisoformat(path.stem)] = path.read_bytes()
    return found


def hashes_of_network(network: IPv4Network | IPv6Network, key: bytes) -> list[bytes]:
    """Return what `View.network` is, by the key of a day, for every view from a network.

    One hash an IPv4 address or an IPv6 /64; of a smaller IPv6 network that of its /64, for views
    are told apart no further. Raises `NetworkTooLargeError` beyond an IPv4 /16 or
    an IPv6 /48.
    """
    network = widen_to_home(network)
    largest = _LARGEST_NETWORKS[network.version]
    if network.prefixlen < largest:
        raise NetworkTooLargeError(
            f"{network} is too large: past views can be found of an IPv{network.version} network "
            f"of at most /{largest}"
        )
    homes: Iterable[IPv4Address | IPv6Address] = network
    if isinstance(network, IPv6Network):
        first = network.network_address
        count = 2 ** (_HOME_BITS - network.prefixlen)
        homes = (first + (place << _HOME_BITS) for place in range(count))
    return [_hash(key, network_of(home))[:NETWORK_BYTES] for home in homes]


def widen_to_home(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the /64 that a smaller IPv6 network lies in; any other as it is."""
    if isinstance(network, IPv6Network) and network.prefixlen > _HOME_BITS:
        return network.supernet(new_prefix=_HOME_BITS)
    return network


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
    return hmac.digest(key, who, "sha256")


def _begin(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _end(begun: hmac.HMAC, who: bytes) -> bytes:
    """Return what `_hash` does, without letting other threads go first as `hmac.digest` does: a
    web process that takes 5,000 views a second waited 80 µs for its turn after each.
    """
    hashing = begun.copy()
    hashing.update(who)
    return hashing.digest()
