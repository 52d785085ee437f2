"""What the menu of the desk leaves out: what Wagtail has for pages and Broadsheet has not."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.search import SearchArea
from wagtail.permissions import policy_registry

from broadsheet.articles.models import Article

from .audience_pages import may_see_audience
from .story_list import MAY_SEE_STORIES

HIDDEN_FROM_MENU = {"explorer", "documents", "snippets"}
HIDDEN_FROM_REPORTS = {"locked-pages", "aging-pages", "page-types-usage"}
HIDDEN_FROM_SETTINGS = {"sites"}
#: Help that is about Wagtail and lies on another site.
KEPT_IN_HELP = {"keyboard-shortcuts-trigger"}


class ArticleSearchArea(SearchArea):
    """The search box in the menu: the first area is where it leads."""

    def __init__(self) -> None:
        super().__init__(
            _("Articles"),
            reverse(Article.snippet_viewset.get_url_name("list")),
            name="articles",
            icon_name="doc-full",
            order=1,
        )

    def is_shown(self, request: Any) -> bool:
        policy = policy_registry.get_by_type(Article)
        return bool(policy.user_has_any_permission(request.user, {"add", "change", "view"}))


class AudienceMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            _("Audience"),
            reverse("desk_audience"),
            name="audience",
            icon_name="audience",
            order=20,
        )

    def is_shown(self, request: Any) -> bool:
        return may_see_audience(request.user)


class StyleMenuItem(MenuItem):
    """The design of the readers' site, among the settings."""

    def __init__(self) -> None:
        super().__init__(
            _("Style"), reverse("desk_style"), name="style", icon_name="view", order=900
        )


class StoriesMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            _("Stories"),
            reverse("desk_stories"),
            name="stories",
            icon_name="folder-open-inverse",
            order=15,
        )

    def is_shown(self, request: Any) -> bool:
        return bool(request.user.has_perm(MAY_SEE_STORIES))


def leave_out(items: list[Any], names: set[str]) -> None:
    items[:] = [entry for entry in items if entry.name not in names]
