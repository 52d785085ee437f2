import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone
from tests.readership.views import is_in_postgresql, log_of, view

from broadsheet.readership.checkpoints import find_checkpoint, thin_log
from broadsheet.readership.counting import fold_all_views, fold_views
from broadsheet.readership.models import CheckpointArticleCount
from broadsheet.readership.queries import numbers
from broadsheet.readership.recounting import recount

# What is deleted of the log is deleted for its writers too.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "readership", "views"])

NOW = timezone.now()
OLD = NOW - timedelta(days=40)


@pytest.fixture
def old_log(tmp_path, monkeypatch):
    """Three parts of five views each that were written long ago, and a present one."""
    monkeypatch.setattr("broadsheet.readership.table_log.PART_VIEWS", 5)
    views = [view(n % 2 + 1, by=n, at=OLD if n < 15 else NOW) for n in range(20)]
    with log_of(views, directory=tmp_path / "view-log", each=5, segment_bytes=100):
        if is_in_postgresql():
            with connections["views"].cursor() as cursor:
                cursor.execute(
                    "UPDATE broadsheet_readership_viewframe SET written_at = %s "
                    "WHERE first_sequence <= 15",
                    [OLD],
                )
        else:
            for path in sorted(settings.VIEW_LOG_DIRECTORY.glob("*.views"))[:3]:
                os.utime(path, (OLD.timestamp(), OLD.timestamp()))
        yield


def thin_all():
    return sum(1 for _ in iter(lambda: thin_log(now=NOW), False))


def test_what_is_old_becomes_sums_and_a_recount_says_the_same(old_log):
    fold_all_views(now=NOW)
    assert thin_all() == 3
    assert find_checkpoint().sequence == 15
    kept = dict(CheckpointArticleCount.objects.values_list("article_id", "counted"))
    assert kept == {1: 8, 2: 7}
    found = recount(now=NOW)
    assert (found.differences, found.records) == ([], 5)
    assert numbers([1, 2]).counts == {1: 10, 2: 10}


def test_what_is_not_folded_is_never_thinned(old_log):
    assert thin_all() == 0
    fold_views(now=NOW, max_records=7)  # into the second part
    assert thin_all() == 1
    fold_all_views(now=NOW)
    assert thin_all() == 2
    assert recount(now=NOW).differences == []
