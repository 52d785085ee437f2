"""schema.org data of an article, as a block of JSON-LD that is safe inside a page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

# What could end the script element or begin a comment in it, and JavaScript's line ends.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


class Named(NamedTuple):
    """Somebody or something with a name and, where it has a page, its absolute address."""

    name: str
    url: str = ""


class CorrectionFacts(NamedTuple):
    corrected_at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFacts:
    """A published article, as machines are told of it; addresses are absolute, times aware.

    `views` is a count of the same snapshot as the page's, or None where it is not said.
    """

    url: str
    headline: str
    description: str
    published_at: datetime
    updated_at: datetime
    language: str
    publisher: Named
    authors: tuple[Named, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    people: tuple[Named, ...] = ()
    dateline: str = ""
    images: tuple[str, ...] = ()
    reports: tuple[Named, ...] = ()
    corrections: tuple[CorrectionFacts, ...] = ()
    translations: tuple[tuple[str, str], ...] = ()
    views: int | None = None


def describe_article(article: ArticleFacts) -> dict[str, Any]:
    """Return a schema.org `NewsArticle`; what the article does not have is left out."""
    publisher = _describe("NewsMediaOrganization", article.publisher)
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.url,
        "url": article.url,
        "mainEntityOfPage": article.url,
        "headline": article.headline,
        "description": article.description,
        "datePublished": article.published_at.isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "inLanguage": article.language,
        "isAccessibleForFree": True,
        "author": [_describe("Person", author) for author in article.authors] or [publisher],
        "publisher": publisher,
        "articleSection": article.section,
        "keywords": list(article.tags),
        "mentions": [_describe("Person", person) for person in article.people],
        "dateline": article.dateline,
        "image": list(article.images),
        "isBasedOn": [report.url for report in article.reports if report.url],
        "citation": [_describe("CreativeWork", report) for report in article.reports],
        "correction": [
            {
                "@type": "CorrectionComment",
                "text": correction.text,
                "datePublished": correction.corrected_at.isoformat(),
            }
            for correction in article.corrections
        ],
        "workTranslation": [
            {"@type": "NewsArticle", "inLanguage": language, "url": url}
            for language, url in article.translations
        ],
    }
    if article.views is not None:
        described["interactionStatistic"] = {
            "@type": "InteractionCounter",
            "interactionType": {"@type": "ReadAction"},
            "userInteractionCount": article.views,
        }
    return {name: value for name, value in described.items() if value not in ("", [])}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """A page that lists articles, as machines are told of it; addresses are absolute.

    `people` and `about` are whom and what it is about, with and without a page of their own.
    """

    url: str
    name: str
    description: str
    language: str
    publisher: Named
    entries: tuple[Named, ...]
    people: tuple[Named, ...] = ()
    about: tuple[str, ...] = ()


def describe_list(listed: ListFacts) -> dict[str, Any]:
    """Return a schema.org `CollectionPage` with its `ItemList`, in the order of the page."""
    described = {
        "@context": "https://schema.org",
        "@type": "CollectionPage",
        "@id": listed.url,
        "url": listed.url,
        "name": listed.name,
        "description": listed.description,
        "inLanguage": listed.language,
        "publisher": _describe("NewsMediaOrganization", listed.publisher),
        "about": [
            *(_describe("Person", person) for person in listed.people),
            *({"@type": "Thing", "name": name} for name in listed.about),
        ],
        "mainEntity": {
            "@type": "ItemList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": entry.name, "url": entry.url}
                for place, entry in enumerate(listed.entries, start=1)
            ],
        },
    }
    return {name: value for name, value in described.items() if value not in ("", [])}


def as_script(described: Mapping[str, Any]) -> SafeString:
    """Return JSON that can stand inside `<script type="application/ld+json">` as it is."""
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - nothing in it ends the element


def _describe(kind: str, named: Named) -> dict[str, str]:
    described = {"@type": kind, "name": named.name}
    if named.url:
        described["url"] = named.url
    return described
