"""What an answer from memory costs, beside the least that it can cost, and beside other servers.

    python benchmarks/read_path.py [--rounds 7] [--seconds 4] [--without wordpress] [--results FILE]

An article of 20 kB with 20 live slots, a view of it each second, is read from `broadsheet serve`
as shipped: whole, in br, conditional, by HEAD. Beside it in the same rounds: a bare RSGI
application that answers the same bytes out of a dict, nginx over a file, nginx over the public
copies, Varnish as it comes and tuned, WordPress behind fastcgi_cache. Last, how long hits take
while 2,000 unknown addresses a second come as well. CPU time a request is that of all processes
of a server; the worker's is told apart. About ten minutes; wrk shares the machine, so requests a
second say less than CPU time. Ends with 1 where a bar is missed or a peer is not installed.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from measuring.installing import PAGE, article_of, make_demo, publish_measured_page
from measuring.loading import load
from measuring.processes import command_of, cpu_seconds, tree
from measuring.reader import Connection, ask_for
from measuring.recording import MissingPeerError, Record, find_program, result_path
from measuring.repeating import Median, median_of, ratio_of
from peers.bare import start_bare
from peers.nginx import start_over_copies, start_static
from peers.running import Peer
from peers.varnish import start_varnish
from peers.wordpress import start_wordpress
from tests.program import Program, free_port

MOST_OF_BARE = 1.35
MOST_OF_FILE = 1.25
MOST_OF_FLOOD = 2.0
AIM_OF_NGINX = 0.40
HIT_RATE, FLOOD_RATE = 1000, 2000
ORDINARY_ROUNDS = 7
#: What Granian adds by itself.
ADDED = {"server", "date", "connection", "content-length"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A server and what it is asked for. `beside` are processes whose CPU time is told apart."""

    name: str
    port: int
    path: str
    process_ids: Sequence[int]
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[int] = ()
    bytes_an_answer: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of a subject; CPU in microseconds a request."""

    rate: float
    cpu: float
    beside: float
    p50_ms: float
    p99_ms: float


Group = list[tuple[str, Callable[[], Sample]]]


class WrongAnswersError(RuntimeError):
    """A server answered with something else than what is measured."""


# --- what is measured -----------------------------------------------------------------------


class Ours:
    """The program, the page on it, and a view of the page each second while readers read."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.web = next(tree(one) for one in program.children() if "web_process" in command_of(one))
        self.others = [program.process.pid, *(set(program.children()) - set(self.web))]
        self.article_id = article_of(program, PAGE)
        self.is_read = threading.Event()
        self.is_over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def subject(self, name: str, **facts: object) -> Subject:
        return Subject(name, self.program.port, PAGE, self.web, beside=self.others, **facts)

    def tag(self) -> str:
        """Return the page's tag once nobody reads and its numbers have settled."""
        self.is_read.clear()
        tags = [""]
        ends_at = time.monotonic() + 30
        while len(tags) < 9 or len(set(tags[-8:])) > 1:
            if time.monotonic() > ends_at:
                raise WrongAnswersError("The numbers of the page do not settle")
            time.sleep(0.4)
            tags.append(self.program.get(PAGE, Accept_Encoding="identity").headers["etag"])
        return tags[-1]

    def _read(self) -> None:
        number = 0
        while not self.is_over.wait(1):
            if self.is_read.is_set():
                number += 1
                agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/140"
                self.program.read(self.article_id, agent=agent)


def take_answers(ours: Ours) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Return our own answers, for the bare application to repeat byte by byte."""

    async def ask(method: str, headers: Mapping[str, str]) -> tuple:
        connection = await Connection.open(ours.program.port)
        answer = await connection.ask(PAGE, method=method, headers=headers)
        connection.close()
        kept = [pair for pair in answer.headers if pair[0] not in ADDED]
        if method == "HEAD":
            kept += [pair for pair in answer.headers if pair[0] == "content-length"]
        return answer.status, kept, answer.body

    tag = ours.tag()
    return {
        kind: asyncio.run(ask(method, headers)) for kind, (method, headers) in asked(tag).items()
    }


def asked(tag: str) -> dict[str, tuple[str, dict[str, str]]]:
    identity = {"Accept-Encoding": "identity"}
    return {
        "whole": ("GET", identity),
        "br": ("GET", {"Accept-Encoding": "gzip, deflate, br, zstd"}),
        "304": ("GET", {**identity, "If-None-Match": tag}),
        "HEAD": ("HEAD", identity),
    }


def bare_path(kind: str) -> str:
    """As long as the page's own path, so that requests are equally long."""
    return PAGE[: -len(kind)] + kind


