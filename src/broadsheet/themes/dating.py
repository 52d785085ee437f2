"""The dates that a sentence names, each as the span of days that it leaves open.

What a language writes is found by its patterns (`languages.base.DateWords`); which days are meant
is worked out here, from the groups that a pattern has filled, against the day of publishing. A
span becomes a date with a precision by one rule: the finest of day, week, month and year that holds
it whole. So "in May" is a month and never a day, "this weekend" is the week from Monday to Sunday, and
a season, without a word for it in the timeline, is the year that it lies in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .languages.base import DateWords, plain_word

Precision = Literal["day", "week", "month", "year"]
Span = tuple[date, date]

#: A date without a year is the next such date, but none so far ahead that the last one may be
#: meant.
FARTHEST_WITHOUT_YEAR = timedelta(days=270)
FARTHEST_YEARS = 15
_LONGEST_COUNT = 400  # "in 2030 days" is no date but a number
_MONTHS, _WEEK = 12, 7
_MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True, slots=True)
class NamedDate:
    """Where in a sentence a date stands, `start` to `end`, and the days that it may mean.

    `span` is its first and last day, None where the words name no one date. `is_for` says that a
    plan is needed to make it a date of something: "set for May", but "the budget for May".
    """

    start: int
    end: int
    span: Span | None
    has_year: bool
    is_for: bool


def named_dates(sentence: str, *, day: date, words: DateWords) -> list[NamedDate]:
    """Return the dates that `sentence`, published on `day`, names, past ones too, in its order.

    Where two patterns read the same place the earlier pattern is right; a match that names two
    dates, such as a range, gives both.
    """
    read = bytearray(len(sentence))
    named: list[NamedDate] = []
    for pattern in words.patterns:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            if any(read[start:end]):
                continue
            read[start:end] = b"\1" * (end - start)
            groups = {name: text for name, text in match.groupdict().items() if text}
            has_year, is_for = "year" in groups, "is_for" in groups
            named += [
                NamedDate(start, end, span, has_year, is_for) for span in _spans(groups, day, words)
            ]
    return sorted(named, key=lambda one: one.start)


def finest(span: Span) -> tuple[date, Precision] | None:
    """Return the first day of the finest day, week, month or year that holds `span`, and which.

    A week is from Monday to Sunday; None for a longer span in two years.
    """
    first, last = span
    if first == last:
        return first, "day"
    monday = first - timedelta(days=first.weekday())
    if last - monday < timedelta(days=_WEEK):
        return monday, "week"
    if first.year != last.year:
        return None
    return (first.replace(day=1), "month") if first.month == last.month else _year(first.year)


def last_day(first: date, precision: Precision) -> date:
    """Return the last day of what `precision` leaves open from `first` on."""
    if precision == "week":
        return first + timedelta(days=_WEEK - 1)
    if precision == "month":
        return _months(first.year, first.month, 1)[1]
    return date(first.year, _MONTHS, 31) if precision == "year" else first


def _year(year: int) -> tuple[date, Precision]:
    return date(year, 1, 1), "year"


def _spans(groups: dict[str, str], day: date, words: DateWords) -> Iterator[Span | None]:
    try:
        if "other_day" in groups:
            yield _span(groups | {"day": groups["other_day"]}, day, words)
        yield _span(groups, day, words)
        if "other_month" in groups:
            yield _span(groups | {"month": groups["other_month"]}, day, words)
        if "last_day" in groups:
            yield _span(groups | {"day": groups["last_day"]}, day, words)
    except (ValueError, OverflowError):  # no such day, such as 31 April
        yield None


def _span(groups: dict[str, str], day: date, words: DateWords) -> Span | None:
    """Return the days that the groups of one match mean, None for none or too far ones."""
    which = words.which[plain_word(groups["which"])] if "which" in groups else None
    span: Span | None
    if "past" in groups:
        span = None
    elif "offset" in groups:
        span = _days(day, words.days[_plain(groups["offset"])])
    elif "unit" in groups:
        span = _counted(groups, which or 0, day, words)
    elif "weekday" in groups and "month" not in groups:
        span = _weekday(words.weekdays[plain_word(groups["weekday"])], which, day)
    elif "year" in groups:
        year = _plain(groups["year"])
        number = int(year) if year.isdecimal() else day.year + words.years[year]
        span = _in_year(groups, number, words)
    else:
        span = _next(groups, day, words)
    return span if span is None or span[1].year - day.year <= FARTHEST_YEARS else None


def _next(groups: dict[str, str], day: date, words: DateWords) -> Span | None:
    """Return the next date of a month, season or quarter without a year, None for a far one."""
    for year in (day.year, day.year + 1):
        try:
            first, last = _in_year(groups, year, words)
        except ValueError:  # 29 February of a common year
            continue
        if last > day:
            return (first, last) if first - day <= FARTHEST_WITHOUT_YEAR else None
    return None


def _days(day: date, count: int) -> Span:
    moved = day + timedelta(days=count)
    return moved, moved


def _plain(text: str) -> str:
    return " ".join(plain_word(text).split())


def _in_year(groups: dict[str, str], year: int, words: DateWords) -> Span:
    """Return the days of a date in its year; all of the year where no part of it is named."""
    if "season" in groups:
        first, last = words.seasons[plain_word(groups["season"])]
        return _months(year, first, (last - first) % _MONTHS + 1)
    if "quarter" in groups:
        quarter = _number(groups["quarter"], words)
        return _months(year, _MONTHS_OF_A_QUARTER * (quarter - 1) + 1, _MONTHS_OF_A_QUARTER)
    if "month" not in groups:
        return date(year, 1, 1), date(year, 12, 31)
    month = words.months[plain_word(groups["month"]).rstrip(".")]
    if "nth" in groups:
        weekday = words.weekdays[plain_word(groups["weekday"])]
        found = _nth_weekday(year, month, weekday, _number(groups["nth"], words))
        return found, found
    if "day" in groups:
        found = date(year, month, _number(groups["day"], words))
        return found, found
    return _months(year, month, 1)


def _months(year: int, month: int, count: int) -> Span:
    """Return `count` whole months from `month`, which may lie beyond the year's twelve."""
    after = date(*_carried(year, month + count), 1)
    return date(*_carried(year, month), 1), after - timedelta(days=1)


