"""The doors through which views come in, and live numbers go out: plain ASGI, in front of Django.

`POST /-/read`, `GET /-/read.gif?article=42` and `GET /-/numbers?ids=1,2&edition=en`. No cookie is
read or set. What touches a database is handed in, and runs in threads of the beacon's own.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Protocol
from urllib.parse import parse_qs

from .intake import (
    MAX_BODY_BYTES,
    Arrival,
    Intake,
    Verdict,
    allowed_method,
    milliseconds,
    read_article_id,
)
from .intake_counts import IntakeCounts
from .networks import NetworkSet, find_reader_address
from .reader_keys import ReaderKeys
from .view_log import LogUnavailableError, ViewLog
from .view_records import IMAGE, SCRIPT, View

logger = logging.getLogger(__name__)

#: A transparent GIF of one pixel, 43 bytes.
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
MAX_NUMBERS = 100
#: Readers of one page ask for the same numbers: so many answers are kept for as long as they are
#: right, and caches may keep one for a second, as pages do.
MAX_TOLD = 500
NUMBERS_SECONDS = 1
RETRY_AFTER_SECONDS = 5
#: Where views cannot be taken, how often the program's log says so: it may lie on the full disk.
SAID_EACH_SECONDS = 1.0
#: Whether an article is live is remembered until it changes, and asked again after so long in case
#: nobody said so; how many are remembered, and for how long that it could not be found out.
LIVE_FOR_SECONDS = 10.0
UNKNOWN_FOR_SECONDS = 1.0
MAX_REMEMBERED = 50_000
VIEWS = "/-/read"
_DOORS = {VIEWS: SCRIPT, "/-/read.gif": IMAGE}

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
#: Whether each of some articles is live; those of which nothing is known are left out.
FindLive = Callable[[Sequence[int]], Mapping[int, bool]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Changes(Protocol):
    """Which articles changed since when, for instance by the journal of the page store."""

    def now(self) -> int:
        """Return the moment, to ask by later on."""

    def is_changed(self, article_id: int, *, since: int) -> bool: ...


class CountsAtOnce(Protocol):
    """Counts by article as of one moment, such as `readership.queries.Numbers`."""

    @property
    def as_of(self) -> datetime: ...
    def __getitem__(self, article_id: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: bytes = b""
    kind: str = "text/plain; charset=utf-8"
    allow: str = ""
    retry_after_seconds: int = 0
    max_age_seconds: int = 0

    def headers(self) -> list[tuple[bytes, bytes]]:
        kept = f"max-age={self.max_age_seconds}" if self.max_age_seconds else "no-store"
        headers = [(b"cache-control", kept.encode()), (b"x-content-type-options", b"nosniff")]
        if self.status != 204:  # noqa: PLR2004 - no content, so no length of it
            headers += [
                (b"content-type", self.kind.encode()),
                (b"content-length", str(len(self.text)).encode()),
            ]
        if self.allow:
            headers.append((b"allow", self.allow.encode()))
        if self.retry_after_seconds:
            headers.append((b"retry-after", str(self.retry_after_seconds).encode()))
        return headers


class Beacon:
    """An ASGI application that answers the addresses in `Beacon.addresses`, and 404 elsewhere.

    `find_live(article_ids)` says of each whether it is live, and leaves out what it does not
    know; it may block: it is called in a thread. It is asked again where `changes` says so.
    `numbers()` returns at once what counts now, the same object as long as nothing changed.
    `label(edition_code, count)` returns the words of a count, None for an unknown edition.
    `trusted_proxies` are those whose X-Forwarded-For is believed; what is refused is counted in
    `refusals`; `clock` returns an aware moment.
    """

    addresses = frozenset({*_DOORS, "/-/numbers"})

    def __init__(
        self,
        *,
        view_log: ViewLog,
        keys: ReaderKeys,
        intake: Intake,
        refusals: IntakeCounts,
        find_live: FindLive,
        changes: Changes,
        numbers: Callable[[], CountsAtOnce],
        label: Callable[[str, int], str | None],
        trusted_proxies: NetworkSet,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._view_log = view_log
        self._keys = keys
        self._intake = intake
        self._refusals = refusals
        self._numbers = numbers
        self._label = label
        self._trusted = trusted_proxies
        self._clock = clock
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="beacon")
        self._live = _Remembered(find_live, changes, self._threads)
        self._said_at = -SAID_EACH_SECONDS
        self._told: dict[bytes, Answer] = {}
        self._told_of: CountsAtOnce | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in _DOORS:
            door, peer = _DOORS[path], scope.get("client")
            arrival = Arrival(
                door=door,
                method=scope["method"],
                headers=_headers_of(scope),
                query=_query_of(scope) if door == IMAGE else {},
                body=await _read_body(receive) if door == SCRIPT else b"",
            )
            answer = await self._take_view(arrival, peer=peer[0] if peer else "")
        elif path == "/-/numbers":
            answer = self._tell_numbers(scope)
        else:
            answer = Answer(404, b"There is nothing here.\n")
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": answer.headers()}
        )
        await send({"type": "http.response.body", "body": answer.text})

    async def answer_directly(self, scope: Any, protocol: Any) -> bool:
        """Answer a view by RSGI, Granian's own interface, as pages send one: a short body of a
        length that it announces. Says False, and has read nothing, where a request is another.

        Whatever it costs to make a request one of ASGI, nearly every view is spared.
        """
        length = scope.headers.get("content-length") or ""
        is_short = length.isdecimal() and int(length[:20]) <= MAX_BODY_BYTES
        if scope.path != VIEWS or scope.method != "POST" or not is_short:
            return False
        try:
            body = await protocol()
        except RuntimeError:  # Granian's: the client went away
            return True
        arrival = Arrival(SCRIPT, "POST", _join_headers(scope.headers.items()), body=body)
        answer = await self._take_view(arrival, peer=scope.client.rpartition(":")[0])
        headers = _TAKEN if answer.status == 204 else _as_text(answer.headers())  # noqa: PLR2004 - as below
        protocol.response_bytes(answer.status, headers, answer.text)
        return True

    def close(self) -> None:
        """Write what waits, and stop. For the end of the process."""
        self._view_log.close()
        self._refusals.write()
        self._threads.shutdown(cancel_futures=True)

    async def _take_view(self, arrival: Arrival, *, peer: str) -> Answer:
        door = arrival.door
        verdict = self._intake.judge_request(arrival)
        if verdict is None:
            try:
                arrival.is_live = await self._live.ask(arrival.article_id)
            except Exception as error:  # noqa: BLE001 - the database's own, which is not known here
                return self._refuse_for_now(error)
            self._say_whence_and_when(arrival, peer)
            verdict = self._intake.judge_view(arrival)
        if verdict.is_refusal:
            self._refusals.add(verdict.text, now=self._clock())
            allow = allowed_method(door) if verdict.reason == "wrong_method" else ""
            return Answer(verdict.status, f"{verdict.reason}\n".encode(), allow=allow)
        try:
            view = self._describe(arrival, verdict)
            await self._view_log.append_in_loop(view)
        except (LogUnavailableError, OSError) as error:
            return self._refuse_for_now(error)
        return Answer(204) if door == SCRIPT else Answer(200, PIXEL, "image/gif")

    def _refuse_for_now(self, error: Exception) -> Answer:
        now = monotonic()
        if now - self._said_at >= SAID_EACH_SECONDS:
            self._said_at = now
            logger.warning("Views are not taken: %s", error)
        self._refusals.add("unavailable", now=self._clock())
        return Answer(503, b"unavailable\n", retry_after_seconds=RETRY_AFTER_SECONDS)

    def _say_whence_and_when(self, arrival: Arrival, peer: str) -> None:
        forwarded_for = arrival.headers.get("x-forwarded-for", "")
        arrival.address = find_reader_address(peer, forwarded_for, trusted=self._trusted)
        arrival.received_at = self._clock()

    def _describe(self, arrival: Arrival, verdict: Verdict) -> View:
        reader = self._keys.hash_reader(
            arrival.address, arrival.headers.get("user-agent", ""), now=arrival.received_at
        )
        return View(
            received_at_ms=milliseconds(arrival.received_at),
            article_id=arrival.article_id,
            reader=reader.today,
            reader_yesterday=reader.yesterday,
            door=arrival.door,
            verdict=verdict.text,
            referring_host=arrival.referring_host,
            network=reader.network,
        )

    def _tell_numbers(self, scope: Scope) -> Answer:
        if scope["method"] != "GET":
            return Answer(405, b"wrong_method\n", allow="GET")
        numbers, asked = self._numbers(), scope.get("query_string", b"")
        if numbers is not self._told_of or len(self._told) >= MAX_TOLD:
            self._told, self._told_of = {}, numbers
        answer = self._told.get(asked)
        if answer is None:
            answer = self._list_numbers(numbers, _query_of(scope))
            if answer.max_age_seconds:
                self._told[asked] = answer
        return answer

    def _list_numbers(self, numbers: CountsAtOnce, query: Mapping[str, Sequence[str]]) -> Answer:
        ids = _read_ids(query.get("ids", ()))
        if ids is None:
            return Answer(400, f"ids: 1 to {MAX_NUMBERS} numbers, with commas\n".encode())
        edition = query.get("edition", [""])[0]
        if edition and self._label(edition, 0) is None:
            return Answer(400, b"edition: there is no such edition\n")
        counts: dict[str, dict[str, Any]] = {str(one): {"views": numbers[one]} for one in ids}
        if edition:
            for told in counts.values():
                told["label"] = self._label(edition, told["views"])
        as_of = numbers.as_of.astimezone(UTC).isoformat(timespec="milliseconds")
        said = {"as_of": as_of.replace("+00:00", "Z"), "counts": counts}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        return Answer(200, text, "application/json", max_age_seconds=NUMBERS_SECONDS)


@dataclass(slots=True)
class _Known:
    """What was asked at a second of the monotonic clock, and at a moment of the changes."""

    at: float
    moment: int
    answer: "asyncio.Future[bool]"


class _Remembered:
    """Asks whether articles are live, and again once they changed, however many ask.

    What is asked for while a question runs is asked together by the next one: with thousands of
    articles being read, a question for each would take all the time there is.
    """

    def __init__(self, find_live: FindLive, changes: Changes, threads: ThreadPoolExecutor) -> None:
        self._find_live = find_live
        self._changes = changes
        self._threads = threads
        self._known: dict[int, _Known] = {}
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, article_id: int) -> bool:
        known = self._known.get(article_id)
        if known is None or self._is_over(article_id, known):
            known = self._ask(article_id)
        if known.answer.done():
            return known.answer.result()
        # Shielded: one reader who goes away does not take the answer from the others.
        return await asyncio.shield(known.answer)

    def _is_over(self, article_id: int, known: _Known) -> bool:
        if not known.answer.done():
            return False
        age = monotonic() - known.at
        if known.answer.exception() is not None:
            return age >= UNKNOWN_FOR_SECONDS
        return age >= LIVE_FOR_SECONDS or self._changes.is_changed(article_id, since=known.moment)

    def _ask(self, article_id: int) -> _Known:
        loop = asyncio.get_running_loop()
        answer = self._waiting[article_id] = loop.create_future()
        # Its failure is no surprise where whoever asked has gone away.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._known.pop(article_id, None)
        if len(self._known) >= MAX_REMEMBERED:
            del self._known[next(iter(self._known))]  # the one asked longest ago
        known = self._known[article_id] = _Known(monotonic(), self._changes.now(), answer)
        if self._asking is None or self._asking.done():
            self._asking = loop.create_task(self._ask_for_all())
        return known

    async def _ask_for_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            waiting, self._waiting = self._waiting, {}
            try:
                live = await loop.run_in_executor(self._threads, self._find_live, list(waiting))
            except Exception as error:  # noqa: BLE001 - the database's own, which is not known here
                for answer in waiting.values():
                    answer.set_exception(error)
                continue
            for article_id, answer in waiting.items():
                if article_id in live:
                    answer.set_result(live[article_id])
                else:
                    answer.set_exception(LookupError(f"nothing is known of article {article_id}"))


def _headers_of(scope: Scope) -> dict[str, str]:
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return _join_headers((name.lower(), value) for name, value in pairs)


def _join_headers(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _as_text(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in headers]


_TAKEN = _as_text(Answer(204).headers())


def _query_of(scope: Scope) -> dict[str, list[str]]:
    try:
        return parse_qs(scope.get("query_string", b"").decode("ascii"), max_num_fields=10)
    except ValueError:
        return {}


async def _read_body(receive: Receive) -> bytes:
    """Return the body, or of one that is too large the first bytes."""
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            break
        body += message.get("body", b"")[: MAX_BODY_BYTES + 1]
        if not message.get("more_body"):
            break
    return body


def _read_ids(values: Sequence[str]) -> list[int] | None:
    texts = values[0].split(",") if len(values) == 1 else []
    if not 0 < len(texts) <= MAX_NUMBERS:
        return None
    ids = [read_article_id(text) for text in texts]
    return None if None in ids else list(dict.fromkeys(one for one in ids if one is not None))
