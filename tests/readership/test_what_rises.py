"""What rises: a pure function of an hour, of the past and of age."""

from datetime import UTC, datetime, timedelta
from math import comb, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.readership.rising import (
    LEAST_VIEWS,
    Cell,
    Forecast,
    Hour,
    cell,
    expect,
    find_rising,
    surprise_of,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
START = int((NOW - timedelta(hours=1)).timestamp())
CELLS = [cell(START - 3600 * n, START - 3600 * (n - 1), before=START) for n in range(1, 25)]
OLD = NOW - timedelta(days=40)


def hour(article_id, views, past=0, *, published_at=OLD, edition_id=1):
    """`past`: views in each hour of the day before, one number or a list, the latest first."""
    then = past if isinstance(past, list) else [past] * len(CELLS)
    seen = {at: n for at, n in zip(CELLS, then, strict=False) if n}
    return Hour(article_id, edition_id, published_at, views, seen)


def rising(*hours, readers=2000):
    """Which of them rise in an edition that has `readers` in every hour, theirs among them."""
    pasts = {1: dict.fromkeys(CELLS, readers)}
    rest = readers - sum(one.views for one in hours)
    others = [hour(10_000 + n, max(1, rest // 50), max(1, rest // 50)) for n in range(50)]
    found = find_rising([*hours, *others], pasts=pasts, now=NOW)
    return [one.article_id for one in found]


def test_a_steady_hit_of_the_front_page_does_not_rise():
    hit = hour(1, 600, 600, published_at=NOW - timedelta(days=2))
    assert rising(hit) == []


def test_an_old_article_that_is_suddenly_read_rises():
    assert rising(hour(1, 40)) == [1]
    assert rising(hour(1, 40, 1)) == [1]


def test_a_single_view_of_what_nobody_reads_is_no_rise():
    assert rising(hour(1, 1)) == []
    assert rising(hour(1, LEAST_VIEWS - 1)) == []


def test_what_doubles_from_much_rises_and_what_grows_a_little_does_not():
    assert rising(hour(1, 500, 200)) == [1]
    assert rising(hour(1, 230, 200)) == []
    assert rising(hour(1, 300, 200)) == []  # beyond chance, but not remarkable


def test_in_the_morning_not_everything_rises():
    """Ten times as many readers as in the night: nobody reads other articles than before."""
    night = dict.fromkeys(CELLS, 200)
    read = [hour(n, 40, 4, published_at=NOW - timedelta(days=2)) for n in range(50)]
    assert find_rising(read, pasts={1: night}, now=NOW) == []
    odd = hour(99, 160, 4, published_at=NOW - timedelta(days=2))
    found = find_rising([*read, odd], pasts={1: night}, now=NOW)
    assert [one.article_id for one in found] == [99]


def test_a_new_article_is_measured_by_others_of_its_age():
    soon = NOW - timedelta(minutes=40)
    young = [hour(n, 60, published_at=soon) for n in range(1, 8)]
    assert rising(*young) == []
    assert rising(*young, hour(8, 900, published_at=soon)) == [8]


def test_the_past_before_its_publication_tells_nothing_of_an_article():
    """It had its readers in the two hours since it was published, not in twenty-four."""
    at = NOW - timedelta(hours=3)
    assert rising(hour(1, 300, [280, 260], published_at=at)) == []
    assert rising(hour(1, 300, [280, 260], published_at=OLD)) == [1]


def test_what_was_long_ago_counts_less():
    weights = [at.weight for at in CELLS]
    assert weights == sorted(weights, reverse=True)
    assert weights[6] / weights[0] == pytest.approx(0.5)
    burst_in_the_night = [0] * 18 + [200] * 6
    just_now = [200] * 6 + [0] * 18
    assert rising(hour(1, 150, burst_in_the_night)) == [1]
    assert rising(hour(1, 150, just_now)) == []


def test_editions_do_not_mix():
    calm = [hour(n, 5, 5, published_at=NOW - timedelta(days=2)) for n in range(20)]
    loud = hour(99, 60, 60, edition_id=2, published_at=NOW - timedelta(days=2))
    pasts = {1: dict.fromkeys(CELLS, 100), 2: dict.fromkeys(CELLS, 60)}
    assert find_rising([*calm, loud], pasts=pasts, now=NOW) == []


def test_the_expectation_is_its_share_of_what_is_read_now():
    forecast = expect(past=99, edition_past=1000, edition_now=200, typical=1e9)
    assert forecast.mean == pytest.approx(200 * 100 / 1000)
    lone = expect(past=0, edition_past=0, edition_now=200, typical=7)
    assert lone.mean == pytest.approx(7)


@given(st.integers(1, 400), st.floats(0.01, 300))
def test_without_a_past_the_surprise_is_exact(views, mean):
    """Of a shape of 1 it is the geometric distribution."""
    found = surprise_of(views, Forecast(1.0, mean))
    exact = -views * log10(mean / (1 + mean))
    assert found == (0.0 if views <= mean else pytest.approx(exact, rel=1e-6, abs=1e-9))


@given(st.integers(1, 60), st.floats(0.01, 100), st.integers(1, 200))
def test_a_chance_is_never_said_to_be_smaller_than_it_is(shape, mean, views):
    spread = mean / (shape + mean)
    chances = [
        comb(shape + n - 1, n) * (1 - spread) ** shape * spread**n
        for n in range(views, views + 4000)
    ]
    found = surprise_of(views, Forecast(float(shape), mean))
    assert 10**-found >= sum(chances) * (1 - 1e-6)


@given(st.floats(1, 1e6), st.floats(0.001, 1e6), st.integers(1, 10**7), st.integers(0, 10**6))
def test_more_views_never_surprise_less(shape, mean, views, more):
    forecast = Forecast(shape, mean)
    few, many = surprise_of(views, forecast), surprise_of(views + more, forecast)
    assert 0.0 <= few <= many + 1e-6


@given(
    st.lists(
        st.tuples(
            st.integers(1, 5000),
            st.lists(st.integers(0, 5000), max_size=24),
            st.integers(-60, 100_000),
        ),
        max_size=30,
    )
)
def test_any_hour_of_any_edition_can_be_judged(rows):
    hours = [
        hour(n, views, past, published_at=NOW - timedelta(minutes=age), edition_id=n % 3)
        for n, (views, past, age) in enumerate(rows)
    ]
    pasts: dict[int, dict[Cell, int]] = {}
    for one in hours:
        sums = pasts.setdefault(one.edition_id, {})
        for at, views in one.past.items():
            sums[at] = sums.get(at, 0) + views
    for one in find_rising(hours, pasts=pasts, now=NOW):
        assert one.views >= LEAST_VIEWS
        assert one.views >= 2 * one.expected > 0
