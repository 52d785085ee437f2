"""Where readers came from: the sites whose links they followed."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from broadsheet.readership.audience import referred_articles, referring_hosts

from .audience_pages import MAY_EXCLUDE, AudienceView, article_url, headlines
from .audience_tables import Linked, Share, Table, Value

MOST_SITES = 100
MOST_ARTICLES = 50
PERIODS = (1, 7)


def host_rows(hosts: Sequence[tuple[str, int]]) -> list[tuple[Value, ...]]:
    """Return hosts with their views and their share of these."""
    whole = sum(views for _, views in hosts)
    return [(say_host(host), views, Share.of(views, whole)) for host, views in hosts]


def say_host(host: str) -> str:
    return host or gettext("None told")


class SitesView(AudienceView):
    """All referring sites of some days; with `?host=` the articles that one sent readers to."""

    page_title = _("Referring sites")
    url_name = "desk_audience_sites"
    file_name = "referring-sites"
    template_name = "newsroom/audience/sites.html"

    @cached_property
    def days(self) -> int:
        wanted = self.request.GET.get("days")
        return next((days for days in PERIODS if str(days) == wanted), PERIODS[-1])

    @cached_property
    def host(self) -> str | None:
        host = self.request.GET.get("host")
        return None if host is None else host[:255].replace("\0", "")

    @cached_property
    def tables(self) -> Sequence[Table]:
        return [self._sites()] if self.host is None else [self._articles(self.host)]

    def _sites(self) -> Table:
        hosts = referring_hosts(days=self.days, now=self.now, limit=MOST_SITES)
        address = reverse(self.url_name)
        rows: Iterable[tuple[Value, ...]] = (
            (
                Linked(
                    said,  # type: ignore[arg-type]  # a text: host_rows begins with one
                    f"{address}?{urlencode({'days': self.days, 'host': host})}",
                ),
                views,
                share,
            )
            for (host, _), (said, views, share) in zip(hosts, host_rows(hosts), strict=True)
        )
        columns = (gettext("Site"), gettext("Views"), gettext("Share"))
        return Table("sites", gettext("Referring sites"), columns, list(rows))

    def _articles(self, host: str) -> Table:
        read = referred_articles(host, days=self.days, now=self.now, limit=MOST_ARTICLES)
        titles = headlines(one for one, _ in read)
        return Table(
            "articles",
            gettext("Articles that readers from %(site)s opened") % {"site": say_host(host)},
            (gettext("Article"), gettext("Views")),
            [
                (Linked(titles[one], article_url(one)), views)
                for one, views in read
                if one in titles
            ],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_exclude = self.host and self.request.user.has_perm(MAY_EXCLUDE)
        query = urlencode({"kind": "referrer", "value": self.host or ""})
        return super().get_context_data(
            days=self.days,
            periods=PERIODS,
            host=self.host,
            site=None if self.host is None else say_host(self.host),
            exclude_url=f"{reverse('desk_audience_exclude')}?{query}" if may_exclude else "",
            **kwargs,
        )
