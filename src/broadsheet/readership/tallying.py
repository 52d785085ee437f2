"""What views add up to: a pure function of the log's records in their order, of what editors
exclude, and of the sections of articles.

The fold, the recount and the checkpoint use it, so they cannot disagree about what a view is.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping

from .excluding import Rules
from .models import DAY, FIVE_MINUTES, HOUR, NO_SECTION
from .view_records import ACCEPTED, View

BUCKET_SIZES = (FIVE_MINUTES, HOUR, DAY)
#: After each sequence that this divides, windows that can matter no more are forgotten. It is a
#: place in the log and not a moment, so the result is the same however the log is cut.
FORGET_EACH = 16_384
#: So many articles opened within `PACE_MS` are more than a person opens.
PACE = 30
PACE_MS = 60_000
PACE_VERDICT = "robot:pace"
#: Robots' verdicts are `robot:` and the rule.
_ROBOT = "robot:"
#: The article of the window that says when a reader was last seen as a robot by its pace.
ROBOT_MARK = 0

#: Reader → article → when the reader's view of it last counted (ms).
Windows = dict[bytes, dict[int, int]]
_NONE: dict[int, int] = {}


class Tally:
    """Counts of views, and since when each reader has not been counted again.

    Seed `windows` with what earlier records left. `changed` are the windows (reader, article)
    that were written since. `sections` are those that articles stand in, `moves` say until which
    sequence they stood in others, in their order. Buckets of a size in `first_kept` that begin
    before it are not added up.
    """

    def __init__(self, *, window_minutes: int, rules: Rules | None = None) -> None:
        self._window_ms = window_minutes * 60_000
        self.rules = rules or Rules()
        self.windows: Windows = {}
        self.changed: set[tuple[bytes, int]] = set()
        self.sections: dict[int, int | None] = {}
        self.moves: dict[int, list[tuple[int, int]]] = {}
        self.first_kept: dict[int, int] = {}
        self.counted: Counter[int] = Counter()
        self.robots: Counter[int] = Counter()
        #: (size, start, article, section) → counted views.
        self.buckets: dict[tuple[int, int, int, int], int] = {}
        #: (day, referring host or "", article) → counted views.
        self.referrers: dict[tuple[int, str, int], int] = {}
        #: (day, verdict) → views.
        self.dropped: Counter[tuple[int, str]] = Counter()
        #: Exclusion → views that it took out.
        self.excluded: Counter[int] = Counter()

    def add(self, views: Iterable[View], *, first_sequence: int = 1) -> None:
        """Count views that follow those counted before.

        A view counts where none by the same reader of the same article counted within the
        window, before it or, by a clock that was set back, after it. The reader is known by
        today's hash or by yesterday's. Who opens too many articles in a minute is a robot, for
        that view and until it was silent for as long as a window.
        """
        has_rules, sections, moves = bool(self.rules), self.sections, self.moves
        counted: list[tuple[int, int, int]] = []
        referred: list[tuple[int, str, int]] = []
        for sequence, view in enumerate(views, first_sequence):
            at, article_id, reader, old_reader, _door, verdict, host, network = view
            if has_rules and verdict == ACCEPTED:
                verdict = self._exclude(at, host=host, network=network)
            if verdict != ACCEPTED:
                self._drop(at, article_id, verdict)
                continue
            if not self._is_new(at, article_id, reader, old_reader):
                continue
            section = sections.get(article_id) or NO_SECTION
            if moves and article_id in moves:
                section = _section_at(sequence, moves[article_id], section)
            second = at // 1000
            counted.append((second - second % FIVE_MINUTES, article_id, section))
            if host:
                referred.append((second - second % DAY, host, article_id))
        self._add_up(Counter(counted), Counter(referred))

    def _add_up(
        self,
        counted: Counter[tuple[int, int, int]],
        referred: Counter[tuple[int, str, int]],
    ) -> None:
        # In the order of the keys, size by size, which is that of the tables: whoever sorts them
        # has nothing left to do.
        totals, buckets, referrers = self.counted, self.buckets, self.referrers
        in_order = sorted(counted.items())
        for size in BUCKET_SIZES:
            first = self.first_kept.get(size, 0)
            for (start, article_id, section), views in in_order:
                if (begins := start - start % size) >= first:
                    bucket = (size, begins, article_id, section)
                    buckets[bucket] = buckets.get(bucket, 0) + views
        for (start, article_id, _section), views in in_order:
            totals[article_id] = totals.get(article_id, 0) + views
            referrer = (start - start % DAY, "", article_id)
            referrers[referrer] = referrers.get(referrer, 0) + views
        for (day, host, article_id), views in referred.items():
            referrers[day, host, article_id] = referrers.get((day, host, article_id), 0) + views
            referrers[day, "", article_id] -= views
            if not referrers[day, "", article_id]:
                del referrers[day, "", article_id]

    def kept_between(self, now_ms: int) -> tuple[int, int]:
        """Return the moments (ms) between which windows are kept at `now_ms`, both excluded."""
        return now_ms - 2 * self._window_ms, now_ms + 2 * self._window_ms

    def _exclude(self, at: int, *, host: str, network: bytes) -> str:
        rule = self.rules.find(at, host=host, network=network)
        if rule is None:
            return ACCEPTED
        self.excluded[rule.exclusion_id] += 1
        return rule.verdict

    def _is_new(self, at: int, article_id: int, reader: bytes, old_reader: bytes | None) -> bool:
        """Return whether a view counts by what its reader read before, and remember it."""
        width = self._window_ms
        mine = self.windows.get(reader, _NONE)
        old = _NONE if old_reader is None else self.windows.get(old_reader, _NONE)
        was_read = False
        for windows in (mine, old) if old else (mine,):
            mark = windows.get(ROBOT_MARK)
            if mark is not None and -width < at - mark < width:
                self._mark_robot(at, article_id, reader)
                return False
            last = windows.get(article_id)
            if last is not None and -width < at - last < width:
                was_read = True
        if was_read:
            return False
        if len(mine) + len(old) >= PACE - 1 and _opened_at_once(at, mine, old) >= PACE - 1:
            self._mark_robot(at, article_id, reader)
            return False
        self.windows.setdefault(reader, {})[article_id] = at
        self.changed.add((reader, article_id))
        return True

    def _mark_robot(self, at: int, article_id: int, reader: bytes) -> None:
        self.windows.setdefault(reader, {})[ROBOT_MARK] = at
        self.changed.add((reader, ROBOT_MARK))
        self._drop(at, article_id, PACE_VERDICT)

    def _drop(self, at: int, article_id: int, verdict: str) -> None:
        second = at // 1000
        self.dropped[second - second % DAY, verdict] += 1
        if verdict.startswith(_ROBOT):
            self.robots[article_id] += 1


def _opened_at_once(at: int, *windows: Mapping[int, int]) -> int:
    """Return how many articles a reader was counted for within `PACE_MS` of `at`."""
    return sum(
        1
        for one in windows
        for article_id, last in one.items()
        if article_id != ROBOT_MARK and -PACE_MS < at - last < PACE_MS
    )


def _section_at(sequence: int, moves: list[tuple[int, int]], section: int) -> int:
    """Return the section of an article at a sequence: of the first move that reaches so far."""
    place = bisect_left(moves, (sequence,))
    return moves[place][1] if place < len(moves) else section
