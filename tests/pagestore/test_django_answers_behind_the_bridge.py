"""The same ASGI applications on Granian's own ASGI interface, and behind the bridge."""

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from http.client import HTTPResponse
from pathlib import Path

import pytest

from broadsheet.pagestore import bridging
from broadsheet.pagestore.bridging import MAX_UNPACED_BYTES, run_asgi

ROOT = Path(__file__).parents[2]
MODULE = ".".join(Path(__file__).relative_to(ROOT).with_suffix("").parts)
MEGABYTE = 1024 * 1024
UPLOAD = bytes(range(256)) * 4 * 1024 * 20  # 20 MB
PIECE = b"0123456789abcdef" * 4096  # 64 kB
PIECES = 80
SIZE = Path(__file__).stat().st_size

# --- what the servers serve -------------------------------------------------

_happened = []


async def application(scope, receive, send):
    """Whatever its name is by the path, with a body and headers that show what came in."""
    name = scope["path"].split("/")[1].replace("-", "_")
    application = django() if name == "django" else globals().get(f"answer_{name}", answer_scope)
    await application(scope, receive, send)


class Bridged:
    async def __rsgi__(self, scope, protocol):
        await run_asgi(application, scope, protocol, root_path="")


bridged = Bridged()


@cache
def django():
    import django as the_framework
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
    from django.urls import path

    async def upload(request):
        file = request.FILES["file"]
        return JsonResponse({"size": file.size, "sha256": digest(file.read())})

    async def cookies(request, name):
        response = HttpResponse(f"Новини {name}", headers={"X-Path": request.get_full_path()})
        response.set_cookie("one", "1")
        response.set_cookie("two", "2", path="/desk/")
        return response

    async def waits(_request):
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            _happened.append("Django's view was cancelled")
            raise

    async def pieces():
        for number in range(5):
            yield f"piece {number}\n"

    def fails(_request):
        raise OSError("the view failed")

    settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=(
        path("django/upload", upload), path("django/cookies/<name>", cookies),
        path("django/streamed", lambda _: StreamingHttpResponse(pieces())),
        path("django/large", lambda _: HttpResponse(PIECE * 10)),
        path("django/waits", waits), path("django/fails", fails),
    ), LOGGING_CONFIG=None)  # fmt: skip
    the_framework.setup()
    return get_asgi_application()


async def respond(send, body=b"", *more, status=200, headers=()):
    await send({"type": "http.response.start", "status": status, "headers": headers})
    bodies = [body, *more]
    for piece in bodies[:-1]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": bodies[-1]})


async def read_pieces(receive):
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            _happened.append("the body broke off")
            return
        more = message["more_body"]
        yield message["body"]


async def answer_scope(scope, receive, send):
    told = {name: value for name, value in scope.items() if name not in {"raw_path", "state"}}
    told["extensions"] = sorted(scope["extensions"])
    told["body"] = b"".join([piece async for piece in read_pieces(receive)])
    text = json.dumps(told, default=lambda value: value.decode("latin-1"))
    await respond(send, text.encode(), headers=[(b"content-type", b"application/json")])


async def answer_upload(_scope, receive, send):
    total, largest, sha256 = 0, 0, hashlib.sha256()
    async for piece in read_pieces(receive):
        sha256.update(piece)
        total, largest = total + len(piece), max(largest, len(piece))
    assert largest <= MEGABYTE
    await respond(send, f"{total} {sha256.hexdigest()}".encode())


async def answer_unread(_scope, _receive, send):
    await respond(send, b"not read")


async def answer_cookies(_scope, _receive, send):
    headers = [(b"Set-Cookie", b"one=1"), (b"set-cookie", b"two=2")]
    await respond(send, b"two", headers=[*headers, (b"x-word", "новина".encode())])


async def answer_status(scope, _receive, send):
    code = int(scope["query_string"])
    await respond(send, b"" if code in {204, 304} else b"some", status=code)


async def answer_pieces(_scope, _receive, send):
    await respond(send, b"one", b"", b"two", b"three", headers=[(b"content-type", b"text/plain")])


async def answer_declared(_scope, _receive, send):
    await respond(send, b"one", b"two", b"", headers=[(b"Content-Length", b"6")])


async def answer_large(_scope, _receive, send):
    await respond(send, *[PIECE] * PIECES)


