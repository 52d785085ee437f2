"""What the desk decides about stories: each act is done at once, recorded, and kept by every later run.

An act changes articles' places, addresses and decisions in one transaction, with the fact that says
whose pages changed. None takes an article out of every story: what leaves one finds another, or
begins its own. Where two decisions speak against each other the later one holds, or is refused.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.articles.models import Article
from broadsheet.outbox.announcing import announce

from .addressing import settle_address
from .agreeing import agree_on, take_translations_along
from .decided import part_stories
from .events import ThemesChanged
from .models import (
    ArticlesApart,
    BarredArticle,
    PinnedArticle,
    StoriesApart,
    Story,
    StoryAct,
    StoryMember,
)
from .queries import headline_of
from .relating import relate_articles
from .story_rows import merge as merge_rows
from .story_rows import split_off, state_of

Kind = StoryAct.Kind
_SUBJECT = 300


class CannotDecideError(ValueError):
    """An act that cannot be done; the message says why, for whoever wanted it."""


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, why and when; `reason` may be empty."""

    user: str
    reason: str
    now: datetime


def pin(article_id: int, story_id: int, *, by: By) -> None:
    """Keep an article in a story, and bring it there if it is elsewhere: whatever it says later.

    One that is not live yet goes there when it is published. Raises `CannotDecideError`.
    """
    with transaction.atomic():
        article, story = _article(article_id), _story(story_id)
        if article.locale_id != story.locale_id:
            raise CannotDecideError(_("Article and story are of different editions."))
        home = _home_of(article_id)
        is_moved = home != story_id
        _pin([article_id], story, by)
        if home is not None and is_moved and len(_members_of([home])) > 1:
            _bar([article_id], home)
        kind = Kind.MOVE if is_moved else Kind.PIN
        _record(kind, story, by, articles=[article_id], subject=article.headline, other_id=home)
        if is_moved:
            _place_again([article_id], by)


def release(article_id: int, *, by: By) -> None:
    """Let an article that is pinned be placed by its words again, when it is published next."""
    with transaction.atomic():
        article = _article(article_id)
        pinned = PinnedArticle.objects.filter(pk=article_id).select_related("story").first()
        if pinned is None:
            raise CannotDecideError(_("The article is not pinned."))
        pinned.delete()
        _record(Kind.RELEASE, pinned.story, by, articles=[article_id], subject=article.headline)


def remove(article_id: int, *, by: By) -> None:
    """Take an article out of its story for good; it joins another that it fits, or begins one.

    Raises `CannotDecideError` where it is alone in it.
    """
    with transaction.atomic():
        article, home = _article(article_id), _home_of(article_id)
        if home is None:
            raise CannotDecideError(_("The article has no story yet."))
        if not StoryMember.objects.filter(story=home).exclude(pk=article_id).exists():
            raise CannotDecideError(_("The article is alone in its story."))
        PinnedArticle.objects.filter(pk=article_id).delete()
        _bar([article_id], home)
        _record(Kind.REMOVE, _story(home), by, articles=[article_id], subject=article.headline)
        _place_again([article_id], by)


def allow(article_id: int, story_id: int, *, by: By) -> None:
    """Let an article that was taken out of a story join it again, when it is published next."""
    with transaction.atomic():
        article, story = _article(article_id), _story(story_id)
        if not BarredArticle.objects.filter(article=article_id, story=story_id).delete()[0]:
            raise CannotDecideError(_("The article may join that story already."))
        _record(Kind.ALLOW, story, by, articles=[article_id], subject=article.headline)


def merge(kept_id: int, other_id: int, *, by: By) -> None:
    """Make the story `other_id` part of `kept_id`, with its addresses and what was decided of it.

    Their articles are one story from now on: all are pinned there. Raises `CannotDecideError`.
    """
    with transaction.atomic():
        kept, other = _story(kept_id), _story(other_id)
        if kept_id == other_id:
            raise CannotDecideError(_("Choose another story."))
        if kept.locale_id != other.locale_id:
            raise CannotDecideError(_("The stories are of different editions."))
        if not (kept.size and other.size):
            raise CannotDecideError(_("There is nothing in one of the stories."))
        if StoriesApart.objects.filter(story=kept_id, other=other_id).exists():
            raise CannotDecideError(_("The stories never show together: end that first."))
        members = _members_of([kept_id, other_id])
        if ArticlesApart.objects.filter(article__in=members, other__in=members).exists():
            raise CannotDecideError(
                _("Some of their articles never show together: end that first.")
            )
        subject = headline_of(other_id)
        BarredArticle.objects.filter(story__in=[kept_id, other_id], article__in=members).delete()
        merge_rows(state_of(kept), [state_of(other)], locale_id=kept.locale_id)
        _pin(members, _story(kept_id), by)
        _record(Kind.MERGE, kept, by, articles=members, subject=subject)
        settle_address(kept_id)
        _announce([*_members_of([kept_id]), *agree_on(kept_id)])


