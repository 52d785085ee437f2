"""The open windows of readers, kept so that a view costs little however many are open.

Readers' hashes are random, so each window that is set would dirty a page of the table by itself.
As in a log-structured merge tree (O'Neil, Cheng, Gawlick and O'Neil, 1996), what a fold sets goes
into one row, a `WindowBatch`, and into memory; later it is merged into the table, one slice of all
hashes after the other, so that many windows share a page.

What is open is what the table says, as far as the bounds of its slice have not forgotten it, and
over that what later batches say. When a slice is merged changes nothing of it.
"""

import secrets
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from operator import itemgetter

from django.conf import settings
from django.db.models import Q

from . import statements
from .executing import Blob, select_in, write_rows
from .models import FOR_EVER_MS, NEVER_MS, OpenWindow, WindowBatch, WindowSlice
from .tallying import Windows
from .view_records import READER_BYTES

#: Reader, article, when the view last counted (ms).
Entry = tuple[bytes, int, int]
_ENTRY = struct.Struct(f"<{READER_BYTES}sqq")
#: A slice is what begins with the same six bits.
SLICES = 64
_OTHER_BITS = 2
#: One slice is merged for so many records: 65,000 wait in memory at most, some 25 MB.
MERGE_EACH = 1024


class OpenWindows:
    """The windows as the process that folds knows them; for whoever has the lock of the fold.

    `catch_up` before a transaction; in it `write`, perhaps `forget`, and `merge`; `confirm` once
    it is committed. What is not confirmed, or was changed by another process, is read again.
    """

    def __init__(self) -> None:
        #: The view up to which all is known, and the last batch.
        self._known: tuple[int, tuple[int, int]] | None = None
        self._last = (0, 0)
        self._slices: list[WindowSlice] = []
        #: What batches say and the table does not yet, by slice.
        self._young: list[Windows] = []
        #: Between these moments lies all that is young.
        self._oldest_ms, self._newest_ms = FOR_EVER_MS, NEVER_MS
        #: Young windows that replaced one of a later moment: the clock was set back.
        self._set_back: set[tuple[bytes, int]] = set()
        self._unmerged_records = 0

    def catch_up(self, *, sequence: int) -> None:
        """Know what is open after the view `sequence`, the last that is folded."""
        slices = _load_slices()
        last = WindowBatch.objects.order_by("-pk").values_list("pk", "token").first() or (0, 0)
        is_known = self._known == (sequence, last) and [one.merged_batch for one in slices] == [
            one.merged_batch for one in self._slices
        ]
        self._known, self._last, self._slices = None, last, slices
        if not is_known:
            self._load()

    def find(self, readers: Iterable[bytes], *, between: tuple[int, int]) -> Windows:
        """Return copies of what is open of these readers: all that lies between two moments (ms),
        both excluded, and perhaps more.
        """
        windows: Windows = {}
        wanted = sorted(readers)
        for raw, article_id, at in select_in(statements.find_windows, wanted, *between):
            if self._is_kept(reader := bytes(raw), at):
                mine = windows.get(reader)
                if mine is None:
                    mine = windows[reader] = {}
                mine[article_id] = at
        for reader in wanted:
            young = self._young[reader[0] >> _OTHER_BITS].get(reader)
            if young is not None:
                windows[reader] = {**windows.get(reader, {}), **young}
        return windows

    def write(self, windows: Windows, changed: Iterable[tuple[bytes, int]]) -> None:
        """Set those of `windows` that were `changed` (reader, article)."""
        entries = [(reader, one, windows[reader][one]) for reader, one in changed]
        if entries:
            oldest_ms, newest_ms = self._set(entries)
            self._add_batch(oldest_ms, newest_ms, entries)

    def forget(self, after_ms: int, before_ms: int) -> None:
        """Forget what does not lie between two moments, both excluded."""
        for one in self._slices:
            one.after_ms = max(one.after_ms, after_ms)
            one.before_ms = min(one.before_ms, before_ms)
        write_rows(statements.NARROW_SLICES, [(after_ms, after_ms, before_ms, before_ms)])
        write_rows(statements.FORGET_WINDOW_BATCHES, [(after_ms, before_ms)])
        for batch in WindowBatch.objects.filter(
            Q(oldest_ms__lte=after_ms) | Q(newest_ms__gte=before_ms)
        ):
            _thin(batch, after_ms, before_ms)
        if self._oldest_ms <= after_ms or self._newest_ms >= before_ms:
            gone = self._forget_young(after_ms, before_ms)
            # The table may say a former moment of theirs, which is no longer so.
            write_rows(statements.DELETE_WINDOW, [(reader, one) for reader, one, _at in gone])
            # And so may batches that are not merged.
            unsaid = [
                (reader, one, NEVER_MS)
                for reader, one, at in gone
                if at >= before_ms or (reader, one) in self._set_back
            ]
            if unsaid:
                self._add_batch(after_ms + 1, before_ms - 1, unsaid)
            self._set_back.difference_update((reader, one) for reader, one, _at in gone)

    def merge(self, *, records: int) -> None:
        """Bring slices into the table, as many as `records` more views ask for."""
        self._unmerged_records += records
        while self._unmerged_records >= MERGE_EACH:
            self._unmerged_records -= MERGE_EACH
            self._merge(min(self._slices, key=lambda one: (one.merged_batch, one.number)))

    def confirm(self, *, sequence: int) -> None:
        """Say that what was written up to the view `sequence` is committed."""
        self._known = (sequence, self._last)

    def merge_all(self) -> None:
        """Have everything in the table that is open, and nothing else."""
        for one in self._slices:
            self._merge(one, sweep=True)

    def read_all(self) -> Iterator[Entry]:
        """Yield what is open, in no order."""
        table = OpenWindow.objects.values_list("reader", "article_id", "last_counted_at_ms")
        for raw, article_id, at in table.iterator():
            reader = bytes(raw)
            young = self._young[reader[0] >> _OTHER_BITS].get(reader, {})
            if article_id not in young and self._is_kept(reader, at):
                yield reader, article_id, at
        for windows in self._young:
            yield from _entries_of(windows)

    def _is_kept(self, reader: bytes, at: int) -> bool:
        one = self._slices[reader[0] >> _OTHER_BITS]
        return one.after_ms < at < one.before_ms

    def _load(self) -> None:
        self._young = [{} for _ in range(SLICES)]
        self._oldest_ms, self._newest_ms = FOR_EVER_MS, NEVER_MS
        self._set_back = set()
        self._unmerged_records = 0
        first = min(one.merged_batch for one in self._slices)
        batches = WindowBatch.objects.filter(pk__gt=first).order_by("pk")
        for batch in batches.iterator(chunk_size=100):
            entries = [
                entry
                for entry in unpack(bytes(batch.entries))
                if batch.pk > self._slices[entry[0][0] >> _OTHER_BITS].merged_batch
            ]
            if entries:
                self._set(entries)

    def _set(self, entries: Sequence[Entry]) -> tuple[int, int]:
        """Set windows, at least one; return the first and the last of their moments."""
        young = self._young
        for reader, article_id, at in entries:
            windows = young[reader[0] >> _OTHER_BITS]
            mine = windows.get(reader)
            if mine is None:
                mine = windows[reader] = {}
            elif mine.get(article_id, at) > at:
                self._set_back.add((reader, article_id))
            mine[article_id] = at
            if at == NEVER_MS:
                del mine[article_id]
        moments = [at for _reader, _article_id, at in entries if at != NEVER_MS] or [NEVER_MS]
        oldest_ms, newest_ms = min(moments), max(moments)
        self._oldest_ms = min(self._oldest_ms, oldest_ms)
        self._newest_ms = max(self._newest_ms, newest_ms)
        return oldest_ms, newest_ms

    def _forget_young(self, after_ms: int, before_ms: int) -> list[Entry]:
        gone = []
        self._oldest_ms, self._newest_ms = FOR_EVER_MS, NEVER_MS
        for number, windows in enumerate(self._young):
            kept: Windows = {}
            for entry in _entries_of(windows):
                reader, article_id, at = entry
                if after_ms < at < before_ms:
                    kept.setdefault(reader, {})[article_id] = at
                    self._oldest_ms = min(self._oldest_ms, at)
                    self._newest_ms = max(self._newest_ms, at)
                else:
                    gone.append(entry)
            self._young[number] = kept
        return gone

    def _merge(self, one: WindowSlice, *, sweep: bool = False) -> None:
        # In the order of the table, that is of the readers: a page of it is touched once.
        entries = sorted(_entries_of(self._young[one.number]), key=itemgetter(0))
        width = settings.VIEW_WINDOW_MINUTES * 60_000
        has_old = one.after_ms != NEVER_MS and abs(one.after_ms - one.swept_ms) >= width
        # The bounds are of what was in the table, and not of what comes into it from now on.
        is_within = one.after_ms < self._oldest_ms and self._newest_ms < one.before_ms
        if sweep or has_old or not is_within:
            write_rows(
                statements.SWEEP_WINDOWS, [(*_range_of(one.number), one.after_ms, one.before_ms)]
            )
            one.swept_ms = one.after_ms
            one.after_ms, one.before_ms = NEVER_MS, FOR_EVER_MS
        rows = [(Blob(reader), article_id, at) for reader, article_id, at in entries]
        write_rows(statements.SET_WINDOW, rows)
        self._young[one.number] = {}
        if self._set_back:
            self._set_back.difference_update(
                (reader, article_id) for reader, article_id, _ in entries
            )
        one.merged_batch = max(self._last[0], one.merged_batch)
        row = one.merged_batch, one.after_ms, one.before_ms, one.swept_ms, one.number
        write_rows(statements.SET_SLICE, [row])

    def _add_batch(self, oldest_ms: int, newest_ms: int, entries: Iterable[Entry]) -> None:
        batch = WindowBatch.objects.create(
            token=secrets.randbits(62),
            oldest_ms=oldest_ms,
            newest_ms=newest_ms,
            entries=pack(entries),
        )
        self._last = (batch.pk, batch.token)


