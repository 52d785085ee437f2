"""On a newsroom's ten days of articles, in both languages, links are right and found."""

import pytest
from django.utils import timezone
from tests.themes.demo_stories import pairs_of, publish_stories, sizes

from broadsheet.themes.queries import theme_of
from broadsheet.themes.relating import relate_articles

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["en", "uk"])
def newsroom(editions, request):
    now = timezone.now()
    articles, stories = publish_stories(request.param, now=now)
    assert sizes(stories)
    relate_articles([article.pk for article in articles], now=now)
    return articles, stories


def test_the_articles_of_a_story_find_each_other_and_little_else(newsroom):
    articles, stories = newsroom
    pairs = pairs_of(stories, theme_of)
    headlines = {article.pk: article.headline for article in articles}
    wrong = [tuple(headlines[pk] for pk in pair) for pair in pairs.linked - pairs.given]
    missed = [tuple(headlines[pk] for pk in pair) for pair in pairs.given - pairs.linked]
    assert pairs.precision >= 0.95, wrong
    assert pairs.recall >= 0.8, missed
