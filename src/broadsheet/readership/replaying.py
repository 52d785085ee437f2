"""Count a stretch of the log again that the fold has counted, as it was counted then."""

from .counting import find_moves, find_sections
from .tallying import FORGET_EACH, Tally
from .view_reading import DamagedExtent, LogPlace, ReadableLog, read_until
from .view_records import View

_BATCH = 20_000


class Replay:
    """Reads on from a place into a tally, and knows where it stands and what was damaged."""

    def __init__(self, log: ReadableLog, tally: Tally, place: LogPlace) -> None:
        self._log = log
        self._tally = tally
        self.place = place
        self.records = 0
        self.damage: list[DamagedExtent] = []

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
            tally.changed.clear()
            self.place = batch.place
            self.records += len(batch.views)
            self.damage += batch.damage
            if batch.place.sequence % FORGET_EACH == 0:
                tally.forget_windows(now_ms=batch.views[-1].received_at_ms)

    def _learn_sections(self, views: list[View]) -> None:
        """Learn where articles stand, then where they stood: one that moves in between did so
        behind every view of the stretch, and either answer is right.
        """
        new = {view.article_id for view in views} - self._tally.sections.keys()
        if new:
            self._tally.sections |= dict.fromkeys(new) | find_sections(new)
            self._tally.moves |= find_moves(new)