def split(story_id: int, article_ids: Collection[int], *, by: By) -> int:
    """Let articles of a story become a story of their own, for good; return its id.

    They stay there, and those that are left never join them. Raises `CannotDecideError`.
    """
    with transaction.atomic():
        story, members = _story(story_id), _members_of([story_id])
        chosen = [pk for pk in members if pk in set(article_ids)]
        left = [pk for pk in members if pk not in set(article_ids)]
        if not chosen:
            raise CannotDecideError(_("Choose the articles that become a story of their own."))
        if not left:
            raise CannotDecideError(_("Leave at least one article in the story."))
        new = split_off(story, chosen)
        _pin(chosen, new, by)
        _bar(chosen, story_id)
        _bar(left, new.pk)
        subject = headline_of(new.pk)
        _record(Kind.SPLIT, story, by, articles=chosen, subject=subject, other_id=new.pk)
        settle_address(new.pk)
        _announce([*members, *take_translations_along(chosen, to=new.pk)])
        return new.pk


def rename(story_id: int, *, headline: str, summary: str, by: By) -> None:
    """Give a story a headline and a summary; empty ones are taken from its articles again."""
    with transaction.atomic():
        story = _story(story_id)
        story.headline, story.summary = " ".join(headline.split()), summary.strip()
        story.save(update_fields=["headline", "summary"])
        _record(Kind.RENAME, story, by, subject=story.headline)
        _announce(_members_of([story_id]))


def close(story_id: int, *, by: By) -> None:
    """Let a story take up no more articles, but for those that the desk puts there."""
    _set(story_id, Kind.CLOSE, by, is_closed=True)


def reopen(story_id: int, *, by: By) -> None:
    _set(story_id, Kind.REOPEN, by, is_closed=False)


def feature(story_id: int, *, by: By) -> None:
    """Have a story stand among those that its edition points out."""
    _set(story_id, Kind.FEATURE, by, is_featured=True)


def unfeature(story_id: int, *, by: By) -> None:
    _set(story_id, Kind.UNFEATURE, by, is_featured=False)


def keep_stories_apart(story_id: int, other_id: int, *, by: By) -> None:
    """Let two stories never become one, and none show articles of the other under its own."""
    with transaction.atomic():
        story, other = _story(story_id), _story(other_id)
        if story_id == other_id:
            raise CannotDecideError(_("Choose another story."))
        if story.locale_id != other.locale_id:
            raise CannotDecideError(_("Stories of different editions do not show together anyway."))
        part_stories([(story_id, other_id)])
        _record(Kind.APART, story, by, subject=headline_of(other_id), other_id=other_id)
        _announce(_members_of([story_id, other_id]))


def let_stories_together(story_id: int, other_id: int, *, by: By) -> None:
    with transaction.atomic():
        story = _story(story_id)
        ids = [story_id, other_id]
        if not StoriesApart.objects.filter(story__in=ids, other__in=ids).delete()[0]:
            raise CannotDecideError(_("The stories may show together already."))
        _record(Kind.TOGETHER, story, by, subject=headline_of(other_id), other_id=other_id)
        _announce(_members_of(ids))


def keep_articles_apart(article_id: int, other_id: int, *, by: By) -> None:
    """Let two articles never show together; of one story, the first leaves it.

    Raises `CannotDecideError` where both are pinned to one story.
    """
    with transaction.atomic():
        article, other = _article(article_id), _article(other_id)
        if article_id == other_id:
            raise CannotDecideError(_("Choose another article."))
        homes = dict(
            PinnedArticle.objects.filter(pk__in=[article_id, other_id]).values_list(
                "pk", "story_id"
            )
        )
        if len(homes) == 2 and len(set(homes.values())) == 1:  # noqa: PLR2004 - both of them
            raise CannotDecideError(_("Both are pinned to one story: end one of the pins first."))
        ArticlesApart.objects.bulk_create(
            [
                ArticlesApart(article_id=one, other_id=two)
                for one, two in ((article_id, other_id), (other_id, article_id))
            ],
            ignore_conflicts=True,
        )
        for one, two in ((article_id, other_id), (other_id, article_id)):
            if one in homes:
                _bar([two], homes[one])
        home = _home_of(article_id)
        story = None if home is None else _story(home)
        ids = [article_id, other_id]
        _record(
            Kind.APART, story, by, articles=ids, subject=f"{article.headline} / {other.headline}"
        )
        if home is not None and home == _home_of(other_id):
            _place_again([other_id if article_id in homes else article_id], by)
        _announce(ids)


