"""Kill an article: take it down for good, with a notice to its readers."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.base import BaseObjectMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminAutoHeightTextInput

from broadsheet.articles import publishing


class KillForm(forms.Form):
    notice = forms.CharField(
        label=_("Notice to the readers"),
        widget=AdminAutoHeightTextInput(attrs={"rows": 3}),
        max_length=2000,
        help_text=_(
            "It stands at the article’s address from now on. Say why the article was withdrawn."
        ),
    )


class KillView(PermissionCheckedMixin, BaseObjectMixin, WagtailAdminTemplateMixin, FormView):  # type: ignore[type-arg]  # not generic at run time
    """Asks for the notice, then withdraws the live article."""

    permission_required = "publish"
    form_class = KillForm
    template_name = "newsroom/kill.html"
    page_title = _("Kill")
    header_icon = "warning"
    edit_url_name = ""
    index_url_name = ""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if self.user_has_permission("publish") and not self.object.live:
            messages.warning(request, gettext("Only a live article can be killed."))
            return redirect(self.get_success_url())
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_success_url(self) -> str:
        return reverse(self.edit_url_name, args=[self.object.pk])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse(self.index_url_name), "label": gettext("Articles")},
            {"url": self.get_success_url(), "label": str(self.object)},
            {"url": "", "label": gettext("Kill")},
        ]

    def form_valid(self, form: KillForm) -> HttpResponse:
        publishing.kill(
            self.object,
            notice=form.cleaned_data["notice"],
            now=timezone.now(),
            user=self.request.user,
        )
        messages.success(
            self.request,
            gettext("“%(headline)s” is killed. Its readers see your notice.")
            % {"headline": self.object},
        )
        return redirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(edit_url=self.get_success_url(), **kwargs)
