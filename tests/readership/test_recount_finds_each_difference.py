import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
from tests.conftest import both_databases, files_alone
from tests.readership.views import lose_log, open_windows, view

from broadsheet.readership import counting, replaying
from broadsheet.readership.counting import (
    fold_all_views,
    fold_views,
    prune_buckets,
    set_imported_counts,
)
from broadsheet.readership.models import (
    ArticleCount,
    Bucket,
    DroppedViews,
    FoldState,
    OpenWindow,
    WindowBatch,
)
from broadsheet.readership.open_windows import pack, unpack
from broadsheet.readership.queries import numbers
from broadsheet.readership.reader_keys import destroy_old_keys
from broadsheet.readership.recounting import recount

pytestmark = both_databases
NOW = timezone.now()


@pytest.fixture
def counted(view_log):
    """A log of three articles over twelve days, folded in several steps."""
    for days in (12, 9, 1, 0):
        at = NOW - timedelta(days=days)
        for minutes in (0, 10, 40):
            view_log.append_all(
                [view(n, by=b, at=at, minutes=minutes) for n in (1, 2) for b in "ab"]
            )
        view_log.append_all(
            [view(3, at=at, verdict="robot:crawl"), view(1, at=at, verdict="prefetch")]
        )
        fold_views(now=NOW, max_records=5)
    fold_all_views(now=NOW)
    return view_log


def differences():
    return [one.text for one in recount(now=NOW).differences]


def test_nothing_differs_after_a_fold_whatever_became_of_keys_and_old_buckets(counted, settings):
    set_imported_counts({1: 500})
    destroy_old_keys(settings.VIEW_KEYS_DIRECTORY, now=NOW + timedelta(days=3))
    assert prune_buckets(now=NOW)
    found = recount(now=NOW)
    assert found.differences == []
    assert found.records == FoldState.load().sequence == 4 * 14


def test_views_not_yet_folded_are_no_difference(counted):
    counted.append_all([view(1, by="new") for _ in range(3)])
    assert differences() == []


def test_a_fold_in_the_middle_of_a_frame_is_no_difference(view_log):
    view_log.append_all([view(1, by=n) for n in range(10)])
    fold_views(now=NOW, max_records=4)
    assert FoldState.load().taken == 4
    assert recount(now=NOW).records == 4
    assert differences() == []


def test_forgotten_windows_are_no_difference(view_log, monkeypatch):
    for module in (counting, replaying):
        monkeypatch.setattr(module, "FORGET_EACH", 3)
    view_log.append_all([view(1, by=n, at=NOW, minutes=35 * n) for n in range(11)])
    fold_all_views(now=NOW)
    assert len(open_windows()) < 11
    assert differences() == []


def change_a_batch(change):
    batch = WindowBatch.objects.last()
    first, *others = unpack(bytes(batch.entries))
    batch.entries, batch.token = pack([*change(*first), *others]), batch.token + 1
    batch.save()


WRONG = {
    "a total": lambda: ArticleCount.objects.filter(pk=1).update(counted=1, total=1),
    "robots": lambda: ArticleCount.objects.filter(pk=3).update(robots=77),
    "a lost count": lambda: ArticleCount.objects.filter(pk=2).delete(),
    "a made-up count": lambda: ArticleCount.objects.create(pk=9, counted=5, total=5),
    "a bucket": lambda: Bucket.objects.filter(size=300).update(views=9),
    "a made-up bucket": lambda: Bucket.objects.create(size=86400, start=0, article_id=1, views=1),
    "a drop reason": lambda: DroppedViews.objects.filter(verdict="prefetch").update(views=0),
    "a window": lambda: change_a_batch(lambda reader, article, at: [(reader, article, at - 1)]),
    "a lost window": lambda: change_a_batch(lambda *_entry: []),
    "a made-up window": lambda: OpenWindow.objects.create(
        reader=b"\1" * 16, article_id=1, last_counted_at_ms=1
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_each_kind_of_wrong_row_is_found_and_mended(counted, name, capsys):
    before = numbers([1, 2, 3, 9]).counts
    WRONG[name]()
    with pytest.raises(SystemExit, match="1"):
        call_command("recount")
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all("the tables say" in line for line in lines)
    with pytest.raises(SystemExit, match="1"):
        call_command("recount", "--apply")
    assert differences() == []
    assert {pk: n for pk, n in numbers([1, 2, 3, 9]).counts.items() if n} == {
        pk: n for pk, n in before.items() if n
    }


def test_the_command_says_so_when_nothing_differs(counted, capsys):
    call_command("recount")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "56 views counted again, 0 differences" in printed.err


def test_differences_as_json(counted, capsys):
    ArticleCount.objects.filter(pk=3).update(robots=77)
    with pytest.raises(SystemExit):
        call_command("recount", "--json")
    [difference] = json.loads(capsys.readouterr().out)["differences"]
    assert difference == {
        "what": "article 3, views and robots' views", "tables": [0, 77], "log": [0, 4],
    }  # fmt: skip


def test_a_log_that_was_lost_is_accepted_only_when_told_so(counted):
    lose_log()
    counted.append_all([view(2, by="new")])
    assert recount(now=NOW, apply=True).differences
    assert numbers([1, 2]).counts == {1: 0, 2: 1}
    counted.append_all([view(2, by="newer")])
    fold_all_views(now=NOW)
    assert numbers([2])[2] == 2
    assert differences() == []


def test_imported_counts_survive_a_recount(counted):
    set_imported_counts({1: 500})
    with connections["readership"].cursor() as cursor:
        cursor.execute(
            "UPDATE broadsheet_readership_articlecount SET counted=0, total=500 WHERE article_id=1"
        )
    recount(now=NOW, apply=True)
    assert numbers([1])[1] == 516


@files_alone
def test_a_log_that_cannot_be_read_is_said_in_one_line(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.VIEW_LOG_DIRECTORY = tmp_path / "file" / "log"
    with pytest.raises(CommandError, match="cannot be read") as caught:
        call_command("recount")
    assert caught.value.returncode == 2
