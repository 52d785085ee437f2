"""A process that was stopped while it had the journal: others wait for a moment, and go on."""

import fcntl
import os
from contextlib import contextmanager

import pytest

from broadsheet.pagestore import file_locks
from broadsheet.pagestore import journal as journaling
from broadsheet.pagestore.public_copies import PublicCopies


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(file_locks, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(journaling, "RETRY_SECONDS", 0)


@pytest.fixture
def stuck(directory):
    """Have the journal, as a process that is stopped has it."""

    @contextmanager
    def have(name="journal-lock"):
        descriptor = os.open(directory / name, os.O_RDWR | os.O_CREAT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            os.close(descriptor)

    return have


def test_what_is_withdrawn_meanwhile_is_shown_by_nobody(stores, press, stuck):
    store, other = stores(), stores()
    press(store, "/en/", tags=["a"])
    press(store, "/other", tags=["b"])
    assert other.get("/en/") is not None
    with stuck():
        place = store.journal.expect(["a"], withhold=True)
        for one in (store, other):
            assert one.get("/en/") is None
            assert one.get("/other") is None, "nobody knows what was withdrawn"
        store.journal.drop(["a"], closes=[place])
        assert other.get("/en/") is None
    for one in (store, other):
        one.follow()
        assert not one.journal.is_distrusted
        assert one.get("/en/") is None
    assert press(other, "/en/", tags=["a"])[1]
    assert store.get("/en/") is not None


def test_a_page_is_made_and_shown_meanwhile(stores, press, stuck, caplog):
    store = stores()
    with stuck():
        page, is_kept = press(store, "/en/")
        assert is_kept
        assert store.get("/en/") == page
    assert "another process has it locked" in caplog.text


def test_copies_are_withdrawn_meanwhile(tmp_path, stores, make_page, stuck):
    store = stores()
    copies = PublicCopies(tmp_path / "public", tmp_path / "pages" / "copies")
    copies.prepare()
    store.journal.on_drop.append(lambda tags: copies.withdraw(tags, journal=store.journal))
    page = make_page("/en/", version=store.begin(), tags=["a"])
    assert copies.write(page, (), b"text", store=store, writer="one")
    with stuck():
        store.journal.expect(["a"], withhold=True)
        assert not [path for path in (tmp_path / "public").rglob("*") if path.is_file()]


def test_a_copy_that_was_being_written_then_goes_again(tmp_path, stores, make_page, monkeypatch):
    store = stores()
    copies = PublicCopies(tmp_path / "public", tmp_path / "pages" / "copies")
    copies.prepare()
    page = make_page("/en/", version=store.begin(), tags=["a"])
    put = copies._put

    def withdraw_and_put(path, form):
        if not store.journal.is_distrusted:  # it waits for this one, and not longer
            other = stores()
            other.journal.expect(["a"], withhold=True)
            copies.withdraw(["a"], journal=other.journal)
        put(path, form)

    monkeypatch.setattr(copies, "_put", withdraw_and_put)
    assert not copies.write(page, (), b"text", store=store, writer="one")
    assert not [path for path in (tmp_path / "public").rglob("*") if path.is_file()]


def test_addresses_say_that_they_wait_too_long(stores, directory, stuck, make_site):
    site = make_site()
    [lock] = [
        path.name for path in directory.iterdir() if "address" in path.name and "lock" in path.name
    ]
    with stuck(lock), pytest.raises(TimeoutError):
        site.addresses.add(["/en/new"])
    site.addresses.add(["/en/new"])
