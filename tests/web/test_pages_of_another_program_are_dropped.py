import os

import pytest
from tests.conftest import both_databases

from broadsheet.web.stored import drop_pages_of_another_program, page_store, press_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def test_pages_are_kept_over_a_restart_and_dropped_after_a_change(settings):
    assert drop_pages_of_another_program()
    press_page("/en/")
    assert not drop_pages_of_another_program()
    assert page_store().get("/en/") is not None
    settings.SITE_URL = "https://news.example"
    assert drop_pages_of_another_program()
    assert page_store().get("/en/") is None
    assert b"https://news.example/en/" in press_page("/en/").parts[0]


@pytest.mark.parametrize("setting", ["VIEW_WINDOW_MINUTES", "VIEW_LOG_DAYS"])
def test_what_the_page_on_counting_says_is_dropped_with_its_setting(settings, setting):
    drop_pages_of_another_program()
    assert not drop_pages_of_another_program()
    setattr(settings, setting, getattr(settings, setting) + 1)
    assert drop_pages_of_another_program()


def test_other_source_is_another_program_and_compiled_code_is_not(monkeypatch, tmp_path):
    monkeypatch.setattr("broadsheet.web.stored._PACKAGE", tmp_path)
    (tmp_path / "page.html").write_text("<h1>")
    drop_pages_of_another_program()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "views.cpython-311.pyc").write_bytes(b"")
    assert not drop_pages_of_another_program()
    os.utime(tmp_path / "page.html", (2**31 - 1, 2**31 - 1))
    assert drop_pages_of_another_program()


def test_other_assets_are_another_program(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    drop_pages_of_another_program()
    assert not drop_pages_of_another_program()
    (tmp_path / "staticfiles.json").write_text("{}")
    assert drop_pages_of_another_program()
