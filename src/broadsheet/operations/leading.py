"""Which machine does what only one may do: the one that holds a lock in PostgreSQL.

Every machine of an installation runs a worker. One that dies or is cut off loses the lock with
its connection, and the next to ask, each of them once a second, leads.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg

from broadsheet.readership.advisory_locks import Session, open_session, try_lock

logger = logging.getLogger(__name__)

ASK_SECONDS = 1.0
#: The lock was ours at most so long ago, or it may be another's.
SURE_SECONDS = 4.0


class Leadership:
    """Asks for the lock, and whether it is still ours, in a thread; until `stop()`."""

    def __init__(self, database: Mapping[str, Any]) -> None:
        self._database = database
        self._session: Session | None = None
        self._is_ours = False
        self._sure_until = 0.0  # monotonic seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)

    def __call__(self) -> bool:
        """Say whether this machine leads."""
        return time.monotonic() < self._sure_until

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let another machine lead. Call it when the last job has ended."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._ask()
            self._stopping.wait(ASK_SECONDS)
        self._leave()

    def _ask(self) -> None:
        asked_at = time.monotonic()
        led = self()
        try:
            if self._session is None:
                self._session = open_session(self._database)
                self._is_ours = False
            if self._is_ours:
                self._session.execute("SELECT 1")  # the lock is held as long as it lives
            else:
                self._is_ours = try_lock(self._session, "worker")
        except psycopg.Error as error:
            if led:
                logger.warning("this machine may lead no longer: %s", str(error).strip())
            self._leave()
            return
        if self._is_ours:
            self._sure_until = asked_at + SURE_SECONDS
            if not led:
                logger.info("this machine leads: it folds, delivers, schedules and ranks")

    def _leave(self) -> None:
        self._sure_until = 0.0
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
            self._session = None
