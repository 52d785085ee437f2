"""Write an article in another edition: a draft of its own, linked to the one it was made from."""

from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from broadsheet.articles.models import Article, Edition
from broadsheet.articles.queries import all_editions, find_edition

from .editions import language_of
from .models import Translation
from .translation_states import newest, note_sources
from .translation_words import parts_of

#: What belongs to the one version alone: where it stands, when it was public, who holds it.
_NOT_COPIED = [
    "corrections",
    "slug",
    "live",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "live_revision",
    "latest_revision",
    "go_live_at",
    "expire_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
    "killed_at",
    "kill_notice",
]


def versions_of(article: Article) -> list[tuple[Edition, int | None]]:
    """Return every other edition with the id of the article's version there, or None."""
    versions = dict(article.get_translations().values_list("locale_id", "pk"))
    return [
        (edition, versions.get(edition.pk))
        for edition in all_editions()
        if edition.pk != article.locale_id
    ]


def write_in(article: Article, edition: Edition, *, user: Any) -> Article:
    """Return the article's version in `edition`; made as a draft where there is none yet.

    The draft starts from the newest text of `article`, drafted changes included. It is never
    live, and its address follows the new headline until it is published. Cards of related
    articles become cards of their versions in `edition`.
    """
    existing = article.get_translation_or_none(edition.locale)
    if existing is not None:
        return existing
    try:
        with transaction.atomic():
            return _make_draft(article, edition, user=user)
    except IntegrityError:
        # A colleague made it between the question and the answer.
        return article.get_translation(edition.locale)


def _make_draft(article: Article, edition: Edition, *, user: Any) -> Article:
    draft = article.copy_for_translation(edition.locale, exclude_fields=_NOT_COPIED)
    draft.live = False
    draft.has_unpublished_changes = True
    _mark_quotes(draft, article.locale.language_code)
    _relate_versions(draft, edition)
    draft.save()
    draft.save_revision(user=user, changed=True)
    log(instance=draft, action="wagtail.create", user=user, content_changed=True)
    note_sources(
        Translation.objects.create(article=draft, original=article), parts_of(newest(article))
    )
    return draft


def _mark_quotes(draft: Article, language: str) -> None:
    """Say of each quote what it is a translation from; what was one before stays what it was."""
    for block in draft.body:
        if block.block_type == "quote" and not block.value.get("translated_from"):
            block.value["translated_from"] = language


def _relate_versions(draft: Article, edition: Edition) -> None:
    related = [block.value for block in draft.body if block.block_type == "related" and block.value]
    versions = Article.objects.filter(
        locale_id=edition.pk, translation_key__in=[one.translation_key for one in related]
    )
    by_key = {version.translation_key: version for version in versions}
    for block in draft.body:
        if block.block_type == "related" and block.value:
            block.value = by_key.get(block.value.translation_key, block.value)


class WriteInView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, TemplateView):
    """Says what will be made, and makes it."""

    permission_required = "add"
    template_name = "newsroom/write_in.html"
    header_icon = "globe"
    edit_url_name = ""
    index_url_name = ""
    translate_url_name = ""

    @cached_property
    def edition(self) -> Edition:
        edition = find_edition(self.kwargs["edition"])
        if edition is None or edition.pk == self.object.locale_id:
            raise Http404
        return edition

    def get_page_title(self) -> str:
        return gettext("Write in %(language)s") % {"language": language_of(self.edition)}

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": gettext("Articles")},
            {"url": self._edit_url_of(self.object), "label": str(self.object)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            language=language_of(self.edition), edit_url=self._edit_url_of(self.object), **kwargs
        )

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        draft = write_in(self.object, self.edition, user=request.user)
        messages.success(
            request,
            _("This is the draft in %(language)s, beside its original.")
            % {"language": language_of(self.edition)},
        )
        return redirect(reverse(self.translate_url_name, args=[draft.pk]))

    def _edit_url_of(self, article: Article) -> str:
        return reverse(self.edit_url_name, args=[article.pk])
