"""Which story an article continues, by its words and its time.

The score is a logistic function of four numbers: the cosine of the article and the sum of the
story's vectors, and how near the article is in time to the story's newest, oldest and mean
moment. Weights and method: docs/explanation/themes.md.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .models import Story, StoryMember
from .postings import Shared
from .texts import TERMS_KEPT, cosine

#: A story takes nothing up that is farther than this from its members.
STORY_WINDOW = timedelta(days=14)
#: The fitted weights of the measured method ("base" with five-letter stems).
COSINE, NEWEST, OLDEST, MEAN, CONSTANT = 14.35, 3.60, 2.84, 3.05, -14.13
DAYS_SQUARED = 18.0  # twice the square of three days
#: Above this an article joins. 0.15 finds most on a newsroom of many beats, 0.30 on one of one
#: beat; 0.20 keeps pairwise precision in a dense stream and costs little elsewhere.
JOIN_THRESHOLD = 0.20

CANDIDATE_TERMS = 25
CANDIDATE_ARTICLES = 40
CANDIDATE_STORIES = 12
STORY_TERMS_KEPT = 250
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an article fits a story: a probability, 0.0–1.0."""

    story: Story
    score: float


def heaviest(terms: Mapping[str, float]) -> dict[str, float]:
    """The terms by which candidates are found; `terms` come heaviest first."""
    return dict(list(terms.items())[:CANDIDATE_TERMS])


def find_story(
    terms: Mapping[str, float],
    shared: Iterable[Shared],
    *,
    published_at: datetime,
    except_id: int | None = None,
    threshold: float = JOIN_THRESHOLD,
) -> Fit | None:
    """Return the story that the article fits best, None where none fits well enough."""
    fits = [
        Fit(story, fit_of(terms, story, published_at=published_at))
        for story in _candidates(terms, shared)
        if story.pk != except_id and abs(_nearest(story, published_at)) <= STORY_WINDOW
    ]
    best = max(fits, key=lambda fit: (fit.score, -fit.story.pk), default=None)
    return best if best is not None and best.score > threshold else None


def fit_of(terms: Mapping[str, float], story: Story, *, published_at: datetime) -> float:
    """Return the probability that an article of these terms and time continues `story`."""
    logit = (
        COSINE * cosine(terms, story.terms)
        + NEWEST * _nearness(published_at, story.newest_at)
        + OLDEST * _nearness(published_at, story.oldest_at)
        + MEAN * _nearness(published_at, story.mean_at)
        + CONSTANT
    )
    return 1 / (1 + math.exp(-logit))


def _nearness(one: datetime, other: datetime) -> float:
    days = (one - other).total_seconds() / SECONDS_A_DAY
    return math.exp(-days * days / DAYS_SQUARED)


def _nearest(story: Story, moment: datetime) -> timedelta:
    if story.oldest_at <= moment <= story.newest_at:
        return timedelta(0)
    return min(abs(moment - story.oldest_at), abs(moment - story.newest_at))


def _candidates(terms: Mapping[str, float], shared: Iterable[Shared]) -> list[Story]:
    """The stories of the articles that share most, best first; two queries."""
    partial: dict[int, float] = defaultdict(float)
    for found in shared:
        partial[found.article_id] += terms.get(found.term, 0.0) * found.weight
    articles = sorted(partial, key=lambda pk: (-partial[pk], pk))[:CANDIDATE_ARTICLES]
    story_of = dict(
        StoryMember.objects.filter(article_id__in=articles).values_list("article_id", "story_id")
    )
    ranked = dict.fromkeys(story_of[pk] for pk in articles if pk in story_of)
    stories = Story.objects.in_bulk(list(ranked)[:CANDIDATE_STORIES])
    return [stories[pk] for pk in ranked if pk in stories]


def begin_story(locale_id: int, published_at: datetime) -> Story:
    """Return a story without members; `join_story` saves it."""
    return Story(
        locale_id=locale_id,
        oldest_at=published_at,
        newest_at=published_at,
        mean_at=published_at,
    )


def join_story(
    story: Story, article_id: int, terms: Mapping[str, float], *, published_at: datetime
) -> None:
    """Make an article a member of `story` and add what it says."""
    story.mean_at += (published_at - story.mean_at) / (story.size + 1)
    story.size += 1
    story.oldest_at = min(story.oldest_at, published_at)
    story.newest_at = max(story.newest_at, published_at)
    story.terms = _add(story.terms, terms, times=1)
    story.save()
    StoryMember.objects.update_or_create(
        article_id=article_id, defaults={"story": story, "published_at": published_at}
    )


def leave_story(member: StoryMember, terms: Mapping[str, float], *, forget: bool) -> Story | None:
    """Take an article out of its story; return the story, None where nobody is left in it.

    With `forget` an empty story is deleted.
    """
    story = member.story
    member.delete()
    others = list(story.members.order_by("published_at").values_list("published_at", flat=True))
    if not others:
        if forget:
            story.delete()
        return None
    story.size = len(others)
    story.oldest_at, story.newest_at = others[0], others[-1]
    total = sum((moment - others[0] for moment in others), timedelta(0))
    story.mean_at = others[0] + total / len(others)
    story.terms = _add(story.terms, terms, times=-1)
    story.save()
    return story


def _add(one: Mapping[str, float], other: Mapping[str, float], *, times: int) -> dict[str, float]:
    total = dict(one)
    for term, weight in other.items():
        total[term] = round(total.get(term, 0.0) + times * weight, 5)
    if len(total) <= TERMS_KEPT:
        return total
    kept = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:STORY_TERMS_KEPT]
    return {term: weight for term, weight in kept if weight > 0}
