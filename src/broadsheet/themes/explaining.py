"""Say in words why two articles are together, or are not: for `broadsheet themes explain`."""

from collections.abc import Mapping
from datetime import timedelta

from broadsheet.articles.models import Article

from .clustering import JOIN_THRESHOLD, Piece, StoryState, fit_of, is_near
from .models import (
    ArticlesApart,
    BarredArticle,
    PinnedArticle,
    Reading,
    RelatedArticle,
    StoryMember,
)
from .texts import cosine

_TERMS_SHOWN = 12


class NotRelatedError(LookupError):
    """An article is not there, or was not read by the worker; the message says which."""


def explain(one_id: int, other_id: int) -> list[str]:
    """Return lines of text about two articles of an edition. Raises `NotRelatedError`."""
    one, other = _find(one_id), _find(other_id)
    lines = [f"{article.pk}: {article.headline}" for article in (one, other)]
    members = StoryMember.objects.in_bulk([one_id, other_id])
    if one.locale_id != other.locale_id:
        return [*lines, *_compare_editions(one, other, members)]
    is_one_story = len({member.story_id for member in members.values()}) == 1
    lines.append(f"One story: {'yes' if is_one_story else 'no'}.")
    lines += _decided(one_id, other_id)
    readings = Reading.objects.in_bulk([one_id, other_id])
    if len(readings) == 2:  # noqa: PLR2004 - the pair
        lines += _compare(readings[one_id], readings[other_id])
    else:
        lines.append("Their words are forgotten: nothing can join them any more.")
    link = RelatedArticle.objects.filter(article_id=one_id, other_id=other_id).first()
    if link is not None:
        lines.append(f"One theme: yes, {link.score:.2f}, by {', '.join(link.names)}.")
    else:
        lines.append("One theme: no link by names.")
    return lines


def _decided(one_id: int, other_id: int) -> list[str]:
    """Say what the desk decided that goes before words and time."""
    ids = [one_id, other_id]
    pinned = PinnedArticle.objects.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
    lines = [f"The desk pinned {pk} to its story." for pk in pinned]
    for pk, other in (ids, ids[::-1]):
        if BarredArticle.objects.filter(article=pk, story__members=other).exists():
            lines.append(f"The desk keeps {pk} out of the story of {other}.")
    if ArticlesApart.objects.filter(article=one_id, other=other_id).exists():
        lines.append("The desk never shows them together.")
    return lines


def _compare(one: Reading, other: Reading) -> list[str]:
    shared = sorted(
        one.terms.keys() & other.terms.keys(), key=lambda term: -one.terms[term] * other.terms[term]
    )
    apart = abs(one.published_at - other.published_at) / timedelta(hours=1)
    most = ", ".join(shared[:_TERMS_SHOWN]) or "none"
    lines = [
        f"Words in common: {len(shared)}, a cosine of {cosine(one.terms, other.terms):.2f}.",
        f"Most of it by {most}.",
        f"Published {apart:.1f} hours apart.",
    ]
    piece, story = Piece(one.terms, one.published_at), StoryState(id=0)
    story.join(Piece(other.terms, other.published_at))
    if not is_near(one.published_at, story):
        return [*lines, "Too far apart in time for one story."]
    fit = fit_of(piece, story)
    return [*lines, f"By themselves they fit by {fit:.2f}; above {JOIN_THRESHOLD} is one story."]


def _compare_editions(
    one: Article, other: Article, members: Mapping[int, StoryMember]
) -> list[str]:
    lines = ["They are of different editions, each of which tells its own story."]
    if one.translation_key == other.translation_key:
        return [*lines, "One story: yes, one article is a translation of the other."]
    ours, theirs = (
        Article.objects.filter(story_member__story=members[article.pk].story_id)
        for article in (one, other)
    )
    if theirs.filter(translation_key__in=ours.values("translation_key")).exists():
        return [*lines, "One story: yes, articles of the one are translations of the other's."]
    return [*lines, "One story: no, nothing in the one is a translation of the other's."]


def _find(article_id: int) -> Article:
    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        raise NotRelatedError(f"There is no article {article_id}")
    if not StoryMember.objects.filter(pk=article_id).exists():
        raise NotRelatedError(
            f"Article {article_id} has no story: it is not live, or the worker has not met it yet"
        )
    return article
