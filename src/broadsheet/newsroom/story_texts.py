"""What an article says while it is still being written, as themes read it."""

from datetime import datetime

from broadsheet.articles.models import Article, Edition
from broadsheet.themes.reading import ArticleText, text_of


def text_of_saved(article: Article, *, now: datetime) -> ArticleText:
    """Return what an article's last draft says; one that was never published is of `now`."""
    latest = article.get_latest_revision_as_object() if article.latest_revision_id else article
    latest.first_published_at = latest.first_published_at or now
    return text_of(latest)


def text_being_written(
    edition: Edition,
    *,
    article_id: int,
    headline: str,
    text: str,
    published_at: datetime,
    cards: tuple[int, ...],
) -> ArticleText:
    """Return what a form says; `article_id` is 0 for what was never saved."""
    return ArticleText(
        article_id=article_id,
        locale_id=edition.pk,
        headline=headline,
        text=text,
        published_at=published_at,
        day=published_at.astimezone(edition.zone).date(),
        cards=cards,
    )
