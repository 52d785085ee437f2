"""How far the view log has come, beside how far it is counted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .counting import place_of
from .models import FoldState
from .view_log import list_segments
from .view_reading import FileLog, LogEnd, LogPlace, open_log
from .view_records import Frame, read_frames


@dataclass(frozen=True, slots=True)
class FoldReach:
    """The last view that is counted, the last of the log, and since when the first waits that is
    not counted; None where none waits.
    """

    counted: int
    written: int
    waiting_since: datetime | None = None

    @property
    def waiting(self) -> int:
        return self.written - self.counted

    def lag(self, *, now: datetime) -> timedelta:
        """Return for how long the first has waited: nothing where none waits."""
        return max(timedelta(), now - (self.waiting_since or now))


def find_reach() -> FoldReach:
    """Return how far the fold is behind the log. Raises `OSError`, and `LogBehindError`.

    Of a log in files it reads what waits in the last of them, and of the views one frame.
    """
    place = place_of(FoldState.load())
    log = open_log()
    end = log.find_durable_end(after=place)
    if end is None:
        written = place.sequence
    elif isinstance(log, FileLog):
        written = _last_in_files(log, place, end)
    else:
        written = end.offset - 1  # there an offset is a sequence
    batch = log.read_batch(place, end=end, limit=1, stop_each=1) if end else None
    if batch is None:
        return FoldReach(place.sequence, max(written, place.sequence))
    since = datetime.fromtimestamp(batch.views[0].received_at_ms / 1000, UTC)
    return FoldReach(place.sequence, max(written, place.sequence), since)


def _last_in_files(log: FileLog, place: LogPlace, end: LogEnd) -> int:
    last = next(one for one in list_segments(log.directory) if one.number == end.segment)
    start = place.offset if place.segment == end.segment else 0
    sequence = max(place.sequence, last.first_sequence - 1)
    with (log.directory / last.name).open("rb") as file:
        for found in read_frames(file, start=start, end=end.offset):
            if isinstance(found, Frame):
                sequence = found.next_sequence - 1
    return sequence
