import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import accumulate

import pytest
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.postgres import Server
from tests.readership.views import view

from broadsheet.project.databases import databases_at
from broadsheet.readership.table_log import LogUnreadableError, TableAppender, TableLog
from broadsheet.readership.view_log import LogUnavailableError
from broadsheet.readership.view_reading import DamagedExtent, LogBehindError, LogPlace
from broadsheet.readership.view_records import View, encode_view

ALIAS = "log-of-a-test"
TABLES = import_module("broadsheet.readership.migrations.0006_log_in_postgresql")
FRAMES = "views.broadsheet_readership_viewframe"
BEGINNING = LogPlace()


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        server.create("news")
        with server.connect("news") as made:
            made.execute("CREATE SCHEMA views")
            made.execute("SET search_path = views")
            for statement in (TABLES.LOG, TABLES.AS_IT_IS, TABLES.END, TABLES.FIRST_END):
                made.execute(statement)
        yield server


@pytest.fixture(scope="module")
def database(server):
    return databases_at(server.url("news"))["views"]


@pytest.fixture(scope="module")
def table(server, database, django_db_blocker):
    """The reading end of a log in PostgreSQL, whatever the tests run on."""
    connections.databases[ALIAS] = connections.configure_settings({"default": {}, ALIAS: database})[
        ALIAS
    ]
    with django_db_blocker.unblock():
        yield TableLog(ALIAS)
        connections[ALIAS].close()
    import_module("broadsheet.readership.table_log")._locks(ALIAS).close()
    del connections.databases[ALIAS]


@pytest.fixture
def log(table, server):
    empty(server)
    return table


@pytest.fixture
def appender(database):
    with closing(TableAppender(database)) as appender:
        yield appender


def empty(server):
    with server.connect("news") as session:
        session.execute(f"DELETE FROM {FRAMES}")
        session.execute("UPDATE views.broadsheet_readership_viewlogend SET next_sequence = 1")


def append(appender, *articles):
    return appender.append([encode_view(view(article)) for article in articles])


def read(log, *, after=BEGINNING, limit=10_000, stop_each=10_000):
    """All batches after a place."""
    batches = []
    if (end := log.find_durable_end(after=after)) is not None:
        while batch := log.read_batch(after, end=end, limit=limit, stop_each=stop_each):
            batches.append(batch)
            after = batch.place
    return batches


def articles_in(batches):
    return [found.article_id for batch in batches for found in batch.views]


class TestReading:
    @settings(max_examples=40)
    @given(
        frames=st.lists(st.integers(1, 9), min_size=1, max_size=8),
        limit=st.integers(1, 30),
        stop_each=st.integers(1, 12),
    )
    def test_what_was_appended_is_read_in_its_order_however_it_is_cut(  # noqa: PLR0917 - drawn
        self, table, server, database, frames, limit, stop_each
    ):
        empty(server)
        firsts = [1, *(1 + end for end in accumulate(frames))]
        with closing(TableAppender(database)) as appender:
            for first, count in zip(firsts, frames, strict=False):
                assert append(appender, *range(first, first + count)) == first
        batches = read(table, limit=limit, stop_each=stop_each)
        assert articles_in(batches) == list(range(1, sum(frames) + 1))
        sequence = 0
        for batch in batches:
            assert batch.first_sequence == sequence + 1
            assert len(batch.views) <= limit
            assert sequence // stop_each == (batch.place.sequence - 1) // stop_each
            sequence = batch.place.sequence
        for batch in batches:
            rest = articles_in(read(table, after=batch.place))
            assert rest == list(range(batch.place.sequence + 1, sum(frames) + 1))

    def test_a_record_keeps_all_that_it_says(self, log, appender):
        told = View(
            1_764_000_000_123, 42, b"r" * 16, b"y" * 16, "image", "robot:crawler", "news.example",
            b"networks",
        )  # fmt: skip
        appender.append([encode_view(told)])
        [batch] = read(log)
        assert batch.views == [told]

    def test_a_log_that_is_older_than_the_counts_is_an_error(self, log, appender):
        append(appender, 1, 2, 3)
        with pytest.raises(LogBehindError, match="recount --apply"):
            log.find_durable_end(after=LogPlace(1, 5, 0, 4))

    def test_a_damaged_frame_is_told_with_its_extent_and_the_rest_is_used(
        self, log, appender, server
    ):
        append(appender, 1, 2)
        append(appender, 3, 4, 5)
        append(appender, 6)
        append(appender, 7)
        with server.connect("news") as session:
            session.execute(
                f"UPDATE {FRAMES} SET frame = set_byte(frame, 40, get_byte(frame, 40) # 255) "
                "WHERE first_sequence = 3"
            )
            session.execute(f"DELETE FROM {FRAMES} WHERE first_sequence = 6")
            [(length,)] = session.execute(
                f"SELECT length(frame) FROM {FRAMES} WHERE first_sequence = 3"
            )
        first, last = read(log)
        assert articles_in([first]) == [1, 2]
        assert articles_in([last]) == [7]
        assert last.damage == (
            DamagedExtent("frame 3", 0, length, 3, 3),
            DamagedExtent("", 0, 0, 6, 1),
        )
        assert read(log, after=first.place) == [last]

    def test_a_server_that_does_not_answer_is_an_error_of_reading(self, database):
        gone = {**database, "PORT": "1"}
        connections.databases["gone"] = connections.configure_settings(
            {"default": {}, "gone": gone}
        )["gone"]
        log = TableLog("gone")
        with pytest.raises(LogUnreadableError):
            log.find_durable_end()
        with pytest.raises(LogUnreadableError), log.hold("fold"):
            pass
        del connections.databases["gone"]