async def answer_large_declared(_scope, _receive, send):
    assert len(PIECE) * PIECES > MAX_UNPACED_BYTES
    headers = [(b"content-length", str(len(PIECE) * PIECES).encode())]
    await respond(send, *[PIECE] * PIECES, headers=headers)


async def answer_file(_scope, _receive, send):
    headers = [(b"content-length", str(SIZE).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.pathsend", "path": __file__})


async def answer_failure(_scope, _receive, _send):
    raise OSError("it failed at once")


async def answer_late_failure(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise OSError("it failed before a body")


async def answer_broken_stream(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the start", "more_body": True})
    raise OSError("it failed in the body")


async def answer_nothing(_scope, _receive, _send):
    pass


async def answer_end(_scope, receive, send):
    assert (await receive())["type"] == "http.request"
    waiting = asyncio.create_task(receive())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await respond(send, b"the end")
    for told in (await waiting, await receive()):
        assert told == {"type": "http.disconnect"}
    _happened.append("told of the end")


async def answer_gone(_scope, receive, _send):
    async for _ in read_pieces(receive):
        pass
    for _ in range(3):  # whoever gives up waiting may wait again
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.01)
    _happened.append("waits")
    _happened.append((await receive())["type"])


async def answer_endless(_scope, receive, send):
    """Streams until the client is gone, as Django does: one task listens."""

    async def stream():
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            _happened.append(len(PIECE))
            await asyncio.sleep(0)

    async for _ in read_pieces(receive):
        pass
    streaming = asyncio.create_task(stream())
    assert (await receive())["type"] == "http.disconnect"
    streaming.cancel()
    await asyncio.wait([streaming])
    _happened.append("the stream ended")


async def answer_happened(_scope, _receive, send):
    tasks = len(asyncio.all_tasks())
    files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - they are only counted
    told = {"happened": _happened[-1000:], "tasks": tasks, "files": files}
    await respond(send, json.dumps(told).encode())
    _happened.clear()


def serve(port, interface):
    from granian.constants import Interfaces
    from granian.server import Server

    name = "bridged" if interface == "rsgi" else "application"
    Server(
        f"{MODULE}:{name}", address="127.0.0.1", port=port, interface=Interfaces(interface),
        websockets=False, backpressure=256,
    ).serve()  # fmt: skip


# --- the servers, and those who ask -----------------------------------------


class Running:
    def __init__(self, port, log):
        self.port, self._log, self._read = port, log, 0

    @property
    def new_log(self):
        text = self._log.read_text()
        new, self._read = text[self._read :], len(text)
        return new

    @contextmanager
    def connect(self, sent=b"", *, receive_buffer=None):
        with socket.socket() as client:
            if receive_buffer:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            client.settimeout(5)
            client.connect(("127.0.0.1", self.port))
            client.sendall(sent)
            yield client

    def send(self, request, *, method="GET"):
        """Send bytes on a connection of their own; return status, headers without Date, body."""
        with self.connect(request) as client:
            return read_answer(client, method=method)

    def ask(self, path, *, method="GET", headers="", body=b""):
        request = f"{method} {path} HTTP/1.1\r\nHost: broadsheet.test\r\n{headers}\r\n".encode()
        return self.send(request + body, method=method)

    def happened(self):
        return json.loads(self.ask("/happened")[2])

    def wait_for(self, what, *, within=5):
        seen, ends_at = [], time.monotonic() + within
        while what not in seen:
            assert time.monotonic() < ends_at, f"{what}: not among {seen[-5:]}"
            time.sleep(0.02)
            seen += self.happened()["happened"]
        return seen


def read_answer(client, *, method="GET"):
    with closing(HTTPResponse(client, method=method)) as answer:
        answer.begin()
        headers = [(name, value) for name, value in answer.getheaders() if name != "date"]
        return answer.status, sorted(headers), answer.read()


def digest(body):
    return hashlib.sha256(body).hexdigest()


@contextmanager
def started(interface, directory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = directory / f"{interface}.log"
    program = f"import {MODULE} as module; module.serve({port}, {interface!r})"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program], cwd=ROOT, stdout=file, stderr=file
        )
    server = Running(port, log)
    try:
        ends_at = time.monotonic() + 20
        while True:
            try:
                server.ask("/happened")
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < ends_at, log.read_text()
                time.sleep(0.05)
        _ = server.new_log
        yield server
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    with ExitStack() as stack:
        directory = tmp_path_factory.mktemp("servers")
        yield [stack.enter_context(started(name, directory)) for name in ("rsgi", "asginl")]


@pytest.fixture
def bridge(servers):
    """The server with the bridge; the test must leave nothing behind, and nothing in the log."""
    bridge = servers[0]
    before = bridge.happened()
    _ = bridge.new_log
    yield bridge
    ends_at = time.monotonic() + 3
    while (after := bridge.happened())["tasks"] > before["tasks"]:
        assert time.monotonic() < ends_at, f"{after['tasks']} tasks, before {before['tasks']}"
        time.sleep(0.02)
    assert bridge.new_log == ""
    # Granian closes a file a moment after its reader is gone.
    while (after := bridge.happened())["files"] > before["files"] + 1:
        assert time.monotonic() < ends_at, f"{after['files']} files, before {before['files']}"
        time.sleep(0.02)


# --- the same answers -------------------------------------------------------

CHUNKED = "Transfer-Encoding: chunked\r\n"
LENGTH = "Content-Length: {}\r\n".format


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        "/unread", "/cookies", "/pieces", "/declared", "/large", "/large-declared", "/file",
        "/status?200", "/status?201", "/status?204", "/status?304", "/status?404", "/status?503",
        "/failure", "/late-failure", "/nothing",
        "/django/cookies/a%20b", "/django/streamed", "/django/large",
        "/django/fails", "/django/missing",
    ],
)  # fmt: skip
def test_the_answer_is_the_same(servers, path, method):
    behind_the_bridge, direct = (server.ask(path, method=method) for server in servers)
    if behind_the_bridge[0] == 500 and not path.startswith("/django/"):
        assert behind_the_bridge[2] == (b"" if method == "HEAD" else b"Internal server error")
        assert ("content-type", "text/plain; charset=utf-8") in behind_the_bridge[1]
        assert direct[0] == 500
    else:
        assert behind_the_bridge == direct


