"""What a view costs on its way in and into the counts, beside counters that are set anew.

    python benchmarks/counting.py [--rounds 7] [--seconds 5] [--old-views 10000000]
                                  [--directory DIR] [--results FILE]

Views are posted to `broadsheet serve` as shipped, each by another reader, on 2,000 live articles:
beside what its worker folds meanwhile, and while it folds a backlog. In the same rounds the same
HTTP door before Redis INCR with `appendfsync always` and `everysec`, and before UPDATE … SET
views = views + 1 in SQLite. Then how fast views are folded, what a number costs a page, and whether
anything grows with the log: a site with 100,000 views in it beside one with ten million. wrk
shares the machine. Refuses a file system in memory, where an fsync costs nothing. About 25
minutes, of which filling the old log takes half. Ends with 1 where a bar is missed.
"""

import argparse
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from measuring.loading import check_wrk, load
from measuring.recording import MissingPeerError, Record, find_program, result_path
from measuring.repeating import Median, median_of, ratio_of
from measuring.viewing import (
    file_system_of,
    fill_log,
    fold,
    make_newsroom,
    median_fsync_ms,
    seconds_a_number,
    views_script,
)
from peers.counting_updates import make_table, start_door
from peers.redis import start_redis
from peers.running import Peer
from tests.program import Program, free_port

LEAST_RATE = 5000
MOST_P99_MS = 50
LEAST_FOLD_RATE = 50_000
MOST_SECONDS_A_NUMBER = 1e-6
MOST_GROWTH = 1.5
ARTICLES = 2000
CONNECTIONS = 64
YOUNG_VIEWS, OLD_VIEWS = 100_000, 10_000_000
#: A day's views of a busy site, and a month's.
YOUNG_HOURS, OLD_HOURS = 24.0, 720.0
FOLDED_A_ROUND = 200_000
#: What the views of a round are spread over: a site of 24 million views a day, on which a million
#: windows of readers are open.
HOURS_A_ROUND = 0.2
#: Rounds until as many windows are open as stay so.
OPENING_ROUNDS = 5
#: More than are folded while one round lasts.
BACKLOG = 1_500_000
ORDINARY_ROUNDS, ORDINARY_SECONDS = 7, 5.0

OURS, BUSY = "broadsheet", "broadsheet, folding a backlog"
OLD = "broadsheet, old log"
ALWAYS, EVERYSEC, UPDATE = "Redis INCR, always", "Redis INCR, everysec", "SQLite UPDATE"


@dataclass(frozen=True, slots=True)
class Sample:
    rate: float
    p50_ms: float
    p99_ms: float


class WrongAnswersError(RuntimeError):
    """A door answered with something else than 204."""


class Doors:
    """Posts views to a port, and never twice by one reader."""

    def __init__(self, ids: Sequence[int], seconds: float) -> None:
        self._ids, self._seconds = ids, seconds
        self._runs = count()

    def measure(self, port: int) -> Sample:
        script = views_script(self._ids, first=next(self._runs) * 5_000_000)
        address = f"http://127.0.0.1:{port}/-/read"
        seen = load(address, seconds=self._seconds, connections=CONNECTIONS, script=script)
        if seen.failed or seen.broken or not seen.requests:
            raise WrongAnswersError(f"Port {port}: {seen}")
        return Sample(seen.rate, seen.p50_ms, seen.p99_ms)


# --- measuring ------------------------------------------------------------------------------


def measure_served(program: Program, doors: Doors, *, backlog: Callable[[], None]) -> Sample:
    """Measure a program that was started for it, so that no worker of another is at work."""
    backlog()
    with program.start():
        doors.measure(program.port)  # what a site does once is done before it is measured
        return doors.measure(program.port)


def start_peers(ids: Sequence[int], directory: Path, stack: ExitStack) -> dict[str, int]:
    """Start the peers; return the port of each door."""
    ports = {}
    for name, setting in ((ALWAYS, "always"), (EVERYSEC, "everysec")):
        store, port = free_port(), free_port()
        redis = start_redis(port=store, directory=directory / setting, appendfsync=setting)
        peer = Peer(name, port, "/", [redis, start_door("redis", port=port, store=store)])
        stack.callback(peer.stop)
        ports[name] = peer.wait().port
    make_table(directory / "peer.sqlite3", list(ids))
    port = free_port()
    door = start_door("sqlite", port=port, store=directory / "peer.sqlite3")
    peer = Peer(UPDATE, port, "/", [door])
    stack.callback(peer.stop)
    ports[UPDATE] = peer.wait().port
    return ports


def run_rounds(
    subjects: Mapping[str, Callable[[], Sample]], rounds: int
) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = defaultdict(list)
    draw = random.Random(1)
    for number in range(rounds):
        for name in draw.sample(list(subjects), len(subjects)):
            samples[name].append(subjects[name]())
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return samples


def measure_folds(
    sites: Mapping[str, Program], ids: Sequence[int], rounds: int
) -> tuple[dict[str, list[float]], float]:
    """Return views a second by site, round by round, and the longest step of all in seconds.

    The views of a round follow on those of the one before, as on a clock, up to now.
    """
    rates: dict[str, list[float]] = defaultdict(list)
    longest = 0.0
    for number in range(-OPENING_ROUNDS, rounds):
        for name, program in sites.items():
            hours_ago = (rounds - number - 1) * HOURS_A_ROUND
            fill_log(
                program, ids, views=FOLDED_A_ROUND, hours=HOURS_A_ROUND, hours_ago=hours_ago,
                seed=1000 + number,
            )  # fmt: skip
            views, seconds, step = fold(program, most=sys.maxsize)
            if number >= 0:
                rates[name].append(views / seconds)
                longest = max(longest, step)
        print(f"fold, round {number + 1} of {rounds}", file=sys.stderr)
    return rates, longest


