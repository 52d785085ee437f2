"""All view counts as of one moment, for processes that hold no database: mapped from the files
that `publishing_numbers` writes. Plain Python.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from .snapshot_files import (
    CURRENT,
    DamagedSnapshotError,
    Generation,
    Values,
    list_generations,
    read_current,
)

logger = logging.getLogger(__name__)

LOOK_EACH_SECONDS = 0.05
#: After a failure, which may be a whole base that has to be checked again.
RETRY_SECONDS = 1.0
SAY_EACH_SECONDS = 60.0
_NOTHING = memoryview(b"").cast("q")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The counts of one version. It never changes, however long it is held.

    `as_of` (UTC) is a moment at which they were so; a later snapshot has a larger `version`.
    Before anything was published: version 0, of 1970.
    """

    version: int = 0
    as_of: datetime = datetime.fromtimestamp(0, UTC)  # noqa: RUF009 - a moment is immutable
    _base: memoryview = field(default=_NOTHING, repr=False)
    _slots: int = 0
    _changed: Values = field(default_factory=dict, repr=False)

    def __getitem__(self, article_id: int, /) -> int:
        """Return an article's views, imported and counted; 0 for one that is not known."""
        # As in `_number`, without its call: pages ask for hundreds.
        number = self._changed.get(article_id)
        if number is None:
            number = self._base[article_id] if 0 <= article_id < self._slots else 0
        return number >> 1

    def is_live(self, article_id: int) -> bool | None:
        """Whether an article is live; None where nothing is known of it.

        One that was taken down before anybody read it counts as not known.
        """
        number = self._number(article_id)
        return bool(number & 1) if number else None

    def _number(self, article_id: int) -> int:
        number = self._changed.get(article_id)
        if number is not None:
            return number
        return int(self._base[article_id]) if 0 <= article_id < self._slots else 0


class SnapshotReader:
    """Returns the newest snapshot on each call. Safe to use from many threads, and after a fork.

    It looks at the files at most every 50 ms. Whatever is wrong with them, it says so in the
    log once a minute and goes on with the last whole snapshot, or an empty one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = Path(directory)
        self._turn = threading.Lock()
        self._snapshot = Snapshot()
        self._generation: Generation | None = None
        self._pointer: tuple[int, ...] = ()
        self._look_at = self._say_at = 0.0

    def __call__(self) -> Snapshot:
        # One thread looks; the others take what there is.
        if monotonic() >= self._look_at and self._turn.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._turn.release()
        return self._snapshot

    def _look(self) -> None:
        try:
            self._follow()
            pause = LOOK_EACH_SECONDS
        except (OSError, ValueError) as error:
            self._say(error)
            self._pointer = ()  # the next look begins anew
            if self._generation is None:
                self._take_any()
            pause = RETRY_SECONDS
        self._look_at = monotonic() + pause

    def _follow(self) -> None:
        state = (self._directory / CURRENT).stat()
        pointer = (state.st_ino, state.st_mtime_ns, state.st_size)
        if self._generation is None or pointer != self._pointer:
            opened = Generation(self._directory, read_current(self._directory))
            had = self._generation
            if had and opened.name == had.name and opened.stamp.version < had.stamp.version:
                raise DamagedSnapshotError("Published batches were lost")
            self._take(opened)
            self._pointer = pointer
        elif self._generation.read_on():
            self._take(self._generation)

    def _take_any(self) -> None:
        """Begin with an older generation where the current one is damaged."""
        try:
            for version in reversed(list_generations(self._directory)):
                try:
                    self._take(Generation(self._directory, version))
                except (OSError, ValueError):
                    continue
                return
        except OSError:
            return

    def _take(self, generation: Generation) -> None:
        self._generation = generation
        stamp, base = generation.stamp, generation.base.slots
        self._snapshot = Snapshot(
            version=stamp.version,
            as_of=datetime.fromtimestamp(stamp.as_of_ms / 1000, UTC),
            _base=base,
            _slots=len(base),
            _changed=generation.changed,
        )

    def _say(self, error: Exception) -> None:
        now = monotonic()
        if now >= self._say_at:
            self._say_at = now + SAY_EACH_SECONDS
            logger.warning(
                "No new view counts; those of version %d are shown: %s",
                self._snapshot.version, error,
            )  # fmt: skip
