"""The one way in which a template writes a view count, a fragment, or a fragment's entry."""

from django import template
from django.utils.safestring import SafeString

from broadsheet.web.slots import entry_place, fragment_place, views_place

register = template.Library()


@register.simple_tag
def views(article_id: int) -> SafeString:
    return views_place(article_id)


@register.simple_tag
def fragment(address: str, without: int = 0, limit: int = 0) -> SafeString:
    return fragment_place(address, without=without, limit=limit)


@register.simple_tag
def entry(article_id: int) -> SafeString:
    return entry_place(article_id)
