"""The same story by text and time: who joins it, who stays apart, and what happens later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from broadsheet.themes.models import Reading, Story, StoryMember
from broadsheet.themes.relating import relate_articles

pytestmark = pytest.mark.django_db

FLOOD = (
    (
        "River Tarn bursts its banks at Oldbridge",
        "The river Tarn burst its banks at Oldbridge in the night, and water stood a metre high in "
        "the market square. Firefighters took two hundred residents out of their flats by boat.",
        "The levee at the sugar mill gave way at three in the morning, said the mayor, Edna Marsh.",
    ),
    (
        "Oldbridge: two hundred residents taken out by boat as the Tarn floods the market square",
        "Firefighters in boats have taken two hundred residents of Oldbridge out of flooded flats. "
        "The levee of the river Tarn at the sugar mill had given way in the night.",
        "Water still stands a metre high in the market square, the mayor, Edna Marsh, said.",
    ),
)
OTHER_FLOOD = (
    "Lake Sevel floods the campsites of Karona",
    "After a week of rain the lake Sevel has flooded the campsites of Karona; tents and caravans "
    "drift on the water. Holidaymakers were brought to the gymnasium of the school.",
    "The harbour master, Ivo Brandt, closed the pier. Nobody was hurt.",
)
MATCH = (
    "Handball: Gorna win the cup after extra time",
    "The handball players of Gorna have won the cup, 31 to 30 after extra time, in a sold-out hall.",
    "Goalkeeper Mia Toth saved a penalty in the last second.",
)
SOUP = (
    "Soup kitchen doubles its opening hours",
    "The soup kitchen behind the railway station will open twice as long from Monday on.",
)


@pytest.fixture
def flood(write):
    first, second = FLOOD
    return write(*first, hours=9), write(*second, hours=3)


def kinds(theme, article):
    return {pk: entry.kind for pk, entry in theme(article).items()}


def test_two_reports_of_one_event_are_one_story(flood, theme):
    one, other = flood
    assert kinds(theme, one) == {other.pk: "same_story"}
    assert kinds(theme, other) == {one.pk: "same_story"}


def test_the_reason_of_the_same_story_needs_no_names(flood, theme):
    one, other = flood
    assert theme(one)[other.pk].names == ()


def test_two_different_floods_stay_apart(flood, write, theme):
    lake = write(*OTHER_FLOOD, hours=4)
    assert theme(lake) == {}
    assert all(lake.pk not in theme(article) for article in flood)


def test_the_same_words_a_month_later_are_another_story(write, theme):
    first = write(*FLOOD[0], hours=24 * 40)
    later = write(*FLOOD[1], hours=3)
    assert "same_story" not in kinds(theme, later).values()
    assert StoryMember.objects.get(pk=first.pk).story != StoryMember.objects.get(pk=later.pk).story


def test_a_story_goes_on_for_as_long_as_it_is_written_about(write):
    now = timezone.now()
    articles = [
        write(*FLOOD[n % 2], hours=24 * days, now=now) for n, days in enumerate((5, 4, 3, 2, 1))
    ]
    assert StoryMember.objects.values("story").distinct().count() == 1
    story = Story.objects.get(members=articles[0].pk)
    assert story.size == 5
    assert story.newest_at - story.oldest_at == timedelta(days=4)


def test_unrelated_news_of_one_day_shares_nothing(write, theme):
    articles = [write(*text) for text in (FLOOD[0], OTHER_FLOOD, MATCH, SOUP)]
    assert [theme(article) for article in articles] == [{}, {}, {}, {}]


def test_the_story_is_shown_newest_first_and_up_to_the_limit(write, theme):
    articles = [write(*FLOOD[n % 2], hours=hours) for n, hours in enumerate((6, 5, 4, 3, 2))]
    expected = [a.pk for a in reversed(articles[1:])]
    assert list(theme(articles[0])) == expected
    assert list(theme(articles[0], limit=2)) == expected[:2]
    assert theme(articles[0], limit=0) == {}


def test_an_article_is_never_in_its_own_theme(flood, theme):
    for article in flood:
        assert article.pk not in theme(article)
        for entry in theme(article).values():
            assert entry.article_id != article.pk


def test_two_reports_join_in_whichever_order_they_arrive(write, theme):
    later = write(*FLOOD[1], hours=3)
    earlier = write(*FLOOD[0], hours=9)
    assert kinds(theme, later) == {earlier.pk: "same_story"}


def test_an_import_is_related_in_the_order_of_its_times(write, theme):
    made = [write(*text, hours=h, is_related=False) for text, h in zip(FLOOD, (9, 3), strict=True)]
    other = write(*MATCH, hours=5, is_related=False)
    relate_articles([made[1].pk, other.pk, made[0].pk], now=timezone.now())
    assert kinds(theme, made[0]) == {made[1].pk: "same_story"}
    assert theme(other) == {}


def test_editions_are_never_mixed(write, theme):
    english = write(*FLOOD[0], hours=3)
    ukrainian = write(*FLOOD[1], hours=3, edition="uk")
    assert theme(english) == {} == theme(ukrainian)
    assert Reading.objects.count() == 2


def test_a_translation_is_not_in_the_theme_of_its_original(write, theme):
    from tests.factories import find_edition

    original = write(*FLOOD[0], hours=3)
    translation = original.copy_for_translation(find_edition("uk").locale)
    translation.save()
    translation.publish(translation.save_revision())
    relate_articles([original.pk, translation.pk], now=timezone.now())
    assert theme(original) == {} == theme(translation)
