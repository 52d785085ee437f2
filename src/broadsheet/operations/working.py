"""The worker: the jobs of the clock, in lanes that do not wait for each other.

A lane is a thread with database connections of its own. An import whose articles are being
related keeps its lane busy, and holds back neither a scheduled article nor the count of a view.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from django.db import connections
from django.utils import timezone

logger = logging.getLogger(__name__)

LOCK = "worker-lock"
HEARTBEAT = "worker-heartbeat.json"
HEARTBEAT_SECONDS = 2.0
#: A job that fails is tried again after 1 s, 2 s, 4 s … at most this long.
LONGEST_PAUSE_SECONDS = 60.0
#: How soon a machine that leads from now on does what it did not.
NOT_LEADING_SECONDS = 0.2
#: How long a job may take to come to an end when the worker is told to stop.
STOP_SECONDS = 20.0


class WorkerRunsError(RuntimeError):
    """Another worker works on this installation."""


@dataclass(frozen=True, slots=True)
class ClockJob:
    """Something that runs by the clock. `run(now)` returns True where more of it waits.

    Where several machines make up an installation, it runs `per` "machine" or on one of them.
    """

    name: str
    run: Callable[[datetime], object]
    each_seconds: float
    lane: str
    per: Literal["machine", "installation"] = "installation"


class Leading(Protocol):
    """Whether this machine does what one of an installation's machines does alone."""

    def __call__(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class AloneLeads:
    """An installation of one machine, whose worker is held to one by a lock in its home."""

    def __call__(self) -> bool:
        return True

    def start(self) -> None:
        """Nobody has to be asked."""

    def stop(self) -> None:
        """Nobody else waits."""


class Lane:
    """One thread's jobs, one after the other, each when it is due."""

    def __init__(
        self,
        name: str,
        jobs: Sequence[ClockJob],
        stopping: threading.Event,
        leads: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self._leads = leads or AloneLeads()
        self._jobs = jobs
        self._stopping = stopping
        self._due = dict.fromkeys(jobs, 0.0)  # monotonic seconds
        self._failures: defaultdict[ClockJob, int] = defaultdict(int)
        #: When a round last ended; what is stuck shows here.
        self.beat_at = timezone.now()

    def run(self) -> None:
        """Work until told to stop. Meant to be a thread's target."""
        try:
            while not self._stopping.is_set():
                self.run_what_is_due()
                self.beat_at = timezone.now()
                pause = min(self._due.values()) - time.monotonic()
                if pause > 0:
                    self._stopping.wait(pause)
        finally:
            connections.close_all()

    def run_what_is_due(self) -> None:
        for job in self._jobs:
            if self._stopping.is_set():
                return
            began = time.monotonic()
            if self._due[job] > began:
                continue
            if job.per == "installation" and not self._leads():
                self._due[job] = began + NOT_LEADING_SECONDS
                continue
            has_more = self._run_one(job)
            if failures := self._failures[job]:
                self._due[job] = began + min(2.0 ** (failures - 1), LONGEST_PAUSE_SECONDS)
            else:
                self._due[job] = 0.0 if has_more else began + job.each_seconds

    def _run_one(self, job: ClockJob) -> bool:
        try:
            has_more = job.run(timezone.now()) is True
        except Exception:
            self._failures[job] += 1
            logger.exception("“%s” failed (%d in a row)", job.name, self._failures[job])
            # What is broken may be the connection.
            connections.close_all()
            return False
        if self._failures.pop(job, 0):
            logger.info("“%s” works again", job.name)
        return has_more


class Worker:
    """Runs `jobs` until `stop()`; one worker a machine, held by a lock in `home`."""

    def __init__(
        self, jobs: Sequence[ClockJob], *, home: Path, leading: Leading | None = None
    ) -> None:
        self._home = home
        self._leading = leading or AloneLeads()
        self._stopping = threading.Event()
        by_lane: defaultdict[str, list[ClockJob]] = defaultdict(list)
        for job in jobs:
            by_lane[job.lane].append(job)
        self._lanes = [
            Lane(name, jobs, self._stopping, self._leading) for name, jobs in by_lane.items()
        ]

    def run(self) -> None:
        """Work until `stop()`. Raises `WorkerRunsError` where another worker is at work."""
        with _hold_lock(self._home):
            threads = [
                threading.Thread(target=lane.run, name=f"lane-{lane.name}", daemon=True)
                for lane in self._lanes
            ]
            self._leading.start()
            for thread in threads:
                thread.start()
            logger.info("the worker works: %s", ", ".join(lane.name for lane in self._lanes))
            while not self._stopping.wait(HEARTBEAT_SECONDS):
                self._beat()
            ends_at = time.monotonic() + STOP_SECONDS
            for thread in threads:
                thread.join(max(0.0, ends_at - time.monotonic()))
            self._leading.stop()
            (self._home / HEARTBEAT).unlink(missing_ok=True)
            logger.info("the worker has stopped")

    def stop(self) -> None:
        """End after the jobs at hand. Safe to call from a signal handler, and twice."""
        self._stopping.set()

    def _beat(self) -> None:
        beats = {lane.name: lane.beat_at.isoformat() for lane in self._lanes}
        unfinished = self._home / f"{HEARTBEAT}.new"
        unfinished.write_text(json.dumps({"process": os.getpid(), "lanes": beats}), "utf-8")
        unfinished.replace(self._home / HEARTBEAT)


@contextmanager
def _hold_lock(home: Path) -> Iterator[None]:
    with (home / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise WorkerRunsError(
                f"another worker works on {home} already (`broadsheet serve` runs one)"
            ) from None
        yield


def is_worker_running(home: Path) -> bool:
    """Whether some process holds the worker's lock."""
    try:
        with _hold_lock(home):
            return False
    except WorkerRunsError:
        return True
    except OSError:
        return False


def read_heartbeat(home: Path) -> dict[str, datetime]:
    """Return when each lane of the running worker last ended a round; empty where none runs."""
    try:
        told = json.loads((home / HEARTBEAT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: datetime.fromisoformat(at) for name, at in told["lanes"].items()}
