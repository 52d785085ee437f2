"""Whenever a newsroom is filled, its articles stand in their order and speak of days to come."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from broadsheet.operations.demo.contents import read_newsroom
from broadsheet.operations.demo.moments import moment_of, say_days

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=KYIV)  # a Wednesday


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("month", [3, 7, 10])  # in March and October the clocks change
def test_at_every_hour_all_lies_in_the_last_ten_days(month, hour):
    now = datetime(2026, month, 30, hour, 20, tzinfo=KYIV)
    for told in read_newsroom().articles:
        moment = moment_of(told.hours_ago, now=now, zone=KYIV)
        assert now - timedelta(days=10) <= moment < now, told.key


@pytest.mark.parametrize("hour", range(24))
def test_at_every_hour_what_an_article_refers_to_is_older(hour):
    now = datetime(2026, 11, 25, hour, 20, tzinfo=KYIV)
    moments = {
        told.key: moment_of(told.hours_ago, now=now, zone=KYIV) for told in read_newsroom().articles
    }
    for told in read_newsroom().articles:
        for part in told.texts["en"].parts:
            if "related" in part:
                assert moments[part["related"]] < moments[told.key], told.key


def test_old_articles_stand_at_the_hours_that_they_speak_of():
    """“The gauge stood at 462 centimetres at 10am”: never before, and not in the night."""
    warning = next(t for t in read_newsroom().articles if t.key == "yavirna-flood-warning")
    for hour in range(24):
        now = NOON.replace(hour=hour)
        moment = moment_of(warning.hours_ago, now=now, zone=KYIV).astimezone(KYIV)
        assert moment.hour == 11, now


def test_a_change_to_summer_time_moves_no_hour_of_the_day():
    after = datetime(2026, 3, 30, 6, 0, tzinfo=KYIV)  # the clocks changed on the 29th
    assert moment_of(60, now=after, zone=KYIV) == datetime(2026, 3, 27, 18, 0, tzinfo=KYIV)


def test_what_is_fresh_is_told_to_the_minute():
    assert moment_of(0.4, now=NOON, zone=KYIV) == NOON - timedelta(minutes=24)


def test_old_articles_keep_their_distances():
    hours = [told.hours_ago for told in read_newsroom().articles if told.hours_ago >= 24]
    moments = [moment_of(one, now=NOON, zone=KYIV) for one in hours]
    apart = [(b - a) / timedelta(hours=1) for a, b in pairwise(moments)]
    assert apart == pytest.approx([a - b for a, b in pairwise(hours)])


@pytest.mark.parametrize(
    ("days", "en", "uk"),
    [(12, "7 December", "7 грудня"), (10, "7 December", "7 грудня"), (11, "7 December", "7 грудня"),
     (9, "4 December", "4 грудня")],
)  # fmt: skip
def test_a_day_to_come_is_named_in_words_and_is_no_weekend(days, en, uk):
    said = [
        say_days(f"on {{day+{days}}}.", published_at=NOON, zone=KYIV, language=code)
        for code in ("en", "uk")
    ]
    assert said == [f"on {en}.", f"on {uk}."]


def test_days_are_counted_in_the_editions_zone():
    late = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)  # past midnight in Kyiv
    assert say_days("{day+1}", published_at=late, zone=KYIV, language="en") == "27 November"
