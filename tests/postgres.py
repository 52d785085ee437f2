"""A PostgreSQL server of the tests' own: Debian's programs, its data in a temporary directory."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from tests.program import free_port

from broadsheet.readership.advisory_locks import open_session

USER = "broadsheet"
_OWNER = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}


class Server:
    """Runs while the `with` block does. It may be killed, stopped and started in between."""

    def __init__(self, *, fsync=False):
        self.directory = Path(tempfile.mkdtemp(prefix="broadsheet-postgresql-"))
        self.port = free_port()
        self._fsync = fsync
        self._process = None

    def __enter__(self):
        if _OWNER:
            shutil.chown(self.directory, "postgres", "postgres")
        self._run("initdb", "--pgdata=data", "--auth=trust", f"--username={USER}", "--no-sync",
                  "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions")  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_error):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            # What is tested is that the program asks for durability; a test kills no machine.
            "fsync": "on" if self._fsync else "off",
        }
        said = [f"--{name}={value}" for name, value in settings.items()]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "QUIT", _program("postgres"), "-D", "data",
                 "-p", str(self.port), *said],
                cwd=self.directory, stdout=log, stderr=log, **_OWNER,
            )  # fmt: skip
        ends_at = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.directory / "log").read_text()
                assert time.monotonic() < ends_at, "PostgreSQL does not answer"
                time.sleep(0.05)
            else:
                return

    def stop(self, number=signal.SIGQUIT):
        """End it at once, as a crash would; with SIGINT as an administrator would."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(60)
            self._process = None

    def url(self, name):
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def create(self, name, *, like=None):
        """Make a database, a copy of another; return its address."""
        return create_database(self.url(name), like=like and self.url(like))

    @contextlib.contextmanager
    def connect(self, name):
        with contextlib.closing(psycopg.connect(self.url(name), autocommit=True)) as connection:
            yield connection

    def cut_connections(self, name, *, which=""):
        """Cut all connections to a database, or those whose last query contains `which`."""
        with self.connect("postgres") as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s AND query LIKE %s",
                [name, f"%{which}%"],
            )

    def _run(self, program, *arguments):
        subprocess.run([_program(program), *arguments], check=True, cwd=self.directory,
                       capture_output=True, **_OWNER)  # fmt: skip


def create_database(url, *, like=None):
    """Make a database at an address, a copy of the one at another, unless it is there; return
    the address.
    """
    server, _, name = url.rpartition("/")
    template = like.rpartition("/")[2] if like else "template0"
    with (
        contextlib.closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return url


def select_one(url, statement):
    """Return the one value that a statement finds in the content of a database."""
    with contextlib.closing(psycopg.connect(url, options="-c search_path=content")) as connection:
        [(value,)] = connection.execute(statement).fetchall()
    return value


def empty_view_log(database):
    """Empty the log in a database, an entry of Django's DATABASES."""
    with contextlib.closing(open_session(database)) as session:
        session.execute("DELETE FROM broadsheet_readership_viewframe")
        session.execute("UPDATE broadsheet_readership_viewlogend SET next_sequence = 1")
        session.execute("DELETE FROM broadsheet_readership_viewkey")


def drop_database(url):
    server, _, name = url.rpartition("/")
    with contextlib.closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _program(name):
    """Debian keeps each version's programs apart, and not in the path."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [shutil.which(name)]
    assert found[-1], "PostgreSQL is missing: apt-get install postgresql"
    return str(found[-1])
