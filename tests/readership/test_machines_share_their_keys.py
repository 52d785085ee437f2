import signal
from datetime import UTC, datetime, timedelta
from importlib import import_module
from ipaddress import ip_address

import pytest
from tests.postgres import Server

from broadsheet.project.databases import databases_at
from broadsheet.readership.shared_keys import (
    KeysUnreachableError,
    SharedReaderKeys,
    destroy_old_shared_keys,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PAST_MIDNIGHT = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
MORNING = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
READER = (ip_address("192.0.2.7"), "A browser")
TABLES = import_module("broadsheet.readership.migrations.0006_log_in_postgresql")


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        server.create("news")
        with server.connect("news") as made:
            made.execute("CREATE SCHEMA views")
            made.execute("SET search_path = views")
            made.execute(TABLES.KEYS)
        yield server


@pytest.fixture
def machine(server, tmp_path):
    """`machine("one")`: the keys of a machine with a directory of that name."""
    database = databases_at(server.url("news"))["views"]
    yield lambda name: SharedReaderKeys(tmp_path / name, database)
    forget(server)


def forget(server):
    """As a crash of the server leaves an unlogged table."""
    with server.connect("news") as session:
        session.execute("TRUNCATE views.broadsheet_readership_viewkey")


def test_a_reader_is_the_same_on_every_machine(machine):
    hashes = {machine(name).hash_reader(*READER, now=NOON).today for name in ("one", "other")}
    assert len(hashes) == 1


def test_a_machine_that_comes_after_midnight_knows_yesterdays_key(machine):
    before = machine("one").hash_reader(*READER, now=NOON)
    assert machine("new").hash_reader(*READER, now=PAST_MIDNIGHT).yesterday == before.today


def test_a_crash_of_the_server_changes_no_key(machine, server):
    one = machine("one")
    before = one.hash_reader(*READER, now=NOON)
    forget(server)
    one.share(now=NOON)
    assert machine("other").hash_reader(*READER, now=NOON) == before


def test_a_machine_that_made_a_key_of_its_own_takes_that_of_the_others(machine, server):
    machine("stray").hash_reader(*READER, now=NOON)
    forget(server)
    agreed = machine("one").hash_reader(*READER, now=NOON)
    assert machine("stray").hash_reader(*READER, now=NOON) == agreed


def test_nothing_of_a_key_is_left_in_the_server(machine, server, tmp_path):
    machine("one").hash_reader(*READER, now=NOON)
    [path] = (tmp_path / "one").glob("*.key")
    key = path.read_bytes()
    write_out(server)
    assert places_of(key, server)  # the search finds what is there
    assert not [place for place in places_of(key, server) if "pg_wal" in place]
    database = databases_at(server.url("news"))["views"]
    machine("one").share(now=MORNING - timedelta(minutes=1))
    destroy_old_shared_keys(tmp_path / "one", database, now=MORNING - timedelta(minutes=1))
    assert path.exists()
    destroy_old_shared_keys(tmp_path / "one", database, now=MORNING)
    assert not path.exists()
    write_out(server)
    assert places_of(key, server) == []


def test_without_the_server_no_reader_is_hashed_by_a_key_of_ones_own(tmp_path):
    database = databases_at("postgresql://127.0.0.1:1/news")["views"]
    with pytest.raises(KeysUnreachableError):
        SharedReaderKeys(tmp_path, database).hash_reader(*READER, now=NOON)
    assert not list(tmp_path.iterdir())


def write_out(server):
    """Have it write to its files what it holds in memory: of such a table only at its end."""
    server.stop(signal.SIGINT)
    server.start()


def places_of(key, server):
    files = (path for path in (server.directory / "data").rglob("*") if path.is_file())
    return [str(path) for path in files if key in path.read_bytes()]
