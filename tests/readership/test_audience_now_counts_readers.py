from datetime import timedelta

import pytest
from tests.conftest import both_databases
from tests.readership.views import NOON, reader, view

from broadsheet.readership import audience_now
from broadsheet.readership.audience_now import Readers, read_now
from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.log_ends import find_reach
from broadsheet.readership.models import ArticleCount, FoldState
from broadsheet.readership.tallying import PACE

pytestmark = both_databases


@pytest.fixture(autouse=True)
def _places():
    for article_id, edition_id, section_id in ((1, 1, 10), (2, 1, 11), (3, 2, 10)):
        ArticleCount.objects.create(
            article_id=article_id, edition_id=edition_id, section_id=section_id, is_live=True
        )


def send(view_log, *views):
    view_log.append_all(sorted(views, key=lambda one: one.received_at_ms))
    fold_all_views(now=NOON)


def test_readers_are_counted_once_by_article_section_and_edition(view_log):
    send(
        view_log,
        view(1, by="anna", minutes=-2),
        view(2, by="anna", minutes=-1),
        view(1, by="ben", minutes=-20),
        view(1, by="ben", minutes=-19),  # within the window: it did not count
        view(3, by="carl", minutes=-4),
        view(3, by="dora", minutes=-31),
        view(2, by="bot", minutes=-1, verdict="robot:crawler"),
    )
    found = read_now(now=NOON)
    assert found.all == Readers(2, 3)
    assert found.editions == {1: Readers(1, 2), 2: Readers(1, 1)}
    assert found.sections == {
        (1, 10): Readers(1, 2),
        (1, 11): Readers(1, 1),
        (2, 10): Readers(1, 1),
    }
    assert list(found.articles.items()) == [
        (1, Readers(1, 2)), (3, Readers(1, 1)), (2, Readers(1, 1)),
    ]  # fmt: skip
    assert found.looked_at_each == 1
    assert sum(found.views) == 5


def test_who_is_no_robot_but_by_pace_leaves_no_mark_among_articles(view_log):
    send(view_log, *(view(one, by="fast", minutes=-1) for one in range(1, PACE + 5)))
    found = read_now(now=NOON, limit=100)
    assert 0 not in found.articles
    assert len(found.articles) == PACE - 1
    assert found.all == Readers(1, 1)


def test_views_of_the_hour_stand_in_their_five_minutes(view_log):
    send(
        view_log,
        view(1, by="a", minutes=-1),
        view(1, by="b", minutes=-54),
        view(1, by="c", minutes=-61),
    )
    views = read_now(now=NOON + timedelta(seconds=1)).views
    assert (views[-2], views[0], sum(views)) == (1, 1, 2)


def test_of_very_many_readers_a_share_is_looked_at_and_the_numbers_say_so(view_log, monkeypatch):
    monkeypatch.setattr(audience_now, "MOST_VIEWS", 100)
    send(view_log, *(view(1, by=name, minutes=-1) for name in range(380)))
    found = read_now(now=NOON)
    low = sum(1 for name in range(380) if reader(name)[0] < 64)
    assert found.looked_at_each == 4
    assert found.all == found.editions[1] == found.articles[1] == Readers(4 * low, 4 * low)
    assert 250 < found.all.long < 510


def test_nobody_reads_where_nothing_was_folded(view_log):
    view_log.append(view(1, minutes=-1)).result(30)
    found = read_now(now=NOON)
    assert found.all == Readers(0, 0)
    assert not found.articles


class TestHowFarTheFoldIs:
    def test_what_waits_is_told_to_the_view(self, view_log):
        assert find_reach().waiting == 0
        send(view_log, view(1, by="a"))
        for name in range(7):
            view_log.append(view(1, by=name)).result(30)
        reach = find_reach()
        assert (reach.counted, reach.written, reach.waiting) == (1, 8, 7)
        assert reach.lag(now=NOON + timedelta(seconds=40)) == timedelta(seconds=40)
        fold_all_views(now=NOON)
        assert find_reach().waiting == 0
        assert find_reach().lag(now=NOON + timedelta(hours=9)) == timedelta()

    def test_a_fold_that_stands_in_the_middle_of_a_frame_has_the_rest_to_do(self, view_log):
        view_log.append_all([view(1, by=name) for name in range(5)])
        fold_all_views(now=NOON)
        FoldState.objects.update(segment=0, offset=0, taken=0, sequence=0)
        assert find_reach().waiting == 5
