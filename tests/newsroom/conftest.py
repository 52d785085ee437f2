import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from broadsheet.newsroom.roles import EDITORS, REPORTERS, set_up_roles


@pytest.fixture
def roles(editions):
    set_up_roles()


def _sign_in(name, group=None, **kwargs):
    user = get_user_model().objects.create_user(name, password="not-a-secret", **kwargs)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def editor(roles):
    """The browser of somebody in the group "Editors"."""
    return _sign_in("edith", EDITORS)


@pytest.fixture
def reporter(roles):
    return _sign_in("remy", REPORTERS)


@pytest.fixture
def admin(roles):
    return _sign_in("ada", is_superuser=True)


@pytest.fixture
def outsider(roles):
    """Somebody who can sign in, but belongs to no group."""
    return _sign_in("otto")


@pytest.fixture
def guest(roles):
    """Somebody who may enter the desk, and nothing more."""
    client = _sign_in("gus")
    client.user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return client
