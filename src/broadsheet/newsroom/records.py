"""Sections, people, authors, sources and tags at the desk: lists, forms and choosers."""

from typing import Any

from django import forms
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.chooser import ChooseResultsView, ChooseView, SnippetChooserViewSet
from wagtail.snippets.views.snippets import DeleteView, IndexView, SnippetViewSet

from broadsheet.articles.models import Author, Person, Section, Source, Tag

from .editions import language_of
from .panels import named_record
from .searching import matching


def named_editions(record: Any) -> str:
    """Return the languages that the record has a name in; its names have to be loaded."""
    return ", ".join(language_of(name.edition) for name in record.names.all())


class RecordListView(IndexView):
    paginate_by = 50
    is_searchable = True
    own_columns: tuple[Any, ...] = ()

    def get_base_queryset(self) -> Any:
        return self.model.objects.prefetch_related("names__edition__locale")

    @cached_property
    def columns(self) -> list[Any]:
        return [
            self._get_title_column("label"),
            Column("editions", label=_("Named in"), accessor=named_editions),
            *self.own_columns,
        ]

    def search_queryset(self, queryset: Any) -> Any:
        return matching(queryset, self.search_query) if self.is_searching else queryset


class RecordDeleteView(DeleteView):
    """Refuses what articles still name, also where the index of references does not know it."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ProtectedError:
            messages.error(
                self.request,
                gettext("Articles still name “%(name)s”, so it stays.") % {"name": self.object},
            )
            return redirect(self.get_success_url())


class RecordChoiceForm(BaseFilterForm):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Name")}),
    )

    def filter(self, objects: Any) -> Any:
        objects = super().filter(objects)
        if words := self.cleaned_data["q"]:
            self.is_searching = True
            self.search_query = words
            objects = matching(objects, words)
        return objects


class _RecordsToChoose:
    filter_form_class = RecordChoiceForm
    results_template_name = "newsroom/choose_record_results.html"
    title_column: Any

    @property
    def columns(self) -> list[Any]:
        title = self.title_column
        title.label = _("Name")
        return [title, Column("editions", label=_("Named in"), accessor=named_editions)]

    def get_object_list(self) -> Any:
        model: Any = self.model_class
        return model.objects.prefetch_related("names__edition__locale")

    model_class: Any


class ChooseRecordView(_RecordsToChoose, ChooseView):
    pass


class ChooseRecordResultsView(_RecordsToChoose, ChooseResultsView):
    pass


class RecordChooserViewSet(SnippetChooserViewSet):
    choose_view_class = ChooseRecordView
    choose_results_view_class = ChooseRecordResultsView


class RecordViewSet(SnippetViewSet):
    """What the five kinds of records have in common."""

    add_to_admin_menu = True
    copy_view_enabled = False
    index_view_class = RecordListView
    delete_view_class = RecordDeleteView
    chooser_viewset_class = RecordChooserViewSet

    @cached_property
    def base_url_path(self) -> str:
        return self.menu_name

    @cached_property
    def chooser_base_url_path(self) -> str:
        return f"choose-{self.model_name}"


class SectionListView(RecordListView):
    own_columns = (
        BooleanColumn("is_in_navigation", label=_("In the navigation")),
        Column("position", label=_("Position"), sort_key="position"),
    )


class SectionViewSet(RecordViewSet):
    model = Section
    icon = "list-ul"
    menu_name = "sections"
    menu_order = 110
    index_view_class = SectionListView
    edit_handler = named_record(
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("position"), FieldPanel("is_in_navigation")])],
            heading=_("Navigation"),
        ),
        note=_(
            "One an edition. Without a name in an edition the section does not appear there. "
            "The slug is the first part of the section’s address."
        ),
    )


class TagViewSet(RecordViewSet):
    model = Tag
    icon = "tag"
    menu_name = "tags"
    menu_order = 120
    edit_handler = named_record()


class PersonViewSet(RecordViewSet):
    model = Person
    icon = "user"
    menu_name = "people"
    menu_order = 130
    edit_handler = named_record(
        names=("role",),
        note=_(
            "The full name, one an edition. Without a name in an edition the person’s quotes "
            "stand there without a link."
        ),
    )


class SourceViewSet(RecordViewSet):
    model = Source
    icon = "link-external"
    menu_name = "sources"
    menu_order = 140
    edit_handler = named_record(
        FieldPanel("url", help_text=_("The outlet’s own site, such as https://www.example.com")),
    )


class AuthorViewSet(RecordViewSet):
    model = Author
    icon = "edit"
    menu_name = "authors"
    menu_order = 150
    edit_handler = named_record(
        FieldPanel("user", help_text=_("Who writes under this name, if they work at this desk.")),
        names=("role", "about"),
    )


RECORD_VIEWSETS = (SectionViewSet, TagViewSet, PersonViewSet, SourceViewSet, AuthorViewSet)
