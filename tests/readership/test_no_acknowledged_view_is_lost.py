import errno
import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import wait
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.readership.appending import record_fsyncs, throw_away_unsynced
from tests.readership.views import NOON, read_all, view

from broadsheet.readership.view_log import LogUnavailableError, ViewLog, list_segments
from broadsheet.readership.view_reading import FileLog, LogPlace
from broadsheet.readership.view_records import IMAGE, View, decode_views, encode_view

PROGRAM = Path(__file__).with_name("appending.py")


def start(directory, name, *options):
    journal = directory.with_suffix(f".journal{name}")
    command = [sys.executable, str(PROGRAM), str(directory), str(journal), str(name), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROGRAM.parents[2]), journal


def acknowledged(output):
    lines = output.decode().splitlines()
    return {int(article): int(sequence) for sequence, article in map(str.split, lines)}


def kill_after_some(process, seed):
    """Kill -9 at a random moment after the first acknowledged views; return all of those."""
    random_number = random.Random(seed)
    output = b""
    wanted = random_number.randint(20, 400)
    while output.count(b"\n") < wanted and (more := os.read(process.stdout.fileno(), 65536)):
        output += more
    process.send_signal(signal.SIGKILL)
    output += process.stdout.read()
    process.wait()
    process.stdout.close()
    return acknowledged(output[: output.rindex(b"\n") + 1])


def in_log(directory):
    return {one.article_id: sequence for sequence, one in read_all(directory)}


def assert_whole(directory, answered):
    kept = in_log(directory)
    assert answered
    assert {article: kept.get(article) for article in answered} == answered
    assert sorted(kept.values()) == list(range(1, len(kept) + 1))  # no gap, no repeat


def test_a_killed_process_loses_no_acknowledged_view(tmp_path):
    directory = tmp_path / "log"
    answered = {}
    for name in range(3):  # each goes on in the log that the one before left
        process, _ = start(directory, name)
        answered |= kill_after_some(process, seed=name)
    assert_whole(directory, answered)
    assert len(list_segments(directory)) > 1


def test_throwing_away_every_byte_not_yet_synced_loses_no_acknowledged_view(tmp_path):
    for seed in range(3):
        directory = tmp_path / f"log{seed}"
        process, journal = start(directory, seed)
        answered = kill_after_some(process, seed=seed)
        throw_away_unsynced(directory, journal)
        assert_whole(directory, answered)


@pytest.mark.parametrize("mutation", ["no-fsync", "no-directory-fsync"])
def test_without_its_fsync_the_log_would_lose_views(tmp_path, mutation):
    directory = tmp_path / "log"
    process, journal = start(directory, 1, "--mutation", mutation)
    answered = kill_after_some(process, seed=1)
    throw_away_unsynced(directory, journal)
    assert answered
    assert not set(answered) <= set(in_log(directory))


def test_several_processes_share_one_order_without_gap_or_repeat(tmp_path):
    directory = tmp_path / "log"
    directory.mkdir()
    started = [start(directory, name, "--views", "300")[0] for name in (1, 2, 3)]
    answered = {}
    for process in started:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        answered |= acknowledged(output)
    assert len(answered) == 900
    assert_whole(directory, answered)
    assert len(in_log(directory)) == 900


def test_several_processes_go_on_when_one_of_them_is_killed(tmp_path):
    directory = tmp_path / "log"
    survivor, _ = start(directory, 1, "--views", "400")
    victim, _ = start(directory, 2)
    answered = kill_after_some(victim, seed=7)
    output, _ = survivor.communicate(timeout=120)
    assert_whole(directory, answered | acknowledged(output))


@pytest.mark.parametrize("mutation", ["no-fsync", "no-directory-fsync"])
def test_what_was_read_for_counting_survives_though_its_writer_never_synced(
    tmp_path, mutation, monkeypatch
):
    """A writer that died before its fsync leaves views that were never acknowledged. Once the
    fold has read them, they have to be on disk all the same.
    """
    directory, journal = tmp_path / "log", tmp_path / "journal"
    process, _ = start(directory, 1, "--mutation", mutation)
    kill_after_some(process, seed=3)
    for path in directory.glob("*.views"):  # but for the segment that it was writing
        if path.name != list_segments(directory)[-1].name:
            path.unlink()
    monkeypatch.setattr(os, "fsync", os.fsync)
    record_fsyncs(journal, "")
    read = read_all(directory)
    throw_away_unsynced(directory, journal)
    assert read
    assert read_all(directory) == read


def damage_of(directory):
    reading = FileLog(directory)
    end, place, found = reading.find_durable_end(), LogPlace(), []
    while batch := reading.read_batch(place, end=end, limit=10, stop_each=100):
        place = batch.place
        found += batch.damage
    return found


