"""The curve of an article beside its form."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.side_panels import BaseSidePanel

from broadsheet.readership.audience import curves
from broadsheet.readership.queries import numbers

from .audience_curves import curve_of
from .audience_pages import article_url


class AudienceSidePanel(BaseSidePanel):
    """Opened beside the form; asks two queries."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = _("Toggle audience")
        icon_name = "audience"
        has_counter = False

    name = "audience"
    title = _("Audience")
    template_name = "newsroom/audience/panel.html"
    order = 500

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        views = curves([self.object.pk], now=timezone.now())[self.object.pk]
        return {
            **super().get_context_data(parent_context),
            "total": numbers([self.object.pk])[self.object.pk],
            "week": sum(views),
            "curve": curve_of(views),
            "url": article_url(self.object.pk),
        }
