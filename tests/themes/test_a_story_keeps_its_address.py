"""A story has an address from its second article on, which leads somewhere whatever becomes of it."""

from random import Random

import pytest
from django.utils import timezone
from tests.themes.test_articles_of_one_story_join import FLOOD, OTHER_FLOOD
from tests.themes.test_headlines_of_a_burst_are_one_story import QUAKE

from broadsheet.articles.models import Article
from broadsheet.outbox.models import Fact
from broadsheet.themes.models import Story, StoryMember, StorySlug
from broadsheet.themes.queries import find_story, story_slug_of
from broadsheet.themes.relating import forget_article, relate_article
from broadsheet.themes.story_rows import merge, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def find(en):
    return lambda slug: find_story(en.pk, slug)


def publish(article, *, headline=None, paragraphs=()):
    article.headline = headline or article.headline
    if paragraphs:
        article.lead = paragraphs[0]
        article.body = [("paragraph", f"<p>{text}</p>") for text in paragraphs[1:]]
    article.publish(article.save_revision())
    relate_article(article.pk, now=timezone.now())


def take_down(article):
    article.unpublish()
    forget_article(article.pk)


def test_the_second_article_gives_a_story_its_address(write, find):
    one = write(*FLOOD[0], hours=9)
    assert story_slug_of(one.pk) == ""
    other = write(*FLOOD[1], hours=3)
    slug = story_slug_of(one.pk)
    assert slug == story_slug_of(other.pk)
    assert slug in {"-".join(text[0].lower().split()) for text in FLOOD}
    assert find(slug).story.slug == slug


def test_only_live_articles_count(write):
    one = write(*FLOOD[0], hours=9)
    one.unpublish()
    other = write(*FLOOD[1], hours=3)
    assert story_slug_of(other.pk) == ""
    Fact.objects.all().delete()
    publish(Article.objects.get(pk=one.pk))
    assert story_slug_of(other.pk)
    # The story is where it was, but its articles are told that it has a page now.
    told = Fact.objects.filter(name="ThemesChanged").values_list("payload", flat=True)
    assert {pk for payload in told for pk in payload["article_ids"]} == {one.pk, other.pk}


def test_an_address_never_changes_by_itself(write):
    one = write(*FLOOD[0], hours=9)
    write(*FLOOD[1], hours=3)
    slug = story_slug_of(one.pk)
    publish(one, headline=f"{FLOOD[0][0]} again")
    write(*FLOOD[0], hours=1)
    assert story_slug_of(one.pk) == slug


def test_two_stories_of_one_headline_have_two_addresses(write):
    for hours in (900, 899, 2, 1):
        write(*FLOOD[0], hours=hours)
    slugs = sorted(Story.objects.values_list("slug", flat=True))
    assert slugs[1] == f"{slugs[0]}-2"


def test_a_headline_of_the_desk_makes_the_address(write):
    one = write(*FLOOD[0], hours=9)
    Story.objects.update(headline="Water in Tarn", summary="It rose.")
    write(*FLOOD[1], hours=3)
    assert story_slug_of(one.pk) == "water-in-tarn"
    story = Story.objects.get()
    assert (story.headline, story.summary) == ("Water in Tarn", "It rose.")


def test_the_address_of_a_merged_story_leads_to_where_its_articles_went(write, find):
    write(QUAKE[0], hours=9)
    write(QUAKE[1], hours=8)
    one, other = Story.objects.order_by("pk")
    Story.objects.filter(pk=one.pk).update(slug="the-quake", headline="The quake")
    Story.objects.filter(pk=other.pk).update(slug="the-harbour", summary="Much was damaged.")
    write(QUAKE[2], hours=6)
    [kept] = Story.objects.all()
    assert kept.slug in {"the-quake", "the-harbour"}
    assert (kept.headline, kept.summary) == ("The quake", "Much was damaged.")
    for slug in ("the-quake", "the-harbour"):
        assert find(slug).story.id == kept.pk