class TestDamage:
    def make_log(self, directory, count, *, first=1):
        log = ViewLog(directory)
        for number in range(first, first + count):
            log.append(view(number)).result()
        log.close()

    @pytest.mark.parametrize("cut", [1, 5, 30, 58])
    def test_a_torn_tail_stays_and_a_new_segment_begins(self, tmp_path, cut):
        self.make_log(tmp_path, 3)
        [segment] = list_segments(tmp_path)
        path = tmp_path / segment.name
        torn = path.stat().st_size - cut
        os.truncate(path, torn)
        assert [one.article_id for _, one in read_all(tmp_path)] == [1, 2]
        self.make_log(tmp_path, 2, first=11)
        assert path.stat().st_size == torn
        assert [(s, one.article_id) for s, one in read_all(tmp_path)] == [
            (1, 1), (2, 2), (3, 11), (4, 12),
        ]  # fmt: skip
        [extent] = damage_of(tmp_path)
        assert (extent.name, extent.offset, extent.end) == (segment.name, 134, torn)
        assert extent.missing == 0  # it was never acknowledged

    def test_a_reader_that_stands_at_a_torn_tail_finds_what_follows(self, tmp_path):
        self.make_log(tmp_path, 3)
        path = tmp_path / list_segments(tmp_path)[0].name
        os.truncate(path, path.stat().st_size - 7)
        reading = FileLog(tmp_path)
        end = reading.find_durable_end()
        batch = reading.read_batch(LogPlace(), end=end, limit=10, stop_each=100)
        self.make_log(tmp_path, 1, first=11)
        end = reading.find_durable_end(after=batch.place)
        more = reading.read_batch(batch.place, end=end, limit=10, stop_each=100)
        assert [one.article_id for one in more.views] == [11]

    def test_rotten_bytes_cost_their_frame_and_the_rest_is_used(self, tmp_path):
        self.make_log(tmp_path, 5)
        path = tmp_path / list_segments(tmp_path)[0].name
        rotten = bytearray(path.read_bytes())
        rotten[len(rotten) // 2] ^= 0xFF
        path.write_bytes(rotten)
        assert [(s, one.article_id) for s, one in read_all(tmp_path)] == [
            (1, 1), (2, 2), (4, 4), (5, 5),
        ]  # fmt: skip
        assert [one.text for one in damage_of(tmp_path)] == [
            f"{path.name}, bytes 134 to 201: 1 views are missing, 3 to 3"
        ]

    def test_a_file_that_is_gone_is_a_gap_with_its_views(self, tmp_path):
        for first in (1, 4):
            self.make_log(tmp_path, 3, first=first)
            torn = tmp_path / list_segments(tmp_path)[-1].name
            with torn.open("ab") as file:
                file.write(b"BVF")
        self.make_log(tmp_path, 1, first=7)
        first, second, _ = list_segments(tmp_path)
        (tmp_path / second.name).unlink()
        [half_written] = damage_of(tmp_path)
        assert (half_written.name, half_written.first_missing, half_written.missing) == (
            first.name, 4, 3,
        )  # fmt: skip
        (tmp_path / first.name).unlink()
        assert [one.text for one in damage_of(tmp_path)] == ["a gap: 6 views are missing, 1 to 6"]

    def test_zeros_at_the_end_as_some_file_systems_leave_them_are_passed_over(self, tmp_path):
        self.make_log(tmp_path, 2)
        path = tmp_path / list_segments(tmp_path)[0].name
        with path.open("ab") as file:
            file.write(bytes(4096))
        self.make_log(tmp_path, 1, first=3)
        assert [one.article_id for _, one in read_all(tmp_path)] == [1, 2, 3]


class TestDiskErrors:
    def test_a_failed_fsync_acknowledges_nothing_and_the_log_goes_on(self, tmp_path, monkeypatch):
        log = ViewLog(tmp_path)
        log.append(view(1)).result()
        real, failing = os.fsync, threading.Event()

        def fsync(descriptor):
            if failing.is_set():
                raise OSError(errno.EIO, "Input/output error")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)
        failing.set()
        with pytest.raises(LogUnavailableError, match="Input/output"):
            log.append(view(2)).result()
        failing.clear()
        assert log.append(view(3)).result() == 2
        log.close()
        assert [(s, one.article_id) for s, one in read_all(tmp_path)] == [(1, 1), (2, 3)]
        assert len(list_segments(tmp_path)) == 2  # the one whose end was in doubt is left alone

    def test_a_full_disk_leaves_no_half_a_frame(self, tmp_path, monkeypatch):
        log = ViewLog(tmp_path)
        log.append(view(1)).result()
        real = os.pwrite

        monkeypatch.setattr(os, "pwrite", lambda d, data, o: real(d, data[:7], o))
        assert log.append(view(2)).result() == 2  # a short write is no error: the rest follows
        full = iter([20])

        def fill_up(descriptor, data, offset):
            for size in full:
                return real(descriptor, data[:size], offset)
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "pwrite", fill_up)
        with pytest.raises(LogUnavailableError, match="No space"):
            log.append(view(3)).result()
        monkeypatch.setattr(os, "pwrite", real)
        assert log.append(view(4)).result() == 3
        log.close()
        assert [one.article_id for _, one in read_all(tmp_path)] == [1, 2, 4]
        assert len(list_segments(tmp_path)) == 1

    def test_too_many_waiting_views_are_refused_at_once(self, tmp_path, monkeypatch):
        real, may_go_on = os.fsync, threading.Event()
        monkeypatch.setattr(os, "fsync", lambda d: (may_go_on.wait(30), real(d)))
        log = ViewLog(tmp_path, max_waiting=5)
        first = log.append(view(1))
        while log._waiting:  # until the first is being written
            pass
        waiting = [log.append(view(n)) for n in range(2, 7)]
        with pytest.raises(LogUnavailableError, match="5 views wait"):
            log.append(view(7))
        assert not first.done()
        may_go_on.set()
        wait([first, *waiting])
        log.close()
        assert [one.article_id for _, one in read_all(tmp_path)] == [1, 2, 3, 4, 5, 6]

    def test_a_closed_log_has_written_what_waited_and_takes_no_more(self, tmp_path):
        log = ViewLog(tmp_path)
        futures = [log.append(view(n)) for n in range(1, 50)]
        log.close()
        assert [future.result(timeout=0) for future in futures] == list(range(1, 50))
        with pytest.raises(LogUnavailableError):
            log.append(view(50))


