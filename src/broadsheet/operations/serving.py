"""`broadsheet serve`: the web server and the worker, supervised as one program.

Both are processes of their own. One that ends is started again; a signal to stop ends the web
server first and then the worker, so that what was taken in last is still counted. If the
supervisor itself is killed, both end too: each holds the other end of a pipe.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.utils import timezone

from broadsheet.pagestore.public_copies import PublicCopies
from broadsheet.readership.networks import read_networks
from broadsheet.readership.publishing_numbers import publish_numbers
from broadsheet.web.stored import drop_pages_of_another_program, public_copies

from .working import is_worker_running

logger = logging.getLogger(__name__)

WATCH_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
#: A process that ran this long before it ended starts again at once.
STEADY_SECONDS = 30.0
STOP_SECONDS = {"web server": 15.0, "worker": 25.0}
READY_SECONDS = 60.0
INTERRUPTED = 130


class BadAddressError(ValueError):
    """`--bind` names no address, or one that cannot be listened at."""


@dataclass(slots=True)
class Child:
    """A process that is kept running. `command` is given to Popen; its stdin stays open."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start_at: float = 0.0
    failures: int = field(default=0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        # A session of its own: Ctrl-C in a terminal goes to the supervisor alone.
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            self.command, stdin=subprocess.PIPE, start_new_session=True
        )

    def watch(self) -> None:
        """Start it again where it has ended, with a pause that grows while it keeps failing."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.process = None
            ran = now - self.started_at
            self.failures = 0 if ran >= STEADY_SECONDS else self.failures + 1
            pause = min(FIRST_PAUSE_SECONDS * 2.0**self.failures, LONGEST_PAUSE_SECONDS)
            self.next_start_at = now + (pause if self.failures else 0.0)
            logger.error("the %s ended (%s); it is started again", self.name, _how(code))
        if now >= self.next_start_at:
            self.start()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS[self.name])
        except subprocess.TimeoutExpired:
            logger.error("the %s did not end in time and was killed", self.name)  # noqa: TRY400 - no stack says more
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        logger.info("the %s has ended", self.name)


def serve(bind: str, *, processes: int | None = None) -> int:
    """Serve the installation at `bind`, such as `127.0.0.1:8000`, until told to stop.

    Returns the exit code: 0 after SIGTERM, 130 after Ctrl-C. Raises `BadAddressError`,
    `BadFileError` for a bad file of networks, and `working.WorkerRunsError` where this
    installation is served already.
    """
    host, port = parse_bind(bind)
    _check_free(host, port)
    if settings.DATACENTRE_NETWORKS:
        read_networks(settings.DATACENTRE_NETWORKS)
    told: list[int] = []
    stopping = threading.Event()

    def stop(number: int, _frame: object) -> None:
        told.append(number)
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    children = _children(host, port, processes or settings.WEB_PROCESSES)
    copies = public_copies()
    try:
        copies.withdraw_all()  # whoever wrote them is gone
        # What was imported since the worker last ran stands on the first page that is sent.
        publish_numbers(now=timezone.now())
        if drop_pages_of_another_program():
            logger.info("stored pages are of another program or setting: they are pressed anew")
        for child in children:
            child.start()
        threading.Thread(target=_tell_when_ready, args=(host, port, stopping), daemon=True).start()
        threading.Thread(target=_watch_copies, args=(copies, stopping), daemon=True).start()
        while not stopping.wait(WATCH_SECONDS):
            for child in children:
                child.watch()
        logger.info("stopping: the web server first, then the worker")
    finally:
        for child in children:
            child.stop()
        copies.withdraw_all()
        for number, handler in before.items():
            signal.signal(number, handler)
    return INTERRUPTED if told and told[0] == signal.SIGINT else 0


def _watch_copies(copies: PublicCopies, stopping: threading.Event) -> None:
    """Withdraw the public copies of web processes that hang or were stopped."""
    while not stopping.wait(1.0):
        try:
            copies.withdraw_silent(now=time.time())
        except OSError as error:
            logger.error("public copies cannot be withdrawn: %s", error)  # noqa: TRY400 - no stack says more


def add_bind_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--bind",
        default="127.0.0.1:8000",
        metavar="ADDRESS:PORT",
        help="where to listen (default: %(default)s)",
    )


def parse_bind(bind: str) -> tuple[str, int]:
    """Return host and port of `127.0.0.1:8000` or `[::1]:8000`. Raises `BadAddressError`."""
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 - ports
        raise BadAddressError(f"--bind takes an address and a port, 127.0.0.1:8000, not {bind!r}")
    return host.strip("[]"), int(port)


def _check_free(host: str, port: int) -> None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise BadAddressError(
            f"cannot listen at {host}:{port}: {error.strerror or error}; choose another with --bind"
        ) from None


def _children(host: str, port: int, processes: int) -> list[Child]:
    """The web server and the worker, in the order in which they are stopped."""
    if is_worker_running(settings.HOME):
        logger.info("a worker works on this installation already: only the web server is started")
        workers = []
    else:
        program = [sys.executable, "-m", "broadsheet.project.cli", "worker", "--supervised"]
        workers = [Child("worker", program)]
    web = [sys.executable, "-m", "broadsheet.operations.web_process"]
    web += ["--host", host, "--port", str(port), "--processes", str(processes)]
    return [Child("web server", web), *workers]


def _tell_when_ready(host: str, port: int, stopping: threading.Event) -> None:
    """Say when the first answer came; whoever started the program waits for that line."""
    shown = f"[{host}]" if ":" in host else host
    reach = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, shown)  # noqa: S104 - only compared
    opener = build_opener(ProxyHandler({}))
    began = time.monotonic()
    while not stopping.wait(0.1) and time.monotonic() - began < READY_SECONDS:
        try:
            with opener.open(f"http://{reach}:{port}/-/ready", timeout=5):
                break
        except (URLError, OSError):
            continue
    else:
        if not stopping.is_set():
            logger.error("no answer from the web server within %d seconds", READY_SECONDS)
        return
    logger.info(
        "serving http://%s:%d after %.1f s (the desk: /desk/)",
        reach,
        port,
        time.monotonic() - began,
    )


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
