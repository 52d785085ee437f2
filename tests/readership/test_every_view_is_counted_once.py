from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connections
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.readership.views import NOON, log_of, lose_log, open_windows, view

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.readership import counting, tallying
from broadsheet.readership.counting import (
    fold_all_views,
    fold_views,
    on_article_published,
    on_article_unpublished,
    on_articles_imported,
    place_articles,
    prune_buckets,
    set_imported_counts,
)
from broadsheet.readership.models import (
    ArticleCount,
    Bucket,
    DroppedViews,
    FoldState,
    OpenWindow,
    ReferrerCount,
    WindowBatch,
    WindowSlice,
)
from broadsheet.readership.queries import numbers
from broadsheet.readership.tallying import Tally
from broadsheet.readership.view_reading import LogBehindError, open_log
from broadsheet.readership.view_records import ACCEPTED

pytestmark = both_databases
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


def count(views, *, window_minutes=30):
    tally = Tally(window_minutes=window_minutes)
    tally.add(views)
    return dict(tally.counted)


class TestWhatAViewIs:
    def test_one_reader_counts_once_in_thirty_minutes_from_the_last_counted_view(self):
        minutes = [0, 10, 29.9, 30, 45, 59.9, 60]
        assert count(view(minutes=m) for m in minutes) == {1: 3}  # at 0, 30 and 60

    def test_two_readers_and_two_articles_are_counted_apart(self):
        views = [view(1, by="anna"), view(1, by="ben"), view(2, by="anna"), view(2, by="anna")]
        assert count(views) == {1: 2, 2: 1}

    def test_the_window_is_a_setting(self):
        views = [view(minutes=m) for m in (0, 4, 5, 9)]
        assert count(views, window_minutes=5) == {1: 2}

    def test_midnight_counts_nobody_twice(self):
        before = view(by="anna today", at=MIDNIGHT, minutes=-5)
        after = view(by="anna tomorrow", before="anna today", at=MIDNIGHT, minutes=5)
        again = view(by="anna tomorrow", before="anna today", at=MIDNIGHT, minutes=26)
        assert count([before, after]) == {1: 1}
        assert count([before, after, again]) == {1: 2}  # 31 minutes after the counted one
        later = view(by="anna tomorrow", at=MIDNIGHT, minutes=31)
        assert count([before, after, again, later]) == {1: 2}

    def test_a_clock_set_back_counts_nobody_twice_and_forgets_nobody(self):
        ahead = [view(minutes=0), view(minutes=10)]
        back = [view(minutes=m) for m in (-3, -2)]  # within the window, on the other side
        assert count([*ahead, *back]) == {1: 1}
        far_back = [view(minutes=m) for m in (-600, -599, -598, -571)]
        assert count([*ahead, *far_back]) == {1: 2}

    def test_one_record_from_the_future_does_not_open_every_window(self):
        views = [view(minutes=0), view(9, by="other", minutes=10**6), view(minutes=1)]
        assert count(views) == {1: 1, 9: 1}

    def test_robots_and_what_was_dropped_are_kept_apart(self):
        views = [
            view(verdict="robot:headless"),
            view(),
            view(verdict="prefetch"),
            view(verdict="foreign_origin", by="ben"),
        ]
        tally = Tally(window_minutes=30)
        tally.add(views)
        assert (tally.counted, tally.robots) == ({1: 1}, {1: 1})
        assert {verdict: n for (_, verdict), n in tally.dropped.items()} == {
            "robot:headless": 1, "prefetch": 1, "foreign_origin": 1,
        }  # fmt: skip


def tables():
    """All that the fold writes but for moments, comparable."""
    return {
        "counts": sorted(ArticleCount.objects.values_list("pk", "counted", "robots", "total")),
        "buckets": sorted(
            Bucket.objects.values_list("size", "start", "article_id", "section_id", "views")
        ),
        "referrers": sorted(
            ReferrerCount.objects.values_list("day", "host", "article_id", "views")
        ),
        "dropped": sorted(DroppedViews.objects.values_list("day", "verdict", "views")),
        "windows": open_windows(),
        "sequence": FoldState.load().sequence,
    }


def empty_tables():
    for model in (
        ArticleCount, Bucket, DroppedViews, OpenWindow, ReferrerCount, FoldState, WindowBatch,
        WindowSlice,
    ):  # fmt: skip
        with connections["readership"].cursor() as cursor:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


