"""Place an edition's archive anew, as if it were published again from its first article on.

For when the rules have changed. A story about which the desk decided anything stays as it is, and
takes up what fits it; all others are made anew. Their addresses lead to wherever their newest article
is then. What is cut short by a stop is done by beginning again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from broadsheet.articles.models import Article

from .addressing import leave_addresses
from .decided import is_decided
from .frequencies import add_frequencies
from .languages import language_of
from .models import DocumentFrequency, Posting, Reading, Story, StoryMember
from .reading import count_held, read_article, text_of
from .relating import BATCH, relate_articles


def rebuild_stories(locale_id: int, *, now: datetime) -> int:
    """Place all live articles of an edition anew, the oldest first; return how many they are.

    Announces whose pages changed as facts that yield to live ones.
    """
    DocumentFrequency.objects.filter(locale_id=locale_id).delete()
    for story_id in list(Story.objects.filter(locale_id=locale_id).values_list("pk", flat=True)):
        _dissolve(story_id)
    live = Article.objects.filter(locale_id=locale_id, live=True)
    ids = list(live.order_by("first_published_at", "pk").values_list("pk", flat=True))
    for batch in _in_batches(ids):
        _count_kept(locale_id, batch)
    for batch in _in_batches(ids):
        relate_articles(batch, now=now, is_bulk=True)
    return len(ids)


def _dissolve(story_id: int) -> None:
    """Forget who is in a story, unless the desk decided about it."""
    with transaction.atomic():
        if is_decided(story_id):
            return
        members = StoryMember.objects.filter(story=story_id)
        newest = members.order_by("-published_at", "-pk").values_list("pk", flat=True)
        ids = list(newest)
        Posting.objects.filter(article__in=ids).delete()
        Reading.objects.filter(pk__in=ids).delete()
        members.delete()
        if ids:
            leave_addresses(story_id, to_article=ids[0])
        Story.objects.filter(pk=story_id).delete()


def _count_kept(locale_id: int, article_ids: Sequence[int]) -> None:
    """Count what those hold that stayed in their story: to their edition they are not new."""
    kept = Article.objects.filter(pk__in=article_ids, story_member__isnull=False)
    read = [
        read_article(text_of(article), language_of(article.locale.language_code))
        for article in kept.select_related("locale__edition")
    ]
    if read:
        with transaction.atomic():
            add_frequencies(locale_id, count_held(read))


def _in_batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