# --- the report -----------------------------------------------------------------------------


def report(record: Record, samples: Mapping[str, list[Sample]]) -> None:
    def column(name: str, what: str) -> Median:
        return median_of([getattr(one, what) for one in samples[name]])

    record.write(f"\n{'':32}{'views a second':>26}{'p50 ms':>10}{'p99 ms':>22}")
    for name in samples:
        rate, p99 = column(name, "rate").show(), column(name, "p99_ms").show(1)
        record.write(f"{name:32}{rate:>26}{column(name, 'p50_ms').value:>10.1f}{p99:>22}")
    record.write()
    for name in (OURS, BUSY):
        rate, p99 = column(name, "rate"), column(name, "p99_ms")
        record.judge(
            f"{name}: {rate.show()} durable views a second (bar {LEAST_RATE:,})",
            is_met=rate.value >= LEAST_RATE,
        )
        record.judge(
            f"{name}: p99 {p99.show(1)} ms (bar {MOST_P99_MS})", is_met=p99.value < MOST_P99_MS
        )
    record.write()
    ours = [one.rate for one in samples[OURS]]
    for name in (ALWAYS, EVERYSEC, UPDATE):
        found = ratio_of(ours, [one.rate for one in samples[name]])
        record.write(f"      views a second: {found.show(2)} × {name}")


def report_growth(
    record: Record,
    samples: Mapping[str, list[Sample]],
    rates: Mapping[str, list[float]],
    *,
    longest: float,
    old_views: int,
) -> None:
    young, old = rates[OURS], rates[OLD]
    record.write()
    record.judge(
        f"fold: {median_of(young).show()} views a second (bar {LEAST_FOLD_RATE:,})",
        is_met=median_of(young).value >= LEAST_FOLD_RATE,
    )
    record.write(f"      fold: longest step {longest * 1000:.0f} ms")
    intake = [[one.rate for one in samples[name]] for name in (OURS, OLD)]
    for what, found in (("intake", ratio_of(*intake)), ("fold", ratio_of(young, old))):
        record.judge(
            f"{what}, a view with {old_views:,} views in the log: {found.show(2)} × that with"
            f" {YOUNG_VIEWS:,} (bar {MOST_GROWTH})",
            is_met=found.value < MOST_GROWTH,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ORDINARY_ROUNDS)
    parser.add_argument("--seconds", type=float, default=ORDINARY_SECONDS)
    parser.add_argument("--old-views", type=int, default=OLD_VIEWS)
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    try:
        check_wrk()
        find_program("redis-server", package="redis-server")
        record = run(options)
    except MissingPeerError as error:
        sys.exit(f"A peer cannot be measured: {error}")
    is_ordinary = (
        options.rounds >= ORDINARY_ROUNDS
        and options.seconds >= ORDINARY_SECONDS
        and options.old_views >= OLD_VIEWS
    )
    record.end(options.results or (result_path("counting") if is_ordinary else None))


def run(options: argparse.Namespace) -> Record:
    record = Record("Counting")
    with ExitStack() as stack:
        named = tempfile.TemporaryDirectory(prefix="counting-", dir=options.directory)
        directory = Path(stack.enter_context(named))
        record.write(
            f"{file_system_of(directory)}, median fsync {median_fsync_ms(directory):.3f} ms;"
            f" {options.rounds} rounds of {options.seconds:g} s; wrk -t1 -c{CONNECTIONS} on the same"
            " machine; medians with 95 % intervals"
        )
        young, ids = make_newsroom(directory / "home", articles=ARTICLES)
        old, busy = (young.copy_to(directory / name) for name in ("old", "busy"))
        hours_ago = (OPENING_ROUNDS + options.rounds) * HOURS_A_ROUND
        for site, views, hours in (
            (young, YOUNG_VIEWS, YOUNG_HOURS),
            (busy, YOUNG_VIEWS, YOUNG_HOURS),
            (old, options.old_views, OLD_HOURS),
        ):
            fill_log(site, ids, views=views, hours=hours, hours_ago=hours_ago, seed=views)
            fold(site, most=sys.maxsize)
        rates, longest = measure_folds({OURS: young, OLD: old}, ids, options.rounds)
        doors = Doors(ids, options.seconds)
        ports = start_peers(ids, directory, stack)
        seeds = count(1)

        def add_backlog() -> None:
            fill_log(busy, ids, views=BACKLOG, hours=0.2, seed=next(seeds))

        subjects: dict[str, Callable[[], Sample]] = {
            OURS: partial(measure_served, young, doors, backlog=lambda: None),
            OLD: partial(measure_served, old, doors, backlog=lambda: None),
            BUSY: partial(measure_served, busy, doors, backlog=add_backlog),
            **{name: partial(doors.measure, port) for name, port in ports.items()},
        }
        samples = run_rounds(subjects, options.rounds)
        report(record, samples)
        report_growth(record, samples, rates, longest=longest, old_views=options.old_views)
        number = seconds_a_number(young, ids)
        record.judge(
            f"a number out of the snapshot: {number * 1e9:.0f} ns (bar 1,000)",
            is_met=number < MOST_SECONDS_A_NUMBER,
        )
    return record


if __name__ == "__main__":
    main()
