"""The story of an article beside its form: which and why, what can be decided, what else there is."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail.admin.auth import permission_denied
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.permissions import policy_registry

from broadsheet.articles.models import Article, Edition
from broadsheet.themes.beside import find_beside, words_shared
from broadsheet.themes.listing import acts_about, lines_of, standing_at_desk
from broadsheet.themes.models import StoryAct

from .audience_pages import headlines
from .story_desk import edit_url
from .story_list import MAY_DECIDE, MAY_SEE_STORIES, local_row
from .story_texts import text_being_written, text_of_saved

#: What puts an article where it is.
_PLACING = {StoryAct.Kind.PIN, StoryAct.Kind.MOVE, StoryAct.Kind.MERGE, StoryAct.Kind.SPLIT}
#: A form sends no more than is read.
_LONGEST_TEXT, _LONGEST_HEADLINE, _MOST_CARDS = 20_000, 500, 50


class StorySidePanel(BaseSidePanel):
    """Opened beside the form; its lower part follows the text as it grows."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = _("Toggle story")
        icon_name = "folder-open-inverse"
        has_counter = False

    name = "story"
    title = _("Story")
    template_name = "newsroom/stories/panel.html"
    order = 400

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        article: Article = self.object
        edition = Edition.objects.get(pk=article.locale_id)
        return {
            **super().get_context_data(parent_context),
            **(_standing(article, code=edition.code) if article.pk else {}),
            "article": article,
            "edition": edition,
            "may_decide": self.request.user.has_perm(MAY_DECIDE),
        }


def _standing(article: Article, *, code: str) -> dict[str, Any]:
    """Return where an article stands and why."""
    home, pin, apart = standing_at_desk(article.pk)
    lines = {line.id: line for line in lines_of([pk for pk in {home, pin} if pk is not None])}
    acts = [act for act in acts_about(pin) if article.pk in act.article_ids] if pin else []
    known = headlines(apart)
    return {
        "home": local_row(lines[home]) if home in lines else None,
        "pin": local_row(lines[pin]) if pin in lines else None,
        "pinned_by": next((act for act in acts if act.kind in _PLACING), None),
        "words": words_shared(text_of_saved(article, now=timezone.now()), code=code)
        if home
        else (),
        "apart": [{"id": pk, "headline": known.get(pk), "url": edit_url(pk)} for pk in apart],
    }


@require_POST
def show_beside(request: HttpRequest) -> HttpResponse:
    """Answer, as a part of a page, what stands beside a text that is being written.

    Takes `edition` (its code), `article` (an id, or empty), `headline`, `text` and any number of
    `card` (the articles that it links to).
    """
    policy = policy_registry.get_by_type(Article)
    if not policy.user_has_any_permission(request.user, {"add", "change"}):
        denied: HttpResponse = permission_denied(request)
        return denied
    asked = request.POST
    edition = Edition.objects.filter(locale__language_code=asked.get("edition", "")).first()
    if edition is None:
        return HttpResponse(status=404)
    article_id = _number(asked.get("article", ""))
    published_at = (
        Article.objects.filter(pk=article_id).values_list("first_published_at", flat=True).first()
    )
    cards = tuple(_number(one) for one in asked.getlist("card")[:_MOST_CARDS])
    source = text_being_written(
        edition,
        article_id=article_id,
        headline=asked.get("headline", "")[:_LONGEST_HEADLINE],
        text=asked.get("text", "")[:_LONGEST_TEXT],
        published_at=published_at or timezone.now(),
        cards=cards,
    )
    beside = find_beside(source, code=edition.code)
    home = standing_at_desk(article_id)[0] if article_id else None
    lines = lines_of([fit.story_id for fit in beside.stories if fit.story_id != home])
    wanted = {*beside.duplicates, *(link.article_id for link in beside.related)}
    rows = Article.objects.filter(pk__in=wanted, live=True).values_list(
        "pk", "headline", "first_published_at"
    )
    facts = {
        pk: {
            "id": pk,
            "headline": headline,
            "url": edit_url(pk),
            "at": date_format(timezone.localtime(at, edition.zone), "j M Y, H:i"),
        }
        for pk, headline, at in rows
    }
    context = {
        "stories": [local_row(line) for line in lines],
        # Of what is published it would come too late.
        "duplicates": [
            facts[pk] for pk in beside.duplicates if pk in facts and published_at is None
        ],
        "related": [
            {**facts[link.article_id], "names": ", ".join(link.names)}
            for link in beside.related
            if link.article_id in facts
        ],
        "article_id": article_id,
        "may_decide": request.user.has_perm(MAY_DECIDE),
        "may_see": request.user.has_perm(MAY_SEE_STORIES),
    }
    return render(request, "newsroom/stories/beside.html", context)


def _number(text: str) -> int:
    """Return the id that a form says, 0 for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0  # noqa: PLR2004 - what a BigInteger holds
