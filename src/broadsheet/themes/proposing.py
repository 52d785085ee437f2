"""What is proposed to the desk: stories that look like one, to be merged or left apart."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from .deciding import By, CannotDecideError, merge
from .models import StoriesApart, StoryProposal
from .queries import headline_of

LISTED = 50


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two stories that look like one, the older first, with their headlines.

    The reason: `article_id` fitted both, None where it is gone; the stories are alike by `score`,
    0.0–1.0.
    """

    id: int
    story_id: int
    story_headline: str
    other_id: int
    other_headline: str
    article_id: int | None
    score: float
    found_at: datetime


def list_proposals(edition_id: int, *, limit: int = LISTED) -> list[Proposal]:
    """Return what is proposed in an edition, the most alike first.

    Nothing of stories that are closed, empty or kept apart, nor what was dismissed.
    """
    apart = StoriesApart.objects.filter(story=OuterRef("story"), other=OuterRef("other"))
    closed_or_empty = (
        Q(story__is_closed=True) | Q(other__is_closed=True) | Q(story__size=0) | Q(other__size=0)
    )
    rows = (
        StoryProposal.objects.filter(~Exists(apart), story__locale=edition_id, dismissed_at=None)
        .exclude(closed_or_empty)
        .order_by("-score", "pk")[:limit]
    )
    return [
        Proposal(
            id=row.pk,
            story_id=row.story_id,
            story_headline=headline_of(row.story_id),
            other_id=row.other_id,
            other_headline=headline_of(row.other_id),
            article_id=row.article_id,
            score=row.score,
            found_at=row.found_at,
        )
        for row in rows
    ]


def accept(proposal_id: int, *, by: By) -> int:
    """Merge two stories as proposed, into the older one; return its id.

    Raises `CannotDecideError` where that is no longer proposed, or speaks against a decision.
    """
    with transaction.atomic():
        row = _open(proposal_id)
        merge(row.story_id, row.other_id, by=by)
        return row.story_id


def dismiss(proposal_id: int, *, by: By) -> None:
    """Never propose the two again, whatever becomes of them. Raises `CannotDecideError`."""
    with transaction.atomic():
        row = _open(proposal_id)
        row.dismissed_by, row.dismissed_at = by.user, by.now
        row.save(update_fields=["dismissed_by", "dismissed_at"])


def _open(proposal_id: int) -> StoryProposal:
    row = StoryProposal.objects.filter(pk=proposal_id, dismissed_at=None).first()
    if row is None:
        raise CannotDecideError("This is no longer proposed.")
    return row
