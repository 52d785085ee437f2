"""However the log is cut, thinned and counted again, whatever the clock: the numbers are the same."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import both_databases, files_alone
from tests.readership.views import NOON, open_windows, view

from broadsheet.articles.queries import ArticlePlace
from broadsheet.readership import counting, models, replaying, tallying
from broadsheet.readership import open_windows as merging
from broadsheet.readership.checkpoints import thin_log
from broadsheet.readership.counting import fold_all_views, fold_views, place_articles
from broadsheet.readership.excluding import CannotExcludeError, exclude
from broadsheet.readership.models import ArticleCount, Bucket, FoldState, ReferrerCount
from broadsheet.readership.recounting import apply_exclusions, recount
from broadsheet.readership.view_log import ViewLog, list_segments
from broadsheet.readership.view_records import ACCEPTED

pytestmark = [both_databases, files_alone]
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
NETWORKS = (b"network1", b"network2", b"")

a_view = st.builds(
    lambda article, who, minute, old, verdict, host, network: view(
        article, by=who, before=old, at=MIDNIGHT, minutes=minute, verdict=verdict,
        referring_host=host, network=network,
    ),
    st.integers(1, 4),
    st.sampled_from("abc"),
    # In any order: the clock is set back now and then. Halves make some follow within a minute.
    st.integers(-180, 240).map(lambda halves: halves / 2),
    st.none() | st.sampled_from("abc"),
    st.sampled_from([ACCEPTED] * 8 + ["robot:nameless", "prefetch"]),
    st.sampled_from(["", "news.example", "farm.example", "www.farm.example"]),
    st.sampled_from(NETWORKS),
)  # fmt: skip
#: What happens in turn: views arrive and are folded, or an article gets another section.
happenings = st.lists(
    st.lists(a_view, min_size=1, max_size=14) | st.tuples(st.integers(1, 4), st.integers(1, 3)),
    min_size=1,
    max_size=7,
)
spans = st.tuples(st.integers(-95, 120), st.integers(1, 120))


@dataclass
class Exclusions:
    """What is excluded: a host over one span, a network over another."""

    host: tuple[int, int] | None
    network: tuple[int, int] | None

    def make(self):
        for kind, value, span in (
            ("referrer", "farm.example", self.host),
            ("network", "192.0.2.0/24", self.network),
        ):
            if span is not None:
                begins = MIDNIGHT + timedelta(minutes=span[0])
                exclude(
                    kind, value, reason="r", made_by="m", now=MIDNIGHT + timedelta(hours=9),
                    from_moment=begins, until=begins + timedelta(minutes=span[1]),
                    network_hashes=[NETWORKS[0]] if kind == "network" else [],
                    live_key_days=[MIDNIGHT.date() - timedelta(days=n) for n in (0, 1)],
                )  # fmt: skip


some_exclusions = st.builds(Exclusions, st.none() | spans, st.none() | spans)


class Installation:
    """Empty tables, a log of its own, and a newsroom that is no more than a table of sections."""

    def __init__(self, directory, patch, *, forget_each, each=20_000, merge_each=1024, lives=0):
        for model in (m for m in vars(models).values() if isinstance(m, type)):
            if model.__module__ == models.__name__ and hasattr(model, "_meta"):
                alias = "views" if model.__name__.startswith("Checkpoint") else "readership"
                with connections[alias].cursor() as cursor:
                    cursor.execute(f"DELETE FROM {model._meta.db_table}")
        self.directory, self.each, self.sections = directory, each, {}
        #: After so many folds another process goes on; 0 for never.
        self.lives, self.patch = lives, patch
        patch.setattr(merging, "MERGE_EACH", merge_each)
        patch.setattr(django_settings, "VIEW_LOG_DIRECTORY", directory)
        patch.setattr(counting, "places_of", self.places_of)
        for module in (counting, replaying):
            patch.setattr(module, "FORGET_EACH", forget_each)
        patch.setattr(tallying, "PACE", 3)

    def places_of(self, ids):
        return [ArticlePlace(one, 1, self.sections.get(one, 1), True, NOON) for one in ids]

    def live(self, happenings, *, frame=1000, segment_bytes=2**20, thin_after=()):
        for number, happening in enumerate(happenings):
            if isinstance(happening, list):
                log = ViewLog(self.directory, segment_bytes=segment_bytes)
                for start in range(0, len(happening), frame):
                    log.append_all(happening[start : start + frame])
                log.close()
                self.fold()
            else:
                article, self.sections[article] = happening
                place_articles([article])
            if number in thin_after:
                self.thin()

    def fold(self):
        folds = 0
        while fold_views(now=NOON, max_records=self.each).records:
            folds += 1
            if self.lives and folds % self.lives == 0:
                self.patch.setattr(counting, "_windows", merging.OpenWindows())

    def thin(self):
        for segment in list_segments(self.directory):
            os.utime(self.directory / segment.name, (0, 0))
        while thin_log(now=NOON):
            pass

    def tables(self):
        return {
            "counts": sorted(
                row
                for row in ArticleCount.objects.values_list("pk", "counted", "robots", "total")
                if any(row[1:])
            ),
            "buckets": sorted(
                Bucket.objects.values_list("size", "start", "article_id", "section_id", "views")
            ),
            "referrers": sorted(
                ReferrerCount.objects.values_list("day", "host", "article_id", "views")
            ),
            "dropped": sorted(models.DroppedViews.objects.values_list("day", "verdict", "views")),
            "windows": open_windows(),
            "sequence": FoldState.load().sequence,
        }


@pytest.fixture
def installation(tmp_path_factory):
    def make(**options):
        return Installation(tmp_path_factory.mktemp("log"), patch, **options)

    with pytest.MonkeyPatch.context() as patch:
        yield make


slow_but_steady = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@slow_but_steady
@given(
    happenings=happenings,
    exclusions=some_exclusions,
    forget_each=st.integers(1, 20),
    cut=st.tuples(st.integers(1, 12), st.integers(1, 6)),
    merge_each=st.integers(1, 20) | st.just(1024),
    lives=st.integers(0, 4),
    thin_after=st.sets(st.integers(0, 7)),
)
def test_cut_anywhere_and_thinned_meanwhile_it_adds_up_to_the_same(
    installation, *, happenings, exclusions, forget_each, cut, merge_each, lives, thin_after
):
    at_once = installation(forget_each=forget_each)
    exclusions.make()
    at_once.live(happenings)
    expected = at_once.tables()
    in_parts = installation(
        forget_each=forget_each, each=cut[0], merge_each=merge_each, lives=lives
    )
    exclusions.make()
    in_parts.live(happenings, frame=cut[1], segment_bytes=300, thin_after=thin_after)
    assert in_parts.tables() == expected
    assert recount(now=NOON).differences == []
    in_parts.thin()
    assert recount(now=NOON).differences == []
    for kept in (Bucket, ReferrerCount):
        kept.objects.all().delete()
    ArticleCount.objects.update(counted=0, total=0, robots=0)
    recount(now=NOON, apply=True)
    assert in_parts.tables() == expected


@slow_but_steady
@given(
    happenings=happenings,
    exclusions=some_exclusions,
    forget_each=st.integers(1, 20),
    thin_after=st.sets(st.integers(0, 7), max_size=2),
)
def test_what_is_excluded_afterwards_is_as_if_it_had_been_from_the_beginning(
    installation, happenings, exclusions, forget_each, thin_after
):
    before = installation(forget_each=forget_each)
    exclusions.make()
    before.live(happenings)
    expected = before.tables()
    after = installation(forget_each=forget_each)
    after.live(happenings, segment_bytes=300, thin_after=thin_after)
    as_they_were = after.tables()
    try:
        exclusions.make()
    except CannotExcludeError:
        assert models.CheckpointBucket.objects.exists()  # nothing else is in its way
        models.Exclusion.objects.all().delete()
        expected = as_they_were
    apply_exclusions(now=NOON)
    assert after.tables() == expected
    assert recount(now=NOON).differences == []


@slow_but_steady
@given(happenings=happenings, forget_each=st.integers(1, 20))
def test_totals_are_the_sums_of_buckets_of_each_size_and_of_referring_hosts(
    installation, happenings, forget_each
):
    installation(forget_each=forget_each).live(happenings)
    fold_all_views(now=NOON)
    total = ArticleCount.objects.aggregate(n=Sum("counted"))["n"] or 0
    for size in tallying.BUCKET_SIZES:
        sums = Bucket.objects.filter(size=size).aggregate(n=Sum("views"))
        assert (sums["n"] or 0) == total
    assert (ReferrerCount.objects.aggregate(n=Sum("views"))["n"] or 0) == total
