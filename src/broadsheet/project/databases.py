"""Where the databases are, and which holds which table: readership apart, what belongs to the
view log apart, everything else together.

In PostgreSQL the three are schemas of one database. Each has migrations of its own on record, so
none takes the tables of another for made.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

READERSHIP = "broadsheet_readership"
#: How the tables of readership begin that are a part of the view log, or stand for one.
_OF_THE_LOG = ("checkpoint", "view")
_SCHEMAS = {"default": "content", "readership": "readership", "views": "views"}

#: Nothing waits for ever: neither for a server, nor for what others hold there.
CONNECT_SECONDS = 5
_SERVER_OPTIONS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    # Words are found as they are written, in every language, whatever the database was made for.
    "default_text_search_config": "pg_catalog.simple",
    # A commit is on disk when it returns, whatever the server does by default.
    "synchronous_commit": "on",
    # A machine that lost its power leaves its locks after so long.
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
#: The same from this side, for a server that lost its power.
_CLIENT_OPTIONS = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 2,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    "application_name": "broadsheet",
}
#: How long a thread keeps its connection.
_KEPT_SECONDS = 300


class ReadershipRouter:
    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return _alias_of(model._meta.app_label, model._meta.model_name)  # noqa: SLF001

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        # The objects, not their types: a request’s user comes in a lazy wrapper.
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **_hints: Any
    ) -> bool:
        return db == _alias_of(app_label, model_name or "")


def databases_in(home: Path) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES as files of a home.

    Content and counts lie apart: the fold never waits for an import, nor an import for the fold.
    """
    return {
        "default": _sqlite(home / "content.sqlite3"),
        "readership": _sqlite(home / "counts.sqlite3", wal_pages=8000, cache_kib=64_000),
        # What stands for the log's thinned beginning lies with the log. Tests make its few plain
        # tables at once, which spares them a run through all migrations.
        "views": _sqlite(home / "view-log" / "checkpoint.sqlite3") | {"TEST": {"MIGRATE": False}},
    }


def databases_at(url: str) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES in one PostgreSQL database; `url` was checked in `options`."""
    return {alias: _postgresql(url, alias, schema) for alias, schema in _SCHEMAS.items()}


def _sqlite(path: Path, *, wal_pages: int = 1000, cache_kib: int = 20_000) -> dict[str, Any]:
    """`wal_pages`: how many are written before they are copied from the write-ahead log. The fold
    writes the same pages again and again: copied every 32 MB they are copied a tenth as often.
    `cache_kib`: of pages that a connection keeps at most, of those it used. A million open windows
    of readers, which the fold asks for at random, are 36 MB.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a commit is on disk when it returns, as everything acknowledged has to be.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            f"PRAGMA cache_size=-{cache_kib}; PRAGMA wal_autocheckpoint={wal_pages};",
        },
    }


def _postgresql(url: str, alias: str, schema: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.strip("/"))
    more = {key: values[0] for key, values in parse_qs(parts.query).items()}
    told = {**_SERVER_OPTIONS, "search_path": schema}
    return {
        "ENGINE": "broadsheet.project.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": more.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "SCHEMA": schema,
        "CONN_MAX_AGE": _KEPT_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **more,
            **_CLIENT_OPTIONS,
            "options": " ".join(f"-c {key}={value}" for key, value in told.items()),
        },
        "TEST": {"NAME": f"test_{name}_{alias}", "MIGRATE": alias == "default"},
    }


def _alias_of(app_label: str, model_name: str) -> str:
    if app_label != READERSHIP:
        return "default"
    return "views" if model_name.startswith(_OF_THE_LOG) else "readership"
