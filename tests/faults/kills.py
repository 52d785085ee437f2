"""`kill -9` of the web server, the worker and the whole program at random moments under load.

    make faults                       200 kills on SQLite, 200 on PostgreSQL; an hour
    FAULT_KILLS=20 FAULT_SEED=7 python -m pytest tests/faults/kills.py

Every view is of a reader of its own, and names a site of its own as where it came from: so each is
found again in the log and in the counts.
"""

import json
import os
import random
import signal
import time
from contextlib import suppress

import pytest
from tests.faults.loading import Load, check_that_each_is_counted_once, find, installation_on
from tests.program import children_of

KILLS = int(os.environ.get("FAULT_KILLS", "200"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
#: Kills of parts before the whole program is killed: one that keeps dying is started ever later.
KILLS_A_START = 4


@pytest.fixture(params=["sqlite", "postgresql"])
def program(request, tmp_path):
    with installation_on(request.param, tmp_path / "home") as program:
        yield program


def kill_a_part(program, draw):
    """Kill the web server, one of its own processes or the worker, whichever chance takes."""
    parts = program.children()
    if parts:
        with suppress(ProcessLookupError):
            os.kill(draw.choice(parts), signal.SIGKILL)


def kill_all(program):
    everything = [program.process.pid, *children_of(program.process.pid)]
    for one in everything:
        os.kill(one, signal.SIGSTOP)  # so that none mourns for another
    for one in everything:
        os.kill(one, signal.SIGKILL)
    program.process.wait()
    program.process = None


def test_every_acknowledged_view_is_counted_once(program):
    draw = random.Random(SEED)
    article_ids = program.publish_bridges()
    program.start()
    kills = 0
    with Load(program, article_ids) as load:
        while kills < KILLS:
            taken = len(load.acknowledged)
            program.wait_until(lambda was=taken: len(load.acknowledged) > was, "views", within=120)
            for _ in range(draw.randint(1, KILLS_A_START)):
                time.sleep(draw.random() * 1.5)
                kill_a_part(program, draw)
                kills += 1
            time.sleep(draw.random())
            kill_all(program)
            kills += 1
            program.start(ready_within=120)
        taken = len(load.acknowledged)
        program.wait_until(lambda: len(load.acknowledged) > taken + 100, "views", within=120)

    found = {}

    def is_folded():
        found.update(find(program))
        return found["folded"] == sum(found["log"].values())

    program.wait_until(is_folded, "the fold", within=300)
    program.stop()
    print(  # noqa: T201 - what `-s` shows
        f"\n{kills} kills, {len(load.sent)} views sent, {len(load.acknowledged)} acknowledged,"
        f" {sum(found['log'].values())} in the log"
    )
    check_that_each_is_counted_once(load, found)
    assert set(found["buckets"].values()) == {found["counted"]}
    assert json.loads(program.run("recount", "--json").stdout)["differences"] == []
