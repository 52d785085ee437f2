"""The first page of the desk: what waits, what went wrong, what is newest."""

from collections.abc import Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.models import WorkflowState
from wagtail.permissions import policy_registry

from broadsheet.articles.models import Article, FailedSchedule
from broadsheet.articles.queries import all_editions

from .article_list import newest_first, rows_of
from .editions import language_of

MOST_SHOWN = 8

#: Of Wagtail's panels the one about articles: what waits for one's review.
KEPT_PANELS = (WorkflowObjectsToModeratePanel,)


class WritePanel(Component):
    """One button an edition, and the search."""

    order = 10
    template_name = "newsroom/write_panel.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        add_url = reverse(Article.snippet_viewset.get_url_name("add"))
        user = _request_of(parent_context).user
        may_write = policy_registry.get_by_type(Article).user_has_permission(user, "add")
        return {
            "list_url": reverse(Article.snippet_viewset.get_url_name("list")),
            "editions": [
                {"language": language_of(edition), "url": f"{add_url}?locale={edition.code}"}
                for edition in (all_editions() if may_write else ())
            ],
        }


class FailedSchedulesPanel(Component):
    """What did not go live, or did not expire, at its moment."""

    order = 20
    template_name = "newsroom/failed_schedules_panel.html"

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:  # noqa: ARG002 - Wagtail's signature
        failed = FailedSchedule.objects.select_related("article__locale__edition")
        return {
            "failed": list(failed.order_by("due_at")[:MOST_SHOWN]),
            "edit_url_name": Article.snippet_viewset.get_url_name("edit"),
        }


class ArticlesPanel(Component):
    """A few articles in the order of a query, with what the list says about them."""

    template_name = "newsroom/articles_panel.html"

    def __init__(
        self,
        articles: "QuerySet[Article]",
        *,
        name: str,
        heading: Any,
        order: int,
        nothing: Any = "",
    ) -> None:
        """`nothing` is said where there are none; without it the panel is left out."""
        self.articles, self.name, self.heading = articles, name, heading
        self.nothing, self.order = nothing, order

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:  # noqa: ARG002 - Wagtail's signature
        return {
            "name": self.name,
            "heading": self.heading,
            "nothing": self.nothing,
            "articles": rows_of(list(self.articles.values_list("pk", flat=True)[:MOST_SHOWN])),
            "edit_url_name": Article.snippet_viewset.get_url_name("edit"),
        }


def drafts_of(user: Any) -> "QuerySet[Article]":
    """Return what `user` wrote last and readers do not see yet, the latest change first."""
    unseen = Q(live=False, killed_at=None) | Q(live=True, has_unpublished_changes=True)
    mine = Article.objects.filter(unseen, latest_revision__user=user)
    return mine.order_by("-latest_revision__created_at", "-pk")


def submitted_by(user: Any) -> "QuerySet[Article]":
    """Return what `user` submitted and nobody has decided on, the latest first."""
    waiting = WorkflowState.objects.active().filter(
        requested_by=user, base_content_type=ContentType.objects.get_for_model(Article)
    )
    ids = waiting.values(article_id=Cast("object_id", BigIntegerField()))
    return Article.objects.filter(pk__in=ids).order_by("-latest_revision__created_at", "-pk")


def panels_for(request: HttpRequest) -> list[Component]:
    """Return the desk's own panels of the first page."""
    latest = newest_first(Article.objects.filter(live=True, first_published_at__isnull=False))
    return [
        WritePanel(),
        FailedSchedulesPanel(),
        ArticlesPanel(
            drafts_of(request.user),
            name="my-drafts",
            heading=_("Your drafts"),
            nothing=_("Nothing of yours waits to be published."),
            order=30,
        ),
        ArticlesPanel(
            submitted_by(request.user), name="submitted", heading=_("In review"), order=40
        ),
        ArticlesPanel(
            latest,
            name="latest",
            heading=_("Latest"),
            nothing=_("Nothing is published yet."),
            order=400,
        ),
    ]


def _request_of(context: Mapping[str, Any] | None) -> HttpRequest:
    assert context is not None
    request: HttpRequest = context["request"]
    return request
