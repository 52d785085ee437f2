from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import both_databases, files_alone
from tests.factories import ArticleFactory, SectionFactory
from tests.readership.views import view

from broadsheet.articles.models import Article
from broadsheet.readership.counting import fold_all_views, place_articles, set_imported_counts
from broadsheet.readership.models import Ranking
from broadsheet.readership.queries import popular
from broadsheet.readership.ranking import LIST_LENGTH, buckets_since, rank_popular

pytestmark = both_databases
NOW = datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def newsroom(editions, view_log):
    return Newsroom(editions["en"], view_log)


class Newsroom:
    def __init__(self, edition, log):
        self.edition, self.log = edition, log

    def write(self, count, **kwargs):
        articles = ArticleFactory.create_batch(count, **kwargs)
        place_articles([a.pk for a in articles])
        return [a.pk for a in articles]

    def read(self, reads, *, hours_ago=0.1):
        """`reads`: article → by how many readers."""
        at = NOW - timedelta(hours=hours_ago)
        self.log.append_all(
            [
                view(pk, by=(hours_ago, n), at=at)
                for pk, times in reads.items()
                for n in range(times)
            ]
        )
        fold_all_views(now=NOW)

    def popular(self, **kwargs):
        return popular(self.edition.pk, now=NOW, **kwargs)


def falling(ids):
    """The first read most: n, n-1, … 1 readers."""
    return {pk: len(ids) - place for place, pk in enumerate(ids)}


def test_what_is_read_most_in_a_day_comes_first(newsroom):
    ids = newsroom.write(6)
    newsroom.read(falling(ids))
    newsroom.read({ids[5]: 50}, hours_ago=25)  # too long ago to rank in the day
    rank_popular(now=NOW)
    found = newsroom.popular()
    assert (found.window, found.article_ids, found.computed_at) == ("day", tuple(ids), NOW)
    assert newsroom.popular(limit=3).article_ids == tuple(ids[:3])


def test_it_widens_from_a_day_to_a_week_to_all_time(newsroom):
    ids = newsroom.write(7)
    newsroom.read(falling(ids[:4]))
    rank_popular(now=NOW)
    assert newsroom.popular().window == "all"  # four articles were ever read
    assert newsroom.popular().article_ids == tuple(ids[:4])
    newsroom.read({ids[4]: 9}, hours_ago=24 * 6)
    rank_popular(now=NOW)
    week = newsroom.popular()
    assert (week.window, week.article_ids) == ("week", (ids[4], *ids[:4]))
    newsroom.read({ids[5]: 20}, hours_ago=0.2)
    rank_popular(now=NOW)
    assert newsroom.popular().window == "day"
    assert newsroom.popular(window="week").window == "week"
    assert newsroom.popular(window="hour").window == "hour"


def test_all_time_knows_what_was_imported(newsroom):
    ids = newsroom.write(3)
    set_imported_counts({ids[0]: 3228, ids[2]: 3922})
    rank_popular(now=NOW)
    found = newsroom.popular()
    assert (found.window, found.article_ids) == ("all", (ids[2], ids[0]))


def test_newest_only_where_nothing_was_ever_read(newsroom):
    first, second = (
        newsroom.write(1, published_at=NOW - timedelta(hours=hours))[0] for hours in (5, 2)
    )
    rank_popular(now=NOW)
    found = newsroom.popular()
    assert (found.window, found.article_ids) == ("newest", (second, first))
    newsroom.read({first: 1})
    rank_popular(now=NOW)
    assert newsroom.popular().window == "all"
    assert newsroom.popular().article_ids == (first,)


def test_before_the_clock_first_ranked_it_is_of_all_time(newsroom):
    ids = newsroom.write(5)
    newsroom.read(falling(ids))
    found = newsroom.popular()
    assert (found.window, found.article_ids, found.computed_at) == ("all", tuple(ids), NOW)
    assert not Ranking.objects.exists()


def test_editions_and_sections_are_ranked_apart(newsroom, editions):
    sport = SectionFactory(en="Sport", uk="Спорт")
    news, games = newsroom.write(5), newsroom.write(5, section=sport)
    ukrainian = newsroom.write(5, edition="uk", section=sport)
    newsroom.read({**falling(news), **falling(games), **falling(ukrainian)})
    rank_popular(now=NOW)
    assert newsroom.popular(section_id=sport.pk).article_ids == tuple(games)
    assert set(newsroom.popular().article_ids) == {*news, *games}
    assert popular(editions["uk"].pk, now=NOW).article_ids == tuple(ukrainian)


