"""What an editor decides about an article's place among the stories: a form each, with the reason."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter, log
from wagtail.snippets.widgets import AdminSnippetChooser

from broadsheet.articles.models import Article
from broadsheet.themes import deciding
from broadsheet.themes.beside import find_beside
from broadsheet.themes.deciding import By, CannotDecideError
from broadsheet.themes.listing import standing_at_desk

from .story_acts import Act, ChoosesStory, DecisionForm, DecisionView
from .story_desk import edit_url
from .story_texts import text_of_saved

LOGGED_AS = "broadsheet.story."

ARTICLE_ACTS = {
    "pin": Act(
        _("Pin to its story"),
        _("The article stays in this story, whatever becomes of its text."),
        _("The article is pinned to its story."),
        deciding.pin,
    ),
    "release": Act(
        _("End the pin"),
        _("When it is published next, its words decide again."),
        _("The article is no longer pinned."),
        deciding.release,
    ),
    "remove": Act(
        _("Take out of its story"),
        _("It never joins this story again. It joins another one that it fits, or begins its own."),
        _("The article is out of the story."),
        deciding.remove,
    ),
    "move": Act(
        _("Put into another story"),
        _("It stays there, whatever becomes of its text. A draft goes there when it is published."),
        _("The article is in the story that you chose."),
        deciding.pin,
    ),
    "apart": Act(
        _("Never show together with another article"),
        _("Neither stands in “News by theme” of the other, nor in one story with it."),
        _("The two articles never show together."),
        deciding.keep_articles_apart,
    ),
}


class OtherArticleForm(DecisionForm):
    field_order = ("other", "reason")
    other = forms.ModelChoiceField(
        label=_("The other article"),
        queryset=Article.objects.all(),
        widget=AdminSnippetChooser(Article),
    )


class ArticleDecisionView(DecisionView):
    """Pins an article to its story, ends the pin, or takes it out."""

    acts = {name: ARTICLE_ACTS[name] for name in ("pin", "release", "remove")}

    @cached_property
    def article(self) -> Article:
        found = Article.objects.select_related("locale__edition").filter(pk=self.pk).first()
        if found is None:
            raise Http404
        return found

    def get_page_subtitle(self) -> str:
        return str(self.article)

    @property
    def back(self) -> str:
        return edit_url(self.pk)

    def decide(self, chosen: dict[str, Any], by: By) -> str:  # noqa: ARG002 - others have more to choose
        name = self.kwargs.get("act", "")
        if name == "pin":
            home, _pinned, _apart = standing_at_desk(self.pk)
            if home is None:
                raise CannotDecideError(gettext("The article has no story yet."))
            deciding.pin(self.pk, home, by=by)
        else:
            self.act.do(self.pk, by=by)
        self.note(name, by)
        return self.back

    def note(self, name: str, by: By) -> None:
        log(
            instance=self.article,
            action=LOGGED_AS + name,
            user=self.request.user,
            data={"reason": by.reason},
        )


class MoveView(ChoosesStory, ArticleDecisionView):
    acts: ClassVar[dict[str, Act]] = {}
    act = ARTICLE_ACTS["move"]

    @property
    def locale_id(self) -> int:  # type: ignore[override]
        return int(self.article.locale_id)

    @cached_property
    def own_id(self) -> int | None:  # type: ignore[override]
        return standing_at_desk(self.pk)[0]

    def alike(self) -> Sequence[int]:
        article = self.article
        source = text_of_saved(article, now=timezone.now())
        beside = find_beside(source, code=article.locale.language_code)
        return [fit.story_id for fit in beside.stories]

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        deciding.pin(self.pk, chosen["other"], by=by)
        self.note("move", by)
        return self.back


class ApartView(ArticleDecisionView):
    form_class = OtherArticleForm
    acts: ClassVar[dict[str, Act]] = {}
    act = ARTICLE_ACTS["apart"]

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        deciding.keep_articles_apart(self.pk, chosen["other"].pk, by=by)
        self.note("apart", by)
        return self.back


class EndArticlePartingView(ArticleDecisionView):
    acts: ClassVar[dict[str, Act]] = {}
    act = Act(
        _("Let them show together"),
        _("The two articles may be in one story, and in the theme of each other."),
        _("The two articles may show together."),
        deciding.let_articles_together,
    )

    def decide(self, chosen: dict[str, Any], by: By) -> str:  # noqa: ARG002
        deciding.let_articles_together(self.pk, self.kwargs["other"], by=by)
        self.note("together", by)
        return self.back


class StoryLogFormatter(LogFormatter):
    """Says in an article's history what was decided about its story, and why."""

    def __init__(self, label: Any) -> None:
        self.label = label

    def format_message(self, log_entry: Any) -> str:
        return f"{self.label}: {log_entry.data.get('reason', '')}"


def register_story_actions(actions: Any) -> None:
    """Make what is decided about articles' stories known to Wagtail's log."""
    labels = {
        "pin": _("Pinned to its story"),
        "release": _("No longer pinned to its story"),
        "remove": _("Taken out of its story"),
        "move": _("Put into another story"),
        "apart": _("Never shown together with another article"),
        "together": _("May show together with another article"),
    }
    for name, label in labels.items():
        actions.formatters[LOGGED_AS + name] = StoryLogFormatter(label)
        actions.choices.append((LOGGED_AS + name, label))
