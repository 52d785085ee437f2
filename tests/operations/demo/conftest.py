"""A demo newsroom for tests: the whole of it, with small pictures and fewer views."""

import contextlib

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from broadsheet.articles.setting_up import set_up_editions
from broadsheet.operations.demo.filling import fill_newsroom

SMALL = {"picture_size": (160, 90), "processes": 1, "views": 20_000}
DATABASES = ("default", "readership")


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory):
    """A directory of its own for pictures, view log and state."""
    home = tmp_path_factory.mktemp("demo")
    with override_settings(
        HOME=home, MEDIA_ROOT=str(home / "media"), VIEW_LOG_DIRECTORY=home / "view-log"
    ):
        yield home


@pytest.fixture(scope="module")
def filled(demo_home, django_db_setup, django_db_blocker):
    """Fill the demo once for a module; the moment it was filled at."""
    now = timezone.now()
    with django_db_blocker.unblock(), contextlib.ExitStack() as stack:
        for name in DATABASES:
            stack.enter_context(_rolled_back(name))
        set_up_editions(
            ["en", "uk"],
            site_name="The Test Wire",
            time_zone="Europe/Kyiv",
            section_names={"en": "News", "uk": "Новини"},
        )
        fill_newsroom(now=now, tell=lambda _line: None, **SMALL)
        yield now


@contextlib.contextmanager
def _rolled_back(name):
    with transaction.atomic(using=name):
        yield
        transaction.set_rollback(True, using=name)
