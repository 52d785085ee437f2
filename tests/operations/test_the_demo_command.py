"""`broadsheet demo` fills, makes a login of this installation's own, and then serves."""

import io
import re

import pytest
from django.contrib.auth import authenticate, get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.newsroom.roles import set_up_roles
from broadsheet.operations.demo.filling import FILLED, STATE_FILE
from broadsheet.operations.management.commands import demo

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def served(monkeypatch, settings, tmp_path):
    """A home whose newsroom is filled; where the demo was served instead of serving it."""
    settings.HOME = tmp_path
    (tmp_path / STATE_FILE).write_text(f"{FILLED}\n", "utf-8")
    set_up_roles()
    served = []
    monkeypatch.setattr(demo, "set_up_installation", lambda *, tell: tell("set up"))
    monkeypatch.setattr(demo, "serve", lambda bind: served.append(bind) or 0)
    return served


def run(*arguments):
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_it_prints_the_addresses_and_serves_there(served):
    told = run("--bind", "127.0.0.1:8124")
    assert "http://127.0.0.1:8124/\n" in told
    assert "http://127.0.0.1:8124/desk/\n" in told
    assert served == ["127.0.0.1:8124"]


def test_the_login_is_made_once_and_its_password_shown_once(served):
    password = re.search(r"login  demo, password (\S+)", run())[1]
    assert len(password) >= 16
    assert authenticate(username="demo", password=password).is_superuser
    again = run()
    assert password not in again
    assert "broadsheet user demo" in again
    assert authenticate(username="demo", password=password)


def test_two_installations_have_two_passwords(served):
    first = run()
    get_user_model().objects.all().delete()
    assert run() != first


def test_a_wrong_address_is_said_before_anything_is_done(served, monkeypatch):
    monkeypatch.setattr(demo, "set_up_installation", pytest.fail)
    with pytest.raises(CommandError, match="--bind takes") as error:
        run("--bind", "8000")
    assert error.value.returncode == 2


def test_a_newsroom_of_somebodys_own_is_refused_with_the_way_out(served, tmp_path):
    (tmp_path / STATE_FILE).unlink()
    ArticleFactory()
    with pytest.raises(CommandError, match="BROADSHEET_HOME") as error:
        run()
    assert error.value.returncode == 2
    assert served == []
    assert not get_user_model().objects.exists()