# --- measuring ------------------------------------------------------------------------------


def measure(subject: Subject, seconds: float) -> Sample:
    before = cpu_seconds(subject.process_ids), cpu_seconds(subject.beside)
    if subject.method == "HEAD":
        began = time.perf_counter()
        asking = ask_for(
            subject.port, subject.path, method="HEAD", headers=subject.headers, seconds=seconds
        )
        requests = asyncio.run(asking)
        rate, p50, p99 = requests / (time.perf_counter() - began), 0.0, 0.0
    else:
        address = f"http://127.0.0.1:{subject.port}{subject.path}"
        seen = load(address, seconds=seconds, headers=subject.headers)
        requests, rate, p50, p99 = seen.requests, seen.rate, seen.p50_ms, seen.p99_ms
        size = seen.bytes / requests
        if seen.failed or seen.broken or not 0 <= size - subject.bytes_an_answer < 1500:
            raise WrongAnswersError(f"{subject.name}: {seen}, {size:.0f} bytes an answer")
    after = cpu_seconds(subject.process_ids), cpu_seconds(subject.beside)
    cpu, beside = (1e6 * (b - a) / requests for a, b in zip(before, after, strict=True))
    return Sample(rate, cpu, beside, p50, p99)


def measure_ours(
    ours: Ours, bare: Subject, kind: str, sizes: Mapping[str, int], seconds: float
) -> Group:
    """Return the two measurements of one kind of answer, ours and the bare one."""

    def measure_one() -> Sample:
        # A view changes the numbers, and with them the tag that a conditional request names.
        tag = ours.tag() if kind == "304" else ""
        if kind in {"whole", "br"}:
            ours.is_read.set()
        method, headers = asked(tag)[kind]
        name = f"broadsheet, {kind}"
        mine = ours.subject(name, method=method, headers=headers, bytes_an_answer=sizes[kind])
        try:
            return measure(mine, seconds)
        finally:
            ours.is_read.clear()

    return [
        (f"broadsheet, {kind}", measure_one),
        (f"bare RSGI, {kind}", lambda: measure(bare, seconds)),
    ]


def measure_copies(front: Peer, ours: Ours, seconds: float) -> tuple[str, Callable[[], Sample]]:
    """Return the measurement of nginx over the copies; the web process that keeps them counts in."""
    size = len(front.ask(Accept_Encoding="identity")[2])
    subject = Subject(
        front.name,
        front.port,
        PAGE,
        [*front.process_ids, *ours.web],
        headers=asked("")["whole"][1],
        beside=ours.others,
        bytes_an_answer=size,
    )

    def is_copy() -> bool:
        # nginx's own tag of a file: its time and size.
        headers = front.ask(Accept_Encoding="identity")[1]
        return any(name.lower() == "etag" and "-" in value for name, value in headers)

    def measure_one() -> Sample:
        ours.is_read.set()
        try:
            # A copy is kept while it is asked for; between rounds it was not.
            ours.program.wait_until(is_copy, "the copy")
            return measure(subject, seconds)
        finally:
            ours.is_read.clear()

    return subject.name, measure_one


