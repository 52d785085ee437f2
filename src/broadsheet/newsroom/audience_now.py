"""Who reads now: a page that stays true while it is open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from broadsheet.readership.audience import five_minutes_until
from broadsheet.readership.audience_now import Now, Readers, read_now

from .audience_pages import (
    AudienceView,
    article_url,
    editions_by_id,
    headlines,
    label_of,
    local,
    section_labels,
)
from .audience_tables import Linked, Table
from .charts import Bar, bar_chart
from .editions import language_of


class NowView(AudienceView):
    """The page, and with `?part` what of it is exchanged while it is open."""

    page_title = _("Audience now")
    url_name = "desk_audience"
    file_name = "now"

    def get_template_names(self) -> list[str]:
        is_part = "part" in self.request.GET
        return [f"newsroom/audience/{'now_part' if is_part else 'now'}.html"]

    @cached_property
    def read(self) -> Now:
        return read_now(now=self.now)

    @cached_property
    def minutes(self) -> list[tuple[datetime, int]]:
        spans = five_minutes_until(self.now)
        return [
            (local(span.start), views) for span, views in zip(spans, self.read.views, strict=True)
        ]

    @cached_property
    def tables(self) -> Sequence[Table]:
        titles, labels, editions = headlines(self.read.articles), section_labels(), editions_by_id()
        readers = (gettext("Readers, 5 min"), gettext("Readers, 30 min"))

        def language(edition_id: int) -> str:
            return language_of(editions[edition_id]) if edition_id in editions else "–"

        def row(*names: Any, of: Readers) -> tuple[Any, ...]:
            return (*names, of.recent, of.long)

        return [
            Table(
                "minutes",
                gettext("Views by five minutes"),
                (gettext("From"), gettext("Views")),
                self.minutes,
            ),
            Table(
                "articles",
                gettext("Articles"),
                (gettext("Article"), *readers),
                [
                    row(Linked(titles[one], article_url(one)), of=of)
                    for one, of in self.read.articles.items()
                    if one in titles
                ],
            ),
            Table(
                "sections",
                gettext("Sections"),
                (gettext("Section"), gettext("Edition"), *readers),
                [
                    row(label_of(section_id, labels), language(edition_id), of=of)
                    for (edition_id, section_id), of in self.read.sections.items()
                ],
            ),
            Table(
                "editions",
                gettext("Editions"),
                (gettext("Edition"), *readers),
                [row(language(one), of=of) for one, of in self.read.editions.items()],
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        views = sum(self.read.views)
        chart = bar_chart(
            [
                Bar(f"{at:%H:%M}", views, tick=f"{at:%H:%M}" if place % 2 == 0 else "")
                for place, (at, views) in enumerate(self.minutes)
            ],
            name="minutes",
            title=gettext("Views of the last hour, by five minutes"),
            description=ngettext("%(views)s view in all.", "%(views)s views in all.", views)
            % {"views": views},
        )
        return super().get_context_data(
            read=self.read,
            views=views,
            chart=chart,
            as_of=local(int(self.now.timestamp())),
            **kwargs,
        )
