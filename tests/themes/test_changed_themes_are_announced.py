"""`ThemesChanged` names every article whose theme or timeline changed, and says nothing else."""

from random import Random

import pytest
from django.db import transaction
from django.utils import timezone
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD
from tests.themes.test_only_live_articles_are_in_a_theme import NAMED

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.articles.models import Article
from broadsheet.outbox.announcing import announce
from broadsheet.outbox.delivering import deliver_facts
from broadsheet.outbox.models import Fact
from broadsheet.themes import relating
from broadsheet.themes.models import RelatedArticle, StoryMember
from broadsheet.themes.queries import theme_of, timeline_of
from broadsheet.themes.relating import (
    forget_article,
    forget_old_readings,
    on_article_published,
    on_article_unpublished,
    on_articles_imported,
    relate_article,
    relate_articles,
)

pytestmark = pytest.mark.django_db

ANNOUNCING = "The council will open the new levee on 1 September 2031."


@pytest.fixture
def told():
    """`told()`: the ids of each new `ThemesChanged`, since it was asked last."""
    seen = 0

    def told(**kwargs):
        nonlocal seen
        facts = Fact.objects.filter(name="ThemesChanged", pk__gt=seen, **kwargs).order_by("pk")
        found = list(facts)
        seen = max([seen, *(fact.pk for fact in found)])
        return [fact.payload["article_ids"] for fact in found]

    return told


def publish(article, *, headline=None, paragraphs=()):
    article.headline = headline or article.headline
    if paragraphs:
        article.lead = paragraphs[0]
        article.body = [("paragraph", f"<p>{text}</p>") for text in paragraphs[1:]]
    article.publish(article.save_revision())
    return Article.objects.get(pk=article.pk)


def shown(article_ids):
    """What readers see of the themes: by article, its thread whole and cut, and its timeline."""
    return {
        pk: (theme_of(pk, limit=100), theme_of(pk, limit=2), timeline_of(pk)) for pk in article_ids
    }


def write_named(write):
    """Two articles of one person, too far apart for one story."""
    return [write(*text, hours=hours) for text, hours in zip(NAMED, (100, 1), strict=True)]


def test_the_first_place_is_told_to_the_whole_story(write, told):
    one = write(*FLOOD[0], hours=9)
    assert told() == [[one.pk]]
    other = write(*FLOOD[1], hours=3)
    assert told() == [[one.pk, other.pk]]
    write(*MATCH)
    assert told() == [[Article.objects.latest("pk").pk]]


def test_a_link_is_told_to_both_sides(write, told):
    one, other = write_named(write)
    assert told() == [[one.pk], [one.pk, other.pk]]
    assert theme_of(one.pk)[0].names == ("Olha Verban",)


def test_relating_again_with_the_same_result_is_not_told(write, told):
    made = [write(*text) for text in (*FLOOD, *NAMED, MATCH)]
    told()
    for article in made:
        relate_article(article.pk, now=timezone.now())
    relate_articles([article.pk for article in made], now=timezone.now())
    assert told() == []


def test_other_names_in_the_reason_are_told(write, told):
    one, other = write_named(write)
    told()
    RelatedArticle.objects.update(names=["Somebody Else"])
    relate_article(other.pk, now=timezone.now())
    assert told() == [[one.pk, other.pk]]


def test_an_announced_date_is_told_to_the_story(write, told):
    one, other = (write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True))
    told()
    publish(other, paragraphs=(*FLOOD[1][1:], ANNOUNCING))
    relate_article(other.pk, now=timezone.now())
    assert told() == [[one.pk, other.pk]]
    assert [entry.text for entry in timeline_of(one.pk)][-1] == ANNOUNCING


def test_a_story_that_is_left_is_told_as_the_one_that_is_joined(write, told):
    lake = write(*OTHER_FLOOD, hours=4)
    one, other = (write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True))
    told()
    publish(other, headline=OTHER_FLOOD[0], paragraphs=OTHER_FLOOD[1:])
    relate_article(other.pk, now=timezone.now())
    assert told() == [sorted([lake.pk, one.pk, other.pk])]


