import fcntl
import os

import pytest
from tests.program import Program, make_installation

from broadsheet.articles.setting_up import set_up_editions

#: Tests that touch tables say so: `pytestmark = both_databases`.
both_databases = pytest.mark.django_db(databases=["default", "readership"])


@pytest.fixture(autouse=True)
def _plain_assets(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def editions(db):
    """The editions `en` and `uk`, in Kyiv's zone, with the section "news"; by code."""
    made = set_up_editions(
        ["en", "uk"],
        site_name="The Test Wire",
        time_zone="Europe/Kyiv",
        section_names={"en": "News", "uk": "Новини"},
    )
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
