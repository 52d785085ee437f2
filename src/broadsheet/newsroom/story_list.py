"""The stories of an edition at the desk: found by words and state, the latest first."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import InvalidPage
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from broadsheet.articles.models import Article
from broadsheet.articles.queries import all_editions
from broadsheet.themes.listing import StoryLine, lines_of, stories_in
from broadsheet.themes.models import Story, StoryMember

from .article_list import BoundedPaginator
from .audience_pages import choose_edition
from .editions import language_of
from .searching import matching

#: The rights behind the pages; `roles` gives them out.
MAY_SEE_STORIES = "broadsheet_themes.view_story"
MAY_DECIDE = "broadsheet_themes.change_story"

STATES = (
    ("", _("Two articles or more")),
    ("all", _("All, those of one article too")),
    ("featured", _("Featured")),
    ("closed", _("Closed")),
    ("decided", _("Decided about")),
)
PER_PAGE = 25


def matching_stories(stories: "QuerySet[Story]", words: str) -> "QuerySet[Story]":
    """Return those of `stories` of which an article, or the desk's own headline, has the words."""
    articles = matching(Article.objects.filter(live=True), words).values("pk")
    holding = StoryMember.objects.filter(pk__in=articles).values("story_id")
    spellings = {words, words.capitalize(), words.lower()}
    own = Q()
    for spelling in spellings:
        own |= Q(headline__contains=spelling)
    return stories.filter(Q(pk__in=holding) | own)


def local_row(line: StoryLine) -> dict[str, Any]:
    """Return a story as a row of a list."""
    return {
        "line": line,
        "url": reverse("desk_story", args=[line.id]),
        "newest_at": timezone.localtime(line.newest_at),
        "oldest_at": timezone.localtime(line.oldest_at),
    }


class StoriesPage(WagtailAdminTemplateMixin, TemplateView):
    """What the pages of stories have in common: who may see them."""

    header_icon = "folder-open-inverse"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(MAY_SEE_STORIES):
            denied: HttpResponse = permission_denied(request)
            return denied
        return super().dispatch(request, *args, **kwargs)


class StoryListView(StoriesPage):
    page_title = _("Stories")
    template_name = "newsroom/stories/list.html"

    @cached_property
    def editions(self) -> Sequence[Any]:
        return all_editions()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        edition = choose_edition(self.request, self.editions)
        words = asked.get("q", "").replace("\0", "").strip()
        state = asked.get("state", "")
        state = state if state in dict(STATES) else ""
        stories = stories_in(edition.pk, state=state)
        if words:
            stories = matching_stories(stories, words)
        paginator = BoundedPaginator(stories.values_list("pk", flat=True), PER_PAGE)
        try:
            page = paginator.page(asked.get("p", 1))
        except InvalidPage as error:
            raise Http404 from error
        query = asked.copy()
        query.pop("p", None)
        return super().get_context_data(
            editions=[
                {"code": one.code, "language": language_of(one), "is_shown": one == edition}
                for one in self.editions
            ],
            states=[
                {"name": name, "label": label, "is_shown": name == state} for name, label in STATES
            ],
            words=words,
            rows=[local_row(line) for line in lines_of(list(page.object_list))],
            page=page,
            has_more=paginator.has_more,
            query=query.urlencode(),
            **kwargs,
        )
