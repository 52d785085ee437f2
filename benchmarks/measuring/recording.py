"""A result as it is printed and kept: with the machine, the versions and the commit."""

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"


class Record:
    """Lines that are printed as they come, and kept in a file at the end; and the verdict."""

    def __init__(self, what: str) -> None:
        self.lines: list[str] = []
        self.missed: list[str] = []
        self.write(f"{what}, {datetime.now(UTC):%Y-%m-%d}, commit {_commit()}")
        self.write(
            f"{_processor()}, {os.cpu_count()} CPUs, {_memory_gb():.0f} GB,"
            f" load {os.getloadavg()[0]:.1f} before the start"
        )
        self.write(
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
            f" Granian {version('granian')}, Django {version('django')}, Wagtail {version('wagtail')}"
        )

    def write(self, line: str = "") -> None:
        print(line, flush=True)
        self.lines.append(line)

    def judge(self, what: str, *, is_met: bool) -> None:
        self.write(f"{'PASS' if is_met else 'FAIL'}  {what}")
        if not is_met:
            self.missed.append(what)

    def end(self, path: Path | None) -> None:
        """Keep the lines in `path`, and end the program: with 1 where a bar was missed."""
        if path is not None:
            path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        sys.exit(1 if self.missed else 0)


def result_path(name: str) -> Path:
    return RESULTS / f"{time.strftime('%Y-%m')}-{name}.txt"


class MissingPeerError(RuntimeError):
    """A program that is measured beside ours is not installed."""


def find_program(name: str, *, package: str) -> str:
    """Return where a program lies. Raises `MissingPeerError` with the package that has it."""
    # Debian keeps servers where not everybody's PATH leads.
    search = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin"
    found = shutil.which(name, path=search)
    if found is None:
        raise MissingPeerError(f"{name} is missing: apt-get install {package}")
    return found


def _commit() -> str:
    def git(*arguments: str) -> str:
        asked = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()

    is_changed = bool(git("status", "--porcelain", "--", "src"))
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" * is_changed)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
