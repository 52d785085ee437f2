import os
import time
from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.pagestore.pages import (
    DamagedPageError,
    Entry,
    FragmentSlot,
    Page,
    ViewsSlot,
    decode,
    encode,
)
from broadsheet.pagestore.store import PageStore

texts = st.text(max_size=30)
pages = st.builds(
    Page,
    address=texts,
    edition=texts,
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
    version=st.integers(0, 2**53),
    fresh_until=st.none() | st.floats(0, 1e11),
    tags=st.frozensets(texts, max_size=5),
    parts=st.lists(
        st.binary(max_size=50)
        | st.builds(ViewsSlot, st.integers(0, 2**40))
        | st.builds(FragmentSlot, texts, st.integers(0, 9), st.integers(0, 9))
        | st.builds(Entry, st.integers(0, 9)),
        max_size=12,
    ).map(tuple),
)
WRITTEN = Page(
    address="/en/", edition="en", status=200, headers=(), version=1, fresh_until=None,
    tags=frozenset({"site"}), parts=(b"the text" * 20, ViewsSlot(7)),
)  # fmt: skip


@given(pages)
def test_a_page_comes_back_as_it_went(page):
    assert decode(encode(page, journal="j")) == (page, "j")


def test_an_address_that_is_no_unicode_is_kept_too(stores, make_page, press):
    page, is_kept = press(stores(), "/\udcff")
    assert is_kept
    assert stores().get("/\udcff") == page


@given(data=st.data())
def test_no_damage_is_taken_for_a_page(data):
    written = encode(WRITTEN, journal="j")
    damaged = bytearray(written)
    kind = data.draw(st.sampled_from(["bit", "cut", "lengthened", "garbage", "zeros"]))
    if kind == "bit":
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "cut":
        del damaged[data.draw(st.integers(0, len(damaged) - 1)) :]
    elif kind == "lengthened":
        damaged += data.draw(st.binary(min_size=1, max_size=9))
    elif kind == "garbage":
        damaged[:] = data.draw(st.binary(max_size=90))
    else:
        damaged[data.draw(st.integers(0, len(damaged) - 1)) :] = bytes(9)
    with pytest.raises(DamagedPageError):
        decode(bytes(damaged))


@pytest.mark.parametrize("damage", [b"", b"broadsheet page 1\n", b"\0" * 500, printable.encode()])
def test_a_damaged_page_is_dropped_said_and_pressed_anew(damage, stores, press, caplog):
    press(stores())
    store = stores()
    path = store._path("/en/")
    path.write_bytes(damage)
    assert store.get("/en/") is None
    assert not path.exists()
    assert caplog.messages[0].startswith("A stored page is damaged")
    page, is_kept = press(store)
    assert is_kept
    assert stores().get("/en/") == page


def test_a_page_of_another_address_is_not_taken(stores, press):
    store = stores()
    press(store, "/en/a")
    path = store._path("/en/b")
    path.parent.mkdir(exist_ok=True)
    store._path("/en/a").rename(path)
    assert stores().get("/en/b") is None


def test_pages_outlive_a_restart_and_what_was_dropped_stays_so(stores, press):
    store = stores()
    kept, _ = press(store, "/en/a", tags=["a"])
    press(store, "/en/b", tags=["b"])
    store.drop(["b"])
    again = stores()
    assert again.get("/en/a") == kept
    assert again.get("/en/b") is None


def newest(directory):
    """When a page was last written, in nanoseconds."""
    return max((p.stat().st_mtime_ns for p in (directory / "pages").glob("??/*")), default=0)


def test_a_killed_writer_leaves_the_old_page_or_the_new(start, stores, directory, wait_until):
    for seed in range(4):
        before = newest(directory)
        writer = start("write", seed)
        wait_until(lambda before=before: newest(directory) > before, within=30)
        time.sleep(0.05 + 0.07 * seed)
        writer.kill()
        writer.wait()
    store, found = stores(), 0
    for page in store.stored():
        found += 1
        (text,) = page.parts
        assert len(text) in {10, 5000, 300_000}
        assert len(set(text)) == 1
    assert found
    # The lock went with its holder, and a line that it had begun does no harm.
    place = store.journal.place
    store.drop(["t1"])
    assert store.journal.place == place + 1
    assert stores().journal.place == place + 1


def test_memory_is_bounded_and_the_least_used_goes_first(stores, press, directory):
    writer = stores()
    for number in range(8):
        press(writer, f"/{number}", text=bytes(10_000))
    store = stores(memory_bytes=50_000)
    for number in range(8):
        assert store.get(f"/{number}") is not None
        assert store.get("/0") is not None
        assert store._held_bytes <= 50_000
        assert store._held_bytes == sum(page.size for page in store._memory.values())
    assert list(store._memory) == ["/5", "/6", "/7", "/0"]


def test_a_page_larger_than_the_memory_is_served(stores, press):
    store = stores(memory_bytes=1000)
    press(store, "/a", text=bytes(5000))
    press(store, "/b", text=bytes(5000))
    assert store.get("/a") is not None
    assert len(store._memory) == 1


def test_an_older_page_does_not_replace_a_newer_one(stores, make_page):
    store, other = stores(), stores()
    old, middle = store.begin(), store.journal.replace(["/x"])
    new = store.journal.replace(["/x"])
    assert store.put(make_page(version=old, text=b"old"))
    assert other.put(make_page(version=new, text=b"new"))
    # In memory here is the old one, on disk the new one.
    assert not store.put(make_page(version=middle, text=b"middle"))
    assert stores().get("/en/").parts == (b"new",)


def test_pruning_takes_what_is_useless_and_the_oldest(stores, press, directory):
    store = stores()
    for number in range(6):
        press(store, f"/{number}", tags=[f"t{number}"], text=os.urandom(9000))
        os.utime(store._path(f"/{number}"), (number, number))
    store.drop(["t5"])
    assert store.prune(max_bytes=10**9) == 1
    assert store.prune(max_bytes=3 * 12 * 1024) == 2
    assert [page.address for page in sorted(store.stored(), key=lambda p: p.address)] == [
        "/2", "/3", "/4",
    ]  # fmt: skip
    assert stores().get("/0") is None


def test_pruning_spares_a_page_that_is_just_being_written(stores, press):
    store = stores()
    press(store)
    folder = store._path("/en/").parent
    (folder / "a.new").write_bytes(b"half")
    (folder / "b.new").write_bytes(b"half")
    os.utime(folder / "b.new", (0, 0))  # its writer was killed long ago
    store.prune(max_bytes=10**9)
    assert {path.name for path in folder.glob("*.new")} == {"a.new"}


def test_a_page_is_made_again_where_a_change_overtakes_it(stores, make_page):
    store, other, made = stores(), stores(), []

    def make(address, version):
        made.append(version)
        if len(made) == 1:
            other.drop(["site"])
        return make_page(address, version=version, text=b"%d" % len(made))

    assert store.press("/en/", make).parts == (b"2",)
    assert other.get("/en/").parts == (b"2",)
    assert made[0] < made[1]


def test_what_is_withheld_is_sent_once_and_not_kept(stores, make_page):
    store, made = stores(), []
    store.journal.expect(["site"], withhold=True)

    def make(address, version):
        made.append(version)
        return make_page(address, version=version)

    assert store.press("/en/", make).address == "/en/"
    assert store.get("/en/") is None
    assert stores().get("/en/") is None
    assert isinstance(store, PageStore)
