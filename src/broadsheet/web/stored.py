"""The page store of this process, and how a page gets into it."""

import hashlib
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.public_copies import PublicCopies
from broadsheet.pagestore.purging import Purger
from broadsheet.pagestore.store import PageStore

from . import made_from
from .navigation import Site, find_site
from .pressing import make_page

#: Only web processes, which open the store themselves, send the same page again and again.
_MEMORY_BYTES = 1024 * 1024
_PACKAGE = Path(__file__).resolve().parent.parent
_stores: dict[Path, PageStore] = {}
_filters: dict[Path, AddressFilter] = {}
#: Each edition by its code, with the version of a page that had been gathered before it.
_sites: WeakKeyDictionary[PageStore, dict[str, tuple[int, Site]]] = WeakKeyDictionary()


def page_store() -> PageStore:
    """Return the store in `settings.PAGES_DIRECTORY`; the same one on every call."""
    directory = Path(settings.PAGES_DIRECTORY)
    if directory not in _stores:
        store = PageStore(directory, memory_bytes=_MEMORY_BYTES)
        store.journal.on_drop += [
            partial(public_copies().withdraw, journal=store.journal),
            lambda tags: purger().purge_at_once(tags),
        ]
        _stores[directory] = store
    return _stores[directory]


def public_copies() -> PublicCopies:
    """Return the public copies of this installation, whether or not any are written."""
    return _copies_in(Path(settings.PUBLIC_DIRECTORY), Path(settings.PAGES_DIRECTORY) / "copies")


def purger() -> Purger:
    """Return who tells the caches in front of this installation what to forget."""
    return Purger(settings.PURGE_URLS)


def withdraw_silent_copies(now: datetime) -> bool:
    """Remove the public copies that nobody keeps up to date any more."""
    public_copies().withdraw_silent(now=now.timestamp())
    return False


def address_filter() -> AddressFilter:
    """Return the filter of addresses that can exist; the same one on every call."""
    directory = Path(settings.PAGES_DIRECTORY)
    if directory not in _filters:
        _filters[directory] = AddressFilter(directory)
    return _filters[directory]


@cache
def _copies_in(directory: Path, index: Path) -> PublicCopies:
    return PublicCopies(directory, index)


def use_store(store: PageStore, addresses: AddressFilter, *, directory: Path) -> None:
    """Take the store that this process opened before Django was set up."""
    _stores[directory] = store
    _filters[directory] = addresses


def drop_pages_of_another_program() -> bool:
    """Drop every stored page if this program would press it otherwise; return whether it did.

    That is so after an upgrade, a change of its source, its assets, or a setting that pages show.
    """
    settled = (
        settings.LOOK,
        settings.SITE_URL,
        settings.VIEW_WINDOW_MINUTES,
        settings.VIEW_LOG_DAYS,
    )
    # What Python compiles while it runs is no other source.
    roots = [_PACKAGE, *([settings.LOOK] if settings.LOOK else [])]
    files = (
        path for root in roots for path in root.rglob("*.*") if path.parent.name != "__pycache__"
    )
    source = max(path.stat().st_mtime_ns for path in files)
    assets = Path(settings.STATIC_ROOT) / "staticfiles.json"
    told = repr((version("broadsheet"), version("wagtail"), source, settled)).encode()
    told += assets.read_bytes() if assets.is_file() else b""
    program = hashlib.blake2b(told, digest_size=16).hexdigest()
    mark = Path(settings.PAGES_DIRECTORY) / "pressed-by"
    if mark.is_file() and mark.read_text("utf-8") == program:
        return False
    page_store().drop({made_from.SITE})
    mark.write_text(program, "utf-8")
    return True


def press_page(address: str, *, replaces: bool = False) -> Page:
    """Press the page at `address` and keep it; for threads that may wait for a database.

    Raises what `PageStore.press` and `pressing.make_page` raise.
    """
    close_old_connections()
    store = page_store()
    find = partial(_find_site, store=store)
    return store.press(
        address,
        lambda asked, version: make_page(asked, version, now=timezone.now(), find=find),
        replaces=replaces,
    )


def _find_site(code: str, *, store: PageStore) -> Site | None:
    """As `navigation.find_site`, without a query where nothing was dropped that it is made from.

    It is as right as a page that was pressed when it was read: every page has that tag too.
    """
    known = _sites.setdefault(store, {}).get(code)
    if known is not None and not store.journal.is_dropped({made_from.SITE}, since=known[0]):
        return known[1]
    version = store.begin()
    site = find_site(code)
    if site is not None:  # whoever makes up editions is not remembered
        _sites[store][code] = version, site
    return site