def _carried(year: int, month: int) -> tuple[int, int]:
    years, month = divmod(month - 1, _MONTHS)
    return year + years, month + 1


def _number(text: str, words: DateWords) -> int:
    plain = _plain(text)
    return int(plain) if plain.isdecimal() else words.numbers[plain]


def _counted(groups: dict[str, str], which: int, day: date, words: DateWords) -> Span | None:
    """Return the day, week, month or year so many units away; `which` is -1, 0 or 1."""
    count = _number(groups["count"], words) if "count" in groups else which
    if "is_one" in groups:  # "in a week", "за тиждень"
        count = 1
    if count > _LONGEST_COUNT:
        return None
    if "ago" in groups:
        count = -count
    unit = words.units[plain_word(groups["unit"])]
    if unit == "day":
        return _days(day, count)
    if unit in {"week", "weekend"}:
        monday = day + timedelta(days=_WEEK * count - day.weekday())
        return monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6)
    if unit == "month":
        return _months(day.year, day.month + count, 1)
    return date(day.year + count, 1, 1), date(day.year + count, 12, 31)


def _weekday(weekday: int, which: int | None, day: date) -> Span:
    """Return the coming such day, today included; with `which` that of the week so many on."""
    ahead = weekday - day.weekday()
    return _days(day, ahead % _WEEK if which is None else ahead + _WEEK * which)


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the `nth` such day of a month; -1 is the last. ValueError where there is none."""
    first, last = _months(year, month, 1)
    if nth < 0:
        return last - timedelta(days=(last.weekday() - weekday) % _WEEK)
    return first.replace(day=1 + (weekday - first.weekday()) % _WEEK + _WEEK * (nth - 1))


__all__ = ["NamedDate", "Precision", "Span", "finest", "last_day", "named_dates"]
