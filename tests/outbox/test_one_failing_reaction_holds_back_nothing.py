from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from broadsheet.outbox.announcing import NotInTransactionError, announce
from broadsheet.outbox.delivering import MAX_TRIES, deliver_facts, forget_delivered_facts
from broadsheet.outbox.models import Fact, FailedReaction

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class LampLit:
    lamp_id: int


class Reactions:
    def __init__(self):
        self.seen, self.broken = [], True

    def fails(self, fact):
        if self.broken:
            raise ValueError("no oil")
        self.seen.append(("mended", fact.lamp_id))

    def works(self, fact):
        self.seen.append(("worked", fact.lamp_id))


def light(lamp_id, **kwargs):
    with transaction.atomic():
        announce(LampLit(lamp_id), **kwargs)


def test_the_other_reaction_and_the_next_fact_go_on():
    reactions = Reactions()
    light(1)
    light(2)
    done = deliver_facts({LampLit: (reactions.fails, reactions.works)}, now=timezone.now())
    assert reactions.seen == [("worked", 1), ("worked", 2)]
    assert (done.facts, done.failed) == (2, 2)
    assert not Fact.objects.filter(delivered_at=None).exists()
    failure = FailedReaction.objects.first()
    assert failure.tries == 1
    assert "no oil" in failure.last_error


def test_a_failed_reaction_is_tried_again_later_and_then_forgotten():
    reactions, now = Reactions(), timezone.now()
    wiring = {LampLit: (reactions.fails, reactions.works)}
    light(7)
    deliver_facts(wiring, now=now)
    assert deliver_facts(wiring, now=now).mended == 0  # its pause is not over
    reactions.broken = False
    assert deliver_facts(wiring, now=now + timedelta(seconds=2)).mended == 1
    assert reactions.seen == [("worked", 7), ("mended", 7)]
    assert not FailedReaction.objects.exists()


def test_after_many_tries_it_is_given_up_and_stays_visible():
    reactions, now = Reactions(), timezone.now()
    light(7)
    for _ in range(MAX_TRIES + 3):
        deliver_facts({LampLit: (reactions.fails,)}, now=now)
        now += timedelta(hours=2)
    failure = FailedReaction.objects.get()
    assert failure.tries == MAX_TRIES
    assert failure.given_up_at is not None


def test_live_facts_go_before_bulk_ones():
    reactions = Reactions()
    light(1, is_bulk=True)
    light(2)
    deliver_facts({LampLit: (reactions.works,)}, now=timezone.now(), limit=1)
    assert reactions.seen == [("worked", 2)]


def test_a_fact_outside_a_transaction_is_refused():
    with pytest.raises(NotInTransactionError):
        announce(LampLit(1))


def test_a_fact_is_rolled_back_with_its_change():
    with transaction.atomic():
        announce(LampLit(1))
        transaction.set_rollback(True)
    assert not Fact.objects.exists()


def test_delivered_facts_are_forgotten_after_a_week_but_not_those_that_failed():
    reactions, now = Reactions(), timezone.now()
    light(1)
    deliver_facts({LampLit: (reactions.works,)}, now=now)
    light(2)
    deliver_facts({LampLit: (reactions.fails,)}, now=now)
    assert forget_delivered_facts(now=now + timedelta(days=6)) == 0
    assert forget_delivered_facts(now=now + timedelta(days=8)) == 1
    assert Fact.objects.get().payload == {"lamp_id": 2}
