"""Moments and days as a page prints them: for machines with the zone, for people in words."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from broadsheet.themes.dating import Precision, last_day

from .editions.words import Words


@dataclass(frozen=True, slots=True)
class When:
    """`iso` goes into `<time datetime>`, with the zone's offset where it is a moment."""

    iso: str
    text: str


def show_moment(moment: datetime, pattern: str, *, words: Words, zone: ZoneInfo) -> When:
    """Return `moment` (aware) in `zone`, its text by the CLDR `pattern`."""
    local = moment.astimezone(zone).replace(microsecond=0)
    return When(iso=local.isoformat(), text=words.time(moment, pattern, zone))


def show_date(day: date, precision: Precision, *, words: Words) -> When:
    """Return a day, week, month or year: `precision` is "day", "week", "month" or "year"."""
    if precision == "week":
        return When(iso=f"{day:%G-W%V}", text=words.days_of(day, last_day(day, precision)))
    iso = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[precision]
    pattern = {"day": words.in_a_sentence, "month": words.month, "year": words.year}[precision]
    return When(iso=day.strftime(iso), text=words.day_of(day, pattern))