def test_a_burst_takes_over_the_address_that_one_of_it_had(write):
    write(QUAKE[0], hours=9)
    write(QUAKE[1], hours=8)
    for story in Story.objects.all():
        # Whichever is kept, only the other one has an address.
        Story.objects.filter(pk=story.pk).update(slug="" if story.pk % 2 else "the-harbour")
    write(QUAKE[2], hours=6)
    assert Story.objects.get().slug == "the-harbour"
    assert not StorySlug.objects.exists()


def test_the_last_article_of_a_story_takes_its_address_to_the_next(write, find):
    one, other = (write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True))
    lake = write(*OTHER_FLOOD, hours=4)
    slug = story_slug_of(one.pk)
    take_down(other)
    assert find(slug).article_id == one.pk
    publish(one, headline=OTHER_FLOOD[0], paragraphs=OTHER_FLOOD[1:])
    assert story_slug_of(lake.pk) not in {"", slug}
    assert find(slug).story.slug == story_slug_of(lake.pk)


def test_what_comes_back_has_its_address_again(write, find):
    one, other = (write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True))
    slug = story_slug_of(one.pk)
    take_down(one)
    take_down(other)
    assert not Story.objects.exists()
    assert (find(slug).story, find(slug).article_id) == (None, other.pk)
    for article in (one, other):
        publish(Article.objects.get(pk=article.pk))
    assert story_slug_of(one.pk) == slug
    assert not StorySlug.objects.exists()


def test_an_address_that_nobody_had_leads_nowhere(write, find, uk):
    one = write(*FLOOD[0], hours=9)
    write(*FLOOD[1], hours=3)
    assert find("nothing") is None
    assert find("") is None
    assert find_story(uk.pk, story_slug_of(one.pk)) is None


TOPICS = (
    ["quake", "lomara", "coast", "tessin", "harbour"],
    ["strike", "bakers", "velden", "wages", "bread"],
    ["ferry", "sula", "island", "captain", "storm"],
    ["election", "mayor", "gorna", "votes", "recount"],
    ["orchestra", "violin", "prize", "jury", "debut"],
)


def headline(random):
    return " ".join(random.sample(random.choice(TOPICS), 4)).capitalize()


def members_by_slug():
    return {
        story.slug: set(story.members.values_list("pk", flat=True))
        for story in Story.objects.exclude(slug="")
    }


def act(random, write):
    """Another headline, mostly; now and then one is told anew or taken down, or stories merge."""
    live = list(Article.objects.filter(live=True))
    stories = list(Story.objects.all())
    choice = random.random()
    if choice < 0.15 and len(stories) > 1:
        kept, *others = (state_of(story) for story in random.sample(stories, 2))
        merge(kept, others, locale_id=stories[0].locale_id)
    elif choice < 0.8 or len(live) < 3:
        write(headline(random), hours=random.random())
    elif choice < 0.9:
        publish(random.choice(live), headline=headline(random))
    else:
        take_down(random.choice(live))


@pytest.mark.parametrize("seed", range(4))
def test_bursts_lose_no_article_and_no_address(seed, write, find):
    random, held, moved = Random(seed), set(), 0
    for _ in range(60):
        before = members_by_slug()
        act(random, write)
        after = members_by_slug()
        live = set(Article.objects.filter(live=True).values_list("pk", flat=True))
        assert set(StoryMember.objects.values_list("pk", flat=True)) == live
        assert not Story.objects.filter(members=None).exists()
        for slug in before.keys() - after.keys():
            found = find(slug)
            if stayed := before[slug] & live:
                home = StoryMember.objects.filter(story=found.story.id)
                assert stayed & set(home.values_list("pk", flat=True)), slug
                moved += len(stayed) > 1
            else:
                assert found.article_id in before[slug]
        held |= after.keys()
        assert all(find(slug) for slug in held)
        former = StorySlug.objects.values_list("slug", flat=True)
        assert sorted([*after, *former]) == sorted(held)
    assert moved, "no story of several articles became part of another"
