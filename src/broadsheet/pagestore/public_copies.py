"""Copies of hot pages as files, which nginx sends without asking anybody.

The page at `/en/news/slug` lies in `en/news/slug.html`, that at `/en/` in `en/.html`: the address
and a suffix, one rule for all, so no two addresses can share a file. Beside each lie its
compressed forms. A file's time of change is no time: it is made of the file's bytes, because nginx
makes its ETag of that and of the size, and two versions within one second may be equally long.

An index says which copy carries which tags, and who writes it. Writing and withdrawing by tags
happen while the journal is held, so no copy appears after its withdrawal. Whatever is left behind
by a process that ended in the middle is a copy in the index, or an entry of the index without a
copy, which costs a look.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .compressing import compress
from .journal import Journal
from .pages import Page
from .store import PageStore

logger = logging.getLogger(__name__)

#: A writer that has not been heard of for so long is taken to be gone, and its copies go.
SILENT_SECONDS = 5.0
#: suffix → content coding. The plain file is written last and goes first: nginx looks for it.
FORMS = {".html.br": "br", ".html.gz": "gzip", ".html": ""}
#: Neither dots nor escapes: such an address names the same file however it is read.
_ADDRESS = re.compile(r"(?:/[A-Za-z0-9_-]+)+/?", re.ASCII)
_LONGEST_ADDRESS = 200
#: Others than the program's own user read the copies: nginx has one of its own.
_FILE_MODE, _DIRECTORY_MODE = 0o644, 0o755
#: Every file system knows times before this, in seconds.
_LATEST = 2**31
_ENTRY = ".json"


@dataclass(frozen=True, slots=True)
class Copy:
    """What the index says of a copy."""

    address: str
    writer: str
    tags: frozenset[str]


class PublicCopies:
    """The copies in `directory`, with their index in `index`. Safe to use from threads.

    Methods raise `OSError` where the files cannot be changed.
    """

    def __init__(self, directory: Path, index: Path) -> None:
        self._directory = directory
        self._index = index
        self._beats = index / "beats"
        self._threads = threading.Lock()
        #: name of an entry → what tells that it changed, what it says
        self._read: dict[str, tuple[tuple[int, int], Copy]] = {}

    def prepare(self) -> None:
        """Make the directories, where they are missing."""
        for path, mode in (
            (self._directory, _DIRECTORY_MODE),
            (self._index, 0o700),
            (self._beats, 0o700),
        ):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(mode)

    def find_all(self) -> dict[str, Copy]:
        """Return the copies that there are, or were until just now, by address."""
        with self._threads:
            found = {name: self._find(name, stamp) for name, stamp in self._list_index()}
            self._read = {name: one for name, one in found.items() if one is not None}
            return {copy.address: copy for _stamp, copy in self._read.values()}

    def write(
        self, page: Page, fragments: Sequence[Page], body: bytes, *, store: PageStore, writer: str
    ) -> bool:
        """Write or replace the copy of a page; return whether it may be, and is, shown.

        Refused is one of which something was dropped or is withheld, and one that another
        writer has. `body` is the page with its slots filled from `fragments`.
        """
        forms = [(suffix, compress(body, coding)) for suffix, coding in FORMS.items()]
        tags = page.tags.union(*(fragment.tags for fragment in fragments))
        with store.journal.hold():
            if not all(store.is_servable(shown) for shown in (page, *fragments)):
                return False
            present = self.find_all().get(page.address)
            if present is not None and present.writer != writer:
                return False
            if present is None or not tags <= present.tags:
                # All that the copy carries, before and after it is replaced.
                known = present.tags if present is not None else frozenset[str]()
                self._write_entry(Copy(page.address, writer, tags | known))
            for suffix, form in forms:
                self._put(self._path(page.address, suffix), form)
            # Who waited too long for this one withdrew without the lock, and said distrust.
            if store.journal.is_distrusted:
                self._remove([Copy(page.address, writer, tags)])
                return False
        return True

    def withdraw(self, tags: Collection[str], *, journal: Journal) -> int:
        """Remove every copy that carries one of `tags`; return how many."""
        if not self._index.is_dir():
            return 0
        with contextlib.ExitStack() as stack:
            # Whoever keeps the journal for so long does not write copies meanwhile.
            with contextlib.suppress(TimeoutError):
                stack.enter_context(journal.hold())
            return self._remove(
                copy for copy in self.find_all().values() if not copy.tags.isdisjoint(tags)
            )

    def remove(self, address: str, *, journal: Journal) -> None:
        """Remove the copy at `address`, whatever the index says of it."""
        with journal.hold():
            self._remove([Copy(address, "", frozenset())])

    def withdraw_silent(self, *, now: float) -> int:
        """Remove the copies of writers that were not heard of for 5 s before `now` (Unix time).

        Waits for nobody: a process that was stopped may hold the journal.
        """
        if not self._index.is_dir():
            return 0
        beats = dict(self._list_beats())
        # One of the future is no better: the clock was set back, and hides how old it is.
        heard = {writer for writer, at in beats.items() if abs(now - at) <= SILENT_SECONDS}
        gone = self._remove(c for c in self.find_all().values() if c.writer not in heard)
        for writer in beats.keys() - heard:
            (self._beats / writer).unlink(missing_ok=True)
        if gone:
            logger.warning("%d public copies were withdrawn: nobody wrote them any more", gone)
        return gone

    def withdraw_all(self) -> None:
        """Remove every copy, and whatever else is there. For a time when nobody writes."""
        for directory in (self._directory, self._index):
            for path in directory.iterdir() if directory.is_dir() else ():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def beat(self, writer: str) -> None:
        """Say that `writer` keeps its copies as they should be."""
        path = self._beats / writer
        try:
            os.utime(path)
        except FileNotFoundError:
            path.touch(mode=0o600)

    def leave(self, writer: str) -> None:
        """Remove the copies of a writer that ends."""
        self._remove(copy for copy in self.find_all().values() if copy.writer == writer)
        (self._beats / writer).unlink(missing_ok=True)

    def _remove(self, copies: Iterable[Copy]) -> int:
        gone = 0
        for copy in list(copies):
            for suffix in reversed(FORMS):
                self._path(copy.address, suffix).unlink(missing_ok=True)
            (self._index / _name_entry(copy.address)).unlink(missing_ok=True)
            gone += 1
        return gone

    def _path(self, address: str, suffix: str) -> Path:
        if not can_be_copied(address):
            raise ValueError(f"{address!r} has no public copy")
        return Path(f"{self._directory}{address}{suffix}")

    def _put(self, path: Path, form: bytes) -> None:
        self._make_directory(path.parent)
        digest = hashlib.blake2b(form, digest_size=8).digest()
        at = int.from_bytes(digest, "little") % _LATEST
        _write(path, form, mode=_FILE_MODE, at=at)

    def _make_directory(self, path: Path) -> None:
        if path.is_dir():
            return
        self._make_directory(path.parent)
        path.mkdir(exist_ok=True)
        path.chmod(_DIRECTORY_MODE)

    # --- the index ---

    def _write_entry(self, copy: Copy) -> None:
        told = {"address": copy.address, "writer": copy.writer, "tags": sorted(copy.tags)}
        written = json.dumps(told, ensure_ascii=False).encode()
        _write(self._index / _name_entry(copy.address), written, mode=0o600)

    def _list_index(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """The name of each entry, and what tells that it was written anew."""
        with os.scandir(self._index) as entries:
            for entry in entries:
                if entry.name.endswith(_ENTRY):
                    with contextlib.suppress(FileNotFoundError):
                        found = entry.stat()
                        yield entry.name, (found.st_ino, found.st_mtime_ns)

    def _find(self, name: str, stamp: tuple[int, int]) -> tuple[tuple[int, int], Copy] | None:
        known = self._read.get(name)
        if known is not None and known[0] == stamp:
            return known
        try:
            told = json.loads((self._index / name).read_bytes())
        except FileNotFoundError:
            return None
        return stamp, Copy(told["address"], told["writer"], frozenset(told["tags"]))

    def _list_beats(self) -> Iterator[tuple[str, float]]:
        """Each writer, and when it was last heard of (Unix time)."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self._beats) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    yield entry.name, entry.stat().st_mtime


def can_be_copied(address: str) -> bool:
    """Whether the page at `address` can lie in a file: a path without a query, in plain letters."""
    return len(address) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def _name_entry(address: str) -> str:
    return hashlib.blake2b(address.encode(), digest_size=16).hexdigest() + _ENTRY


def _write(path: Path, written: bytes, *, mode: int, at: int | None = None) -> None:
    """Put a file in its place, whole, with `at` as the time of its change (Unix time)."""
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - by descriptor
            file.write(written)
            os.fchmod(descriptor, mode)
        if at is not None:
            os.utime(unfinished, (at, at))
        Path(unfinished).replace(path)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