def test_views_that_wait_together_share_one_fsync(tmp_path, monkeypatch):
    real, calls, may_go_on = os.fsync, [], threading.Event()
    log = ViewLog(tmp_path)
    log.append(view(1)).result()

    def fsync(descriptor):
        calls.append(descriptor)
        may_go_on.wait(30)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    first = log.append(view(2))
    while not calls:  # until the first is in its fsync
        pass
    many = [log.append(view(n)) for n in range(3, 500)]
    may_go_on.set()
    wait([first, *many])
    log.close()
    assert len(calls) == 2


texts = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100)
some_view = st.builds(
    View,
    received_at_ms=st.integers(0, 2**62),
    article_id=st.integers(1, 2**63 - 1),
    reader=st.binary(min_size=16, max_size=16),
    reader_yesterday=st.none() | st.binary(min_size=16, max_size=16),
    door=st.sampled_from(["script", IMAGE]),
    verdict=texts,
    referring_host=st.just("") | texts,
    network=st.just(b"") | st.binary(min_size=8, max_size=8).filter(any),
)


@given(st.lists(some_view, max_size=20))
def test_a_record_says_what_was_written(views):
    assert decode_views(b"".join(map(encode_view, views)), len(views)) == views


#: Two views as the first version of the format wrote them, the second by way of the image.
OLD_FRAME = bytes.fromhex(
    "42564631c365cee47000000001000000000000000200000000be22a19a010000070000000000000000000011"
    "11111111111111111111111111111101be22a19a0100000800000000000000030e0c22222222222222222222"
    "22222222222233333333333333333333333333333333726f626f743a6e616d656c6573736e6577732e657861"
    "6d706c65"
)


def test_frames_of_the_first_version_are_read_beside_newer_ones(tmp_path):
    (tmp_path / "0000000001-0000000000000001.views").write_bytes(OLD_FRAME)
    log = ViewLog(tmp_path)
    assert log.append(view(9, network=b"12345678")).result() == 3
    log.close()
    assert [(s, one.article_id, one.door, one.network) for s, one in read_all(tmp_path)] == [
        (1, 7, "script", b""), (2, 8, IMAGE, b""), (3, 9, "script", b"12345678"),
    ]  # fmt: skip


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.data())
@settings(max_examples=40)
def test_reading_is_the_same_however_it_is_cut(tmp_path_factory, frames, data):
    directory = tmp_path_factory.mktemp("log")
    log = ViewLog(directory, segment_bytes=2500)
    for size in frames:
        log.append_all([view(n + 1) for n in range(size)])
    log.close()
    whole = read_all(directory, limit=10**6, stop_each=10**6)
    assert [sequence for sequence, _ in whole] == list(range(1, sum(frames) + 1))
    cut = read_all(
        directory,
        limit=data.draw(st.integers(1, 50)),
        stop_each=data.draw(st.integers(1, 50)),
    )
    assert cut == whole


def test_no_batch_reaches_beyond_a_sequence_where_its_reader_has_to_stop(tmp_path):
    log = ViewLog(tmp_path)
    log.append_all([view(1, at=NOON)] * 25)
    log.close()
    reading = FileLog(tmp_path)
    end, place, lasts = reading.find_durable_end(), LogPlace(), []
    while batch := reading.read_batch(place, end=end, limit=100, stop_each=10):
        place = batch.place
        lasts.append(place.sequence)
    assert lasts == [10, 20, 25]
    assert reading.find_durable_end(after=place) is None
