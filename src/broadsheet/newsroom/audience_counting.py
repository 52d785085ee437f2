"""What is not counted, and whether all that was read is: robots, refusals, lag and loss."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import formats
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from broadsheet.readership.audience_counting import DayOfCounting, days_of_counting
from broadsheet.readership.log_ends import FoldReach, find_reach
from broadsheet.readership.models import LogDamage
from broadsheet.readership.view_reading import LogBehindError

from .audience_pages import AudienceView, local
from .audience_tables import Share, Table, Value
from .charts import Line, line_chart

DAYS = 14
MOST_DAMAGE = 50
#: A fold that is so long behind does not keep up, or does not run.
LATE_SECONDS = 10

#: Why a view is not counted, in the words of the desk; of robots the rule follows.
REASONS: Mapping[str, Any] = {
    "wrong_method": _("Sent in a way that no page sends"),
    "too_large": _("Too large"),
    "unreadable": _("Unreadable"),
    "not_live": _("Of an article that is not live"),
    "foreign_origin": _("From a page of another site"),
    "prefetch": _("Fetched ahead, perhaps never seen"),
    "prerender": _("Rendered ahead, perhaps never seen"),
    "over_rate": _("Too many from one network"),
    "excluded:referrer": _("From an excluded site"),
    "excluded:network": _("From an excluded network"),
    "unavailable": _("The view log could not be written"),
    "robot:pace": _("Robot by its pace"),
}


def say_reason(verdict: str) -> str:
    """Return a verdict as the desk says it; one without words as it is."""
    if verdict in REASONS:
        return str(REASONS[verdict])
    kind, _colon, rule = verdict.partition(":")
    return gettext("Robot by its name: %(rule)s") % {"rule": rule} if kind == "robot" else verdict


class CountingView(AudienceView):
    """The last two weeks, in days of UTC as the counts keep them."""

    page_title = _("What is not counted")
    url_name = "desk_audience_counting"
    file_name = "counting"
    template_name = "newsroom/audience/counting.html"

    @cached_property
    def days(self) -> list[DayOfCounting]:
        return days_of_counting(days=DAYS, now=self.now)

    @cached_property
    def damage(self) -> list[LogDamage]:
        return list(LogDamage.objects.order_by("-found_at", "-pk")[:MOST_DAMAGE])

    @cached_property
    def tables(self) -> Sequence[Table]:
        tables = [self._by_day(), self._dropped(), self._refused()]
        return [*tables, self._lost()] if self.damage else tables

    def _by_day(self) -> Table:
        columns = (
            gettext("Day (UTC)"),
            gettext("Counted"),
            gettext("Robots"),
            gettext("Share of robots"),
            gettext("Not counted for another reason"),
        )
        rows = [
            (
                _say_day(one),
                one.counted,
                one.robots,
                Share.of(one.robots, one.judged),
                one.judged - one.counted - one.robots,
            )
            for one in reversed(self.days)
        ]
        return Table("days", gettext("Day by day"), columns, rows)

    def _dropped(self) -> Table:
        whole = sum(one.judged for one in self.days)
        dropped = sum((Counter(one.dropped) for one in self.days), start=Counter[str]())
        rows: list[tuple[Value, ...]] = [
            (say_reason(verdict), verdict, views, Share.of(views, whole))
            for verdict, views in dropped.most_common()
        ]
        columns = (gettext("Reason"), gettext("Name"), gettext("Views"), gettext("Share"))
        return Table("reasons", gettext("Logged, and not counted"), columns, rows)

    def _refused(self) -> Table:
        refused = sum((Counter(one.refused) for one in self.days), start=Counter[str]())
        rows = [(say_reason(why), why, requests) for why, requests in refused.most_common()]
        columns = (gettext("Reason"), gettext("Name"), gettext("Requests"))
        return Table("refusals", gettext("Refused at the door"), columns, rows)

    def _lost(self) -> Table:
        columns = (
            gettext("Found"),
            gettext("Where"),
            gettext("From byte"),
            gettext("To byte"),
            gettext("Views missing"),
            gettext("First of them"),
            gettext("In the counts"),
        )
        rows = [
            (
                local(int(one.found_at.timestamp())),
                one.name or gettext("a gap"),
                one.offset,
                one.end,
                one.missing,
                one.first_missing,
                gettext("yes") if one.was_counted else gettext("no"),
            )
            for one in self.damage
        ]
        return Table("damage", gettext("Damage of the log"), columns, rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reach, trouble = _look_at_fold()
        lag = reach.lag(now=self.now) if reach else None
        judged = sum(one.judged for one in self.days)
        return super().get_context_data(
            chart=_chart(self.days),
            days=DAYS,
            judged=judged,
            robots=Share.of(sum(one.robots for one in self.days), judged).part * 100,
            reach=reach,
            lag_seconds=round(lag.total_seconds()) if lag is not None else None,
            is_late=lag is not None and lag.total_seconds() > LATE_SECONDS,
            trouble=trouble,
            missing=sum(one.missing for one in self.damage),
            **kwargs,
        )


def _look_at_fold() -> tuple[FoldReach | None, str]:
    """Return how far the fold is, or what keeps one from knowing."""
    try:
        return find_reach(), ""
    except (OSError, LogBehindError) as error:
        return None, str(error)


def _say_day(one: DayOfCounting) -> str:
    return f"{datetime.fromtimestamp(one.day, UTC):%Y-%m-%d}"


def _chart(days: Sequence[DayOfCounting]) -> Any:
    robots = sum(one.robots for one in days)
    ticks = {
        float(place): formats.date_format(datetime.fromtimestamp(one.day, UTC), "j M")
        for place, one in enumerate(days)
        if place % 2 == 1
    }
    return line_chart(
        [
            Line(gettext("Counted"), [one.counted for one in days], style=1),
            Line(gettext("Robots"), [one.robots for one in days], style=2),
        ],
        ticks=ticks,
        name="days",
        title=gettext("Counted views and robots, by days of UTC"),
        description=ngettext(
            "%(robots)s view of a robot in all.", "%(robots)s views of robots in all.", robots
        )
        % {"robots": robots},
    )
