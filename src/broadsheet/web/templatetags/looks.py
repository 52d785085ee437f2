"""What a look of the agency's own adds to a page: a style sheet and a logo, where it has them."""

from functools import cache

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static

register = template.Library()

STYLE = "css/look.css"
LOGO = "img/logo.svg"


@register.simple_tag
def look_css() -> str:
    return _address_of(STYLE)


@register.simple_tag
def look_logo() -> str:
    return _address_of(LOGO)


@cache
def _address_of(name: str) -> str:
    """Return the address of an asset, "" where there is none; a look does not change while it runs."""
    try:
        return static(name) if finders.find(name) else ""
    except ValueError:
        return ""  # not collected yet: `init` does so
