import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.readership.views import NOON, view

from broadsheet.readership import publishing_numbers, recounting, snapshot_files
from broadsheet.readership.counting import (
    fold_views,
    place_articles,
    set_imported_counts,
)
from broadsheet.readership.models import ArticleCount, FoldState
from broadsheet.readership.publishing_numbers import publish_numbers
from broadsheet.readership.recounting import recount
from broadsheet.readership.snapshot import SnapshotReader
from broadsheet.readership.snapshot_files import (
    CURRENT,
    HEADER_BYTES,
    LOCK,
    hold_publishing,
    list_generations,
    pack_number,
    read_current,
)

pytestmark = both_databases
PROGRAM = Path(__file__).with_name("publishing.py")
STRAY = 10**12


@pytest.fixture
def numbers(settings, tmp_path):
    settings.NUMBERS_DIRECTORY = tmp_path / "numbers"
    die()
    return settings.NUMBERS_DIRECTORY


def publish(*, seconds=0.0):
    return publish_numbers(now=NOON + timedelta(seconds=seconds))


def die():
    """Forget what only the process knew, as its end would."""
    publishing_numbers._held = None


def look(reader):
    reader._look_at = 0.0
    return reader()


def fresh(directory):
    return SnapshotReader(directory)()


def current_file(directory, suffix):
    return directory / f"{read_current(directory):020}.{suffix}"


def empty_tables():
    with connections["readership"].cursor() as cursor:
        for model in (ArticleCount, FoldState):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


class TestWhatIsPublished:
    def test_counts_and_whether_an_article_is_live(self, editions, numbers, view_log):
        live, down = ArticleFactory.create_batch(2)
        down.unpublish()
        place_articles([live.pk, down.pk])
        set_imported_counts({live.pk: 10, down.pk: 3228})
        view_log.append_all([view(live.pk), view(live.pk, by="ben")])
        fold_views(now=NOON)
        assert publish() == 2
        snapshot = fresh(numbers)
        assert (snapshot[live.pk], snapshot[down.pk], snapshot[99_999]) == (12, 3228, 0)
        assert (snapshot[-1], snapshot[0], snapshot[STRAY]) == (0, 0, 0)
        assert [snapshot.is_live(one) for one in (live.pk, down.pk, 99_999)] == [True, False, None]
        assert snapshot.as_of == NOON
        assert snapshot.as_of.tzinfo is UTC

    def test_only_what_changed_is_published_again(self, numbers):
        set_imported_counts({1: 10, 2: 20, 3: 30})
        publish()
        reader = SnapshotReader(numbers)
        first = reader()
        set_imported_counts({2: 21, STRAY: 5})
        assert publish(seconds=0.5) == 2
        second = look(reader)
        assert [second[one] for one in (1, 2, 3, STRAY)] == [10, 21, 30, 5]
        assert second.version == first.version + 1
        assert [first[one] for one in (1, 2, 3, STRAY)] == [10, 20, 30, 0]
        assert len(list_generations(numbers)) == 1
        assert publish(seconds=0.6) == 0

    def test_with_nothing_changed_the_moment_goes_on_once_a_second(self, numbers):
        set_imported_counts({1: 10})
        publish()
        reader = SnapshotReader(numbers)
        versions = []
        for seconds in (0.0, 0.5, 0.9, 1.0, 1.5, 2.0):
            assert publish(seconds=seconds) == 0
            versions.append(look(reader).version)
        assert [version - versions[0] for version in versions] == [0, 0, 0, 1, 1, 2]
        assert reader().as_of == NOON + timedelta(seconds=2)
        assert reader()[1] == 10

    @pytest.mark.parametrize("bound", ["MAX_CHANGED", "MAX_DELTA_BYTES"])
    def test_a_new_generation_begins_and_the_one_before_it_stays(self, numbers, monkeypatch, bound):
        monkeypatch.setattr(publishing_numbers, bound, 4)
        set_imported_counts({1: 1})
        publish()
        first, pointer = (numbers / CURRENT).read_bytes(), (numbers / CURRENT).open("rb")
        reader, seen = SnapshotReader(numbers), set()
        for step in range(1, 20):
            if bound == "MAX_CHANGED":
                set_imported_counts({step: step, 1: step})
            publish(seconds=step)
            snapshot = look(reader)
            assert snapshot.as_of == NOON + timedelta(seconds=step)
            seen.add(read_current(numbers))
            assert len(list_generations(numbers)) == min(len(seen), 2)
        assert len(seen) > 3
        assert pointer.read() == first  # replaced as a whole, never written in place
        pointer.close()
        names = {path.name.partition(".")[2] for path in numbers.iterdir()}
        assert names == {"base", "deltas", ""}
        expected = dict(ArticleCount.objects.values_list("article_id", "total"))
        assert {one: snapshot[one] for one in expected} == expected

    def test_many_changes_are_read_in_steps_and_published_at_once(self, numbers, monkeypatch):
        monkeypatch.setattr(publishing_numbers, "_STEP", 3)
        for start in (0, 5):
            set_imported_counts({one: one + start for one in range(1, 12)})
            assert publish(seconds=start) == 11
            snapshot = fresh(numbers)
            assert [snapshot[one] for one in range(1, 12)] == [n + start for n in range(1, 12)]

    def test_a_row_that_changes_while_the_steps_are_read_is_read_again(self, numbers, monkeypatch):
        monkeypatch.setattr(publishing_numbers, "_STEP", 3)
        real = publishing_numbers._select
        waiting = [{1: 100, 9: 100}, {2: 200, 8: 200}, {1: 300}]

        def select(*arguments):
            rows = real(*arguments)
            if waiting and rows:
                set_imported_counts(waiting.pop(0))
            return rows

        monkeypatch.setattr(publishing_numbers, "_select", select)
        set_imported_counts(dict.fromkeys(range(1, 10), 7))
        publish()
        assert not waiting
        assert [fresh(numbers)[n] for n in range(1, 10)] == [300, 200, 7, 7, 7, 7, 7, 200, 100]
        waiting += [{1: 1}, {2: 1, 3: 1}]
        set_imported_counts(dict.fromkeys(range(1, 8), 8))
        publish(seconds=1)
        assert [fresh(numbers)[n] for n in range(1, 10)] == [1, 1, 1, 8, 8, 8, 8, 200, 100]

    def test_whoever_publishes_second_leaves_it_to_the_first(self, numbers):
        set_imported_counts({1: 10})
        numbers.mkdir()
        with hold_publishing(numbers) as is_ours:
            assert is_ours
            assert publish() == 0
        assert fresh(numbers).version == 0
        assert publish() == 1


