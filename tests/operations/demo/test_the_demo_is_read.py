"""The demo's views are such as intake writes, and go through the real log and fold."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.readership.views import read_all

from broadsheet.operations.demo.reading import ReadArticle, make_views, send_views
from broadsheet.readership.view_records import ACCEPTED

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
KYIV = ZoneInfo("Europe/Kyiv")
KEY = b"k" * 32


def article(number, *, hours, popularity=5):
    return ReadArticle(
        article_id=number,
        zone=KYIV,
        readers=1,
        published_at=NOW - timedelta(hours=hours),
        popularity=popularity,
    )


ARTICLES = [article(1, hours=82), article(2, hours=82, popularity=9), article(3, hours=0.5)]


@pytest.fixture(scope="module")
def views():
    return make_views(ARTICLES, now=NOW, views=4000, key=KEY)


def moment(view):
    return datetime.fromtimestamp(view.received_at_ms / 1000, UTC)


def test_they_come_in_order_after_publication_and_not_from_the_future(views):
    moments = [moment(view) for view in views]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    published = {one.article_id: one.published_at for one in ARTICLES}
    assert all(
        moment(view) >= published[view.article_id] - timedelta(milliseconds=1) for view in views
    )


def test_they_are_about_as_many_as_asked_and_follow_popularity(views):
    read = Counter(view.article_id for view in views)
    assert read.total() == pytest.approx(4000, rel=0.1)
    assert read[2] == pytest.approx(read[1] * 81 / 25, rel=0.6)
    assert 0 < read[3] < read[1]


def test_interest_fades_and_nights_are_quiet(views):
    first_day = sum(moment(v) < NOW - timedelta(hours=58) for v in views if v.article_id == 2)
    last_day = sum(moment(v) > NOW - timedelta(hours=24) for v in views if v.article_id == 2)
    assert first_day > 4 * last_day
    hours = Counter(moment(view).astimezone(KYIV).hour for view in views)
    assert sum(hours[hour] for hour in (2, 3, 4)) * 4 < sum(hours[hour] for hour in (12, 13, 14))


def test_robots_are_marked_and_readers_come_back(views):
    share = sum(view.verdict != ACCEPTED for view in views) / len(views)
    assert 0.03 < share < 0.1
    assert {view.verdict for view in views} > {ACCEPTED, "robot:bot", "prefetch"}
    seen, again = {}, 0
    for view in views:
        who = (view.reader, view.article_id)
        again += who in seen and moment(view) - seen[who] < timedelta(minutes=30)
        seen[who] = moment(view)
    assert again > len(views) * 0.03


def test_a_reader_has_another_hash_each_day_and_both_after_midnight():
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    one = ReadArticle(1, KYIV, 1, midnight - timedelta(minutes=29), 5)
    views = make_views([one], now=midnight + timedelta(minutes=59), views=5000, key=KEY)
    days = {}
    for view in views:
        days.setdefault(moment(view).day, set()).add(view.reader)
        is_early = moment(view).day == 25 and moment(view).minute < 30
        assert (view.reader_yesterday is not None) == is_early
    assert not days[24] & days[25]
    assert {view.reader_yesterday for view in views if view.reader_yesterday} & days[24]


def test_an_interrupted_sending_goes_on_after_the_last_view(tmp_path):
    cut = NOW - timedelta(hours=40)
    until_cut = send_views(ARTICLES[:2], directory=tmp_path, now=cut, views=300)
    rest = send_views(ARTICLES, directory=tmp_path, now=NOW, views=600)
    assert until_cut > 0
    assert rest > 0
    logged = [view for _, view in read_all(tmp_path)]
    assert len(logged) == until_cut + rest
    assert [v.received_at_ms for v in logged] == sorted(v.received_at_ms for v in logged)
    assert send_views(ARTICLES, directory=tmp_path, now=NOW, views=600) == 0
