import errno
import os
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.readership.views import view

from broadsheet.operations import health
from broadsheet.operations.health import check_health
from broadsheet.readership import intake_counts
from broadsheet.readership.counting import fold_all_views, set_imported_counts
from broadsheet.readership.models import CheckpointState, LogDamage
from broadsheet.readership.publishing_numbers import publish_numbers
from broadsheet.readership.view_log import Segment, ViewLog, list_segments

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture(autouse=True)
def log(settings, tmp_path):
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    settings.INTAKE_DIRECTORY = tmp_path / "intake"
    settings.NUMBERS_DIRECTORY = tmp_path / "numbers"
    log = ViewLog(settings.VIEW_LOG_DIRECTORY)
    yield log
    log.close()


def finding(name, *, now=None):
    return next(one for one in check_health(now=now or timezone.now()) if one.name == name)


class TestViews:
    def test_they_are_taken_and_nothing_of_the_trial_is_left(self, settings):
        assert finding("views").is_well
        assert list(settings.VIEW_LOG_DIRECTORY.iterdir()) == []

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
    def test_a_disk_that_takes_nothing_shows_with_its_reason(self, monkeypatch, settings, code):
        def fail(_file):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr("broadsheet.readership.watching.os.fsync", fail)
        found = finding("views")
        assert not found.is_well
        assert os.strerror(code) in found.what
        assert str(settings.VIEW_LOG_DIRECTORY) in found.what

    def test_little_room_shows_before_there_is_none(self, monkeypatch):
        monkeypatch.setattr(health, "DISK_LOW_BYTES", 2**62)
        assert "make room" in finding("views").what
        assert not finding("views").is_well

    def test_what_was_refused_today_is_told(self, settings):
        refusals = intake_counts.IntakeCounts(settings.INTAKE_DIRECTORY)
        now = timezone.now()
        for day in (now - timedelta(days=1), now, now):
            refusals.add("unavailable", now=day)
        refusals.add("too_large", now=now)
        refusals.write()
        assert "2 could not be today" in finding("views", now=now).what


class TestFold:
    def test_what_waits_is_told_and_is_well_for_some_seconds(self, log):
        now = timezone.now()
        assert finding("fold", now=now).what == "every view is counted"
        log.append_all([view(by=n, at=now) for n in range(3)])
        found = finding("fold", now=now + timedelta(seconds=7))
        assert found.is_well
        assert "3 views wait to be counted, the first for 7 s" in found.what
        assert not finding("fold", now=now + timedelta(seconds=11)).is_well
        fold_all_views(now=now)
        assert finding("fold", now=now + timedelta(days=1)).is_well

    def test_a_quiet_night_is_no_lag(self, log):
        now = timezone.now()
        log.append_all([view(by="anna", at=now - timedelta(hours=8))])
        fold_all_views(now=now - timedelta(hours=8))
        log.append_all([view(by="ben", at=now)])
        assert finding("fold", now=now).is_well

    def test_a_log_that_lost_what_is_counted_shows_with_its_cure(self, log, settings):
        now = timezone.now()
        log.append_all([view(by=n, at=now) for n in range(3)])
        fold_all_views(now=now)
        [segment] = list_segments(settings.VIEW_LOG_DIRECTORY)
        os.truncate(settings.VIEW_LOG_DIRECTORY / segment.name, 0)
        found = finding("fold", now=now)
        assert not found.is_well
        assert "broadsheet recount --apply" in found.what

    def test_counts_that_are_older_than_the_checkpoint_show_with_their_cure(self):
        CheckpointState.objects.create(segment=1, offset=0, sequence=10, made_at=timezone.now())
        assert "broadsheet recount --apply" in finding("fold").what


class TestLog:
    def lose(self, missing, *, days):
        LogDamage.objects.create(
            name=f"{days}.views", offset=10, end=20, first_missing=5, missing=missing,
            found_at=timezone.now() - timedelta(days=days),
        )  # fmt: skip

    def test_a_loss_shows_for_a_week_with_its_place(self):
        self.lose(7, days=8)
        self.lose(0, days=1)  # half-written by a crash: no view that was acknowledged
        assert finding("log").is_well
        self.lose(3, days=2)
        found = finding("log")
        assert not found.is_well
        assert "3 views were lost, the last here: 2.views, bytes 10 to 20" in found.what


class TestThinning:
    def test_a_part_that_is_days_over_its_time_shows(self, log, settings):
        now = timezone.now()
        for n in range(2):
            log.append_all([view(by=n, at=now)])
            log._appender.close()
            last = list_segments(settings.VIEW_LOG_DIRECTORY)[-1]
            following = Segment(last.number + 1, n + 2)
            (settings.VIEW_LOG_DIRECTORY / following.name).touch()
        fold_all_views(now=now)
        assert finding("thinning", now=now).is_well
        assert finding("thinning", now=now + timedelta(days=31)).is_well
        assert not finding("thinning", now=now + timedelta(days=33)).is_well


class TestNumbers:
    def test_old_ones_show(self):
        now = timezone.now()
        assert "none were published" in finding("numbers", now=now).what
        set_imported_counts({1: 10})
        publish_numbers(now=now)
        assert finding("numbers", now=now + timedelta(seconds=9)).is_well
        assert not finding("numbers", now=now + timedelta(seconds=11)).is_well
