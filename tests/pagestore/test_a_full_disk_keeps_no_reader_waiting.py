import errno
import os
import subprocess
from contextlib import contextmanager

import pytest

from broadsheet.pagestore import journal as journaling
from broadsheet.pagestore.journal import JournalUnwritableError
from broadsheet.pagestore.store import PageStore

#: More than what is left on a full disk.
MUCH = [f"much-{number:0500}" for number in range(30)]


@contextmanager
def mounted(path, *options):
    subprocess.run(["mount", *options, str(path)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


class FullDisk:
    """A disk without room: a small one of its own, where we may mount it, else system calls."""

    def __init__(self, directory, monkeypatch):
        self.directory, self._patch = directory, monkeypatch
        self.is_real = False

    def fill(self):
        if self.is_real:
            with (self.directory / "ballast").open("wb", buffering=0) as file:
                while True:
                    try:
                        file.write(bytes(1024))
                    except OSError:
                        break
            return
        pwrite = os.pwrite

        def no_room(file, written, at):
            if len(written) > 8:
                raise OSError(errno.ENOSPC, "No space left on device")
            return pwrite(file, written, at)

        self._patch.setattr(os, "pwrite", no_room)
        self._patch.setattr("tempfile.mkstemp", lambda **_o: no_room(0, bytes(9), 0))

    def free(self):
        if self.is_real:
            (self.directory / "ballast").unlink()
        else:
            self._patch.undo()


@pytest.fixture(params=["mounted", "simulated"])
def disk(request, directory, monkeypatch):
    directory.mkdir()
    disk = FullDisk(directory, monkeypatch)
    if request.param == "simulated" or os.geteuid() != 0:
        yield disk
        return
    try:
        mounting = mounted(directory, "-t", "tmpfs", "-o", "size=256k", "none")
        mounting.__enter__()
    except subprocess.CalledProcessError:  # not allowed here: as for everybody else
        yield disk
        return
    disk.is_real = True
    yield disk
    mounting.__exit__(None, None, None)


@pytest.fixture
def two(disk, monkeypatch):
    monkeypatch.setattr(journaling, "RETRY_SECONDS", 0)
    stores = [PageStore(disk.directory), PageStore(disk.directory)]
    yield stores
    for store in stores:
        store.journal.close()


def errors(caplog):
    return [record.message for record in caplog.records if record.levelname == "ERROR"]


def test_pages_are_still_made_and_kept_in_memory(disk, two, press, caplog):
    store, other = two
    press(store, "/old")
    disk.fill()
    for number in range(20):
        page, is_kept = press(store, f"/{number}", text=bytes(os.urandom(20_000)))
        assert is_kept
        assert store.get(f"/{number}") == page
    old = other.get("/old")
    assert store.get("/old") == old
    newer, _ = press(store, "/old", text=bytes(os.urandom(20_000)))
    assert store.get("/old") == newer
    assert other._read("/old") == old, "what finds no room leaves the old page as it is"
    assert other.get("/0") is None
    assert len(errors(caplog)) == 1, "once, and not for each page"
    disk.free()
    page, _ = press(store, "/0")
    assert other.get("/0") == page


def test_a_withdrawal_holds_in_all_processes_until_it_can_be_written(disk, two, press, caplog):
    store, other = two
    press(store, "/en/", tags=["a"])
    press(store, "/other", tags=["b"])
    assert other.get("/en/") is not None
    disk.fill()
    place = store.journal.expect(["a", *MUCH], withhold=True)
    for one in two:
        assert one.get("/en/") is None
        assert one.get("/other") is None  # nobody knows what was withdrawn, so nothing is served
        assert not press(one, "/en/", tags=["a"])[1]
    assert "no stored page is served" in errors(caplog)[0]
    store.journal.drop(["a", *MUCH], closes=[place])
    assert other.get("/en/") is None
    disk.free()
    for one in two:
        one.follow()
    assert not store.journal.is_distrusted
    for one in two:
        assert one.get("/en/") is None
        assert one.get("/other") is None  # under the floor
    page, is_kept = press(other, "/en/", tags=["a"])
    assert is_kept
    assert store.get("/en/") == page


def test_a_change_that_could_not_be_told_is_told_later(disk, two, press):
    store, other = two
    press(store, tags=["a"])
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        store.journal.expect(MUCH)
    store.journal.drop(["a", *MUCH])
    for one in two:
        assert one.get("/en/") is None
    disk.free()
    store.follow()
    assert not any(store.journal._untold)
    for one in two:
        one.follow()
        assert one.get("/en/") is None
    assert press(other, tags=["a"])[1]


def test_a_line_that_found_room_for_its_beginning_alone_is_not_taken_for_written(
    disk, two, press, monkeypatch
):
    """So a disk behaves that gets full: the call takes a part and raises at the next."""
    store, other = two
    press(store, tags=["a"])
    place, pwrite = store.journal.place, os.pwrite

    def take_a_part(file, written, at):
        if len(written) <= 8:
            return pwrite(file, written, at)
        if len(written) < 30:
            raise OSError(errno.ENOSPC, "No space left on device")
        return pwrite(file, written[:-20], at)

    monkeypatch.setattr(os, "pwrite", take_a_part)
    assert store.journal.expect(["a"], withhold=True) == 0
    assert store.journal.is_distrusted
    assert other.get("/en/") is None
    monkeypatch.undo()
    store.drop(["a"])
    assert not other.journal.is_distrusted
    assert other.get("/en/") is None
    assert other.journal.place > place


def test_a_line_that_is_not_durable_was_still_told(disk, two, press, monkeypatch):
    store, other = two
    press(store, tags=["a"])

    def fail(_file):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(journaling.os, "fsync", fail)
    store.journal.drop(["a"])
    monkeypatch.undo()
    for one in two:
        one.follow()
        one.drop(["b"])  # in the place after it, not over it
        assert one.get("/en/") is None
    assert press(other, tags=["a"])[1]


def test_trust_comes_back_to_no_process_before_the_floor(two, press, monkeypatch):
    """As it did to one that had followed the last line, but not the new file."""
    store, other = two
    press(store, "/en/", tags=["a"])
    assert other.get("/en/") is not None
    store.journal._distrust(OSError("full"))
    write_anew = store.journal._write_anew

    def write_anew_while_the_other_looks(**options):
        other.journal.follow()
        write_anew(**options)

    monkeypatch.setattr(store.journal, "_write_anew", write_anew_while_the_other_looks)
    store.drop([])
    assert not other.journal.is_distrusted
    assert other.get("/en/") is None


def test_shortening_that_finds_no_room_keeps_no_change_from_being_told(two, press, monkeypatch):
    store, other = two
    press(store, tags=["a"])
    monkeypatch.setattr(journaling, "LONGEST_BYTES", 0)

    def no_room(**_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.journal, "_write_anew", no_room)
    store.drop(["a"])
    store.drop(["b"])
    assert not other.journal.is_distrusted
    assert other.get("/en/") is None


# --- nothing can be written at all ---


@pytest.fixture
def read_only(directory, monkeypatch):
    """Make the directory read-only, by a mount where we may, else by refusing system calls."""
    mounts = []

    def close_it():
        try:
            mounting = mounted(directory, "--bind", str(directory))
            mounting.__enter__()
            mounts.append(mounting)
            subprocess.run(
                ["mount", "-o", "remount,ro,bind", str(directory)], check=True, capture_output=True
            )
        except (subprocess.CalledProcessError, FileNotFoundError):
            refuse(monkeypatch)

    yield close_it
    for mounting in mounts:
        mounting.__exit__(None, None, None)


def refuse(monkeypatch):
    opened = os.open

    def open_to_read(path, flags, *mode, **options):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        return opened(path, flags, *mode, **options)

    def no_writing(*_a):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "open", open_to_read)
    monkeypatch.setattr(os, "pwrite", no_writing)


def test_a_read_only_directory_is_still_read(stores, press, directory, read_only, caplog):
    page, _ = press(stores())
    read_only()
    store = stores()
    for _ in range(5):
        assert store.get("/en/") == page
        other, is_kept = press(store, "/other")
        assert is_kept
        assert store.get("/other") == other
        store.follow()
    assert len(errors(caplog)) <= 2, "once by the journal, once by the store"
    with pytest.raises(JournalUnwritableError):
        store.journal.expect(["site"], withhold=True)
    with pytest.raises(JournalUnwritableError):
        store.journal.drop(["site"])
    assert store.get("/en/") is None  # here at least
    assert store.get("/other") is None


def test_a_read_only_directory_that_is_empty_keeps_nobody_from_pressing(
    directory, read_only, make_page, caplog
):
    directory.mkdir()
    read_only()
    store = PageStore(directory)
    for _ in range(5):
        assert store.press("/en/", lambda address, version: make_page(address, version=version))
        assert store.get("/en/") is None  # nobody could tell us that it changed
        store.follow()
    assert len(errors(caplog)) <= 2


def test_a_damaged_page_in_a_read_only_directory_is_said_once(stores, press, read_only, caplog):
    store = stores()
    press(store)
    store._path("/en/").write_bytes(b"damaged")
    read_only()
    store = stores()
    caplog.clear()
    for _ in range(5):
        assert store.get("/en/") is None
    assert len(errors(caplog)) <= 1
