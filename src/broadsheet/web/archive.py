"""The archive: all months, the calendar of one, and what was published on a day.

Days and months are those of the edition's zone. The pages of a month and of its days show which
days of it have articles, and whether the months beside it have any: they carry the tags of all three.
"""

from calendar import Calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadsheet.articles.queries import (
    Moment,
    latest_between,
    newest_before,
    published_between,
)

from . import made_from
from .lists import DayOfCards, cards_by_day
from .moments import When
from .navigation import Frame, Link, Site, frame_page, same_page
from .paging import page_path, slice_list

ONE_DAY = timedelta(days=1)
MONTHS = range(1, 13)


class NothingPublishedError(LookupError):
    """There is no such day or month, or nothing was published in it."""


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day in a calendar: of the month or beside it, with its page if it has articles."""

    number: str
    label: When
    url: str
    is_inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A calendar. `before` and `after` are the paths of the months beside it that have articles."""

    heading: When
    url: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[CalendarDay, ...], ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Year:
    number: When
    months: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePage:
    """All months that have articles, the newest year first; a month without has no address."""

    frame: Frame
    heading: str
    intro: str
    years: tuple[Year, ...]
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    frame: Frame
    heading: str
    calendar: Month
    archive: str
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPage:
    """A day's articles, the newest first. `before` and `after` are the days beside it that have any."""

    frame: Frame
    heading: str
    days: tuple[DayOfCards, ...]
    calendar: Month
    before: str
    after: str
    older: str
    newest: str
    archive: str
    made_from: frozenset[str]


def gather_archive(*, site: Site) -> ArchivePage:
    """Return all months that have articles, in one query for each."""
    words = site.words
    having = set(_months_of(site))
    years = sorted({day.year for day in having}, reverse=True)
    return ArchivePage(
        frame=frame_page(
            site,
            title=words.archive,
            description=words.archive_intro,
            path=site.path("archive"),
            others=same_page(site, "archive"),
        ),
        heading=words.archive,
        intro=words.archive_intro,
        years=tuple(
            Year(
                When(str(year), words.day_of(date(year, 1, 1), words.year)),
                tuple(
                    Link(
                        words.day_of(first, "LLLL"),
                        month_path(site, first) if first in having else "",
                    )
                    for first in (date(year, month, 1) for month in MONTHS)
                ),
            )
            for year in years
        ),
        made_from=frozenset({made_from.latest(site.code)}),
    )


def gather_month(month: str, *, site: Site) -> MonthPage:
    """Return the calendar of a month, `2026/02`. Raises `NothingPublishedError`."""
    first = _read_day(f"{month}/01")
    days = _days_of(first, site=site)
    if not any(day.month == first.month for day in days):
        raise NothingPublishedError(month)
    calendar = _make_month(first, days, site=site)
    return MonthPage(
        frame=frame_page(
            site,
            title=calendar.heading.text,
            description=f"{site.words.archive}: {calendar.heading.text}",
            path=calendar.url,
        ),
        heading=calendar.heading.text,
        calendar=calendar,
        archive=site.path("archive"),
        made_from=_tags_of(first, site=site),
    )


def gather_day(day: str, *, site: Site, before: Moment | None) -> DayPage:
    """Return what was published on a day, `2026/02/14`. Raises `NothingPublishedError`."""
    that_day = _read_day(day)
    days = _days_of(that_day, site=site)
    if that_day not in days:
        raise NothingPublishedError(day)
    words, path = site.words, day_path(site, that_day)
    start, end = _span(that_day, that_day + ONE_DAY, zone=site.zone)
    page = slice_list(latest_between(site.id, start=start, end=end, before=before))
    heading = words.day_of(that_day, words.day)
    beside = {step: that_day + step * ONE_DAY for step in (-1, 1)}
    paths = {step: day_path(site, one) if one in days else "" for step, one in beside.items()}
    return DayPage(
        frame=frame_page(
            site,
            title=heading,
            description=f"{words.archive}: {heading}",
            path=page_path(path, before),
        ),
        heading=heading,
        days=cards_by_day(page.facts, site=site),
        calendar=_make_month(that_day.replace(day=1), days, site=site),
        before=paths[-1],
        after=paths[1],
        older=page_path(path, page.after) if page.after else "",
        newest=path if before else "",
        archive=site.path("archive"),
        made_from=_tags_of(that_day, site=site) | made_from.records("article", [page.next_id]),
    )


def day_path(site: Site, day: date) -> str:
    return site.path("archive-day", f"{day:%Y/%m/%d}")


def month_path(site: Site, day: date) -> str:
    return site.path("archive-month", f"{day:%Y/%m}")


def days_between(span: tuple[datetime, datetime], *, zone: ZoneInfo) -> Iterator[date]:
    """Return every day from that of the first moment to that of the second, in `zone`."""
    day, last = (moment.astimezone(zone).date() for moment in span)
    while day <= last:
        yield day
        day += ONE_DAY


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise NothingPublishedError(text) from None


def _span(first: date, end: date, *, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moments at which two days begin in `zone`."""
    return datetime.combine(first, time.min, zone), datetime.combine(end, time.min, zone)


def _after(first: date) -> date:
    """Return the first day of the month after that which `first` begins."""
    return (first + 31 * ONE_DAY).replace(day=1)


def _days_of(day: date, *, site: Site) -> set[date]:
    """Return the days that have articles, of the day's month and the two beside it."""
    first = day.replace(day=1)
    start, end = _span(first - ONE_DAY, _after(first) + ONE_DAY, zone=site.zone)
    moments = published_between(site.id, start=start, end=end)
    return {moment.astimezone(site.zone).date() for moment in moments}


def _months_of(site: Site) -> Iterator[date]:
    """Return the first days of the months that have articles, the newest first."""
    newest = newest_before(site.id)
    while newest is not None:
        first = newest.astimezone(site.zone).date().replace(day=1)
        yield first
        newest = newest_before(site.id, _span(first, first, zone=site.zone)[0])


def _has_articles(first: date, *, site: Site) -> bool:
    start, end = _span(first, _after(first), zone=site.zone)
    return latest_between(site.id, start=start, end=end).exists()


def _tags_of(day: date, *, site: Site) -> frozenset[str]:
    first = day.replace(day=1)
    months = (first - ONE_DAY, first, _after(first))
    return frozenset(made_from.month(site.code, f"{one:%Y-%m}") for one in months)


def _make_month(first: date, days: Iterable[date], *, site: Site) -> Month:
    words = site.words
    having = set(days)
    beside = ((first - ONE_DAY).replace(day=1), _after(first))
    before, after = (
        month_path(site, one) if _has_articles(one, site=site) else "" for one in beside
    )
    weeks = Calendar(words.first_weekday).monthdatescalendar(first.year, first.month)
    return Month(
        heading=When(f"{first:%Y-%m}", words.day_of(first, words.month)),
        url=month_path(site, first),
        weekdays=tuple(
            (words.day_of(day, "cccccc"), words.day_of(day, "cccc")) for day in weeks[0]
        ),
        weeks=tuple(
            tuple(
                CalendarDay(
                    number=words.number(day.day),
                    label=When(day.isoformat(), words.day_of(day, words.day)),
                    url=day_path(site, day) if day in having else "",
                    is_inside=day.month == first.month,
                )
                for day in week
            )
            for week in weeks
        ),
        before=before,
        after=after,
    )