def test_what_is_taken_down_after_the_ranking_is_not_shown(newsroom):
    ids = newsroom.write(6)
    newsroom.read(falling(ids))
    rank_popular(now=NOW)
    Article.objects.get(pk=ids[0]).unpublish()
    place_articles([ids[0]])
    assert newsroom.popular().article_ids == tuple(ids[1:])
    rank_popular(now=NOW)
    assert newsroom.popular().article_ids == tuple(ids[1:])


def test_an_article_that_moved_leaves_its_former_section(newsroom):
    sport = SectionFactory(en="Sport", uk="Спорт")
    ids = newsroom.write(6, section=sport)
    newsroom.read(falling(ids))
    rank_popular(now=NOW)
    Article.objects.filter(pk=ids[0]).update(section=SectionFactory(en="Economy"))
    place_articles([ids[0]])
    assert newsroom.popular(section_id=sport.pk).article_ids == tuple(ids[1:])
    assert newsroom.popular().article_ids == tuple(ids)


def test_ties_go_to_the_more_recent_then_to_the_larger_id(newsroom):
    new = newsroom.write(3, published_at=NOW - timedelta(hours=2))
    old = newsroom.write(2, published_at=NOW - timedelta(hours=5))
    newsroom.read(dict.fromkeys([*old, *new], 2))
    rank_popular(now=NOW)
    assert newsroom.popular().article_ids == (*reversed(new), *reversed(old))
    assert newsroom.popular(window="all").article_ids == (*reversed(new), *reversed(old))


def test_lists_are_short_and_replaced_whole(newsroom):
    ids = newsroom.write(LIST_LENGTH + 3)
    newsroom.read(dict.fromkeys(ids, 1))
    for _ in range(2):
        rank_popular(now=NOW)
    lists = Ranking.objects.values_list("window", "article_ids")
    # Four windows, each for the edition and for its one section; nothing rises.
    assert len(lists) == 4 * 2
    assert {len(places) for _window, places in lists} == {LIST_LENGTH}
    Article.objects.get(pk=ids[0]).unpublish()
    place_articles(ids)
    rank_popular(now=NOW + timedelta(days=2))
    assert {window for window, *_ in Ranking.objects.values_list("window")} == {"week", "month"}


def test_what_is_not_live_takes_nobodys_place(newsroom):
    ids = newsroom.write(LIST_LENGTH + 1)
    newsroom.read(falling(ids))
    Article.objects.get(pk=ids[0]).unpublish()
    place_articles([ids[0]])
    rank_popular(now=NOW)
    assert newsroom.popular(limit=LIST_LENGTH).article_ids == tuple(ids[1:])


def test_robots_rank_nothing(newsroom):
    [pk] = newsroom.write(1)
    newsroom.log.append_all([view(pk, by=n, at=NOW, verdict="robot:crawl") for n in range(9)])
    fold_all_views(now=NOW)
    rank_popular(now=NOW)
    assert not Ranking.objects.exists()
    assert newsroom.popular().window == "newest"


@given(st.integers(1_767_225_600, 1_798_761_600))
def test_buckets_of_a_window_cover_each_second_once(first):
    moment = datetime.fromtimestamp(first, UTC)
    spans = []
    for child in buckets_since(moment).children:
        bounds = dict(child.children)
        spans.append((bounds["start__gte"], bounds.get("start__lt"), bounds["size"]))
    (start, hour, _), (hour_again, day, _), (day_again, end, _) = spans
    assert 0 <= first - start < 300
    assert (hour, day, end) == (hour_again, day_again, None)
    assert start <= hour <= day
    for begin, finish, size in spans:
        assert begin % size == 0
        assert finish is None or finish % size == 0


@files_alone
def test_no_ranking_goes_through_the_archive(newsroom):
    ids = newsroom.write(5)
    newsroom.read(falling(ids))
    with CaptureQueriesContext(connections["readership"]) as asked:
        rank_popular(now=NOW)
        newsroom.popular()
        newsroom.popular(section_id=1, window="all")
    plans = []
    with connections["readership"].cursor() as cursor:
        for query in asked.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
                plans += [row[3] for row in cursor.fetchall()]
    assert any("Bucket".lower() in plan for plan in plans)
    assert any("most_read_in_section" in plan for plan in plans)
    # What editors chose and the windows are few rows; lists are counted.
    growing = ("bucket", "articlecount")
    assert not [plan for plan in plans if "SCAN" in plan and any(t in plan for t in growing)]
