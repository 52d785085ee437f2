"""The server in front of Django: hits from the store, misses pressed a few at a time.

It is a Granian RSGI application, and a plain ASGI one. Pages are its own; whatever begins with
one of `elsewhere` goes to another ASGI application.
"""

import asyncio
import contextlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from re import Pattern
from typing import Any, NamedTuple
from urllib.parse import quote

from .addresses import AddressFilter
from .answering import NOT_MODIFIED, Answer, Answers, Assembled, Headers
from .assembling import MissingFragmentError
from .bridging import run_asgi
from .pages import Page
from .store import UNKEPT_SECONDS, PageOutdatedError

logger = logging.getLogger(__name__)

#: Pages that are pressed at once in one process, and addresses that wait for their turn.
PRESSED_AT_ONCE = 2
WAITING = 100
RETRY_AFTER_SECONDS = 1
#: What other processes did is looked for this often where nothing said so at once.
FOLLOW_SECONDS = 0.2
DATABASE_SECONDS = 2.0
#: Addresses remembered as answered by another page: the 404 page of their edition, say.
MAX_REMEMBERED = 10_000
#: Characters; a longer path has no page.
LONGEST_PATH = 1000
#: What goes wrong is logged at most so often.
SAY_EACH_SECONDS = 1.0
NOT_FOUND = "404:"
NO_CACHE = ("cache-control", "no-cache")
DEGRADED = ("broadsheet-degraded", "database")
_FRAGMENTS_TRIED = 8
_TRIES = 4
_NOTHING = re.compile(r"(?!)")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class BusyError(RuntimeError):
    """Too many pages wait to be pressed."""