def run_rounds(groups: Sequence[Group], rounds: int) -> dict[str, list[Sample]]:
    """Measure every subject once a round; those of one group one after the other."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    draw = random.Random(1)
    for number in range(rounds):
        for group in draw.sample(groups, len(groups)):
            for name, measure_one in draw.sample(list(group), len(group)):
                samples[name].append(measure_one())
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return samples


# --- a flood of unknown addresses -----------------------------------------------------------


def measure_flood(port: int, rounds: int, seconds: float) -> tuple[list[float], list[float]]:
    """Return the p99 of hits in milliseconds without and with the flood, round by round."""

    def start(path: str, rate: int, *flags: str) -> "subprocess.Popen[str]":
        reader = Path(__file__).parent / "measuring" / "reader.py"
        asked = [sys.executable, str(reader), str(port), path, f"--rate={rate}",
                 f"--seconds={seconds}", *flags]  # fmt: skip
        return subprocess.Popen(asked, stdout=subprocess.PIPE, text=True)

    def p99(reading: "subprocess.Popen[str]", status: str) -> float:
        told = json.loads(reading.communicate()[0])
        if set(told["statuses"]) != {status}:
            raise WrongAnswersError(f"Statuses {told['statuses']}, not {status} alone")
        return told["p99_ms"]

    quiet, flooded = [], []
    for _ in range(rounds):
        quiet.append(p99(start(PAGE, HIT_RATE), "200"))
        flood = start("/en/news/nothing-", FLOOD_RATE, "--unknown")
        flooded.append(p99(start(PAGE, HIT_RATE), "200"))
        p99(flood, "404")
    return quiet, flooded


# --- the report -----------------------------------------------------------------------------


def report(record: Record, samples: Mapping[str, list[Sample]]) -> None:
    def column(name: str, what: str) -> Median:
        return median_of([getattr(one, what) for one in samples[name]])

    record.write(f"\n{'':34}{'CPU µs a request':>22}{'requests a second':>28}{'p50 / p99 ms':>16}")
    for name in samples:
        slow = f"{column(name, 'p50_ms').value:.2f} / {column(name, 'p99_ms').value:.1f}"
        record.write(
            f"{name:34}{column(name, 'cpu').show(1):>22}{column(name, 'rate').show():>28}{slow:>16}"
        )
    ours = [f"broadsheet, {kind}" for kind in ("whole", "br")]
    record.write(
        "\nthe worker and the supervisor beside it, CPU µs a request: "
        + ", ".join(f"{name.split()[-1]} {column(name, 'beside').show(1)}" for name in ours)
    )


def compare(record: Record, samples: Mapping[str, list[Sample]]) -> None:
    def ratio(one: str, other: str, what: str) -> Median:
        return ratio_of(*([getattr(s, what) for s in samples[name]] for name in (one, other)))

    record.write()
    for kind in ("whole", "br", "304", "HEAD"):
        found = ratio(f"broadsheet, {kind}", f"bare RSGI, {kind}", "cpu")
        text = f"CPU a request, {kind}: {found.show(2)} × the bare RSGI answer"
        if kind in {"whole", "br"}:
            record.judge(f"{text} (bar {MOST_OF_BARE})", is_met=found.value <= MOST_OF_BARE)
        else:
            record.write(f"      {text}")
    found = ratio("broadsheet's copies, nginx", "nginx, a file", "cpu")
    record.judge(
        f"CPU a request over the copies: {found.show(2)} × nginx over a file (bar {MOST_OF_FILE})",
        is_met=found.value <= MOST_OF_FILE,
    )
    record.write()
    for name in samples:
        if name.startswith(("broadsheet", "bare")):
            continue
        found = ratio("broadsheet, whole", name, "rate")
        aim = f" (aim {AIM_OF_NGINX:.2f})" if name == "nginx, a file" else ""
        record.write(f"      requests a second: {found.show(2)} × {name}{aim}")


def report_flood(record: Record, quiet: Sequence[float], flooded: Sequence[float]) -> None:
    found = ratio_of(flooded, quiet)
    record.write(
        f"\n{HIT_RATE:,} hits a second: p99 {median_of(quiet).show(2)} ms; with {FLOOD_RATE:,}"
        f" unknown addresses a second beside them {median_of(flooded).show(2)} ms"
    )
    record.judge(
        f"p99 of hits in the flood: {found.show(2)} × that without (bar {MOST_OF_FLOOD})",
        is_met=found.value < MOST_OF_FLOOD,
    )


# --- peers ----------------------------------------------------------------------------------


def start_peers(
    body: bytes, directory: Path, stack: ExitStack, *, without: Sequence[str]
) -> list[list[Peer]]:
    """Start the peers, in groups that are measured one after the other."""

    def begin(peer: Peer) -> Peer:
        stack.callback(peer.stop)
        return peer.wait()

    static = begin(start_static(body, port=free_port(), directory=directory / "static"))
    varnishes = [
        begin(
            start_varnish(
                port=free_port(),
                origin=static.port,
                directory=directory / ("tuned" if is_tuned else "default"),
                is_tuned=is_tuned,
            )
        )
        for is_tuned in (False, True)
    ]
    groups = [[static], varnishes]
    if "wordpress" not in without:
        text = "<p>The council had put off the vote three times before the engineers came.</p>" * 10
        press = start_wordpress(text, port=free_port(), directory=directory / "wordpress")
        groups.append([begin(press)])
    return groups


def start_front(program: Program, directory: Path, stack: ExitStack) -> Peer:
    front = start_over_copies(
        PAGE,
        port=free_port(),
        origin=program.port,
        home=program.home,
        directory=directory / "front",
    )
    stack.callback(front.stop)
    return front.wait()


def peer_subject(peer: Peer) -> Subject:
    size = len(peer.ask(Accept_Encoding="identity")[2])
    return Subject(peer.name, peer.port, peer.path, peer.process_ids, bytes_an_answer=size)


def start_bare_peer(ours: Ours, directory: Path, stack: ExitStack) -> dict[str, Subject]:
    answers = take_answers(ours)
    port = free_port()
    told = {bare_path(kind): answer for kind, answer in answers.items()}
    peer = Peer(
        "bare RSGI", port, bare_path("whole"), [start_bare(told, port=port, directory=directory)]
    )
    stack.callback(peer.stop)
    peer.wait()
    return {
        kind: Subject(
            f"bare RSGI, {kind}",
            port,
            bare_path(kind),
            peer.process_ids,
            method=asked("")[kind][0],
            headers=asked('"as-long-as-one-of-ours-is"')[kind][1],
            bytes_an_answer=len(answer[2]),
        )
        for kind, answer in answers.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ORDINARY_ROUNDS)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--without", choices=["wordpress"], action="append", default=[])
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    try:
        find_program("wrk", package="wrk")
        record = run(options)
    except MissingPeerError as error:
        sys.exit(f"A peer cannot be measured: {error}")
    is_ordinary = options.rounds >= ORDINARY_ROUNDS and options.seconds >= 4
    record.end(options.results or (result_path("read-path") if is_ordinary else None))


def run(options: argparse.Namespace) -> Record:
    record = Record("The read path")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="read-path-")))
        program = make_demo(directory / "home")
        with program.start():
            size, slots = publish_measured_page(program)
        copied = program.copy_to(directory / "copied")
        copied.environment["BROADSHEET_PUBLIC_COPIES"] = "true"
        ours, copying = (Ours(stack.enter_context(one.start())) for one in (program, copied))
        stack.callback(ours.is_over.set)
        stack.callback(copying.is_over.set)
        bare = start_bare_peer(ours, directory, stack)
        body = program.get(PAGE, Accept_Encoding="identity").body
        peers = start_peers(body, directory, stack, without=options.without)
        record.write(
            f"a page of {size:,} bytes with {slots} live slots; {options.rounds} rounds of"
            f" {options.seconds:g} s; wrk -t1 -c64 on the same machine; medians with 95 % intervals"
        )
        record.write(
            "".join(f"without {name}\n" for name in options.without)
            + "\n".join(
                f"{p.name}: {peer_subject(p).bytes_an_answer:,} bytes" for g in peers for p in g
            )
        )
        sizes = {kind: one.bytes_an_answer for kind, one in bare.items()}
        groups = [measure_ours(ours, bare[k], k, sizes, options.seconds) for k in bare]
        for group in peers:
            subjects = [peer_subject(peer) for peer in group]
            groups.append([(s.name, lambda s=s: measure(s, options.seconds)) for s in subjects])
        front = start_front(copying.program, directory, stack)
        static = next(group for group in groups if group[0][0] == "nginx, a file")
        static.append(measure_copies(front, copying, options.seconds))
        samples = run_rounds(groups, options.rounds)
        report(record, samples)
        compare(record, samples)
        report_flood(record, *measure_flood(program.port, options.rounds, options.seconds))
    return record


if __name__ == "__main__":
    main()
