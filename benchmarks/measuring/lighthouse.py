"""Lighthouse 12 from npm, kept in a cache directory, with the system's Chromium."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .recording import MissingPeerError, find_program

#: The newest that runs on Node 20.
WANTED = "lighthouse@12"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
_FLAGS += " --disable-component-update --disable-sync --no-first-run"


@dataclass(frozen=True, slots=True)
class Report:
    """One page: scores of 0 to 100, Lighthouse's median run; milliseconds, bytes over the wire."""

    scores: dict[str, int]
    lcp_ms: float
    blocking_ms: float
    shift: float
    bytes_all: int
    requests: int
    other_hosts: int
    faults: tuple[str, ...]


def install_lighthouse() -> Path:
    """Return the program, installed below the user's cache directory where it is not yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = cache / "broadsheet-benchmarks" / WANTED.replace("@", "-")
    program = directory / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = find_program("npm", package="npm nodejs")
        directory.mkdir(parents=True, exist_ok=True)
        asked = [npm, "install", "--prefix", str(directory), "--no-package-lock", "--no-audit"]
        done = subprocess.run(
            [*asked, "--no-fund", WANTED], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise MissingPeerError(f"{WANTED} could not be installed: {done.stderr[-500:]}")
    return program


def look_at(url: str, *, program: Path, runs: int) -> Report:
    """Return the median of `runs` looks, as a telephone on a slow line, which Lighthouse plays."""
    told = [_look(url, program) for _ in range(runs)]
    told.sort(key=lambda one: one["categories"]["performance"]["score"])
    middle = told[len(told) // 2]
    audits = middle["audits"]
    requests = audits["network-requests"]["details"]["items"]
    host = middle["finalDisplayedUrl"].split("/")[2]
    judged = {
        reference["id"]
        for name in CATEGORIES[1:]
        for reference in middle["categories"][name]["auditRefs"]
        if reference["weight"]
    }
    return Report(
        scores={
            name: round(100 * median(one["categories"][name]["score"] for one in told))
            for name in CATEGORIES
        },
        lcp_ms=audits["largest-contentful-paint"]["numericValue"],
        blocking_ms=audits["total-blocking-time"]["numericValue"],
        shift=audits["cumulative-layout-shift"]["numericValue"],
        bytes_all=int(audits["total-byte-weight"]["numericValue"]),
        requests=len(requests),
        other_hosts=len(
            {one["url"].split("/")[2] for one in requests if "//" in one["url"]} - {host}
        ),
        faults=tuple(sorted(name for name in judged if audits[name]["score"] == 0)),
    )


def _look(url: str, program: Path) -> dict[str, object]:
    asked = [str(program), url, "--quiet", "--output=json", "--output-path=stdout"]
    asked += [f"--chrome-flags={_FLAGS}", f"--only-categories={','.join(CATEGORIES)}"]
    chromium = find_program("chromium", package="chromium")
    done = subprocess.run(
        asked, capture_output=True, text=True, check=True,
        env={**os.environ, "CHROME_PATH": chromium},
    )  # fmt: skip
    return json.loads(done.stdout)
