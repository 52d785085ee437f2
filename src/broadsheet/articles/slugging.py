"""Addresses from headlines."""

import re
from collections.abc import Callable

from anyascii import anyascii

from .transliterating import APOSTROPHES, transliterate

MAX_SLUG_LENGTH = 160

#: The first part of a path after the edition that no section may have (design: addresses).
#: The built-in section "news" is the one exception: its front is the list of the latest.
RESERVED_SLUGS = frozenset(
    {
        "about",
        "archive",
        "authors",
        "corrections",
        "feed.xml",
        "news",
        "news-sitemap.xml",
        "people",
        "popular",
        "search",
        "sources",
        "stories",
        "tags",
    }
)


def slug_from(headline: str, *, language: str) -> str:
    """Return an address part: lower-case Latin letters, digits and single hyphens.

    At most `MAX_SLUG_LENGTH` characters, cut between words; empty if nothing can be written
    in Latin letters.
    """
    text = re.sub(rf"[{APOSTROPHES}]", "", anyascii(transliterate(headline, language)).lower())
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(slug) > MAX_SLUG_LENGTH:
        slug = slug[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]
    return slug


def free_slug(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return `wanted`, or `wanted-2`, `wanted-3` … : the first that is not taken."""
    slug, number = wanted, 2
    while is_taken(slug):
        suffix = f"-{number}"
        slug = wanted[: MAX_SLUG_LENGTH - len(suffix)] + suffix
        number += 1
    return slug
