import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from tests.conftest import both_databases, files_alone
from tests.readership.views import view

from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.models import LogDamage
from broadsheet.readership.queries import numbers
from broadsheet.readership.recounting import find_loss, recount
from broadsheet.readership.view_log import ViewLog, list_segments

pytestmark = [both_databases, files_alone]
NOW = timezone.now()


@pytest.fixture
def directory(settings, tmp_path):
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    return settings.VIEW_LOG_DIRECTORY


def append(directory, *article_ids):
    log = ViewLog(directory)
    for article_id in article_ids:
        log.append_all([view(article_id, by=article_id, at=NOW)])
    log.close()


def rot(directory, *, frame, count):
    """Let one byte of a frame go bad, where all frames of a segment have the same length."""
    path = directory / list_segments(directory)[0].name
    content = bytearray(path.read_bytes())
    length = len(content) // count
    content[length * (frame + 1) - 1] ^= 0xFF
    path.write_bytes(content)


def test_rot_that_the_fold_meets_is_kept_with_its_extent_and_the_rest_is_counted(directory, caplog):
    append(directory, 1, 2, 3, 4, 5)
    rot(directory, frame=2, count=5)
    fold_all_views(now=NOW)
    damage = LogDamage.objects.get()
    assert damage.name == list_segments(directory)[0].name
    assert (damage.offset, damage.end) == (134, 201)
    assert (damage.first_missing, damage.missing, damage.was_counted) == (3, 1, False)
    assert damage.found_at == NOW
    assert numbers(range(1, 6)).counts == {1: 1, 2: 1, 4: 1, 5: 1}
    assert [r.levelno for r in caplog.records if "damaged" in r.message] == [logging.ERROR]
    append(directory, 6)
    fold_all_views(now=NOW + timedelta(minutes=1))
    assert recount(now=NOW).differences == []
    assert LogDamage.objects.count() == 1
    assert find_loss() == 0


def test_what_a_crash_left_half_written_is_no_loss(directory, caplog):
    append(directory, 1)
    with (directory / list_segments(directory)[0].name).open("ab") as file:
        file.write(b"BVF2 and not much more")
    for article_id in (2, 3):
        append(directory, article_id)
        fold_all_views(now=NOW)
    damage = LogDamage.objects.get()
    assert (damage.missing, damage.was_counted) == (0, False)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING and "fold" in r.name] == []
    assert recount(now=NOW).lost == 0


def test_a_log_that_goes_bad_after_it_was_counted_is_told_and_the_counts_stay(directory, capsys):
    append(directory, 1, 2, 3)
    fold_all_views(now=NOW)
    rot(directory, frame=1, count=3)
    with pytest.raises(SystemExit):
        call_command("recount")
    assert "1 views were counted that the log has lost since" in capsys.readouterr().err
    assert LogDamage.objects.get().was_counted
    assert numbers([2])[2] == 1
    with pytest.raises(SystemExit):
        call_command("recount", "--apply")
    assert "now missing in the counts too" in capsys.readouterr().err
    assert numbers([2])[2] == 0
    assert find_loss() == 0
    call_command("recount")


def test_a_segment_that_is_gone_is_a_gap(directory):
    append(directory, 1, 2)
    first = directory / list_segments(directory)[0].name
    with first.open("ab") as file:
        file.write(b"torn")
    append(directory, 3)
    first.unlink()
    fold_all_views(now=NOW)
    damage = LogDamage.objects.get()
    assert (damage.name, damage.first_missing, damage.missing) == ("", 1, 2)
    assert numbers([1, 2, 3]).counts == {3: 1}