class TestEveryChangeIsPublished:
    def test_by_a_fold(self, editions, numbers, view_log):
        article = ArticleFactory()
        place_articles([article.pk])
        publish()
        view_log.append_all([view(article.pk)])
        fold_views(now=NOON)
        assert publish() == 1
        assert fresh(numbers)[article.pk] == 1

    def test_by_a_recount_even_one_that_ends_early(self, numbers, view_log, monkeypatch):
        monkeypatch.setattr(recounting, "place_articles", lambda _: None)
        view_log.append_all([view(1), view(2)])
        fold_views(now=NOON)
        ArticleCount.objects.filter(pk=1).update(counted=77, total=77)
        publish()
        recount(now=NOON, apply=True)
        publish()
        assert fresh(numbers)[1] == 1

    def test_by_taking_down_and_by_deleting(self, editions, numbers):
        one, other = ArticleFactory.create_batch(2)
        ids = [one.pk, other.pk]
        set_imported_counts(dict.fromkeys(ids, 5))
        place_articles(ids)
        publish()
        assert [fresh(numbers).is_live(pk) for pk in ids] == [True, True]
        one.unpublish()
        other.delete()
        place_articles(ids)
        assert publish() == 2
        assert [fresh(numbers).is_live(pk) for pk in ids] == [False, False]
        assert fresh(numbers)[ids[1]] == 5

    def test_by_a_database_that_is_older_than_what_was_published(self, numbers):
        for views in range(1, 6):
            set_imported_counts({1: views, 2: views})
        publish()
        reader = SnapshotReader(numbers)
        last = reader().version
        empty_tables()
        set_imported_counts({1: 3})
        assert publish(seconds=1) == 1
        assert (look(reader)[1], look(reader)[2]) == (3, 0)
        assert look(reader).version > last


