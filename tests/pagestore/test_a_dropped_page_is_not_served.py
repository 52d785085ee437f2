import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)

from broadsheet.pagestore import journal as journaling
from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.store import PageStore

PROCESSES, ADDRESSES, TAGS = range(3), ["/a", "/b"], ["s", "t", "u"]
some_tags = st.frozensets(st.sampled_from(TAGS), min_size=1)


class ManyProcesses(RuleBasedStateMachine):
    """Three stores on one directory against what must never be served.

    A page is made of the state of its tags: how often each was changed. It may be served while
    none of its tags was changed since it was gathered, and none is withheld.
    """

    @initialize()
    def begin(self):
        self.directory = Path(tempfile.mkdtemp())
        self.stores = [PageStore(self.directory) for _ in PROCESSES]
        self.changed = dict.fromkeys(TAGS, 0)
        self.open = {}  # place → tags, whether they are withheld
        self.gathered = []  # pages under way
        self.kept = set()

    def teardown(self):
        if hasattr(self, "stores"):
            for store in self.stores:
                store.journal.close()
            shutil.rmtree(self.directory)

    def withheld(self):
        return {tag for tags, is_withheld in self.open.values() if is_withheld for tag in tags}

    def may_be_served(self, page):
        shown = eval(page.parts[0])
        return not page.tags & self.withheld() and all(
            self.changed[tag] == at for tag, at in shown.items()
        )

    @rule(process=st.sampled_from(PROCESSES), address=st.sampled_from(ADDRESSES), tags=some_tags)
    def gather(self, process, address, tags):
        version = self.stores[process].begin()
        text = repr({tag: self.changed[tag] for tag in tags}).encode()
        self.gathered.append((process, Page(
            address=address, edition="en", status=200, headers=(), version=version,
            fresh_until=None, tags=tags, parts=(text,),
        )))  # fmt: skip

    @rule(data=st.data(), replaces=st.booleans())
    def put(self, data, replaces):
        if self.gathered:
            number = data.draw(st.integers(0, len(self.gathered) - 1))
            process, page = self.gathered.pop(number)
            is_kept = self.stores[process].put(page, replaces=replaces)
            if is_kept:
                assert self.may_be_served(page)
                self.kept.add(page.address)
                assert self.stores[process].get(page.address) == page

    @rule(process=st.sampled_from(PROCESSES), tags=some_tags)
    def drop(self, process, tags):
        for tag in tags:
            self.changed[tag] += 1
        self.stores[process].drop(tags)

    @rule(process=st.sampled_from(PROCESSES), tags=some_tags, withhold=st.booleans())
    def expect(self, process, tags, withhold):
        place = self.stores[process].journal.expect(tags, withhold=withhold)
        self.open[place] = tags, withhold

    @rule(process=st.sampled_from(PROCESSES), data=st.data())
    def close_one(self, process, data):
        if self.open:
            place = data.draw(st.sampled_from(sorted(self.open)))
            tags, _ = self.open.pop(place)
            for tag in tags:
                self.changed[tag] += 1
            self.stores[process].journal.drop(tags, closes=[place])

    @rule(process=st.sampled_from(PROCESSES))
    def close_all(self, process):
        closed = self.stores[process].close_expected(older_than=-1, now=time.time())
        assert closed >= len(self.open)  # what was closed in a line that was cut off is open again
        for tags, _ in self.open.values():
            for tag in tags:
                self.changed[tag] += 1
        self.open.clear()

    @rule(process=st.sampled_from(PROCESSES))
    def restart(self, process):
        self.stores[process].journal.close()
        self.stores[process] = PageStore(self.directory)

    @rule(process=st.sampled_from(PROCESSES))
    def shorten(self, process):
        journal = self.stores[process].journal
        with journal._lock():
            journal._begin()
            journal._shorten()

    @rule(process=st.sampled_from(PROCESSES), keep=st.integers(1, 2))
    def shorten_hard(self, process, keep):
        before, journaling.KEPT_DROPS = journaling.KEPT_DROPS, keep
        try:
            self.shorten(process)
        finally:
            journaling.KEPT_DROPS = before

    @rule(process=st.sampled_from(PROCESSES), name=st.sampled_from(["journal", "journal-clock"]))
    def lose(self, process, name):
        (self.directory / name).unlink()
        self.find_lost(process)

    @rule(process=st.sampled_from(PROCESSES), cut=st.integers(1, 400))
    def cut(self, process, cut):
        path = self.directory / "journal"
        with path.open("r+b") as file:
            file.truncate(max(0, path.stat().st_size - cut))
        self.find_lost(process)

    def find_lost(self, process):
        """Whoever looks first begins anew; of what was open the others know what that one did."""
        self.stores[process].follow()
        for store in self.stores:
            store.follow()
            for place in set(self.open) - set(store.journal.expected()):
                del self.open[place]

    @rule(process=st.sampled_from(PROCESSES))
    def distrust(self, process):
        journal = self.stores[process].journal
        journal._distrust(OSError("full"))
        for store in self.stores:
            for address in ADDRESSES:
                assert store.get(address) is None
        self.stores[process].follow()  # writing works again

    @invariant()
    def nothing_stale_is_served(self):
        for store in getattr(self, "stores", ()):
            for address in ADDRESSES:
                page = store.get(address)
                assert page is None or self.may_be_served(page)


