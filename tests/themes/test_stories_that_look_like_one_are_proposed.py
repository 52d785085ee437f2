"""Articles never bring two stories together by themselves: the desk is asked, once."""

import pytest
from django.utils import timezone
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH

from broadsheet.themes import likenesses, proposing
from broadsheet.themes.deciding import By, CannotDecideError, keep_stories_apart, split
from broadsheet.themes.models import Story, StoryMember, StoryProposal
from broadsheet.themes.rebuilding import rebuild_stories
from broadsheet.themes.relating import forget_article

pytestmark = pytest.mark.django_db


def by():
    return By(user="edith", reason="", now=timezone.now())


def home(article):
    return StoryMember.objects.get(pk=article.pk).story_id


def proposed(editions):
    return proposing.list_proposals(editions["en"].pk)


@pytest.fixture
def parted(write):
    """Two stories told alike, of one flood; the desk had parted them, and thought better of it."""
    from broadsheet.themes.models import BarredArticle, PinnedArticle

    one, other = write(*FLOOD[0], hours=9), write(*FLOOD[1], hours=8)
    split(home(one), [other.pk], by=by())
    PinnedArticle.objects.all().delete()
    BarredArticle.objects.all().delete()
    return one, other


@pytest.fixture
def third(parted, write):
    """An article that fits both."""
    return write(FLOOD[0][0], *FLOOD[0][1:], hours=3)


def test_an_article_that_fits_both_stories_is_the_reason(parted, third, editions):
    one, other = parted
    assert home(one) != home(other)
    [found] = proposed(editions)
    assert {found.story_id, found.other_id} == {home(one), home(other)}
    assert found.story_id < found.other_id
    assert found.article_id == third.pk
    assert {found.story_headline, found.other_headline} <= {FLOOD[0][0], FLOOD[1][0]}
    assert likenesses.PROPOSED < found.score <= 1


def test_what_is_not_alike_is_not_proposed(parted, write, editions):
    write(*MATCH, hours=2)
    assert proposed(editions) == []


def test_what_is_accepted_is_one_story(parted, third, editions):
    [found] = proposed(editions)
    kept = proposing.accept(found.id, by=by())
    assert {home(article) for article in (*parted, third)} == {kept}
    assert proposed(editions) == []
    with pytest.raises(CannotDecideError, match="no longer proposed"):
        proposing.accept(found.id, by=by())


def test_what_is_dismissed_is_never_proposed_again(parted, third, write, editions):
    [found] = proposed(editions)
    proposing.dismiss(found.id, by=by())
    write(FLOOD[0][0], *FLOOD[0][1:], hours=2)
    assert proposed(editions) == []
    rebuild_stories(editions["en"].pk, now=timezone.now())
    assert proposed(editions) == []
    assert StoryProposal.objects.get().dismissed_by == "edith"


def test_a_dismissal_goes_on_with_the_story_that_takes_one_in(parted, third, write, editions):
    from broadsheet.themes.deciding import merge

    [found] = proposed(editions)
    proposing.dismiss(found.id, by=by())
    match = home(write(*MATCH, hours=2))
    merge(match, found.story_id, by=by())
    row = StoryProposal.objects.get()
    assert {row.story_id, row.other_id} == {match, found.other_id}
    assert row.dismissed_at is not None


def test_what_is_kept_apart_or_closed_is_not_listed(parted, third, editions):
    [found] = proposed(editions)
    Story.objects.filter(pk=found.story_id).update(is_closed=True)
    assert proposed(editions) == []
    Story.objects.filter(pk=found.story_id).update(is_closed=False)
    assert proposed(editions) == [found]
    keep_stories_apart(found.story_id, found.other_id, by=by())
    assert proposed(editions) == []


def test_it_is_withdrawn_when_it_is_no_longer_so(parted, third, write, editions, monkeypatch):
    assert proposed(editions)
    monkeypatch.setattr(likenesses, "alike", lambda one, other: likenesses.WITHDRAWN - 0.01)
    third.unpublish()
    forget_article(third.pk)
    assert not StoryProposal.objects.exists()


def test_no_edition_has_more_than_so_many(parted, third, write, editions, monkeypatch):
    monkeypatch.setattr(likenesses, "KEPT", 0)
    StoryProposal.objects.all().delete()
    write(FLOOD[0][0], *FLOOD[0][1:], hours=2)
    assert not StoryProposal.objects.exists()
