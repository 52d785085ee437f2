import fcntl
import os
from importlib import import_module
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import settings
from tests.program import ON_POSTGRESQL, Program, make_installation

from broadsheet.articles.setting_up import set_up_editions
from broadsheet.outbox.models import Fact

#: The one reason for which a test may be skipped; any other skip fails the run.
SHARED_IS_MISSING = "the folder ../shared with real pages and archives is not beside the project"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
_skipped_silently = []

# How fast a machine is, no test decides: benchmarks do.
settings.register_profile("broadsheet", deadline=None)
settings.load_profile("broadsheet")


def pytest_runtest_logreport(report):
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if report.skipped and SHARED_IS_MISSING not in reason and not hasattr(report, "wasxfail"):
        _skipped_silently.append(f"{report.nodeid}: {reason}")


def pytest_terminal_summary(terminalreporter):
    for skipped in _skipped_silently:
        terminalreporter.write_line(f"SKIPPED, which counts as a failure: {skipped}", red=True)


def pytest_sessionfinish(session, exitstatus):
    if _skipped_silently and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def shared():
    """The folder of real pages and archives; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip(SHARED_IS_MISSING)
    return SHARED


#: Tests that touch tables say so: `pytestmark = both_databases`.
both_databases = pytest.mark.django_db(databases=["default", "readership", "views"])


#: Tests of what there is on SQLite and in files alone; on PostgreSQL they are not run.
files_alone = pytest.mark.files_alone


def pytest_collection_modifyitems(config, items):
    if ON_POSTGRESQL:
        left = [item for item in items if item.get_closest_marker("files_alone")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """A test is a transaction in which nothing may happen for long."""
    for database in connections.settings.values():
        options = database["OPTIONS"]
        if "options" in options:
            options["options"] += " -c idle_in_transaction_session_timeout=0"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What is no model is not made by a test database without migrations."""
    if not ON_POSTGRESQL:
        return
    migration = import_module("broadsheet.readership.migrations.0006_log_in_postgresql")
    with django_db_blocker.unblock(), connections["views"].schema_editor() as editor:
        migration.make_tables(None, editor)


@pytest.fixture(autouse=True)
def _plain_assets(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_transaction(monkeypatch):
    """What looks after a thread's connections does not end the transaction of a test.

    Nor does it on SQLite, whose database of the tests is in memory and never closed.
    """
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_outside(connection):
        if not connection.in_atomic_block:
            close(connection)

    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", close_outside)


@pytest.fixture(autouse=True)
def _own_pages(settings, tmp_path):
    settings.PAGES_DIRECTORY = tmp_path / "pages"


@pytest.fixture
def editions(db):
    """The editions `en` and `uk`, in Kyiv's zone, with the section "news"; by code.

    They stand for an installation that has run: the facts of its beginning are delivered.
    """
    made = set_up_editions(
        ["en", "uk"],
        site_name="The Test Wire",
        time_zone="Europe/Kyiv",
        section_names={"en": "News", "uk": "Новини"},
    )
    Fact.objects.all().delete()
    return {edition.code: edition for edition in made}


@pytest.fixture
def en(editions):
    return editions["en"]


@pytest.fixture
def uk(editions):
    return editions["uk"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """An installation as `broadsheet init` leaves it; made once, whichever process is first."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    home = shared / "installed-home"
    with (shared / "installed-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "collected-for").exists():
            make_installation(home)
    return Program(home)


@pytest.fixture
def program(installed, tmp_path):
    """The shipped program on a fresh copy of an installation; it is stopped after the test."""
    with installed.copy_to(tmp_path / "home") as copy:
        yield copy
