"""Count the view log again and compare: the log is the truth, the tables are a fold of it.

Where the log was thinned, its checkpoint stands for what is gone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, router, transaction
from django.db.models import Sum

from . import statements
from .checkpoints import load_checkpoint, start_tally
from .counting import (
    first_kept,
    first_kept_referrers,
    place_articles,
    place_of,
    take_revision,
)
from .damage import record_damage
from .excluding import load_rules
from .models import (
    ArticleCount,
    Bucket,
    DroppedViews,
    Exclusion,
    FoldState,
    LogDamage,
    ReferrerCount,
)
from .open_windows import OpenWindows
from .replaying import Replay
from .tallying import Tally
from .view_reading import LogPlace, open_log

#: Rows mended in one transaction; far below 100 ms.
_STEP = 500

#: How a kind of row is set to what the log says, and taken away where the log knows nothing of it.
_MENDING = {
    "counts": (statements.SET_COUNTS, None),
    "bucket": (statements.SET_BUCKET, statements.DELETE_BUCKET),
    "referrer": (statements.SET_REFERRER, statements.DELETE_REFERRER),
    "dropped": (statements.SET_DROPPED, statements.DELETE_DROPPED),
    "window": (statements.SET_WINDOW, statements.DELETE_WINDOW),
}

_KEY_LENGTHS = {"counts": 1, "bucket": 4, "referrer": 3, "dropped": 2, "window": 2}

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the log says; None where there is no such row on one side."""

    kind: str
    key: Key
    stored: Key | None
    counted: Key | None

    @property
    def text(self) -> str:
        return f"{self.name}: the tables say {_say(self.stored)}, the log {_say(self.counted)}"

    @property
    def name(self) -> str:
        match self.kind:
            case "counts":
                return f"article {self.key[0]}, views and robots' views"
            case "bucket":
                size, start, article_id, section_id = self.key
                where = f" in section {section_id}" if section_id else ""
                return f"article {article_id}{where}, {size} s from {_moment(start)}"
            case "referrer":
                day, host, article_id = self.key
                return f"article {article_id} from {host or 'nowhere'} on {_moment(day)[:10]}"
            case "dropped":
                day, verdict = self.key
                return f"dropped as {verdict} on {_moment(day)[:10]}"
            case _:
                return f"article {self.key[1]}, last counted view of one reader (ms)"


@dataclass(frozen=True, slots=True)
class Recount:
    """What a recount found, up to the view `sequence` where the fold stands.

    `records` were read again; what lies before them the checkpoint says. `lost` views were
    counted and are missing in the log since: those the tables knew better. `removed` says how
    many views each exclusion took out.
    """

    sequence: int
    records: int
    differences: list[Difference]
    lost: int
    is_applied: bool
    removed: Mapping[int, int]


def recount(*, now: datetime, apply: bool = False, despite_loss: bool = True) -> Recount:
    """Count the log from its beginning up to the fold's position and compare every row.

    With `apply` each differing row is set to what the log says; not, without `despite_loss`,
    where the log has lost views that were counted. The fold goes on meanwhile and waits only for
    the last stretch. Raises `OSError` where the log cannot be read.
    """
    log = open_log()
    with log.hold("thinning", wait=True):
        tally = start_tally(now=now)
        replay = Replay(log, tally, load_checkpoint(tally))
        end = log.find_durable_end()
        # Nothing that a crash could take away is read: the fold stands before the durable end.
        replay.read_until(place_of(FoldState.load()))
        with log.hold("fold", wait=True):
            state = FoldState.load()
            tally.rules = load_rules()
            replay.read_until(place_of(state))
            windows = OpenWindows()
            windows.catch_up(sequence=state.sequence)
            differences = _compare(tally, windows, now=now)
            record_damage(replay.damage, was_counted=True, now=now)
            lost = find_loss()
            is_applied = apply and (despite_loss or not lost)
            if is_applied:
                if any(found.kind == "window" for found in differences):
                    windows.merge_all()
                _mend(differences)
                LogDamage.objects.filter(was_counted=True).update(was_counted=False)
                is_beyond = end is None or (end.segment, end.offset) < (state.segment, state.offset)
                if is_beyond or place_of(state) < replay.place:
                    # The log that was counted is gone, or knows more than counts put back.
                    _stand_at(replay.place)
    return Recount(
        replay.place.sequence,
        replay.records,
        differences,
        lost=lost,
        is_applied=is_applied,
        removed=dict(tally.excluded),
    )


