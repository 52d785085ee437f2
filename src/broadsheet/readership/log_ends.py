"""How far the view log has come, beside how far it is counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .counting import place_of
from .models import FoldState
from .view_log import list_segments
from .view_reading import FileLog, LogEnd, LogPlace, open_log
from .view_records import Frame, read_frames


@dataclass(frozen=True, slots=True)
class FoldReach:
    """The last view that is counted, the last of the log, and when views were last folded."""

    counted: int
    written: int
    folded_at: datetime | None

    @property
    def waiting(self) -> int:
        return self.written - self.counted

    def lag(self, *, now: datetime) -> timedelta:
        """Return for how long views may have waited: nothing where none waits."""
        if not self.waiting or self.folded_at is None:
            return timedelta()
        return now - self.folded_at


def find_reach() -> FoldReach:
    """Return how far the fold is behind the log. Raises `OSError`, and `LogBehindError`.

    Of a log in files it reads what waits in the last of them, and no view.
    """
    state = FoldState.load()
    place = place_of(state)
    log = open_log()
    end = log.find_durable_end(after=place)
    if end is None:
        written = place.sequence
    elif isinstance(log, FileLog):
        written = _last_in_files(log, place, end)
    else:
        written = end.offset - 1  # there an offset is a sequence
    return FoldReach(place.sequence, max(written, place.sequence), state.folded_at)


def _last_in_files(log: FileLog, place: LogPlace, end: LogEnd) -> int:
    last = next(one for one in list_segments(log.directory) if one.number == end.segment)
    start = place.offset if place.segment == end.segment else 0
    sequence = max(place.sequence, last.first_sequence - 1)
    with (log.directory / last.name).open("rb") as file:
        for found in read_frames(file, start=start, end=end.offset):
            if isinstance(found, Frame):
                sequence = found.next_sequence - 1
    return sequence