ManyProcesses.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
test_many_processes_serve_nothing_stale = ManyProcesses.TestCase


@pytest.mark.parametrize("changers", [1])
def test_real_processes_under_load_serve_nothing_stale(changers, start, stores, tmp_path):
    stores()
    for number in range(4):
        for name in ("changed", "acknowledged"):
            (tmp_path / f"{name}{number}").write_text("0")
    readers = [start("press", tmp_path, 4) for _ in range(3)]
    changing = [start("change", tmp_path, 4) for _ in range(changers)]
    said = [reader.communicate(timeout=30)[0] for reader in readers]
    assert all(line.startswith("served ") for line in said), said
    assert sum(int(line.split()[1]) for line in said) > 100
    assert all(int(one.communicate(timeout=30)[0].split()[1]) > 5 for one in changing)


def tell(process, line):
    """Return when the other process had done what the line says."""
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return float(process.stdout.readline())


@pytest.mark.parametrize("what", ["drop", "withhold", "distrust"])
def test_another_process_learns_at_once_what_may_not_be_served(what, start, stores, press):
    store, other = stores(), start("obey")
    assert other.stdout.readline() == "ready\n"
    press(store)
    assert store.get("/en/") is not None
    tell(other, f"{what} site")
    assert store.get("/en/") is None
    if what != "drop":
        assert not press(store)[1] or what == "distrust"
    if what == "distrust":
        store.follow()
        assert press(store)[1]


def test_another_process_learns_of_a_newer_page_by_its_next_look(start, stores, press):
    store, other = stores(), start("obey")
    assert other.stdout.readline() == "ready\n"
    press(store, text=b"older")
    tell(other, "replace /en/ site")
    store.follow()
    assert store.get("/en/").parts == (b"newer",)


def test_dropping_costs_tags_and_not_pages(stores, press, directory):
    store = stores()
    for number in range(30):
        press(store, f"/{number}", tags=["site", str(number)])
    before = (directory / "journal").stat().st_size
    opened = []

    store._read_file = opened.append
    store.drop(["site"])
    assert not opened
    assert (directory / "journal").stat().st_size - before < 100
    assert all(store.get(f"/{number}") is None for number in range(30))


def test_a_line_of_many_megabytes_is_read(stores, press):
    store, other = stores(), stores()
    press(other, tags=["address:000001"])
    kept, _ = press(other, "/kept", tags=["kept"])
    store.drop(f"address:{number:060}" for number in range(60_000))
    store.drop(["address:000001"])
    assert other.get("/en/") is None
    assert stores().journal.place == store.journal.place
    assert other.get("/kept") == stores().get("/kept") == kept


# --- expected, withheld, left ---


def test_what_is_withheld_is_refused_until_it_is_closed(stores, press):
    store, other = stores(), stores()
    press(store, tags=["a"])
    place = other.journal.expect(["a"], withhold=True)
    assert store.get("/en/") is None
    assert not press(store, tags=["a", "b"])[1]
    assert press(store, "/other", tags=["b"])[1]
    other.journal.drop(["a"], closes=[place])
    assert store.get("/en/") is None
    assert press(store, tags=["a", "b"])[1]


