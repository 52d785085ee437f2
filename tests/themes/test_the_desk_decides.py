"""What the desk decides about stories is done at once, recorded, and kept by every later run."""

from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD
from tests.themes.test_headlines_of_a_burst_are_one_story import QUAKE
from tests.themes.test_only_live_articles_are_in_a_theme import NAMED

from broadsheet.articles.models import Article
from broadsheet.outbox.models import Fact
from broadsheet.themes import deciding
from broadsheet.themes.deciding import By, CannotDecideError
from broadsheet.themes.explaining import explain
from broadsheet.themes.models import (
    ArticlesApart,
    BarredArticle,
    PinnedArticle,
    StoriesApart,
    Story,
    StoryAct,
    StoryMember,
)
from broadsheet.themes.queries import find_story, story_slug_of, theme_of
from broadsheet.themes.rebuilding import rebuild_stories
from broadsheet.themes.relating import forget_article, relate_article

pytestmark = pytest.mark.django_db


def by(reason="Because."):
    return By(user="edith", reason=reason, now=timezone.now())


def home(article):
    return StoryMember.objects.get(pk=article.pk).story_id


def told():
    facts = Fact.objects.filter(name="ThemesChanged").values_list("payload", flat=True)
    found = {pk for payload in facts for pk in payload["article_ids"]}
    Fact.objects.all().delete()
    return found


def publish(article, *, headline=None, paragraphs=()):
    article = Article.objects.get(pk=article.pk)
    article.headline = headline or article.headline
    if paragraphs:
        article.lead = paragraphs[0]
        article.body = [("paragraph", f"<p>{text}</p>") for text in paragraphs[1:]]
    article.publish(article.save_revision())
    relate_article(article.pk, now=timezone.now())


def take_down(article):
    Article.objects.get(pk=article.pk).unpublish()
    forget_article(article.pk)


@pytest.fixture
def flood(write):
    return [write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True)]


@pytest.fixture
def lake(write):
    return write(*OTHER_FLOOD, hours=4)


def test_a_moved_article_is_where_it_was_put_whatever_comes(flood, lake, en):
    one, other = flood
    told()
    deciding.pin(lake.pk, home(one), by=by("It is the same rain."))
    assert home(lake) == home(one)
    assert told() == {one.pk, other.pk, lake.pk}
    act = StoryAct.objects.get()
    assert (act.kind, act.made_by, act.reason) == ("move", "edith", "It is the same rain.")
    assert (act.subject, act.article_ids) == (lake.headline, [lake.pk])
    publish(lake, headline=MATCH[0], paragraphs=MATCH[1:])
    assert home(lake) == home(one)
    take_down(lake)
    publish(lake)
    assert home(lake) == home(one)
    rebuild_stories(en.pk, now=timezone.now())
    assert home(lake) == home(one) == home(other)


def test_an_article_that_was_taken_out_never_comes_back(flood, en):
    one, other = flood
    story = home(one)
    told()
    deciding.remove(other.pk, by=by())
    assert home(one) == story != home(other)
    assert told() == {one.pk, other.pk}
    publish(other)
    take_down(other)
    publish(other)
    rebuild_stories(en.pk, now=timezone.now())
    assert home(one) == story != home(other)
    deciding.allow(other.pk, story, by=by())
    rebuild_stories(en.pk, now=timezone.now())
    assert home(one) == home(other)


def test_an_article_alone_in_its_story_cannot_be_taken_out(lake):
    with pytest.raises(CannotDecideError, match="alone"):
        deciding.remove(lake.pk, by=by())
    assert not StoryAct.objects.exists()


def test_merged_stories_stay_one_and_keep_every_address(write, flood, lake, en):
    write(*OTHER_FLOOD, hours=3)
    kept, other = home(flood[0]), home(lake)
    slug, kept_slug = story_slug_of(lake.pk), story_slug_of(flood[0].pk)
    told()
    deciding.merge(kept, other, by=by())
    articles = set(Article.objects.values_list("pk", flat=True))
    assert told() == articles
    for _ in range(2):
        assert {home(one) for one in Article.objects.all()} == {kept}
        assert find_story(en.pk, slug).story.id == find_story(en.pk, kept_slug).story.id == kept
        rebuild_stories(en.pk, now=timezone.now())
    assert Story.objects.get().size == 4


def test_a_split_story_stays_two(write, flood, en):
    write(*FLOOD[1], hours=2)
    one, other = flood
    story, slug = home(one), story_slug_of(one.pk)
    told()
    new = deciding.split(story, [other.pk], by=by())
    third = Article.objects.latest("pk")
    assert told() == {one.pk, other.pk, third.pk}
    for _ in range(2):
        assert (home(one), home(third), home(other)) == (story, story, new)
        rebuild_stories(en.pk, now=timezone.now())
    assert find_story(en.pk, slug).story.id == story
    for wrong in ([], [one.pk, third.pk], [other.pk]):
        with pytest.raises(CannotDecideError):
            deciding.split(story, wrong, by=by())