some_views = st.lists(
    st.builds(
        lambda article, who, minute, old, verdict: view(
            article, by=who, before=old, at=MIDNIGHT, minutes=minute, verdict=verdict
        ),
        st.integers(1, 3),
        st.sampled_from("abc"),
        st.integers(-90, 120),  # in any order: the clock is set back now and then
        st.none() | st.sampled_from("abc"),
        st.sampled_from([ACCEPTED] * 6 + ["robot:nameless", "prefetch"]),
    ),
    min_size=1,
    max_size=60,
)


class TestTheFold:
    def fold(self, **kwargs):
        return fold_all_views(now=NOON, **kwargs)

    def test_counts_and_position_are_written_together(self, view_log):
        view_log.append_all([view(7, by=n) for n in range(3)])
        assert fold_views(now=NOON).counted == 3
        assert numbers([7, 8]).counts == {7: 3}
        assert FoldState.load().sequence == 3
        assert fold_views(now=NOON).records == 0
        assert numbers([7])[7] == 3
        view_log.append_all([view(7, by=9)])
        assert fold_views(now=NOON).counted == 1
        assert numbers([7])[7] == 4

    def test_a_fold_that_fails_writes_nothing_and_the_next_counts_it_all(
        self, view_log, monkeypatch
    ):
        view_log.append_all([view(7, by=n) for n in range(3)])
        before = tables()

        def fail(*args, **kwargs):
            raise DatabaseError("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(counting, "_move_on", fail)
            with pytest.raises(DatabaseError):
                fold_views(now=NOON)
        assert tables() == before
        fold_views(now=NOON)
        assert numbers([7])[7] == 3

    def test_only_one_fold_at_a_time(self, view_log):
        view_log.append_all([view()])
        with open_log().hold("fold") as is_ours:
            assert is_ours
            assert fold_views(now=NOON).is_busy
        assert fold_views(now=NOON).records == 1

    def test_a_fold_overtaken_by_another_writes_nothing(self, view_log, monkeypatch):
        view_log.append_all([view()])
        real = counting._load_windows

        def overtaken(batch):
            FoldState.objects.update(offset=99, sequence=99)
            return real(batch)

        monkeypatch.setattr(counting, "_load_windows", overtaken)
        with pytest.raises(counting.FoldOvertakenError):
            fold_views(now=NOON)
        assert not ArticleCount.objects.exists()

    def test_without_a_log_there_is_nothing_to_fold(self, settings, tmp_path):
        settings.VIEW_LOG_DIRECTORY = tmp_path / "none yet"
        assert fold_views(now=NOON).records == 0

    def test_a_log_that_ends_before_what_is_counted_is_an_error(self, view_log):
        view_log.append_all([view()])
        fold_views(now=NOON)
        lose_log()
        with pytest.raises(LogBehindError, match="recount --apply"):
            fold_views(now=NOON)

    @settings(max_examples=40)
    @given(views=some_views, cut=st.integers(1, 25), forget_each=st.integers(1, 20))
    def test_the_result_does_not_depend_on_where_the_log_is_cut(
        self, tmp_path_factory, views, cut, forget_each
    ):
        directory = tmp_path_factory.mktemp("log")
        with (
            log_of(views, directory=directory, each=7, segment_bytes=1500),
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setattr(counting, "FORGET_EACH", forget_each)
            results = []
            for max_records in (cut, 20_000):
                empty_tables()
                while fold_views(now=NOON, max_records=max_records).records:
                    pass
                results.append(tables())
        assert results[0] == results[1]
        assert results[0]["sequence"] == len(views)

    @settings(max_examples=30)
    @given(views=some_views)
    def test_totals_are_the_sums_of_buckets_of_each_size(self, tmp_path_factory, views):
        empty_tables()
        with log_of(views, directory=tmp_path_factory.mktemp("log")):
            fold_views(now=NOON)
        read = ArticleCount.objects.filter(counted__gt=0).values_list("article_id", "counted")
        for size in tallying.BUCKET_SIZES:
            sums = Bucket.objects.filter(size=size).values("article_id").annotate(n=Sum("views"))
            assert {row["article_id"]: row["n"] for row in sums} == dict(read)

    def test_windows_are_forgotten_only_when_they_matter_no_more(self, view_log, monkeypatch):
        monkeypatch.setattr(counting, "FORGET_EACH", 4)
        view_log.append_all(
            [
                view(by="old"),
                view(by="recent", minutes=45),
                view(by="open", minutes=80),
                view(by="last", minutes=100),
            ]
        )
        fold_views(now=NOON)
        assert {reader for reader, _article_id, _at in open_windows()} == {
            view(by=name).reader for name in ("recent", "open", "last")
        }

    def test_a_fold_is_never_cut_beyond_a_place_where_windows_are_forgotten(
        self, view_log, monkeypatch
    ):
        monkeypatch.setattr(counting, "FORGET_EACH", 4)
        view_log.append_all([view(by=n) for n in range(10)])
        assert [fold_views(now=NOON).records for _ in range(4)] == [4, 4, 2, 0]


class TestBuckets:
    def test_small_ones_go_after_their_time_and_days_stay(self, view_log):
        for days in (0, 7, 9, 39, 41, 400):
            view_log.append_all([view(by=days, at=NOON - timedelta(days=days))])
        fold_views(now=NOON)
        assert prune_buckets(now=NOON) == 4 + 2 + 2  # and what referred to 41 and 400 days ago
        assert ReferrerCount.objects.count() == 4
        assert Counter(Bucket.objects.values_list("size", flat=True)) == {300: 2, 3600: 4, 86400: 6}
        assert numbers([1])[1] == 6

    def test_a_view_lies_in_the_bucket_of_its_moment(self, view_log):
        view_log.append_all([view(at=datetime(2026, 11, 20, 13, 44, 59, tzinfo=UTC))])
        fold_views(now=NOON)
        starts = {
            size: datetime.fromtimestamp(start, UTC).strftime("%d %H:%M")
            for size, start in Bucket.objects.values_list("size", "start")
        }
        assert starts == {300: "20 13:40", 3600: "20 13:00", 86400: "20 00:00"}


class TestPlaces:
    def test_the_place_follows_the_record(self, editions):
        article = ArticleFactory()
        on_article_published(ArticlePublished(article_id=article.pk))
        count = ArticleCount.objects.get(pk=article.pk)
        assert (count.edition_id, count.section_id) == (editions["en"].pk, article.section_id)
        assert count.is_live
        assert count.published_at == article.first_published_at
        article.unpublish()
        on_article_unpublished(ArticleUnpublished(article_id=article.pk))
        assert not ArticleCount.objects.get(pk=article.pk).is_live

    def test_a_deleted_article_keeps_its_count_and_is_no_longer_live(self, editions, view_log):
        article = ArticleFactory()
        place_articles([article.pk])
        view_log.append_all([view(article.pk)])
        fold_views(now=NOON)
        pk = article.pk
        article.delete()
        for _ in range(2):
            on_article_unpublished(ArticleUnpublished(article_id=pk))
        kept = ArticleCount.objects.get(pk=pk)
        assert (kept.is_live, kept.total) == (False, 1)

    def test_placing_again_leaves_the_count_alone(self, editions, view_log):
        articles = ArticleFactory.create_batch(2)
        ids = [article.pk for article in articles]
        set_imported_counts({ids[0]: 100})
        view_log.append_all([view(ids[0])])
        fold_views(now=NOON)
        for _ in range(2):
            on_articles_imported(ArticlesImported(article_ids=ids))
        assert numbers(ids).counts == {ids[0]: 101, ids[1]: 0}

    def test_an_article_read_before_its_publication_was_delivered_is_placed(
        self, editions, view_log
    ):
        article = ArticleFactory()
        view_log.append_all([view(article.pk)])
        fold_views(now=NOON)
        assert ArticleCount.objects.get(pk=article.pk).is_live


class TestImportedCounts:
    def test_they_are_added_to_what_is_counted_here_and_set_not_added(self, view_log):
        view_log.append_all([view(5, by=n) for n in range(3)])
        set_imported_counts({5: 3228, 6: 10})
        fold_views(now=NOON)
        set_imported_counts({5: 3922})
        assert numbers([5, 6]).counts == {5: 3925, 6: 10}
        assert not Bucket.objects.filter(article_id=6).exists()  # windows hold counted views only

    def test_a_number_below_zero_is_refused(self):
        with pytest.raises(ValueError, match="fewer than 0"):
            set_imported_counts({5: 1, 6: -1})
        assert not ArticleCount.objects.exists()

    def test_the_database_itself_keeps_a_total_from_going_wrong(self):
        with pytest.raises(IntegrityError):
            ArticleCount.objects.create(article_id=1, counted=2, total=3)


def test_the_numbers_of_a_page_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1, using="readership"):
        several = numbers(range(1, 200))
    assert several[150] == 0
    assert several.as_of.tzinfo is not None