def let_articles_together(article_id: int, other_id: int, *, by: By) -> None:
    with transaction.atomic():
        article, other = _article(article_id), _article(other_id)
        ids = [article_id, other_id]
        if not ArticlesApart.objects.filter(article__in=ids, other__in=ids).delete()[0]:
            raise CannotDecideError(_("The articles may show together already."))
        home = _home_of(article_id)
        _record(
            Kind.TOGETHER,
            None if home is None else _story(home),
            by,
            articles=ids,
            subject=f"{article.headline} / {other.headline}",
        )
        _announce(ids)


def _pin(article_ids: Sequence[int], story: Story, by: By) -> None:
    """Pin articles to a story, and keep out of it whoever never shows together with them."""
    apart = ArticlesApart.objects.filter(article__in=article_ids).values_list("other_id", flat=True)
    unwanted = sorted(set(apart))
    if PinnedArticle.objects.filter(pk__in=unwanted, story=story).exists():
        raise CannotDecideError(
            _("An article that never shows together with it is pinned to that story.")
        )
    PinnedArticle.objects.filter(pk__in=article_ids).delete()
    PinnedArticle.objects.bulk_create(
        [PinnedArticle(article_id=pk, story=story) for pk in article_ids]
    )
    BarredArticle.objects.filter(article__in=article_ids, story=story).delete()
    _bar(unwanted, story.pk)
    there = StoryMember.objects.filter(pk__in=unwanted, story=story)
    _place_again(list(there.values_list("pk", flat=True)), by)


def _bar(article_ids: Iterable[int], story_id: int) -> None:
    BarredArticle.objects.bulk_create(
        [BarredArticle(article_id=pk, story_id=story_id) for pk in article_ids],
        ignore_conflicts=True,
    )


def _set(story_id: int, kind: StoryAct.Kind, by: By, **state: bool) -> None:
    with transaction.atomic():
        story = _story(story_id)
        if not Story.objects.filter(pk=story_id).exclude(**state).update(**state):
            raise CannotDecideError(_("It is so already."))
        _record(kind, story, by)
        _announce(_members_of([story_id]))


def _place_again(article_ids: Sequence[int], by: By) -> None:
    """Place live articles as they are by what was decided; announces whose pages changed."""
    if article_ids:
        relate_articles(list(article_ids), now=by.now)


def _record(
    kind: StoryAct.Kind,
    story: Story | None,
    by: By,
    *,
    articles: Sequence[int] = (),
    subject: str = "",
    other_id: int | None = None,
) -> None:
    StoryAct.objects.create(
        kind=kind,
        story=story,
        other_id=other_id,
        article_ids=list(articles),
        subject=subject[:_SUBJECT],
        reason=by.reason.strip(),
        made_by=by.user,
        made_at=by.now,
    )


def _announce(article_ids: Iterable[int]) -> None:
    if ids := sorted(set(article_ids)):
        announce(ThemesChanged(article_ids=ids))


def _article(article_id: int) -> Article:
    article = Article.objects.filter(pk=article_id).first()
    if article is None:
        raise CannotDecideError(_("The article is no longer there."))
    return article


def _story(story_id: int) -> Story:
    """Return a story, which nobody else decides about until the transaction ends."""
    story = Story.objects.select_for_update().filter(pk=story_id).first()
    if story is None:
        raise CannotDecideError(_("The story is no longer there: it became part of another one."))
    return story


def _home_of(article_id: int) -> int | None:
    return StoryMember.objects.filter(pk=article_id).values_list("story_id", flat=True).first()


def _members_of(story_ids: Collection[int]) -> list[int]:
    members = StoryMember.objects.filter(story__in=story_ids)
    return sorted(members.values_list("pk", flat=True))
