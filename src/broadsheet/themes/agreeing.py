"""An article and its translations are of one story, whichever was published first.

Stories are of one edition each; two of different editions are one story told in two languages where
an article of the one is a translation of an article of the other. So a translation is placed by what it
translates, before its words are asked; stories that became one in one edition become one in the
others; and who moves takes its translations along. What the desk decided holds all the same.

Each function is for use in the transaction that changes the story.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from broadsheet.articles.models import Article

from .addressing import settle_address
from .clustering import Piece, StoryState
from .decided import may_be_one, ruling_on
from .models import Reading, Story, StoryMember
from .story_rows import join, leave, merge, state_of

#: From one story to its translations, to theirs, and so on: so often at most.
ROUNDS = 4


def story_by_translation(
    article_id: int, *, locale_id: int, except_ids: Collection[int] = ()
) -> int | None:
    """Return the story of an edition that tells what a translation of the article is a part of.

    None where no translation has a story, or nothing else of it is told there; neither a closed one nor
    `except_ids`. The story of most translations is returned, the older one in a tie.
    """
    stories = [member.story_id for member in _translations(article_id)]
    if not stories:
        return None
    keys = _keys_of(stories) - set(_keys(Article.objects.filter(pk=article_id)))
    return _most_told(keys, locale_id=locale_id, except_ids=except_ids)


def agree_on(story_id: int) -> set[int]:
    """Make one, in each edition, the stories that tell one story; return whose story changed.

    Those stay apart of which the desk decided so.
    """
    moved: set[int] = set()
    for _ in range(ROUNDS):
        by_locale = _told_alike(story_id)
        merged = {pk for stories in by_locale.values() for pk in _merge(stories)}
        moved |= merged
        if not merged or not Story.objects.filter(pk=story_id).exists():
            break
    return moved


def take_translations_along(article_ids: Collection[int], *, to: int) -> set[int]:
    """Let the translations of articles follow them into the story `to`; return whose story changed.

    They go to the story that tells it in their edition, else to one of their own together. Those stay
    that are there already, whom the desk pinned, or whose words are forgotten.
    """
    stays = _keys_of([to]) - set(_keys(Article.objects.filter(pk__in=article_ids)))
    beside: dict[int, list[StoryMember]] = defaultdict(list)
    for pk in article_ids:
        for member in _translations(pk):
            beside[member.story_id].append(member)
    changed: set[int] = set()
    for story_id, movers in beside.items():
        rest = StoryMember.objects.filter(story=story_id).exclude(pk__in=[one.pk for one in movers])
        if rest.exists() and not rest.filter(article__translation_key__in=stays).exists():
            changed |= _move(movers, stays)
    return changed


def _move(movers: Sequence[StoryMember], keys: Collection[UUID]) -> set[int]:
    left, changed = movers[0].story, set[int]()
    story = StoryState(id=0)
    for member in movers:
        ruling = ruling_on(member.article_id)
        reading = Reading.objects.filter(pk=member.article_id).first()
        if ruling.pinned_to is not None or reading is None:
            continue
        if not story.id:
            barred = {left.pk, *ruling.barred_from}
            home = _most_told(keys, locale_id=left.locale_id, except_ids=barred)
            story = state_of(Story.objects.get(pk=home)) if home is not None else story
        piece = Piece(reading.terms, member.published_at, member.is_headline)
        leave(StoryMember.objects.get(pk=member.pk), reading.terms, forget=False)
        join(story, member.article_id, piece, locale_id=left.locale_id)
        changed.add(member.article_id)
    if changed:
        settle_address(story.id)
        changed |= set(_members_of([left.pk, story.id]))
    return changed


def _translations(article_id: int) -> list[StoryMember]:
    """The translations of an article that have a story, by age."""
    keys = Article.objects.filter(pk=article_id).values("translation_key")
    found = StoryMember.objects.filter(article__translation_key__in=keys, article__live=True)
    return list(found.exclude(pk=article_id).select_related("story").order_by("pk"))


def _most_told(
    keys: Collection[UUID], *, locale_id: int, except_ids: Collection[int]
) -> int | None:
    """The story of an edition that most articles with these translation keys are in."""
    told = StoryMember.objects.filter(
        article__translation_key__in=keys, article__locale_id=locale_id, article__live=True
    )
    told = told.filter(story__is_closed=False).exclude(story__in=except_ids)
    homes = Counter(told.values_list("story_id", flat=True))
    return min(homes, key=lambda story_id: (-homes[story_id], story_id), default=None)


def _keys_of(story_ids: Iterable[int]) -> set[UUID]:
    return set(_keys(Article.objects.filter(story_member__story__in=list(story_ids), live=True)))


def _keys(articles: "QuerySet[Article]") -> Iterable[UUID]:
    return articles.values_list("translation_key", flat=True)


def _members_of(story_ids: Collection[int]) -> Iterable[int]:
    return StoryMember.objects.filter(story__in=story_ids).values_list("pk", flat=True)


def _told_alike(story_id: int) -> dict[int, list[int]]:
    """The stories that tell what a story does, by edition, itself among them."""
    by_locale: dict[int, set[int]] = {}
    seen, new = set[int](), {story_id}
    for _ in range(ROUNDS):
        if not new:
            break
        seen |= new
        told = Article.objects.filter(translation_key__in=_keys_of(new), live=True)
        rows = set(
            told.exclude(story_member=None).values_list("locale_id", "story_member__story_id")
        )
        for locale_id, pk in rows:
            by_locale.setdefault(locale_id, set()).add(pk)
        new = {pk for _, pk in rows} - seen
    return {locale_id: sorted(stories) for locale_id, stories in by_locale.items()}


def _merge(story_ids: Collection[int]) -> set[int]:
    """Make stories of one edition one, the largest staying; return all who are in it then."""
    if len(story_ids) < 2:  # noqa: PLR2004 - a pair
        return set()
    stories = sorted(Story.objects.filter(pk__in=story_ids), key=lambda one: (-one.size, one.pk))
    kept, moved = stories[0], set[int]()
    for other in stories[1:]:
        if may_be_one([kept.pk, other.pk]):
            kept.refresh_from_db()
            moved |= merge(state_of(kept), [state_of(other)], locale_id=kept.locale_id)
    if moved:
        settle_address(kept.pk)
    return moved
