"""The two seams through which articles become public, and the ways back.

`publish` is what Wagtail's button, workflow, API and schedule all end in; `publish_imported`
takes a batch. Each writes its fact into the outbox in the transaction of the change. Nothing
hangs on Wagtail's `published` signal, which also fires for what is only scheduled.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils.module_loading import import_string
from wagtail.log_actions import log
from wagtail.models import DraftStateMixin

from broadsheet.outbox.announcing import announce

from .events import ArticlePublished, ArticlesImported, ArticleUnpublished
from .indexing import add_to_search_index
from .models import Article, ArticleSlug, Quote
from .quoting import index_quotes, quotes_in
from .searching.indexing import forget_articles, index_articles
from .slugging import free_slug


class NotReadyToPublishError(ValueError):
    """What `settings.PUBLISHING_CHECK` has against publishing; the message is for the desk."""


class KillNoticeMissingError(ValueError):
    """An article is killed with a notice that says so to its readers."""


def publish(article: Article, revision: Any, **kwargs: Any) -> Any:
    """Publish `revision` of `article`, or schedule it where its go-live time is still to come.

    Takes what `DraftStateMixin.publish` takes. One transaction holds the change, the former
    address where the slug changed, the quotes and `ArticlePublished`; what is only scheduled
    writes no fact. An address that was taken meanwhile gets a number. Raises
    `NotReadyToPublishError`.
    """
    with transaction.atomic():
        import_string(settings.PUBLISHING_CHECK)(article, revision)
        before = _state_of(article.pk)
        _settle_slug(article, revision)
        result = DraftStateMixin.publish(article, revision, **kwargs)
        after = Article.objects.get(pk=article.pk)
        if after.live and after.last_published_at != before["last_published_at"]:
            if before["killed_at"]:
                Article.objects.filter(pk=after.pk).update(killed_at=None, kill_notice="")
            note_moved(after, former_slug=before["slug"], now=after.last_published_at)
            index_quotes([after])
            index_articles([after])
            announce(ArticlePublished(article_id=after.pk))
    return result


def unpublish(article: Article, **kwargs: Any) -> Any:
    """Take a live article down: its address answers 404 from now on."""
    with transaction.atomic():
        was_live = Article.objects.filter(pk=article.pk, live=True).exists()
        result = DraftStateMixin.unpublish(article, **kwargs)
        if was_live:
            _forget(article.pk)
    return result


def kill(article: Article, *, notice: str, now: datetime, user: Any = None) -> None:
    """Withdraw a live article for good: its address answers 410 with `notice`.

    Raises `KillNoticeMissingError` for an empty notice. Publishing it again lifts the kill.
    """
    if not notice.strip():
        raise KillNoticeMissingError("Say to the readers why the article was withdrawn.")
    with transaction.atomic():
        unpublish(article, user=user, log_action=False)
        article.killed_at = now
        article.kill_notice = notice.strip()
        article.save(update_fields=["killed_at", "kill_notice"])
        log(
            instance=article,
            action="broadsheet.kill",
            user=user,
            data={"notice": article.kill_notice},
        )


def delete(article: Article, *args: Any, **kwargs: Any) -> Any:
    """Delete the row; what readers find at its address, if only a notice, goes with it."""
    shown = models.Q(live=True) | models.Q(killed_at__isnull=False)
    with transaction.atomic():
        if Article.objects.filter(shown, pk=article.pk).exists():
            _forget(article.pk)
        return models.Model.delete(article, *args, **kwargs)


def publish_imported(articles: Sequence[Article], *, now: datetime) -> None:
    """Publish new articles as they are: rows, search indexes and one fact for the batch.

    Every article comes unsaved, with slug, locale, section and `first_published_at` set; its
    inline children (bylines, sourcings, tags) stand in its cluster. No revision is made: the
    first edit at the desk makes it. The caller sees to free slugs (`find_taken_slugs`) and
    keeps a batch small enough for a transaction of under 100 ms.
    """
    with transaction.atomic():
        for article in articles:
            article.note_contents()
            article.live = True
            article.last_published_at = article.first_published_at or now
        Article.objects.bulk_create(articles)
        _create_children(articles)
        # New articles have no quotes to replace.
        Quote.objects.bulk_create([quote for article in articles for quote in quotes_in(article)])
        add_to_search_index(Article, articles)
        index_articles(articles)
        announce(ArticlesImported(article_ids=[a.pk for a in articles]), is_bulk=True)


def find_taken_slugs(locale_id: int, slugs: Sequence[str]) -> set[str]:
    """Return which of `slugs` are an article's address in that edition, present or former."""
    taken = Article.objects.filter(locale_id=locale_id, slug__in=slugs)
    former = ArticleSlug.objects.filter(locale_id=locale_id, slug__in=slugs)
    return {*taken.values_list("slug", flat=True), *former.values_list("slug", flat=True)}


def note_moved(article: Article, *, former_slug: str, now: datetime) -> None:
    """Let `former_slug` redirect to the article where its address changed."""
    reclaim_slugs([article])
    if former_slug and former_slug != article.slug:
        ArticleSlug.objects.update_or_create(
            locale_id=article.locale_id,
            slug=former_slug,
            defaults={"article": article, "moved_at": now},
        )


def reclaim_slugs(articles: Sequence[Article]) -> None:
    """End the redirects from addresses at which `articles` now stand themselves."""
    for locale_id in {article.locale_id for article in articles}:
        slugs = [article.slug for article in articles if article.locale_id == locale_id]
        ArticleSlug.objects.filter(locale_id=locale_id, slug__in=slugs).delete()


def _state_of(pk: int) -> dict[str, Any]:
    fields = ("slug", "live", "last_published_at", "killed_at", "first_published_at")
    state = Article.objects.filter(pk=pk).values(*fields).get()
    if state["first_published_at"] is None:
        state["slug"] = ""  # an address that was never public needs no redirect
    return state


def _settle_slug(article: Article, revision: Any) -> None:
    wanted = revision.content.get("slug") or article.slug
    slug = free_slug(wanted, article.is_slug_taken)
    if slug != revision.content.get("slug"):
        revision.content["slug"] = slug
        revision.save(update_fields=["content"])


def _forget(article_id: int) -> None:
    # First said, then done: whoever is told looks at what belongs to the article.
    announce(ArticleUnpublished(article_id=article_id))
    Article.objects.get(pk=article_id).quotes.all().delete()
    forget_articles([article_id])


def _create_children(articles: Sequence[Article]) -> None:
    for relation in ("bylines", "sourcings", "corrections"):
        children = []
        for article in articles:
            if relation not in getattr(article, "_cluster_related_objects", {}):
                continue
            for order, child in enumerate(getattr(article, relation).all()):
                child.article_id = article.pk
                child.sort_order = order
                children.append(child)
        if children:
            type(children[0]).objects.bulk_create(children)
    tagged = Article.tags.through
    tagged.objects.bulk_create(
        [
            tagged(article_id=article.pk, tag_id=tag.pk)
            for article in articles
            if "tags" in getattr(article, "_cluster_related_objects", {})
            for tag in article.tags.all()
        ]
    )
