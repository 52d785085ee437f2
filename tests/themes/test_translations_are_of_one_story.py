"""An article and its translations are in one story, in whichever order and however they come to be."""

from itertools import permutations

import pytest
from django.utils import timezone
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD

from broadsheet.articles.models import Article
from broadsheet.outbox.models import Fact
from broadsheet.themes import deciding
from broadsheet.themes.deciding import By
from broadsheet.themes.explaining import explain
from broadsheet.themes.models import StoryMember
from broadsheet.themes.queries import counterparts_of
from broadsheet.themes.relating import relate_article, relate_articles

pytestmark = pytest.mark.django_db

# By their words these would never be one story.
DAMBA = ("Дамбу в Тарні прорвало", "Уночі вода залила старе місто, людей вивезли човнами.")
TENTS = ("Двоє співаків приїдуть у липні", "Вони дадуть концерт для тих, хто живе в наметах.")


def place_of(*articles):
    members = StoryMember.objects.in_bulk([article.pk for article in articles])
    return [members[article.pk].story_id for article in articles]


@pytest.fixture
def pairs(write):
    """Two articles of one story, and a translation of each; none is related yet."""
    made = []
    for text, translation, hours in ((FLOOD[0], DAMBA, 9), (FLOOD[1], TENTS, 3)):
        article = write(*text, hours=hours, is_related=False)
        other = write(*translation, hours=hours - 1, edition="uk", is_related=False)
        Article.objects.filter(pk=other.pk).update(translation_key=article.translation_key)
        made += [article, Article.objects.get(pk=other.pk)]
    return made


def act():
    return By(user="Ed", reason="", now=timezone.now())


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_whatever_the_order_of_publishing(pairs, order):
    for number in order:
        relate_article(pairs[number].pk, now=timezone.now())
    one, damba, other, tents = place_of(*pairs)
    assert one == other
    assert damba == tents != one


def test_an_import_of_all_editions_at_once(pairs):
    relate_articles([article.pk for article in pairs], now=timezone.now(), is_bulk=True)
    one, damba, other, tents = place_of(*pairs)
    assert (one, damba) == (other, tents)


@pytest.fixture
def apart(write):
    """Two stories of an edition, and a translation of each as two stories of another."""
    made = []
    for text, translation in ((OTHER_FLOOD, DAMBA), (MATCH, TENTS)):
        article = write(*text)
        other = write(*translation, edition="uk", is_related=False)
        Article.objects.filter(pk=other.pk).update(translation_key=article.translation_key)
        relate_article(other.pk, now=timezone.now())
        made += [article, Article.objects.get(pk=other.pk)]
    assert len(set(place_of(*made))) == 4
    return made


def test_stories_that_the_desk_makes_one_are_one_in_every_edition(apart):
    one, _, other, _ = place_of(*apart)
    deciding.merge(one, other, by=act())
    after = place_of(*apart)
    assert after[0] == after[2]
    assert after[1] == after[3]
    told = Fact.objects.filter(name="ThemesChanged").latest("pk").payload["article_ids"]
    assert set(told) == {article.pk for article in apart}


def test_who_moves_takes_its_translation_along_and_a_decision_holds(pairs):
    relate_articles([article.pk for article in pairs], now=timezone.now())
    story = place_of(pairs[0])[0]
    deciding.remove(pairs[2].pk, by=act())
    one, damba, other, tents = place_of(*pairs)
    assert one == story != other
    assert damba != tents
    for article in pairs:
        relate_article(article.pk, now=timezone.now())
    assert place_of(*pairs) == [one, damba, other, tents]


def test_a_split_is_one_in_every_edition(pairs):
    relate_articles([article.pk for article in pairs], now=timezone.now())
    deciding.split(place_of(pairs[0])[0], [pairs[2].pk], by=act())
    assert len(set(place_of(*pairs))) == 4


def test_what_the_desk_keeps_apart_stays_apart(apart):
    one, damba, other, tents = place_of(*apart)
    deciding.keep_stories_apart(damba, tents, by=act())
    deciding.merge(one, other, by=act())
    assert place_of(*apart)[1::2] == [damba, tents]


def test_counterparts_are_mutual(apart, write):
    english, ukrainian = apart[0], apart[1]
    for article in (english, ukrainian):
        more = write(
            *(OTHER_FLOOD if article is english else DAMBA),
            is_related=False,
            edition=article.locale.language_code,
        )
        deciding.pin(more.pk, place_of(article)[0], by=act())

    def told(article):
        story = place_of(article)[0]
        live = list(StoryMember.objects.filter(story=story).values_list("pk", flat=True))
        return counterparts_of(story, live).slugs

    [slug] = told(english).values()
    assert slug == StoryMember.objects.get(pk=ukrainian.pk).story.slug
    [slug] = told(ukrainian).values()
    assert slug == StoryMember.objects.get(pk=english.pk).story.slug


def test_of_two_stories_that_are_kept_apart_one_has_a_counterpart(apart, write):
    english, _, other, _ = apart
    one, damba, two, tents = place_of(*apart)
    deciding.keep_stories_apart(one, two, by=act())
    deciding.merge(damba, tents, by=act())
    for article, text in ((english, OTHER_FLOOD), (other, MATCH)):
        more = write(*text, is_related=False)
        deciding.pin(more.pk, place_of(article)[0], by=act())
    live = StoryMember.objects.filter(story__in=[one, two])
    slugs = [
        counterparts_of(story, list(live.filter(story=story).values_list("pk", flat=True))).slugs
        for story in (one, two)
    ]
    assert len(slugs[0]) == 1
    assert slugs[1] == {}


def test_it_is_explained(pairs):
    relate_articles([article.pk for article in pairs], now=timezone.now())
    one, damba, _other, tents = pairs
    assert (
        explain(one.pk, damba.pk)[-1]
        == "One story: yes, one article is a translation of the other."
    )
    assert "translations of the other's" in explain(one.pk, tents.pk)[-1]