def test_an_article_that_is_forgotten_is_told_once(write, told):
    one, other = (write(*text) for text in FLOOD)
    told()
    other.unpublish()
    forget_article(other.pk)
    assert told() == [[other.pk]]  # to the others it was gone when it was not live
    forget_article(other.pk)
    assert told() == []
    assert theme_of(one.pk) == ()


def test_one_that_comes_back_before_it_is_forgotten_is_told_to_its_neighbours(write, told):
    flood = [write(*text) for text in FLOOD]
    named = write_named(write)
    for one, other in (flood, named):
        other.unpublish()
        told()
        publish(Article.objects.get(pk=other.pk))
        on_article_unpublished(ArticleUnpublished(article_id=other.pk))
        on_article_published(ArticlePublished(article_id=other.pk))
        assert told() == [[one.pk, other.pk]]


def test_a_large_story_is_told_once_each_and_a_batch_in_one_fact(write, told):
    flood = [write(*FLOOD[n % 2], hours=n, is_related=False) for n in range(30)]
    beside = write(*MATCH, is_related=False)
    keys = [article.pk for article in (*flood, beside)]
    relating_seconds = relating.STEP_SECONDS
    relating.STEP_SECONDS = 60
    try:
        relate_articles(keys, now=timezone.now())
    finally:
        relating.STEP_SECONDS = relating_seconds
    assert told() == [sorted(keys)]
    newest = write(*FLOOD[0], hours=0.5)
    assert set(
        StoryMember.objects.filter(story__members=newest.pk).values_list("pk", flat=True)
    ) == {
        *keys[:-1],
        newest.pk,
    }
    assert told() == [sorted([*keys[:-1], newest.pk])]


def test_what_follows_from_an_import_yields_to_live_facts(write, told):
    made = [write(*text, is_related=False) for text in FLOOD]
    on_articles_imported(ArticlesImported(article_ids=[article.pk for article in made]))
    assert not Fact.objects.filter(name="ThemesChanged", is_bulk=False).exists()
    assert {pk for ids in told(is_bulk=True) for pk in ids} == {article.pk for article in made}
    write(*MATCH)
    assert len(told(is_bulk=False)) == 1


def test_a_place_that_is_rolled_back_is_not_told(write, told):
    article = write(*FLOOD[0], is_related=False)
    with transaction.atomic():
        relate_article(article.pk, now=timezone.now())
        assert len(Fact.objects.filter(name="ThemesChanged")) == 1
        transaction.set_rollback(True)
    assert told() == []
    assert not StoryMember.objects.exists()


def test_forgetting_old_readings_changes_no_theme(write, told):
    made = [write(*text, hours=24 * 100).pk for text in NAMED]
    told()
    before = shown(made)
    assert forget_old_readings(now=timezone.now() + timezone.timedelta(days=3)) == 2
    assert (shown(made), told()) == (before, [])


def test_a_fact_without_a_reaction_is_delivered(write):
    with transaction.atomic():
        announce(ArticlePublished(article_id=write(*MATCH).pk))
    done = deliver_facts({}, now=timezone.now())
    assert (done.failed, Fact.objects.filter(delivered_at=None, is_bulk=False).count()) == (0, 0)


TEXTS = (
    *FLOOD,
    (*FLOOD[0], ANNOUNCING),
    (*FLOOD[1], "Residents will return on 3 October 2031.", ANNOUNCING),
    OTHER_FLOOD,
    MATCH,
    *NAMED,
    ("Olha Verban and Mia Toth open the hall of Gorna", "Mia Toth thanked the minister Verban."),
    ("Mia Toth leaves Gorna", "The goalkeeper Mia Toth leaves Gorna for Tarn, Olha Verban said."),
)


