"""Places that a template leaves open, and the parts that a page is cut into at them."""

import re
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

from broadsheet.pagestore.pages import Entry, FragmentSlot, Part, ViewsSlot

from .editions import WORDS

# A comment cannot come out of an article: headlines are escaped, rich text loses comments.
_PLACE = re.compile(
    r"<!--(?:views:(\d+)|entry:(\d+)|fragment:([a-z0-9:-]+) without:(\d+) limit:(\d+))-->"
)


def views_place(article_id: int) -> SafeString:
    """Return the place of an article's view count in a page."""
    return mark_safe(f"<!--views:{int(article_id)}-->")  # noqa: S308 - a number


def fragment_place(address: str, *, without: int = 0, limit: int = 0) -> SafeString:
    """Return the place of a shared fragment; what it leaves out is as in `FragmentSlot`."""
    return mark_safe(f"<!--fragment:{address} without:{int(without)} limit:{int(limit)}-->")  # noqa: S308 - as above, and an address of ours


def entry_place(article_id: int) -> SafeString:
    """Return the mark in a fragment where an article's entry begins; 0: where the last one ended."""
    return mark_safe(f"<!--entry:{int(article_id)}-->")  # noqa: S308 - a number


def cut(html: str) -> tuple[Part, ...]:
    """Return a page's parts: its bytes, and the slots between them."""
    parts: list[Part] = []
    end = 0
    for place in _PLACE.finditer(html):
        if place.start() > end:
            parts.append(html[end : place.start()].encode())
        end = place.end()
        views, entry, fragment, without, limit = place.groups()
        if views is not None:
            parts.append(ViewsSlot(int(views)))
        elif entry is not None:
            parts.append(Entry(int(entry)))
        else:
            parts.append(FragmentSlot(fragment, int(without), int(limit)))
    if end < len(html):
        parts.append(html[end:].encode())
    return tuple(parts)


@lru_cache(maxsize=16_384)
def show_views(code: str, article_id: int, count: int) -> bytes:
    """Return the markup of an article's count, its label in the language of an edition."""
    label = WORDS[code].count_views(count)
    return (
        f'<data class="views" data-article="{article_id}" value="{count}">{label}</data>'
    ).encode()
