"""A reader over HTTP/1.1 in asyncio: connections that are kept, and requests at a fixed rate.

    python benchmarks/measuring/reader.py PORT PATH --rate 1000 --seconds 4 [--unknown]

asks at a fixed rate and prints what it saw as JSON. Time runs from the moment at which a request
was due, so a server that stalls is not spared the requests which it kept from being sent.
"""

import argparse
import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from measuring.repeating import percentile

LINE = b"\r\n\r\n"


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name.lower(), value.strip()) for name, _, value in map(_split, lines)]


class Connection:
    """One connection that is kept. Answers have to say their length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**20))

    @property
    def client_port(self) -> int:
        return int(self._writer.get_extra_info("sockname")[1])

    def close(self) -> None:
        self._writer.close()

    async def ask(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await self._reader.readuntil(LINE))[: -len(LINE)]
        status = int(head[9:12])
        body = b""
        if method != "HEAD" and status != 304:
            at = head.lower().index(b"\r\ncontent-length:") + 17
            body = await self._reader.readexactly(int(head[at:].split(b"\r\n", 1)[0]))
        return Answer(status, head, body)


def _split(line: str) -> tuple[str, str, str]:
    return line.partition(":")


async def ask_at_rate(
    port: int, paths: Callable[[], str], *, rate: float, seconds: float, connections: int
) -> dict[str, object]:
    """Ask at a fixed rate over several connections; latencies are in milliseconds."""
    took: list[float] = []
    statuses: Counter[int] = Counter()
    opened = [await Connection.open(port) for _ in range(connections)]
    begins_at = time.perf_counter() + 0.05

    async def read(number: int) -> None:
        due = begins_at + number / rate
        while due < begins_at + seconds:
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            answer = await opened[number].ask(paths(), headers={"accept-encoding": "identity"})
            took.append((time.perf_counter() - due) * 1000)
            statuses[answer.status] += 1
            due += connections / rate

    await asyncio.gather(*(read(number) for number in range(connections)))
    return {
        "requests": len(took),
        "statuses": statuses,
        "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
    }


async def ask_for(
    port: int, path: str, *, method: str, headers: Mapping[str, str], seconds: float
) -> int:
    """Ask as fast as it goes over 64 connections; return how many answers came.

    For HEAD, whose answers wrk cannot read.
    """
    until = time.perf_counter() + seconds
    count = 0

    async def read() -> None:
        nonlocal count
        connection = await Connection.open(port)
        while time.perf_counter() < until:
            await connection.ask(path, method=method, headers=headers)
            count += 1
        connection.close()

    await asyncio.gather(*(read() for _ in range(64)))
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--unknown", action="store_true", help="under PATH, where nothing is")
    options = parser.parse_args()

    def paths() -> str:
        return options.path + secrets.token_hex(8) * options.unknown

    asking = ask_at_rate(
        options.port,
        paths,
        rate=options.rate,
        seconds=options.seconds,
        connections=options.connections,
    )
    print(json.dumps(asyncio.run(asking)))


if __name__ == "__main__":
    main()