@pytest.mark.parametrize(
    "target",
    [
        "/", "/a%20b", "/a%2Fb", "/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8", "/a+b;c=d", "//a//b",
        "/%ff", "/%", "/a?", "/a?x=%20y&z=+", "/a?q=%D0%BD", "http://other.test/a?b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_the_scope_is_the_same(servers, target, version):
    fields = "Host: broadsheet.test:8\r\nX-One: 1\r\nX-Two: a\r\nx-two: b\r\nCookie: a=1\r\n"
    request = f"GET {target} HTTP/{version}\r\n{fields}\r\n".encode()
    bridged_scope, direct = (json.loads(server.send(request)[2]) for server in servers)
    for scope, server in zip((bridged_scope, direct), servers, strict=True):
        assert scope["server"][0] == scope["client"][0] == "127.0.0.1"
        assert int(scope.pop("server")[1]) == server.port
        assert int(scope.pop("client")[1]) > 0
    direct["extensions"].remove("websocket.http.response")
    assert bridged_scope == direct


def test_addresses_have_numbers_as_ports(bridge):
    scope = json.loads(bridge.ask("/")[2])
    assert scope["server"] == ["127.0.0.1", bridge.port]
    assert isinstance(scope["client"][1], int)


def test_a_missing_host_is_there(servers):
    told = [server.send(b"GET /a HTTP/1.0\r\n\r\n")[2] for server in servers]
    assert [json.loads(text)["headers"] for text in told] == [[["host", ""]]] * 2


@pytest.mark.parametrize(
    ("headers", "body", "whole"),
    [
        (LENGTH(0), b"", ""),
        (LENGTH(5), b"hello", "hello"),
        (CHUNKED, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        (CHUNKED, b"0\r\n\r\n", ""),
    ],
)
def test_the_body_is_the_same(servers, headers, body, whole):
    told = [server.ask("/", method="POST", headers=headers, body=body)[2] for server in servers]
    assert [json.loads(text)["body"] for text in told] == [whole] * 2


def test_django_takes_an_upload(servers):
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = head + UPLOAD[: 4 * MEGABYTE] + b"\r\n--b--\r\n"
    headers = "Content-Type: multipart/form-data; boundary=b\r\n" + LENGTH(len(body))
    answers = [
        one.ask("/django/upload", method="POST", headers=headers, body=body) for one in servers
    ]
    assert answers[0] == answers[1]
    assert json.loads(answers[0][2])["sha256"] == digest(UPLOAD[: 4 * MEGABYTE])


# --- what only the bridge has to prove ---------------------------------------


@pytest.mark.parametrize("headers", [LENGTH(len(UPLOAD)), CHUNKED])
def test_a_large_upload_comes_by_pieces(bridge, headers):
    size = len(UPLOAD) // 20
    pieces = [UPLOAD[start : start + size] for start in range(0, len(UPLOAD), size)]
    if headers == CHUNKED:
        pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]
    answer = bridge.ask("/upload", method="POST", headers=headers, body=b"".join(pieces))
    assert answer[2].decode() == f"{len(UPLOAD)} {digest(UPLOAD)}"


def test_two_cookies_are_two(bridge):
    for path in ("/cookies", "/django/cookies/a"):
        names = [name for name, _ in bridge.ask(path)[1]]
        assert names.count("set-cookie") == 2


def test_a_connection_is_kept_after_a_body_that_nobody_read(bridge):
    """If the body is there in full: Granian closes rather than wait for one that nobody wants."""
    post = "POST {} HTTP/1.1\r\nHost: broadsheet.test\r\nContent-Length: {}\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", bridge.port), timeout=5) as client:
        for _ in range(3):
            client.sendall(post.format("/unread", 5000, "x" * 5000).encode())
            assert read_answer(client, method="POST")[2] == b"not read"
            client.sendall(post.format("/", 5, "hello").encode())
            assert json.loads(read_answer(client, method="POST")[2])["body"] == "hello"


