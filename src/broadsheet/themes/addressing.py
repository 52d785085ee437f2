"""The addresses of stories: given once, and kept through all that becomes of a story.

Each function is for use in the transaction that changes the story.
"""

from collections.abc import Iterable

from django.db.models import Q

from broadsheet.articles.slugging import free_slug, slug_from

from .languages import language_of
from .models import Story, StorySlug
from .queries import HAS_PAGE_FROM, pieces_of
from .telling import first_to_read, weigh_story


def settle_address(story_id: int) -> bool:
    """Give a story its address if it has two live articles and none yet; return whether it did.

    The address is made from the headline of the moment. One that led here before is taken again.
    """
    story = Story.objects.select_related("locale").filter(pk=story_id, slug="").first()
    if story is None:
        return False
    pieces = pieces_of(story_id)
    if len(pieces) < HAS_PAGE_FROM:
        return False
    code = story.locale.language_code
    language = language_of(code)
    headline = story.headline or (
        first_to_read(pieces, weigh_story(pieces, language), language).headline
    )
    others = StorySlug.objects.filter(locale_id=story.locale_id).exclude(_leads_to(story_id))
    present = Story.objects.filter(locale_id=story.locale_id)
    slug = free_slug(
        slug_from(headline, language=code) or "story",
        lambda slug: present.filter(slug=slug).exists() or others.filter(slug=slug).exists(),
    )
    StorySlug.objects.filter(locale_id=story.locale_id, slug=slug).delete()
    Story.objects.filter(pk=story_id).update(slug=slug)
    return True


def redirect_addresses(gone: Iterable[int], *, to: int) -> None:
    """Let all addresses of the stories `gone`, present and former, lead to the story `to`."""
    gone = list(gone)
    StorySlug.objects.filter(story__in=gone).update(story=to)
    _retire(gone, story_id=to)


def inherit_addresses(gone: Iterable[int], *, to: int) -> None:
    """As `redirect_addresses`, for stories that become one: the one that stays takes over an
    address, a headline and a summary where it has none, those of the oldest first.
    """
    gone = list(gone)
    kept = Story.objects.get(pk=to)
    for story in Story.objects.filter(pk__in=gone).order_by("oldest_at", "pk"):
        if story.slug and not kept.slug:
            kept.slug = story.slug
            Story.objects.filter(pk=story.pk).update(slug="")
        kept.headline = kept.headline or story.headline
        kept.summary = kept.summary or story.summary
    redirect_addresses(gone, to=to)
    kept.save(update_fields=["slug", "headline", "summary"])


def leave_addresses(story_id: int, *, to_article: int) -> None:
    """Let all addresses of a story in which nobody is left lead to the article that left last."""
    StorySlug.objects.filter(story=story_id).update(story=None, article=to_article)
    _retire([story_id], article_id=to_article)


def _retire(
    story_ids: list[int], *, story_id: int | None = None, article_id: int | None = None
) -> None:
    present = Story.objects.filter(pk__in=story_ids).exclude(slug="")
    StorySlug.objects.bulk_create(
        StorySlug(locale_id=locale_id, slug=slug, story_id=story_id, article_id=article_id)
        for locale_id, slug in present.values_list("locale_id", "slug")
    )


def _leads_to(story_id: int) -> Q:
    return Q(story=story_id) | Q(article__story_member__story=story_id)
