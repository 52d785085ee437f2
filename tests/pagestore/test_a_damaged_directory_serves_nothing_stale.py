import json
import os
import shutil
import signal
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.store import PageStore

again_and_again = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50
)


def history(stores, press):
    """A store with a page that is fresh, one that was dropped and one that is withheld."""
    store = stores()
    for name in ("fresh", "dropped", "withheld"):
        press(store, f"/{name}", tags=[name])
    store.drop(["dropped"])
    store.journal.expect(["withheld"], withhold=True)
    store.journal.replace(["/fresh"])
    return store


def check(store):
    assert store.get("/dropped") is None
    assert store.get("/withheld") is None


@again_and_again
@given(
    at=st.integers(0, 10**6),
    bit=st.integers(0, 7),
    name=st.sampled_from(["journal", "journal-clock"]),
)
@example(at=-1, bit=0, name="journal")  # the end of the last line
def test_a_flipped_bit_is_never_believed(at, bit, name, tmp_path_factory, press):
    directory = tmp_path_factory.mktemp("pages")
    opened = [PageStore(directory)]
    history(lambda: opened[0], press)
    running = PageStore(directory)
    path = directory / name
    written = bytearray(path.read_bytes())
    written[at % len(written)] ^= 1 << bit
    with path.open("r+b") as file:
        file.write(written)
    opened += [running, PageStore(directory)]
    for store in opened:
        check(store)
        store.follow()
        check(store)
    # It goes on by itself: all know of each other's changes.
    for one in opened:
        page, is_kept = press(one, "/new", tags=["new"])
        assert is_kept
        assert all(other.get("/new") == page for other in opened)
        opened[0].drop(["new"])
        assert all(other.get("/new") is None for other in opened)
    for store in opened:
        store.journal.close()


DAMAGES = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: os.truncate(path, 0),
    "cut": lambda path: os.truncate(path, path.stat().st_size - 7),
    "cut at a line": lambda path: os.truncate(path, path.read_bytes()[:-1].rfind(b"\n") + 1),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "ones": lambda path: path.write_bytes(b"\xff" * path.stat().st_size),
    "garbage": lambda path: path.write_bytes(os.urandom(99)),
    "replaced by a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("name", ["journal", "journal-clock"])
@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"replaced by a folder"}))
def test_whatever_becomes_of_a_file_it_recovers(name, damage, stores, press, directory):
    running = history(stores, press)
    other = stores()
    DAMAGES[damage](directory / name)
    check(other)
    started = stores()
    opened = [running, other, started]
    for store in opened:
        store.follow()
    for store in opened:
        check(store)
    assert press(other, "/fresh", tags=["fresh"])[1]
    assert all(store.get("/fresh") for store in opened)
    running.drop(["fresh"])
    assert all(store.get("/fresh") is None for store in opened)
    place = started.journal.expect(["x"], withhold=True)
    assert not press(other, "/x", tags=["x"])[1]
    running.journal.drop(["x"], closes=[place])
    assert press(other, "/x", tags=["x"])[1]


def test_a_line_that_is_taken_out_is_missed(stores, press, directory):
    store = history(stores, press)
    store.drop(["other"])
    for _ in range(2):
        path = directory / "journal"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(line for line in lines if b'"drop":["dropped"]' not in line))
        check(stores())


def test_an_older_journal_that_is_put_back_is_not_believed(stores, press, directory):
    store = stores()
    press(store, tags=["a"])
    shutil.copy(directory / "journal", directory / "older")
    store.drop(["a"])
    (directory / "older").rename(directory / "journal")
    assert stores().get("/en/") is None
    store.follow()
    assert store.get("/en/") is None
    assert press(store, tags=["a"])[1]


def test_two_changes_never_have_one_place(stores, press, directory):
    """As they had where a new journal began at the beginning."""
    store = stores()
    press(store, tags=["a"])
    (directory / "journal").unlink()
    (directory / "journal-clock").unlink()
    other = stores()
    assert other.journal.place > store.journal.place
    other.drop(["a"])
    store.follow()
    assert store.get("/en/") is None


def test_the_whole_directory_may_go(stores, press, directory):
    store, other = stores(), stores()
    press(store)
    shutil.rmtree(directory)
    other.follow()
    store.follow()
    assert store.get("/en/") is None
    page, is_kept = press(other)
    assert is_kept
    assert store.get("/en/") == page
    store.drop(["site"])
    assert other.get("/en/") is None


def test_a_lock_that_is_deleted_while_it_is_held_still_keeps_others_out(stores, directory):
    store, other = stores(), stores()
    with store.journal.hold():
        (directory / "journal-lock").unlink()
        (directory / "journal-lock").touch()
        descriptor = other.journal._open_lock()
        os.close(descriptor)
    other.drop(["a"])
    assert store.follow() is None
    assert store.journal.place == other.journal.place


