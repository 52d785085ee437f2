from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.readership.views import NOON, view

from broadsheet.readership import audience
from broadsheet.readership.audience import CURVE_STEPS, Span, cover, days_until, hours_of
from broadsheet.readership.counting import fold_all_views, prune_buckets
from broadsheet.readership.models import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    ArticleCount,
    Bucket,
    ReferrerCount,
)

KYIV, KATHMANDU = ZoneInfo("Europe/Kyiv"), ZoneInfo("Asia/Kathmandu")  # +2 or +3 and +5:45
ZONES = ["Europe/Kyiv", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "UTC"]

moments = st.integers(0, 14 * DAY // FIVE_MINUTES).map(lambda n: 1_795_000_200 + n * FIVE_MINUTES)


def five_minutes_in(cells):
    """What buckets hold: five minutes with how often they are in."""
    found = Counter()
    for (size, start), sign in cells.items():
        assert start % size == 0
        for moment in range(start, start + size, FIVE_MINUTES):
            found[moment] += sign
    return {moment: times for moment, times in found.items() if times}


@given(moments, moments)
def test_the_buckets_of_a_span_are_every_moment_of_it_once(one, other):
    start, end = sorted((one, other))
    wanted = dict.fromkeys(range(start, end, FIVE_MINUTES), 1)
    assert five_minutes_in(cover(Span(start, end))) == wanted


@given(moments.map(lambda moment: moment - moment % HOUR), st.integers(1, 8))
def test_days_of_whole_hours_take_few_buckets(start, days):
    assert len(cover(Span(start, start + days * DAY))) <= days + 1 + 24


@pytest.mark.parametrize("zone", ZONES)
@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_hours_of_a_day_follow_one_another_from_midnight_to_midnight(zone, day):
    zone = ZoneInfo(zone)
    hours = hours_of(day, zone)
    assert [one.end for one in hours[:-1]] == [one.start for one in hours[1:]]
    for moment, on in ((hours[0].start, day), (hours[-1].end, day + timedelta(days=1))):
        local = datetime.fromtimestamp(moment, zone)
        assert (local.date(), local.hour, local.minute) == (on, 0, 0)


def test_a_day_on_which_the_clock_is_changed_has_an_hour_less_or_more():
    assert len(hours_of(date(2026, 3, 29), KYIV)) == 23
    assert len(hours_of(date(2026, 10, 25), KYIV)) == 25
    assert len(hours_of(date(2026, 11, 25), KYIV)) == 24
    week = days_until(date(2026, 10, 25), KYIV)
    assert [(span.end - span.start) // HOUR for span in week] == [24] * 6 + [25]


@both_databases
class TestFoldedViews:
    @pytest.fixture(autouse=True)
    def _read(self, view_log):
        """Four articles, read at many moments of four days by readers of their own."""
        self.views = [
            view(
                1 + number % 4,
                by=number,
                minutes=-number * 17,
                referring_host="t.me" if number % 3 else "",
            )
            for number in range(300)
        ]
        self.views.sort(key=lambda one: one.received_at_ms)
        for article_id in (1, 2, 3, 4):
            ArticleCount.objects.create(
                article_id=article_id,
                edition_id=1 if article_id < 4 else 2,
                section_id=10 + article_id % 2,
                is_live=True,
            )
        view_log.append_all(self.views)
        fold_all_views(now=NOON)

    def within(self, span, *articles):
        return Counter(
            one.article_id
            for one in self.views
            if span.start <= one.received_at_ms // 1000 < span.end and one.article_id in articles
        )

    @pytest.mark.parametrize("zone", [KYIV, KATHMANDU])
    def test_hours_and_days_are_what_was_read_in_them(self, zone):
        spans = [*hours_of(NOON.date(), zone), *days_until(NOON.date(), zone)]
        found = audience.views_by_section(1, spans, now=NOON)
        for span, sections in zip(spans, found, strict=True):
            read = self.within(span, 1, 2, 3)
            assert +sections == +Counter({10: read[2], 11: read[1] + read[3]}), span
        assert sum(sum(one.values()) for one in found) > 250

    def test_an_article_has_its_views_in_each_span(self):
        spans = days_until(NOON.date(), KYIV)
        assert audience.views_of(4, spans, now=NOON) == [self.within(one, 4)[4] for one in spans]

    def test_the_most_read_come_first_and_stand_in_their_edition_and_section(self):
        [*_, day] = days_until(NOON.date(), KYIV)
        wanted = self.within(day, 1, 2, 3)
        found = audience.most_read(1, day, limit=10, now=NOON)
        assert dict(found) == wanted
        assert [views for _, views in found] == sorted(wanted.values(), reverse=True)
        assert dict(audience.most_read(1, day, section_id=11, limit=9, now=NOON)) == {
            one: wanted[one] for one in (1, 3)
        }
        assert len(audience.most_read(1, day, limit=1, now=NOON)) == 1

    def test_curves_end_with_the_present_hour_and_hold_every_view(self):
        found = audience.curves([1, 2, 77], now=NOON)
        steps = audience.curve_spans(now=NOON)
        assert steps[-1].end == NOON.timestamp() + HOUR
        for article_id, curve in found.items():
            assert curve == [self.within(one, article_id)[article_id] for one in steps]
        assert found[77] == [0] * CURVE_STEPS
        assert sum(found[1]) == 75

    def test_sites_are_told_with_their_views(self):
        from_site = sum(1 for one in self.views if one.referring_host)
        found = dict(audience.referring_hosts(days=7, now=NOON, limit=5))
        assert found == {"t.me": from_site, "": 300 - from_site}
        today = dict(audience.referring_hosts(days=1, article_id=1, now=NOON, limit=5))
        midnight = Span(int(NOON.timestamp()) // DAY * DAY, int(NOON.timestamp()) + 1)
        assert sum(today.values()) == self.within(midnight, 1)[1]
        read = dict(audience.referred_articles("t.me", days=7, now=NOON, limit=9))
        assert sum(read.values()) == from_site
        assert ReferrerCount.objects.exists()

    def test_where_five_minutes_are_no_longer_kept_days_of_odd_zones_are_true_to_the_hour(self):
        much_later = NOON + timedelta(days=20)
        prune_buckets(now=much_later)
        assert not Bucket.objects.filter(size=FIVE_MINUTES).exists()
        spans = hours_of(NOON.date(), KATHMANDU)
        found = audience.views_by_section(1, spans, now=much_later)
        whole = [Span(*(one - one % HOUR for one in span)) for span in spans]
        assert [sum(one.values()) for one in found] == [
            self.within(span, 1, 2, 3).total() for span in whole
        ]


def test_the_last_hour_is_twelve_times_five_minutes():
    spans = audience.five_minutes_until(datetime(2026, 11, 20, 12, 3, 59, tzinfo=UTC))
    assert len(spans) == 12
    assert spans[-1].start == NOON.timestamp()
    assert all(one.end - one.start == FIVE_MINUTES for one in spans)