class TestDamage:
    """Readers stay with the last whole snapshot, and whoever publishes goes on."""

    @pytest.fixture
    def reader(self, numbers):
        set_imported_counts({1: 10, 2: 20, STRAY: 5})
        publish()
        set_imported_counts({2: 21})
        publish()
        reader = SnapshotReader(numbers)
        reader()
        set_imported_counts({2: 22})
        publish()
        return reader

    def check_that_it_goes_on(self, reader, numbers):
        die()
        set_imported_counts({1: 11})
        publish(seconds=1)
        for snapshot in (look(reader), fresh(numbers)):
            assert [snapshot[one] for one in (1, 2, STRAY)] == [11, 22, 5]

    @pytest.mark.parametrize("cut", [1, 15, 16, 20, HEADER_BYTES + 15])
    def test_a_torn_tail(self, reader, numbers, cut):
        deltas = current_file(numbers, "deltas")
        os.truncate(deltas, deltas.stat().st_size - cut)
        assert [look(reader)[2], fresh(numbers)[2]] == [21, 21]
        self.check_that_it_goes_on(reader, numbers)

    @pytest.mark.parametrize("tail", [b"\0" * 4096, b"BND1", b"x" * 100])
    def test_rubbish_after_the_last_batch(self, reader, numbers, tail):
        with current_file(numbers, "deltas").open("ab") as file:
            file.write(tail)
        assert [look(reader)[2], fresh(numbers)[2]] == [22, 22]
        self.check_that_it_goes_on(reader, numbers)

    def test_each_rotten_byte_of_the_last_batch(self, reader, numbers):
        deltas = current_file(numbers, "deltas")
        whole = deltas.read_bytes()
        for place in range(len(whole) - HEADER_BYTES - 16, len(whole)):
            rotten = bytearray(whole)
            rotten[place] ^= 0x10
            deltas.write_bytes(rotten)
            assert fresh(numbers)[2] == 21
        self.check_that_it_goes_on(reader, numbers)

    def test_deltas_that_lost_what_was_read_of_them(self, reader, numbers, caplog):
        assert look(reader)[2] == 22
        deltas = current_file(numbers, "deltas")
        os.truncate(deltas, deltas.stat().st_size - HEADER_BYTES - 16)
        for _ in range(3):
            assert look(reader)[2] == 22
        assert caplog.text.count("No new view counts") == 1
        self.check_that_it_goes_on(reader, numbers)

    @pytest.mark.parametrize("name", ["base", "deltas", CURRENT])
    @pytest.mark.parametrize("harm", ["cut", "spoil", "remove"])
    def test_files_of_the_current_generation(self, reader, numbers, caplog, name, harm):
        assert look(reader)[2] == 22
        path = numbers / CURRENT if name == CURRENT else current_file(numbers, name)
        whole = path.read_bytes()
        path.unlink()  # a file that somebody maps is never changed in place
        if harm != "remove":
            path.write_bytes(whole[:7] if harm == "cut" else whole[:-1] + b"\xff")
        for _ in range(3):
            assert [look(reader)[one] for one in (1, 2, STRAY)] == [10, 22, 5]
            assert fresh(numbers)[99] == 0  # and nothing is raised
        self.check_that_it_goes_on(reader, numbers)

    def test_a_new_reader_begins_with_the_generation_before_a_damaged_one(self, reader, numbers):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(publishing_numbers, "MAX_CHANGED", 0)
            set_imported_counts({1: 9})
            publish(seconds=1)
        os.truncate(current_file(numbers, "base"), 50)
        new = SnapshotReader(numbers)
        assert [new()[one] for one in (1, 2)] == [10, 22]
        self.check_that_it_goes_on(new, numbers)

    def test_a_directory_that_is_gone(self, reader, numbers):
        had = look(reader).version
        shutil.rmtree(numbers)
        assert look(reader)[2] == 22
        self.check_that_it_goes_on(reader, numbers)
        assert reader().version > had

    @pytest.mark.parametrize("gone", ["base", "all"])
    def test_files_that_go_under_the_one_who_publishes(self, reader, numbers, gone):
        had = look(reader).version
        if gone == "all":
            shutil.rmtree(numbers)
        else:
            current_file(numbers, "base").unlink()
        publish()
        for snapshot in (look(reader), fresh(numbers)):
            assert [snapshot[one] for one in (1, 2, STRAY)] == [10, 22, 5]
            assert snapshot.version > had

    def test_before_anything_is_published(self, tmp_path, caplog):
        reader = SnapshotReader(tmp_path / "none")
        for _ in range(3):
            snapshot = look(reader)
        assert (snapshot.version, snapshot[1], snapshot.is_live(1)) == (0, 0, None)
        assert snapshot.as_of.year == 1970
        assert caplog.text.count("No new view counts") == 1

    def test_an_end_at_each_step_of_publishing(self, reader, numbers, monkeypatch):
        class End(BaseException):
            pass

        def end_at(step, patch):
            left = [step]

            def ending(real):
                def call(*arguments, **options):
                    left[0] -= 1
                    if left[0] < 0:
                        raise End
                    return real(*arguments, **options)

                return call

            patch.setattr(os, "fsync", ending(os.fsync))
            for name in ("replace", "unlink", "open"):
                patch.setattr(Path, name, ending(getattr(Path, name)))

        monkeypatch.setattr(publishing_numbers, "MAX_CHANGED", 0)
        for step in range(100):
            before = [look(reader)[one] for one in (1, 2)]
            set_imported_counts({1: 100 + step, 2: 100 + step})
            die()
            with monkeypatch.context() as patch:
                end_at(step, patch)
                try:
                    publish(seconds=step)
                    break
                except End:
                    pass
            for snapshot in (look(reader), fresh(numbers)):
                assert [snapshot[one] for one in (1, 2)] in (before, [100 + step] * 2)
        assert 10 < step < 99
        assert [look(reader)[one] for one in (1, 2, STRAY)] == [100 + step, 100 + step, 5]
        assert len(list_generations(numbers)) == 2
        assert not list(numbers.glob("*.new"))

    def test_a_full_disk_is_raised_and_the_next_one_goes_on(self, reader, numbers, monkeypatch):
        def no_room(_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", no_room)
            patch.setattr(publishing_numbers, "MAX_CHANGED", 0)
            set_imported_counts({2: 40})
            with pytest.raises(OSError, match="No space"):
                publish(seconds=1)
        assert not list(numbers.glob("*.new"))
        assert look(reader)[2] == 22
        publish(seconds=1)
        assert look(reader)[2] == 40


ids = st.one_of(st.integers(1, 9), st.sampled_from([STRAY, STRAY + 1, 63, 64, 65]))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.dictionaries(ids, st.integers(0, 10**12), max_size=6)),
        st.tuples(st.just("publish"), st.sampled_from([0, 0.4, 1, 7])),
        st.tuples(st.just("tear"), st.binary(min_size=1, max_size=90)),
        st.tuples(st.just("cut"), st.integers(1, 90)),
        st.tuples(st.just("die"), st.none()),
        st.tuples(st.just("spoil"), st.sampled_from(["base", "deltas", CURRENT])),
        st.tuples(st.just("read"), st.none()),
        st.tuples(st.just("look"), st.none()),
    ),
    max_size=40,
)


