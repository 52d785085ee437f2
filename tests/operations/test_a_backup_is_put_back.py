"""`broadsheet backup` and `broadsheet restore`, of a program that runs and of one that does not."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing

import pytest
from tests.conftest import files_alone
from tests.program import Program
from tests.readership.views import read_all

#: What the fold writes; the windows of readers, which lie here or there, a recount compares.
TABLES = {
    "broadsheet_readership_articlecount": "article_id, imported, counted, robots",
    "broadsheet_readership_bucket": "size, start, article_id, section_id, views",
    "broadsheet_readership_referrercount": "day, host, article_id, views",
    "broadsheet_readership_droppedviews": "day, verdict, views",
}


def counts_of(home):
    with closing(sqlite3.connect(home / "counts.sqlite3")) as counts:
        return {
            table: sorted(counts.execute(f"SELECT {columns} FROM {table}"))
            for table, columns in TABLES.items()
        }


def is_folded(program):
    [last, *_] = reversed(read_all(program.home / "view-log"))
    with closing(sqlite3.connect(program.home / "counts.sqlite3")) as counts:
        [[folded]] = counts.execute("SELECT sequence FROM broadsheet_readership_foldstate")
    return folded == last[0]


def files_of(directory):
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


class Readers:
    """They read until they are told to stop, each view by somebody else."""

    def __init__(self, program, article_ids):
        self.program, self.article_ids = program, article_ids
        self.taken, self.is_over = 0, threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(n,)) for n in range(4)]

    def read(self, number):
        while not self.is_over.is_set():
            agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/140"
            assert self.program.read(self.article_ids[number % 3], agent=agent) == 204
            self.taken += 1
            number += 4

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.is_over.set()
        for thread in self.threads:
            thread.join()


@files_alone
def test_a_backup_made_in_the_middle_folds_to_the_same_numbers(program, tmp_path):
    backup = tmp_path / "backup"
    program.environment["BROADSHEET_VIEWS_A_MINUTE"] = "1000000"
    article_ids = program.publish_bridges()
    (program.home / "broadsheet.toml").write_text('site_name = "The Copied Wire"\n')
    (program.home / "media" / "images").mkdir(parents=True)
    (program.home / "media" / "images" / "bridge.jpg").write_bytes(b"a picture")
    with program.start():
        with Readers(program, article_ids) as readers:
            program.wait_until(lambda: readers.taken > 200, "readers")
            before = readers.taken
            program.run("backup", backup)
            after = readers.taken
            program.wait_until(lambda: readers.taken > after + 200, "more readers")
        program.wait_until(lambda: is_folded(program), "the fold")

    restored = Program(tmp_path / "restored")
    restored.environment["BROADSHEET_VIEWS_A_MINUTE"] = "1000000"
    done = restored.run("restore", backup)
    assert "next: broadsheet serve" in done.stdout
    log = read_all(restored.home / "view-log")
    assert before <= len(log) <= after + 4  # four were under way
    assert log == read_all(program.home / "view-log")[: len(log)]
    with restored.start():
        restored.wait_until(lambda: is_folded(restored), "the fold")
        assert sum(map(restored.views_of, article_ids)) == len(log)
    assert (restored.home / "media" / "images" / "bridge.jpg").read_bytes() == b"a picture"
    assert "The Copied Wire" in (restored.home / "broadsheet.toml").read_text()
    assert json.loads(restored.run("recount", "--json").stdout)["differences"] == []

    # With what else the original's readers read, it counts what the original counts.
    shutil.rmtree(restored.home / "view-log")
    shutil.copytree(program.home / "view-log", restored.home / "view-log")
    with restored.start():
        restored.wait_until(lambda: is_folded(restored), "the fold")
    assert counts_of(restored.home) == counts_of(program.home)
    assert json.loads(restored.run("recount", "--json").stdout)["differences"] == []
    assert sum(one[2] for one in counts_of(program.home)["broadsheet_readership_articlecount"]) == (
        readers.taken
    )


@pytest.fixture
def backup(program, tmp_path):
    """A backup of a program that took a view."""
    article_id = program.publish_bridges()[0]
    with program.start():
        assert program.read(article_id) == 204
    program.run("backup", tmp_path / "backup")
    return tmp_path / "backup"


@files_alone
def test_no_key_is_in_a_backup(program, backup):
    keys = [path.read_bytes() for path in (program.home / "view-keys").iterdir()]
    keys.append((program.home / "secret-key").read_bytes())
    assert len(keys) > 1
    for path, content in files_of(backup).items():
        assert not any(key in content for key in keys), path
        assert "key" not in path


@files_alone
def test_a_backup_overwrites_nothing(program, backup):
    before = files_of(backup)
    done = program.run("backup", backup, expect=2)
    assert "not empty: nothing is overwritten" in done.stderr
    assert files_of(backup) == before
    inside = program.run("backup", program.home / "media" / "backup", expect=2)
    assert "lies in the installation" in inside.stderr
    nowhere = Program(program.home / "nowhere").run("backup", backup / "more", expect=2)
    assert "there is no installation" in nowhere.stderr


@files_alone
def test_a_restore_overwrites_nothing(program, backup):
    before = files_of(program.home)
    done = program.run("restore", backup, expect=2)
    assert "not empty: nothing is overwritten" in done.stderr
    assert files_of(program.home) == before


def change(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@files_alone
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda backup: change(backup / "content.sqlite3"), "is not what was copied"),
        (lambda backup: change(next((backup / "view-log").glob("*.views"))), "is not what was"),
        (lambda backup: (backup / "counts.sqlite3").unlink(), "counts.sqlite3 is missing"),
        (lambda backup: (backup / "backup.json").unlink(), "no whole backup"),
        (lambda backup: (backup / "backup.json").write_text("{"), "cannot be read"),
        (lambda backup: (backup / "backup.json").write_text('{"format": 2}'), "not known here"),
        (
            lambda backup: (backup / "backup.json").write_text(
                json.dumps({"format": 1, "files": {"../elsewhere": {}}})
            ),
            "names a file elsewhere",
        ),
    ],
)
def test_a_damaged_backup_is_refused_and_the_home_stays_empty(backup, tmp_path, damage, said):
    damage(backup)
    home = tmp_path / "restored"
    home.mkdir()
    done = Program(home).run("restore", backup, expect=2)
    assert said in done.stderr
    assert list(home.iterdir()) == []


@files_alone
def test_what_is_half_written_at_the_end_of_the_log_is_no_obstacle(program, backup, tmp_path):
    with next((program.home / "view-log").glob("*.views")).open("ab") as log:
        log.write(b"BVF")
    program.run("backup", tmp_path / "second")
    restored = Program(tmp_path / "restored")
    restored.run("restore", tmp_path / "second")
    assert json.loads(restored.run("recount", "--json").stdout)["differences"] == []


def test_data_in_postgresql_is_left_to_its_own_means(tmp_path):
    """Where it lies is all that matters: there is no need of a server."""
    url = "postgresql://news@127.0.0.1:1/news"
    for verb in ("backup", "restore"):
        done = Program(tmp_path / "home", DATABASE_URL=url).run(verb, tmp_path / "copy", expect=2)
        assert "pg_dump" in done.stderr
    assert not (tmp_path / "copy").exists()
