"""What readers see in a surge while an editor publishes every second, and what memory it takes.

    python benchmarks/surge.py [--seconds 600] [--connections 200] [--one-story] [--results FILE]

`broadsheet serve` as shipped, with the demo's newsroom. wrk asks over connections that are kept
for every front, list and article of both editions, the few much more than the many (Zipf), as
fast as the answers come; each second an editor publishes an article or an edit. Bars: no answer
fails, p99 under 50 ms, memory (PSS of all processes) at the end at most 1.1 times that after a
minute. Ends with 1 where one is missed.
"""

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from measuring.installing import make_demo
from measuring.loading import Load, check_wrk, load, weighted_script
from measuring.processes import busy_seconds, cpu_seconds, pss_bytes, tree
from measuring.recording import MissingPeerError, Record, result_path
from measuring.repeating import percentile
from tests.program import Program

MOST_P99_MS, MOST_GROWTH = 50.0, 1.1
WARM_SECONDS, LOOK_SECONDS = 60.0, 5.0
ORDINARY_SECONDS = 600
#: Requests that wrk draws from: the first page has about a seventh of them.
DRAWN = 4000
HEADERS = {"Accept-Encoding": "gzip, deflate, br, zstd"}
EDITOR = Path(__file__).parent / "measuring" / "editor.py"


def find_pages(program: Program) -> list[str]:
    """Every page that leads on from the fronts, the fronts first, then what they show, and so on."""
    found = dict.fromkeys(("/en/", "/uk/"))
    waiting = list(found)
    while waiting:
        text = program.get(waiting.pop(0)).text
        for path in re.findall(r'href="(/(?:en|uk)/[^"#]*)"', text):
            if path not in found:
                found[path] = None
                waiting.append(path)
    return list(found)


def weigh(pages: list[str]) -> dict[str, int]:
    """How often each page is asked for: by Zipf's law over a rank of its own, drawn by chance,
    the fronts first.
    """
    fronts, others = pages[:2], pages[2:]
    ranked = [*fronts, *random.Random(1).sample(others, len(others))]
    whole = sum(1 / rank for rank in range(1, len(ranked) + 1))
    return {path: max(1, round(DRAWN / rank / whole)) for rank, path in enumerate(ranked, start=1)}


class Watch:
    """Memory and CPU time of all processes of the program, looked at while it is loaded."""

    def __init__(self, program: Program) -> None:
        self.memory: list[tuple[float, int]] = []
        self._root = program.process.pid
        self._is_over = threading.Event()
        self._began = time.monotonic()
        self._cpu_before, self._busy_before = cpu_seconds(tree(self._root)), busy_seconds()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()
        self.seconds = time.monotonic() - self._began
        self.cpu = cpu_seconds(tree(self._root)) - self._cpu_before
        self.busy = busy_seconds() - self._busy_before

    def between(self, begins: float, ends: float) -> float:
        """The median of what was seen in that time, in bytes."""
        return statistics.median(
            [size for at, size in self.memory if begins <= at <= ends] or [self.memory[-1][1]]
        )

    def _look(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            self.memory.append((time.monotonic() - self._began, pss_bytes(tree(self._root))))


def surge(program: Program, weights: Mapping[str, int], options: argparse.Namespace) -> Load:
    address = f"127.0.0.1:{program.port}"
    return load(
        f"http://{address}",
        seconds=options.seconds,
        connections=options.connections,
        script=weighted_script(weights, headers=HEADERS, host=address),
    )


def publish_meanwhile(program: Program, log: Path, *flags: str) -> "subprocess.Popen[bytes]":
    asked = [sys.executable, str(EDITOR), "--each", "1", *flags]
    with log.open("wb") as file:
        return subprocess.Popen(asked, env=program.environment, stdout=file)


def publications(log: Path) -> list[float]:
    """Milliseconds of each publication so far; the last line may be half written."""
    told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()[:-1]]
    return [one["took_ms"] for one in told if "committed" in one]


def report(record: Record, seen: Load, watch: Watch, took: list[float], *, seconds: float) -> None:
    record.write(
        f"\n{seen.requests:,} answers, {seen.rate:,.0f} a second, p50 {seen.p50_ms:.1f} ms,"
        f" p99 {seen.p99_ms:.1f} ms; {seen.failed} of 400 and above, {seen.broken} broken"
    )
    record.write(
        f"{len(took)} publications beside them, each in {percentile(took, 0.5):.0f} ms at the"
        f" median, {max(took):.0f} ms at most"
    )
    record.write(
        f"CPU of the whole program {1e6 * watch.cpu / seen.requests:.1f} µs an answer,"
        f" {watch.cpu / watch.seconds:.2f} CPUs; of the whole machine"
        f" {watch.busy / watch.seconds:.2f} CPUs"
    )
    warm = min(WARM_SECONDS, seconds / 4)
    early = watch.between(warm - LOOK_SECONDS, warm + LOOK_SECONDS)
    late = watch.between(watch.seconds - 3 * LOOK_SECONDS, watch.seconds)
    record.write(
        f"memory {early / 2**20:.0f} MB after {warm:.0f} s, {late / 2**20:.0f} MB at the end\n"
    )
    record.judge("no answer failed", is_met=not seen.failed and not seen.broken)
    record.judge(
        f"p99 {seen.p99_ms:.1f} ms (bar {MOST_P99_MS:g})", is_met=seen.p99_ms < MOST_P99_MS
    )
    growth = late / early
    record.judge(
        f"memory at the end {growth:.2f} × that after {warm:.0f} s (bar {MOST_GROWTH})",
        is_met=growth <= MOST_GROWTH,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=ORDINARY_SECONDS)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--one-story", action="store_true", help="the editor's articles are one")
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    try:
        check_wrk()
    except MissingPeerError as error:
        sys.exit(f"The load cannot be made: {error}")
    record = Record("A surge")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="surge-")))
        program = stack.enter_context(make_demo(directory / "home").start())
        weights = weigh(find_pages(program))
        log = directory / "editor.log"
        flags = ["--one-story"] if options.one_story else []
        editing = publish_meanwhile(program, log, *flags)
        stack.callback(editing.wait)
        stack.callback(editing.kill)
        program.wait_until(
            lambda: log.read_bytes().count(b"committed") > 1, "the editor", within=60
        )
        record.write(
            f"{len(weights)} pages, {options.connections} connections, {options.seconds:g} s;"
            " wrk on the same machine"
            + ("; every publication is of one story" if options.one_story else "")
        )
        watch = Watch(program)
        seen = surge(program, weights, options)
        watch.stop()
        assert editing.poll() is None, "the editor ended before the surge"
        report(record, seen, watch, publications(log), seconds=options.seconds)
    is_ordinary = options.seconds >= ORDINARY_SECONDS and not options.one_story
    record.end(options.results or (result_path("surge") if is_ordinary else None))


if __name__ == "__main__":
    main()
