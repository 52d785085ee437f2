"""Keep the page store true: what a change touches is dropped at its commit and pressed anew.

The process that makes a change says so itself (`tell_store`), so readers never wait for the
worker. The worker (`on_fact`) does what that process left undone, and presses.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from broadsheet.articles.events import (
    ArticlePublished,
    ArticlesImported,
    ArticleUnpublished,
)
from broadsheet.articles.queries import all_editions, sections_of
from broadsheet.themes.events import ThemesChanged

from . import made_from
from .fragments import popular_address
from .stored import address_filter, page_store, press_page, purger
from .touching import (
    all_addresses,
    count_addresses,
    pages_of_themes,
    popular_paths,
    sign_of,
    touched_by,
)

logger = logging.getLogger(__name__)

#: Pages that wait to be pressed by the worker; what is beyond is pressed when it is asked for.
MOST_WAITING = 5000
PRESSED_A_ROUND = 20
#: A change whose process ended within it is closed after so many seconds.
LEFT_SECONDS = 30.0
LEARN_EACH = timedelta(hours=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


def tell_store(facts: Sequence[Any]) -> None:
    """Prepare the store for a change that is about to be committed, and drop what it touches then.

    What is withdrawn is no longer shown from now on. For use in the transaction of the change.
    Raises `JournalUnwritableError` where a withdrawal cannot be told to all processes.
    """
    touched = touched_by(facts)
    store = page_store()
    places = []
    if touched.withdrawn:
        places.append(store.journal.expect(touched.withdrawn, withhold=True))
    try:
        address_filter().add(touched.addresses)
        places.append(store.journal.expect(touched.tags))
    except OSError as error:
        logger.error("The page store cannot be told of a change: %s", error)  # noqa: TRY400 - no stack says more
    transaction.on_commit(partial(_drop, touched.tags | touched.withdrawn, places))


def on_fact(fact: Any) -> None:
    """Do what the process that announced `fact` left undone, and have its pages pressed."""
    store, touched = page_store(), touched_by([fact])
    address_filter().add(touched.addresses)
    is_closed = store.close_expected_with(sign_of(fact))
    if isinstance(fact, ArticleUnpublished) and not is_closed:
        # It may have been told by distrusting the whole store.
        store.drop(touched.tags | touched.withdrawn)
    pages = touched.pages
    if isinstance(fact, ThemesChanged):
        pages = pages_of_themes(fact)
    WAITING.add(pages)
    if isinstance(fact, ArticlePublished | ArticleUnpublished | ArticlesImported):
        # They may have been pressed before readership knew where the article stands.
        press_rankings()
    # Again, for a cache may not have heard it. Where it does not now either, the fact comes again.
    purger().purge(touched.tags | touched.withdrawn)


def press_waiting(now: datetime) -> bool:  # noqa: ARG001 - the clock's signature
    """Press a few of the pages that wait; return whether there are more."""
    for address in WAITING.take(PRESSED_A_ROUND):
        try:
            press_page(address, replaces=True)
        except Exception:
            # The others go on; this one is pressed for whoever asks for it.
            logger.exception("%s could not be pressed", address)
    return bool(WAITING)


def press_rankings() -> None:
    """Have those pages and fragments pressed anew that show a ranking, where they are in use.

    Of tags and authors there are too many to look for: theirs are dropped, for whoever asks.
    """
    store = page_store()
    editions = all_editions()
    store.drop({made_from.ranked(edition.code) for edition in editions})
    for edition in editions:
        code, sections = edition.code, sections_of(edition.pk)
        addresses = [
            popular_address(code),
            *(popular_address(code, "section", name.owner_id) for name in sections),
            *popular_paths(code),
        ]
        WAITING.add(address for address in addresses if store.get(address) is not None)


def close_left(now: datetime) -> bool:
    """Close changes whose process ended before it could, or which were undone."""
    return page_store().close_expected(older_than=LEFT_SECONDS, now=now.timestamp()) > 0


def prune_pages(now: datetime) -> bool:  # noqa: ARG001 - the clock's signature
    """Delete stored pages that may not be served, and the oldest beyond the limit."""
    gone = page_store().prune(max_bytes=settings.PAGES_DISK_BYTES)
    if gone:
        logger.info("%d stored pages were deleted", gone)
    return False


def learn_addresses(now: datetime) -> bool:
    """Build the filter of addresses anew where there is none, it is full, or it is an hour old."""
    addresses = address_filter()
    addresses.follow()
    is_due = now - LEARNED.get(settings.PAGES_DIRECTORY, _NEVER) >= LEARN_EACH
    if not is_due and addresses.is_built and not addresses.is_full:
        return False
    LEARNED[settings.PAGES_DIRECTORY] = now
    count = addresses.build(all_addresses(), expected=count_addresses())
    logger.info("%d addresses can exist", count)
    return False


def learn_anew() -> None:
    """Have the filter of addresses built at the next look: it may lack some."""
    LEARNED.pop(settings.PAGES_DIRECTORY, None)


#: When this process last built the filter of a directory.
LEARNED: dict[Path, datetime] = {}


class _Waiting:
    """Addresses that wait to be pressed, each once, the first first."""

    def __init__(self) -> None:
        self._addresses: OrderedDict[str, None] = OrderedDict()
        self._turn = threading.Lock()

    def add(self, addresses: Iterable[str]) -> None:
        with self._turn:
            for address in addresses:
                if len(self._addresses) < MOST_WAITING:
                    self._addresses[address] = None

    def take(self, count: int) -> list[str]:
        with self._turn:
            return [
                self._addresses.popitem(last=False)[0]
                for _ in range(min(count, len(self._addresses)))
            ]

    def __len__(self) -> int:
        return len(self._addresses)


WAITING = _Waiting()


def _drop(tags: set[str], places: Sequence[int]) -> None:
    try:
        page_store().journal.drop(tags, closes=places)
    except OSError as error:
        # What is withdrawn stays withheld; the worker tries again with the fact.
        logger.error("The page store cannot be told of a change: %s", error)  # noqa: TRY400 - no stack says more