def test_a_split_story_says_what_its_articles_say(write, flood, lake):
    deciding.pin(lake.pk, home(flood[0]), by=by())
    new = deciding.split(home(lake), [lake.pk], by=by())
    assert Story.objects.get(pk=new).size == 1
    assert home(write(*OTHER_FLOOD, hours=2)) == new
    assert home(write(*FLOOD[0], hours=2)) == home(flood[0])


def test_a_closed_story_takes_up_only_what_the_desk_puts_there(write, flood, lake, en):
    story = home(flood[0])
    deciding.close(story, by=by())
    late = write(*FLOOD[1], hours=1)
    assert home(late) != story
    publish(flood[0])
    assert home(flood[0]) == story
    deciding.pin(lake.pk, story, by=by())
    rebuild_stories(en.pk, now=timezone.now())
    assert home(lake) == home(flood[0]) == story != home(late)
    deciding.reopen(story, by=by())
    with pytest.raises(CannotDecideError, match="already"):
        deciding.reopen(story, by=by())
    assert home(write(*FLOOD[0], hours=1)) == story


def test_stories_apart_are_in_nobodys_theme_and_never_one(write):
    one, other = (write(*text, hours=hours) for text, hours in zip(NAMED, (100, 1), strict=True))
    assert [entry.article_id for entry in theme_of(one.pk)] == [other.pk]
    told()
    deciding.keep_stories_apart(home(one), home(other), by=by())
    assert told() == {one.pk, other.pk}
    relate_article(other.pk, now=timezone.now())
    assert theme_of(one.pk) == theme_of(other.pk) == ()
    with pytest.raises(CannotDecideError, match="never show together"):
        deciding.merge(home(one), home(other), by=by())
    deciding.let_stories_together(home(other), home(one), by=by())
    assert [entry.article_id for entry in theme_of(one.pk)] == [other.pk]


def test_whoever_shows_an_article_that_moved_away_from_a_parted_story_is_told(write, lake):
    one, other = (write(*text, hours=hours) for text, hours in zip(NAMED, (100, 1), strict=True))
    deciding.keep_stories_apart(home(one), home(other), by=by())
    told()
    deciding.pin(other.pk, home(lake), by=by())
    assert [entry.article_id for entry in theme_of(one.pk)] == [other.pk]
    assert one.pk in told()


def test_a_burst_makes_no_parted_stories_one(write):
    write(QUAKE[0], hours=9)
    write(QUAKE[1], hours=8)
    one, other = Story.objects.order_by("pk").values_list("pk", flat=True)
    deciding.keep_stories_apart(one, other, by=by())
    write(QUAKE[2], hours=6)
    assert set(Story.objects.values_list("pk", flat=True)) == {one, other}


def test_articles_apart_share_neither_story_nor_theme(write, flood, en):
    one, other = flood
    deciding.keep_articles_apart(one.pk, other.pk, by=by())
    assert home(one) != home(other)
    named = [write(*text, hours=hours) for text, hours in zip(NAMED, (100, 1), strict=True)]
    deciding.keep_articles_apart(named[0].pk, named[1].pk, by=by())
    rebuild_stories(en.pk, now=timezone.now())
    assert home(one) != home(other)
    assert theme_of(named[0].pk) == theme_of(named[1].pk) == ()
    deciding.let_articles_together(other.pk, one.pk, by=by())
    rebuild_stories(en.pk, now=timezone.now())
    assert home(one) == home(other)


def test_a_decision_is_told_as_the_reason(flood, lake):
    one, other = flood
    deciding.pin(lake.pk, home(one), by=by())
    assert f"The desk pinned {lake.pk} to its story." in explain(one.pk, lake.pk)
    deciding.remove(other.pk, by=by())
    said = f"The desk keeps {other.pk} out of the story of {one.pk}."
    assert said in explain(one.pk, other.pk)
    deciding.keep_articles_apart(one.pk, other.pk, by=by())
    assert "The desk never shows them together." in explain(other.pk, one.pk)


def test_an_edition_is_placed_anew_by_a_command(flood, capsys):
    call_command("themes", "rebuild", "en")
    assert capsys.readouterr().out == "2 articles are placed anew\n"
    assert home(flood[0]) == home(flood[1])
    with pytest.raises(CommandError, match="no edition 'xx'"):
        call_command("themes", "rebuild", "xx")


