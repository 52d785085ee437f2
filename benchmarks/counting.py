"""How many views a second the log takes in, each on disk before it is acknowledged, and how fast
they are folded, beside a table in SQLite with one insert a view.

`benchmarks/counting.py [--seconds 5] [--directory DIR]` prints a table; about 20 seconds. It
refuses a file system in memory, where an fsync costs nothing.
"""

import argparse
import asyncio
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from broadsheet.readership.view_log import ViewLog
from broadsheet.readership.view_records import View

SUBMITTERS = 256
ARTICLES, READERS = 2000, 50_000


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def file_system_of(directory: Path) -> str:
    words = subprocess.run(
        ["stat", "--file-system", "--format=%T", str(directory)],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    if words in {"tmpfs", "ramfs"}:
        sys.exit(f"{directory} lies in memory ({words}): give a --directory on a disk")
    return words


def median_fsync_ms(directory: Path) -> float:
    took = []
    descriptor = os.open(directory / "probe", os.O_WRONLY | os.O_CREAT)
    for _ in range(100):
        os.write(descriptor, bytes(60))
        began = time.perf_counter()
        os.fsync(descriptor)
        took.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    return statistics.median(took)


def make_views(count: int, *, seed: int = 1) -> list[View]:
    draw = random.Random(seed)
    now = time.time_ns() // 1_000_000
    return [
        View(now + n, draw.randrange(1, ARTICLES), draw.randrange(READERS).to_bytes(16, "big"))
        for n in range(count)
    ]


async def send_views(log: ViewLog, seconds: float) -> list[float]:
    views = make_views(20_000)
    until = time.perf_counter() + seconds
    took = []

    async def submit(number: int) -> None:
        while (began := time.perf_counter()) < until:
            number = (number + SUBMITTERS) % len(views)
            await asyncio.wrap_future(log.append(views[number]))
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(submit(n) for n in range(SUBMITTERS)))
    return took


def insert_views(path: Path, seconds: float) -> list[float]:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE view (id INTEGER PRIMARY KEY, at, article, reader)")
    views = make_views(20_000)
    until = time.perf_counter() + seconds
    took = []
    while (began := time.perf_counter()) < until:
        at, article, reader = views[len(took) % len(views)][:3]
        database.execute(
            "INSERT INTO view (at, article, reader) VALUES (?,?,?)", (at, article, reader)
        )
        took.append((time.perf_counter() - began) * 1000)
    database.close()
    return took


def make_installation(directory: Path) -> None:
    """Make an empty installation in `directory`, with the tables of counts."""
    os.environ["BROADSHEET_HOME"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
    import django  # noqa: PLC0415 - the settings read the environment set above
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    quiet = {"verbosity": 0, "skip_checks": True}
    call_command("migrate", "broadsheet_readership", database="readership", **quiet)
    # Strangers are looked up in the record of articles, which has to be there, and empty.
    call_command("migrate", "broadsheet_articles", **quiet)


def fold_rate(seconds: float) -> tuple[float, float]:
    from django.conf import settings  # noqa: PLC0415 - needs the installation
    from django.utils import timezone  # noqa: PLC0415 - needs the installation

    from broadsheet.readership.counting import fold_views  # noqa: PLC0415 - needs the installation
    from broadsheet.readership.models import ArticleCount  # noqa: PLC0415 - needs the installation

    # Articles that the newsroom knows, as nearly all that are read.
    ArticleCount.objects.bulk_create(
        ArticleCount(article_id=n, edition_id=1, section_id=1, is_live=True)
        for n in range(1, ARTICLES)
    )
    log = ViewLog(settings.VIEW_LOG_DIRECTORY)
    log.append_all(make_views(400_000, seed=2))
    log.close()
    records, slowest = 0, 0.0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        step = time.perf_counter()
        folded = fold_views(now=timezone.now())
        if not folded.records:
            break
        slowest = max(slowest, time.perf_counter() - step)
        records += folded.records
    return records / spent, slowest * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--directory", type=Path, default=Path.cwd())
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="counting-", dir=options.directory))
    try:
        print(
            f"{os.cpu_count()} CPUs, Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
        )
        print(f"{file_system_of(directory)}, median fsync {median_fsync_ms(directory):.3f} ms\n")
        log = ViewLog(directory / "benchmark-log")
        ours = asyncio.run(send_views(log, options.seconds))
        log.close()
        peer = insert_views(directory / "peer.sqlite3", options.seconds)
        for name, took in (
            (f"view log, {SUBMITTERS} submitters", ours),
            ("SQLite, one insert a view", peer),
        ):
            print(
                f"{name:30}{len(took) / options.seconds:10,.0f} views/s durable"
                f"   p50 {percentile(took, 0.5):7.3f} ms   p99 {percentile(took, 0.99):7.3f} ms"
            )
        print(f"{'ratio':30}{len(ours) / len(peer):10.2f}\n")
        make_installation(directory)
        rate, slowest = fold_rate(options.seconds)
        print(f"{'fold':30}{rate:10,.0f} views/s   slowest step {slowest:.0f} ms")
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
