from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.web.pressing import make_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
PUBLISHED = datetime(2024, 2, 29, 10, tzinfo=UTC)


def press(article, now):
    page = make_page(f"/en/news/{article.slug}", 1, now=now)
    html = b"".join(part for part in page.parts if isinstance(part, bytes)).decode()
    return html, datetime.fromtimestamp(page.fresh_until, tz=UTC)


def test_an_article_is_old_from_its_birthday_on_and_its_page_is_pressed_then():
    article = ArticleFactory(published_at=PUBLISHED)
    html, fresh_until = press(article, PUBLISHED + timedelta(days=300))
    assert 'class="old"' not in html
    assert fresh_until == datetime(2025, 2, 28, 22, tzinfo=UTC)  # 1 March in Kyiv
    html, again = press(article, fresh_until)
    assert "This article is more than a year old" in html
    assert again == datetime(2026, 2, 28, 22, tzinfo=UTC)
    html, _ = press(article, again)
    assert "This article is more than 2 years old" in html


def test_a_new_article_is_not_old(client):
    article = ArticleFactory()
    assert 'class="old"' not in client.get(f"/en/news/{article.slug}").content.decode()