def test_what_is_expected_alone_may_be_served(stores, press):
    store = stores()
    press(store, tags=["a"])
    stores().journal.expect(["a"])
    assert store.get("/en/") is not None


@pytest.mark.parametrize("withhold", [False, True])
def test_a_change_that_was_left_is_closed_later(withhold, stores, press):
    left = stores()
    press(left, tags=["a"])
    left.journal.expect(["a"], withhold=withhold)
    left.journal.close()  # the process ends between its commit and the drop
    store = stores()
    assert (store.get("/en/") is None) == withhold
    assert store.close_expected(older_than=30, now=time.time()) == 0
    assert store.close_expected(older_than=30, now=time.time() + 31) == 1
    assert store.get("/en/") is None
    assert press(store, tags=["a"])[1]
    assert store.close_expected(older_than=0, now=time.time() + 99) == 0


def test_a_fact_closes_what_its_process_left(stores, press, monkeypatch):
    store = stores()
    press(store, tags=["a", "b"])
    store.journal.expect(["a", "b"], withhold=True)
    monkeypatch.setattr("broadsheet.pagestore.store._COMMITTING_SECONDS", 0)
    assert not store.close_expected_with("c")
    assert store.close_expected_with("a")
    assert not store.journal.expected()
    assert not store.close_expected_with("a")
    assert press(store, tags=["b"])[1]


def test_a_fact_drops_but_does_not_close_what_is_just_being_committed(stores, press):
    store = stores()
    press(store, tags=["a"])
    place = store.journal.expect(["a"])
    assert store.close_expected_with("a")
    assert store.get("/en/") is None
    assert press(store, tags=["a"])[1]  # before the commit of the other change
    assert list(store.journal.expected()) == [place]  # which is closed also if its process ends
    assert store.close_expected(older_than=1, now=time.time() + 2) == 1
    assert store.get("/en/") is None


# --- the journal is bounded ---


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(journaling, "LONGEST_BYTES", 2000)
    monkeypatch.setattr(journaling, "KEPT_DROPS", 10)


@pytest.mark.usefixtures("small")
def test_the_journal_is_shortened_and_older_pages_are_under_its_floor(stores, press, directory):
    store, other = stores(), stores()
    press(other, "/old", tags=["old"])
    for number in range(300):
        store.drop([f"tag{number}"])
        assert (directory / "journal").stat().st_size < 4000
    press(other, "/new", tags=["tag299"])
    assert other.get("/old") is None  # nobody knows any more what was dropped since
    assert other.get("/new") is not None
    store.drop(["tag299"])
    assert other.get("/new") is None
    assert len(store.journal._dropped) < 200
    assert stores().journal.place == store.journal.place == other.journal.place


@pytest.mark.usefixtures("small")
def test_what_is_open_survives_shortening(stores, press):
    store, other = stores(), stores()
    place = store.journal.expect(["a"], withhold=True)
    for number in range(300):
        store.drop([f"tag{number}"])
    assert list(other.journal.expected()) == [place]
    assert not press(other, tags=["a"])[1]
    other.journal.drop(["a"], closes=[place])
    assert press(store, tags=["a"])[1]


@pytest.mark.usefixtures("small")
def test_who_holds_the_old_file_open_misses_nothing(stores, press, make_page):
    store, other = stores(), stores()
    press(other, text=b"older", tags=["site"])
    store.put(make_page(version=store.begin(), text=b"newer"), replaces=True)
    other._learn, learn = lambda: 0, other._learn  # it sleeps
    with store.journal.hold():
        store.journal._shorten()
    other._learn = learn
    other.follow()
    assert other.get("/en/").parts == (b"newer",)


def test_many_dropped_tags_shorten_the_journal_too(stores, monkeypatch):
    monkeypatch.setattr(journaling, "MOST_DROPS", 100)
    monkeypatch.setattr(journaling, "KEPT_DROPS", 10)
    store = stores()
    for number in range(300):
        store.drop([str(number)])
        assert len(store.journal._dropped) <= 101


def test_replaced_addresses_do_not_pile_up_where_nobody_follows(stores, press):
    store = stores()
    for number in range(30):
        press(store, f"/{number}")
        store.journal.replace([f"/{number}"])
    store.begin()
    assert not store.journal._replaced
