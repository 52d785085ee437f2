"""Stories that look like one: noted when an article fits both, withdrawn when they no longer do.

Only headlines within a burst bring stories together by themselves (`clustering.find_burst`). What is
noted here waits for the desk (`proposing`). Each function is for use in the transaction that changes
the stories.
"""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from .clustering import Fit, StoryState
from .decided import may_be_one
from .models import Story, StoryProposal
from .story_rows import state_of
from .texts import product_of

#: How alike two stories are to be proposed: the cosine, less for each day between their ends.
PROPOSED = 0.4
#: Under this what was proposed is withdrawn; the gap keeps a pair from coming and going.
WITHDRAWN = 0.3
#: No edition has more open proposals: the weakest go.
KEPT = 100
DAYS_SQUARED = 18.0  # twice the square of three days


def alike(one: StoryState, other: StoryState) -> float:
    """Return how alike two stories are, 0.0–1.0, whichever comes first."""
    if not (one.length and other.length) or one.newest is None or other.newest is None:
        return 0.0
    days = (one.newest - other.newest) / timedelta(days=1)
    near = math.exp(-days * days / DAYS_SQUARED)
    return near * product_of(one.terms, other.terms) / (one.length * other.length)


def note_likenesses(
    article_id: int, story: StoryState, fits: Sequence[Fit], *, locale_id: int, now: datetime
) -> None:
    """Propose the story that an article joined and the others of `fits` that are like it."""
    noted = False
    for fit in fits:
        other = fit.story
        if other.id == story.id or (score := alike(story, other)) <= PROPOSED:
            continue
        first, second = sorted((story.id, other.id))
        pair = StoryProposal.objects.filter(story=first, other=second)
        if pair.update(score=round(score, 4)) or not may_be_one([first, second]):
            continue
        StoryProposal.objects.create(
            story_id=first,
            other_id=second,
            article_id=article_id,
            score=round(score, 4),
            found_at=now,
        )
        noted = True
    if noted:
        _trim(locale_id)


def withdraw_likenesses(story_ids: Collection[int]) -> None:
    """Withdraw what is proposed of stories that changed, where it no longer is so.

    One query where nothing is proposed of them.
    """
    ids = list(story_ids)
    open_ones = StoryProposal.objects.filter(dismissed_at=None)
    for proposal in open_ones.filter(Q(story__in=ids) | Q(other__in=ids)).select_related(
        "story", "other"
    ):
        if alike(state_of(proposal.story), state_of(proposal.other)) < WITHDRAWN:
            proposal.delete()


def _trim(locale_id: int) -> None:
    of_edition = Story.objects.filter(locale_id=locale_id).values("pk")
    rows = StoryProposal.objects.filter(story__in=of_edition, dismissed_at=None)
    beyond = rows.order_by(F("score").desc(), "-pk").values_list("pk", flat=True)[KEPT:]
    StoryProposal.objects.filter(pk__in=list(beyond)).delete()
