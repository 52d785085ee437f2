import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from tests.program import Program

from broadsheet.readership import intake_counts
from broadsheet.readership.intake_counts import KEPT_DAYS, IntakeCounts, read

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 1_795_132_800  # its midnight


@pytest.fixture
def counts(tmp_path):
    return IntakeCounts(tmp_path / "intake", write_after_seconds=3600)


def test_they_are_kept_by_day_and_reason(counts, tmp_path):
    for now in (NOON, NOON, NOON + timedelta(days=1)):
        counts.add("not_live", now=now)
    counts.add("too_large", now=NOON)
    assert read(tmp_path / "intake") == {}  # nothing is written a refusal
    counts.write()
    expected = {DAY: {"not_live": 2, "too_large": 1}, DAY + 86_400: {"not_live": 1}}
    assert read(tmp_path / "intake") == expected
    counts.write()  # and nothing twice
    assert read(tmp_path / "intake") == expected


def test_they_are_written_by_themselves_a_moment_later(tmp_path):
    counts = IntakeCounts(tmp_path, write_after_seconds=0.01)
    for expected in (1, 2):  # the timer is set again
        counts.add("not_live", now=NOON)
        Program.wait_until(lambda n=expected: read(tmp_path) == {DAY: {"not_live": n}}, "them")


def test_no_more_days_are_kept_than_the_desk_shows(counts, tmp_path):
    for day in range(KEPT_DAYS + 5):
        counts.add("not_live", now=NOON + timedelta(days=day))
    counts.write()
    kept = read(tmp_path / "intake")
    assert len(kept) == KEPT_DAYS
    assert min(kept) == DAY + 5 * 86_400


def test_several_processes_add_up(tmp_path):
    program = (
        "import sys, datetime, pathlib\n"
        "from broadsheet.readership.intake_counts import IntakeCounts\n"
        "counts = IntakeCounts(pathlib.Path(sys.argv[1]), write_after_seconds=3600)\n"
        "now = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)\n"
        "for _ in range(50):\n"
        "    counts.add('not_live', now=now)\n"
        "    counts.write()\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    started = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert read(tmp_path) == {DAY: {"not_live": 200}}


def test_threads_lose_none(counts, tmp_path):
    def add_and_write():
        for _ in range(200):
            counts.add("not_live", now=NOON)
            counts.write()

    threads = [threading.Thread(target=add_and_write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts.write()
    assert read(tmp_path / "intake") == {DAY: {"not_live": 800}}


def test_a_killed_process_leaves_what_it_wrote(tmp_path):
    program = (
        "import sys, datetime, pathlib, time\n"
        "from broadsheet.readership.intake_counts import IntakeCounts\n"
        "counts = IntakeCounts(pathlib.Path(sys.argv[1]), write_after_seconds=0)\n"
        "counts.add('not_live', now=datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC))\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
    Program.wait_until(lambda: read(tmp_path), "the file")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert read(tmp_path) == {DAY: {"not_live": 1}}


def test_a_full_disk_costs_no_view_and_no_count(counts, tmp_path, monkeypatch, caplog):
    real = intake_counts.write_whole

    def fail(path, *parts):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake_counts, "write_whole", fail)
    counts.add("not_live", now=NOON)
    counts.write()
    assert "No space left" in caplog.text
    monkeypatch.setattr(intake_counts, "write_whole", real)
    counts.add("not_live", now=NOON)
    counts.write()
    assert read(tmp_path / "intake") == {DAY: {"not_live": 2}}


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": {}}', '{"1": 2}', '{"1": {"a": "b"}}'])
def test_a_damaged_file_begins_anew(counts, tmp_path, caplog, text):
    (tmp_path / "intake").mkdir()
    (tmp_path / "intake" / "refusals.json").write_text(text)
    assert read(tmp_path / "intake") == {}
    assert "is damaged" in caplog.text
    counts.add("not_live", now=NOON)
    counts.write()
    assert json.loads((tmp_path / "intake" / "refusals.json").read_text())
    assert read(tmp_path / "intake") == {DAY: {"not_live": 1}}


def test_the_program_keeps_them_over_its_end(program):
    program.start()
    refused = [
        program.get("/-/read", method="POST", body=b"x" * 1025).status,
        program.get("/-/read", method="POST", body=b"nonsense").status,
        program.get("/-/read").status,
        program.read(999_999),
    ]
    assert refused == [413, 400, 405, 404]
    program.stop()
    [of_today] = read(program.home / "intake").values()
    assert of_today == {"too_large": 1, "unreadable": 1, "wrong_method": 1, "not_live": 1}
