"""A newsroom for tests of themes: what is written here is related at once."""

import pytest
from django.utils import timezone
from tests.factories import ArticleFactory

from broadsheet.themes.queries import theme_of
from broadsheet.themes.relating import relate_article


@pytest.fixture
def write(editions):
    """`write("Headline", "Text …", hours=3)`: a live article of that long ago, related."""

    def write(headline, *paragraphs, hours=1.0, now=None, is_related=True, **kwargs):
        now = now or timezone.now()
        article = ArticleFactory(
            headline=headline,
            lead=paragraphs[0] if paragraphs else "",
            body=[
                block if isinstance(block, tuple) else ("paragraph", f"<p>{block}</p>")
                for block in paragraphs[1:]
            ],
            published_at=now - timezone.timedelta(hours=hours),
            **kwargs,
        )
        if is_related:
            relate_article(article.pk, now=now)
        return article

    return write


@pytest.fixture
def theme():
    """`theme(article)`: the ids of its theme, by kind; `theme(article).reasons`."""

    def theme(article, **kwargs):
        return {entry.article_id: entry for entry in theme_of(article.pk, **kwargs)}

    return theme