def test_a_draft_goes_where_it_was_put_when_it_is_published(write, flood):
    draft = write(*MATCH, is_related=False)
    draft.unpublish()
    deciding.pin(draft.pk, home(flood[0]), by=by())
    publish(draft)
    assert home(draft) == home(flood[0])


def test_a_renamed_story_is_called_so_until_it_is_not(flood):
    story = home(flood[0])
    told()
    deciding.rename(story, headline=" Water in  Tarn ", summary="It rose.", by=by())
    found = Story.objects.get(pk=story)
    assert (found.headline, found.summary) == ("Water in Tarn", "It rose.")
    assert told() == {one.pk for one in flood}


def test_what_was_decided_outlives_the_articles(flood, en):
    story = home(flood[0])
    deciding.close(story, by=by())
    for article in flood:
        take_down(article)
    assert Story.objects.get(pk=story).size == 0
    publish(flood[0])
    assert home(flood[0]) != story


ACTS = ("write", "again", "down", "up", "pin", "release", "remove", "merge", "split", "close",
        "reopen", "apart", "articles_apart", "rebuild")  # fmt: skip
TOPICS = (
    ["quake", "lomara", "coast", "tessin", "harbour"],
    ["strike", "bakers", "velden", "wages", "bread"],
    ["ferry", "sula", "island", "captain", "storm"],
)


def act(name, random, write, en):
    """Do something at random; what cannot be decided is refused."""
    live = list(Article.objects.filter(live=True).order_by("pk"))
    stories = list(Story.objects.filter(size__gt=0).order_by("pk").values_list("pk", flat=True))
    text = " ".join(random.sample(random.choice(TOPICS), 4)).capitalize()
    if name == "write" or len(live) < 3:
        write(text, hours=random.random())
        return
    one, other = random.sample(live, 2)
    story, another = random.choice(stories), random.choice(stories)
    down = Article.objects.filter(live=False).order_by("pk").first()
    doing = {
        "again": lambda: publish(one, headline=text),
        "down": lambda: take_down(one),
        "up": lambda: down and publish(down),
        "pin": lambda: deciding.pin(one.pk, story, by=by()),
        "release": lambda: deciding.release(one.pk, by=by()),
        "remove": lambda: deciding.remove(one.pk, by=by()),
        "merge": lambda: deciding.merge(story, another, by=by()),
        "split": lambda: deciding.split(home(one), [one.pk], by=by()),
        "close": lambda: deciding.close(story, by=by()),
        "reopen": lambda: deciding.reopen(story, by=by()),
        "apart": lambda: deciding.keep_stories_apart(story, another, by=by()),
        "articles_apart": lambda: deciding.keep_articles_apart(one.pk, other.pk, by=by()),
        "rebuild": lambda: rebuild_stories(en.pk, now=timezone.now()),
    }
    try:
        doing[name]()
    except CannotDecideError:
        assert name in {"pin", "release", "remove", "merge", "split", "close", "reopen", "apart",
                        "articles_apart"}  # fmt: skip


def check_decisions():
    """Every live article has one story, and everything that was decided is so."""
    homes = dict(StoryMember.objects.values_list("pk", "story_id"))
    assert set(homes) == set(Article.objects.filter(live=True).values_list("pk", flat=True))
    sizes = dict(Story.objects.values_list("pk", "size"))
    assert {pk: size for pk, size in sizes.items() if size} == {
        pk: list(homes.values()).count(pk) for pk in set(homes.values())
    }
    for pk, story_id in PinnedArticle.objects.values_list("pk", "story_id"):
        assert homes.get(pk, story_id) == story_id
    for pk, story_id in BarredArticle.objects.values_list("article_id", "story_id"):
        assert homes.get(pk) != story_id
    for pk, other in ArticlesApart.objects.values_list("article_id", "other_id"):
        assert homes.get(pk) is None or homes[pk] != homes.get(other)
    apart = set(StoriesApart.objects.values_list("story_id", "other_id"))
    assert not any(one == other for one, other in apart)
    for pk, home_id in homes.items():
        for entry in theme_of(pk):
            assert (home_id, homes[entry.article_id]) not in apart


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.sampled_from(ACTS), min_size=12, max_size=25), seed=st.integers(0, 999))
def test_acts_lose_no_article_and_a_rebuild_honours_them(acts, seed, write, en):
    Article.objects.all().delete()
    Story.objects.all().delete()
    random = Random(seed)
    for _ in range(5):
        act("write", random, write, en)
    for name in acts:
        act(name, random, write, en)
        check_decisions()
    rebuild_stories(en.pk, now=timezone.now())
    check_decisions()
