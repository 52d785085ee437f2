from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.readership.test_the_doors import HEADERS, Site

from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.queries import numbers
from broadsheet.readership.reader_keys import destroy_old_keys
from broadsheet.readership.recounting import recount

pytestmark = both_databases
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def site(view_log, tmp_path, en):
    site = Site(tmp_path, view_log=view_log, find_live=lambda ids: dict.fromkeys(ids, True))
    yield site
    site.beacon.close()


def read_at(site, article, minutes, *, browser="anna"):
    """Read so many minutes after midnight; the worker's clock goes with it."""
    site.now = MIDNIGHT + timedelta(minutes=minutes)
    destroy_old_keys(site.directory.parent / "keys", now=site.now)
    headers = {**HEADERS, "user-agent": f"{HEADERS['user-agent']} {browser}"}
    assert site.read(article, headers=headers).status == 204


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([-15, 10], 1),  # over midnight, within the window
        ([-15, 14.9, 15], 2),
        ([-1, 0, 28.9, 29], 2),
        ([-29, 0.9, 1, 29.9, 31], 3),
        ([-0.1, 30.1], 2),  # yesterday's key has just gone, and so has the window
        ([-20, -1, 9], 1),
        ([-20, 11, 30.5, 40.9, 41], 3),
        ([0, 29.9, 30], 2),
    ],
)
def test_midnight_counts_nobody_twice_and_nobody_too_little(site, minutes, expected):
    article = ArticleFactory().pk
    for minute in minutes:
        read_at(site, article, minute)
    fold_all_views(now=site.now)
    assert numbers([article])[article] == expected


def test_when_the_keys_are_gone_a_recount_says_the_same(site):
    first, second = ArticleFactory().pk, ArticleFactory().pk
    for minute in (-40, -20, -5, 0, 5, 12, 29, 31, 50):
        for browser in ("anna", "ben", "robot/1.0 https://robot.example"):
            read_at(site, first, minute, browser=browser)
        read_at(site, second, minute, browser="anna")
    fold_all_views(now=site.now)
    counted = dict.fromkeys((first, second))
    for article in counted:
        counted[article] = numbers([article])[article]
    assert counted == {first: 6, second: 3}
    keys = site.directory.parent / "keys"
    assert destroy_old_keys(keys, now=MIDNIGHT + timedelta(days=1, minutes=30)) == 1
    assert list(keys.iterdir()) == []
    found = recount(now=MIDNIGHT + timedelta(days=2))
    assert found.differences == []
    assert found.records == 36
