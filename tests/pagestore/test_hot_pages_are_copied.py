"""Which pages one process copies, round by round."""

import asyncio
import time
from collections import defaultdict

import pytest

from broadsheet.pagestore import copying
from broadsheet.pagestore.answering import Answers
from broadsheet.pagestore.copying import CopyWriter
from broadsheet.pagestore.pages import Page, ViewsSlot
from broadsheet.pagestore.public_copies import PublicCopies
from broadsheet.pagestore.store import PageStore

HEADERS = (("content-type", "text/html"),)


class Site:
    def __init__(self, directory, processes=1):
        self.public = directory / "public"
        self.store = PageStore(directory / "pages")
        self.counts = defaultdict(int)
        self.copies = PublicCopies(self.public, directory / "pages" / "copies")
        self.store.journal.on_drop.append(self._withdraw)
        self.answers = Answers(
            self.store,
            snapshot=lambda: self.counts,
            show_views=lambda _edition, _article, count: b"%d" % count,
        )
        self.writer = CopyWriter(
            self.answers, self.copies, headers_of=lambda _code: HEADERS, processes=processes
        )

    def _withdraw(self, tags):
        self.copies.withdraw(tags, journal=self.store.journal)

    def put(self, address, *tags, status=200, headers=HEADERS):
        page = Page(
            address=address, edition="en", status=status, headers=headers,
            version=self.store.begin(), fresh_until=None, tags=frozenset(tags),
            parts=(b"<p>", ViewsSlot(1)),
        )  # fmt: skip
        assert self.store.put(page)

    def ask(self, address, times=10):
        for _ in range(times):
            assert self.answers.find(address)

    def go_round(self):
        asyncio.run(self.writer._go_round())

    def shown(self):
        return {str(path.relative_to(self.public)): path.read_bytes()
                for path in self.public.rglob("*.html")}  # fmt: skip


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.writer.close()


def test_what_is_asked_for_often_is_copied_and_nothing_else(site):
    site.put("/en/")
    site.put("/en/rare")
    site.ask("/en/")
    site.ask("/en/rare", times=1)
    site.go_round()
    assert site.shown() == {"en/.html": b"<p>0"}


def test_a_page_a_second_is_often_with_any_number_of_processes(tmp_path):
    for processes in (1, 2):
        site = Site(tmp_path / str(processes), processes)
        site.put("/en/")
        for number in range(24):
            asked = 3 * (number + 1) // 4 // processes - 3 * number // 4 // processes
            site.ask("/en/", times=asked)  # one a second, over all processes
            site.go_round()
        assert site.shown()
        site.writer.close()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/en/gone", {"status": 410}),
        ("404:en", {"status": 404}),
        ("/en/moved", {"status": 301}),
        ("/en/?before=1", {}),
        ("/uk/", {}),  # a page of another edition than its address says
        ("/en/feed", {"headers": (("content-type", "application/atom+xml"),)}),
    ],
)
def test_what_nginx_would_send_otherwise_has_no_copy(site, address, told):
    site.put(address, **told)
    site.ask(address)
    site.go_round()
    assert site.shown() == {}


def test_numbers_are_brought_up_to_date_and_files_touched_only_then(site):
    site.put("/en/")
    site.ask("/en/")
    site.go_round()
    before = (site.public / "en/.html").stat().st_ino
    site.go_round()
    assert (site.public / "en/.html").stat().st_ino == before
    site.counts = defaultdict(int, {1: 7})
    site.go_round()
    assert site.shown() == {"en/.html": b"<p>7"}


def test_what_was_dropped_comes_back_when_it_was_pressed_anew(site):
    site.put("/en/", "a")
    site.ask("/en/")
    site.go_round()
    site.store.drop(["a"])
    assert site.shown() == {}
    site.go_round()
    assert site.shown() == {}
    site.put("/en/", "a")
    site.go_round()
    assert site.shown() == {"en/.html": b"<p>0"}


def test_a_copy_has_to_be_earned_again_after_its_time(site, monkeypatch):
    monkeypatch.setattr(copying, "LEASE_SECONDS", (0.2, 0.2))
    site.put("/en/")
    site.ask("/en/")
    site.go_round()
    assert site.shown()
    for _ in range(20):  # its requests fade meanwhile
        site.answers.most_asked(least=1000)
    time.sleep(0.25)
    site.go_round()
    assert site.shown() == {}
    site.ask("/en/")
    site.go_round()
    assert site.shown()


def test_there_are_no_more_than_the_limit(site, monkeypatch):
    monkeypatch.setattr(copying, "MOST_COPIES", 3)
    for number in range(6):
        site.put(f"/en/{number}")
        site.ask(f"/en/{number}", times=10 + number)
    for _ in range(2):
        site.go_round()
    assert sorted(site.shown()) == ["en/3.html", "en/4.html", "en/5.html"]


def test_they_go_when_the_process_ends(tmp_path):
    site = Site(tmp_path)
    site.put("/en/")
    site.ask("/en/")
    site.go_round()
    site.writer.close()
    assert site.shown() == {}
    assert list((tmp_path / "pages/copies/beats").iterdir()) == []
