"""Names in an import → the records that they name, found or made."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Q

from broadsheet.articles.indexing import add_to_search_index
from broadsheet.articles.models import Edition, Section
from broadsheet.articles.slugging import RESERVED_SLUGS, free_slug, slug_from

MAX_NAME_LENGTH = 200


class NameBook:
    """The records of one kind (sections, tags, authors, sources, people) of one edition by name.

    A name is looked up once, in any case of letters. A record that has the very name in another
    edition, and none in this one, gets it here too: it is the same Bloomberg. What that changes
    on pages is announced, as a fact that yields to live ones; so is a new section, which stands
    in the navigation of every page. Other new records stand on the pages of the articles that they
    were made for, which are announced themselves. Forget what was made in a transaction that
    failed: `forget()`.
    """

    def __init__(self, kind: type[Any], edition: Edition, *, by_slug: bool = False) -> None:
        self._kind = kind
        self._names = kind._meta.get_field("names").related_model  # noqa: SLF001 - Django's own API
        self._edition = edition
        self._by_slug = by_slug
        self._known: dict[str, Any] = {}

    def find_or_make(
        self, names: Iterable[str], *, details: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, Any]:
        """Return name → record for `names`, as they are written there.

        `details` gives a name's further fields (a person's role), used where it is made. Runs in
        the caller's transaction: no query where all names are known already.
        """
        wanted = list(dict.fromkeys(name.strip()[:MAX_NAME_LENGTH] for name in names))
        for look_up in (self._look_up_here, self._look_up_elsewhere, self._make):
            missing = [name for name in wanted if name.casefold() not in self._known]
            if missing:
                look_up(missing, details or {})
        return {name: self._known[name.casefold()] for name in wanted}

    def forget(self) -> None:
        self._known.clear()

    def _look_up_here(self, missing: list[str], _details: Mapping[str, Any]) -> None:
        here = self._names.objects.filter(edition=self._edition).select_related("owner")
        wanted = {name.casefold() for name in missing}
        # Databases compare letters in one case only; an address is the same in any.
        slugs = {slug_from(name, language=self._edition.code) for name in missing}
        for found in here.filter(Q(name__in=missing) | Q(slug__in=slugs)).order_by("-pk"):
            if found.name.casefold() in wanted:
                self._known[found.name.casefold()] = found.owner
        if self._by_slug:
            for found in here.filter(slug__in=missing):
                self._known.setdefault(found.slug.casefold(), found.owner)

    def _look_up_elsewhere(self, missing: list[str], details: Mapping[str, Any]) -> None:
        elsewhere = self._names.objects.filter(name__in=missing).exclude(
            owner__names__edition=self._edition
        )
        found = {name.name: name.owner for name in elsewhere.select_related("owner")}
        owners = {owner.pk: name for name, owner in found.items()}
        self._add_names([(found[name], name) for name in owners.values()], details)
        self._announce(found[name] for name in owners.values())

    def _make(self, missing: list[str], details: Mapping[str, Any]) -> None:
        first_of = {name.casefold(): name for name in reversed(missing)}
        owners = [self._kind(label=name) for name in first_of.values()]
        self._kind.objects.bulk_create(owners)
        self._add_names(list(zip(owners, first_of.values(), strict=True)), details)
        add_to_search_index(self._kind, owners)
        if self._kind is Section:
            self._announce(owners)

    def _announce(self, records: Iterable[Any]) -> None:
        for record in records:
            record.announce_change(is_bulk=True)

    def _add_names(self, pairs: list[tuple[Any, str]], details: Mapping[str, Any]) -> None:
        if not pairs:
            return
        is_taken = self._slug_check()
        rows = []
        for owner, name in pairs:
            wanted = slug_from(name, language=self._edition.code) or self._kind._meta.model_name  # noqa: SLF001 - as above
            slug = free_slug(str(wanted), is_taken)
            given = details.get(name, {})
            rows.append(
                self._names(owner=owner, edition=self._edition, name=name, slug=slug, **given)
            )
            self._known[name.casefold()] = owner
        self._names.objects.bulk_create(rows)

    def _slug_check(self) -> Callable[[str], bool]:
        """Whether a slug is taken; each slug is taken once it was answered to be free."""
        handed_out = set(RESERVED_SLUGS if self._by_slug else ())

        def is_taken(slug: str) -> bool:
            rows = self._names.objects.filter(edition=self._edition, slug=slug)
            if slug in handed_out or rows.exists():
                return True
            handed_out.add(slug)
            return False

        return is_taken
