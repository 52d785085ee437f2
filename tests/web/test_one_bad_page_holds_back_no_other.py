import pytest
from django.utils import timezone
from tests.conftest import both_databases

from broadsheet.web import invalidating
from broadsheet.web.pressing import make_page
from broadsheet.web.stored import page_store

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def test_one_bad_page_holds_back_no_other(monkeypatch, caplog):
    def make(address, version, **given):
        if address == "/en/":
            raise ValueError("this one never works")
        return make_page(address, version, **given)

    monkeypatch.setattr("broadsheet.web.stored.make_page", make)
    invalidating.WAITING.take(invalidating.MOST_WAITING)
    invalidating.WAITING.add(["/en/", "/uk/"])
    invalidating.press_waiting(timezone.now())
    assert page_store().get("/en/") is None
    assert page_store().get("/uk/") is not None
    assert "/en/ could not be pressed" in caplog.text
