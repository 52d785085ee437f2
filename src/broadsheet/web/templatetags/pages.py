"""What templates write in one way only: view counts, fragments and their entries, rows of names."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

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


@register.simple_tag(takes_context=True)
def listed(context: Context, links: Iterable[Any], rel: str = "") -> SafeString:
    """Return links as the page's language lists names; each name is apart from the text around it."""
    names = (
        format_html('<a rel="{}" href="{}"><bdi>{}</bdi></a>', rel, link.url, link.text)
        for link in links
    )
    return mark_safe(context["words"].list_of(names))  # noqa: S308 - escaped on the lines above
