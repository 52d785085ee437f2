"""What a reader's browser gets: Lighthouse's scores, and what a page weighs before its pictures.

    python benchmarks/pages.py [--runs 3] [--without wordpress] [--results FILE]

Fills a newsroom as `broadsheet demo` does and serves it, and looks at its front and at the article
that leads it; then at the front and a post of a default WordPress with an article of the same
length, behind a cache. Lighthouse 12 comes from npm into a cache directory. Prints a table, and
PASS or FAIL: 100 for accessibility, best practices and SEO, 98 for performance, and HTML, CSS and
JavaScript of the article under 40 kB compressed; exit code 1 for FAIL. About ten minutes, most of
them for the newsroom. Ghost is no peer: it is not in Debian, and its program on npm fetches it.
"""

import argparse
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import brotli
from measuring.installing import make_demo
from measuring.lighthouse import CATEGORIES, WANTED, Report, install_lighthouse, look_at
from measuring.recording import Record, result_path
from peers.wordpress import start_wordpress
from tests.program import Program, free_port

LEAST_PERFORMANCE = 98
MOST_BYTES = 40_000


def weigh(site: Program, path: str) -> dict[str, int]:
    """Return the compressed bytes of the page, its styles and its scripts."""
    packed = site.get(path, Accept_Encoding="br").body
    html = brotli.decompress(packed).decode()

    def packed_size(asset: str) -> int:
        return len(site.get(asset, Accept_Encoding="br").body)

    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', html)
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', html)
    return {
        "HTML": len(packed),
        "CSS": sum(map(packed_size, sheets)),
        "JavaScript": sum(map(packed_size, scripts)),
    }


def show(record: Record, name: str, report: Report) -> None:
    scores = " ".join(f"{report.scores[category]:>6}" for category in CATEGORIES)
    record.write(
        f"{name:<20} {scores} {report.lcp_ms:>7.0f} {report.blocking_ms:>6.0f} {report.shift:>6.3f}"
        f" {report.bytes_all / 1000:>7.0f} {report.requests:>5} {report.other_hosts:>5}"
    )
    for fault in report.faults:
        record.write(f"{'':<20} fails {fault}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--without", choices=["wordpress"], action="append", default=[])
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    program = install_lighthouse()
    record = Record(f"Pages in a browser, {given.runs} looks each, the median")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    record.write(f"Lighthouse {told.stdout.strip()} ({WANTED}), as a telephone on a slow 4G line")
    record.write()
    record.write(f"{'':<20} perf.  acc.   b.p.    SEO   LCP ms blk ms  shift      kB  reqs hosts")
    with tempfile.TemporaryDirectory(prefix="broadsheet-pages-") as made:
        directory = Path(made)
        with make_demo(directory / "home").start() as site:
            lead = re.search(r'class="card-headline"><a href="([^"]+)"', site.get("/en/").text)[1]
            paths = {"front": "/en/", "article": lead}
            look = partial(look_at, program=program, runs=given.runs)
            reports = look_at_pages(record, site.port, paths, look)
            weight = weigh(site, lead)
            article = site.get(lead).text
        if "wordpress" in given.without:
            record.write("WordPress was left out")
        else:
            text = "".join(re.findall(r"<p>.*?</p>", article, re.DOTALL))
            port = free_port()
            peer = start_wordpress(text, port=port, directory=directory / "wordpress")
            try:
                paths = {"WordPress: front": "/", "WordPress: post": peer.wait().path}
                look_at_pages(record, port, paths, look)
            finally:
                peer.stop()
    judge(record, reports, weight)
    record.end(given.results or (result_path("pages") if given == parser.parse_args([]) else None))


def look_at_pages(
    record: Record, port: int, paths: Mapping[str, str], look: Callable[[str], Report]
) -> dict[str, Report]:
    reports = {}
    for name, path in paths.items():
        reports[name] = look(f"http://127.0.0.1:{port}{path}")
        show(record, name, reports[name])
    return reports


def judge(record: Record, reports: Mapping[str, Report], weight: Mapping[str, int]) -> None:
    record.write()
    parts = ", ".join(f"{name} {size:,}" for name, size in weight.items())
    record.judge(
        f"the article before its pictures, in br: {sum(weight.values()):,} bytes ({parts})",
        is_met=sum(weight.values()) < MOST_BYTES,
    )
    for name, report in reports.items():
        record.judge(
            f"{name}: performance at least {LEAST_PERFORMANCE}, 100 for the rest, nothing shifts,"
            " nothing comes from elsewhere",
            is_met=report.scores["performance"] >= LEAST_PERFORMANCE
            and all(report.scores[one] == 100 for one in CATEGORIES[1:])
            and report.shift == 0
            and report.other_hosts == 0,
        )


if __name__ == "__main__":
    main()
