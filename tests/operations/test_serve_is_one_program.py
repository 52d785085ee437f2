"""The shipped program, started and ended as people and init systems do it."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest
from tests.program import Program, make_installation

pytestmark = pytest.mark.journey


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def all_gone(pids):
    return not any(is_alive(pid) for pid in pids)


def test_it_answers_and_says_where(program):
    program.start()
    assert program.get("/en/").status == 200
    assert program.get("/uk/").status == 200
    assert program.get("/desk/login/").status == 200
    program.wait_until(lambda: f"serving {program.address}" in program.log, "the line in the log")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_all_of_it(program, number, code):
    program.start()
    children = program.children()
    assert len(children) >= 3  # Granian, its web process, the worker
    assert program.stop(number) == code
    assert all_gone(children)
    assert "Traceback" not in program.log


def test_a_killed_worker_and_a_killed_web_server_are_started_again(program):
    program.start()
    first = program.wait_until(program.worker, "the worker")
    os.kill(first, signal.SIGKILL)
    second = program.wait_until(
        lambda: (found := program.worker()) and found != first and found, "another worker"
    )
    program.wait_until(
        lambda: program.get("/-/health").json["checks"]["worker"]["is_well"], "a working worker"
    )
    web = [pid for pid in program.children() if pid != second]
    for pid in web:
        os.kill(pid, signal.SIGKILL)
    program.wait_until(lambda: answers(program), "answers again")
    assert "the worker ended (killed by signal 9); it is started again" in program.log
    assert "the web server ended" in program.log


def answers(program):
    try:
        return program.get("/en/", timeout=2).status == 200
    except OSError:
        return False


def test_nothing_outlives_a_killed_supervisor(program):
    program.start()
    children = program.children()
    assert program.stop(signal.SIGKILL) == -signal.SIGKILL
    program.wait_until(lambda: all_gone(children), "the end of its processes", within=40)


def test_no_process_outlives_a_killed_web_server(program):
    """What its own processes answered would be of the old program, for ever."""
    program.start()
    worker = program.wait_until(program.worker, "the worker")
    first, *others = [pid for pid in program.children() if pid != worker]
    assert others
    os.kill(first, signal.SIGKILL)
    program.wait_until(lambda: all_gone(others), "the end of its processes", within=40)


def test_an_address_that_is_taken_is_said_with_the_option(program):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = program.run("serve", "--bind", f"127.0.0.1:{port}", expect=2)
    assert "--bind" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_said(program, bind):
    assert "--bind takes" in program.run("serve", "--bind", bind, expect=2).stderr


def test_a_home_that_is_not_set_up_is_said(tmp_path):
    program = Program(tmp_path / "empty")
    for verb in ("serve", "worker", "health"):
        done = program.run(verb, expect=2)
        assert "broadsheet init" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "empty").exists()


def test_an_installation_has_one_worker(program):
    program.start()
    program.wait_until(program.worker, "the worker")
    time.sleep(0.5)
    done = program.run("worker", expect=2)
    assert "another worker works on" in done.stderr


def test_init_again_changes_nothing_and_keeps_edits(installed, tmp_path):
    program = installed.copy_to(tmp_path / "home")
    program.python(
        "from broadsheet.articles.models import Edition\n"
        "Edition.objects.filter(is_default=True).update(name='Our own name')"
    )
    key = (program.home / "secret-key").read_text()
    began = time.monotonic()
    done = program.run("init")
    assert time.monotonic() - began < 10
    assert done.stderr == ""
    assert (program.home / "secret-key").read_text() == key
    named = program.python(
        "from broadsheet.articles.models import Edition\n"
        "print(*Edition.objects.order_by('-is_default').values_list('name', flat=True), sep='|')"
    )
    assert named.strip() == "Our own name|Broadsheet"


def test_init_refuses_an_edition_without_words(tmp_path):
    program = Program(tmp_path / "home", EDITIONS="en,xx")
    done = program.run("init", expect=2)
    assert "BROADSHEET_EDITIONS" in done.stderr
    assert "'xx'" in done.stderr
    assert not (tmp_path / "home").exists()


def test_only_the_owner_can_read_what_is_secret(installed):
    assert (installed.home / "secret-key").stat().st_mode & 0o077 == 0
    assert installed.home.stat().st_mode & 0o077 == 0


def test_a_password_is_made_and_can_be_given(program):
    first = program.run("user", "olena").stdout.split()
    second = program.run("user", "olena").stdout.split()
    assert first[0] == second[0] == "olena"
    assert first[1] != second[1]
    assert len(second[1]) >= 16
    program.run("user", "olena", "--password-stdin", stdin="a-word-of-her-own-77\n")
    told = program.python(
        "from django.contrib.auth import authenticate\n"
        "user = authenticate(username='olena', password='a-word-of-her-own-77')\n"
        "print(user, user.groups.get().name, user.is_superuser)"
    )
    assert told.split() == ["olena", "Editors", "False"]


def test_a_weak_password_is_refused(program):
    done = program.run("user", "olena", "--password-stdin", stdin="1234\n", expect=2)
    assert "too short" in done.stderr


def test_several_web_processes_serve_together(program):
    program.start("--processes", "2")
    assert {program.get("/en/").status for _ in range(20)} == {200}
    assert program.stop() == 0


def test_settings_that_are_wrong_are_said_by_name(tmp_path):
    program = Program(tmp_path / "home", WEB_PROCESSES="many")
    done = program.run("init", expect=2)
    assert "BROADSHEET_WEB_PROCESSES takes a whole number" in done.stderr


def test_a_new_installation_is_made_by_one_command(tmp_path):
    program = make_installation(tmp_path / "home", EDITIONS="uk", SITE_NAME="Вісник")
    with program.start():
        front = program.get("/")
        assert front.status == 200
        assert '<html lang="uk"' in front.text
        assert "Вісник" in front.text


def test_files_are_served_as_files_and_originals_are_not_public(program):
    (program.home / "media/images").mkdir()
    (program.home / "media/images/bridge.width-480.jpg").write_bytes(b"a rendition")
    (program.home / "media/original_images").mkdir()
    (program.home / "media/original_images/bridge.jpg").write_bytes(b"with its place in it")
    program.start()
    style = re.search(r'href="(/assets/css/[^"]+)"', program.get("/en/").text)[1]
    answer = program.get(style, Accept_Encoding="br")
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    picture = program.get("/media/images/bridge.width-480.jpg")
    assert (picture.body, picture.headers["Content-Type"]) == (b"a rendition", "image/jpeg")
    (program.home / "media/images/new.jpg").write_bytes(b"a later one")
    assert program.get("/media/images/new.jpg").body == b"a later one"
    for path in (
        "/media/original_images/bridge.jpg",
        "/media/images/../original_images/bridge.jpg",
        "/media/images/%2e%2e/original_images/bridge.jpg",
        "/assets/../secret-key",
    ):
        assert program.get(path).status == 404, path
    assert "Warning" not in program.log
