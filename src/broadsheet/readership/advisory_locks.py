"""Locks of all machines of an installation, held by PostgreSQL.

Each is held by a session: a connection of its own. Where its process dies or is cut off, the
server lets go of what it held; of a machine that lost its power after about eight seconds.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

#: Marks our locks among others in the same database.
_MARK = 0x42534C4B
_NUMBERS = {"fold": 1, "thinning": 2, "worker": 3, "init": 4}
_WAIT_SECONDS = 10
#: Sessions that wait for their next use, in each process.
_MOST_IDLE = 2

Session = psycopg.Connection[tuple[Any, ...]]


def open_session(database: Mapping[str, Any]) -> Session:
    """Connect to a database, an entry of Django's DATABASES. Raises `psycopg.Error`."""
    places = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    told = {name: value for name, value in places.items() if value}
    return psycopg.connect(autocommit=True, **told, **database["OPTIONS"])


def try_lock(session: Session, name: str) -> bool:
    """Lock, unless another session holds it; the lock ends with the session at the latest."""
    found = session.execute("SELECT pg_try_advisory_lock(%s, %s)", (_MARK, _NUMBERS[name]))
    [(is_ours,)] = found.fetchall()
    return bool(is_ours)


class Locks:
    """The locks of one database. Safe to use from many threads."""

    def __init__(self, database: Mapping[str, Any]) -> None:
        self._database = database
        self._idle: list[Session] = []

    @contextmanager
    def hold(self, name: str, *, wait: bool = False) -> Iterator[bool]:
        """Say whether the lock is ours, and hold it then. Raises `psycopg.Error`."""
        session, is_ours = self._lock(name, wait=wait)
        try:
            yield is_ours
        finally:
            # Not by closing alone: the server hears of that a moment later.
            is_free = not is_ours or _unlock(session, name)
            if is_free and len(self._idle) < _MOST_IDLE:
                self._idle.append(session)
            else:
                session.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _lock(self, name: str, *, wait: bool) -> tuple[Session, bool]:
        lock = _wait_for_lock if wait else try_lock
        with suppress(IndexError):
            session = self._idle.pop()
            try:
                return session, lock(session, name)
            except psycopg.OperationalError:
                session.close()  # it was cut while it was idle
        session = open_session(self._database)
        try:
            return session, lock(session, name)
        except psycopg.Error:
            session.close()
            raise


def _unlock(session: Session, name: str) -> bool:
    try:
        session.execute("SELECT pg_advisory_unlock(%s, %s)", (_MARK, _NUMBERS[name]))
    except psycopg.Error:
        return False  # nobody answers any more: the server has let go of it, or will
    return True


def _wait_for_lock(session: Session, name: str) -> bool:
    """Wait in the server's queue, and ask now and then whether the server still is there."""
    session.execute(f"SET lock_timeout = '{_WAIT_SECONDS}s'")
    while True:
        with suppress(psycopg.errors.LockNotAvailable):
            session.execute("SELECT pg_advisory_lock(%s, %s)", (_MARK, _NUMBERS[name]))
            return True
