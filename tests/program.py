"""The shipped program on an installation of its own, for journeys and benchmarks."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: Whether the tests run on PostgreSQL: tests/home.py says where it is.
ON_POSTGRESQL = os.environ.get("BROADSHEET_TEST_DATABASE") == "postgresql"
_PROGRAM = [sys.executable, "-m", "broadsheet.project.cli"]
_PUBLISH_BRIDGES = """
from django.utils import timezone
from broadsheet.articles.models import Article, Edition, SectionName
from broadsheet.articles.publishing import publish_imported
edition = Edition.objects.get(locale__language_code="en")
section = SectionName.objects.get(edition=edition, slug="news").owner
articles = [
    Article(locale=edition.locale, section=section, headline=f"Bridge {{n}} opens",
            slug=f"bridge-{{n}}", first_published_at=timezone.now())
    for n in range({count})
]
publish_imported(articles, now=timezone.now())
print(*(article.pk for article in articles))
"""
_OPENER = build_opener(ProxyHandler({}))


def make_installation(home, **options):
    """Set up an installation in `home` as `broadsheet init` does, and return its program."""
    program = Program(home, **options)
    program.run("init")
    return program


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Program:
    """`broadsheet` with BROADSHEET_HOME set to `home`; other settings by name."""

    def __init__(self, home, **options):
        self.home = Path(home)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")
        }
        self.environment |= {"BROADSHEET_HOME": str(home)}
        self.environment |= {f"BROADSHEET_{name}": str(value) for name, value in options.items()}
        self.environment["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
        self._database = None
        if ON_POSTGRESQL and "DATABASE_URL" not in options:
            self._have_database()
        self.port = self.process = None

    def copy_to(self, home):
        shutil.copytree(self.home, home)
        copy = Program(home, DATABASE_URL="")
        copy.environment = {**self.environment, "BROADSHEET_HOME": str(home)}
        if self._database:
            copy._have_database(like=self._database)
        return copy

    def _have_database(self, *, like=None):
        """Use the database of the home in the server of all tests; make it where it is missing."""
        from tests.postgres import create_database  # its library is an extra

        name = hashlib.sha256(str(self.home).encode()).hexdigest()[:16]
        server = os.environ["BROADSHEET_TEST_SERVER"]
        self._database = create_database(f"{server}program-{name}", like=like)
        self.environment["BROADSHEET_DATABASE_URL"] = self._database

    def run(self, *arguments, expect=0, stdin=""):
        """Run a verb to its end; return the finished process, which had to end with `expect`."""
        done = subprocess.run(
            [*_PROGRAM, *map(str, arguments)], check=False,
            env=self.environment, capture_output=True, text=True, input=stdin, timeout=300,
        )  # fmt: skip
        assert done.returncode == expect, f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def python(self, code):
        """Run Python inside the installation, Django set up; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"], check=False,
            env=self.environment, capture_output=True, text=True, timeout=300, cwd=_root(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, statement):
        """Return the one value that a statement finds in the content."""
        if self._database:
            from tests.postgres import select_one  # its library is an extra

            return select_one(self._database, statement)
        with contextlib.closing(sqlite3.connect(self.home / "content.sqlite3")) as database:
            return database.execute(statement).fetchone()[0]

    def lose_content(self):
        """Take away the database of the content, as where the home was copied in part."""
        if self._database:
            from tests.postgres import drop_database  # as above

            drop_database(self._database)
            self._have_database()
        for name in ("content.sqlite3", "content.sqlite3-wal", "content.sqlite3-shm"):
            (self.home / name).unlink(missing_ok=True)

    def publish_bridges(self, count=3):
        """Import articles, `/en/news/bridge-0` and so on; return their ids."""
        return [int(pk) for pk in self.python(_PUBLISH_BRIDGES.format(count=count)).split()]

    def start(self, *arguments, ready_within=60):
        """Start `serve` on a free port and wait for its first answer."""
        self.port = free_port()
        self.log_path = self.home / "serve.log"
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*_PROGRAM, "serve", "--bind", f"127.0.0.1:{self.port}", *map(str, arguments)],
                env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.wait_until(self._is_ready, "the first answer", within=ready_within)
        return self

    @contextlib.contextmanager
    def web_alone(self):
        """Run the web server without its supervisor, and without a worker."""
        self.port = free_port()
        command = [sys.executable, "-m", "broadsheet.operations.web_process"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--processes", "1"]
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        try:
            self.wait_until(self._answers, "an answer")
            yield
        finally:
            process.communicate(timeout=60)  # it ends when its standard input closes

    def _answers(self):
        try:
            self.get("/-/numbers", timeout=5)
        except OSError:
            return False
        return True

    def _is_ready(self):
        assert self.process.poll() is None, self.log
        try:
            return self.get("/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGTERM):
        """End `serve` as a person would; return its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop()
        if self._database:
            from tests.postgres import drop_database  # as above

            drop_database(self._database)

    @property
    def log(self):
        return self.log_path.read_text()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def get(self, path, *, method="GET", body=None, timeout=30, **headers):
        named = {"User-Agent": BROWSER}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(self.address + path, data=body, method=method, headers=named)
        try:
            with _OPENER.open(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def read(self, article_id, *, agent=BROWSER):
        """Send a view as a page does."""
        body = json.dumps({"article": article_id}).encode()
        return self.get("/-/read", method="POST", body=body, User_Agent=agent).status

    def views_of(self, article_id):
        counts = self.get(f"/-/numbers?ids={article_id}").json["counts"]
        return counts[str(article_id)]["views"]

    def article_at(self, path):
        return int(re.search(r'data-article="(\d+)" data-main', self.get(path).text)[1])

    def children(self):
        """The processes that `serve` has started, theirs too."""
        return children_of(self.process.pid)

    def worker(self):
        """The process id of its worker, or None while there is none."""
        found = []
        for pid in self.children():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                if "worker" in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                    found.append(pid)
        assert len(found) <= 1
        return found[0] if found else None

    @staticmethod
    def wait_until(is_so, what, *, within=30.0):
        ends_at = time.monotonic() + within
        while not (found := is_so()):
            assert time.monotonic() < ends_at, f"{what}: not within {within} s"
            time.sleep(0.05)
        return found


def children_of(process_id):
    """Return all processes that a process has started, theirs too."""
    found, ask = [], [process_id]
    while ask:
        # A thread can end, or a process, while its directory is read.
        for task in Path("/proc").glob(f"{ask.pop()}/task/*/children"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                new = [int(child) for child in task.read_text().split()]
                found += new
                ask += new
    return found


@contextlib.contextmanager
def stopped(process_id):
    """Stop a process, which goes on afterwards; not while it has a database or the pages locked.

    Nobody else could write until it ends, and that is no news.
    """
    while True:
        os.kill(process_id, signal.SIGSTOP)
        _wait_until_stopped(process_id)
        if not _has_locked(process_id):
            break
        os.kill(process_id, signal.SIGCONT)
        time.sleep(0.01)
    try:
        yield
    finally:
        os.kill(process_id, signal.SIGCONT)


def _wait_until_stopped(process_id):
    """Wait for every thread: the signal does not, and one could still take a lock."""
    states = ""
    while set(states) != {"T"}:
        tasks = Path(f"/proc/{process_id}/task").glob("*/stat")
        states = [task.read_text().rpartition(")")[2].split()[0] for task in tasks]


def _has_locked(process_id):
    files = {}
    for link in Path(f"/proc/{process_id}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            files[str(link.stat().st_ino)] = str(link.readlink())
    for line in Path("/proc/locks").read_text().splitlines():
        _, kind, _, access, holder, place, *_ = line.replace("-> ", "").split()
        path = files.get(place.rpartition(":")[2], "")
        is_held = "->" not in line and holder == str(process_id) and access == "WRITE"
        if is_held and (kind == "POSIX" or "/pages/" in path):
            return True
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _root():
    return Path(__file__).parent.parent
