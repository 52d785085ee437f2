"""Readers who send views, and installations whose log holds as many as one likes."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from measuring.recording import ROOT

sys.path.insert(0, str(ROOT))

from tests.program import Program, make_installation

#: Browsers of different versions; readers are told apart by their networks as well.
BROWSERS = 2000
_FILL = """
import random, time
from django.conf import settings
from broadsheet.readership.view_log import ViewLog
from broadsheet.readership.view_records import View
ids, count, hours = {ids}, {count}, {hours}
draw, log = random.Random({seed}), ViewLog(settings.VIEW_LOG_DIRECTORY)
begins = time.time_ns() // 1_000_000 - int((hours + {hours_ago}) * 3_600_000)
step = hours * 3_600_000 / count
for start in range(0, count, 100_000):
    log.append_all([
        View(begins + int(n * step), ids[int(len(ids) * draw.random() ** 4)], draw.randbytes(16),
             network=draw.randbytes(8))
        for n in range(start, min(count, start + 100_000))
    ])
log.close()
"""
_FOLD = """
import json, time
from django.utils import timezone
from broadsheet.readership.counting import fold_views
records, steps, began = 0, [], time.perf_counter()
while records < {most}:
    step = time.perf_counter()
    folded = fold_views(now=timezone.now())
    if not folded.records:
        break
    steps.append(time.perf_counter() - step)
    records += folded.records
print(json.dumps([records, time.perf_counter() - began, max(steps, default=0)]))
"""
_READ_NUMBERS = """
import time
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from broadsheet.readership.publishing_numbers import publish_numbers
from broadsheet.readership.snapshot import SnapshotReader
publish_numbers(now=timezone.now())
reader, ids = SnapshotReader(Path(settings.NUMBERS_DIRECTORY)), {ids}[:20]
began = time.perf_counter()
for _ in range(20_000):
    snapshot = reader()
    for one in ids:
        snapshot[one]
print((time.perf_counter() - began) / 20_000 / len(ids))
"""


def make_newsroom(home: Path, *, articles: int) -> tuple[Program, list[int]]:
    """Return a program whose articles are live and placed, and their ids.

    Readers come through a proxy, so that each has a network of its own. What an import of so many
    articles leaves the worker to do, it has done.
    """
    program = make_installation(home, TRUSTED_PROXIES="127.0.0.1", VIEWS_A_MINUTE=1_000_000)
    ids = program.publish_bridges(articles)
    with program.start():
        waiting = "SELECT count(*) FROM broadsheet_outbox_fact WHERE delivered_at IS NULL"
        program.wait_until(lambda: not program.ask(waiting), "all facts", within=600)
    return program, ids


def fill_log(
    program: Program,
    ids: Sequence[int],
    *,
    views: int,
    hours: float,
    seed: int,
    hours_ago: float = 0.0,
) -> None:
    """Append views of so many hours, which end `hours_ago`, each by another reader.

    As of `views_script`, half of them are of a sixteenth of the articles.
    """
    code = _FILL.format(ids=list(ids), count=views, hours=hours, hours_ago=hours_ago, seed=seed)
    _run(program, code)


def fold(program: Program, *, most: int) -> tuple[int, float, float]:
    """Fold in a process of its own; return views, seconds, and the longest step in seconds."""
    views, seconds, longest = json.loads(_run(program, _FOLD.format(most=most)))
    return views, seconds, longest


def seconds_a_number(program: Program, ids: Sequence[int]) -> float:
    """Return how long a page takes to read one count out of the snapshot."""
    return float(_run(program, _READ_NUMBERS.format(ids=list(ids))))


def _run(program: Program, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env=program.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout


def views_script(ids: Sequence[int], *, first: int) -> str:
    """Return Lua by which wrk posts views, no two by one reader; `first` sets runs apart.

    Half of them are of a sixteenth of the articles, as on a day of news.
    """
    return f"""
local ids, n = {{{",".join(map(str, ids))}}}, {first}
request = function()
  n = n + 1
  local body = '{{"article":' .. ids[math.floor(#ids * math.random() ^ 4) + 1] .. '}}'
  return 'POST /-/read HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nContent-Type: application/json\\r\\n'
    .. 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:' .. n % {BROWSERS}
    .. '.0) Gecko/20100101 Firefox/140.0\\r\\nX-Forwarded-For: '
    .. math.floor(n / 16777216) % 100 + 11 .. '.' .. math.floor(n / 65536) % 256 .. '.'
    .. math.floor(n / 256) % 256 .. '.' .. n % 256
    .. '\\r\\nContent-Length: ' .. #body .. '\\r\\n\\r\\n' .. body
end
"""


def file_system_of(directory: Path) -> str:
    """Return the kind of the file system. Ends the program where it lies in memory."""
    found = subprocess.run(
        ["stat", "--file-system", "--format=%T", str(directory)],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    if found in {"tmpfs", "ramfs"}:
        sys.exit(f"{directory} lies in memory ({found}): give a --directory on a disk")
    return found


def median_fsync_ms(directory: Path) -> float:
    """Return how long it takes to bring 60 more bytes of a file to disk."""
    took = []
    descriptor = os.open(directory / "probe", os.O_WRONLY | os.O_CREAT)
    for _ in range(200):
        os.write(descriptor, bytes(60))
        began = time.perf_counter()
        os.fsync(descriptor)
        took.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    return statistics.median(took)
