"""Records into the search index, at a cost that does not grow with the archive."""

from collections.abc import Iterable, Sequence
from copy import copy
from functools import cache
from typing import Any

from django.db import models
from wagtail.search.backends import get_search_backend
from wagtail.search.backends.base import BaseIndex
from wagtail.search.backends.database import SearchBackend


def search_backend(params: dict[str, Any]) -> Any:
    """Wagtail's backend for the database in use, with an index that writes only what was saved.

    Wagtail's own reads the whole index twice after every write, inside its transaction, to weigh
    long titles less. Of what is searched here only images have a title; what is new weighs as an
    average one until `update_index`, which still weighs all.
    """
    backend = SearchBackend(params)
    backend.index_class = _writing_own_rows_only(backend.index_class)
    return backend


def add_to_search_index(kind: type[models.Model], records: Sequence[models.Model]) -> None:
    """Index new records of one kind; rows made in bulk bypass the signals that do it otherwise."""
    get_search_backend().get_index_for_model(kind).add_items(kind, records)


class _OwnRowsOnly(BaseIndex):
    def add_items(self, model: type[models.Model], items: Iterable[models.Model]) -> None:
        super().add_items(model, [_ReadOnce(item) for item in items])

    def _refresh_title_norms(self, full: bool = False) -> None:  # noqa: FBT001, FBT002 - Wagtail's
        if full:
            super()._refresh_title_norms(full=True)


@cache
def _writing_own_rows_only(index_class: type[Any]) -> type[Any]:
    return type(index_class.__name__, (_OwnRowsOnly, index_class), {})


class _ReadOnce:
    """A record as a backend sees it. Those for databases ask three times for every text, and the
    text of a long body is the dearest thing about it.
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