class Story:
    """One random sequence: a table, the files, readers, and what they hold."""

    def __init__(self, directory):
        self.directory = directory
        self.seconds = 0.0
        self.readers = []
        self.held = []
        self.published = [{}]
        empty_tables()
        die()

    def table(self):
        rows = ArticleCount.objects.exclude(total=0).values_list("article_id", "total")
        return dict(rows)

    def contents(self, snapshot):
        ids = [*range(70), STRAY, STRAY + 1]
        return {one: snapshot[one] for one in ids if snapshot[one]}

    def count(self, counts):
        set_imported_counts(counts)

    def publish(self, seconds):
        self.seconds += seconds
        publish(seconds=self.seconds)
        self.published.append(self.table())

    def die(self, _):
        die()

    def tear(self, tail):
        for path in self.current("deltas"):
            with path.open("ab") as file:
                file.write(tail)
            die()

    def cut(self, size):
        for path in self.current("deltas"):
            os.truncate(path, max(0, path.stat().st_size - size))
            die()

    def spoil(self, name):
        for path in self.current(name):
            whole = path.read_bytes()
            path.unlink()  # a file that somebody maps is never changed in place
            path.write_bytes(whole[:-2] + b"?")
            die()

    def current(self, name):
        try:
            path = (
                self.directory / CURRENT if name == CURRENT else current_file(self.directory, name)
            )
        except (OSError, ValueError):
            return []
        return [path] if path.exists() else []

    def read(self, _):
        self.readers.append(SnapshotReader(self.directory))

    def look(self, _):
        for reader in self.readers:
            snapshot = look(reader)
            found = self.contents(snapshot)
            assert found in self.published  # of one version, nothing mixed
            self.held.append((snapshot, found))


