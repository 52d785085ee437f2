"""Tags as journalists type them: names, known or new, completed while typing."""

import json
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.utils import parse_tags

from broadsheet.articles.models import Edition, Tag, TagName
from broadsheet.articles.slugging import slug_from

#: Names that the field offers to choose from.
MOST_OFFERED = 10
MAX_NAME_LENGTH: int = TagName._meta.get_field("name").max_length or 0  # noqa: SLF001 - Django's own API


class TagNamesWidget(forms.TextInput):
    """Wagtail's field of tokens, completed from our tags in one edition."""

    edition_id: int | None = None

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"data-controller": "w-tag", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["attrs"] |= {
            "data-w-tag-delay-value": 200,
            "data-w-tag-url-value": f"{reverse('desk_tag_names')}?edition={self.edition_id or ''}",
            "data-w-tag-options-value": json.dumps({"allowSpaces": True}),
        }
        return context

    def format_value(self, value: Any) -> str | None:
        if value is None or isinstance(value, str):
            return value
        # The field shows quotes as they come: only what would be taken apart has them.
        return ", ".join(
            f'"{name}"' if re.search(r"[\s,]", name) else name
            for name in names_of(value, self.edition_id)
        )


class TagNamesField(forms.CharField):
    """Takes names separated by commas; gives a list of names, each once."""

    widget = TagNamesWidget

    def clean(self, value: Any) -> Any:
        names = [" ".join(name.split()) for name in parse_tags(super().clean(value))]
        for name in names:
            if len(name) > MAX_NAME_LENGTH:
                raise forms.ValidationError(_("A tag has at most 200 characters."))
        return list(dict.fromkeys(name for name in names if name))

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = set(names_of(initial or [], self.widget.edition_id))
        return before != set(parse_tags(data or ""))


def names_of(tags: Iterable[Tag], edition_id: int | None) -> list[str]:
    """Return the names of `tags` in that edition, or the names that the desk lists them under."""
    names = []
    for tag in tags:
        name = tag.name_in(edition_id) if edition_id else None
        names.append(name.name if name else tag.label)
    return sorted(names)


def find_tag(name: str, edition: Edition) -> Tag | None:
    """Return the tag of that name: first in the edition, then as the desk lists it."""
    # By slug, since SQLite knows no upper and lower case beyond Latin letters.
    slug = slug_from(name, language=edition.code)
    found = TagName.objects.filter(edition=edition, slug=slug).select_related("owner").first()
    return found.owner if found else Tag.objects.filter(label=name).first()


def find_or_make_tags(names: Iterable[str], edition: Edition) -> list[Tag]:
    """Return the tags of those names, made in that edition where there is none yet."""
    tags = []
    for name in names:
        tag = find_tag(name, edition)
        if tag is None and slug_from(name, language=edition.code):
            tag = Tag()
            tag.names = [TagName(edition=edition, name=name)]
            tag.save()
        if tag is not None and tag not in tags:
            tags.append(tag)
    return tags


def offer_tag_names(request: HttpRequest) -> JsonResponse:
    """Answer the names that begin with `term`, of the edition `edition` where it is given."""
    term = " ".join(request.GET.get("term", "").replace("\0", "").split())
    edition = request.GET.get("edition", "")
    names = TagName.objects.all()
    if edition.isdecimal():
        names = names.filter(edition_id=int(edition[:9]))
    # Both spellings of the first letter: SQLite compares upper and lower case in Latin alone.
    spellings = {term, term[:1].upper() + term[1:], term[:1].lower() + term[1:]}
    found: set[str] = set()
    for spelling in sorted(spellings) if term else ():
        begun = names.filter(name__startswith=spelling).order_by("name")
        found |= set(begun.values_list("name", flat=True)[:MOST_OFFERED])
    return JsonResponse(sorted(found)[:MOST_OFFERED], safe=False)
