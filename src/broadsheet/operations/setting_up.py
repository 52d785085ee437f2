"""Set up an installation, or bring one up to date: nothing is asked, nothing is done twice."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections, router
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from broadsheet.articles.setting_up import set_up_editions
from broadsheet.newsroom.roles import set_up_roles
from broadsheet.web.editions import WORDS

#: The key of the home's assets: they are collected anew for another version of the program.
_ASSETS_STAMP = "collected-for"


class NotSetUpError(RuntimeError):
    """There is no installation at BROADSHEET_HOME, or it is of an older version."""


class UnknownEditionError(ValueError):
    """BROADSHEET_EDITIONS names a language whose words do not exist."""


def set_up_installation(*, tell: Callable[[str], None]) -> None:
    """Make or update the installation in `settings.HOME`: keys, tables, editions, roles, assets.

    `tell` is called with one line a step that did something. Safe to run again, and beside a
    running program; two at a time wait for each other. Raises `UnknownEditionError`, before
    anything is written.
    """
    for code in settings.FIRST_EDITIONS:
        if code not in WORDS:
            known = ", ".join(WORDS)
            raise UnknownEditionError(
                f"BROADSHEET_EDITIONS names {code!r}; there are words for: {known}"
            )
    settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _one_at_a_time(settings.HOME), _one_machine_at_a_time():
        _make_directories(tell)
        _make_secret_key(tell)
        _migrate(tell)
        set_up_editions(
            settings.FIRST_EDITIONS,
            site_name=settings.SITE_NAME,
            time_zone=settings.FIRST_TIME_ZONE,
            section_names={code: words.news_section for code, words in WORDS.items()},
        )
        set_up_roles()
        _collect_assets(tell)


def check_set_up() -> None:
    """Raise `NotSetUpError` unless the installation is complete and of this version."""
    if not (settings.HOME / "secret-key").is_file() and not os.environ.get("BROADSHEET_SECRET_KEY"):
        raise NotSetUpError(
            f"there is no installation in {settings.HOME}: run `broadsheet init`, "
            "or set BROADSHEET_HOME"
        )
    try:
        is_behind = any(_waiting_migrations(alias) for alias in connections)
    except DatabaseError as error:
        raise NotSetUpError(f"the databases in {settings.HOME} cannot be used: {error}") from error
    if is_behind or not _read_stamp().startswith(_versions()):
        raise NotSetUpError(
            f"the installation in {settings.HOME} is of another version: run `broadsheet init`"
        )


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    with (home / "init-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _one_machine_at_a_time() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    from broadsheet.readership.advisory_locks import Locks  # noqa: PLC0415 - its library is an extra

    locks = Locks(connection.settings_dict)
    with closing(locks), locks.hold("init", wait=True):
        yield


def _make_directories(tell: Callable[[str], None]) -> None:
    modes = {
        Path(settings.MEDIA_ROOT): 0o777,
        Path(settings.STATIC_ROOT): 0o777,
        Path(settings.VIEW_LOG_DIRECTORY): 0o700,
    }
    made = [path for path in modes if not path.is_dir()]
    for path in made:
        path.mkdir(mode=modes[path], parents=True)
    if made:
        tell(f"made the directories of {settings.HOME}")


def _make_secret_key(tell: Callable[[str], None]) -> None:
    path = settings.HOME / "secret-key"
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - by descriptor, for its mode
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    tell("made the secret key")


def _migrate(tell: Callable[[str], None]) -> None:
    for alias in connections:
        if waiting := _waiting_migrations(alias):
            # Without a name it runs through all apps, which takes seconds for each database.
            labels = sorted({migration.app_label for migration, _ in waiting})
            for names in [()] if alias == DEFAULT_DB_ALIAS else [(one,) for one in labels]:
                call_command("migrate", *names, database=alias, interactive=False, verbosity=0)
            tell(f"brought the database “{alias}” up to date")
        name = Path(str(connections[alias].settings_dict["NAME"]))
        if connections[alias].vendor == "sqlite" and name.is_file():
            name.chmod(0o600)  # drafts and logins: others may pass through the home, to the copies


def _waiting_migrations(alias: str) -> list[Any]:
    """Return what is to be migrated of the apps that have tables in a database."""
    executor = MigrationExecutor(connections[alias])
    present = {
        model._meta.app_label  # noqa: SLF001 - Django's own name for it
        for model in apps.get_models()
        if router.allow_migrate_model(alias, model)
    }
    leaves = executor.loader.graph.leaf_nodes()
    return list(executor.migration_plan([leaf for leaf in leaves if leaf[0] in present]))


def _collect_assets(tell: Callable[[str], None]) -> None:
    stamp = f"{_versions()} {_newest_asset()}"
    if _read_stamp() == stamp:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    (settings.HOME / _ASSETS_STAMP).write_text(stamp, encoding="utf-8")
    tell("collected the assets")


def _read_stamp() -> str:
    path = settings.HOME / _ASSETS_STAMP
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _versions() -> str:
    return f"broadsheet {version('broadsheet')}, wagtail {version('wagtail')}, {settings.LOOK};"


def _newest_asset() -> int:
    """When our own assets last changed, in nanoseconds: who develops them collects them anew."""
    directories = [
        Path(str(entry[1] if isinstance(entry, tuple) else entry))
        for entry in settings.STATICFILES_DIRS
    ]
    return max(
        (path.stat().st_mtime_ns for directory in directories for path in directory.rglob("*")),
        default=0,
    )
