"""New records into the search index, in bulk, at a cost that does not grow with the archive."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.db import models
from wagtail.search.backends import get_search_backend


def add_to_search_index(kind: type[models.Model], records: Sequence[models.Model]) -> None:
    """Index new records of one kind; rows made in bulk bypass the signals that do it otherwise.

    Wagtail's backends for databases read the whole index twice after every write, to weigh long
    titles less; that is left out. Only images have a title, and the next image that the desk
    saves weighs the new ones too.
    """
    index = get_search_backend().get_index_for_model(kind)
    if not hasattr(index, "_refresh_title_norms"):
        index.add_items(kind, records)
        return
    index._refresh_title_norms = lambda: None  # noqa: SLF001 - there is no setting for it
    index.add_items(kind, [_ReadOnce(record) for record in records])


class _ReadOnce:
    """A record as a backend sees it. Those for databases ask three times for every text, and the
    text of a long body is the dearest thing in an import.
    """

    def __init__(self, record: models.Model) -> None:
        self.pk = record.pk
        self._fields = [_fixed(field, record) for field in type(record).get_search_fields()]  # type: ignore[attr-defined]

    def get_search_fields(self) -> list[Any]:
        return self._fields


def _fixed(field: Any, record: models.Model) -> Any:
    """`field` with the value that it has in `record`, read when it is first asked for."""
    fixed = copy(field)
    found: list[Any] = []

    def get_value(_record: Any) -> Any:
        if not found:
            found.append(field.get_value(record))
        return found[0]

    fixed.get_value = get_value
    return fixed
