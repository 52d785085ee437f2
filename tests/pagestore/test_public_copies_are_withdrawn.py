"""Copies of pages as files, without a web server: what is written, and what goes when."""

import json
import os
import time

import pytest

from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.public_copies import SILENT_SECONDS, PublicCopies, can_be_copied
from broadsheet.pagestore.store import PageStore


@pytest.fixture
def store(tmp_path):
    return PageStore(tmp_path / "pages")


@pytest.fixture
def copies(tmp_path, store):
    made = PublicCopies(tmp_path / "public", tmp_path / "pages" / "copies")
    made.prepare()
    made.beat("one")
    store.journal.on_drop.append(lambda tags: made.withdraw(tags, journal=store.journal))
    return made


def page_at(address, store, *tags):
    return Page(
        address=address, edition="en", status=200, headers=(), version=store.begin(),
        fresh_until=None, tags=frozenset(tags), parts=(b"text",),
    )  # fmt: skip


def files_in(tmp_path):
    public = tmp_path / "public"
    return sorted(str(path.relative_to(public)) for path in public.rglob("*") if path.is_file())


def write(copies, store, page, body=b"text", *, fragments=(), writer="one"):
    return copies.write(page, fragments, body, store=store, writer=writer)


def test_each_address_has_a_file_of_its_own(tmp_path, store, copies):
    for address in ("/en/", "/en", "/en/news/", "/en/news/html", "/en/index", "/en/-"):
        assert write(copies, store, page_at(address, store))
    plain = [name for name in files_in(tmp_path) if name.endswith(".html")]
    assert plain == ["en.html", "en/-.html", "en/.html", "en/index.html", "en/news/.html",
                     "en/news/html.html"]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["", "/", "en/", "/en/../x", "/en/./", "//en/", "/en//x", "/en/x.html", "/en/%2e%2e/", "/en/x?y",
     "/en/\n", "/en/é", "404:en", "fragment:latest:en", "/" + 300 * "x"],
)  # fmt: skip
def test_other_addresses_have_none(store, copies, address):
    assert not can_be_copied(address)
    with pytest.raises(ValueError, match="no public copy"):
        write(copies, store, page_at(address, store))


def test_a_copy_is_withdrawn_by_each_tag_of_it_and_of_its_fragments(tmp_path, store, copies):
    fragment = page_at("fragment:rail", store, "b")
    for tag in ("a", "b"):
        assert write(copies, store, page_at("/en/", store, "a"), fragments=(fragment,))
        assert write(copies, store, page_at("/en/x", store, "c"))
        store.drop([tag])
        assert [name for name in files_in(tmp_path) if name.endswith(".html")] == ["en/x.html"]
        fragment = page_at("fragment:rail", store, "b")


def test_what_was_dropped_is_not_written_any_more(tmp_path, store, copies):
    page = page_at("/en/", store, "a")
    store.drop(["a"])
    assert not write(copies, store, page)
    fresh = page_at("/en/", store, "a")
    assert write(copies, store, fresh)
    store.journal.expect(["a"], withhold=True)  # a change that is about to be committed
    assert files_in(tmp_path) == []
    assert not write(copies, store, page_at("/en/", store, "a"))
    assert files_in(tmp_path) == []


def test_another_process_withdraws_what_this_one_wrote(tmp_path, store, copies):
    write(copies, store, page_at("/en/", store, "a"))
    other = PublicCopies(tmp_path / "public", tmp_path / "pages" / "copies")
    assert other.withdraw(["b"], journal=store.journal) == 0
    assert other.withdraw(["a"], journal=store.journal) == 1
    assert files_in(tmp_path) == []


def test_the_index_keeps_the_tags_of_a_copy_until_it_is_gone(tmp_path, store, copies):
    """Whoever ends between the index and the file leaves the older file."""
    write(copies, store, page_at("/en/", store, "a"))
    write(copies, store, page_at("/en/", store, "b"))
    assert copies.find_all()["/en/"].tags == {"a", "b"}


def test_each_version_has_an_etag_of_its_own_in_nginx(tmp_path, store, copies):
    stamps = set()
    for body in (b"1 view", b"2 view", b"1 view"):
        write(copies, store, page_at("/en/", store), body)
        found = (tmp_path / "public/en/.html").stat()
        stamps.add((int(found.st_mtime), found.st_size))
    assert len(stamps) == 2


def test_the_copies_of_a_silent_writer_go_and_of_no_other(tmp_path, store, copies):
    copies.beat("two")
    write(copies, store, page_at("/en/", store))
    write(copies, store, page_at("/en/x", store), writer="two")
    now = time.time()
    assert copies.withdraw_silent(now=now) == 0
    late = now - SILENT_SECONDS - 1
    os.utime(tmp_path / "pages/copies/beats/two", (late, late))
    assert copies.withdraw_silent(now=now) == 1
    assert list(copies.find_all()) == ["/en/"]


def test_silence_waits_for_nobody(tmp_path, store, copies):
    """A process that is stopped may hold the journal."""
    write(copies, store, page_at("/en/", store))
    with store.journal.hold():
        assert copies.withdraw_silent(now=time.time() + 60) == 1
    assert files_in(tmp_path) == []


def test_a_writer_takes_no_copy_from_another(store, copies):
    assert write(copies, store, page_at("/en/", store))
    assert not write(copies, store, page_at("/en/", store), writer="two")


def test_whoever_serves_can_read_them_whatever_the_umask(tmp_path, store, copies):
    before = os.umask(0o077)
    try:
        write(copies, store, page_at("/en/news/x", store))
    finally:
        os.umask(before)
    modes = {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "public").rglob("*")}
    assert modes == {"0o755", "0o644"}


def test_a_stale_entry_costs_a_look(tmp_path, store, copies):
    write(copies, store, page_at("/en/", store, "a"))
    (tmp_path / "public/en/.html").unlink()
    assert copies.withdraw(["a"], journal=store.journal) == 1
    assert files_in(tmp_path) == []
    assert not list((tmp_path / "pages/copies").glob("*.json"))


def test_the_index_says_what_a_copy_was_made_from(tmp_path, store, copies):
    write(copies, store, page_at("/en/", store, "site"))
    entry = next((tmp_path / "pages/copies").glob("*.json"))
    assert json.loads(entry.read_text()) == {"address": "/en/", "writer": "one", "tags": ["site"]}
