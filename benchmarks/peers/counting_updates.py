"""The same HTTP door as ours before counters that are set anew for each view.

    python benchmarks/peers/counting_updates.py redis --port PORT --store REDIS_PORT
    python benchmarks/peers/counting_updates.py sqlite --port PORT --store FILE

A minimal RSGI application in Granian, run as `serve` runs its own: it reads the article out of the
body, counts it, and answers 204. It knows no readers, robots or windows. `redis` sends INCR over
one connection, without waiting for the answers to others: Redis writes together what comes
together. `sqlite` runs UPDATE … SET views = views + 1, one transaction a view, synchronous FULL.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from broadsheet.operations.web_process import BACKPRESSURE

HEADERS = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")]
_KIND, _STORE = "COUNTING_KIND", "COUNTING_STORE"


class Redis:
    """INCR over one connection; commands of many requests are on their way together."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._opening: asyncio.Task[None] | None = None

    async def count(self, article_id: int) -> None:
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
        await self._opening
        key = b"views:%d" % article_id
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._writer.write(b"*2\r\n$4\r\nINCR\r\n$%d\r\n%b\r\n" % (len(key), key))
        await future

    async def _open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        rest = b""
        while piece := await self._reader.read(65536):
            *answers, rest = (rest + piece).split(b"\r\n")
            for answer in answers:
                if not answer.startswith(b":"):
                    raise RuntimeError(f"Redis says {answer!r}")
                self._waiting.popleft().set_result(None)


class Database:
    """UPDATE in a thread, as the connection of a web process would."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1)
        self._database: sqlite3.Connection | None = None

    async def count(self, article_id: int) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._update, article_id)

    def _update(self, article_id: int) -> None:
        if self._database is None:
            self._database = sqlite3.connect(self._path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute("UPDATE article SET views = views + 1 WHERE id = ?", [article_id])


def _make_counter() -> Callable[[int], Awaitable[None]]:
    if os.environ[_KIND] == "redis":
        return Redis(int(os.environ[_STORE])).count
    return Database(os.environ[_STORE]).count


count = _make_counter() if _KIND in os.environ else None


async def application(scope: Any, protocol: Any) -> None:
    if scope.method == "POST":
        await count(json.loads(await protocol())["article"])
        protocol.response_empty(204, HEADERS)
    else:
        protocol.response_str(200, HEADERS, "ready")


def make_table(path: Path, article_ids: list[int]) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE article (id INTEGER PRIMARY KEY, views INTEGER NOT NULL)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO article VALUES (?, 0)", [(one,) for one in article_ids])
    database.execute("COMMIT")
    database.close()


def start_door(kind: str, *, port: int, store: object) -> "subprocess.Popen[bytes]":
    """Start it in a process of its own; the caller ends it."""
    said = [kind, "--port", str(port), "--store", str(store)]
    return subprocess.Popen([sys.executable, __file__, *said])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["redis", "sqlite"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", required=True)
    options = parser.parse_args()
    os.environ |= {_KIND: options.kind, _STORE: options.store}
    # The settings of `operations/web_process.py`.
    Server(
        "counting_updates:application",
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        backpressure=BACKPRESSURE,
        log_level=LogLevels.warning,
        working_dir=Path(__file__).parent,
    ).serve()


if __name__ == "__main__":
    main()
