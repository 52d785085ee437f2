"""What views add up to: a pure function of the log's records in their order.

The fold and the recount both use it, so they cannot disagree about what a view is.
"""

from collections import Counter
from collections.abc import Iterable

from .models import DAY, FIVE_MINUTES, HOUR
from .view_records import ACCEPTED, View

BUCKET_SIZES = (FIVE_MINUTES, HOUR, DAY)
#: After each sequence that this divides, windows that can matter no more are forgotten. It is a
#: place in the log and not a moment, so the result is the same however the log is cut.
FORGET_EACH = 16_384
#: Robots' verdicts are `robot:` and the rule.
_ROBOT = "robot"

Window = tuple[bytes, int]  # reader, article


class Tally:
    """Counts of views, and since when each reader has not been counted again.

    Seed `windows` (reader and article → when that view last counted, in ms) with what earlier
    records left. `changed` are the windows that were written since.
    """

    def __init__(self, *, window_minutes: int) -> None:
        self._window_ms = window_minutes * 60_000
        self.windows: dict[Window, int] = {}
        self.changed: set[Window] = set()
        self.counted: Counter[int] = Counter()
        self.robots: Counter[int] = Counter()
        #: (size, start, article) → counted views.
        self.buckets: Counter[tuple[int, int, int]] = Counter()
        #: (day, verdict) → views.
        self.dropped: Counter[tuple[int, str]] = Counter()

    def add(self, views: Iterable[View]) -> None:
        """Count views that follow those counted before.

        A view counts where none by the same reader of the same article counted within the
        window, before it or, by a clock that was set back, after it. The reader is known by
        today's hash or by yesterday's.
        """
        windows, width = self.windows, self._window_ms
        for at, article_id, reader, old_reader, _door, verdict, _host in views:
            if verdict != ACCEPTED:
                self._drop(at, article_id, verdict)
                continue
            window = (reader, article_id)
            last = windows.get(window)
            if last is not None and -width < at - last < width:
                continue
            if old_reader is not None:
                last = windows.get((old_reader, article_id))
                if last is not None and -width < at - last < width:
                    continue
            windows[window] = at
            self.changed.add(window)
            self.counted[article_id] += 1
            second = at // 1000
            for size in BUCKET_SIZES:
                self.buckets[size, second - second % size, article_id] += 1

    def forget_windows(self, *, now_ms: int) -> None:
        """Forget the windows that are two widths away from `now_ms`, the last record's time."""
        first, last = self.kept_between(now_ms)
        self.windows = {key: at for key, at in self.windows.items() if first < at < last}
        self.changed &= self.windows.keys()

    def kept_between(self, now_ms: int) -> tuple[int, int]:
        """Return the moments (ms) between which windows are kept at `now_ms`, both excluded."""
        return now_ms - 2 * self._window_ms, now_ms + 2 * self._window_ms

    def _drop(self, at: int, article_id: int, verdict: str) -> None:
        second = at // 1000
        self.dropped[second - second % DAY, verdict] += 1
        if verdict.partition(":")[0] == _ROBOT:
            self.robots[article_id] += 1
