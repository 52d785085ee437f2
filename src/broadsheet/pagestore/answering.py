"""Answers to hits: assembled and compressed at most once a second, conditional, negotiated."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .assembling import Counts, MissingFragmentError, ShowViews, assemble
from .compressing import compress, negotiate
from .pages import Page
from .store import PageStore, is_fresh

#: How long an assembled answer is sent before its numbers are looked at again.
ASSEMBLED_SECONDS = 1.0
#: How long an answer is sent after its page was dropped by a change that withdraws nothing; when the
#: new page is wished for, if the worker has not pressed it; and how often is looked for it.
LINGER_SECONDS, WISH_SECONDS, LOOK_SECONDS = 0.5, 0.25, 0.02
#: What is left of a request's weight each time that `most_asked` is called.
FADING = 0.75
#: Assembled answers in memory, in all encodings.
MEMORY_BYTES = 32 * 1024 * 1024
#: A shorter body is not worth compressing.
SHORTEST_COMPRESSED = 256
OK, NOT_MODIFIED = 200, 304

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    status: int
    headers: Headers
    body: bytes = b""


@dataclass(slots=True)
class Assembled:
    """A page with its slots filled, and what was made of it for those who asked."""

    page: Page
    fragments: tuple[Page, ...]
    pieces: list[bytes]
    body: bytes
    tag: str
    until: float  # monotonic seconds
    place: int  # of the journal, at which it was known to be servable
    ready: dict[str, Answer] = field(default_factory=dict)
    unchanged: dict[str, Answer] = field(default_factory=dict)
    counts: Counts | None = None
    #: When it was first seen that it was dropped (monotonic seconds).
    dropped_at: float | None = None
    #: How often it was asked for lately; what `most_asked` has seen already weighs less.
    asked: float = 0.0

    @property
    def size(self) -> int:
        """About how many bytes it takes in memory, all its encodings counted in."""
        return 3 * len(self.body) + 3000


class Answers:
    """Makes answers of the pages in `store`. For one thread: that of the event loop.

    `snapshot()` returns the counts of one moment; `show_views` the markup of one. `more_headers`
    adds headers to those of a page, in place of those of the same name. `wish` is called with the
    address of a page or fragment whose time is over, and that is sent once more.
    """

    def __init__(
        self,
        store: PageStore,
        *,
        snapshot: Callable[[], Counts],
        show_views: ShowViews,
        more_headers: Callable[[Assembled], Headers] = lambda _found: [],
        wish: Callable[[str], None] = lambda _address: None,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self.store = store
        self.wish = wish
        self._snapshot = snapshot
        self._show_views = show_views
        self._more_headers = more_headers
        self._memory_bytes = memory_bytes
        self._journal = store.journal
        self._hot: OrderedDict[str, Assembled] = OrderedDict()
        self._hot_bytes = 0

    def find_hot(self, address: str) -> Assembled | None:
        """Return the page at `address` if it was assembled within the last second."""
        found = self._hot.get(address)
        if found is None or found.until <= (now := time.monotonic()):
            return None
        told = self._journal.told_lately(now)
        if told != found.place or told < 0:
            return None
        found.asked += 1
        return found

    def find(self, address: str) -> Assembled | None:
        """Return the page at `address` with its numbers, where it and all its parts are there."""
        found = self.find_hot(address)
        if found is None and (found := self._renew(address, self._hot.get(address))) is not None:
            found.asked += 1
            self._hot.move_to_end(address)
        return found

    def is_known(self, address: str) -> bool:
        """Whether the page at `address` was sent lately, so that there is such an address."""
        return address in self._hot

    def look_at(self, address: str) -> Assembled | None:
        """Return what `find` would return a second from now at the latest; nobody asked for it."""
        found = self._hot.get(address)
        if found is not None and found.counts is not self._snapshot():
            found.until = 0.0
        return self._renew(address, found)

    def answer(self, found: Assembled, *, accept_encoding: str, if_none_match: str) -> Answer:
        """Return the answer with a page, in the best encoding, or 304 for one who has it."""
        encoding = negotiate(accept_encoding) if len(found.body) >= SHORTEST_COMPRESSED else ""
        ready = found.ready.get(encoding)
        if ready is None:
            ready = self._make_ready(found, encoding)
        if if_none_match and found.page.status == OK:
            unchanged = found.unchanged[encoding]
            if _matches(if_none_match, unchanged.headers[0][1]):
                return unchanged
        return ready

    def assemble(self, page: Page, fragments: Mapping[str, Page]) -> Assembled:
        """Return a page with its slots filled, `fragments` going before those that are stored.

        Raises `MissingFragmentError`.
        """
        used: list[Page] = []

        def find_fragment(address: str) -> Page | None:
            fragment = fragments.get(address) or self.store.get(address)
            if fragment is not None:
                used.append(fragment)
            return fragment

        place = self._journal.told
        counts = self._snapshot()
        pieces = assemble(
            page.parts,
            page.edition,
            counts=counts,
            find_fragment=find_fragment,
            show_views=self._show_views,
        )
        body = b"".join(pieces)
        return Assembled(
            page=page,
            fragments=tuple(used),
            pieces=pieces,
            body=body,
            tag=hashlib.blake2b(body, digest_size=12).hexdigest(),
            until=time.monotonic() + ASSEMBLED_SECONDS,
            place=place,
            counts=counts,
        )

    def most_asked(self, *, least: float) -> list[Assembled]:
        """Return what was asked for at least so often lately, the most asked for first.

        A request weighs 1, and with each call of this three quarters of what it weighed: what is
        asked for n times between two calls comes to weigh 4 n.
        """
        asked = [found for found in self._hot.values() if found.asked >= least]
        asked.sort(key=lambda found: found.asked, reverse=True)
        for found in self._hot.values():
            found.asked *= FADING
        return asked

    def _renew(self, address: str, found: Assembled | None) -> Assembled | None:
        if found is not None and found.until > time.monotonic() and self._is_still_right(found):
            return found
        page = self.store.get(address)
        if page is None:
            return self._linger(address, found, lacking=address)
        try:
            made = self.assemble(page, {})
        except MissingFragmentError as missing:
            return self._linger(address, found, lacking=missing.address)
        now = time.time()
        for shown in (page, *made.fragments):
            if not is_fresh(shown, now=now):
                self.wish(shown.address)
        if found is not None and found.page is page and found.tag == made.tag:
            if [one.tags for one in made.fragments] != [one.tags for one in found.fragments]:
                found.ready, found.unchanged = {}, {}  # headers may name the tags
            found.until, found.place, found.fragments = made.until, made.place, made.fragments
            found.counts, found.dropped_at = made.counts, None
            return found
        made.asked = found.asked if found is not None else 0.0
        self._keep(address, made)
        return made

    def _linger(self, address: str, found: Assembled | None, *, lacking: str) -> Assembled | None:
        """Return the answer that was right until just now, and wish for what it lacks.

        So a change costs its readers no wait. None where too long ago, where it may not be, or
        where something was withdrawn.
        """
        now = time.monotonic()
        if found is not None:
            found.dropped_at = found.dropped_at or now
            place = self._journal.told
            if now - found.dropped_at < LINGER_SECONDS and all(
                self._journal.may_linger(shown.tags, since=shown.version)
                for shown in (found.page, *found.fragments)
            ):
                if now - found.dropped_at >= WISH_SECONDS:
                    self.wish(lacking)
                found.until, found.place = now + LOOK_SECONDS, place
                return found
        self._forget(address)
        return None

    def _is_still_right(self, found: Assembled) -> bool:
        """Whether what other processes dropped meanwhile leaves the answer as it is."""
        place = self._journal.told
        if found.dropped_at is not None:
            return False
        if all(self.store.is_servable(shown) for shown in (found.page, *found.fragments)):
            found.place = place
            return True
        return False

    def _make_ready(self, found: Assembled, encoding: str) -> Answer:
        page = found.page
        tag = f'"{found.tag}{"-" if encoding else ""}{encoding}"'
        always: Headers = [("etag", tag), ("vary", "accept-encoding")]
        more = self._more_headers(found)
        named = {name for name, _value in more}
        kept = [pair for pair in page.headers if pair[0] not in named]
        always += more + [pair for pair in kept if pair[0] == "cache-control"]
        headers = always + [pair for pair in kept if pair[0] != "cache-control"]
        if encoding:
            headers.append(("content-encoding", encoding))
        ready = Answer(page.status, headers, compress(found.body, encoding))
        found.ready[encoding] = ready
        found.unchanged[encoding] = Answer(NOT_MODIFIED, always)
        return ready

    def _keep(self, address: str, made: Assembled) -> None:
        self._forget(address)
        self._hot[address] = made
        self._hot_bytes += made.size
        while self._hot_bytes > self._memory_bytes and len(self._hot) > 1:
            self._forget(next(iter(self._hot)))

    def _forget(self, address: str) -> None:
        found = self._hot.pop(address, None)
        if found is not None:
            self._hot_bytes -= found.size


def _matches(if_none_match: str, tag: str) -> bool:
    """Whether a tag is among those of an If-None-Match header (RFC 9110, 13.1.2)."""
    if if_none_match == tag:
        return True
    told = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return tag in told or if_none_match.strip() == "*"
