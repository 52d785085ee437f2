import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from tests.readership.views import CHROME

from broadsheet.readership.reader_keys import ReaderKeys, destroy_old_keys

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
HOME = ip_address("203.0.113.7")


def names(directory):
    return sorted(path.name for path in directory.iterdir())


@pytest.fixture
def keys(tmp_path):
    return ReaderKeys(tmp_path / "keys")


def test_address_and_browser_together_make_a_reader(keys):
    anna = keys.hash_reader(HOME, CHROME, now=DAY)
    assert anna == keys.hash_reader(HOME, CHROME, now=DAY + timedelta(hours=3))
    assert len(anna.today) == 16
    assert anna.yesterday is None
    others = [
        keys.hash_reader(ip_address("203.0.113.8"), CHROME, now=DAY),
        keys.hash_reader(HOME, CHROME + " ", now=DAY),
        keys.hash_reader(None, CHROME, now=DAY),
    ]
    assert len({anna, *others}) == 4


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),
    ],
)
def test_a_home_is_an_ipv4_address_or_an_ipv6_64(keys, one, other, is_same):
    hashes = [keys.hash_reader(ip_address(text), CHROME, now=DAY) for text in (one, other)]
    assert (hashes[0] == hashes[1]) is is_same


def test_the_hash_of_yesterday_is_given_until_half_past_midnight(keys):
    before = keys.hash_reader(HOME, CHROME, now=MIDNIGHT - timedelta(minutes=1))
    early = keys.hash_reader(HOME, CHROME, now=MIDNIGHT + timedelta(minutes=29))
    late = keys.hash_reader(HOME, CHROME, now=MIDNIGHT + timedelta(minutes=30))
    assert early.yesterday == before.today
    assert early.today == late.today != before.today
    assert late.yesterday is None


def test_yesterdays_key_is_asked_for_once_also_where_there_is_none(keys, monkeypatch):
    asked = []
    real = keys._read
    monkeypatch.setattr(keys, "_read", lambda day: asked.append(day) or real(day))
    for minute in range(29):
        hashes = keys.hash_reader(HOME, CHROME, now=MIDNIGHT + timedelta(minutes=minute))
        assert hashes.yesterday is None
    assert asked == [MIDNIGHT.date(), MIDNIGHT.date() - timedelta(days=1)]


def test_a_restart_and_another_process_know_the_same_reader(keys, tmp_path):
    first = keys.hash_reader(HOME, CHROME, now=DAY)
    again = ReaderKeys(tmp_path / "keys").hash_reader(HOME, CHROME, now=DAY)
    assert first == again
    early = ReaderKeys(tmp_path / "keys").hash_reader(HOME, CHROME, now=MIDNIGHT)
    assert early.yesterday == first.today


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    program = (
        "import sys, datetime, ipaddress, pathlib\n"
        "from broadsheet.readership.reader_keys import ReaderKeys\n"
        "now = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)\n"
        "keys = ReaderKeys(pathlib.Path(sys.argv[1]))\n"
        "print(keys.hash_reader(ipaddress.ip_address('192.0.2.1'), 'x', now=now).today.hex())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(5)]
    assert len({process.communicate()[0] for process in started}) == 1
    assert names(tmp_path / "keys") == ["2026-11-20.key"]


def test_a_key_made_meanwhile_by_another_process_is_taken(keys, tmp_path, monkeypatch):
    first = keys.hash_reader(HOME, CHROME, now=DAY)
    late = ReaderKeys(tmp_path / "keys")
    monkeypatch.setattr(late, "_read", lambda day: None)  # it looked before the key was there
    assert late.hash_reader(HOME, CHROME, now=DAY) == first


def test_a_key_is_for_its_owner_alone(keys, tmp_path):
    keys.hash_reader(HOME, CHROME, now=DAY)
    [path] = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_yesterdays_key_is_destroyed_at_half_past_midnight(keys, tmp_path):
    directory = tmp_path / "keys"
    assert destroy_old_keys(directory, now=DAY) == 0  # no directory yet
    keys.hash_reader(HOME, CHROME, now=DAY)
    keys.hash_reader(HOME, CHROME, now=MIDNIGHT)
    assert destroy_old_keys(directory, now=MIDNIGHT + timedelta(minutes=29, seconds=59)) == 0
    assert destroy_old_keys(directory, now=MIDNIGHT + timedelta(minutes=30)) == 1
    assert names(directory) == ["2026-11-21.key"]
    keys.hash_reader(HOME, CHROME, now=MIDNIGHT + timedelta(minutes=31))
    assert set(keys._known) == {(MIDNIGHT + timedelta(minutes=31)).date()}  # memory forgets too


def test_what_a_crash_left_of_a_key_goes_with_the_old_ones(tmp_path):
    Path(tmp_path / "abc.new").write_bytes(b"half a key")
    destroy_old_keys(tmp_path, now=datetime.now(UTC))
    assert names(tmp_path) == ["abc.new"]  # it may be in the making
    destroy_old_keys(tmp_path, now=datetime.now(UTC) + timedelta(hours=2))
    assert names(tmp_path) == []
