import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.program import free_port

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.store import PageStore

PROGRAM = Path(__file__).parent / "serving_for_tests.py"


class Server:
    """Two processes of Granian, and who asks one of them over a connection of its own."""

    def __init__(self, directory):
        self.directory, self.port, self.connections = directory, free_port(), []
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(directory), str(self.port)]
        )

    def connect(self):
        self.connections.append(HTTPConnection("127.0.0.1", self.port, timeout=10))
        return self.connections[-1]

    def get(self, path, *, method="GET", connection=None, **headers):
        connection = connection or self.connect()
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def both(self):
        """A connection to each of the two processes."""
        found = {}
        while len(found) < 2:
            connection = self.connect()
            found.setdefault(self.get("/-/pid", connection=connection)[2], connection)
        return list(found.values())


@pytest.fixture
def server(directory, wait_until):
    directory.mkdir()
    (directory / "changed").write_text("first")
    AddressFilter(directory).build(["/", "/en/", "/en/a", "/en/спорт/"], expected=4)
    server = Server(directory)

    def is_up():
        assert server.process.poll() is None
        try:
            return server.get("/-/pid")[0] == 200
        except OSError:
            return False

    try:
        wait_until(is_up, within=30)
        yield server
    finally:
        for connection in server.connections:
            connection.close()
        server.process.terminate()
        server.process.wait(60)


def test_pages_are_served_as_the_protocol_wants(server):
    status, headers, body = server.get("/en/?utm=1")
    assert (status, body.split()[:2]) == (200, [b"/en/", b"first"])
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert int(headers["content-length"]) == len(body)
    tag = headers["etag"]
    status, headers, body = server.get("/en/", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 300
    status, headers, body = server.get("/en/", if_none_match=f'"x", W/{tag}')
    assert (status, body, headers["etag"]) == (304, b"", tag)
    status, headers, body = server.get("/en/", accept_encoding="gzip")
    assert (status, headers["content-encoding"], body[:2]) == (200, "gzip", b"\x1f\x8b")
    assert server.get("/en/", method="POST")[0] == 405
    status, headers, _ = server.get("/en/%D1%81%D0%BF%D0%BE%D1%80%D1%82?x=1")
    assert (status, headers["location"]) == (301, "/en/%D1%81%D0%BF%D0%BE%D1%80%D1%82/")
    assert server.get("/en/%D1%81%D0%BF%D0%BE%D1%80%D1%82/")[0] == 200
    for path in (
        "/en/unknown",
        "/en/%ff%fe",
        "/en/%00",
        "//en/",
        "/en/%0d%0ax:y",
        "/" + "x" * 5000,
    ):
        assert server.get(path)[0] == 404, path


def test_every_process_learns_what_another_drops_adds_and_distrusts(server, wait_until):
    connections = server.both()
    store, addresses = PageStore(server.directory), AddressFilter(server.directory)

    def answers(path):
        return [server.get(path, connection=one) for one in connections]

    for change in ("second", "third"):
        (server.directory / "changed").write_text(change)
        store.drop(["site"])
        wait_until(
            lambda change=change: (
                [body.split()[1] for *_, body in answers("/en/")] == [change.encode()] * 2
            ),
            within=1,
        )
    assert [status for status, *_ in answers("/en/new")] == [404, 404]
    addresses.add(["/en/new"])
    assert [status for status, *_ in answers("/en/new")] == [200, 200]
    (server.directory / "changed").write_text("fourth")
    store.journal._distrust(OSError("the disk is full"))
    time.sleep(0.01)
    assert [body.split()[1] for *_, body in answers("/en/a")] == [b"fourth", b"fourth"]


def test_a_database_that_is_down_is_said_by_a_header(server, wait_until):
    connections = server.both()

    def degraded():
        answers = [server.get("/en/", connection=one) for one in connections]
        assert all(status == 200 for status, *_ in answers)
        return [headers.get("broadsheet-degraded") for _, headers, _ in answers]

    assert degraded() == [None, None]
    (server.directory / "down").touch()
    wait_until(lambda: degraded() == ["database", "database"], within=10)
    (server.directory / "down").unlink()
    wait_until(lambda: degraded() == [None, None], within=10)
