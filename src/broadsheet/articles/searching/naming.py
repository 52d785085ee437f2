"""Names that search offers: of those who wrote what was found, and by how they begin."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from broadsheet.articles.models import ArticleAuthor, AuthorName, PersonName, Quote
from broadsheet.articles.models.names import NamedRecord


def authors_of(article_ids: Iterable[int], edition_id: int, *, limit: int) -> list[AuthorName]:
    """Return the names in an edition of those who wrote the articles."""
    wrote = ArticleAuthor.objects.filter(article_id__in=list(article_ids)).values("author_id")
    names = AuthorName.objects.filter(edition_id=edition_id, owner_id__in=wrote)
    return list(names.order_by("name")[:limit])


def people_quoted_in(
    article_ids: Iterable[int], edition_id: int, *, limit: int
) -> list[PersonName]:
    """Return the names in an edition of those who are quoted in the articles."""
    said = Quote.objects.filter(article_id__in=list(article_ids)).values("person_id")
    names = PersonName.objects.filter(edition_id=edition_id, owner_id__in=said)
    return list(names.order_by("name")[:limit])


def names_beginning(
    kind: type[NamedRecord], edition_id: int, typed: str, *, limit: int
) -> list[Any]:
    """Return the names in an edition of which a word begins so; `typed` is in lower case.

    SQLite compares letters that are not Latin as they are written: so the usual forms are asked for.
    """
    forms = {typed, typed.capitalize(), typed.title(), typed.upper()}
    found = Q()
    for form in sorted(forms):
        found |= Q(name__startswith=form) | Q(name__contains=f" {form}")
    names = kind._meta.get_field("names").related_model  # noqa: SLF001 - Django's own API
    assert names is not None
    return list(names.objects.filter(found, edition_id=edition_id).order_by("name")[:limit])
