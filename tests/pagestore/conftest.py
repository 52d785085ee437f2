import asyncio
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.answering import Answers
from broadsheet.pagestore.pages import Page, ViewsSlot
from broadsheet.pagestore.serving import PageServer
from broadsheet.pagestore.store import PageStore

WORKER = Path(__file__).parent / "working.py"


def page(address="/en/", *, version=0, tags=("site",), text=b"text", parts=None, **fields):
    return Page(
        address=address,
        edition=fields.pop("edition", "en"),
        status=fields.pop("status", 200),
        headers=fields.pop("headers", (("cache-control", "no-cache"), ("x-of", "the page"))),
        version=version,
        fresh_until=fields.pop("fresh_until", None),
        tags=frozenset(tags),
        parts=(text,) if parts is None else tuple(parts),
    )


def pressed(store, address="/en/", **fields):
    """A page that is gathered now, and whether the store took it."""
    made = page(address, version=store.begin(), **fields)
    return made, store.put(made)


@pytest.fixture
def make_page():
    return page


@pytest.fixture
def press():
    return pressed


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "pages"


@pytest.fixture
def stores(directory):
    """Stores on one directory, as if each were another process."""
    opened = []

    def open_store(**options):
        opened.append(PageStore(directory, **options))
        return opened[-1]

    yield open_store
    for store in opened:
        store.journal.close()


class Site:
    """A page server with pages, counts and failures as the test says."""

    def __init__(self, store, directory, *, addresses=("/", "/en/", "/en/a", "/en/b", "/uk/")):
        self.store = store
        self.addresses = AddressFilter(directory)
        if addresses is not None:
            self.addresses.build(addresses, expected=10)
        self.counts = dict.fromkeys(range(100), 5)
        self.pressed = []
        self.snapshots = 0
        self.is_up = True
        self.change = {}
        self.before_press = lambda address: None
        self.shown = []
        self.answers = Answers(store, snapshot=self.snapshot, show_views=self.show)
        self.server = PageServer(
            answers=self.answers,
            addresses=self.addresses,
            press=self.press,
            read_query=self.read_query,
            unavailable=([("content-type", "text/plain")], b"later"),
            is_database_up=lambda: self.is_up,
            rest=self.rest,
            elsewhere=("/desk/",),
            answer_directly=self.answer_nothing,
        )

    async def answer_nothing(self, scope, protocol):
        return False

    def snapshot(self):
        self.snapshots += 1
        return dict(self.counts)

    def show(self, edition, article_id, count):
        self.shown.append(article_id)
        return f"[{edition} {article_id} {count}]".encode()

    def read_query(self, path, query):
        return f"{path}?{query}" if query == "before=1" else path

    def press(self, address):
        self.pressed.append(address)
        self.before_press(address)
        if not self.is_up:
            raise ConnectionError("no database")
        return self.store.press(address, self.make, replaces=False)

    def make(self, address, version):
        fields = self.change.get(address, {})
        if fields == "missing":
            address, fields = f"404:{address.split('/')[1]}", {}
        if address.startswith("404:"):
            fields = {"status": 404, **fields}
        parts = (b"page ", address.encode(), b" " * 300, ViewsSlot(7))
        return page(
            address, version=version, **{"tags": ("site", address), "parts": parts, **fields}
        )

    async def rest(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"elsewhere"})

    async def get(self, path, *, method="GET", query=b"", **headers):
        sent = []

        async def send(message):
            sent.append(message)

        raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query}
        await self.server({**scope, "headers": raw}, None, send)
        start, body = sent
        return Response(start["status"], start["headers"], body["body"])

    @contextmanager
    def running(self):
        """The jobs beside the answers, for the `async with` of a running loop."""
        self.server._start(asyncio.get_running_loop())
        yield self

    def run(self, coroutine_function):
        """Run a test's coroutine; the server's threads end with it."""

        async def run():
            try:
                return await asyncio.wait_for(coroutine_function(), 30)
            finally:
                await self.server._end()

        return asyncio.run(run())


class Response:
    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.decode(): value.decode() for name, value in headers}
        assert len(self.headers) == len(headers), "a header is there twice"


@pytest.fixture
def make_site(stores, directory):
    return lambda **options: Site(stores(), directory, **options)


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def start(directory):
    """Start `working.py` as a process of its own: what it does, by name and arguments."""
    started = []

    def start(*arguments):
        command = [sys.executable, str(WORKER), str(directory), *map(str, arguments)]
        started.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until(is_so, *, within):
    """Return after how many seconds it was so."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.005)
    return time.monotonic() - began


@pytest.fixture(name="wait_until")
def _wait_until():
    return wait_until
