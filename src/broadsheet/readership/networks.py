"""Addresses and networks: where a request came from, and whether that is among given networks."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

from .whole_files import BadFileError, read_text

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: The file in which the worker tells the web processes what editors excluded.
EXCLUDED_NETWORKS = "excluded-networks"
#: What comes before an IPv4 address that is written in IPv6 (RFC 4291, 2.5.5.2).
_MAPPED_BITS = 96
_FOR_EVER_MS = 2**63 - 1


class NetworkSet:
    """Networks as ranges that do not touch: an address is found by bisection."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        ranges: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for network in map(_unmap, networks):
            first = int(network.network_address)
            size = 1 << (network.max_prefixlen - network.prefixlen)
            ranges[network.version].append((first, first + size - 1))
        self._ranges = {version: _join(found) for version, found in ranges.items()}

    def __contains__(self, address: Address, /) -> bool:
        firsts, lasts = self._ranges[address.version]
        number = int(address)
        place = bisect_right(firsts, number) - 1
        return place >= 0 and number <= lasts[place]


class Span(NamedTuple):
    """A network and when it is meant (ms): from `from_ms` on and, where it ends, before `until_ms`."""

    network: Network
    from_ms: int
    until_ms: int | None


class NetworkSpans:
    """Networks that are meant for a time; found by their prefixes, whose lengths are few."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._by_length: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = {}
        for span in spans:
            network = _unmap(span.network)
            shift = network.max_prefixlen - network.prefixlen
            until_ms = _FOR_EVER_MS if span.until_ms is None else span.until_ms
            prefixes = self._by_length.setdefault((network.version, shift), {})
            prefix = int(network.network_address) >> shift
            prefixes.setdefault(prefix, []).append((span.from_ms, until_ms))

    def has(self, address: Address, *, at_ms: int) -> bool:
        if not self._by_length:
            return False
        number = int(address)
        for (version, shift), prefixes in self._by_length.items():
            if version == address.version:
                for from_ms, until_ms in prefixes.get(number >> shift, ()):
                    if from_ms <= at_ms < until_ms:
                        return True
        return False


def read_networks(path: Path) -> NetworkSet:
    """Return the networks that a file names: one a line, `#` begins a comment.

    Raises `BadFileError`, also for a network with an address beyond its prefix.
    """
    networks = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if text := line.partition("#")[0].strip():
            try:
                networks.append(ip_network(text))
            except ValueError as error:
                raise BadFileError(f"{path}, line {number}: {error}") from None
    return NetworkSet(networks)


def write_spans(spans: Iterable[Span]) -> bytes:
    """Return the text of a file for `read_spans`."""
    lines = (f"{network} {from_ms} {until_ms or '-'}\n" for network, from_ms, until_ms in spans)
    return "".join(lines).encode()


def read_spans(path: Path) -> NetworkSpans:
    """Return what `write_spans` wrote; nothing where it never did. Raises `BadFileError`."""
    spans: list[Span] = []
    if not path.exists():
        return NetworkSpans()
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            network, from_ms, until_ms = line.split()
            end = None if until_ms == "-" else int(until_ms)
            spans.append(Span(ip_network(network), int(from_ms), end))
        except ValueError as error:
            raise BadFileError(f"{path}, line {number}: {error}") from None
    return NetworkSpans(spans)


def parse_network(text: str) -> Network:
    """Return an address or a network as a network. Raises `ValueError` for anything else."""
    return _unmap(ip_network(text.strip(), strict=False))


def parse_networks(texts: Sequence[str]) -> NetworkSet:
    """Return addresses and networks as a set. Raises `ValueError` for anything else."""
    return NetworkSet(map(parse_network, texts))


def find_reader_address(
    peer: str | None, forwarded_for: str, *, trusted: NetworkSet
) -> Address | None:
    """Return the address that a request came from.

    `peer` is the other end of the connection; `forwarded_for` is all of X-Forwarded-For. Each
    trusted proxy is believed about the address before it, from the right, so the answer is the
    rightmost address that is not trusted. None where the peer has no address.
    """
    address = _parse_peer(peer or "")
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and address is not None and address in trusted:
        before = _parse_address(hops.pop())
        if before is None:  # a proxy that we trust wrote no address; those before it may be made up
            break
        address = before
    return address


@lru_cache(maxsize=64)  # the proxies, which are the other end of every connection
def _parse_peer(text: str) -> Address | None:
    return _parse_address(text)


def _parse_address(text: str) -> Address | None:
    for candidate in (text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        try:
            address = ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    return None


def _unmap(network: Network) -> Network:
    """Return a network of IPv4 addresses that was written in IPv6 as what it is."""
    if isinstance(network, IPv4Network) or network.prefixlen < _MAPPED_BITS:
        return network
    mapped = network.network_address.ipv4_mapped
    return IPv4Network((mapped, network.prefixlen - _MAPPED_BITS)) if mapped else network


def _join(ranges: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return the first and the last numbers of ranges, those that overlap or touch in one."""
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(ranges):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(last, lasts[-1])
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts
