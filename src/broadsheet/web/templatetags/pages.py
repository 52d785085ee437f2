"""The one way in which a template writes a view count."""

from django import template
from django.utils.safestring import SafeString

from broadsheet.web.slots import views_place

register = template.Library()


@register.simple_tag
def views(article_id: int) -> SafeString:
    return views_place(article_id)