def find_recent(*, since_ms: int, before: bytes) -> dict[tuple[bytes, int], int]:
    """Return when the windows (reader, article) last counted that were set after a moment (ms).

    Only readers whose hash lies before `before`, where it is not empty. A process that does not
    fold may ask: as far back as batches are kept, which is two widths of a window.
    """
    recent: dict[tuple[bytes, int], int] = {}
    batches = WindowBatch.objects.filter(newest_ms__gt=since_ms).order_by("pk")
    for packed in batches.values_list("entries", flat=True).iterator(chunk_size=100):
        for reader, article_id, at in unpack(_begin_of(bytes(packed), before)):
            if at > since_ms:
                recent[reader, article_id] = at
            else:
                recent.pop((reader, article_id), None)
    return recent


def _begin_of(packed: bytes, before: bytes) -> bytes:
    """Return the entries of readers whose hash lies before `before`: they are in order."""
    if not before:
        return packed
    places = range(0, len(packed), _ENTRY.size)
    count = bisect_left(places, before, key=lambda at: packed[at : at + READER_BYTES])
    return packed[: count * _ENTRY.size]


def pack(entries: Iterable[Entry]) -> bytes:
    """Return entries in the order of their readers, each in as many bytes."""
    return b"".join(sorted(starmap(_ENTRY.pack, entries)))