def test_a_process_that_is_killed_in_a_line_leaves_no_half_of_it(stores, press, directory):
    store, other = stores(), stores()
    press(store, tags=["a"])
    with (directory / "journal").open("ab") as file:
        file.write(b'01234567 {"n":')  # and there it was killed
    other.follow()
    assert other.get("/en/") is not None
    store.drop(["a"])
    assert other.get("/en/") is None
    for line in (directory / "journal").read_bytes().splitlines():
        json.loads(line.partition(b" ")[2])


def test_a_clock_that_lags_behind_is_set_again(stores, press):
    """Its writer was killed between the line and the clock."""
    store, other = stores(), stores()
    press(store, tags=["a"])
    assert other.get("/en/") is not None
    before = store.journal.told
    store.drop(["a"])
    store.journal._clock.tell(before)
    other.follow()
    assert other.get("/en/") is None
    assert other.journal.told == other.journal.place == store.journal.place


def test_a_stopped_holder_of_the_lock_does_not_keep_readers_waiting(start, stores, press):
    store = stores()
    press(store, tags=["a"])
    writer = start("write", 1)
    time.sleep(0.4)
    writer.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    for _ in range(50):
        store.get("/en/")
        store.begin()
    assert time.monotonic() - began < 1
    writer.kill()


# --- the addresses ---


@again_and_again
@given(built=st.lists(st.text(max_size=20)), added=st.lists(st.text(max_size=20), max_size=9))
def test_an_address_that_exists_is_never_unknown(built, added, tmp_path_factory):
    directory = tmp_path_factory.mktemp("addresses")
    addresses = AddressFilter(directory)
    assert addresses.build(built, expected=len(built)) == len(built)
    other = AddressFilter(directory)
    addresses.add(added)
    for one in (addresses, other, AddressFilter(directory)):
        assert all(map(one.may_exist, [*built, *added]))
        assert one.added == len(built) + len(added)


def test_unknown_addresses_are_taken_for_known_once_in_a_thousand(directory):
    directory.mkdir()
    addresses = AddressFilter(directory)
    addresses.build((f"/en/news/{n}" for n in range(20_000)), expected=10_000)
    assert not addresses.is_full
    assert sum(addresses.may_exist(f"/x/{n}") for n in range(20_000)) < 40


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_no_page_is_hidden_by_a_damaged_filter(damage, directory, caplog):
    directory.mkdir()
    addresses, others = AddressFilter(directory), AddressFilter(directory)
    addresses.build(["/en/"], expected=1)
    others.follow()
    assert not others.may_exist("/en/new")
    DAMAGES[damage](directory / "addresses")
    addresses.follow()
    others.follow()
    others.follow()
    addresses.add(["/en/new"])
    for one in (addresses, others, AddressFilter(directory)):
        assert one.may_exist("/en/")
        assert one.may_exist("/en/new")
    assert len(caplog.records) <= 3  # each process says it once
    if damage != "replaced by a folder":
        addresses.build(["/en/", "/en/new"], expected=2)
        others.follow()
        assert others.may_exist("/en/new")
        assert not others.may_exist("/en/other")


def test_cutting_the_filter_while_it_is_read_ends_no_process(directory):
    directory.mkdir()
    addresses = AddressFilter(directory)
    addresses.build(["/en/"], expected=1)
    os.truncate(directory / "addresses", 40)
    assert addresses.may_exist("/en/")
    assert addresses.may_exist("/anything")


def test_what_is_added_during_a_build_is_in_the_new_filter(directory):
    directory.mkdir()
    addresses, other = AddressFilter(directory), AddressFilter(directory)
    addresses.build([], expected=1)

    def present():
        for number in range(3000):
            if number == 1500:
                other.add(["/en/new"])
            yield f"/en/{number}"

    addresses.build(present(), expected=3000)
    other.follow()
    for one in (addresses, other):
        assert one.may_exist("/en/new")
        assert one.may_exist("/en/2999")
        assert not one.may_exist("/en/old")


def test_a_build_that_broke_off_keeps_nobody_from_adding(directory):
    directory.mkdir()
    addresses = AddressFilter(directory)
    addresses.build([], expected=1)
    (directory / "addresses.new").write_bytes(b"")  # the disk was full
    addresses.add(["/en/new"])
    assert addresses.may_exist("/en/new")


def test_of_two_builds_the_later_begun_counts(directory):
    directory.mkdir()
    addresses, other = AddressFilter(directory), AddressFilter(directory)

    def present():
        other.build(["/b"], expected=1)
        yield "/a"

    addresses.build(present(), expected=1)
    assert addresses.may_exist("/b")
    assert not addresses.may_exist("/a")
