"""The shipped program while the disk of the view log is full or read-only, and after it is mended."""

import os
import resource
import shutil
import subprocess

import pytest
from tests.browser import open_chromium
from tests.program import BROWSER

pytestmark = pytest.mark.journey

ROOM_BYTES = 4 * 1024 * 1024


def mount(*options):
    """Whether it was mounted: whoever is not root may not, nor root in some containers."""
    return subprocess.run(["mount", *options], check=False, capture_output=True).returncode == 0


class FullDisk:
    """A small disk of the log's own without room left; where none may be mounted, processes that
    may write no longer files.
    """

    def __init__(self, program):
        self.program, self.directory = program, program.home / "view-log"
        kept = program.home / "kept"
        shutil.copytree(self.directory, kept)
        self.is_mounted = mount("-t", "tmpfs", "-o", f"size={ROOM_BYTES}", "none", self.directory)
        if self.is_mounted:
            shutil.copytree(kept, self.directory, dirs_exist_ok=True)

    def break_down(self):
        if not self.is_mounted:
            self._limit(0)
            return
        with (self.directory / "ballast").open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4096))
                except OSError:
                    return

    def mend(self):
        if self.is_mounted:
            (self.directory / "ballast").unlink()
        else:
            self._limit(resource.RLIM_INFINITY)

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "--lazy", self.directory], check=True)

    def _limit(self, length):
        for pid in self.program.children():
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (length, most))


class ReadOnlyDisk:
    """The log's directory, in which nothing can be written: by a mount, else by its rights."""

    def __init__(self, program):
        self.directory = program.home / "view-log"
        self.mounts = 0

    def break_down(self):
        if mount("--bind", self.directory, self.directory):
            self.mounts = 1
            assert mount("-o", "remount,ro,bind", self.directory)
            return
        assert os.geteuid() != 0, "root is not kept from writing by rights"
        for path in (self.directory, *self.directory.iterdir()):
            path.chmod(0o500)

    def mend(self):
        if self.mounts:
            subprocess.run(["umount", "--lazy", self.directory], check=True)
            self.mounts = 0
            return
        for path in (self.directory, *self.directory.iterdir()):
            path.chmod(0o700)

    def close(self):
        if self.mounts:
            self.mend()


@pytest.fixture(params=[FullDisk, ReadOnlyDisk])
def disk(request, program):
    disk = request.param(program)
    yield disk
    program.stop()
    disk.close()


def test_views_are_refused_pages_go_on_and_it_recovers_by_itself(program, disk):
    program.start(ready_within=180)
    first, second, third = program.publish_bridges()
    program.wait_until(lambda: "Bridge 2 opens" in program.get("/en/").text, "the front")
    assert program.read(first) == 204
    program.wait_until(lambda: program.views_of(first) == 1, "the first view")

    disk.break_down()
    taken = 0  # the last page of a file has room for some more
    while program.read(second, agent=f"Mozilla/5.0 Reader{taken}/1.0") == 204:
        taken += 1
    refused = program.get("/-/read", method="POST", body=b'{"article": %d}' % second)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert program.get(f"/-/read.gif?article={second}").status == 503
    for address in ("/en/", "/en/news/bridge-0", "/en/news/bridge-2", "/en/popular"):
        assert program.get(address).status == 200
    assert program.views_of(first) == 1
    health = program.get("/-/health")
    assert health.status == 503
    told = health.json["checks"]["views"]
    assert not told["is_well"]
    assert "are refused" in told["what"]
    assert str(disk.directory) in told["what"]
    assert "Views are not taken" in program.log

    with open_chromium() as chromium:
        page = chromium.new_context(user_agent=BROWSER).new_page()
        answers = []
        page.on("response", lambda answer: answers.append((answer.url, answer.status)))
        page.goto(f"{program.address}/en/news/bridge-2")
        for _ in range(100):
            if (f"{program.address}/-/read", 503) in answers:
                break
            page.wait_for_timeout(100)
        disk.mend()
        program.wait_until(lambda: program.read(second) == 204, "a view that is taken")
        # Who opened it while views were refused is counted too: the page sends it again.
        page.locator(f'data.views[data-article="{third}"][value="1"]').first.wait_for(
            timeout=120_000
        )
    assert (f"{program.address}/-/read", 503) in answers
    # A disk so small is not well yet: it says how much is left.
    assert program.get("/-/health").json["checks"]["views"]["what"].startswith("are taken")
    program.wait_until(lambda: program.views_of(second) == taken + 1, "its number", within=90)
    assert program.views_of(first) == 1
    assert program.run("recount").stderr.endswith(" 0 differences\n")
