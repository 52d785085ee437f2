"""Facts about the rows beside articles: written with a change, once a transaction.

Model methods write them, so that no form, command or import can pass them by. Deletions are
heard through Django's signal: a cascade and a queryset's `delete()` call no model's method.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from broadsheet.outbox.announcing import announce
from broadsheet.outbox.models import Fact


@dataclass(frozen=True, slots=True)
class _Announced:
    """A fact among what runs at the commit: Django takes it out where its savepoint is undone."""

    fact: Any
    is_bulk: bool
    row_id: int

    def __call__(self) -> None:
        """Nothing is left to do: the fact is committed."""


def announce_once(fact: Any, *, is_bulk: bool = False) -> None:
    """Write `fact` unless this transaction has written it already; else as `announce`.

    A bulk fact does not stand for a live one, which comes sooner.
    """
    for _, waiting, *_ in transaction.get_connection().run_on_commit:
        if isinstance(waiting, _Announced) and waiting.fact == fact:
            is_enough = is_bulk or not waiting.is_bulk
            # A test may deliver or delete facts in the transaction that wrote them.
            if is_enough and Fact.objects.filter(pk=waiting.row_id, delivered_at=None).exists():
                return
    row = announce(fact, is_bulk=is_bulk)
    transaction.on_commit(_Announced(fact, is_bulk, row.pk))


def stored_values(row: models.Model, fields: Sequence[str]) -> dict[str, Any] | None:
    """Return what the database holds of `row` in `fields`; None where it is not there yet."""
    if row.pk is None:
        return None
    stored = type(row)._base_manager.filter(pk=row.pk)  # noqa: SLF001 - Django's own API
    return stored.values(*fields).first()
