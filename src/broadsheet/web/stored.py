"""The page store of this process, and how a page gets into it."""

from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.store import PageStore

from .pressing import make_page

_stores: dict[Path, PageStore] = {}
_filters: dict[Path, AddressFilter] = {}


def page_store() -> PageStore:
    """Return the store in `settings.PAGES_DIRECTORY`; the same one on every call."""
    directory = Path(settings.PAGES_DIRECTORY)
    if directory not in _stores:
        _stores[directory] = PageStore(directory, memory_bytes=settings.PAGES_MEMORY_BYTES)
    return _stores[directory]


def address_filter() -> AddressFilter:
    """Return the filter of addresses that can exist; the same one on every call."""
    directory = Path(settings.PAGES_DIRECTORY)
    if directory not in _filters:
        _filters[directory] = AddressFilter(directory)
    return _filters[directory]


def use_store(store: PageStore, addresses: AddressFilter, *, directory: Path) -> None:
    """Take the store that this process opened before Django was set up."""
    _stores[directory] = store
    _filters[directory] = addresses


def press_page(address: str, *, replaces: bool = False) -> Page:
    """Press the page at `address` and keep it; for threads that may wait for a database.

    Raises what `PageStore.press` and `pressing.make_page` raise.
    """
    close_old_connections()
    return page_store().press(
        address,
        lambda asked, version: make_page(asked, version, now=timezone.now()),
        replaces=replaces,
    )
