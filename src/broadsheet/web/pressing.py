"""Render a gathered page into HTML with places for its counts."""

from typing import Any

from django.template.loader import get_template


def render(template: str, page: Any) -> str:
    """Return the HTML of `page`, a frozen dataclass with a `frame`. Asks no database.

    View counts are places still; `slots.fill_views` fills them.
    """
    frame = page.frame
    context = {"page": page, "frame": frame, "words": frame.words}
    return get_template(template).render(context)
