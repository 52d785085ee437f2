"""What was not counted, and why: robots, refusals, exclusions, and what the log has lost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Sum

from . import intake_counts
from .models import DAY, Bucket, DroppedViews


@dataclass(frozen=True, slots=True)
class DayOfCounting:
    """A UTC day (Unix time of its midnight): views counted, logged and dropped by verdict, and
    refused at the door by reason.

    A reader's second view of an article within the window is in none of them.
    """

    day: int
    counted: int
    dropped: Mapping[str, int]
    refused: Mapping[str, int]

    @property
    def robots(self) -> int:
        return sum(views for verdict, views in self.dropped.items() if verdict.startswith("robot:"))

    @property
    def judged(self) -> int:
        """Views that were counted, or logged with a reason why not."""
        return self.counted + sum(self.dropped.values())


def days_of_counting(*, days: int, now: datetime) -> list[DayOfCounting]:
    """Return the last days, today's last. Two queries and a file; raises `OSError`."""
    today = int(now.astimezone(UTC).timestamp()) // DAY * DAY
    wanted = [today - n * DAY for n in reversed(range(days))]
    counted = dict(
        Bucket.objects.filter(size=DAY, start__in=wanted)
        .values_list("start")
        .annotate(read=Sum("views"))
    )
    dropped: dict[int, Counter[str]] = {day: Counter() for day in wanted}
    for day, verdict, views in DroppedViews.objects.filter(day__in=wanted).values_list(
        "day", "verdict", "views"
    ):
        dropped[day][verdict] += views
    refused = intake_counts.read(Path(settings.INTAKE_DIRECTORY))
    return [
        DayOfCounting(day, counted.get(day, 0), dropped[day], refused.get(day, {}))
        for day in wanted
    ]
