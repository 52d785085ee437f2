"""A newsroom for tests of themes: what is written here is related at once."""

from uuid import uuid4

import pytest
from django.utils import timezone
from tests.factories import ArticleFactory

from broadsheet.articles.models import Article, SectionName
from broadsheet.articles.publishing import publish_imported
from broadsheet.themes.queries import theme_of
from broadsheet.themes.relating import relate_article


@pytest.fixture
def write(editions):
    """`write("Headline", "Text …", hours=3)`: a live article of that long ago, related."""

    def write(headline, *paragraphs, hours=1.0, now=None, is_related=True, **kwargs):
        now = now or timezone.now()
        contents = {
            "headline": headline,
            "lead": paragraphs[0] if paragraphs else "",
            "body": [
                block if isinstance(block, tuple) else ("paragraph", f"<p>{block}</p>")
                for block in paragraphs[1:]
            ],
        }
        published_at = now - timezone.timedelta(hours=hours)
        if set(kwargs) <= {"edition"}:
            article = _import(contents, editions[kwargs.get("edition", "en")], published_at)
        else:
            article = ArticleFactory(**contents, published_at=published_at, **kwargs)
        if is_related:
            relate_article(article.pk, now=now)
        return article

    return write


def _import(contents, edition, published_at):
    """The quick way in, without revisions."""
    article = Article(
        locale=edition.locale,
        section=SectionName.objects.filter(edition=edition).first().owner,
        slug=uuid4().hex,
        first_published_at=published_at,
        **contents,
    )
    publish_imported([article], now=published_at)
    return Article.objects.get(pk=article.pk)


@pytest.fixture
def theme():
    """`theme(article)`: the ids of its theme, by kind; `theme(article).reasons`."""

    def theme(article, **kwargs):
        return {entry.article_id: entry for entry in theme_of(article.pk, **kwargs)}

    return theme
