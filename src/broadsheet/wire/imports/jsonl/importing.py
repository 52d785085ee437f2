"""An archive into its editions: batch by batch, each of them one short transaction."""

import gc
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, BinaryIO, Protocol

from django.utils import timezone
from tqdm import tqdm

from broadsheet.wire.imports.targets import (
    CAPTURE_SOURCES,
    ImportRefusedError,
    existing_editions,
)

from .converting import plan_article
from .picturing import ImageTray
from .reading import (
    BadLine,
    BadLineError,
    BadMapError,
    GivenArticle,
    ReadingLog,
    directory_of,
    parse_map,
    read_archive,
)
from .writing import EditionShelf, ReadyArticle, find_present, write_batch

MAX_SOURCE = 100  # characters: what the row of an imported article holds

# A transaction has to stay under 100 ms. A batch is made to take a quarter of that: the machine is
# others' too, and a commit that copies the write-ahead log back takes some 15 ms more. Under a few
# articles the fixed cost of a transaction would be most of it.
_TARGET_SECONDS = 0.025
_SMALLEST_BATCH = 4
_FIRST_BATCH = 8
_LARGEST_BATCH = 64
#: Bytes of lines in a batch of that many articles: one long article fills a batch alone.
_BYTES_AN_ARTICLE = 6_000
#: Seconds between two drawings of the progress where nobody watches, as in a log.
_DRAWING_UNWATCHED = 10.0


class Tells(Protocol):
    """Where a line for people goes; the line end is added."""

    def write(self, msg: str) -> Any: ...


@dataclass(slots=True)
class ArchiveImported:
    """What a run did, in lines. `changed` are those of `present` that the archive has otherwise
    than they were imported; in a dry run `imported` would have been.
    """

    imported: int = 0
    present: int = 0
    bad: int = 0
    changed: int = 0
    is_dry_run: bool = False
    was_interrupted: bool = False

    def as_dict(self) -> dict[str, int | bool]:
        return asdict(self)


def import_archive(
    path: Path,
    *,
    source: str,
    renamed: Sequence[str],
    edition_code: str | None,
    is_dry_run: bool,
    tell: Tells,
) -> ArchiveImported:
    """Bring in what is new of an archive, known by `source` and each line's id.

    `renamed` are `theirs=ours` names of fields; `edition_code` is for lines that name no edition.
    A bad line is told with its number and reason, and the rest goes in. What is here already is
    left as it is, also where the desk has edited or deleted it. Ctrl-C takes effect between two
    batches, and so does the end of the process at any moment: another run goes on from there.

    Raises `ImportRefusedError` before anything is written, `ImportStoppedError` where the
    database lets nothing more in.
    """
    run = _prepare(path, source=source, edition_code=edition_code, is_dry_run=is_dry_run, tell=tell)
    try:
        names = parse_map(renamed)
    except BadMapError as error:
        raise ImportRefusedError(str(error)) from None
    try:
        size = path.stat().st_size
        file = path.open("rb")
    except OSError as error:
        raise ImportRefusedError(error.strerror or "cannot be read") from None
    with file, _progress(size) as bar, _interruption_noted(run.done), _program_left_alone():
        run.go_through(file, names, bar)
    return run.done


def _prepare(
    path: Path, *, source: str, edition_code: str | None, is_dry_run: bool, tell: Tells
) -> "_Run":
    source = source.strip()
    if not source or len(source) > MAX_SOURCE or not source.isprintable():
        raise ImportRefusedError(f"--source is a name of 1 to {MAX_SOURCE} characters")
    if source.startswith(CAPTURE_SOURCES):
        raise ImportRefusedError(f"--source may not begin with {CAPTURE_SOURCES!r}")
    shelves = {edition.code: EditionShelf(edition) for edition in existing_editions()}
    if edition_code is not None and edition_code not in shelves:
        known = ", ".join(shelves)
        raise ImportRefusedError(f"there is no edition {edition_code!r}; there are: {known}")
    return _Run(
        path=path,
        source=source,
        shelves=shelves,
        edition_code=edition_code or "",
        tell=tell,
        done=ArchiveImported(is_dry_run=is_dry_run),
        images=ImageTray(directory_of(path), is_dry_run=is_dry_run),
    )


