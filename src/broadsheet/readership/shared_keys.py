"""The readers' keys of an installation of several machines: one key a day for all of them.

While it lives a key lies in PostgreSQL too, in an unlogged table: it is neither in the server's own
log nor on its replicas. A crash of the server empties that table; the machines' files fill it.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from .advisory_locks import Session, open_session
from .reader_keys import KEY_BYTES, ReaderKeys, destroy_old_keys, first_living_day

_OFFER = """
    INSERT INTO broadsheet_readership_viewkey (day, key) VALUES (%s, %s)
    ON CONFLICT (day) DO NOTHING
"""
_FIND = "SELECT key FROM broadsheet_readership_viewkey WHERE day = %s"
_DESTROY = "DELETE FROM broadsheet_readership_viewkey WHERE day < %s"
#: A deleted row's bytes stay in its file; this makes a new one and deletes the old.
_WRITE_ANEW = "VACUUM (FULL) broadsheet_readership_viewkey"


class KeysUnreachableError(OSError):
    """PostgreSQL does not say which key the other machines have."""


class SharedReaderKeys(ReaderKeys):
    """Keys that all machines agree on, kept in a directory of each.

    `database` is an entry of Django's DATABASES; it is asked once a day and process.
    """

    def __init__(self, directory: Path, database: Mapping[str, Any]) -> None:
        super().__init__(directory)
        self._database = database

    def share(self, *, now: datetime) -> None:
        """Bring living keys of this machine to the others, and theirs to this one."""
        now = now.astimezone(UTC)
        for day in {now.date(), first_living_day(now)}:
            self._read(day)

    def _read(self, day: date) -> bytes | None:
        key = super()._read(day)
        agreed = self._agree(day, key)
        if agreed is not None and agreed != key:
            self._path(day).unlink(missing_ok=True)
            self._keep(day, agreed)
        return agreed

    def _make(self, day: date) -> bytes:
        agreed = self._agree(day, secrets.token_bytes(KEY_BYTES))
        assert agreed is not None
        return self._keep(day, agreed)

    def _agree(self, day: date, key: bytes | None) -> bytes | None:
        with _keys_of(self._database) as session:
            if key is not None:
                session.execute(_OFFER, (day, key))
            found = session.execute(_FIND, (day,)).fetchone()
        return bytes(found[0]) if found else None


def destroy_old_shared_keys(directory: Path, database: Mapping[str, Any], *, now: datetime) -> None:
    """Destroy the keys of past days here and for all machines, as `destroy_old_keys` does."""
    destroy_old_keys(directory, now=now)
    with _keys_of(database) as session:
        if session.execute(_DESTROY, (first_living_day(now),)).rowcount:
            session.execute(_WRITE_ANEW)


@contextmanager
def _keys_of(database: Mapping[str, Any]) -> Iterator[Session]:
    try:
        with closing(open_session(database)) as session:
            yield session
    except psycopg.Error as error:
        raise KeysUnreachableError(f"PostgreSQL: {str(error).strip()}") from error
