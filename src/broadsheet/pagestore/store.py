"""The store: pages by address, in memory over a directory, dropped by what they were made from."""

import hashlib
import logging
import tempfile
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from .journal import Expected, Journal
from .pages import DamagedPageError, Page, decode, encode

logger = logging.getLogger(__name__)

MEMORY_BYTES = 48 * 1024 * 1024
#: A page that could not be kept may be sent to who waits for it, if it is not older than this.
UNKEPT_SECONDS = 0.5
_TRIES = 4
_COMPLAIN_EACH_SECONDS = 60.0
#: A page that is so long unfinished has lost its writer.
_UNFINISHED_SECONDS = 60.0
#: A change whose fact is delivered, and that is not closed, was left so by its process; a younger
#: one with the same tag may be another that is just being committed.
_COMMITTING_SECONDS = 2.0


class PageOutdatedError(RuntimeError):
    """Whatever was pressed was overtaken by a change before it could be sent."""


class PageStore:
    """Pages in `directory`, shared by all processes of a machine; safe to use from threads.

    At most `memory_bytes` of them are held in memory, the least recently used out first. What
    cannot be written is kept in memory alone, and said in the log.
    """

    def __init__(self, directory: Path, *, memory_bytes: int = MEMORY_BYTES) -> None:
        self._directory = directory / "pages"
        self.journal = Journal(directory)
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, Page] = OrderedDict()
        self._held_bytes = 0
        self._threads = threading.RLock()
        self._complained_at = 0.0

    def begin(self) -> int:
        """Return the version of a page that is gathered from now on."""
        return self._learn()

    def follow(self) -> None:
        """Learn what other processes changed, and mend what is damaged. It may wait for them."""
        self.journal.look_after()
        self._learn()

    def _learn(self) -> int:
        place = self.journal.follow()
        for address in self.journal.take_replaced():
            self._let_go(address)
        return place

    def is_servable(self, page: Page) -> bool:
        """Whether nothing that the page was made from was dropped since. Its time may be over."""
        return not self.is_changed(page.tags, since=page.version)

    def is_changed(self, tags: Collection[str], *, since: int) -> bool:
        """Whether one of `tags` was dropped, or is withheld, since the version `since`."""
        told = self.journal.told
        if told != self.journal.place:
            self._learn()
            return self.journal.is_dropped(tags, since=since)
        return self.journal.is_touched(tags, since=since)

    def is_changed_lately(self, tags: Collection[str], *, since: int) -> bool:
        """As `is_changed`, but of what other processes told a moment ago it may not know yet.

        Of a withdrawal it does. It spares a system call, during which other threads go first.
        """
        if self.journal.told_lately(time.monotonic()) != self.journal.place:
            return self.is_changed(tags, since=since)
        return self.journal.is_touched(tags, since=since)

    def get(self, address: str) -> Page | None:
        """Return the page at `address`, if there is one that may be served."""
        with self._threads:
            page = self._memory.get(address)
            if page is not None:
                if self.is_servable(page) and address in self._memory:
                    self._memory.move_to_end(address)
                    return page
                self._let_go(address)
            page = self._read(address)
            if page is None or not self.is_servable(page):
                return None
            self._keep(page)
            return page

    def get_fresh(self, address: str, *, now: float) -> Page | None:
        """Return the page if it is as a fresh pressing would be, also where another process made it."""
        page = self.get(address)
        if page is not None and not is_fresh(page, now=now):
            with self._threads:
                self._let_go(address)
            page = self.get(address)
        return page if page is not None and is_fresh(page, now=now) else None

    def put(self, page: Page, *, replaces: bool = False) -> bool:
        """Keep a page; return whether it may be served.

        Refused is a page of which something was dropped, or is withheld, since it was gathered,
        and one older than the page that is kept. `replaces` tells the other processes that a
        page which they may hold is no longer the newest.
        """
        try:
            with self.journal.hold():
                if not self._is_newer(page):
                    return False
                self._write(page)
            if replaces:
                self.journal.replace([page.address])
        except OSError as error:
            self._complain(error)
            if not self.is_servable(page):
                return False
        with self._threads:
            self._keep(page)
        return True

    def press(
        self, address: str, make: Callable[[str, int], Page], *, replaces: bool = False
    ) -> Page:
        """Make the page at `address` and keep it; make it again where a change overtook it.

        `make(address, version)` gathers and renders. A page that cannot be kept, because a
        change that shows on it is just being committed, is returned where it is younger than
        half a second: it then was true when it was gathered. Raises `PageOutdatedError`.
        """
        for attempt in range(_TRIES):
            began = time.monotonic()
            page = make(address, self.begin())
            if self.put(page, replaces=replaces):
                return page
            if attempt and time.monotonic() - began < UNKEPT_SECONDS:
                newest = self.get(address)
                return newest or page
        raise PageOutdatedError(f"{address} changes faster than it can be pressed")

    def drop(self, tags: Iterable[str]) -> None:
        """Let no page be served that carries one of `tags` and was gathered before now."""
        self.journal.drop(tags)

    def stored(self) -> Iterator[Page]:
        """Every page on disk that may be served."""
        for path in self._paths():
            page = self._read_file(path)
            if page is not None and self.is_servable(page):
                yield page

    def prune(self, *, max_bytes: int) -> int:
        """Delete from disk what may not be served, and the oldest beyond `max_bytes`.

        Returns how many went.
        """
        kept: list[tuple[float, int, Path]] = []
        gone = 0
        for path in self._paths():
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            if path.suffix:
                is_useless = time.time() - found.st_mtime > _UNFINISHED_SECONDS
            else:
                is_useless = self._is_useless(path)
            if is_useless:
                path.unlink(missing_ok=True)
                gone += 1
            else:
                kept.append((found.st_mtime, found.st_blocks * 512, path))
        total = sum(size for _at, size, _path in kept)
        for _at, size, path in sorted(kept):
            if total <= max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
            gone += 1
        return gone

    def close_expected(self, *, older_than: float, now: float) -> int:
        """Drop what was expected to be dropped and was not; return how many changes that were.

        For what a process left behind that ended within a change, or whose change was undone.
        """
        left = [(n, e) for n, e in self.journal.expected().items() if now - e.at > older_than]
        return self._close(left)

    def close_expected_with(self, tag: str) -> bool:
        """Drop what was expected together with `tag`; return whether something was.

        What was expected just now stays expected too, for its change may not be committed yet.
        """
        found = [(n, e) for n, e in self.journal.expected().items() if tag in e.tags]
        now = time.time()
        self._close(found, keeps=[n for n, e in found if now - e.at < _COMMITTING_SECONDS])
        return bool(found)

    def _close(self, left: list[tuple[int, Expected]], *, keeps: Collection[int] = ()) -> int:
        if left:
            tags = frozenset[str]().union(*(expected.tags for _n, expected in left))
            self.journal.drop(tags, closes=[n for n, _expected in left if n not in keeps])
        elif self.journal.is_distrusted:
            self.journal.drop(())
        return len(left)

    def _is_newer(self, page: Page) -> bool:
        if self.journal.is_dropped(page.tags, since=page.version):
            return False
        present = (self._memory.get(page.address), self._read(page.address))
        return all(one is None or one.version <= page.version for one in present)

    def _is_useless(self, path: Path) -> bool:
        page = self._read_file(path)
        return page is None or not self.is_servable(page)

    def _path(self, address: str) -> Path:
        name = hashlib.blake2b(
            address.encode("utf-8", "surrogateescape"), digest_size=16
        ).hexdigest()
        return self._directory / name[:2] / name[2:]

    def _paths(self) -> Iterator[Path]:
        for directory in sorted(self._directory.glob("??")):
            yield from sorted(directory.iterdir())

    def _read(self, address: str) -> Page | None:
        page = self._read_file(self._path(address))
        return page if page is not None and page.address == address else None

    def _read_file(self, path: Path) -> Page | None:
        try:
            page, journal = decode(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (DamagedPageError, zlib.error, ValueError, LookupError, TypeError) as error:
            try:
                path.unlink(missing_ok=True)
            except OSError as unwritable:
                self._complain(unwritable)
            else:
                logger.error("A stored page is damaged and is pressed anew: %s (%s)", path, error)  # noqa: TRY400 - no stack says more
            return None
        except OSError as error:
            self._complain(error)
            return None
        return page if journal == self.journal.name else None

    def _write(self, page: Page) -> None:
        path = self._path(page.address)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = encode(page, journal=self.journal.name)
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".new")
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - by descriptor
                file.write(written)
            Path(unfinished).replace(path)
        except OSError:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _keep(self, page: Page) -> None:
        self._let_go(page.address)
        self._memory[page.address] = page
        self._held_bytes += page.size
        while self._held_bytes > self._memory_bytes and len(self._memory) > 1:
            self._let_go(next(iter(self._memory)))

    def _let_go(self, address: str) -> None:
        with self._threads:
            page = self._memory.pop(address, None)
            if page is not None:
                self._held_bytes -= page.size

    def _complain(self, error: OSError) -> None:
        if (
            time.monotonic() - self._complained_at > _COMPLAIN_EACH_SECONDS
            or not self._complained_at
        ):
            self._complained_at = time.monotonic()
            logger.error(
                "The page store cannot be used as it should: %s. Pages are kept in memory alone",
                error,
            )


def is_fresh(page: Page, *, now: float) -> bool:
    """Whether the page is as a fresh pressing at `now` (Unix time) would be."""
    return page.fresh_until is None or now < page.fresh_until