def test_who_waits_is_told_of_the_end(bridge):
    assert bridge.ask("/end")[2] == b"the end"
    bridge.wait_for("told of the end")


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nnot all",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_a_body_that_broke_off_is_not_taken_for_a_whole(bridge, sent):
    with bridge.connect(sent):
        time.sleep(0.1)
    bridge.wait_for("the body broke off")


def test_who_waits_is_told_that_the_client_is_gone(bridge):
    with bridge.connect(b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n"):
        bridge.wait_for("waits")
    bridge.wait_for("http.disconnect")


def test_django_cancels_a_view_whose_client_is_gone(bridge):
    with bridge.connect(b"GET /django/waits HTTP/1.1\r\nHost: a\r\n\r\n"):
        time.sleep(0.3)
    bridge.wait_for("Django's view was cancelled")


def test_a_stream_ends_with_its_client(bridge):
    with bridge.connect(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n") as client:
        assert len(client.recv(1000)) > 0
    bridge.wait_for("the stream ended")


def test_a_slow_reader_holds_back_the_stream(bridge):
    request = b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"
    with bridge.connect(request, receive_buffer=8192) as client:
        client.recv(1000)
        time.sleep(0.5)
        _ = bridge.happened()
        time.sleep(0.3)
        assert bridge.happened()["happened"] == []
    bridge.wait_for("the stream ended")


def test_a_pipe_that_nobody_opens_is_given_up(monkeypatch):
    class Unopened:
        path, method, scheme, http_version, query_string = "/a", "GET", "http", "1.1", ""
        client = server = authority = ""
        headers = {}

        def response_file(self, _status, _headers, path):
            self.path = Path(path)

        def client_disconnect(self):
            return asyncio.get_running_loop().create_future()

    async def answer(_scope, receive, send):
        await receive()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        assert await receive() == {"type": "http.disconnect"}

    async def ask():
        server = Unopened()
        await run_asgi(answer, server, server)
        # Its number is nobody else's while Granian might still open it.
        assert server.path.exists()
        await asyncio.sleep(0.1)
        assert not server.path.exists()

    monkeypatch.setattr(bridging, "GIVEN_UP_SECONDS", 0.01)
    monkeypatch.setattr(bridging, "NEVER_OPENED_SECONDS", 0.05)
    asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/failure", "OSError: it failed at once"),
        ("/late-failure", "OSError: it failed before a body"),
        ("/broken-stream", "OSError: it failed in the body"),
        ("/nothing", "GET /nothing: the application did not answer"),
    ],
)
def test_a_failure_is_logged_once(servers, path, said):
    server = servers[0]
    _ = server.new_log
    status, _headers, body = server.ask(path)
    assert (status, body) in {(500, b"Internal server error"), (200, b"the start")}
    server.happened()
    assert server.new_log.count(said) == 1
