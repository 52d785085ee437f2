"""nginx and Varnish of Debian's packages, with the configurations under `deploy/`."""

import contextlib
import getpass
import os
import re
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from tests.program import Program, free_port

DEPLOY = Path(__file__).resolve().parent.parent.parent / "deploy"
#: Where Debian has them, for users whose PATH leaves it out.
_PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
#: What nginx makes of a file's time and size; Broadsheet's own have another form.
_FILES_ETAG = re.compile(r'(W/)?"[0-9a-f]{1,8}-[0-9a-f]+"')


_MAKE_ARTICLES = """
from tests.factories import ArticleFactory
for _ in range(8):
    article = ArticleFactory()
    print(article.pk, f"/en/news/{article.slug}")
"""
#: Prints when it was committed, in Unix time.
WITHDRAW = """
import time
from django.utils import timezone
from broadsheet.articles.models import Article
from broadsheet.articles.publishing import kill
kill(Article.objects.get(pk={article_id}), notice="It was wrong.", now=timezone.now())
print(time.time())
"""


def set_up(installed, home, **options):
    """A program on a copy of an installation, with options of its own."""
    program = installed.copy_to(home)
    program.environment |= {f"BROADSHEET_{name}": value for name, value in options.items()}
    return program


def make_articles(program):
    """Id and path of a few articles of the edition `en`."""
    words = program.python(_MAKE_ARTICLES).split()
    return [(int(pk), path) for pk, path in zip(words[::2], words[1::2], strict=True)]


def wait_for_facts(program):
    address = f"file:{program.home}/content.sqlite3?mode=ro"
    waiting = "SELECT count(*) FROM broadsheet_outbox_fact WHERE delivered_at IS NULL"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
        program.wait_until(lambda: database.execute(waiting).fetchone() == (0,), "all facts")


class Front(Program):
    """A server in front of a program, asked as the program is."""

    def __init__(self, home):
        super().__init__(home)
        self.port = free_port()


def is_copy(answer):
    """Whether nginx answered with a file."""
    return _FILES_ETAG.fullmatch(answer.headers.get("ETag", "")) is not None


def copies_in(program):
    return [path for path in (program.home / "public").rglob("*") if path.is_file()]


def edited(name, **replaced):
    text = (DEPLOY / name).read_text()
    for old, new in replaced.items():
        assert old in text, f"{name} does not contain {old!r}"
        text = text.replace(old, new)
    return text


@contextlib.contextmanager
def nginx(program, directory):
    front = Front(program.home)
    directory.mkdir()
    configuration = directory / "nginx.conf"
    text = edited("nginx.conf", **{
        "user www-data;": f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
        "worker_processes auto;": "worker_processes 1;",
        "/run/nginx.pid": f"{directory}/pid",
        "/var/log/nginx": str(directory),
        "127.0.0.1:8000": f"127.0.0.1:{program.port}",
        "listen 80;": f"listen 127.0.0.1:{front.port};",
        "/var/lib/broadsheet": str(program.home),
    })  # fmt: skip
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("http {\n", f"http {{\n    {kind}_temp_path {directory}/{kind};\n", 1)
    configuration.write_text(text)
    command = [find_program("nginx"), "-e", directory / "error.log"]
    with running([*command, "-c", configuration, "-g", "daemon off;"], directory, front):
        yield front


@contextlib.contextmanager
def varnish(program, directory, *, port, **replaced):
    front = Front(program.home)
    front.port = port
    directory.mkdir()
    configuration = directory / "varnish.vcl"
    configuration.write_text(
        edited("varnish.vcl", **{'.port = "8000";': f'.port = "{program.port}";', **replaced})
    )
    command = [find_program("varnishd"), "-F", "-j", "none", "-n", directory / "run"]
    command += ["-f", configuration, "-s", "malloc,32m", "-p", "thread_pool_min=10"]
    with running([*command, "-a", f"127.0.0.1:{port}"], directory, front):
        yield front


@contextlib.contextmanager
def running(command, directory, front):
    log = directory / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )

    def answers():
        assert process.poll() is None, log.read_text()
        try:
            return front.get("/-/numbers?ids=1", timeout=2).status == 200
        except OSError:
            return False

    try:
        front.wait_until(answers, f"the first answer of {command[0]}", within=20)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_program(name):
    found = shutil.which(name, path=_PATH)
    assert found, f"{name} is missing: `make test` installs it, or says how"
    return found


class Watch(threading.Thread):
    """Asks for a page all the time, and notes which status it had when."""

    def __init__(self, front, path):
        super().__init__(daemon=True)
        self._front, self._path = front, path
        self._ending = threading.Event()
        self.seen = []

    def run(self):
        while not self._ending.wait(0.01):
            asked_at = time.time()
            self.seen.append((asked_at, self._front.get(self._path)))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_error):
        self._ending.set()
        self.join()

    def last_with(self, is_so):
        """When the last answer of which that is so was asked for, in Unix time."""
        return max((at for at, answer in self.seen if is_so(answer)), default=0.0)
