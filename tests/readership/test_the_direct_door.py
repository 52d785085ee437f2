"""Views as Granian hands them over, without ASGI in between."""

import asyncio
import json
import socket
from types import SimpleNamespace

import pytest
from tests.conftest import files_alone
from tests.readership.test_the_doors import HEADERS, Site
from tests.readership.views import CHROME, read_all


class Headers(dict):
    """Header lines as Granian tells them: names in small letters, each line by itself."""

    def __init__(self, pairs):
        super().__init__(pairs)
        self.pairs = list(pairs)

    def items(self):
        return self.pairs


class Protocol:
    def __init__(self, body):
        self.body, self.is_read, self.answer = body, False, None

    async def __call__(self):
        self.is_read = True
        if self.body is None:
            raise RuntimeError("RSGI transport closed")
        return self.body

    def response_bytes(self, status, headers, body):
        self.answer = status, dict(headers), body


def ask(
    site, body, *, headers=HEADERS, method="POST", path="/-/read", length=None, peer="192.0.2.9:1"
):
    pairs = [
        *headers.items(),
        ("content-length", str(len(body or b"") if length is None else length)),
    ]
    scope = SimpleNamespace(method=method, path=path, headers=Headers(pairs), client=peer)
    protocol = Protocol(body)
    is_answered = asyncio.run(site.beacon.answer_directly(scope, protocol))
    return is_answered, protocol


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, trusted_proxies=["192.0.2.0/24"])
    yield site
    site.beacon.close()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"article": 42, "referrer": "https://x.example/"}', HEADERS),
        (b'{"article": 42}', {**HEADERS, "x-forwarded-for": "203.0.113.1"}),
        (b'{"article": 42}', {**HEADERS, "origin": "https://other.example"}),
        (b'{"article": 42}', {}),
        (b'{"article": 99}', HEADERS),
        (b"nonsense", HEADERS),
        (b"", HEADERS),
    ],
)
def test_both_ways_into_the_door_give_the_same_answer_and_the_same_view(site, body, headers):
    by_asgi = site.send("POST", "/-/read", body=body, headers=headers)
    is_answered, protocol = ask(site, body, headers=headers)
    assert is_answered
    status, answered, text = protocol.answer
    assert (status, answered, text) == (by_asgi.status, by_asgi.headers, by_asgi.body)
    one, other = site.logged() or (None, None)
    assert one == other
    assert (one is not None) == (status == 204)


@pytest.mark.parametrize(
    "request_of_another_kind",
    [
        {"method": "GET"},
        {"path": "/-/read.gif"},
        {"path": "/-/numbers"},
        {"length": 1025},
        {"length": ""},
        {"length": "9" * 5000},
    ],
)
def test_any_other_request_is_left_unread_to_asgi(site, request_of_another_kind):
    is_answered, protocol = ask(site, b'{"article": 42}', **request_of_another_kind)
    assert not is_answered
    assert not protocol.is_read
    assert protocol.answer is None


def test_a_body_that_breaks_off_is_no_view(site):
    is_answered, protocol = ask(site, None)
    assert is_answered
    assert protocol.answer is None
    assert site.logged() == []


@files_alone
def test_the_program_takes_each_kind_of_body(program):
    article_id = program.publish_bridges()[0]
    program.start()

    def send(*lines, body=b""):
        head = ["POST /-/read HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {CHROME}", *lines, "", ""]
        with socket.create_connection(("127.0.0.1", program.port), timeout=30) as connection:
            connection.sendall("\r\n".join(head).encode() + body)
            return connection.recv(1000).partition(b"\r\n")[0] if b"Broken" not in body else b""

    body = json.dumps({"article": article_id}).encode()
    whole = f"Content-Length: {len(body)}"
    assert b" 204 " in send(whole, body=body)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    assert b" 204 " in send("Transfer-Encoding: chunked", body=chunked)
    assert b" 413 " in send("Content-Length: 1500", body=body.ljust(1500))
    send("Content-Length: 90", body=body + b" Broken off")
    assert b" 204 " in send(whole, body=body)
    assert len(read_all(program.home / "view-log")) == 3
