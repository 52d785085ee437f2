"""What an editor decides about a story: a form each, with the reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminAutoHeightTextInput

from broadsheet.themes import deciding
from broadsheet.themes.beside import stories_like
from broadsheet.themes.deciding import By, CannotDecideError
from broadsheet.themes.listing import StoryLine, lines_of, stories_in
from broadsheet.themes.models import Story, StoryMember

from .story_desk import find_line, title_of
from .story_list import MAY_DECIDE, matching_stories

MOST_OFFERED = 12
_REASON_LENGTH = 255


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=_REASON_LENGTH, help_text=_("It stays on record.")
    )


class RenameForm(forms.Form):
    headline = forms.CharField(
        label=_("Headline"),
        required=False,
        max_length=300,
        help_text=_("Empty: that of the article to read first. The address stays as it is."),
    )
    summary = forms.CharField(
        label=_("Summary"),
        required=False,
        max_length=2000,
        widget=AdminAutoHeightTextInput(attrs={"rows": 3}),
        help_text=_("Empty: the first sentences of that article."),
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=_REASON_LENGTH)


class StoryChoiceForm(DecisionForm):
    """Asks for one of the stories that are offered."""

    field_order = ("other", "reason")
    other = forms.TypedChoiceField(label=_("Story"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, offered: Sequence[StoryLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.choices = [(line.id, describe(line)) for line in offered]


class ArticlesForm(DecisionForm):
    """Asks which of a story's articles become a story of their own."""

    field_order = ("articles", "reason")
    articles = forms.TypedMultipleChoiceField(
        label=_("Articles"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["articles"]
        field.choices = offered


def describe(line: StoryLine) -> str:
    """Say in one line which story it is."""
    articles = ngettext("%(count)d article", "%(count)d articles", line.size) % {"count": line.size}
    latest = date_format(timezone.localtime(line.newest_at), "j M Y, H:i")
    return f"{title_of(line)} ({articles}, {latest})"


@dataclass(frozen=True, slots=True)
class Act:
    """An act as its form says it; `done` is told afterwards."""

    title: Any
    lead: Any
    done: Any
    do: Callable[..., Any]


STORY_ACTS = {
    "close": Act(
        _("Close"),
        _("It takes up no more articles by itself; you can still put some into it."),
        _("The story is closed."),
        deciding.close,
    ),
    "reopen": Act(
        _("Open again"),
        _("It takes up articles again from now on."),
        _("The story is open."),
        deciding.reopen,
    ),
    "feature": Act(
        _("Feature"),
        _("It is marked in the list of stories, and found there under “Featured”."),
        _("The story is featured."),
        deciding.feature,
    ),
    "unfeature": Act(
        _("Feature no longer"),
        _("It is no longer marked in the list of stories."),
        _("The story is no longer featured."),
        deciding.unfeature,
    ),
}
PAIR_ACTS = {
    "merge": Act(
        _("Merge another story into this one"),
        _("Their articles are one story for good. The other’s address leads here from now on."),
        _("The stories are one."),
        deciding.merge,
    ),
    "apart": Act(
        _("Never show together with another story"),
        _("They never become one, and neither stands in “News by theme” of the other."),
        _("The two stories never show together."),
        deciding.keep_stories_apart,
    ),
}


class DecisionView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Asks for what an act needs, then does it, or says why it cannot be done."""

    form_class: type[forms.Form] = DecisionForm
    template_name = "newsroom/stories/decide.html"
    header_icon = "folder-open-inverse"
    #: What `act` in the address may be; where it has none, the view has the one `act`.
    acts: ClassVar[dict[str, Act]] = {}
    act: Act

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(MAY_DECIDE):
            denied: HttpResponse = permission_denied(request)
            return denied
        if self.acts:
            if kwargs["act"] not in self.acts:
                raise Http404
            self.act = self.acts[kwargs["act"]]
        return super().dispatch(request, *args, **kwargs)

    @property
    def pk(self) -> int:
        return int(self.kwargs["pk"])

    def get_page_title(self) -> Any:
        return self.act.title

    def get_page_subtitle(self) -> str:
        raise NotImplementedError

    @property
    def back(self) -> str:
        raise NotImplementedError

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        """Do it; return where to go then."""
        raise NotImplementedError

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("desk_stories"), "label": gettext("Stories")},
            {"url": self.back, "label": self.get_page_subtitle()},
            {"url": "", "label": self.get_page_title()},
        ]

    def form_valid(self, form: forms.Form) -> HttpResponse:
        by = By(
            user=self.request.user.get_username(),
            reason=form.cleaned_data.get("reason", ""),
            now=timezone.now(),
        )
        try:
            to = self.decide(form.cleaned_data, by)
        except CannotDecideError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, self.act.done)
        return redirect(to)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            lead=self.act.lead, submit=self.act.title, back=self.back, **kwargs
        )


class StoryDecisionView(DecisionView):
    """Closes, reopens, features a story, or features it no longer."""

    acts = STORY_ACTS

    @cached_property
    def line(self) -> StoryLine:
        return find_line(self.pk)

    def get_page_subtitle(self) -> str:
        return title_of(self.line)

    @property
    def back(self) -> str:
        return reverse("desk_story", args=[self.pk])

    def decide(self, chosen: dict[str, Any], by: By) -> str:  # noqa: ARG002 - others have more to choose
        self.act.do(self.pk, by=by)
        return self.back


class RenameView(StoryDecisionView):
    form_class = RenameForm
    acts: ClassVar[dict[str, Act]] = {}
    act = Act(
        _("Headline and summary"),
        _("What readers see on the page of the story, in lists and in its feed."),
        _("The headline and the summary are kept."),
        deciding.rename,
    )

    def get_initial(self) -> dict[str, Any]:
        return dict(Story.objects.filter(pk=self.pk).values("headline", "summary").get())

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        deciding.rename(self.line.id, headline=chosen["headline"], summary=chosen["summary"], by=by)
        return self.back


class SplitView(StoryDecisionView):
    form_class = ArticlesForm
    acts: ClassVar[dict[str, Act]] = {}
    act = Act(
        _("Split"),
        _("The articles that you choose become a story of their own, for good. This one keeps its "
          "address."),
        _("The articles are a story of their own."),
        deciding.split,
    )  # fmt: skip

    def get_form_kwargs(self) -> dict[str, Any]:
        members = StoryMember.objects.filter(story=self.pk).order_by("-published_at", "-pk")
        offered = list(members.values_list("pk", "article__headline"))
        return {**super().get_form_kwargs(), "offered": offered}

    def get_initial(self) -> dict[str, Any]:
        return {"articles": self.request.GET.getlist("article")}

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        new = deciding.split(self.pk, chosen["articles"], by=by)
        return reverse("desk_story", args=[new])


class ChoosesStory(DecisionView):
    """Offers stories that look alike, those that hold the words of `?q=`, and that of `?other=`."""

    form_class = StoryChoiceForm
    template_name = "newsroom/stories/choose.html"
    locale_id: int
    own_id: int | None

    def alike(self) -> Sequence[int]:
        raise NotImplementedError

    @cached_property
    def offered(self) -> list[StoryLine]:
        words = self.request.GET.get("q", "").replace("\0", "").strip()
        asked = self.request.GET.get("other", "")
        ids = [int(asked)] if asked.isascii() and asked[:18].isdigit() else []
        if words:
            stories = matching_stories(stories_in(self.locale_id, state="all"), words)
            ids += list(stories.values_list("pk", flat=True)[:MOST_OFFERED])
        elif not ids:
            ids = list(self.alike())
        wanted = [pk for pk in dict.fromkeys(ids) if pk != self.own_id]
        return [line for line in lines_of(wanted) if line.locale_id == self.locale_id]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "offered": self.offered}

    def get_initial(self) -> dict[str, Any]:
        return {"other": self.offered[0].id if len(self.offered) == 1 else None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            words=self.request.GET.get("q", ""), offered=self.offered, **kwargs
        )


class StoryPairView(ChoosesStory, StoryDecisionView):
    """Merges another story into this one, or keeps the two apart."""

    acts = PAIR_ACTS

    @property
    def locale_id(self) -> int:  # type: ignore[override]
        return self.line.locale_id

    @property
    def own_id(self) -> int:  # type: ignore[override]
        return self.pk

    def alike(self) -> Sequence[int]:
        return stories_like(self.pk) if self.line.size else []

    def decide(self, chosen: dict[str, Any], by: By) -> str:
        self.act.do(self.pk, chosen["other"], by=by)
        return self.back


class EndPartingView(StoryDecisionView):
    """Lets two stories show together again."""

    acts: ClassVar[dict[str, Act]] = {}
    act = Act(
        _("Let them show together"),
        _("The two stories may become one, and stand in the theme of each other."),
        _("The two stories may show together."),
        deciding.let_stories_together,
    )

    def decide(self, chosen: dict[str, Any], by: By) -> str:  # noqa: ARG002
        deciding.let_stories_together(self.pk, self.kwargs["other"], by=by)
        return self.back


class AllowView(StoryDecisionView):
    """Lets an article that was taken out of a story join it again."""

    acts: ClassVar[dict[str, Act]] = {}
    act = Act(
        _("Let it join again"),
        _("When the article is published next, it may join this story."),
        _("The article may join the story again."),
        deciding.allow,
    )

    def decide(self, chosen: dict[str, Any], by: By) -> str:  # noqa: ARG002
        deciding.allow(self.kwargs["article"], self.pk, by=by)
        return self.back