class Newsroom:
    """Does what a desk does in any order, and hears of it late, as the worker may."""

    def __init__(self, seed, write):
        self.random = Random(seed)
        self.write = write
        self.ids = []
        self.waiting = []

    def act(self):
        acts = [self.start, self.start, self.retell, self.retell, self.turn, self.turn, self.remove]
        (self.random.choice(acts) if len(self.ids) > 2 else self.start)()

    def start(self):
        hours = self.random.choice([1, 3, 5, 9, 30, 300])
        article = self.write(*self.random.choice(TEXTS), hours=hours, is_related=False)
        self.ids.append(article.pk)
        self.waiting.append(ArticlePublished(article_id=article.pk))

    def retell(self):
        if (article := self._any()) and article.live:
            headline, *paragraphs = self.random.choice(TEXTS)
            publish(article, headline=headline, paragraphs=paragraphs)
            self.waiting.append(ArticlePublished(article_id=article.pk))

    def turn(self):
        """Down, or up again."""
        if (article := self._any()) and article.live:
            article.unpublish()
            self.waiting.append(ArticleUnpublished(article_id=article.pk))
        elif article:
            publish(article)
            self.waiting.append(ArticlePublished(article_id=article.pk))

    def remove(self):
        if self.random.random() < 0.3 and (article := self._any()):
            key, was_live = article.pk, article.live
            article.delete()
            if was_live:
                self.waiting.append(ArticleUnpublished(article_id=key))

    def _any(self):
        return Article.objects.filter(pk=self.random.choice(self.ids)).first()


def react(fact):
    on = {ArticlePublished: on_article_published, ArticleUnpublished: on_article_unpublished}
    on[type(fact)](fact)


@pytest.mark.parametrize("seed", range(4))
def test_whoever_is_shown_something_else_is_named(seed, write, told, monkeypatch):
    monkeypatch.setattr("broadsheet.themes.related.LINKS_KEPT", 2)
    newsroom = Newsroom(seed, write)
    changes = 0
    for _ in range(45):
        newsroom.act()
        while newsroom.waiting and newsroom.random.random() < 0.7:
            fact = newsroom.waiting.pop(0)
            before = shown(newsroom.ids)
            told()
            react(fact)
            after = shown(newsroom.ids)
            changed = {pk for pk in newsroom.ids if before[pk] != after[pk]}
            named = {pk for ids in told() for pk in ids}
            assert changed <= named
            assert len(named) <= len(newsroom.ids)
            changes += len(changed)
            if isinstance(fact, ArticlePublished):
                react(fact)
                assert told() == []
    assert changes > 20


class Kept:
    """Pages that are kept until an article that they show, or `ThemesChanged`, drops them."""

    def __init__(self):
        self.pages = {}

    def open_all(self):
        """Readers open what is live and not kept."""
        self.pages.update(shown(live_ids() - self.pages.keys()))

    def drop(self, article_ids):
        for pk, (whole, _, timeline) in list(self.pages.items()):
            made_from = {pk, *(entry.article_id for entry in (*whole, *timeline))}
            if made_from & set(article_ids):
                del self.pages[pk]

    def drop_pages_of(self, article_ids):
        for pk in article_ids:
            self.pages.pop(pk, None)


def live_ids():
    return set(Article.objects.filter(live=True).values_list("pk", flat=True))


@pytest.mark.parametrize("seed", range(4))
def test_a_page_that_was_kept_is_fresh_once_all_is_delivered(seed, write, told):
    newsroom, kept = Newsroom(100 + seed, write), Kept()

    def deliver():
        fact = newsroom.waiting.pop(0)
        kept.drop([fact.article_id])
        react(fact)
        for ids in told():
            kept.drop_pages_of(ids)
        if newsroom.random.random() < 0.5:
            kept.open_all()

    for _ in range(45):
        newsroom.act()
        if newsroom.random.random() < 0.3:
            kept.open_all()
        while newsroom.waiting and newsroom.random.random() < 0.4:
            deliver()
    while newsroom.waiting:
        deliver()
    stored = {pk: kept.pages[pk] for pk in live_ids() & kept.pages.keys()}
    assert stored == shown(stored)
    assert stored