@settings(max_examples=300)
@given(story=steps, max_changed=st.integers(0, 8), step=st.integers(1, 5))
def test_every_reader_comes_to_what_the_table_says_and_no_snapshot_changes(
    tmp_path_factory, story, max_changed, step
):
    directory = tmp_path_factory.mktemp("story") / "numbers"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(django_settings, "NUMBERS_DIRECTORY", directory)
        patch.setattr(publishing_numbers, "MAX_CHANGED", max_changed)
        patch.setattr(publishing_numbers, "MAX_DELTA_BYTES", 600)
        patch.setattr(publishing_numbers, "_STEP", step)
        patch.setattr(snapshot_files, "MAX_SLOTS", 64)
        told = Story(directory)
        for name, argument in story:
            getattr(told, name)(argument)
        told.read(None)
        told.publish(1)
        told.look(None)
        for reader in told.readers:
            assert told.contents(look(reader)) == told.table()
        for snapshot, contents in told.held:
            assert told.contents(snapshot) == contents
        die()


def test_many_threads_share_a_reader(numbers):
    articles = range(1, 30)
    set_imported_counts(dict.fromkeys(articles, 1))
    publish()
    reader, wrong, stopping = SnapshotReader(numbers), [], threading.Event()

    def read():
        while not stopping.wait(0.0002):
            snapshot = look(reader)
            counts = {snapshot[one] for one in articles}
            wrong.extend(counts if len(counts) != 1 else ())

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing_numbers, "MAX_DELTA_BYTES", 2000)
        for views in range(2, 60):
            set_imported_counts(dict.fromkeys(articles, views))
            publish()
    stopping.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert look(reader)[1] == 59


def test_a_reader_looks_at_the_files_twenty_times_a_second_at_most(numbers, monkeypatch):
    set_imported_counts({1: 1})
    publish()
    reader = SnapshotReader(numbers)
    reader()
    set_imported_counts({1: 2})
    publish()
    moment = [reader._look_at - 0.001]
    monkeypatch.setattr("broadsheet.readership.snapshot.monotonic", lambda: moment[0])
    assert reader()[1] == 1
    moment[0] += 0.002
    assert reader()[1] == 2
    assert reader._look_at - moment[0] == pytest.approx(0.05)


def start(*arguments, **pipes):
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=PROGRAM.parents[2], env=environment, **pipes
    )


def test_two_processes_read_one_version_at_a_time_whenever_the_publisher_is_killed(tmp_path):
    draw = random.Random(5)
    home = tmp_path / "home"
    home.mkdir()
    readers = [start("read", home, stdin=subprocess.PIPE) for _ in range(2)]
    for reader in readers:
        assert reader.stdout.readline() == b"reads\n"
    views = 0
    for _ in range(6):
        publisher = start("publish", home, views + 1, 10**6)
        for _ in range(draw.randint(1, 60)):
            views = int(publisher.stdout.readline())
        threading.Event().wait(draw.random() * 0.01)
        publisher.send_signal(signal.SIGKILL)
        views = int((b"%d\n" % views + publisher.stdout.read()).split(b"\n")[-2])
        publisher.wait()
        publisher.stdout.close()
    with start("publish", home, views + 1, views + 3) as publisher:
        publisher.stdout.read()
    assert publisher.returncode == 0
    for reader in readers:
        found = json.loads(reader.communicate()[0])
        assert (found["mixed"], found["back"], found["views"]) == (0, 0, views + 3)
        assert found["seen"] > 10
    assert {path.name for path in (home / "numbers").iterdir()} >= {CURRENT, LOCK}


def test_the_number_of_an_article():
    assert [pack_number(3228, is_live=True), pack_number(0, is_live=False)] == [6457, 0]
