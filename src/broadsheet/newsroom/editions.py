"""Editions at the desk: which one a view works in, how they are called, and how they are managed."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.articles.models import Edition
from broadsheet.articles.queries import all_editions
from broadsheet.articles.setting_up import set_up_editions


def language_of(edition: Edition) -> str:
    """Return how the desk calls an edition: by its language, since all may have one name."""
    try:
        return str(edition.locale.language_name_localized)
    except KeyError:  # a language that Django has no name for
        return str(edition.locale.get_display_name())


def edition_asked_for(request: HttpRequest) -> Edition:
    """Return the edition of `?locale=`, else the default one. Raises `Http404` for neither."""
    editions = all_editions()
    if wanted := request.GET.get("locale"):
        editions = [edition for edition in editions if edition.code == wanted]
    if not editions:
        raise Http404
    return editions[0]


class EditionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A choice of editions by their languages."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "queryset": Edition.objects.select_related("locale")})

    def label_from_instance(self, obj: Any) -> str:
        return language_of(obj)


def _zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]


def _languages_to_switch_on() -> list[tuple[str, str]]:
    taken = {edition.code for edition in all_editions()}
    return [(code, name) for code, name in settings.WAGTAIL_CONTENT_LANGUAGES if code not in taken]


class EditionForm(WagtailAdminModelForm):
    """Name, zone and default of an edition; for one that is switched on, its language too.

    An edition cannot be switched off here: its articles would lose their addresses.
    """

    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages_to_switch_on,
        help_text=_("Every language that the readers’ pages have words for."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zone_choices,
        help_text=_("Times on the readers’ pages, and where a day ends."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = self.instance.pk is None
        if not self.is_new:
            del self.fields["language"]
        elif not self.initial.get("time_zone"):
            self.initial["time_zone"] = settings.FIRST_TIME_ZONE

    def clean_is_default(self) -> bool:
        is_default = bool(self.cleaned_data["is_default"])
        if "is_default" in self.changed_data and not is_default and not self.is_new:
            raise forms.ValidationError(
                _("One edition has to be the default. Make another one the default instead.")
            )
        return is_default

    def _get_validation_exclusions(self) -> Any:
        # The present default hands over in `save`, so two of them are no conflict.
        return {*super()._get_validation_exclusions(), "is_default"}

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        with transaction.atomic():
            if self.is_new:
                self._switch_on()
            if self.instance.is_default:
                self._hand_over()
            return super().save(commit=commit)

    def _hand_over(self) -> None:
        # One by one: what is saved is announced, and an `update` is not.
        for former in Edition.objects.filter(is_default=True).exclude(pk=self.instance.pk):
            former.is_default = False
            former.save(update_fields=["is_default"])

    def _switch_on(self) -> None:
        made = set_up_editions(
            [self.cleaned_data["language"]],
            site_name=self.instance.name,
            time_zone=self.instance.time_zone,
            section_names=settings.NEWS_SECTION_NAMES,
        )
        self.instance.locale = made[0].locale
        self.instance.is_default |= made[0].is_default
        self.instance._state.adding = False  # noqa: SLF001 - its row was just made


def _say_default(edition: Edition) -> str:
    return gettext("default") if edition.is_default else ""


class EditionListView(IndexView):
    is_searchable = False
    page_title = _("Editions")
    add_item_label = _("Switch on an edition")

    def get_delete_url(self, _instance: Any) -> None:
        return None

    def get_base_queryset(self) -> Any:
        return Edition.objects.select_related("locale").order_by("-is_default", "locale")

    @property
    def columns(self) -> list[Any]:
        return [
            self._get_title_column("__str__", accessor=language_of),
            Column("name", label=_("Name"), accessor="name"),
            Column("address", label=_("Address"), accessor=lambda edition: f"/{edition.code}/"),
            Column("time_zone", label=_("Time zone"), accessor="time_zone"),
            Column("is_default", label=_("Default"), accessor=_say_default),
        ]


class EditionEditView(EditView):
    can_delete = False

    def get_page_subtitle(self) -> str:
        return language_of(self.object)


class EditionViewSet(ModelViewSet):
    """Editions: switched on and changed here, never deleted."""

    model = Edition
    name = "editions"
    icon = "globe"
    menu_label = _("Editions")
    menu_order = 160
    add_to_admin_menu = True
    index_view_class = EditionListView
    edit_view_class = EditionEditView
    pk_path_converter = "int"
    copy_view_enabled = False
    edit_handler = ObjectList(
        [
            FieldPanel("language"),
            FieldPanel("name", help_text=_("The name at the top of the readers’ pages.")),
            FieldPanel("time_zone"),
            FieldPanel("is_default", help_text=_("Where readers land who open the site’s root.")),
        ],
        base_form_class=EditionForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "delete"]