class TestWriting:
    def test_several_machines_write_one_order_without_gaps(self, log, database):
        told, seen, ended = {}, [], threading.Event()

        def write(machine):
            with closing(TableAppender(database)) as appender:
                for number in range(60):
                    article = machine * 1000 + number
                    told[append(appender, article)] = article

        def follow():
            place = LogPlace()
            while not (is_last := ended.is_set()) or is_last:
                for batch in read(log, after=place):
                    seen.extend(
                        enumerate((v.article_id for v in batch.views), batch.first_sequence)
                    )
                    place = batch.place
                if is_last:
                    connections[ALIAS].close()
                    return

        with ThreadPoolExecutor(5) as threads:
            following = threads.submit(follow)
            for done in [threads.submit(write, machine) for machine in range(4)]:
                done.result()
            ended.set()
            following.result()
        # Whoever follows passes nothing over that becomes visible later.
        assert [sequence for sequence, _ in seen] == list(range(1, 241))
        assert dict(seen) == told

    def test_what_was_acknowledged_is_there_once_however_often_connections_are_cut(
        self, log, database, server
    ):
        told, ended = [], threading.Event()

        def write(machine):
            with closing(TableAppender(database)) as appender:
                for number in range(150):
                    article = machine * 1000 + number
                    try:
                        told.append((append(appender, article), article))
                    except LogUnavailableError:
                        continue

        def cut():
            cuts = 0
            while not ended.wait(0.01):
                server.cut_connections("news", which=random.choice(["BEGIN", "INSERT", "COMMIT"]))
                cuts += 1
            return cuts

        with ThreadPoolExecutor(4) as threads:
            cutting = threads.submit(cut)
            for done in [threads.submit(write, machine) for machine in range(3)]:
                done.result()
            ended.set()
            assert cutting.result()
        batches = read(log)
        found = [
            (sequence, one.article_id)
            for batch in batches
            for sequence, one in enumerate(batch.views, batch.first_sequence)
        ]
        assert not any(batch.damage for batch in batches)
        assert set(told) <= set(found)
        assert len({article for _, article in found}) == len(found)

    def test_a_crash_of_the_server_loses_nothing_and_writing_goes_on_by_itself(
        self, log, appender, server
    ):
        append(appender, 1, 2)
        server.stop()
        with pytest.raises(LogUnavailableError):
            append(appender, 3)
        server.start()
        assert append(appender, 4) == 3
        server.stop()
        server.start()
        # It was restarted between two views: neither is refused.
        assert append(appender, 5) == 4
        connections[ALIAS].close()
        assert articles_in(read(log)) == [1, 2, 4, 5]


class TestThinning:
    def test_a_part_that_is_old_and_folded_goes_and_never_the_last_frame(
        self, log, appender, server
    ):
        for first in (1, 4, 7, 10):
            append(appender, first, first + 1, first + 2)
        now = datetime.now(UTC)
        soon = {"before": now + timedelta(hours=1)}
        end = LogPlace(1, 13, 0, 12)
        assert (
            log.find_old_end(before=now - timedelta(hours=1), after=LogPlace(), until=end) is None
        )
        assert log.find_old_end(**soon, after=LogPlace(), until=end) == LogPlace(1, 10, 0, 9)
        # A place in the middle of a frame: that frame is not wholly before it.
        assert log.find_old_end(**soon, after=LogPlace(), until=LogPlace(1, 7, 2, 8)) == LogPlace(
            1, 7, 0, 6
        )
        # One that a wrong clock dated into the future is as old as those that followed it.
        with server.connect("news") as session:
            session.execute(
                f"UPDATE {FRAMES} SET written_at = now() + interval '1 year' "
                "WHERE first_sequence = 4"
            )
        place = log.find_old_end(**soon, after=LogPlace(), until=end)
        assert place == LogPlace(1, 10, 0, 9)
        assert log.forget_until(place) == 3
        assert articles_in(read(log, after=place)) == [10, 11, 12]
        assert log.find_old_end(**soon, after=place, until=end) is None
        assert log.forget_until(end) == 0
        assert append(appender, 13) == 13

    def test_a_part_has_so_many_views(self, log, appender, monkeypatch):
        for first in range(1, 20, 2):
            append(appender, first, first + 1)
        monkeypatch.setattr("broadsheet.readership.table_log.PART_VIEWS", 6)
        soon = {"before": datetime.now(UTC) + timedelta(hours=1), "until": LogPlace(1, 21, 0, 20)}
        place, parts = LogPlace(), []
        while found := log.find_old_end(after=place, **soon):
            log.forget_until(found)
            place = found
            parts.append(found.sequence)
        assert parts == [6, 12, 18]


class TestHolding:
    def test_one_at_a_time_with_a_purpose(self, log):
        with log.hold("fold") as is_ours, log.hold("fold") as is_theirs:
            assert (is_ours, is_theirs) == (True, False)
            with log.hold("thinning") as is_other:
                assert is_other
        with log.hold("fold") as is_ours:
            assert is_ours

    def test_who_waits_gets_it_next(self, log):
        got = []

        def wait():
            with log.hold("fold", wait=True) as is_ours:
                got.append(is_ours)

        with ExitStack() as holding:
            assert holding.enter_context(log.hold("fold"))
            waiting = threading.Thread(target=wait)
            waiting.start()
            waiting.join(0.2)
            assert not got
        waiting.join(30)
        assert got == [True]

    def test_one_whose_connection_is_cut_holds_nothing_any_more(self, log, server):
        with log.hold("fold") as is_ours:
            assert is_ours
            server.cut_connections("news", which="pg_try_advisory_lock")
            with log.hold("fold") as is_theirs:
                assert is_theirs
        with log.hold("fold") as is_ours:
            assert is_ours
