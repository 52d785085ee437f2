"""The machine dies between any two requests to its disk: what was acknowledged is there, once."""

import errno
import os
import random
from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.readership.crashing import Disk, empty
from tests.readership.views import read_all, view

from broadsheet.readership.view_log import LogUnavailableError, ViewLog
from broadsheet.readership.view_records import encode_view

#: Some three frames.
SEGMENT_BYTES = 400
STEPS = ["append", "append", "append many", "read", "die writing", "die syncing", "disk fails"]


class Died(BaseException):
    """What ends a process at once: nothing in it catches this."""


class Writers:
    """Two processes that share a log, as objects of one, and a fold that reads it."""

    def __init__(self, disk, monkeypatch):
        self.disk, self.monkeypatch = disk, monkeypatch
        self.logs = [self.start(), self.start()]
        self.articles = count(1)

    def start(self):
        return ViewLog(self.disk.directory, segment_bytes=SEGMENT_BYTES)

    def do(self, writer, step, draw):
        match step:
            case "append":
                self.append(writer, 1)
            case "append many":
                self.append(writer, 3)
            case "read":
                # What was read for counting is counted: it has to be there for ever after.
                for sequence, one in read_all(self.disk.directory):
                    self.disk.note("told", one.article_id, sequence)
            case "die writing":
                self.die(writer, "pwrite", keep=draw.randrange(60))
            case "die syncing":
                self.die(writer, "fsync")
            case "disk fails":
                self.fail(writer)

    def append(self, writer, views):
        # The queue's thread is left out: what it does is this.
        articles = [next(self.articles) for _ in range(views)]
        first = self.logs[writer]._appender.append([record(one) for one in articles])
        for sequence, article in enumerate(articles, first):
            self.disk.note("told", article, sequence)

    def die(self, writer, call, *, keep=0):
        real = getattr(os, call)

        def die(descriptor, *written):
            if call == "pwrite":
                data, offset = written
                real(descriptor, data[:keep], offset)
            raise Died

        with self.monkeypatch.context() as patch:
            patch.setattr(os, call, die)
            with pytest.raises(Died):
                self.append(writer, 1)
        self.logs[writer] = self.start()

    def fail(self, writer):
        def fail(_descriptor):
            raise OSError(errno.EIO, "Input/output error")

        with self.monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fail)
            with pytest.raises(LogUnavailableError):
                self.append(writer, 1)


def record(article):
    return encode_view(view(article, by=article))


def run(home, monkeypatch, script, *, seed=1, deaf_to=""):
    home.mkdir(exist_ok=True)
    disk = Disk(home / "log", deaf_to=deaf_to)
    with disk.record(monkeypatch):
        writers = Writers(disk, monkeypatch)
        for writer, step in script:
            writers.do(writer, step, random.Random(seed))
        for log in writers.logs:
            log.close()
    return disk


def find_fault(disk, until, directory, *, draw):
    """Return what is wrong after a crash at a moment and a new start; nothing where all is well."""
    disk.image(until, empty(directory), draw=draw)
    log = ViewLog(directory, segment_bytes=SEGMENT_BYTES)
    new = log.append(view(10**9)).result(timeout=60)
    log.close()
    found = read_all(directory)
    articles = Counter(one.article_id for _, one in found)
    sequences = {one.article_id: sequence for sequence, one in found}
    told = disk.told(until)
    if any(times > 1 for times in articles.values()):
        return f"twice: {articles}"
    if len(set(sequences.values())) < len(sequences):
        return f"one place for two: {sequences}"
    if sequences.get(10**9) != new or new != max(sequences.values()):
        return f"the new view has place {sequences.get(10**9)}, and was told {new}"
    lost = {one: place for one, place in told.items() if sequences.get(one) != place}
    return f"lost: {lost} of {sequences}" if lost else ""


EVERYTHING = [(writer, step) for step in [*STEPS, "append", "read", "append"] for writer in (0, 1)]


def test_at_every_boundary_of_a_day_with_everything_in_it(tmp_path, monkeypatch):
    disk = run(tmp_path / "home", monkeypatch, EVERYTHING)
    assert len(disk.told(len(disk.happened))) > 12
    for until in range(len(disk.happened) + 1):
        for draw in (None, *map(random.Random, range(4))):
            fault = find_fault(disk, until, tmp_path / "crashed", draw=draw)
            assert not fault, (until, disk.happened[:until])


@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(STEPS)), min_size=1, max_size=14),
    st.integers(0, 2**32),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_came_before(tmp_path_factory, monkeypatch, script, seed):
    home = tmp_path_factory.mktemp("home")
    disk = run(home, monkeypatch, script, seed=seed)
    draw = random.Random(seed)
    for until in draw.sample(range(len(disk.happened) + 1), min(8, len(disk.happened))):
        fault = find_fault(disk, until, home / "crashed", draw=draw.choice([None, draw]))
        assert not fault, (until, disk.happened[:until])


@pytest.mark.parametrize("deaf_to", ["file", "directory", "parent"])
def test_without_one_of_its_fsyncs_the_log_would_lose_views(tmp_path, monkeypatch, deaf_to):
    """So the disk forgets enough for the tests above to see it."""
    disk = run(tmp_path / "home", monkeypatch, EVERYTHING, deaf_to=deaf_to)
    ends = range(len(disk.happened) + 1)
    assert any(find_fault(disk, end, tmp_path / "crashed", draw=None) for end in ends)
