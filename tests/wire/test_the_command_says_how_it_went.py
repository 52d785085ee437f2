"""The shipped program: exit codes, what goes to stdout, and what an end in the middle leaves."""

import json
import signal
import subprocess
import sys
import time

import pytest
from tests.program import make_installation
from tests.wire.archives import make_line, write_archive
from tests.wire.imports.capture.captures import BRIDGE

ARTICLES = 1500


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return make_installation(tmp_path_factory.mktemp("installed") / "home", EDITIONS="en,uk")


@pytest.fixture
def program(installed, tmp_path):
    return installed.copy_to(tmp_path / "home")


def ask(program, statement):
    return program.ask(statement)


def articles_in(program):
    return ask(program, "SELECT count(*) FROM broadsheet_articles_article")


def test_a_capture_goes_in_and_is_there_the_second_time(program, tmp_path):
    path = tmp_path / "bridge.txt"
    path.write_text("\ufeff" + BRIDGE, encoding="utf-8")
    done = program.run("import", "capture", path, "--edition", "en")
    assert "imported; 4 flashes imported, 0 already there; 5 counts" in done.stdout
    assert "the larger number is taken" in done.stderr
    again = program.run("import", "capture", path, "--edition", "en", "--json")
    assert json.loads(again.stdout)["made"] == {}
    assert articles_in(program) == 5


@pytest.mark.parametrize(
    ("content", "arguments", "error"),
    [
        (b"Not a capture\n", ["--edition", "en"], ": line 1: "),
        (BRIDGE.encode() + b"\xff\n", ["--edition", "en"], ": line 54: not UTF-8 text"),
        (b"x" * 1_100_000, ["--edition", "en"], "larger than 1 MiB"),
        (BRIDGE.encode(), ["--edition", "xx"], "no edition 'xx'"),
        (BRIDGE.encode(), [], "--edition"),
    ],
)
def test_what_is_no_capture_ends_with_two_and_writes_nothing(
    program, tmp_path, content, arguments, error
):
    path = tmp_path / "page.txt"
    path.write_bytes(content)
    done = program.run("import", "capture", path, *arguments, expect=2)
    assert error in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert articles_in(program) == 0


def test_an_archive_ends_with_zero_one_or_two(program, tmp_path):
    good = write_archive(tmp_path / "good.jsonl", [make_line(n) for n in range(3)])
    partly = write_archive(tmp_path / "partly.jsonl", [make_line(9), "{"])
    bad = write_archive(tmp_path / "bad.jsonl", ["{", "[]"])
    done = program.run("import", "jsonl", good, "--source", "old", "--json")
    assert json.loads(done.stdout) == {
        "imported": 3, "present": 0, "bad": 0, "changed": 0, "is_dry_run": False,
        "was_interrupted": False,
    }  # fmt: skip
    assert "100%" in done.stderr  # the progress bar
    done = program.run("import", "jsonl", partly, "--source", "old", expect=1)
    assert "1 articles imported, 0 already there, 1 bad lines" in done.stdout
    assert "line 2: not JSON" in done.stderr
    program.run("import", "jsonl", bad, "--source", "old", expect=2)
    program.run("import", "jsonl", tmp_path / "none.jsonl", "--source", "old", expect=2)
    program.run("import", "jsonl", good, expect=2)
    program.run("import", "jsonl", good, "--source", "old", "--map", "a=b", expect=2)
    assert articles_in(program) == 4


def test_before_an_installation_is_set_up_it_says_what_to_do(installed, tmp_path):
    program = installed.copy_to(tmp_path / "home")
    program.lose_content()
    path = write_archive(tmp_path / "good.jsonl", [make_line()])
    done = program.run("import", "jsonl", path, "--source", "old", expect=2)
    assert "broadsheet init" in done.stderr


def start(program, path):
    """Begin an import, and return it once some of its articles are in."""
    process = subprocess.Popen(
        [sys.executable, "-m", "broadsheet.project.cli", "import", "jsonl", str(path),
         "--source", "old"],
        env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not articles_in(program):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    return process


def assert_whole(program):
    """Articles, their identities, the index and the facts agree."""
    articles = articles_in(program)
    imported = "SELECT count(*) FROM broadsheet_wire_importedarticle WHERE article_id IS NOT NULL"
    indexed = (
        "SELECT count(*) FROM wagtailsearch_indexentry e JOIN django_content_type t "
        "ON t.id = e.content_type_id WHERE t.model = 'article'"
    )
    announced = (
        "SELECT sum(json_array_length(payload, '$.article_ids')) FROM broadsheet_outbox_fact"
    )
    assert [ask(program, one) for one in (imported, indexed, announced)] == [articles] * 3
    assert ask(program, "PRAGMA integrity_check") == "ok"


@pytest.fixture
def archive(tmp_path):
    lines = [make_line(n, tags=[f"Tag {n % 50}"]) for n in range(ARTICLES)]
    return write_archive(tmp_path / "archive.jsonl", lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_an_end_in_the_middle_leaves_whole_batches_and_the_next_run_goes_on(
    program, archive, number
):
    process = start(program, archive)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert process.returncode == 130, stderr
        assert "run it again to go on" in stderr
        assert f"{articles_in(program)} articles imported" in stdout
    else:
        assert process.returncode == -number
    before = articles_in(program)
    assert 0 < before < ARTICLES
    assert_whole(program)
    done = program.run("import", "jsonl", archive, "--source", "old")
    assert f"{ARTICLES - before} articles imported, {before} already there" in done.stdout
    assert articles_in(program) == ARTICLES
    assert_whole(program)


def test_two_runs_at_once_bring_each_article_in_once(program, archive):
    first = start(program, archive)
    second = start(program, archive)
    told = [process.communicate(timeout=120)[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert sum(int(one.split()[0]) for one in told) == ARTICLES
    assert articles_in(program) == ARTICLES
    assert_whole(program)
