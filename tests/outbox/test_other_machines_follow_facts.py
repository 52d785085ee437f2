from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.outbox.following import SETTLED, FactFollower
from broadsheet.outbox.models import Fact

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class PaperPrinted:
    number: int


@pytest.fixture
def follower(tmp_path):
    """One that has begun to follow."""
    follower = make_follower(tmp_path)
    assert follower.read_new(now=NOW) is None
    return follower


def make_follower(tmp_path):
    return FactFollower([PaperPrinted], path=tmp_path / "pages" / "followed")


def announce(number, *, at=NOW, name="PaperPrinted"):
    Fact.objects.create(pk=1000 + number, name=name, payload={"number": number}, announced_at=at)


def test_new_facts_are_read_once_and_in_their_order(follower):
    announce(2)
    announce(1)
    assert follower.read_new(now=NOW) == [PaperPrinted(1), PaperPrinted(2)]
    assert follower.read_new(now=NOW) == []
    announce(3)
    assert follower.read_new(now=NOW) == [PaperPrinted(3)]


def test_one_whose_number_is_lower_and_that_became_visible_later_is_read(follower):
    announce(1)
    announce(3)
    assert len(follower.read_new(now=NOW)) == 2
    announce(2)
    assert follower.read_new(now=NOW + SETTLED / 2) == [PaperPrinted(2)]


def test_whoever_goes_on_misses_nothing_and_begins_where_all_was_settled(follower, tmp_path):
    announce(1)
    announce(2, at=NOW + SETTLED)
    assert len(follower.read_new(now=NOW + SETTLED + timedelta(seconds=1))) == 2
    announce(3, at=NOW + SETTLED)
    again = make_follower(tmp_path)
    assert again.read_new(now=NOW + SETTLED) == [PaperPrinted(2), PaperPrinted(3)]


def test_who_was_away_until_facts_were_forgotten_may_have_missed_some(follower, tmp_path):
    announce(1)
    follower.read_new(now=NOW + 2 * SETTLED)
    Fact.objects.all().delete()
    announce(2, at=NOW + timedelta(days=8))
    again = make_follower(tmp_path)
    assert again.read_new(now=NOW + timedelta(days=8)) is None
    announce(3, at=NOW + timedelta(days=8))
    assert PaperPrinted(3) in again.read_new(now=NOW + timedelta(days=8))


def test_a_damaged_note_is_as_none(follower, tmp_path):
    (tmp_path / "pages" / "followed").write_text("?")
    assert make_follower(tmp_path).read_new(now=NOW) is None


def test_facts_that_this_program_does_not_know_are_passed_over(follower):
    announce(1, name="InkSpilled")
    announce(2)
    assert follower.read_new(now=NOW) == [PaperPrinted(2)]
