"""Lets an ASGI application answer a request that Granian handed over by its own interface, RSGI.

The server speaks RSGI because a stored page leaves fastest that way; what is not stored is the
business of ASGI applications. What RSGI 1.6 of Granian 2.8 does otherwise than ASGI, and what is
made of it here:

- Its stream takes whatever it is given into memory, at once. A long body goes through a pipe that
  Granian reads as a file, so that a slow reader holds back whoever writes.
- It ends a body that broke off with one more empty chunk and no error.
- It hides header lines of a request that are not ASCII, and the path as it was sent: they are
  missing in the scope.
- Its headers are text, sent as UTF-8. Bytes that are not UTF-8 are read as Latin-1.
"""

import asyncio
import logging
import os
import select
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

# They are handed on there, though `__all__` is missing.
from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

logger = logging.getLogger(__name__)

#: A streamed body that declares at most this many bytes is handed to Granian as it comes.
MAX_UNPACED_BYTES = 256 * 1024
#: Before the second look whether Granian has opened the pipe, which takes it 0.1 ms.
OPENING_SECONDS = 0.0002
#: When its reader is taken to be gone: Granian may have opened and closed it between two looks.
GIVEN_UP_SECONDS = 5.0
NEVER_OPENED_SECONDS = 60.0
_WITHOUT_BODY = frozenset({204, 304})
_OPEN_FILES = Path("/proc/self/fd")
_CAN_PACE = _OPEN_FILES.is_dir()  # Linux; elsewhere a stream is not held back

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
Headers = list[tuple[str, str]]


async def run_asgi(
    application: Application, scope: "Scope", protocol: "HTTPProtocol", *, root_path: str = ""
) -> None:
    """Have an ASGI application answer one HTTP request of RSGI; return when it has.

    The application sees ASGI 3.0, version 2.3 of its HTTP messages, with `http.response.pathsend`.
    `raw_path` and `state` are not in its scope. Its `receive` tells `http.disconnect` once the
    response is complete, the client is gone or a body broke off; what it sends to a client who is
    gone is dropped. `receive` must not be called again while it waits (`RuntimeError`).

    An application that raises, or returns without a response, is logged; the answer is a status of
    500 if nothing of another was sent, else it ends there. Whoever cancels this call cancels the
    application.
    """
    headers = _read_headers(scope)
    exchange = _Exchange(scope, protocol, dict(headers))
    try:
        await application(
            _describe(scope, headers, root_path=root_path), exchange.receive, exchange.send
        )
    except Exception:
        logger.exception("%s %s: the application failed", scope.method, scope.path)
        exchange.fail()
    else:
        if not exchange.is_over:
            logger.error("%s %s: the application did not answer", scope.method, scope.path)
            exchange.fail()
    finally:
        exchange.close()


def _describe(
    scope: "Scope", headers: list[tuple[bytes, bytes]], *, root_path: str
) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "query_string": scope.query_string.encode(),
        "root_path": root_path,
        "headers": headers,
        "client": _read_address(scope.client),
        "server": _read_address(scope.server),
        "extensions": {"http.response.pathsend": {}},
    }


def _read_headers(scope: "Scope") -> list[tuple[bytes, bytes]]:
    headers = [(name.encode(), value.encode()) for name, value in scope.headers.items()]
    if "host" not in scope.headers:  # HTTP/2 says it elsewhere
        headers.insert(0, (b"host", (scope.authority or "").encode()))
    return headers


def _read_address(text: str) -> tuple[str, int | None] | None:
    """Return host and port of "127.0.0.1:80" or "[::1]:80", or the path of a Unix socket."""
    host, _, port = text.rpartition(":")
    if port.isdecimal() and host:
        return host.strip("[]"), int(port)
    return (text, None) if text else None