class PageServer:
    """Answers GET and HEAD for pages.

    `press(address)` makes and stores a page, and returns it; it blocks, runs in threads of the
    server's own, and may return the page of another address (`404:en`, a redirect that several
    addresses share). `read_query(path, query)` returns the address for a path with a query: the
    path itself where the query is not ours. `unavailable` is the answer where a page cannot be
    made. `is_database_up()` blocks too. `rest` answers what begins with one of `elsewhere`, or is
    `made_anew` each time, by ASGI, unless `answer_directly(scope, protocol)` did by RSGI and
    returned True.
    """

    def __init__(
        self,
        *,
        answers: Answers,
        addresses: AddressFilter,
        press: Callable[[str], Page],
        read_query: Callable[[str, str], str],
        unavailable: tuple[Headers, bytes],
        is_database_up: Callable[[], bool],
        rest: Application,
        elsewhere: Iterable[str],
        made_anew: Pattern[str] = _NOTHING,
        answer_directly: Callable[[Any, Any], Awaitable[bool]],
    ) -> None:
        self.answers = answers
        self.answers.wish = self._press_meanwhile
        self.is_degraded = False
        self._store = answers.store
        self._addresses = addresses
        self._press_page = press
        self._read_query = read_query
        self._unavailable = unavailable
        self._is_database_up = is_database_up
        self._rest = rest
        self._elsewhere = tuple(elsewhere)
        self._is_made_anew = made_anew.fullmatch
        self._answer_directly = answer_directly
        self._threads = ThreadPoolExecutor(PRESSED_AT_ONCE, thread_name_prefix="press")
        self._watch_threads = ThreadPoolExecutor(2, thread_name_prefix="watch")
        self._pressing: dict[str, asyncio.Future[Page]] = {}
        self._answered_by: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._say_at = 0.0
        self._unsaid = 0
        #: Called on start and end, in the event loop's thread and in a thread of its own.
        self.on_start: list[Callable[[], None]] = []
        #: Coroutines that run beside the answers, until the end.
        self.jobs: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.on_end: list[Callable[[], None]] = []

    # --- RSGI ---

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon(self._start, loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._end())

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        if scope.proto != "http":
            protocol.close(403)
            return
        path, method, get = scope.path, scope.method, scope.headers.get
        if path.startswith(self._elsewhere) or self._is_made_anew(path):
            if not await self._answer_directly(scope, protocol):
                await run_asgi(self._rest, scope, protocol)
            return
        asked = Asked(
            method,
            path,
            scope.query_string,
            get("accept-encoding") or "",
            get("if-none-match") or "",
        )
        answer = self._answer_hit(asked) or await self._answer_miss(asked)
        headers = answer.headers
        if self.is_degraded:
            headers = [*headers, DEGRADED]
        if answer.body and method != "HEAD":
            protocol.response_bytes(answer.status, headers, answer.body)
        elif answer.status == NOT_MODIFIED:
            protocol.response_empty(NOT_MODIFIED, headers)
        else:
            headers = [*headers, ("content-length", str(len(answer.body)))]
            protocol.response_empty(answer.status, headers)

    # --- ASGI ---

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["path"].startswith(self._elsewhere) or self._is_made_anew(scope["path"]):
            await self._rest(scope, receive, send)
        else:
            await self.answer_page(scope, receive, send)

    async def answer_page(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer as ASGI demands, whatever the path begins with."""
        given = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(
            scope["method"],
            scope["path"],
            scope.get("query_string", b"").decode("latin-1"),
            given.get(b"accept-encoding", ""),
            given.get(b"if-none-match", ""),
        )
        answer = self._answer_hit(asked) or await self._answer_miss(asked)
        headers = [*answer.headers, DEGRADED] if self.is_degraded else list(answer.headers)
        if answer.status != NOT_MODIFIED:
            headers.append(("content-length", str(len(answer.body))))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        body = b"" if asked.method == "HEAD" else answer.body
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._start(asyncio.get_running_loop())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._end()
                await send({"type": "lifespan.shutdown.complete"})
                return

    # --- answers ---

    def _answer_hit(self, asked: "Asked") -> Answer | None:
        """Return the answer where nothing has to be waited for."""
        if asked.method not in {"GET", "HEAD"}:
            return Answer(405, [("allow", "GET, HEAD"), ("cache-control", "no-store")])
        address = self._read_query(asked.path, asked.query) if asked.query else asked.path
        found = self.answers.find_hot(address)
        if found is None:
            if not self.answers.is_known(address) and not self._may_exist(asked.path):
                # A location that begins with two slashes would be another host's.
                if not asked.path.startswith("//") and self._may_exist(f"{asked.path}/"):
                    return Answer(301, [("location", f"{quote(asked.path)}/"), NO_CACHE])
                address = self._missing(asked.path)
            found = self.answers.find(self._answering(address))
        if found is None:
            return None
        return self.answers.answer(
            found, accept_encoding=asked.accept_encoding, if_none_match=asked.if_none_match
        )

    async def _answer_miss(self, asked: "Asked") -> Answer:
        """Press what is missing, and answer; 503 where it cannot be had."""
        address = self._read_query(asked.path, asked.query) if asked.query else asked.path
        if not self._may_exist(asked.path):
            address = self._missing(asked.path)
        try:
            found = await self._make(self._answering(address))
        except Exception as error:  # noqa: BLE001 - the database's own, which is not known here
            self._say_failed(address, error)
            return self._refuse()
        return self.answers.answer(
            found, accept_encoding=asked.accept_encoding, if_none_match=asked.if_none_match
        )

    async def _make(self, address: str) -> Assembled:
        for _ in range(_TRIES):
            page = self._store.get(address) or await self._press(address)
            if page.address != address:
                self._remember(address, page)
            if found := await self._complete(page, at=time.monotonic()):
                return found
        raise PageOutdatedError(f"{address} changes faster than it can be pressed")

    async def _complete(self, page: Page, *, at: float) -> Assembled | None:
        """Return a page that was there at `at` with its slots filled, its fragments pressed first.

        None where it was dropped while they were.
        """
        fragments: dict[str, Page] = {}
        for _ in range(_FRAGMENTS_TRIED):
            if found := self.answers.find(page.address):
                return found
            is_young = time.monotonic() - at < UNKEPT_SECONDS
            if not is_young and not all(map(self._store.is_servable, (page, *fragments.values()))):
                return None
            try:
                return self.answers.assemble(page, fragments)
            except MissingFragmentError as missing:
                fragments[missing.address] = await self._press_fragment(missing.address, page)
        raise PageOutdatedError(f"{page.address} has too many fragments")

    async def _press_fragment(self, address: str, page: Page) -> Page:
        try:
            return await self._press(address)
        except Exception as error:
            if not self.is_degraded and not self._store.is_servable(page):
                raise
            # Without its rail a page is better than no page.
            self._say_failed(address, error)
            return replace(page, address=address, parts=())

    async def _press(self, address: str) -> Page:
        """Press a page, or wait for who is pressing it. Raises `BusyError`."""
        future = self._pressing.get(address)
        if future is None or future.done():
            if len(self._pressing) >= PRESSED_AT_ONCE + WAITING:
                raise BusyError(f"{WAITING} pages wait to be pressed")
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._threads, self._press_now, address)
            self._pressing[address] = future
            future.add_done_callback(partial(self._forget_pressing, address))
        # Shielded: one reader who goes away does not take the page from the others.
        return await asyncio.shield(future)

    def _forget_pressing(self, address: str, done: "asyncio.Future[Page]") -> None:
        if self._pressing.get(address) is done:
            del self._pressing[address]

    def _press_now(self, address: str) -> Page:
        # Another process may have been faster.
        return self._store.get_fresh(address, now=time.time()) or self._press_page(address)

    def _press_meanwhile(self, address: str) -> None:
        """Press a page whose time is over, while the old one is still sent."""
        if address in self._pressing or self.is_degraded:
            return

        async def press() -> None:
            try:
                await self._press(address)
            except Exception as error:  # noqa: BLE001 - as in `_answer_miss`
                self._say_failed(address, error)

        with contextlib.suppress(RuntimeError):  # no loop runs: somebody asks by hand
            task = asyncio.get_running_loop().create_task(press())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_exist(self, path: str) -> bool:
        return len(path) <= LONGEST_PATH and self._addresses.may_exist(path)

    def _missing(self, path: str) -> str:
        """Return the 404 page of the edition that the path begins with, else of the default one."""
        code = path.split("/", 2)[1] if path.startswith("/") else ""
        return f"{NOT_FOUND}{code if code and self._may_exist(f'/{code}/') else ''}"

    def _answering(self, address: str) -> str:
        """Return the address of the page that answers `address`, where that is another one."""
        place, by = self._answered_by.get(address, (0, address))
        return by if by is address or place == self._store.journal.told else address

    def _remember(self, address: str, page: Page) -> None:
        # The place before it was gathered: what came later may have given the address a page.
        self._answered_by[address] = (page.version, page.address)
        self._answered_by.move_to_end(address)
        while len(self._answered_by) > MAX_REMEMBERED:
            self._answered_by.popitem(last=False)

    def _refuse(self) -> Answer:
        headers, body = self._unavailable
        retry = ("retry-after", str(RETRY_AFTER_SECONDS))
        return Answer(503, [*headers, retry, ("cache-control", "no-store")], body)

    def _say_failed(self, address: str, error: BaseException) -> None:
        now = time.monotonic()
        if now < self._say_at:
            self._unsaid += 1
            return
        self._say_at = now + SAY_EACH_SECONDS
        more, self._unsaid = self._unsaid, 0
        logger.error(
            "%s could not be pressed (%d more since the last time): %s: %s",
            address,
            more,
            type(error).__name__,
            error,
        )

    # --- beside the answers ---

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        for job in (self._follow, self._watch_database, *self.jobs):
            task = loop.create_task(job())
            self._tasks.add(task)
        for act in self.on_start:
            act()

    async def _end(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for act in self.on_end:
            await asyncio.to_thread(act)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._watch_threads.shutdown(wait=False, cancel_futures=True)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                await loop.run_in_executor(self._watch_threads, self._store.follow)
                await loop.run_in_executor(self._watch_threads, self._addresses.follow)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look may go well
                logger.error("The page store cannot be followed: %s", error)  # noqa: TRY400 - no stack says more

    async def _watch_database(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                is_up = await loop.run_in_executor(self._watch_threads, self._is_database_up)
            except Exception:  # noqa: BLE001 - who cannot even ask has no database
                is_up = False
            if is_up == self.is_degraded:
                self.is_degraded = not is_up
                if is_up:
                    logger.warning("The database answers again")
                else:
                    logger.error("The database does not answer: pages come from the store alone")
            await asyncio.sleep(DATABASE_SECONDS)


class Asked(NamedTuple):
    """What of a request decides its answer."""

    method: str
    path: str
    query: str
    accept_encoding: str
    if_none_match: str
