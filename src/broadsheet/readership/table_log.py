"""The view log in PostgreSQL: the frames of all machines in one table, in one order.

Whoever appends locks the row that says which sequence is next, and holds it until its frame is
committed. So frames become visible in their order and without gaps, and what is visible is on
disk: a reader needs no more than the last sequence. The frames are those of the files.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

import psycopg
from django.db import Error, connections

from .advisory_locks import Locks, Session, open_session
from .view_log import LogUnavailableError
from .view_reading import (
    DamagedExtent,
    LogBehindError,
    LogEnd,
    LogPlace,
    Purpose,
    ViewBatch,
)
from .view_records import DamagedFrameError, View, encode_frame, read_frame

_TAKE_SEQUENCES = """
    UPDATE broadsheet_readership_viewlogend SET next_sequence = next_sequence + %s
    RETURNING next_sequence - %s
"""
_APPEND = """
    INSERT INTO broadsheet_readership_viewframe (first_sequence, views, frame) VALUES (%s, %s, %s)
"""
_FIND_END = """
    SELECT first_sequence + views FROM broadsheet_readership_viewframe
    ORDER BY first_sequence DESC LIMIT 1
"""
_READ = """
    SELECT first_sequence, views, frame FROM broadsheet_readership_viewframe
    WHERE first_sequence >= %s AND first_sequence < %s ORDER BY first_sequence LIMIT %s
"""
_FIND_OLD = """
    SELECT first_sequence + views FROM broadsheet_readership_viewframe
    WHERE first_sequence >= %s AND first_sequence < (
        SELECT min(first_sequence) + %s FROM broadsheet_readership_viewframe
        WHERE first_sequence >= %s
    )
    AND written_at < %s AND first_sequence + views <= %s
    AND first_sequence < (SELECT max(first_sequence) FROM broadsheet_readership_viewframe)
    ORDER BY first_sequence DESC LIMIT 1
"""
_FORGET = """
    DELETE FROM broadsheet_readership_viewframe WHERE first_sequence IN (
        SELECT first_sequence FROM broadsheet_readership_viewframe
        WHERE first_sequence < %s
        AND first_sequence < (SELECT max(first_sequence) FROM broadsheet_readership_viewframe)
        ORDER BY first_sequence LIMIT %s
    )
