"""A fold of ten million views that waited, beside readers who send theirs.

make faults
FAULT_BACKLOG=1000000 python -m pytest -s tests/faults/backlog.py
"""

import json
import os
import statistics
import time

import pytest
from tests.faults.loading import Load, check_that_each_is_counted_once, find, installation_on

BACKLOG = int(os.environ.get("FAULT_BACKLOG", "10000000"))
A_FILLING = 500_000
#: Of a month, the last of them now.
HOURS = 720
ARTICLES = 2000
_FILL = """
import random, time
from django.conf import settings
from broadsheet.readership.view_log import open_view_log
from broadsheet.readership.view_records import View
draw = random.Random({first})
log = open_view_log(settings.VIEW_LOG_DIRECTORY, settings.DATABASES["views"])
step = {hours} * 3_600_000 / {backlog}
begins = time.time_ns() // 1_000_000 - {hours} * 3_600_000
for start in range({first}, {last}, 50_000):
    log.append_all([
        View(begins + int(n * step), draw.choice({ids}), draw.randbytes(16))
        for n in range(start, min(start + 50_000, {last}))
    ])
log.close()
"""
_FOLDED = """
from broadsheet.readership.models import FoldState
print(FoldState.load().sequence)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backlog_is_folded_beside_live_views(kind, tmp_path):
    with installation_on(kind, tmp_path / "home") as program:
        ids = program.publish_bridges(ARTICLES)
        for first in range(0, BACKLOG, A_FILLING):
            last = min(first + A_FILLING, BACKLOG)
            program.python(
                _FILL.format(ids=ids, first=first, last=last, hours=HOURS, backlog=BACKLOG)
            )
        program.start()
        began = time.monotonic()
        with Load(program, ids, pause=0.05) as load:
            while (folded := int(program.python(_FOLDED))) < BACKLOG:
                assert time.monotonic() - began < 3600, f"{folded:,} of {BACKLOG:,} folded"
                time.sleep(5)
            seconds = time.monotonic() - began
        found = {}

        def is_folded():
            found.update(find(program))
            return found["folded"] == sum(found["log"].values())

        program.wait_until(is_folded, "the last views", within=600)
        program.stop()
        p99 = statistics.quantiles(load.took, n=100)[-1] * 1000
        print(  # noqa: T201 - what `-s` shows
            f"\n{kind}: {BACKLOG:,} views folded within {seconds:.0f} s of the start, beside"
            f" {len(load.acknowledged):,} that came in; their answers: median"
            f" {statistics.median(load.took) * 1000:.1f} ms, p99 {p99:.1f} ms"
        )
        check_that_each_is_counted_once(load, found, others=BACKLOG)
        differences = json.loads(program.run("recount", "--json").stdout)["differences"]
        assert differences == []
