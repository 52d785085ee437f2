"""A day and a week: of an edition, of a section of it, and of one article."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import formats
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import HeaderButton

from broadsheet.articles.models import Article, Edition
from broadsheet.articles.queries import all_editions
from broadsheet.readership.audience import (
    Span,
    days_until,
    hours_of,
    most_read,
    referring_hosts,
    views_by_section,
    views_of,
)
from broadsheet.readership.audience_expectation import Comparison, compare
from broadsheet.readership.queries import numbers

from .audience_pages import (
    AudienceView,
    article_url,
    choose_edition,
    headlines,
    label_of,
    local,
    own_articles,
    section_labels,
)
from .audience_sites import host_rows
from .audience_tables import Linked, Share, Table
from .charts import Band, Bar, Line, bar_chart, line_chart, say_number
from .editions import language_of

#: As long as hours are kept, a day less: so far back the pages lead.
DAYS_BACK = 39
MOST_ARTICLES = 20
MOST_HOSTS = 20
Period = Literal["day", "week"]


def day_asked_for(request: HttpRequest, *, today: date) -> date:
    """Return the day of `?on=`, today where it is none; never later nor longer ago than is kept."""
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today
    return min(today, max(day, today - timedelta(days=DAYS_BACK)))


def spans_of(period: Period, day: date, zone: ZoneInfo) -> list[Span]:
    """Return the hours of a day, or the seven days that end with it."""
    return hours_of(day, zone) if period == "day" else days_until(day, zone)


def period_chart(
    period: Period, spans: Sequence[Span], views: Sequence[int], zone: ZoneInfo, *, name: str
) -> SafeString:
    """Draw the views of a day by hours, or of a week by days."""
    starts = [local(span.start, zone) for span in spans]
    if period == "day":
        title = gettext("Views by hour, %(day)s") % {"day": _say_day(starts[0])}
        bars = [
            Bar(_say_hour(at), read, tick=f"{at:%H}" if at.hour % 3 == 0 else "")
            for at, read in zip(starts, views, strict=True)
        ]
    else:
        title = gettext("Views by day, %(first)s to %(last)s") % {
            "first": _say_day(starts[0]),
            "last": _say_day(starts[-1]),
        }
        bars = [
            Bar(_say_day(at), read, tick=formats.date_format(at, "D j M"))
            for at, read in zip(starts, views, strict=True)
        ]
    most = max(range(len(bars)), key=lambda place: bars[place].value)
    description = gettext("%(views)s views in all; most of them at: %(most)s (%(number)s).") % {
        "views": say_number(sum(views)),
        "most": bars[most].label,
        "number": say_number(bars[most].value),
    }
    return bar_chart(bars, name=name, title=title, description=description)


def period_table(
    period: Period, spans: Sequence[Span], views: Sequence[int], zone: ZoneInfo
) -> Table:
    columns = (gettext("From"), gettext("Until"), gettext("Views"))
    rows = [
        (local(span.start, zone), local(span.end, zone), read)
        for span, read in zip(spans, views, strict=True)
    ]
    title = gettext("Views by hour") if period == "day" else gettext("Views by day")
    return Table(period, title, columns, rows)


def _say_day(moment: datetime) -> str:
    return formats.date_format(moment, "j M Y")


def _say_hour(moment: datetime) -> str:
    return f"{moment:%H:%M}"


class DaysView(AudienceView):
    """An edition or a section of it, on one day or in one week of the edition's zone."""

    page_title = _("Days and weeks")
    url_name = "desk_audience_days"
    file_name = "views"
    template_name = "newsroom/audience/days.html"

    @cached_property
    def editions(self) -> list[Edition]:
        return all_editions()

    @cached_property
    def edition(self) -> Edition:
        if not self.editions:
            raise Http404
        return choose_edition(self.request, self.editions)

    @cached_property
    def period(self) -> Period:
        return "week" if self.request.GET.get("span") == "week" else "day"

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.edition.zone).date()

    @cached_property
    def day(self) -> date:
        return day_asked_for(self.request, today=self.today)

    @cached_property
    def labels(self) -> dict[int, str]:
        return section_labels()

    @cached_property
    def section_id(self) -> int | None:
        wanted = self.request.GET.get("section", "")
        found = int(wanted[:18]) if wanted.isdecimal() else None
        return found if found in self.labels else None

    @cached_property
    def spans(self) -> list[Span]:
        return spans_of(self.period, self.day, self.edition.zone)

    @cached_property
    def whole(self) -> Span:
        return Span(self.spans[0].start, self.spans[-1].end)

    @cached_property
    def by_section_and_before(self) -> list[Any]:
        """Views by section of each span, and at the end of the whole time before."""
        earlier = spans_of(self.period, self.day - self.step, self.edition.zone)
        before = Span(earlier[0].start, earlier[-1].end)
        return views_by_section(self.edition.pk, [*self.spans, before], now=self.now)

    @property
    def by_section(self) -> list[Any]:
        return self.by_section_and_before[:-1]

    @cached_property
    def views(self) -> list[int]:
        if self.section_id is None:
            return [sum(found.values()) for found in self.by_section]
        return [found[self.section_id] for found in self.by_section]

    @property
    def step(self) -> timedelta:
        return timedelta(days=1 if self.period == "day" else 7)

    @cached_property
    def tables(self) -> Sequence[Table]:
        zone = self.edition.zone
        tables = [period_table(self.period, self.spans, self.views, zone)]
        if self.section_id is None:
            tables.append(self._sections())
        return [*tables, self._articles()]

    def _sections(self) -> Table:
        former = self.by_section_and_before[-1]
        totals = sum(self.by_section, start=Counter[int]())
        whole = sum(totals.values())
        was = gettext("The day before") if self.period == "day" else gettext("The week before")
        return Table(
            "sections",
            gettext("Sections"),
            (gettext("Section"), gettext("Views"), gettext("Share"), was),
            [
                (
                    Linked(label_of(one, self.labels), self._url(section=one)),
                    totals[one],
                    Share.of(totals[one], whole),
                    former[one],
                )
                for one in sorted({*+totals, *+former}, key=lambda one: (-totals[one], one))
            ],
        )

    def _articles(self) -> Table:
        read = most_read(
            self.edition.pk,
            self.whole,
            section_id=self.section_id,
            limit=MOST_ARTICLES,
            now=self.now,
        )
        titles = headlines(one for one, _ in read)
        return Table(
            "articles",
            gettext("Most read"),
            (gettext("Article"), gettext("Views"), gettext("Share")),
            [
                (
                    Linked(titles[one], f"{article_url(one)}?on={self.day}"),
                    views,
                    Share.of(views, sum(self.views)),
                )
                for one, views in read
                if one in titles
            ],
        )

    def _url(self, **changes: Any) -> str:
        query = self.request.GET.copy()
        query.pop("csv", None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"{reverse(self.url_name)}?{query.urlencode()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = self.day - self.step
        is_kept = earlier >= self.today - timedelta(days=DAYS_BACK)
        return super().get_context_data(
            chart=period_chart(
                self.period, self.spans, self.views, self.edition.zone, name="period"
            ),
            views=sum(self.views),
            editions=[(one.code, language_of(one)) for one in self.editions],
            sections=sorted(self.labels.items(), key=lambda one: one[1]),
            earlier_url=self._url(on=earlier) if is_kept else "",
            later_url=self._url(on=self.day + self.step) if self.day < self.today else "",
            first_day=self.today - timedelta(days=DAYS_BACK),
            **kwargs,
        )


class ArticleAudienceView(AudienceView):
    """How one article is read; writers see those that carry their byline."""

    template_name = "newsroom/audience/article.html"
    file_name = "article"

    @cached_property
    def article(self) -> Article:
        found = Article.objects.select_related("locale__edition", "section")
        article = found.defer("body", "lead").filter(pk=self.kwargs["pk"]).first()
        if article is None or article.first_published_at is None:
            raise Http404
        return article

    def is_permitted(self) -> bool:
        return bool(own_articles(self.request.user, [self.kwargs["pk"]]))

    def get_page_title(self) -> str:
        return str(self.article)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("desk_audience"), "label": gettext("Audience")},
            {"url": "", "label": str(self.article)},
        ]

    @property
    def header_buttons(self) -> list[HeaderButton]:
        edit = Article.snippet_viewset.get_url_name("edit")
        return [
            HeaderButton(
                gettext("Edit"), url=reverse(edit, args=[self.article.pk]), icon_name="edit"
            )
        ]

    @cached_property
    def zone(self) -> ZoneInfo:
        zone: ZoneInfo = self.article.edition.zone
        return zone

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def day(self) -> date:
        return day_asked_for(self.request, today=self.today)

    @cached_property
    def periods(self) -> dict[Period, tuple[list[Span], list[int]]]:
        """Spans and views of the day, and of the week that ends with it, in one query."""
        hours, days = (spans_of(one, self.day, self.zone) for one in ("day", "week"))
        views = views_of(self.article.pk, [*hours, *days], now=self.now)
        return {
            "day": (hours, views[: len(hours)]),
            "week": (days, views[len(hours) :]),
        }

    @cached_property
    def comparison(self) -> Comparison | None:
        assert self.article.first_published_at is not None  # else there is no such page
        return compare(
            self.article.pk,
            edition_id=self.article.locale_id,
            section_id=self.article.section_id,
            published_at=self.article.first_published_at,
            now=self.now,
        )

    @cached_property
    def tables(self) -> Sequence[Table]:
        hosts = referring_hosts(days=7, article_id=self.article.pk, now=self.now, limit=MOST_HOSTS)
        return [
            *(period_table(name, *found, self.zone) for name, found in self.periods.items()),
            *([_comparison_table(self.comparison)] if self.comparison else ()),
            Table(
                "sites",
                gettext("Referring sites, 7 days"),
                (gettext("Site"), gettext("Views"), gettext("Share")),
                host_rows(hosts),
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_kept = self.day > self.today - timedelta(days=DAYS_BACK)
        return super().get_context_data(
            article=self.article,
            total=numbers([self.article.pk])[self.article.pk],
            charts=[
                {
                    "drawing": period_chart(name, *found, self.zone, name=name),
                    "table": name,
                    "views": sum(found[1]),
                }
                for name, found in self.periods.items()
            ],
            comparison=self.comparison,
            comparison_chart=_comparison_chart(self.comparison) if self.comparison else None,
            is_today=self.day == self.today,
            earlier_url=f"?on={self.day - timedelta(days=1)}" if is_kept else "",
            later_url=f"?on={self.day + timedelta(days=1)}" if self.day < self.today else "",
            **kwargs,
        )


def _comparison_table(found: Comparison) -> Table:
    columns = (
        gettext("Hours after publication"),
        gettext("This article"),
        gettext("Usual (median)"),
        gettext("Lower quartile"),
        gettext("Upper quartile"),
    )
    rows = zip(
        range(found.hours + 1),
        *([round(value, 1) for value in line] for line in (found.own, found.usual, found.low, found.high)),
        strict=True,
    )  # fmt: skip
    return Table("expected", gettext("Views since publication"), columns, list(rows))


def _comparison_chart(found: Comparison) -> SafeString:
    each = max(1, found.hours // 8)
    return line_chart(
        [
            Line(gettext("This article"), found.own, style=1),
            Line(gettext("Usual in the section (median)"), found.usual, style=2),
        ],
        band=Band(gettext("Half of the others lie here"), found.low, found.high),
        ticks={place: str(place) for place in range(0, found.hours + 1, each)},
        name="expected",
        title=gettext("Views since publication, by hours"),
        description=gettext(
            "After %(hours)s hours this article has %(own)s views; the median of %(peers)s "
            "others at that age is %(usual)s."
        )
        % {
            "hours": found.hours,
            "own": say_number(found.own[-1]),
            "peers": found.peers,
            "usual": say_number(found.usual[-1]),
        },
    )
