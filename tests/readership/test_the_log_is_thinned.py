import os
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases, files_alone
from tests.readership.views import view

from broadsheet.readership import checkpoints, counting, replaying
from broadsheet.readership.checkpoints import find_checkpoint, thin_log
from broadsheet.readership.counting import CountsBehindError, fold_all_views, fold_views
from broadsheet.readership.models import (
    ArticleCount,
    CheckpointArticleCount,
    CheckpointBucket,
    CheckpointOpenWindow,
    FoldState,
)
from broadsheet.readership.queries import numbers
from broadsheet.readership.recounting import recount
from broadsheet.readership.view_log import ViewLog, list_segments
from broadsheet.readership.view_reading import FileLog

pytestmark = [both_databases, files_alone]
NOW = timezone.now()
OLD = NOW - timedelta(days=40)


@pytest.fixture
def directory(settings, tmp_path):
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    return settings.VIEW_LOG_DIRECTORY


def append(directory, views, *, days_ago=40.0):
    """Append views, and let the segment they are in be last written so many days ago."""
    log = ViewLog(directory)
    log.append_all(views)
    log.close()
    written_at = (NOW - timedelta(days=days_ago)).timestamp()
    os.utime(directory / list_segments(directory)[-1].name, (written_at, written_at))


@pytest.fixture
def old_log(directory):
    """Three old segments of five views each, and a present one, all folded."""
    for days in (42, 41, 40):
        at = NOW - timedelta(days=days)
        append(directory, [view(n % 2 + 1, by=n, at=at) for n in range(5)], days_ago=days)
    append(directory, [view(1, by=n, at=NOW) for n in range(5)], days_ago=0)
    fold_all_views(now=NOW)
    return directory


def names(directory):
    return [segment.number for segment in list_segments(directory)]


def thin_all():
    return sum(1 for _ in iter(lambda: thin_log(now=NOW), False))


def test_old_segments_become_sums_and_a_recount_says_the_same(old_log):
    assert names(old_log) == [1, 2, 3, 4]
    assert thin_all() == 3
    assert names(old_log) == [4]
    assert find_checkpoint().sequence == 15
    kept = dict(CheckpointArticleCount.objects.values_list("article_id", "counted"))
    assert kept == {1: 9, 2: 6}
    found = recount(now=NOW)
    assert (found.differences, found.records) == ([], 5)
    assert numbers([1, 2]).counts == {1: 14, 2: 6}


def test_how_long_is_a_setting(old_log, settings):
    settings.VIEW_LOG_DAYS = 41
    assert thin_all() == 1
    assert names(old_log) == [2, 3, 4]


def test_what_is_not_folded_is_never_thinned(directory):
    for days in (42, 41, 40):
        append(directory, [view(n, at=OLD) for n in range(1, 6)], days_ago=days)
    assert thin_all() == 0
    fold_views(now=NOW, max_records=7)  # into the second segment
    assert thin_all() == 1
    fold_all_views(now=NOW)
    assert thin_all() == 1
    assert names(directory) == [3]  # where the next view goes
    assert recount(now=NOW).differences == []


def test_a_segment_that_a_wrong_clock_dated_ahead_is_as_old_as_those_after_it(old_log):
    ahead = (NOW + timedelta(days=900)).timestamp()
    os.utime(old_log / list_segments(old_log)[0].name, (ahead, ahead))
    assert thin_all() == 3


def test_open_windows_go_on_from_the_checkpoint(directory):
    append(directory, [view(1, by="anna", at=NOW, minutes=-10)])
    append(directory, [view(1, by="anna", at=NOW), view(1, by="ben", at=NOW)], days_ago=0)
    fold_all_views(now=NOW)
    assert thin_all() == 1
    assert CheckpointOpenWindow.objects.count() == 1
    assert numbers([1])[1] == 2
    assert recount(now=NOW).differences == []


