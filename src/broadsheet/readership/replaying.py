"""Count a stretch of the log again that the fold has counted, as it was counted then."""

from collections import defaultdict
from collections.abc import Iterable

from .counting import find_moves, find_sections
from .tallying import FORGET_EACH, Tally
from .view_reading import DamagedExtent, LogPlace, ReadableLog, read_until
from .view_records import View

_BATCH = 20_000
_MINUTE_MS = 60_000


class Replay:
    """Reads on from a place into a tally, and knows where it stands and what was damaged."""

    def __init__(self, log: ReadableLog, tally: Tally, place: LogPlace) -> None:
        self._log = log
        self._tally = tally
        self.place = place
        self.records = 0
        self.damage: list[DamagedExtent] = []
        #: Windows by the minute that they were last written in, and perhaps by former ones: so
        #: forgetting costs what there is to forget, and not all that is open.
        self._by_minute: defaultdict[int, list[tuple[bytes, int]]] = defaultdict(list)
        self._remember(
            (reader, article_id) for reader, mine in tally.windows.items() for article_id in mine
        )

    def read_until(self, until: LogPlace) -> None:
        """Count what lies before `until`, a place where the fold stood at the latest now."""
        tally = self._tally
        # An article that moved since the last stretch did so behind it.
        tally.sections.clear()
        tally.moves.clear()
        stretch = read_until(
            self._log, until, after=self.place, limit=_BATCH, stop_each=FORGET_EACH
        )
        for batch in stretch:
            self._learn_sections(batch.views)
            tally.add(batch.views, first_sequence=batch.first_sequence)
            self._remember(tally.changed)
            tally.changed.clear()
            self.place = batch.place
            self.records += len(batch.views)
            self.damage += batch.damage
            if batch.place.sequence % FORGET_EACH == 0:
                self._forget_windows(now_ms=batch.views[-1].received_at_ms)

    def _remember(self, written: Iterable[tuple[bytes, int]]) -> None:
        windows = self._tally.windows
        for reader, article_id in written:
            minute = windows[reader][article_id] // _MINUTE_MS
            self._by_minute[minute].append((reader, article_id))

    def _forget_windows(self, *, now_ms: int) -> None:
        """Forget as the fold does: all that is two widths away from the last record's time."""
        windows = self._tally.windows
        first, last = self._tally.kept_between(now_ms)
        for minute in list(self._by_minute):
            if first < minute * _MINUTE_MS and (minute + 1) * _MINUTE_MS <= last:
                continue
            left = []
            for reader, article_id in self._by_minute.pop(minute):
                at = windows.get(reader, {}).get(article_id)
                if at is None or at // _MINUTE_MS != minute:
                    continue
                if first < at < last:
                    left.append((reader, article_id))
                    continue
                del windows[reader][article_id]
                if not windows[reader]:
                    del windows[reader]
            if left:
                self._by_minute[minute] = left

    def _learn_sections(self, views: list[View]) -> None:
        """Learn where articles stand, then where they stood: one that moves in between did so
        behind every view of the stretch, and either answer is right.
        """
        new = {view.article_id for view in views} - self._tally.sections.keys()
        if new:
            self._tally.sections |= dict.fromkeys(new) | find_sections(new)
            self._tally.moves |= find_moves(new)
