"""The shipped program while its databases cannot be read, and after they can again."""

import os
import re

import pytest
from tests.conftest import files_alone

pytestmark = [pytest.mark.journey, files_alone]

DATABASES = ("content.sqlite3", "counts.sqlite3")


def break_databases(home):
    """Put files that are no databases in their places: each new connection fails."""
    for name in DATABASES:
        (home / name).rename(home / f"{name}.kept")
        (home / name).write_bytes(b"this is no database" * 100)


def mend_databases(home):
    for name in DATABASES:
        (home / f"{name}.kept").replace(home / name)


def test_pages_and_counting_go_on_and_it_recovers_by_itself(program):
    program.start()
    first, second, _third = program.publish_bridges()
    program.wait_until(lambda: "Bridge 2 opens" in program.get("/en/").text, "the front")
    before = program.get("/en/news/bridge-0")
    assert before.headers["Broadsheet-Degraded"] is None
    assert program.read(first) == 204
    program.wait_until(lambda: program.views_of(first) == 1, "the first view")

    break_databases(program.home)
    program.wait_until(lambda: program.get("/-/ready").status == 503, "not ready")
    program.wait_until(
        lambda: program.get("/en/").headers["Broadsheet-Degraded"] == "database", "the header"
    )
    stored = program.get("/en/news/bridge-0")
    assert stored.status == 200
    assert "Bridge 0 opens" in stored.text
    read = re.compile(rf'data-article="{first}" value="1">1 view<')
    program.wait_until(
        lambda: read.search(program.get("/en/news/bridge-0").text), "its number", within=3
    )
    # A thread that was connected before still reads the file that was moved away.
    never_asked_for = program.get("/en/news/bridge-1")
    assert never_asked_for.status == 200 or int(never_asked_for.headers["Retry-After"]) > 0
    for pk in (first, second):
        assert program.read(pk, agent="Mozilla/5.0 Another") == 204
    assert "The database does not answer" in program.log

    mend_databases(program.home)
    program.wait_until(lambda: program.get("/-/ready").status == 200, "ready")
    program.wait_until(
        lambda: program.get("/en/").headers["Broadsheet-Degraded"] is None, "no header"
    )
    assert program.get("/en/news/bridge-1").status == 200
    program.wait_until(lambda: program.views_of(first) == 2, "what was read meanwhile", within=90)
    assert program.views_of(second) == 1


def test_stored_pages_are_answered_before_django_is_up(program):
    program.start()
    program.publish_bridges()
    program.wait_until(lambda: "Bridge 2 opens" in program.get("/en/").text, "the front")
    program.stop()
    # The desk's code cannot even be imported; readers do not need it.
    broken = program.home / "broken"
    (broken / "wagtail").mkdir(parents=True)
    (broken / "wagtail" / "__init__.py").write_text("raise ImportError('Wagtail is broken')")
    before = program.environment.get("PYTHONPATH", "")
    program.environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(broken), before]))
    with program.web_alone():
        assert "Bridge 2 opens" in program.get("/en/").text
        assert program.get("/desk/").status in {500, 503}