def test_small_buckets_are_kept_in_the_checkpoint_as_long_as_elsewhere(directory, settings):
    settings.VIEW_LOG_DAYS = 1
    for days in (50, 20, 2):
        append(directory, [view(1, at=NOW - timedelta(days=days))], days_ago=days)
    append(directory, [view(1, at=NOW)], days_ago=0)
    fold_all_views(now=NOW)
    assert thin_all() == 3
    sizes = sorted(CheckpointBucket.objects.values_list("size", flat=True))
    assert sizes == [300, 3600, 3600, 86400, 86400, 86400]
    later = NOW + timedelta(days=30)
    counting.prune_buckets(now=later)
    assert recount(now=later).differences == []


def test_the_recount_still_finds_what_is_wrong_before_the_checkpoint(old_log):
    thin_all()
    ArticleCount.objects.filter(pk=2).update(counted=1, total=1)
    [difference] = recount(now=NOW, apply=True).differences
    assert difference.key == (2,)
    assert numbers([2])[2] == 6


@pytest.mark.parametrize("broken", ["_write", "forget_until"])
def test_a_crash_in_the_middle_loses_nothing_and_takes_nothing_twice(old_log, monkeypatch, broken):
    def fail(*args, **kwargs):
        raise OSError("the machine went down")

    with monkeypatch.context() as patch:
        if broken == "_write":
            patch.setattr(checkpoints, "_write", fail)
        else:  # the first call clears up after a former crash
            real, calls = FileLog.forget_until, []
            patch.setattr(
                FileLog,
                "forget_until",
                lambda log, place: fail() if calls else calls.append(real(log, place)),
            )
        with pytest.raises(OSError, match="went down"):
            thin_log(now=NOW)
    assert names(old_log) == [1, 2, 3, 4]
    assert recount(now=NOW).differences == []
    assert thin_all() == (3 if broken == "_write" else 2)
    assert names(old_log) == [4]
    assert recount(now=NOW).differences == []
    assert numbers([1, 2]).counts == {1: 14, 2: 6}


def test_a_recount_and_the_thinning_do_not_meet(old_log):
    with FileLog(old_log).hold("thinning"):
        assert not thin_log(now=NOW)
    assert thin_log(now=NOW)


def test_counts_that_are_older_than_the_checkpoint_say_so_and_are_mended(old_log):
    thin_all()
    FoldState.objects.update(segment=1, offset=0, sequence=2)
    with pytest.raises(CountsBehindError, match="recount --apply"):
        fold_views(now=NOW)
    recount(now=NOW, apply=True)
    fold_all_views(now=NOW)
    assert FoldState.load().sequence == 20
    assert numbers([1, 2]).counts == {1: 14, 2: 6}
    assert recount(now=NOW).differences == []


def test_views_go_on_being_numbered_after_everything_before_them_is_thinned(directory):
    append(directory, [view(n, at=OLD) for n in range(1, 4)])
    append(directory, [view(9, at=NOW)], days_ago=0)
    fold_all_views(now=NOW)
    thin_all()
    append(directory, [view(10, at=NOW)], days_ago=0)
    fold_all_views(now=NOW)
    assert FoldState.load().sequence == 5
    assert recount(now=NOW).differences == []


def test_a_new_day_begins_a_new_segment(directory):
    append(directory, [view(1)], days_ago=1)
    append(directory, [view(2)], days_ago=0)
    append(directory, [view(3)], days_ago=0)
    assert [segment.first_sequence for segment in list_segments(directory)] == [1, 2]


def test_windows_that_were_forgotten_before_the_checkpoint_stay_forgotten(directory, monkeypatch):
    for module in (counting, replaying):
        monkeypatch.setattr(module, "FORGET_EACH", 2)
    minutes = [0, 70, 140, 5, 6, 75]
    for minute in minutes:
        append(directory, [view(1, by="anna", at=OLD, minutes=minute)])
    append(directory, [view(1, by="anna", at=OLD, minutes=141)], days_ago=0)
    fold_all_views(now=NOW)
    before = numbers([1])[1]
    assert thin_all() == 6
    assert recount(now=NOW).differences == []
    assert numbers([1])[1] == before
