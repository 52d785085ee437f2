"""Popular at the desk: what readers see there, and what editors pin on top or keep out."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, View
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.log_actions import LogFormatter, log
from wagtail.snippets.widgets import AdminSnippetChooser

from broadsheet.articles.models import Article
from broadsheet.articles.queries import all_editions
from broadsheet.readership.choosing import (
    CannotChooseError,
    choose,
    end_choice,
    present_choices,
)
from broadsheet.readership.models import PopularChoice
from broadsheet.readership.queries import PopularList, Window, popular

from .audience_pages import AudienceView, article_url, choose_edition, headlines
from .audience_tables import Linked, Table
from .editions import language_of

#: The right to pin and to keep out; `roles` gives it to editors.
MAY_CHOOSE = "broadsheet_readership.add_popularchoice"
#: What the history of an article says of a choice.
LOGGED_AS = {
    PopularChoice.Kind.PIN: "broadsheet.popular.pin",
    PopularChoice.Kind.KEEP_OUT: "broadsheet.popular.keep_out",
}
LOGGED_AT_END = "broadsheet.popular.end"

WINDOWS: dict[Window, Any] = {
    "hour": _("Last hour"),
    "day": _("24 hours"),
    "week": _("7 days"),
    "month": _("30 days"),
    "all": _("All time"),
    "rising": _("Rising"),
}
LIST_LENGTH = 20
MOST_SHOWN = 200
_REASON_LENGTH = 255


class ChoiceForm(forms.Form):
    article = forms.ModelChoiceField(
        label=_("Article"),
        queryset=Article.objects.filter(live=True),
        widget=AdminSnippetChooser(Article),
    )
    kind = forms.ChoiceField(
        label=_("What"), choices=PopularChoice.Kind.choices, widget=forms.RadioSelect
    )
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("Empty: until you end it."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=_REASON_LENGTH, help_text=_("It stays on record.")
    )


class PopularView(AudienceView):
    """An edition's list over a window as readers see it, and the choices in force, the latest first."""

    page_title = _("Popular")
    url_name = "desk_popular"
    file_name = "popular"
    template_name = "newsroom/popular.html"

    @cached_property
    def edition(self) -> Any:
        return choose_edition(self.request, self.editions)

    @cached_property
    def editions(self) -> Sequence[Any]:
        return all_editions()

    @cached_property
    def window(self) -> Window:
        wanted = self.request.GET.get("window", "")
        return wanted if wanted in WINDOWS else "day"

    @cached_property
    def ranking(self) -> PopularList:
        return popular(self.edition.pk, limit=LIST_LENGTH, window=self.window, now=self.now)

    @cached_property
    def choices(self) -> list[PopularChoice]:
        in_force = present_choices(now=self.now).filter(edition_id=self.edition.pk)
        return list(in_force[:MOST_SHOWN])

    @cached_property
    def headlines(self) -> dict[int, str]:
        chosen = (choice.article_id for choice in self.choices)
        return headlines({*self.ranking.article_ids, *chosen})

    def headline_of(self, article_id: int) -> str:
        return self.headlines.get(article_id) or gettext("A deleted article")

    @cached_property
    def tables(self) -> Sequence[Table]:
        columns = (
            gettext("Article"),
            gettext("What"),
            gettext("Until"),
            gettext("Reason"),
            gettext("Who"),
            gettext("When"),
        )
        rows = [
            (
                Linked(self.headline_of(choice.article_id), article_url(choice.article_id)),
                choice.get_kind_display(),
                None if choice.until is None else timezone.localtime(choice.until),
                choice.reason,
                choice.made_by,
                timezone.localtime(choice.made_at),
            )
            for choice in self.choices
        ]
        return [Table("choices", gettext("Pinned and kept out"), columns, rows)]

    def ranked(self) -> list[dict[str, Any]]:
        """Return the list; what is pinned has no place among the others."""
        pinned = [one for one in self.ranking.article_ids if one in self.ranking.pinned]
        return [
            {
                "id": article_id,
                "headline": self.headline_of(article_id),
                "url": article_url(article_id),
                "is_pinned": article_id in pinned,
                "place": max(0, place - len(pinned)),
            }
            for place, article_id in enumerate(self.ranking.article_ids, start=1)
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_choose = self.request.user.has_perm(MAY_CHOOSE)
        is_wider = self.ranking.window != self.window
        return super().get_context_data(
            edition=self.edition,
            editions=[
                {"code": one.code, "language": language_of(one), "is_shown": one == self.edition}
                for one in self.editions
            ],
            windows=[
                {"name": name, "label": label, "is_shown": name == self.window}
                for name, label in WINDOWS.items()
            ],
            shown_window=_say_window(self.ranking.window) if is_wider else "",
            computed_at=timezone.localtime(self.ranking.computed_at),
            ranked=self.ranked(),
            choices=[
                {
                    "one": choice,
                    "headline": self.headline_of(choice.article_id),
                    "url": article_url(choice.article_id),
                    "until": choice.until and timezone.localtime(choice.until),
                    "made_at": timezone.localtime(choice.made_at),
                }
                for choice in self.choices
            ],
            choose_url=reverse("desk_popular_choose") if may_choose else "",
            **kwargs,
        )


class ChooseView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Pins an article on top, or keeps it out."""

    form_class = ChoiceForm
    template_name = "newsroom/popular_choose.html"
    page_title = _("Pin or keep out")
    header_icon = "audience"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(MAY_CHOOSE):
            denied: HttpResponse = permission_denied(request)
            return denied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        article = asked.get("article", "")
        return {
            "kind": asked.get("kind") or PopularChoice.Kind.PIN,
            "article": int(article[:18]) if article.isascii() and article.isdigit() else None,
        }

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("desk_popular"), "label": gettext("Popular")},
            {"url": "", "label": self.get_page_title()},
        ]

    def form_valid(self, form: ChoiceForm) -> HttpResponse:
        chosen, user = form.cleaned_data, self.request.user
        article = chosen["article"]
        try:
            made = choose(
                chosen["kind"],
                article.pk,
                reason=chosen["reason"],
                made_by=user.get_username(),
                now=timezone.now(),
                until=chosen["until"],
            )
        except CannotChooseError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        _note(article, LOGGED_AS[PopularChoice.Kind(made.kind)], made, user=user)
        told = (
            gettext("“%(headline)s” is pinned on top of Popular.")
            if made.kind == PopularChoice.Kind.PIN
            else gettext("“%(headline)s” is kept out of Popular.")
        )
        messages.success(self.request, told % {"headline": article})
        return redirect(f"{reverse('desk_popular')}?edition={article.locale.language_code}")


class EndChoiceView(View):
    """Lets an article be ranked by its views again."""

    def post(self, request: HttpRequest, *, pk: int) -> HttpResponse:
        if not request.user.has_perm(MAY_CHOOSE):
            denied: HttpResponse = permission_denied(request)
            return denied
        try:
            ended = end_choice(pk)
        except PopularChoice.DoesNotExist:
            raise Http404 from None
        article = Article.objects.select_related("locale").filter(pk=ended.article_id).first()
        if article is None:
            return redirect("desk_popular")
        _note(article, LOGGED_AT_END, ended, user=request.user)
        messages.success(
            request,
            gettext("“%(headline)s” is ranked by its views again.") % {"headline": article},
        )
        return redirect(f"{reverse('desk_popular')}?edition={article.locale.language_code}")


class ChoiceLogFormatter(LogFormatter):
    """Says in an article's history what was chosen, and why."""

    def __init__(self, label: Any) -> None:
        self.label = label

    def format_message(self, log_entry: Any) -> str:
        reason, until = log_entry.data.get("reason", ""), log_entry.data.get("until")
        said = f"{self.label}: {reason}"
        return said + (gettext(" (until %(moment)s)") % {"moment": until} if until else "")


def register_log_actions(actions: Any) -> None:
    """Make the choices known to Wagtail's log."""
    labels = {
        LOGGED_AS[PopularChoice.Kind.PIN]: _("Pinned on top of Popular"),
        LOGGED_AS[PopularChoice.Kind.KEEP_OUT]: _("Kept out of Popular"),
        LOGGED_AT_END: _("Ranked by views again"),
    }
    for action, label in labels.items():
        actions.formatters[action] = ChoiceLogFormatter(label)
        actions.choices.append((action, label))


def _note(article: Article, action: str, choice: PopularChoice, *, user: Any) -> None:
    until = None if choice.until is None else f"{choice.until:%Y-%m-%d %H:%M} UTC"
    log(instance=article, action=action, user=user, data={"reason": choice.reason, "until": until})


def _say_window(window: str) -> str:
    return str(dict(WINDOWS).get(cast("Window", window), _("The newest")))
