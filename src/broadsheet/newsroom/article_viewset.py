"""The article at the desk: the list, the editor, and what can be done with an article."""

from typing import Any

from django.db import transaction
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.snippets.views.snippets import (
    CreateView,
    EditView,
    PreviewOnCreateView,
    SnippetViewSet,
    UnpublishView,
)

from broadsheet.articles.models import Article, Edition
from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.articles.publishing import NotReadyToPublishError
from broadsheet.articles.queries import all_editions, find_section

from .article_chooser import ArticleChooserViewSet
from .article_list import ArticleListView
from .audience_pages import own_articles
from .audience_panel import AudienceSidePanel
from .editions import edition_asked_for, language_of
from .models import Translation
from .panels import ARTICLE
from .popular_desk import MAY_CHOOSE
from .story_panel import StorySidePanel
from .translating import WriteInView, versions_of
from .translation_view import TranslateView
from .withdrawing import KillView


def _blank_article(edition: Edition) -> Article:
    """An unsaved article in the built-in section, so that a headline is enough to save it."""
    built_in = find_section(edition.pk, NEWS_SECTION)
    return Article(locale=edition.locale, section=built_in.owner if built_in else None)


class ArticleCreateView(CreateView):
    """Writes in the edition of `?locale=`, else in the default one."""

    @cached_property
    def edition(self) -> Edition:
        return edition_asked_for(self.request)

    def get_page_subtitle(self) -> str:
        return gettext("Article in %(language)s") % {"language": language_of(self.edition)}

    def get_initial_form_instance(self) -> Article:
        return _blank_article(self.edition)

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        panels.append(StorySidePanel(self.form.instance, self.request))
        return panels

    def get_translations(self) -> list[dict[str, Any]]:
        return [
            {
                "locale": edition.locale,
                "url": self._set_locale_query_param(self.add_url, edition.locale),
            }
            for edition in all_editions()
            if edition.pk != self.locale.pk
        ]


class ArticleEditView(EditView):
    kill_url_name = ""
    write_in_url_name = ""
    translate_url_name = ""

    def form_valid(self, form: Any) -> Any:
        try:
            with transaction.atomic():  # refused: not even the draft is saved, the form has it all
                return super().form_valid(form)
        except NotReadyToPublishError as error:
            self.produced_error_code = "validation_error"
            self.produced_error_message = self.get_error_message()
            form.add_error(None, str(error))
            return self.form_invalid(form)

    @cached_property
    def header_buttons(self) -> list[Any]:
        if not self.live_object.live:
            return []
        return [
            HeaderButton(
                gettext("View live"),
                url=self.live_object.get_absolute_url(),
                icon_name="link-external",
                attrs={"target": "_blank", "rel": "noopener"},
            )
        ]

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        buttons = [
            *self._translate_button(),
            *self._version_buttons(),
            *super().header_more_buttons,
        ]
        if self.live_object.live and self.request.user.has_perm(MAY_CHOOSE):
            url = f"{reverse('desk_popular_choose')}?article={self.object.pk}"
            buttons.append(Button(gettext("Popular"), url=url, icon_name="audience", priority=14))
        if self.live_object.live and self.user_has_permission("publish"):
            buttons.append(
                Button(
                    gettext("Kill"),
                    url=reverse(self.kill_url_name, args=[self.object.pk]),
                    icon_name="warning",
                    priority=15,
                )
            )
        return buttons

    def get_side_panels(self) -> Any:
        panels = super().get_side_panels()
        panels.append(StorySidePanel(self.live_object, self.request))
        if self.live_object.first_published_at and own_articles(
            self.request.user, [self.object.pk]
        ):
            panels.append(AudienceSidePanel(self.live_object, self.request))
        return panels

    def _translate_button(self) -> list[Button]:
        translated = Translation.objects.filter(article_id=self.object.pk, original__isnull=False)
        if not self.user_has_permission("change") or not translated.exists():
            return []
        url = reverse(self.translate_url_name, args=[self.object.pk])
        return [Button(gettext("Translate"), url=url, icon_name="globe", priority=4)]

    def _version_buttons(self) -> list[Button]:
        buttons = []
        for edition, version_id in versions_of(self.object):
            language = {"language": language_of(edition)}
            if version_id is not None:
                label = gettext("Go to the version in %(language)s") % language
                url = reverse(self.edit_url_name, args=[version_id])
            elif self.user_has_permission("add"):
                label = gettext("Write in %(language)s") % language
                url = reverse(self.write_in_url_name, args=[self.object.pk, edition.code])
            else:
                continue
            buttons.append(Button(label, url=url, icon_name="globe", priority=5))
        return buttons


class ArticleUnpublishView(UnpublishView):
    """Goes through the seam: Wagtail's own view passes `Article.unpublish` by, and its fact."""

    def unpublish(self) -> None:
        self.object.unpublish(user=self.request.user)


class ArticlePreviewOnCreateView(PreviewOnCreateView):
    def get_object(self) -> Article:
        return _blank_article(edition_asked_for(self.request))


class ArticleViewSet(SnippetViewSet):
    model = Article
    icon = "doc-full"
    base_url_path = "articles"
    chooser_base_url_path = "choose-article"
    menu_label = _("Articles")
    menu_name = "articles"
    menu_order = 10
    add_to_admin_menu = True
    # A copy has the address of the original, and a list of articles with one headline helps nobody.
    copy_view_enabled = False
    edit_handler = ARTICLE
    index_view_class = ArticleListView
    index_results_template_name = "newsroom/article_list_results.html"
    add_view_class = ArticleCreateView
    edit_view_class = ArticleEditView
    unpublish_view_class = ArticleUnpublishView
    preview_on_add_view_class = ArticlePreviewOnCreateView
    chooser_viewset_class = ArticleChooserViewSet

    def get_edit_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_edit_view_kwargs(
            kill_url_name=self.get_url_name("kill"),
            write_in_url_name=self.get_url_name("write_in"),
            translate_url_name=self.get_url_name("translate"),
            **kwargs,
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("kill/<int:pk>/", self.construct_view(KillView), name="kill"),
            path(
                "write-in/<int:pk>/<str:edition>/",
                self.construct_view(WriteInView, translate_url_name=self.get_url_name("translate")),
                name="write_in",
            ),
            path("translate/<int:pk>/", self.construct_view(TranslateView), name="translate"),
        ]
