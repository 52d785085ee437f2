"""What the pages of the audience have in common: who may see them, their tabs, their tables."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from broadsheet.articles.models import Article, ArticleAuthor, Edition, Section
from broadsheet.articles.queries import all_editions

from .audience_tables import Table, answer_csv

#: The rights behind the pages; `roles` gives them to editors.
MAY_SEE = "broadsheet_readership.view_articlecount"
MAY_EXCLUDE = "broadsheet_readership.add_exclusion"

TABS = (
    ("desk_audience", _("Now")),
    ("desk_audience_days", _("Days and weeks")),
    ("desk_audience_sites", _("Referring sites")),
    ("desk_audience_counting", _("What is not counted")),
    ("desk_audience_exclusions", _("Exclusions")),
    ("desk_popular", _("Popular")),
)


def may_see_audience(user: Any) -> bool:
    """Whether somebody may see how all articles are read."""
    return bool(user.has_perm(MAY_SEE))


def own_articles(user: Any, article_ids: Iterable[int]) -> set[int]:
    """Return those of the articles whose curves `user` may see: all, or those with their byline."""
    ids = set(article_ids)
    if may_see_audience(user):
        return ids
    signed = ArticleAuthor.objects.filter(author__user=user, article_id__in=ids)
    return set(signed.values_list("article_id", flat=True))


class AudienceView(WagtailAdminTemplateMixin, TemplateView):
    """A page of the audience: GET, of the moment, each of its tables as CSV by `?csv=`."""

    page_title = _("Audience")
    header_icon = "audience"
    url_name = ""
    file_name: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.is_permitted():
            denied: HttpResponse = permission_denied(request)
            return denied
        return super().dispatch(request, *args, **kwargs)

    def is_permitted(self) -> bool:
        return may_see_audience(self.request.user)

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a stream too
        wanted = request.GET.get("csv")
        if wanted is None:
            return super().get(request, *args, **kwargs)
        found = [table for table in self.tables if table.name == wanted]
        if not found:
            return HttpResponse(status=404)
        return answer_csv(found[0], file_name=f"{self.file_name}-{self.now:%Y-%m-%d}")

    @cached_property
    def tables(self) -> Sequence[Table]:
        """The tables of the page, which are handed out as CSV too. Each page has its own."""
        raise NotImplementedError

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        shown = []
        for table in self.tables:
            query["csv"] = table.name
            shown.append((table.name, {"table": table, "csv_url": f"?{query.urlencode()}"}))
        return super().get_context_data(
            tabs=[
                {"label": label, "url": reverse(name), "is_open": name == self.url_name}
                for name, label in TABS
            ],
            tables=dict(shown),
            now=self.now,
            **kwargs,
        )


def local(moment: int, zone: ZoneInfo | None = None) -> datetime:
    """Return a Unix time in a zone, else in that of whoever looks."""
    return timezone.localtime(datetime.fromtimestamp(moment, UTC), zone)


def choose_edition(request: HttpRequest, editions: Sequence[Edition]) -> Edition:
    """Return the edition of `?edition=`, else the default one."""
    wanted = request.GET.get("edition")
    return next((one for one in editions if one.code == wanted), editions[0])


def editions_by_id() -> dict[int, Edition]:
    return {one.pk: one for one in all_editions()}


def section_labels() -> dict[int, str]:
    """Return what the desk calls the sections; there are few."""
    return dict(Section.objects.values_list("pk", "label"))


def label_of(section_id: int, labels: dict[int, str]) -> str:
    return labels.get(section_id) or gettext("No section")


def headlines(article_ids: Iterable[int]) -> dict[int, str]:
    """Return the headlines of articles; those that were deleted have none."""
    rows = Article.objects.filter(pk__in=set(article_ids))
    return dict(rows.values_list("pk", "headline"))


def article_url(article_id: int) -> str:
    return reverse("desk_audience_article", args=[article_id])
