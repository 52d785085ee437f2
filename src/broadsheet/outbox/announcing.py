"""Write a fact into the outbox, in the transaction of the change that it reports.

Reactions come later, in the worker. What cannot wait for it is told in the same transaction to
the function that `settings.OUTBOX_TOLD_AT_ONCE` names.
"""

from dataclasses import asdict, is_dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from .models import Fact


class NotInTransactionError(RuntimeError):
    """A fact announced outside a transaction could be lost, or report what was rolled back."""


def announce(fact: Any, *, is_bulk: bool = False) -> Fact:
    """Write `fact`, a frozen dataclass of ids, and return its row.

    Facts of imports are `is_bulk`: they yield to live ones. Raises `NotInTransactionError`
    outside `transaction.atomic()`.
    """
    if not is_dataclass(fact) or isinstance(fact, type):
        raise TypeError(f"A fact is an instance of a dataclass, not {fact!r}")
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransactionError(f"{type(fact).__name__} has to be announced with its change")
    row = Fact.objects.create(
        name=type(fact).__name__,
        payload=asdict(fact),
        is_bulk=is_bulk,
        announced_at=timezone.now(),
    )
    _tell_at_once([fact])
    return row


def announce_all(facts: list[Any]) -> None:
    """Write several live facts in one statement; the same contract as `announce`."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransactionError("Facts have to be announced with their change")
    now = timezone.now()
    Fact.objects.bulk_create(
        [Fact(name=type(f).__name__, payload=asdict(f), announced_at=now) for f in facts]
    )
    _tell_at_once(facts)


def _tell_at_once(facts: list[Any]) -> None:
    import_string(settings.OUTBOX_TOLD_AT_ONCE)(facts)
