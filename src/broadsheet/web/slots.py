"""Places for view counts: what a template leaves open, and how one snapshot fills it."""

import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from .editions.words import Words

# A comment cannot come out of an article: headlines are escaped, rich text loses comments.
_PLACE = re.compile(r"<!--views:(\d+)-->")


def views_place(article_id: int) -> SafeString:
    """Return the place of an article's view count in a page."""
    return mark_safe(f"<!--views:{int(article_id)}-->")  # noqa: S308 - a number


def articles_counted_in(html: str) -> list[int]:
    """Return the ids of the articles whose counts `html` has places for, each once."""
    return sorted({int(found) for found in _PLACE.findall(html)})


def fill_views(html: str, numbers: Any, words: Words) -> str:
    """Return `html` with every place filled from `numbers`, which gives a count by article id."""

    def fill(match: re.Match[str]) -> str:
        count = numbers[int(match.group(1))]
        return (
            f'<data class="views" data-article="{match.group(1)}" value="{count}">'
            f"{words.count_views(count)}</data>"
        )

    return _PLACE.sub(fill, html)
