"""Shared caches in front: what they may keep, and how they are told to forget it.

A cache may keep a page for a second where the answer names the page's tags (`surrogate-key`), and
is told to forget tags by the method PURGE and a header of the same name. Browsers keep asking: for
them `max-age=0, must-revalidate` is `no-cache`, which would forbid shared caches to keep it too.
"""

import logging
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from .answering import OK, Assembled, Headers

logger = logging.getLogger(__name__)

SHARED_SECONDS = 1
CACHE_CONTROL = f"max-age=0, must-revalidate, s-maxage={SHARED_SECONDS}"
#: The key of every page, for what touches more than a few requests can name.
EVERYTHING = "pages"
#: Varnish takes headers of 8 kB. A page with more keys is kept by no cache.
MAX_KEYS_BYTES = 6000
MOST_REQUESTS = 5
TIMEOUT_SECONDS = 0.5
_KEY = re.compile(r"[!-+\--~]+", re.ASCII)  # a comma would part it


class PurgeFailedError(RuntimeError):
    """A cache may still show what was dropped; the message says which."""


def headers_for_caches(found: Assembled) -> Headers:
    """Return the headers by which a shared cache may keep a page; none if it could not be purged."""
    page = found.page
    tags = page.tags.union(*(fragment.tags for fragment in found.fragments))
    keys = " ".join([EVERYTHING, *sorted(tags)])
    if page.status != OK or len(keys) > MAX_KEYS_BYTES or not all(map(_KEY.fullmatch, tags)):
        return []
    return [("cache-control", CACHE_CONTROL), ("surrogate-key", keys)]


class Purger:
    """Tells caches at `urls`, such as `http://127.0.0.1:6081`, what to forget. Safe for threads."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._caches = [urlsplit(url) for url in urls]

    def purge(self, tags: Collection[str]) -> None:
        """Have every cache forget what carries one of `tags`. Raises `PurgeFailedError`.

        All caches are asked at once, in at most five requests each. A cache that does not answer
        costs half a second.
        """
        requests = list(_in_requests(sorted(filter(_KEY.fullmatch, tags))))
        if not requests or not self._caches:
            return
        if len(requests) > MOST_REQUESTS:
            requests = [EVERYTHING]
        if len(self._caches) == 1:
            failures = [_purge(self._caches[0], requests)]
        else:
            with ThreadPoolExecutor(len(self._caches), thread_name_prefix="purge") as threads:
                failures = list(threads.map(lambda cache: _purge(cache, requests), self._caches))
        if told := "; ".join(filter(None, failures)):
            raise PurgeFailedError(told)

    def purge_at_once(self, tags: Collection[str]) -> None:
        """As `purge`; a failure is logged, for the worker to try again."""
        try:
            self.purge(tags)
        except PurgeFailedError as error:
            logger.error("A cache may still show what was dropped: %s", error)  # noqa: TRY400 - no stack says more


def _in_requests(keys: Sequence[str]) -> Iterator[str]:
    """The values of a header that name all keys, none of them too long."""
    line = ""
    for key in keys:
        if line and len(line) + 1 + len(key) > MAX_KEYS_BYTES:
            yield line
            line = ""
        line = f"{line} {key}" if line else key
    if line:
        yield line


def _purge(cache: SplitResult, requests: Sequence[str]) -> str:
    """Ask one cache; return what went wrong, if anything."""
    kind = HTTPSConnection if cache.scheme == "https" else HTTPConnection
    connection = kind(cache.hostname or "", cache.port, timeout=TIMEOUT_SECONDS)
    try:
        for keys in requests:
            connection.request("PURGE", cache.path or "/", headers={"surrogate-key": keys})
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:  # noqa: PLR2004 - what HTTP calls success ends there
                return f"{cache.geturl()} answered {answer.status} to a purge"
    except (OSError, HTTPException) as error:
        return f"{cache.geturl()} could not be purged: {error or type(error).__name__}"
    finally:
        connection.close()
    return ""
