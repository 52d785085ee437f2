"""A story at the desk: what it is, its articles, what was decided about it and can be."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext

from broadsheet.articles.models import Article, Edition
from broadsheet.themes.beside import stories_like
from broadsheet.themes.listing import StoryLine, acts_about, decided_about, lines_of
from broadsheet.themes.models import Story, StoryAct, StoryMember
from broadsheet.themes.queries import HAS_PAGE_FROM, StoryFacts, pieces_of

from .audience_pages import headlines
from .editions import language_of
from .story_list import MAY_DECIDE, StoriesPage, local_row

#: Articles on the page of a story, the newest.
ARTICLES_SHOWN = 200


def find_line(story_id: int) -> StoryLine:
    """Return a story, or raise `Http404`."""
    found = lines_of([story_id])
    if not found:
        raise Http404
    return found[0]


def title_of(line: StoryLine) -> str:
    return line.headline or gettext("A story without articles")


class StoryDeskView(StoriesPage):
    template_name = "newsroom/stories/story.html"

    @cached_property
    def line(self) -> StoryLine:
        return find_line(self.kwargs["pk"])

    def get_page_title(self) -> str:
        return title_of(self.line)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("desk_stories"), "label": gettext("Stories")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        line = self.line
        edition = Edition.objects.select_related("locale").get(pk=line.locale_id)
        decided, acts = decided_about(line.id), acts_about(line.id)
        members = StoryMember.objects.filter(story=line.id).order_by("-published_at", "-pk")
        found = list(
            members.values_list("pk", "published_at", "article__headline", "article__live")[
                :ARTICLES_SHOWN
            ]
        )
        known = headlines(decided.barred)
        waiting = decided.pinned - {pk for pk, *_rest in found}
        known |= headlines(waiting)
        beside = lines_of([*decided.apart, *(stories_like(line.id) if line.size else [])])
        apart = [one for one in beside if one.id in decided.apart]
        has_page = bool(line.slug) and len(pieces_of(line.id)) >= HAS_PAGE_FROM
        return super().get_context_data(
            **local_row(line),
            own=StoryFacts(*_own_words(line.id)),
            edition=language_of(edition),
            address=reverse("story", args=[edition.code, line.slug]) if has_page else "",
            articles=[
                {
                    "id": pk,
                    "headline": headline,
                    "at": timezone.localtime(at),
                    "is_live": is_live,
                    "is_pinned": pk in decided.pinned,
                    "url": edit_url(pk),
                }
                for pk, at, headline, is_live in found
            ],
            barred=[
                {"id": pk, "headline": known.get(pk), "url": edit_url(pk)} for pk in decided.barred
            ],
            waiting=[
                {"id": pk, "headline": known.get(pk), "url": edit_url(pk)} for pk in sorted(waiting)
            ],
            apart=[local_row(one) for one in apart],
            alike=[local_row(one) for one in beside if one.id not in decided.apart],
            acts=[{"act": act, "at": timezone.localtime(act.made_at)} for act in acts],
            may_decide=self.request.user.has_perm(MAY_DECIDE),
            kinds=StoryAct.Kind,
            **kwargs,
        )


def edit_url(article_id: int) -> str:
    return reverse(Article.snippet_viewset.get_url_name("edit"), args=[article_id])


def _own_words(story_id: int) -> tuple[int, str, str, str]:
    rows = Story.objects.filter(pk=story_id)
    return rows.values_list("pk", "slug", "headline", "summary").get()
