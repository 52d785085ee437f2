"""How often intake refused, and why: kept for staff, because what is refused is not in the log.

Every web process adds to one file, a few seconds after the first refusal and not at each one. A
process that is killed takes the refusals of these seconds with it, and nothing else.
"""

import json
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from .view_log import lock_log
from .whole_files import write_whole

logger = logging.getLogger(__name__)

WRITE_AFTER_SECONDS = 5.0
KEPT_DAYS = 40
_NAME = "refusals.json"
_LOCK = "refusals-lock"
_DAY = 86_400

Counts = dict[int, dict[str, int]]


class IntakeCounts:
    """The writing end, one object a process; safe to use from many threads."""

    def __init__(
        self, directory: Path, *, write_after_seconds: float = WRITE_AFTER_SECONDS
    ) -> None:
        self._directory = Path(directory)
        self._write_after_seconds = write_after_seconds
        self._turn = threading.Lock()
        self._waiting: dict[int, Counter[str]] = {}
        self._timer: threading.Timer | None = None

    def add(self, reason: str, *, now: datetime) -> None:
        """Count one refusal. Writes nothing yet, and never fails."""
        second = int(now.timestamp())
        with self._turn:
            self._waiting.setdefault(second - second % _DAY, Counter())[reason] += 1
            if self._timer is None:
                self._timer = threading.Timer(self._write_after_seconds, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Add what waits to the file; what a failing disk does not take waits on."""
        with self._turn:
            waiting, self._waiting = self._waiting, {}
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        if not waiting:
            return
        try:
            _add(self._directory, waiting)
        except OSError as error:
            logger.warning("Refusals cannot be written down: %s", error)
            with self._turn:
                for day, counts in waiting.items():
                    self._waiting.setdefault(day, Counter()).update(counts)


def read(directory: Path) -> Counts:
    """Return how often each reason was given, by UTC day (Unix time of its midnight).

    Holds what all processes of this machine refused, up to the last few seconds. Empty where
    nothing was refused, or where the file is damaged. Raises `OSError` where the disk fails.
    """
    try:
        said = json.loads((directory / _NAME).read_bytes())
        return {int(day): {str(why): int(n) for why, n in of.items()} for day, of in said.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, TypeError) as error:
        logger.warning("%s is damaged: %s", directory / _NAME, error)
        return {}


def _add(directory: Path, more: Mapping[int, Mapping[str, int]]) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock_log(directory, name=_LOCK):
        counts = read(directory)
        for day, by_reason in more.items():
            counts[day] = dict(Counter(counts.get(day, {})) + Counter(by_reason))
        kept = sorted(counts)[-KEPT_DAYS:]
        write_whole(directory / _NAME, json.dumps({day: counts[day] for day in kept}).encode())
