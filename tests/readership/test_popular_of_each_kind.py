"""Popular of sections, tags and authors: each from what is read, and true after every change."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory, TagFactory
from tests.readership.views import NOON, view

from broadsheet.articles.models import Article
from broadsheet.readership import ranking
from broadsheet.readership.counting import (
    fold_all_views,
    place_articles,
    set_imported_counts,
    take_revision,
)
from broadsheet.readership.models import ArticleCount, RankedWindow, Ranking
from broadsheet.readership.queries import RANKING_OLD, popular
from broadsheet.readership.ranking import EACH, WINDOWS, rank_next, rank_popular, rank_window

pytestmark = both_databases
NOW = NOON


@pytest.fixture
def newsroom(editions, view_log):
    return Newsroom(editions["en"], view_log)


class Newsroom:
    def __init__(self, edition, log):
        self.edition, self.log = edition, log
        self.times = 0

    def write(self, count=1, **kwargs):
        kwargs.setdefault("published_at", NOW - timedelta(days=60))
        articles = ArticleFactory.create_batch(count, **kwargs)
        place_articles([a.pk for a in articles])
        return [a.pk for a in articles]

    def read(self, reads, *, hours_ago=0.1):
        self.times += 1
        at = NOW - timedelta(hours=hours_ago)
        views = [
            view(pk, by=(self.times, n), at=at) for pk, times in reads.items() for n in range(times)
        ]
        self.log.append_all(views)
        fold_all_views(now=NOW)

    def move(self, pk, section):
        article = Article.objects.get(pk=pk)
        article.section = section
        article.publish(article.save_revision())
        place_articles([pk])

    def popular(self, **kwargs):
        return popular(self.edition.pk, now=NOW, **kwargs)


def falling(ids, *, most=None):
    return {pk: (most or len(ids)) - place for place, pk in enumerate(ids)}


@pytest.mark.parametrize("window", WINDOWS)
def test_tags_and_authors_have_lists_over_each_window(newsroom, window):
    ports, olena = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")
    tagged = newsroom.write(6, tags=[ports])
    signed = newsroom.write(6, authors=[olena])
    newsroom.read(falling(tagged) | falling(signed, most=30))
    rank_popular(now=NOW)
    found = newsroom.popular(tag_id=ports.pk, window=window)
    assert (found.window, found.article_ids, found.computed_at) == (window, tuple(tagged), NOW)
    assert newsroom.popular(author_id=olena.pk, window=window).article_ids == tuple(signed)
    assert newsroom.popular(window=window).article_ids == (*signed, *tagged)[:10]


def test_a_tag_widens_to_all_time_and_to_its_newest(newsroom):
    ports, rails = TagFactory(en="Ports"), TagFactory(en="Rails")
    old, new = newsroom.write(2, tags=[ports]), newsroom.write(2, tags=[rails])
    newsroom.write(3)
    set_imported_counts({old[0]: 10, old[1]: 90})
    rank_popular(now=NOW)
    found = newsroom.popular(tag_id=ports.pk)
    assert (found.window, found.article_ids) == ("all", (old[1], old[0]))
    found = newsroom.popular(tag_id=rails.pk)
    assert (found.window, found.article_ids) == ("newest", (new[1], new[0]))


def test_a_section_is_ranked_by_what_was_read_while_an_article_stood_there(newsroom):
    sport, economy = SectionFactory(en="Sport"), SectionFactory(en="Economy")
    home = newsroom.write(5, section=sport)
    [moved] = newsroom.write(1, section=economy)
    newsroom.read(falling(home, most=20))
    newsroom.read({moved: 50})
    newsroom.move(moved, sport)
    newsroom.read({moved: 3}, hours_ago=0.05)
    rank_popular(now=NOW)
    # 20, 19, 18, 17, 16 readers there, and of its 53 three.
    assert newsroom.popular(section_id=sport.pk).article_ids == (*home, moved)
    assert moved not in newsroom.popular(section_id=economy.pk).article_ids
    assert newsroom.popular().article_ids == (moved, *home)


def test_what_lost_its_tag_or_byline_is_no_longer_shown(newsroom):
    ports, olena = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")
    ids = newsroom.write(6, tags=[ports], authors=[olena])
    newsroom.read(falling(ids))
    rank_popular(now=NOW)
    article = Article.objects.get(pk=ids[0])
    article.tags, article.bylines = [], []
    article.publish(article.save_revision())
    for of in ({"tag_id": ports.pk}, {"author_id": olena.pk}):
        for window in ("day", "all"):
            assert newsroom.popular(window=window, **of).article_ids == tuple(ids[1:])
    place_articles([ids[0]])
    newsroom.read({ids[1]: 20})
    rank_popular(now=NOW)
    assert newsroom.popular(tag_id=ports.pk, window="all").article_ids == tuple(ids[1:])


def test_what_gains_a_tag_comes_into_its_list_of_all_time(newsroom):
    ports = TagFactory(en="Ports")
    [pk] = newsroom.write()
    newsroom.read({pk: 3})
    rank_popular(now=NOW)
    assert newsroom.popular(tag_id=ports.pk, window="all").window == "newest"
    article = Article.objects.get(pk=pk)
    article.tags = [ports]
    article.publish(article.save_revision())
    place_articles([pk])
    rank_popular(now=NOW)
    found = newsroom.popular(tag_id=ports.pk, window="all")
    assert (found.window, found.article_ids) == ("all", (pk,))


READING = ("read", "rank", "publish", "tag")
EVERYTHING = (*READING, "unpublish", "untag")


@pytest.mark.parametrize(("acts", "reserve"), [(READING, 0), (EVERYTHING, 8)])
@pytest.mark.usefixtures("editions")
def test_lists_of_all_time_are_as_if_ranked_from_the_beginning(acts, reserve, monkeypatch):
    """Whatever is read, and whatever is taken out as long as there is a reserve."""
    monkeypatch.setattr(ranking, "LIST_LENGTH", 2)
    monkeypatch.setattr(ranking, "RESERVE", reserve)
    monkeypatch.setattr(ranking, "_TOTALS_A_STEP", 3)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(acts), st.integers(0, 9)), max_size=40))
    def run(days):
        table = Table()
        monkeypatch.setattr(ranking, "records_of", table.records_of)
        for act, number in days:
            table.do(act, table.ids[number])
        table.rank()
        assert table.listed() == table.expected()

    run()


class Table:
    """Ten rows of articles and a tag of theirs, without a newsroom around them."""

    made = 0

    def __init__(self):
        Table.made += 1
        self.tag = Table.made
        self.ids = [self.tag * 100 + n for n in range(10)]
        self.tagged = set(self.ids[:5])
        self.live, self.totals = set(self.ids[:7]), dict.fromkeys(self.ids, 0)
        for pk in self.ids:
            self.write(pk)

    def do(self, act, pk):
        if act == "rank":
            self.rank()
            return
        if act == "read":
            self.totals[pk] += pk % 7 + 1
        elif act in {"publish", "unpublish"}:
            (self.live.add if act == "publish" else self.live.discard)(pk)
        else:
            (self.tagged.add if act == "tag" else self.tagged.discard)(pk)
        self.write(pk)

    def write(self, pk):
        total = self.totals[pk]
        ArticleCount.objects.update_or_create(
            article_id=pk,
            defaults={
                "edition_id": self.tag,
                "is_live": pk in self.live,
                "counted": total,
                "total": total,
                "revision": take_revision(),
            },
        )

    def records_of(self, kind, article_ids):
        return [(pk, self.tag) for pk in article_ids if kind == "tag" and pk in self.tagged]

    @staticmethod
    def rank():
        while rank_window("all", now=NOW):
            pass

    def listed(self):
        lists = Ranking.objects.filter(window="all", kind="tag", record_id=self.tag)
        return [
            (pk, total)
            for one in lists
            for pk, total in zip(one.article_ids, one.totals, strict=True)
            if pk in self.live & self.tagged
        ][:2]

    def expected(self):
        read = [(total, pk) for pk, total in self.totals.items() if total]
        read = [one for one in read if one[1] in self.live & self.tagged]
        return [(pk, total) for total, pk in sorted(read, reverse=True)[:2]]


def test_lists_are_bounded_to_the_tags_that_are_read_most(newsroom, monkeypatch):
    monkeypatch.setattr(ranking, "MOST_RECORDS", 2)
    tags = [TagFactory(en=name) for name in ("Ports", "Rails", "Roads")]
    ids = [newsroom.write(1, tags=[tag])[0] for tag in tags]
    newsroom.read({ids[0]: 2, ids[1]: 9, ids[2]: 5})
    rank_window("day", now=NOW)
    ranked = Ranking.objects.filter(window="day", kind="tag").values_list("record_id", flat=True)
    assert set(ranked) == {tags[1].pk, tags[2].pk}


def test_the_most_read_articles_alone_are_ranked(newsroom, monkeypatch):
    monkeypatch.setattr(ranking, "MOST_ARTICLES", 3)
    ids = newsroom.write(5)
    newsroom.read(falling(ids))
    rank_window("day", now=NOW)
    assert Ranking.objects.get(window="day", kind="edition").article_ids == ids[:3]


def test_windows_are_ranked_each_in_its_time(newsroom):
    assert newsroom.write(1)

    def due_at(moment):
        done = []
        while rank_next(now=moment):
            done = [w for w, at in RankedWindow.objects.values_list("window", "computed_at")
                    if at == moment]  # fmt: skip
        return set(done)

    assert due_at(NOW) == set(EACH)
    assert due_at(NOW + timedelta(seconds=19)) == set()
    assert due_at(NOW + timedelta(seconds=20)) == {"day", "hour"}
    assert due_at(NOW + timedelta(seconds=60)) == {"day", "hour", "rising", "all"}
    assert due_at(NOW + timedelta(seconds=300)) == set(EACH)


def test_an_old_ranking_is_shown_no_more(newsroom):
    ids = newsroom.write(6, tags=[TagFactory(en="Ports")])
    [tag_id] = {tag for _, tag in ranking.records_of("tag", ids)}
    newsroom.read(falling(ids))
    newsroom.read({ids[5]: 40}, hours_ago=100)
    rank_popular(now=NOW)
    later = NOW + RANKING_OLD
    assert popular(newsroom.edition.pk, now=later - timedelta(seconds=1)).window == "day"
    found = popular(newsroom.edition.pk, now=later)
    assert (found.window, found.computed_at) == ("all", NOW)
    RankedWindow.objects.filter(window="week").update(computed_at=later)
    found = popular(newsroom.edition.pk, now=later)
    assert (found.window, found.article_ids[0]) == ("week", ids[5])
    assert popular(newsroom.edition.pk, tag_id=tag_id, now=later).window == "week"
    RankedWindow.objects.update(computed_at=NOW)
    assert popular(newsroom.edition.pk, tag_id=tag_id, now=later).window == "newest"
    assert popular(newsroom.edition.pk, window="rising", now=later).article_ids == ()


def test_what_rises_is_found_in_the_log(newsroom):
    ports = TagFactory(en="Ports")
    steady, *others = newsroom.write(8, published_at=NOW - timedelta(days=3))
    [old] = newsroom.write(1, tags=[ports])
    for hours in range(2, 20):
        newsroom.read({steady: 40} | dict.fromkeys(others, 4), hours_ago=hours)
    newsroom.read({steady: 44, old: 25} | dict.fromkeys(others, 4), hours_ago=0.2)
    rank_popular(now=NOW)
    found = newsroom.popular(window="rising")
    assert (found.window, found.article_ids) == ("rising", (old,))
    assert newsroom.popular(window="rising", tag_id=ports.pk).article_ids == (old,)
    assert newsroom.popular(window="hour").article_ids[:2] == (steady, old)
    Article.objects.get(pk=old).unpublish()
    place_articles([old])
    assert newsroom.popular(window="rising").article_ids == ()


def test_a_list_costs_a_few_questions_however_many_articles(newsroom):
    ports, olena = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")

    def ask():
        counts = []
        for of in ({}, {"section_id": 1}, {"tag_id": ports.pk}, {"author_id": olena.pk}):
            with (
                CaptureQueriesContext(connections["readership"]) as counts_asked,
                CaptureQueriesContext(connections["default"]) as articles_asked,
            ):
                newsroom.popular(**of)
            counts.append(len(counts_asked) + len(articles_asked))
        return counts

    newsroom.read(falling(newsroom.write(6, tags=[ports], authors=[olena])))
    rank_popular(now=NOW)
    few = ask()
    newsroom.read(falling(newsroom.write(30, tags=[ports], authors=[olena])))
    rank_popular(now=NOW)
    assert ask() == few
    assert max(few) <= 6


def test_a_ranking_asks_by_what_is_read_not_by_what_there_is(newsroom):
    newsroom.read(falling(newsroom.write(4, tags=[TagFactory(en="Ports")])))

    def ask():
        with CaptureQueriesContext(connections["readership"]) as asked:
            rank_popular(now=NOW)
        return len(asked)

    ask()
    few = ask()
    newsroom.write(30, tags=[TagFactory(en="Rails")])
    ask()  # what was placed has a new row
    assert ask() == few


def test_unchanged_lists_are_not_written_again(newsroom):
    newsroom.read(falling(newsroom.write(4)))
    rank_popular(now=NOW)
    with CaptureQueriesContext(connections["readership"]) as asked:
        rank_window("week", now=NOW)
    written = [one["sql"] for one in asked if not one["sql"].startswith("SELECT")]
    assert not [sql for sql in written if "readership_ranking" in sql.split("WHERE")[0]]