def apply_exclusions(*, now: datetime) -> int:
    """Count again where editors excluded what was counted; return how many exclusions there were.

    Does nothing while the log lacks views that the counts have: those would go too.
    """
    waiting = list(Exclusion.objects.filter(applied_at=None).values_list("pk", flat=True))
    if not waiting or find_loss():
        return 0
    found = recount(now=now, apply=True, despite_loss=False)
    if not found.is_applied:
        return 0
    for pk in waiting:
        Exclusion.objects.filter(pk=pk).update(applied_at=now, removed=found.removed.get(pk, 0))
    return len(waiting)


def find_loss() -> int:
    """Return how many views are counted that the log has lost since."""
    lost = LogDamage.objects.filter(was_counted=True).aggregate(Sum("missing"))
    return lost["missing__sum"] or 0


def _stand_at(place: LogPlace) -> None:
    FoldState.objects.filter(pk=1).update(
        segment=place.segment, offset=place.offset, taken=place.taken, sequence=place.sequence
    )


def _compare(tally: Tally, open_windows: OpenWindows, *, now: datetime) -> list[Difference]:
    """Compare what was tallied with the tables, as far back as rows are kept.

    The tally is used up by it, which keeps memory to one side of the comparison.
    """
    first_day = first_kept_referrers(now=now)

    def is_kept(key: Key) -> bool:
        return int(key[1]) >= first_kept(int(key[0]), now=now)

    articles = {*tally.counted, *tally.robots}
    counts = {(one,): (tally.counted[one], tally.robots[one]) for one in articles}
    stored_counts = ArticleCount.objects.values_list("article_id", "counted", "robots")
    buckets = Bucket.objects.values_list("size", "start", "article_id", "section_id", "views")
    referrers = ReferrerCount.objects.values_list("day", "host", "article_id", "views")
    dropped = DroppedViews.objects.values_list("day", "verdict", "views")
    windows = {
        (reader, article_id): at
        for reader, articles_of in tally.windows.items()
        for article_id, at in articles_of.items()
    }
    return [
        *_differences("counts", stored_counts.iterator(), counts, empty=(0, 0)),
        *_differences("bucket", buckets.iterator(), _singles(tally.buckets), is_kept=is_kept),
        *_differences(
            "referrer",
            referrers.iterator(),
            _singles(tally.referrers),
            is_kept=lambda key: int(key[0]) >= first_day,
        ),
        *_differences("dropped", dropped.iterator(), _singles(tally.dropped)),
        *_differences("window", open_windows.read_all(), _singles(windows)),
    ]


def _singles(values: Mapping[Any, int]) -> dict[Key, Key]:
    return {key: (value,) for key, value in values.items()}


def _differences(
    kind: str,
    stored: Iterable[Key],
    counted: dict[Key, Key],
    *,
    empty: Key | None = None,
    is_kept: Callable[[Key], bool] = lambda _: True,
) -> list[Difference]:
    """Return in the order of the keys where rows, a key and then values, are not as counted."""
    key_length = _KEY_LENGTHS[kind]
    found = []
    for row in stored:
        key, one = row[:key_length], row[key_length:]
        other = counted.pop(key, empty)
        if one != other and is_kept(key):
            found.append(Difference(kind, key, one, other))
    found += [
        Difference(kind, key, empty, other)
        for key, other in counted.items()
        if other != empty and is_kept(key)
    ]
    return sorted(found, key=lambda one: one.key)


def _mend(differences: list[Difference]) -> None:
    database = router.db_for_write(ArticleCount)
    for start in range(0, len(differences), _STEP):
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            revision = take_revision()
            for found in differences[start : start + _STEP]:
                setting, deleting = _MENDING[found.kind]
                if found.counted is None:
                    assert deleting is not None  # counts are never None: they have an `empty`
                    cursor.execute(deleting, found.key)
                elif found.kind == "counts":
                    values = (*found.key, *found.counted, found.counted[0], revision)
                    cursor.execute(setting, values)
                else:
                    cursor.execute(setting, (*found.key, *found.counted))
    place_articles(found.key[0] for found in differences if found.kind == "counts")


def _say(values: Key | None) -> str:
    return "nothing" if values is None else " and ".join(f"{value}" for value in values)


def _moment(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M UTC")
