"""Exclude a referring site or a network from the counts, with a reason; list and end exclusions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
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
from wagtail.log_actions import log

from broadsheet.readership.excluding import (
    CannotExcludeError,
    end_exclusion,
    exclude,
    first_excludable,
)
from broadsheet.readership.models import Exclusion
from broadsheet.readership.networks import parse_network
from broadsheet.readership.reader_keys import (
    NetworkTooLargeError,
    hashes_of_network,
    read_live_keys,
)

from .audience_pages import MAY_EXCLUDE, AudienceView, local
from .audience_tables import Table

MOST_SHOWN = 200
NOW, PAST = "now", "past"
_REASON_LENGTH = 255


class ExclusionForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What"), choices=Exclusion.Kind.choices, widget=forms.RadioSelect
    )
    value = forms.CharField(
        label=_("Site or network"),
        max_length=255,
        help_text=_(
            "A host such as example.org, meant with all names below it; or an address or a "
            "network such as 192.0.2.0/24 or 2001:db8::/48."
        ),
    )
    begins = forms.ChoiceField(
        label=_("Since when"),
        choices=((NOW, _("From now on")), (PAST, _("From a moment in the past, with a recount"))),
        initial=NOW,
        widget=forms.RadioSelect,
    )
    from_moment = forms.DateTimeField(
        label=_("From"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=_("For a past span only. A network: no earlier than today’s midnight (UTC)."),
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        moment = cleaned.get("from_moment")
        if cleaned.get("begins") == PAST and "from_moment" not in self.errors:
            if moment is None:
                self.add_error("from_moment", _("Say from when."))
            elif moment >= timezone.now():
                self.add_error("from_moment", _("This moment is not in the past."))
        return cleaned


def exclude_as_asked(cleaned: dict[str, Any], *, made_by: str, now: datetime) -> Exclusion:
    """Make the exclusion that a form asks for. Raises `CannotExcludeError`."""
    from_moment = cleaned["from_moment"] if cleaned["begins"] == PAST else None
    value, hashes, days = cleaned["value"], list[bytes](), list[date]()
    if cleaned["kind"] == Exclusion.Kind.NETWORK:
        try:
            network = parse_network(value)
        except ValueError:
            raise CannotExcludeError(
                gettext("%(value)s is no address and no network.") % {"value": value}
            ) from None
        value = str(network)
        if from_moment is not None:
            keys = read_live_keys(Path(settings.VIEW_KEYS_DIRECTORY))
            days = list(keys)
            try:
                hashes = [one for key in keys.values() for one in hashes_of_network(network, key)]
            except NetworkTooLargeError as error:
                raise CannotExcludeError(str(error)) from None
    return exclude(
        cleaned["kind"],
        value,
        reason=cleaned["reason"],
        made_by=made_by,
        now=now,
        from_moment=from_moment,
        until=cleaned["until"],
        network_hashes=hashes,
        live_key_days=days,
    )


class ExcludeView(WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    form_class = ExclusionForm
    template_name = "newsroom/audience/exclude.html"
    page_title = _("Exclude from the counts")
    header_icon = "no-view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(MAY_EXCLUDE):
            denied: HttpResponse = permission_denied(request)
            return denied
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in ("kind", "value")}
        return {"kind": Exclusion.Kind.REFERRER, "begins": NOW} | {
            name: value for name, value in asked.items() if value
        }

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("desk_audience_exclusions"), "label": gettext("Exclusions")},
            {"url": "", "label": self.get_page_title()},
        ]

    def form_valid(self, form: ExclusionForm) -> HttpResponse:
        now, user = timezone.now(), self.request.user
        try:
            made = exclude_as_asked(form.cleaned_data, made_by=user.get_username(), now=now)
        except CannotExcludeError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        log(instance=made, action="wagtail.create", user=user)
        if made.applied_at is None:
            told = gettext(
                "%(value)s is excluded. The views are being counted again; below stands how many "
                "were taken out when that is done."
            )
        else:
            told = gettext("%(value)s is excluded from now on.")
        messages.success(self.request, told % {"value": made.value})
        return redirect("desk_audience_exclusions")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = first_excludable(now=timezone.now())
        is_thinned = first > datetime.fromtimestamp(0, UTC)
        return super().get_context_data(first_excludable=first if is_thinned else None, **kwargs)


class ExclusionsView(AudienceView):
    """All exclusions, the latest first."""

    page_title = _("Exclusions")
    url_name = "desk_audience_exclusions"
    file_name = "exclusions"
    template_name = "newsroom/audience/exclusions.html"

    @cached_property
    def exclusions(self) -> list[Exclusion]:
        return list(
            Exclusion.objects.defer("network_hashes").order_by("-made_at", "-pk")[:MOST_SHOWN]
        )

    @cached_property
    def tables(self) -> Sequence[Table]:
        columns = (
            gettext("What"),
            gettext("Kind"),
            gettext("From"),
            gettext("Until"),
            gettext("Taken out"),
            gettext("State"),
            gettext("Reason"),
            gettext("Who"),
            gettext("When"),
        )
        rows = [
            (
                one.value,
                one.get_kind_display(),
                local(one.from_ms // 1000),
                None if one.until_ms is None else local(one.until_ms // 1000),
                one.removed,
                state_of(one, now=self.now),
                one.reason,
                one.made_by,
                timezone.localtime(one.made_at),
            )
            for one in self.exclusions
        ]
        return [Table("exclusions", gettext("Exclusions"), columns, rows)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_exclude = self.request.user.has_perm(MAY_EXCLUDE)
        return super().get_context_data(
            exclusions=[
                {
                    "one": one,
                    "from": local(one.from_ms // 1000),
                    "until": None if one.until_ms is None else local(one.until_ms // 1000),
                    "state": state_of(one, now=self.now),
                    "may_end": may_exclude and not has_ended(one, now=self.now),
                }
                for one in self.exclusions
            ],
            exclude_url=reverse("desk_audience_exclude") if may_exclude else "",
            **kwargs,
        )


class EndExclusionView(View):
    """Lets the views count again from now on."""

    def post(self, request: HttpRequest, *, pk: int) -> HttpResponse:
        if not request.user.has_perm(MAY_EXCLUDE):
            denied: HttpResponse = permission_denied(request)
            return denied
        try:
            ended = end_exclusion(pk, now=timezone.now())
        except Exclusion.DoesNotExist:
            raise Http404 from None
        except CannotExcludeError as error:
            messages.error(request, str(error))
        else:
            log(instance=ended, action="wagtail.edit", user=request.user)
            messages.success(
                request,
                gettext("Views of %(value)s count again. What was taken out stays out.")
                % {"value": ended.value},
            )
        return redirect("desk_audience_exclusions")


def has_ended(one: Exclusion, *, now: datetime) -> bool:
    return one.until_ms is not None and one.until_ms <= now.timestamp() * 1000


def state_of(one: Exclusion, *, now: datetime) -> str:
    """Say where an exclusion stands."""
    if one.applied_at is None:
        return gettext("being counted again")
    return gettext("ended") if has_ended(one, now=now) else gettext("in force")