class _Exchange:
    """One request and its response: the `receive` and `send` of an application."""

    def __init__(
        self, scope: "Scope", protocol: "HTTPProtocol", headers: Mapping[bytes, bytes]
    ) -> None:
        self._protocol = protocol
        self._is_head = scope.method == "HEAD"
        self._body = _RequestBody(scope, protocol, headers)
        self._start: tuple[int, Headers] | None = None
        self._stream: _Stream | None = None
        self._is_complete = False
        self._over: asyncio.Future[None] | None = None
        self._watch: asyncio.Future[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether the response is complete or the client gone."""
        return self._is_complete or (self._over is not None and self._over.done())

    async def receive(self) -> dict[str, Any]:
        if not self.is_over and self._body.is_unread:
            if message := await self._body.read():
                return message
            self._tell_over()
        if not self.is_over:
            # Shielded, for it is one future however often the application waits and gives up.
            await asyncio.shield(self._until_over())
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            if self._start is not None:
                raise RuntimeError("The response was started before")
            self._start = message["status"], _read_response_headers(message.get("headers", ()))
        elif self._start is None or self._is_complete:
            raise RuntimeError(f"{kind} before the start or after the end of the response")
        elif kind == "http.response.body":
            await self._send_body(message.get("body", b""), more=message.get("more_body", False))
        elif kind == "http.response.pathsend" and self._stream is None:
            self._protocol.response_file(*self._start, os.fspath(message["path"]))
            self._complete()
        else:
            raise ValueError(f"{kind} is no message for a response here")

    def fail(self) -> None:
        """Answer with a status of 500 if nothing was sent; else the response ends where it is."""
        if self._stream is None and not self._is_complete:
            headers = [("content-type", "text/plain; charset=utf-8")]
            self._protocol.response_str(500, headers, "Internal server error")

    def close(self) -> None:
        """Let go of everything. What waits in `receive` is told that it is over."""
        if self._stream is not None:
            self._stream.close()
        self._complete()
        if self._watch is not None:
            self._watch.cancel()

    async def _send_body(self, body: bytes, *, more: bool) -> None:
        if self._stream is None:
            assert self._start is not None
            if not more:
                self._protocol.response_bytes(*self._start, body)
                self._complete()
                return
            self._stream = await self._open_stream(*self._start)
        if body and not await self._stream.send(body):
            self._tell_over()
            await asyncio.sleep(0)  # lets the application be cancelled, and others have their turn
        if not more:
            self._stream.close()
            self._complete()

    async def _open_stream(self, status: int, headers: Headers) -> "_Stream":
        if self._is_head or status in _WITHOUT_BODY:
            return _NoStream(self._protocol, status, headers)
        length = next((value for name, value in headers if name.lower() == "content-length"), "")
        if (length.isdecimal() and int(length) <= MAX_UNPACED_BYTES) or not _CAN_PACE:
            return _UnpacedStream(self._protocol, status, headers)
        stream = _PacedStream(self._protocol, status, headers, over=self._until_over())
        await stream.until_open()
        return stream

    def _until_over(self) -> "asyncio.Future[None]":
        """The one future of this exchange that ends with it; the client is watched from now on."""
        if self._over is None:
            self._over = asyncio.get_running_loop().create_future()
            self._watch = asyncio.ensure_future(self._protocol.client_disconnect())
            self._watch.add_done_callback(self._tell_over)
        return self._over

    def _tell_over(self, _watch: object = None) -> None:
        if self._over is None:
            self._over = asyncio.get_running_loop().create_future()
        if not self._over.done():
            self._over.set_result(None)

    def _complete(self) -> None:
        self._is_complete = True
        if self._over is not None:
            self._tell_over()


class _RequestBody:
    """The body of a request, by pieces and only as fast as they are asked for."""

    def __init__(
        self, scope: "Scope", protocol: "HTTPProtocol", headers: Mapping[bytes, bytes]
    ) -> None:
        self.is_unread = True
        self._protocol = protocol
        self._is_http1 = scope.http_version.startswith("1")
        is_chunked = b"transfer-encoding" in headers
        length = b"" if is_chunked else headers.get(b"content-length", b"")
        self._length = int(length) if length.isdigit() else None
        # HTTP/1 announces a body, HTTP/2 need not.
        self._is_there = is_chunked or bool(self._length) or not self._is_http1
        self._received = 0
        self._chunks: Any = None
        self._is_reading = False

    async def read(self) -> dict[str, Any] | None:
        """Return the next `http.request`, or None if the body broke off."""
        if not self._is_there:
            self.is_unread = False
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._is_reading:
            # Granian would hold up the whole process until the first call has its chunk.
            raise RuntimeError("receive() was called while it waits for the body")
        self._is_reading = True
        try:
            if self._chunks is None:
                self._chunks = aiter(self._protocol)
            chunk = await self._next_chunk() or b""
            self._received += len(chunk)
            more = bool(chunk) and self._received != self._length
            if not chunk and not await self._ended_well():
                self.is_unread = False
                return None
            self.is_unread = more
        finally:
            self._is_reading = False
        return {"type": "http.request", "body": chunk, "more_body": more}

    async def _ended_well(self) -> bool:
        if self._length is not None:
            return self._received == self._length
        # An empty chunk is the end, or an error before it. In HTTP/2 it may also be an empty frame.
        return not self._is_http1 or await self._next_chunk() is None

    async def _next_chunk(self) -> bytes | None:
        try:
            return await anext(self._chunks)  # with a default it could not be cancelled
        except StopAsyncIteration:
            return None


class _Stream(Protocol):
    async def send(self, body: bytes, /) -> bool: ...  # false once the client is gone
    def close(self) -> None: ...


class _NoStream:
    """For a response that has headers only, whatever the application sends."""

    def __init__(self, protocol: "HTTPProtocol", status: int, headers: Headers) -> None:
        protocol.response_stream(status, headers)

    async def send(self, _body: bytes) -> bool:
        return True

    def close(self) -> None:
        pass


class _UnpacedStream:
    """Granian's own: it takes everything, however slowly the client reads."""

    def __init__(self, protocol: "HTTPProtocol", status: int, headers: Headers) -> None:
        self._transport: Any = protocol.response_stream(status, headers)

    async def send(self, body: bytes) -> bool:
        if self._transport is not None:
            try:
                await self._transport.send_bytes(body)
            except (ProtocolClosed, ProtocolError):
                self._transport = None
        return self._transport is not None

    def close(self) -> None:
        self._transport = None  # Granian ends the body when nobody holds its transport


class _PacedStream:
    """A pipe that Granian reads as a file: at most 64 kB wait in it, 128 kB in Granian.

    That the client is gone shows when something is sent: Granian does not tell it of a file. An
    idle stream takes one of Granian's 512 threads for files.

    The pipe stays open until Granian has opened its other end, or surely never will: its number
    could else become another file's, which Granian would then send.
    """

    def __init__(
        self,
        protocol: "HTTPProtocol",
        status: int,
        headers: Headers,
        *,
        over: "asyncio.Future[None]",
    ) -> None:
        reader, self._writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.close(reader)
        self._over = over
        self._is_open = self._is_broken = False
        protocol.response_file(status, headers, str(_OPEN_FILES / str(self._writer)))

    async def until_open(self) -> None:
        poll = select.poll()
        poll.register(self._writer, 0)
        loop = asyncio.get_running_loop()
        gives_up_at = loop.time() + GIVEN_UP_SECONDS
        wait_seconds = OPENING_SECONDS
        while poll.poll(0):  # an error: nobody has opened the other end
            if self._over.done() or loop.time() > gives_up_at:
                self._is_broken = True
                return
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(2 * wait_seconds, 0.05)
        self._is_open = True

    async def send(self, body: bytes) -> bool:
        rest = memoryview(body)
        while rest and not self._is_broken:
            try:
                rest = rest[os.write(self._writer, rest) :]
            except BlockingIOError:
                await self._until_writable()
            except BrokenPipeError:
                self._is_broken = True  # Granian has closed its end
        return not self._is_broken

    async def _until_writable(self) -> None:
        loop = asyncio.get_running_loop()
        writable = loop.create_future()
        loop.add_writer(self._writer, _wake, writable)
        try:
            await writable
        finally:
            loop.remove_writer(self._writer)

    def close(self) -> None:
        if self._writer < 0:
            return
        writer, self._writer = self._writer, -1
        if self._is_open:
            os.close(writer)
        else:
            asyncio.get_running_loop().call_later(NEVER_OPENED_SECONDS, os.close, writer)


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _read_response_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    try:
        return [(name.decode("ascii"), value.decode()) for name, value in headers]
    except UnicodeDecodeError:
        return [(name.decode("latin-1"), _read_text(value)) for name, value in headers]


def _read_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
