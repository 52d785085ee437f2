"""Choose an article for a related card: drafts too, the newest first, found by words."""

from typing import Any

from django import forms
from django.core.paginator import InvalidPage
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
)

from broadsheet.articles.models import Article
from broadsheet.articles.queries import all_editions

from .article_list import BoundedPaginator, newest_first, published_at, rows_of
from .editions import language_of
from .searching import matching


class ArticleChoiceForm(BaseFilterForm):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Words of the headline or the text")}),
    )
    locale = forms.ChoiceField(
        label=_("Edition"),
        required=False,
        widget=forms.Select(attrs={"data-chooser-modal-search-filter": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        editions = [(edition.code, language_of(edition)) for edition in all_editions()]
        self.fields["locale"].choices = [("", _("All editions")), *editions]

    def filter(self, objects: Any) -> Any:
        objects = super().filter(objects)
        if code := self.cleaned_data["locale"]:
            objects = objects.filter(locale__language_code=code)
        if words := self.cleaned_data["q"]:
            self.is_searching = True
            self.search_query = words
            objects = matching(objects, words)
        return objects


class _ArticlesToChoose:
    filter_form_class = ArticleChoiceForm
    paginator_class = BoundedPaginator
    results_template_name = "newsroom/choose_article_results.html"
    per_page = 15

    def get_results_page(self, request: Any) -> Any:
        articles = newest_first(self.get_object_list())
        ids = self.filter_object_list(articles).values_list("pk", flat=True)
        self.paginator = self.paginator_class(ids, per_page=self.per_page)
        try:
            page = self.paginator.page(request.GET.get("p", 1))
        except InvalidPage as error:
            raise Http404 from error
        page.object_list = rows_of(list(page.object_list))
        return page

    @property
    def columns(self) -> list[Any]:
        title: Any = self.title_column
        title.label = _("Headline")
        return [
            title,
            StatusTagColumn("desk_status", label=_("Status"), primary=lambda article: article.live),
            Column(
                "edition", label=_("Edition"), accessor=lambda article: language_of(article.edition)
            ),
            Column("published", label=_("Published"), accessor=published_at),
        ]

    # What Wagtail's own views bring along.
    get_object_list: Any
    filter_object_list: Any
    title_column: Any


class ChooseArticleView(_ArticlesToChoose, ChooseView):
    page_subtitle = ""


class ChooseArticleResultsView(_ArticlesToChoose, ChooseResultsView):
    pass


class ArticleChooserViewSet(SnippetChooserViewSet):
    model = Article
    page_title = _("Choose an article")
    choose_view_class = ChooseArticleView
    choose_results_view_class = ChooseArticleResultsView
