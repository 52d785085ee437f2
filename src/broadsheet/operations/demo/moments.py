"""When things happened in the demo, and the days that its texts name."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

#: Texts of yesterday and before name hours of the day ("the gauge at 10am"). They were written
#: for a newsroom that is filled at this hour.
WRITTEN_FOR = time(6)
FRESH_HOURS = 24
_SATURDAY = 5
_DAY = re.compile(r"\{day\+(\d+)\}")


def moment_of(hours_ago: float, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) of an article that is told for `hours_ago` hours before `now`.

    What is fresh is that old to the minute. What is older moves by up to twelve hours, all of it
    by as much, so that it stands at the hours of the day which its text speaks of.
    """
    since = now if hours_ago < FRESH_HOURS else _nearest_morning(now, zone)
    # Hours of the zone's clock: a change to summer time moves nothing that is told of a day.
    return (since - timedelta(hours=hours_ago)).astimezone(UTC)


def say_days(text: str, *, published_at: datetime, zone: ZoneInfo, language: str) -> str:
    """Replace `{day+21}` by the day so many after publication, as in “15 December”.

    A Saturday or Sunday becomes the Monday after: what is announced is the business of councils
    and courts.
    """

    def say(match: re.Match[str]) -> str:
        day = published_at.astimezone(zone).date() + timedelta(days=int(match[1]))
        if day.weekday() >= _SATURDAY:
            day += timedelta(days=7 - day.weekday())
        return str(format_date(day, "d MMMM", locale=language))

    return _DAY.sub(say, text)


def _nearest_morning(now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    mornings = [
        datetime.combine(today + timedelta(days=days), WRITTEN_FOR, tzinfo=zone)
        for days in (-1, 0, 1)
    ]
    return min(mornings, key=lambda morning: abs(morning - now))
