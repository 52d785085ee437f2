"""Headlines alone scatter: what began as two stories becomes one where a headline tells both."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.outbox.models import Fact
from broadsheet.themes.clustering import Fit, Piece, StoryState, find_burst, find_fits
from broadsheet.themes.models import Story, StoryMember

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUAKE = ("Quake shakes Lomara coast", "Tessin harbour damaged", "Lomara coast quake: Tessin harbour damaged")  # fmt: skip


def unit(*terms):
    return dict.fromkeys(terms, round(len(terms) ** -0.5, 5))


def headline(*terms, at=NOON):
    return Piece(unit(*terms), at, is_headline=True)


def story(number, *pieces):
    made = StoryState(id=number)
    for piece in pieces:
        made.join(piece)
    return made


@pytest.fixture
def burst():
    """A headline that tells of both stories, and how well it fits them."""
    one = story(1, headline("quake", "lomar", "coast"))
    other = story(2, headline("tessi", "harbo", "lomar", "quake"))
    piece = headline("quake", "lomar", "coast", "tessi", "harbo")
    fits = find_fits(piece, [one, other])
    assert len(fits) == 2
    fits[0].story.join(piece)
    return piece, fits


def test_the_other_story_is_the_same_one(burst):
    piece, fits = burst
    assert find_burst(piece, fits) == [fits[1].story]


def test_an_article_is_never_the_reason(burst):
    piece, fits = burst
    assert find_burst(replace(piece, is_headline=False), fits) == []


def test_a_story_with_an_article_in_it_stays_as_it_is(burst):
    piece, fits = burst
    fits[1].story.join(Piece(unit("tessi", "harbo"), NOON, is_headline=False))
    assert find_burst(piece, fits) == []


def test_what_was_told_days_apart_is_no_burst(burst):
    piece, fits = burst
    fits[1].story.newest = NOON + timedelta(days=2, seconds=1)
    assert find_burst(piece, fits) == []


def test_two_stories_with_little_in_common_stay_apart():
    joined = story(1, headline("quake", "lomar"))
    far = story(2, headline("baker", "strik", "velde"))
    piece = headline("quake", "lomar")
    assert find_burst(piece, [Fit(joined, 0.9), Fit(far, 0.2)]) == []


def test_one_word_in_common_is_no_story():
    robots = story(1, headline("robot", "airbn", "trips"))
    assert find_fits(headline("robot"), [robots]) == []
    assert find_fits(headline("robot", "trips"), [robots])


@pytest.mark.django_db
def test_on_the_site_all_of_both_are_brought_together(write):
    articles = [write(text, hours=9 - n) for n, text in enumerate(QUAKE[:2])]
    assert StoryMember.objects.values("story").distinct().count() == 2
    Fact.objects.all().delete()
    articles.append(write(QUAKE[2], hours=6))
    [kept] = Story.objects.filter(members__in=[article.pk for article in articles]).distinct()
    assert (kept.size, kept.headlines) == (3, 3)
    assert (kept.oldest_at, kept.newest_at) == (
        articles[0].first_published_at,
        articles[2].first_published_at,
    )
    assert Story.objects.count() == 1
    told = {
        pk
        for fact in Fact.objects.filter(name="ThemesChanged")
        for pk in fact.payload["article_ids"]
    }
    assert told == {article.pk for article in articles}