def unpack(packed: bytes) -> Iterator[Entry]:
    """Yield what `pack` packed; `NEVER_MS` is the moment of a window that is open no longer."""
    return _ENTRY.iter_unpack(packed)


def _entries_of(windows: Windows) -> list[Entry]:
    return [
        (reader, article_id, at)
        for reader, mine in windows.items()
        for article_id, at in mine.items()
    ]


def _load_slices() -> list[WindowSlice]:
    slices = list(WindowSlice.objects.order_by("number"))
    if len(slices) < SLICES:
        new = [WindowSlice(number=number) for number in range(SLICES)]
        WindowSlice.objects.bulk_create(new, ignore_conflicts=True)
        slices = list(WindowSlice.objects.order_by("number"))
    return slices


def _thin(batch: WindowBatch, after_ms: int, before_ms: int) -> None:
    """Take out of a batch what is forgotten, and leave what says that something is no longer open."""
    kept = [
        one
        for one in unpack(bytes(batch.entries))
        if after_ms < one[2] < before_ms or one[2] == NEVER_MS
    ]
    batch.oldest_ms = max(batch.oldest_ms, after_ms + 1)
    batch.newest_ms = min(batch.newest_ms, before_ms - 1)
    batch.entries = pack(kept)
    batch.save()


def _range_of(number: int) -> tuple[bytes, bytes]:
    """Return the first and the last hash of a slice."""
    first = number << _OTHER_BITS
    return bytes([first]) + bytes(READER_BYTES - 1), bytes([first + 3]) + b"\xff" * (
        READER_BYTES - 1
    )
