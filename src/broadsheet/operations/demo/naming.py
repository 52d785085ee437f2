"""The demo's sections, authors, people, sources and tags as records with a name an edition."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from broadsheet.articles.models import Author, Edition, Person, Section, Source, Tag
from broadsheet.articles.slugging import slug_from

from .contents import Newsroom, Record

_MODELS: Mapping[str, type[Section | Author | Person | Source | Tag]] = {
    "sections": Section,
    "authors": Author,
    "people": Person,
    "sources": Source,
    "tags": Tag,
}

#: kind → key → the id of its row.
Ids = Mapping[str, Mapping[str, int]]


def keep_records(newsroom: Newsroom, *, editions: Sequence[Edition]) -> Ids:
    """Return the ids of all records, made where there are none of that address yet."""
    ids: dict[str, dict[str, int]] = {}
    for kind, records in newsroom.records.items():
        ids[kind] = {}
        for position, (key, record) in enumerate(records.items(), start=1):
            fields: dict[str, Any] = {"position": position} if kind == "sections" else {}
            if kind == "sources":
                fields["url"] = record.url
            if kind == "authors":
                fields["user"] = _keep_user(record)
            ids[kind][key] = _keep_record(_MODELS[kind], record, editions, fields)
    return ids


def _keep_user(record: Record) -> Any:
    """Return the author's user at the desk, who has no password: nobody can log in as them."""
    users = get_user_model().objects
    first_name, _, last_name = record.names["en"]["name"].partition(" ")
    found = users.filter(username=record.key).first()
    return found or users.create_user(record.key, first_name=first_name, last_name=last_name)


def _keep_record(
    model: Any, record: Record, editions: Sequence[Edition], fields: Mapping[str, Any]
) -> int:
    slugs = {
        edition: record.slug or slug_from(record.names[edition.code]["name"], language=edition.code)
        for edition in editions
    }
    names = model._meta.get_field("names").related_model  # noqa: SLF001 - Django's own API
    first = editions[0]
    known = names.objects.filter(edition=first, slug=slugs[first]).first()
    if known is not None:
        return int(known.owner_id)
    with transaction.atomic():
        made = model.objects.create(**fields)
        for edition, slug in slugs.items():
            names.objects.create(
                owner=made, edition=edition, slug=slug, **record.names[edition.code]
            )
        # Once more with its names: the desk lists and finds a record by its label.
        model.objects.get(pk=made.pk).save()
    return int(made.pk)
