"""Logins for the desk, with passwords that were never anybody else's."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from broadsheet.newsroom.roles import EDITORS, REPORTERS

ROLES = {"editor": EDITORS, "reporter": REPORTERS, "admin": ""}
PASSWORD_BYTES = 12  # 96 bits, 16 letters


class BadLoginError(ValueError):
    """A name or password that a login cannot have; the message says why."""


def make_login(name: str, *, role: str | None = None, password: str | None = None) -> str:
    """Make a login for the desk, or give an existing one a new password; return the password.

    `role` is "editor", "reporter" or "admin"; None keeps that of an existing login and makes a
    new one an editor. Without `password` a random one is made. Raises `BadLoginError`.
    """
    users = get_user_model()
    if role is not None and role not in ROLES:
        raise BadLoginError(f"a role is one of {', '.join(ROLES)}, not {role!r}")
    user = users.objects.filter(username=name).first()
    is_new = user is None
    if user is None:
        user = users(username=name)
    try:
        user.username = users.normalize_username(name)
        users._meta.get_field("username").clean(name, user)  # noqa: SLF001 - Django's own API
        if password is not None:
            validate_password(password, user)
    except ValidationError as error:
        raise BadLoginError(" ".join(error.messages)) from None
    password = password if password is not None else secrets.token_urlsafe(PASSWORD_BYTES)
    user.set_password(password)
    user.is_active = True
    with transaction.atomic():
        user.save()
        if is_new or role is not None:
            _give_role(user, role or "editor")
    return password


def _give_role(user: Any, role: str) -> None:
    user.is_superuser = user.is_staff = role == "admin"
    user.save(update_fields=["is_superuser", "is_staff"])
    user.groups.remove(*Group.objects.filter(name__in=[EDITORS, REPORTERS]))
    if ROLES[role]:
        user.groups.add(Group.objects.get(name=ROLES[role]))