@dataclass(kw_only=True, slots=True)
class _Run:
    path: Path
    source: str
    shelves: dict[str, EditionShelf]
    edition_code: str
    tell: Tells
    done: ArchiveImported
    images: ImageTray
    pictures_left_out: int = 0
    #: id → line and digest of every article of this run: some 250 bytes each.
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def go_through(self, file: BinaryIO, renamed: Mapping[str, str], bar: "tqdm[Any]") -> None:
        log = ReadingLog()
        lines = read_archive(file, renamed=renamed, default_edition=self.edition_code, log=log)
        pace = Pace()
        while not self.done.was_interrupted and (batch := pace.take(lines)):
            self._bring_in(batch, pace)
            bar.set_postfix_str(f"{self.done.imported} articles", refresh=False)
            bar.update(log.bytes_read - bar.n)
        self._tell_what_was_left_out(log)

    def _bring_in(self, lines: Sequence[GivenArticle | BadLine], pace: "Pace") -> None:
        given = [line for line in lines if isinstance(line, GivenArticle)]
        present = find_present(self.source, [one.external_id for one in given])
        ready: list[ReadyArticle] = []
        for line in lines:
            if isinstance(line, BadLine):
                self._note_bad(line.line, line.reason)
                continue
            try:
                if not self._is_repeated(line) and not self._is_present(line, present):
                    ready.append(self._make_ready(line))
            except BadLineError as error:
                self._note_bad(line.line, str(error))
                if self.seen.get(line.external_id, (0, ""))[0] == line.line:
                    del self.seen[line.external_id]  # a mended line may follow
        if self.done.is_dry_run or not ready:
            self.done.imported += len(ready)
            return
        began = time.perf_counter()
        meanwhile = write_batch(ready, source=self.source, shelves=self.shelves, now=timezone.now())
        pace.note(len(ready), seconds=time.perf_counter() - began)
        for one in ready:
            if not self._is_present(one.plan.given, meanwhile):
                self.done.imported += 1

    def _is_repeated(self, given: GivenArticle) -> bool:
        """Whether the file has this very line before; the same id with another text is bad."""
        line, digest = self.seen.setdefault(given.external_id, (given.line, given.digest))
        if line == given.line:
            return False
        if digest != given.digest:
            raise BadLineError(f"id {given.external_id[:60]!r} is line {line}’s already")
        self.done.present += 1
        return True

    def _is_present(self, given: GivenArticle, present: Mapping[str, str]) -> bool:
        digest = present.get(given.external_id)
        if digest is None:
            return False
        self.done.present += 1
        self.done.changed += digest != given.digest
        return True

    def _make_ready(self, given: GivenArticle) -> ReadyArticle:
        shelf = self.shelves.get(given.edition)
        if shelf is None:
            raise BadLineError(
                f"there is no edition {given.edition!r}"
                if given.edition
                else "edition is missing (or say --edition for all such lines)"
            )
        plan = plan_article(given, zone=shelf.edition.zone, now=timezone.now())
        image = self.images.take(given.image) if given.image else None
        self.pictures_left_out += plan.pictures_left_out
        return ReadyArticle(plan, image)

    def _note_bad(self, line: int, reason: str) -> None:
        self.done.bad += 1
        self._say(f"line {line}: {reason}")

    def _say(self, text: str) -> None:
        is_watched = sys.stderr.isatty()
        with tqdm.external_write_mode(file=sys.stderr) if is_watched else nullcontext():
            self.tell.write(f"{self.path}: {text}")

    def _tell_what_was_left_out(self, log: ReadingLog) -> None:
        if log.ignored:
            fields = ", ".join(f"{name} ({n} lines)" for name, n in sorted(log.ignored.items()))
            self._say(f"fields that are not ours were left out: {fields}")
        if self.pictures_left_out:
            self._say(f"{self.pictures_left_out} pictures inside bodies were left out")


class Pace:
    """How many lines make a batch, so that its transaction stays short on this machine."""

    def __init__(self) -> None:
        self._articles = _FIRST_BATCH

    def take(self, lines: Iterator[GivenArticle | BadLine]) -> list[GivenArticle | BadLine]:
        """Return the next batch; at least one line where there is one."""
        batch, room = [], self._articles * _BYTES_AN_ARTICLE
        for line in islice(lines, self._articles):
            batch.append(line)
            room -= len(line.body) + len(line.lead) if isinstance(line, GivenArticle) else 0
            if room <= 0:
                break
        return batch

    def note(self, articles: int, *, seconds: float) -> None:
        """Take account of how long the transaction of a batch was."""
        if seconds > _TARGET_SECONDS * 1.5:
            self._articles = max(_SMALLEST_BATCH, self._articles // 2)
        elif seconds < _TARGET_SECONDS and articles >= self._articles // 2:
            self._articles = min(_LARGEST_BATCH, self._articles + 1 + self._articles // 8)


def _progress(size: int) -> "tqdm[Any]":
    is_watched = sys.stderr.isatty()
    return tqdm(
        total=size,
        unit="B",
        unit_scale=True,
        file=sys.stderr,
        mininterval=0.1 if is_watched else _DRAWING_UNWATCHED,
        bar_format=None if is_watched else "{l_bar}{bar:20}{r_bar}\n",
    )


@contextmanager
def _program_left_alone() -> Iterator[None]:
    """Keep the garbage collector to what the import makes.

    To go through all of Django takes it 80 ms, again and again, and a transaction is open
    meanwhile: without this the longest of 12,000 articles took 108 ms, with it 48 ms (2 cores,
    November 2026).
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _interruption_noted(done: ArchiveImported) -> Iterator[None]:
    """Let the first Ctrl-C only be noted, and the second end the process at once."""
    if current_thread() is not main_thread():
        yield
        return
    former = signal.getsignal(signal.SIGINT)

    def note(_number: int, _frame: Any) -> None:
        done.was_interrupted = True
        signal.signal(signal.SIGINT, former)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