"""
#: The sequence, of a log of this many views at most, that no frame begins with.
_BEYOND = 2**63 - 1
#: Views of one part that is thinned in a step: the work of seconds.
PART_VIEWS = 500_000
#: Frames deleted in one transaction; far below 100 ms.
_FRAMES_A_STEP = 5000
_MOST_FRAMES = 20_000


class LogUnreadableError(OSError):
    """PostgreSQL does not answer, or not as it should."""


class TableAppender:
    """Appends frames over a connection of its own, made with the first; safe for threads.

    `database` is an entry of Django's DATABASES. It needs nothing of Django that is set up.
    """

    def __init__(self, database: Mapping[str, Any]) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._session: Session | None = None

    def append(self, records: Sequence[bytes]) -> int:
        """Write one frame, durably; return its first sequence. Raises `LogUnavailableError`."""
        with self._turn:
            try:
                session, first = self._take_sequences(len(records))
                frame = encode_frame(records, first_sequence=first)
                with session.pipeline():
                    session.execute(_APPEND, (first, len(records), frame), prepare=True)
                    session.execute("COMMIT")
            except psycopg.Error as error:
                self._leave()
                raise LogUnavailableError(f"PostgreSQL: {str(error).strip()}") from error
            return first

    def close(self) -> None:
        with self._turn:
            self._leave()

    def _take_sequences(self, count: int) -> tuple[Session, int]:
        """Begin a transaction, and lock the place where the log goes on.

        Where the server was restarted since the last frame, a new connection takes it from here:
        nothing was written yet.
        """
        if self._session is not None:
            try:
                return self._session, _begin(self._session, count)
            except psycopg.OperationalError:
                self._leave()
        self._session = open_session(self._database)
        return self._session, _begin(self._session, count)

    def _leave(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _begin(session: Session, count: int) -> int:
    with session.pipeline():
        session.execute("BEGIN")
        found = session.execute(_TAKE_SEQUENCES, (count, count), prepare=True)
    [(first,)] = found.fetchall()
    return int(first)


class TableLog:
    """The reading end, a `ReadableLog`. Places lie in segment 1, at the first sequence of a frame."""

    def __init__(self, alias: str) -> None:
        self._alias = alias

    def find_durable_end(self, *, after: LogPlace | None = None) -> LogEnd | None:
        """Return the sequence after the last frame: what is visible is committed, and on disk."""
        with _said_as_os_error():
            rows = self._select(_FIND_END)
        end = rows[0][0] if rows else 1
        after = after or LogPlace()
        if end <= after.sequence:
            raise LogBehindError(
                f"The view log in PostgreSQL ends before view {after.sequence}, which is counted "
                "already. Put back the log that belongs to the counts; "
                "`broadsheet recount --apply` takes the views that are missing out of the counts."
            )
        return LogEnd(1, end) if end > after.sequence + 1 else None

    def read_batch(
        self, after: LogPlace, *, end: LogEnd, limit: int, stop_each: int
    ) -> ViewBatch | None:
        views: list[View] = []
        damage: list[DamagedExtent] = []
        expected, place, first_sequence = after.sequence + 1, after, 0
        for first, count, frame in self._frames(after, end, limit):
            found = _read(first, count, frame)
            if views and (found is None or first != first_sequence + len(views)):
                break  # whoever reads on from here finds it
            if not views and first > expected:
                damage.append(DamagedExtent("", 0, 0, expected, first - expected))
            if found is None:
                from_here = max(expected, first)
                missing = first + count - from_here
                damage.append(DamagedExtent(f"frame {first}", 0, len(frame), from_here, missing))
                expected = first + count
                continue
            taken = after.taken if first == after.offset else 0
            if not views:
                first_sequence = first + taken
                limit = min(limit, stop_each - (first_sequence - 1) % stop_each)
            views += found[taken : taken + limit - len(views)]
            last = first_sequence + len(views) - 1
            if last < first + count - 1:
                place = LogPlace(1, first, last - first + 1, last)
            else:
                place = LogPlace(1, first + count, 0, last)
            if len(views) == limit:
                break
        return ViewBatch(first_sequence, views, place, tuple(damage)) if views else None

    @contextmanager
    def hold(self, purpose: Purpose, *, wait: bool = False) -> Iterator[bool]:
        holding = _locks(self._alias).hold(purpose, wait=wait)
        with _said_as_os_error():
            is_ours = holding.__enter__()
        try:
            yield is_ours
        finally:
            holding.__exit__(None, None, None)

    def find_old_end(
        self, *, before: datetime, after: LogPlace, until: LogPlace
    ) -> LogPlace | None:
        """By when the server's clock said that a frame was written. One that a wrong clock dated
        into the future is as old as those that followed it.
        """
        start = after.offset
        with _said_as_os_error():
            rows = self._select(_FIND_OLD, start, PART_VIEWS, start, before, until.offset)
        return LogPlace(1, rows[0][0], 0, rows[0][0] - 1) if rows else None

    def forget_until(self, place: LogPlace) -> int:
        """Delete frames, some in a transaction; return how many went. Never the last one."""
        forgotten = 0
        with _said_as_os_error(), connections[self._alias].cursor() as cursor:
            while True:
                cursor.execute(_FORGET, [place.offset, _FRAMES_A_STEP])
                forgotten += cursor.rowcount
                if cursor.rowcount < _FRAMES_A_STEP:
                    return forgotten

    def _frames(self, after: LogPlace, end: LogEnd, limit: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield the frames that hold the next `limit` views, and on where some are missing."""
        start, stop = after.offset, min(end.offset, _BEYOND)
        while start < stop:
            with _said_as_os_error():
                upto = min(stop, start + limit)
                rows = self._select(_READ, start, upto, _MOST_FRAMES) or self._select(
                    _READ, upto, stop, 1
                )
            if not rows:
                return
            yield from ((first, count, bytes(frame)) for first, count, frame in rows)
            start = rows[-1][0] + rows[-1][1]

    def _select(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with connections[self._alias].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()


@cache
def _locks(alias: str) -> Locks:
    return Locks(connections[alias].settings_dict)


def _read(first: int, count: int, frame: bytes) -> list[View] | None:
    """Return the views of a row; None where it is damaged."""
    try:
        found = read_frame(BytesIO(frame), 0, len(frame))
        if (found.first_sequence, found.count, found.end) != (first, count, len(frame)):
            return None
        return found.views()
    except DamagedFrameError:
        return None


@contextmanager
def _said_as_os_error() -> Iterator[None]:
    try:
        yield
    except (Error, psycopg.Error) as error:
        raise LogUnreadableError(f"The view log in PostgreSQL: {str(error).strip()}") from error
