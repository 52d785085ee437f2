"""The small curve of an article, where articles are listed and written."""

from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext
from wagtail.admin.ui.tables import Column

from broadsheet.articles.models import Article
from broadsheet.readership.audience import CURVE_DAYS, curves

from .audience_pages import article_url, may_see_audience
from .charts import curve, say_number


def curve_of(views: list[int]) -> SafeString:
    """Return the small curve of an article's last days."""
    label = ngettext(
        "%(views)s view in %(days)s days", "%(views)s views in %(days)s days", sum(views)
    )
    return curve(views, label=label % {"views": say_number(sum(views)), "days": CURVE_DAYS})


def add_curves(rows: list[Article], *, user: Any) -> None:
    """Set `curve` of each row: its views of the last days, None where `user` may not see them.

    The rows are those of `article_list.rows_of` for that user.
    """
    may_see_all = may_see_audience(user)
    shown = [row.pk for row in rows if row.first_published_at and (may_see_all or row.is_signed)]
    found = curves(shown, now=timezone.now())
    for row in rows:
        row.curve = found.get(row.pk)


class CurveColumn(Column):
    def get_value(self, instance: Any) -> str:
        if instance.curve is None:
            return ""
        return format_html(
            '<a class="desk-curve-link" href="{}">{}</a>',
            article_url(instance.pk),
            curve_of(instance.curve),
        )
