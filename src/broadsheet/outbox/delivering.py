"""Hand waiting facts to their reactions; what fails is kept, shown and tried again."""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from .models import Fact, FailedReaction

logger = logging.getLogger(__name__)

Reaction = Callable[[Any], None]
Reactions = Mapping[type, Sequence[Reaction]]

#: After this many failures a reaction stays visible as given up and is tried no more.
#: With the delays below that is about eleven hours of trying.
MAX_TRIES = 20
FIRST_DELAY_SECONDS = 1.0
#: Failures that are tried again in one round: few, for what is live waits for them.
RETRIES_A_ROUND = 5
LONGEST_DELAY_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did: facts handed on, reactions that failed, failures mended."""

    facts: int
    failed: int
    mended: int


def name_of(reaction: Reaction) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"


def deliver_facts(reactions: Reactions, *, now: datetime, limit: int = 50) -> Delivered:
    """Deliver up to `limit` waiting live facts, oldest first, else one of an import; then retry.

    Each reaction of a fact runs on its own: one that raises is recorded with its error and
    tried again later, and holds back neither another reaction nor a later fact. A crash
    between a reaction and its record runs it again, so reactions are safe to run twice.
    """
    known = {fact_type.__name__: fact_type for fact_type in reactions}
    facts = _waiting(limit)
    failed = 0
    for fact in facts:
        failures = [
            failure
            for reaction in reactions.get(known.get(fact.name, type(None)), ())
            if (failure := _react(reaction, fact, known, now)) is not None
        ]
        failed += len(failures)
        with transaction.atomic():
            FailedReaction.objects.bulk_create(failures, ignore_conflicts=True)
            Fact.objects.filter(pk=fact.pk).update(delivered_at=timezone.now())
    mended = _retry_failures(reactions, known, now=now, limit=RETRIES_A_ROUND)
    return Delivered(facts=len(facts), failed=failed, mended=mended)


def forget_delivered_facts(*, now: datetime, keep: timedelta = timedelta(days=7)) -> int:
    """Delete facts that were delivered before `now - keep` and left no failure behind."""
    old = Fact.objects.filter(delivered_at__lt=now - keep, failures=None).values("pk")[:5000]
    deleted, _ = Fact.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    return deleted


def delay_after(tries: int) -> timedelta:
    """How long to wait after that many failures: 1 s, 2 s, 4 s … at most an hour."""
    return timedelta(seconds=min(FIRST_DELAY_SECONDS * 2 ** (tries - 1), LONGEST_DELAY_SECONDS))


def _waiting(limit: int) -> list[Fact]:
    """The live facts that wait; where there are none, one of an import, so that a live one which
    comes meanwhile waits for one batch of it at the most.
    """
    waiting = Fact.objects.filter(delivered_at=None).order_by("is_bulk", "id")[:limit]
    facts = list(waiting)
    return [fact for fact in facts if not fact.is_bulk] or facts[:1]


def _react(
    reaction: Reaction, fact: Fact, known: Mapping[str, type], now: datetime
) -> FailedReaction | None:
    try:
        reaction(known[fact.name](**fact.payload))
    except Exception:  # noqa: BLE001 - whatever a reaction raises, the others go on
        error = traceback.format_exc(limit=-6)
        logger.warning("%s failed on %s:\n%s", name_of(reaction), fact, error)
        return FailedReaction(
            fact=fact,
            reaction=name_of(reaction),
            last_error=error,
            next_try_at=now + delay_after(1),
        )
    return None


def _retry_failures(
    reactions: Reactions, known: Mapping[str, type], *, now: datetime, limit: int
) -> int:
    by_name = {name_of(r): r for group in reactions.values() for r in group}
    due = (
        FailedReaction.objects.filter(next_try_at__lte=now, given_up_at=None)
        .select_related("fact")
        .order_by("next_try_at")[:limit]
    )
    mended = 0
    for failure in due:
        reaction = by_name.get(failure.reaction)
        again = _react(reaction, failure.fact, known, now) if reaction else None
        if again is None:  # it worked, or the program no longer has this reaction
            failure.delete()
            mended += 1
            continue
        failure.tries += 1
        failure.last_error = again.last_error
        failure.next_try_at = now + delay_after(failure.tries)
        failure.given_up_at = now if failure.tries >= MAX_TRIES else None
        failure.save()
    return mended
