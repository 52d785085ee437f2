"""A translation beside its original: what is to be done, what changed, what a person approved."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import strip_tags
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.compare import diff_text
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminAutoHeightTextInput

from broadsheet.articles.blocks import BodyBlock
from broadsheet.articles.models import Article

from .editions import language_of
from .glossary import find_terms, terms_between
from .models import TranslatedPart, Translation
from .translation_drafting import ask_for_draft
from .translation_states import PartState, approve, newest, states_of
from .translation_words import set_words, take_new_blocks
from .translators import TranslatorError, find_translator

#: What rich text may hold is what it may hold in the article.
_FEATURES = BodyBlock().child_blocks["paragraph"].features

STATE_WORDS = {
    "missing": _("new in the original"),
    "untranslated": _("untranslated"),
    "machine": _("machine’s draft"),
    "edited": _("edited"),
    "approved": _("approved"),
    "own": _("only here"),
}


class TranslationForm(forms.Form):
    """A field for every text of the translation, and whether a person stands by each part."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, states: list[PartState], revision: int | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.states = states
        self.fields["revision"].initial = revision
        for place, state in enumerate(states):
            for number, text in enumerate(state.target.texts if state.target else ()):
                self.fields[f"text-{place}-{number}"] = forms.CharField(
                    label=state.label,
                    initial=text.text,
                    strip=not text.is_rich,
                    widget=get_rich_text_editor_widget(features=_FEATURES)
                    if text.is_rich
                    else AdminAutoHeightTextInput(attrs={"rows": 1}),
                )
            if state.target:
                self.fields[f"approved-{place}"] = forms.BooleanField(
                    label=_("Approved"), required=False, initial=state.state == "approved"
                )

    def words(self) -> dict[str, list[str]]:
        """Return the texts as they were sent, by part."""
        return {
            state.key: [
                self.cleaned_data[f"text-{place}-{number}"]
                for number in range(len(state.target.texts))
            ]
            for place, state in enumerate(self.states)
            if state.target
        }

    def approved(self) -> list[str]:
        """Return the keys of the parts that are approved."""
        return [
            state.key
            for place, state in enumerate(self.states)
            if self.cleaned_data.get(f"approved-{place}")
        ]


class TranslateView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Shows original and translation side by side; saves, approves, and asks for a machine's draft."""

    permission_required = "change"
    form_class = TranslationForm
    template_name = "newsroom/translate.html"
    page_title = _("Translate")
    header_icon = "globe"
    edit_url_name = ""
    index_url_name = ""

    @cached_property
    def translation(self) -> Translation:
        found = Translation.objects.select_related("original__locale", "article__locale")
        translation = found.filter(article_id=self.object.pk, original__isnull=False).first()
        if translation is None:
            raise Http404
        return translation

    @cached_property
    def version(self) -> Article:
        return newest(self.translation.article)

    @cached_property
    def states(self) -> list[PartState]:
        return states_of(self.translation, self.version)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(),
            "states": self.states,
            "revision": self.translation.article.latest_revision_id,
        }

    def get_page_subtitle(self) -> str:
        return str(self.version)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": gettext("Articles")},
            {"url": self._edit_url(self.object.pk), "label": str(self.version)},
            {"url": "", "label": gettext("Translate")},
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "draft" in request.POST:
            return self._ask_for_draft()
        if "take" in request.POST:
            return self._take_new_blocks()
        return super().post(request, *args, **kwargs)

    def _ask_for_draft(self) -> HttpResponse:
        ask_for_draft(self.translation, user=self.request.user, now=timezone.now())
        messages.success(self.request, gettext("A machine’s draft is being made."))
        return self._again()

    def _take_new_blocks(self) -> HttpResponse:
        original = self.translation.original
        if original is not None and take_new_blocks(self.version, newest(original)):
            self.version.save_revision(user=self.request.user, changed=True)
        return self._again()

    def form_valid(self, form: TranslationForm) -> HttpResponse:
        if form.cleaned_data["revision"] != self.translation.article.latest_revision_id:
            form.add_error(
                None, gettext("Somebody changed this translation meanwhile. Look at it again.")
            )
            return self.form_invalid(form)
        words = form.words()
        has_changed = any(
            state.target and list(state.target.words) != words[state.key] for state in self.states
        )
        approved = [key for key in words if key in form.approved() or "approve_all" in form.data]
        with transaction.atomic():
            if has_changed:
                set_words(self.version, words)
                self.version.save_revision(user=self.request.user, changed=True)
            self._approve(approved)
        messages.success(self.request, gettext("Saved. Readers see it when you publish it."))
        return self._again()

    def _approve(self, keys: list[str]) -> None:
        rows = TranslatedPart.objects.filter(translation=self.translation)
        rows.exclude(key__in=keys).update(approved_words=None, approved_by=None, approved_at=None)
        now = timezone.now()
        approve(self.translation, self.version, keys, user=self.request.user, now=now)

    def _again(self) -> HttpResponse:
        return redirect(self.request.get_full_path())

    def _edit_url(self, article_id: int) -> str:
        return reverse(self.edit_url_name, args=[article_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        original = self.translation.original
        assert original is not None
        waiting = [state for state in self.states if not state.is_ready]
        return {
            **context,
            "media": context["form"].media,
            "translation": self.translation,
            "rows": list(self._rows(context["form"])),
            "waiting": len(waiting),
            "is_new_in_original": any(state.state == "missing" for state in self.states),
            "may_draft": _has_translator(),
            "source_language": language_of(original.edition),
            "source_code": original.locale.language_code,
            "target_language": language_of(self.translation.article.edition),
            "target_code": self.translation.article.locale.language_code,
            "source_direction": _direction_of(original.locale.language_code),
            "target_direction": _direction_of(self.translation.article.locale.language_code),
            "original_url": self._edit_url(original.pk),
            "edit_url": self._edit_url(self.object.pk),
        }

    def _rows(self, form: TranslationForm) -> Iterator[dict[str, Any]]:
        original = self.translation.original
        assert original is not None
        terms = terms_between(original.edition, self.translation.article.edition)
        for place, state in enumerate(self.states):
            source = " ".join(state.source.words) if state.source else ""
            yield {
                "state": state,
                "word": STATE_WORDS[state.state],
                "fields": [form[name] for name in form.fields if name.startswith(f"text-{place}-")],
                "approved": form[f"approved-{place}"] if state.target else None,
                "terms": find_terms(source, terms).items(),
                "changed": diff_text(_plain(state.formerly), _plain(state.source.words)).to_html()
                if state.formerly and state.source
                else "",
            }


def _direction_of(code: str) -> str:
    return "rtl" if get_language_info(code)["bidi"] else "ltr"


def _plain(words: tuple[str, ...]) -> str:
    return " ".join(strip_tags(" ".join(words)).split())


def _has_translator() -> bool:
    try:
        return find_translator() is not None
    except TranslatorError:
        return True  # asked for, it says what it lacks
