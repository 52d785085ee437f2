from datetime import UTC, datetime

import pytest
from tests.conftest import both_databases
from tests.readership.views import NOON, view

from broadsheet.readership import tallying
from broadsheet.readership.counting import fold_views
from broadsheet.readership.models import ArticleCount, DroppedViews
from broadsheet.readership.tallying import PACE, PACE_VERDICT, Tally

MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


def tally(views):
    result = Tally(window_minutes=30)
    result.add(views)
    return result


def robots_in(views):
    return sum(n for (_, verdict), n in tally(views).dropped.items() if verdict == PACE_VERDICT)


def articles(count, *, seconds, first=1, start=0.0, **fields):
    """Views of one article after the other, evenly over so many seconds."""
    return [
        view(first + n, minutes=start + n * seconds / count / 60, **fields) for n in range(count)
    ]


def test_the_thirtieth_article_within_a_minute_is_a_robots():
    views = articles(PACE, seconds=59)
    result = tally(views)
    assert result.counted == dict.fromkeys(range(1, PACE), 1)
    assert result.robots == {PACE: 1}
    assert robots_in(views) == 1


def test_a_person_may_open_as_many_as_fit_below_it_for_hours():
    assert robots_in(articles((PACE - 1) * 120, seconds=120 * 60)) == 0


def test_a_robot_stays_one_until_it_was_silent_for_a_window():
    quick = articles(PACE, seconds=30)
    later = [view(100 + n, minutes=20 * (n + 1)) for n in range(4)]  # each is another 20 minutes
    assert robots_in([*quick, *later]) == 1 + 4
    after = view(200, minutes=20 * 4 + 30)
    assert tally([*quick, *later, after]).counted[200] == 1


def test_opening_one_article_again_and_again_is_no_pace():
    again = [view(7, minutes=n / 100) for n in range(100)]
    assert tally(again).counted == {7: 1}
    assert robots_in(again) == 0


def test_other_readers_and_what_was_dropped_do_not_add_to_it():
    others = articles(PACE - 1, seconds=20, by="ben")
    prefetched = articles(PACE, seconds=20, first=500, verdict="prefetch")
    mine = articles(PACE - 1, seconds=20)
    assert robots_in([*others, *prefetched, *mine]) == 0


def test_midnight_hides_no_robot():
    before = articles(20, seconds=20, at=MIDNIGHT, start=-0.5, by="old")
    after = articles(20, seconds=20, first=100, at=MIDNIGHT, start=0.1, by="new", before="old")
    assert robots_in([*before, *after]) == 11
    marked = [*articles(PACE, seconds=20, at=MIDNIGHT, start=-0.5, by="old")]
    [one] = articles(1, seconds=1, first=900, at=MIDNIGHT, start=5, by="new", before="old")
    assert robots_in([*marked, one]) == 2


def test_a_clock_set_back_makes_nobody_a_robot_and_frees_no_robot():
    back_and_forth = [view(n + 1, minutes=(-1) ** n * 2 * n) for n in range(PACE)]
    assert robots_in(back_and_forth) == 0
    quick = articles(PACE, seconds=30)
    assert robots_in([*quick, view(300, minutes=-5)]) == 2


@both_databases
@pytest.mark.parametrize("max_records", [1, 7, 4096])
def test_the_fold_sees_it_over_its_batches_and_keeps_it_apart(view_log, max_records):
    view_log.append_all(articles(PACE + 5, seconds=50))
    while fold_views(now=NOON, max_records=max_records).records:
        pass
    counts = dict(ArticleCount.objects.values_list("article_id", "total"))
    assert sum(counts.values()) == PACE - 1
    robots = dict(ArticleCount.objects.filter(robots__gt=0).values_list("article_id", "robots"))
    assert robots == dict.fromkeys(range(PACE, PACE + 6), 1)
    assert DroppedViews.objects.get(verdict=PACE_VERDICT).views == 6


def test_the_pace_is_no_longer_than_the_shortest_window():
    """Windows say how many articles a reader opened; two views of one article count only once."""
    assert tallying.PACE_MS <= 60_000
