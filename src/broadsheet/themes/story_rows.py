"""Stories as rows: read to be compared with an article, and written with what it changed."""

from collections.abc import Collection, Iterable, Sequence

from .addressing import inherit_addresses, leave_addresses, redirect_addresses
from .clustering import Piece, Shared, StoryState, rank_articles, stories_of
from .decided import inherit_decisions, is_decided
from .models import Reading, Story, StoryMember
from .texts import Vector


def find_candidates(
    terms: Vector, shared: Iterable[Shared], *, except_ids: Collection[int] = ()
) -> list[StoryState]:
    """Return the stories of the articles that share most, best first; two queries.

    Neither closed ones nor `except_ids`.
    """
    articles = rank_articles(terms, shared)
    homes = StoryMember.objects.filter(article_id__in=articles, story__is_closed=False)
    story_of = dict(homes.exclude(story__in=except_ids).values_list("article_id", "story_id"))
    wanted = stories_of(articles, story_of)
    stories = Story.objects.in_bulk(wanted)
    return [state_of(stories[pk]) for pk in wanted if pk in stories]


def join(state: StoryState, article_id: int, piece: Piece, *, locale_id: int) -> None:
    """Make an article a member of a story, one with the id 0 being new: it gets its id."""
    assert piece.at is not None, "only what was published has a story"
    state.join(piece)
    state.id = _save(state, locale_id)
    StoryMember.objects.update_or_create(
        article_id=article_id,
        defaults={
            "story_id": state.id,
            "published_at": piece.at,
            "is_headline": piece.is_headline,
        },
    )


def leave(member: StoryMember, terms: Vector, *, forget: bool) -> StoryState | None:
    """Take an article out of its story; return the story, None where nobody is left in it.

    With `forget` an empty story is vacated; its addresses lead to the article.
    """
    story, state, article_id = member.story, state_of(member.story), member.article_id
    member.delete()
    others = list(story.members.order_by("published_at").values_list("published_at", flat=True))
    if not others:
        if forget:
            leave_addresses(story.pk, to_article=article_id)
            _vacate(story.pk)
        return None
    state.leave(Piece(terms, None, member.is_headline), others=others)
    _save(state, story.locale_id)
    return state


def merge(kept: StoryState, others: Sequence[StoryState], *, locale_id: int) -> set[int]:
    """Make `others` part of the story `kept`; return all its members."""
    for other in others:
        kept.take_in(other)
    gone = [other.id for other in others]
    StoryMember.objects.filter(story_id__in=gone).update(story_id=kept.id)
    inherit_addresses(gone, to=kept.id)
    inherit_decisions(gone, to=kept.id)
    Story.objects.filter(pk__in=gone).delete()
    _save(kept, locale_id)
    return set(StoryMember.objects.filter(story_id=kept.id).values_list("pk", flat=True))


def split_off(story: Story, article_ids: Collection[int]) -> Story:
    """Let some of a story's articles be a new one; both say what their articles do.

    What articles said whose readings are forgotten counts no more.
    """
    members = list(story.members.order_by("published_at", "pk"))
    terms = dict(
        Reading.objects.filter(article__story_member__story=story).values_list("pk", "terms")
    )
    new, left = StoryState(id=0), StoryState(id=story.pk)
    for member in members:
        state = new if member.article_id in article_ids else left
        piece = Piece(terms.get(member.article_id, {}), member.published_at, member.is_headline)
        state.join(piece)
    _save(left, story.locale_id)
    new.id = _save(new, story.locale_id)
    story.members.filter(pk__in=article_ids).update(story=new.id)
    return Story.objects.get(pk=new.id)


def replace_story(gone: int, *, by: int) -> None:
    """Let the last article's new story `by` stand for the story `gone`, in which nobody is left."""
    redirect_addresses([gone], to=by)
    _vacate(gone)


def _vacate(story_id: int) -> None:
    """Delete a story in which nobody is left, its addresses leading elsewhere by now.

    One about which the desk decided anything stays, for what it decided.
    """
    if is_decided(story_id):
        Story.objects.filter(pk=story_id).update(slug="", size=0, headlines=0, terms={})
    else:
        Story.objects.filter(pk=story_id).delete()


def state_of(story: Story) -> StoryState:
    """Return a story as it is compared; one in which nobody is left is as a new one."""
    if not story.size:
        return StoryState(id=story.pk)
    return StoryState(
        id=story.pk,
        terms=story.terms,
        size=story.size,
        headlines=story.headlines,
        dated=story.size,
        oldest=story.oldest_at,
        newest=story.newest_at,
        mean=story.mean_at,
    )


def _save(state: StoryState, locale_id: int) -> int:
    assert state.oldest is not None, "every article of the site has its time"
    assert state.newest is not None
    assert state.mean is not None
    told = {
        "locale_id": locale_id,
        "size": state.size,
        "headlines": state.headlines,
        "oldest_at": state.oldest,
        "newest_at": state.newest,
        "mean_at": state.mean,
        "terms": state.terms,
    }
    # Address, headline and summary are no part of the state: they stay.
    if state.id and Story.objects.filter(pk=state.id).update(**told):
        return state.id
    return int(Story.objects.create(pk=state.id or None, **told).pk)
