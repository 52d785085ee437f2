"""Drafts, embargoed and withdrawn articles are in nobody's theme; what changes moves."""

import pytest
from django.utils import timezone
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.articles.models import Article
from broadsheet.themes import models
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

TABLES = (
    models.Reading,
    models.Posting,
    models.StoryMember,
    models.Story,
    models.RelatedArticle,
    models.AnnouncedDate,
    models.DocumentFrequency,
)
NAMED = (
    ("Minister Olha Verban opens the bridge of Tarn", "Olha Verban cut the ribbon at noon."),
    ("Court hears Olha Verban on her garden", "The minister Olha Verban spoke for an hour."),
)


def state():
    """All that was learnt, but for keys and the moment of reading."""
    leave_out = {models.Reading: {"read_at"}, models.RelatedArticle: {"id"}}
    found = {}
    for table in TABLES:
        columns = [f.attname for f in table._meta.concrete_fields]
        skipped = leave_out.get(table, set()) | {
            c for c in columns if c == "id" and table is not models.Story
        }
        kept = [c for c in columns if c not in skipped]
        found[table.__name__] = sorted(map(repr, table.objects.values_list(*kept)))
    return found


@pytest.fixture
def flood(write):
    return [write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True)]


def take_down(article, *, is_told=True):
    article.unpublish()
    if is_told:
        on_article_unpublished(ArticleUnpublished(article_id=article.pk))


def test_a_draft_is_related_to_nothing(write, theme):
    live = write(*FLOOD[0])
    draft = write(*FLOOD[1], live=False, is_related=False)
    on_article_published(ArticlePublished(article_id=draft.pk))
    assert theme(live) == {}
    assert not models.Reading.objects.filter(pk=draft.pk).exists()


def test_an_article_under_embargo_is_related_to_nothing(write, theme):
    live = write(*FLOOD[0])
    embargoed = write(
        *FLOOD[1],
        live=False,
        is_related=False,
        go_live_at=timezone.now() + timezone.timedelta(days=1),
    )
    relate_articles([live.pk, embargoed.pk], now=timezone.now())
    assert theme(live) == {}
    assert not models.Reading.objects.filter(pk=embargoed.pk).exists()


@pytest.mark.parametrize("is_told", [True, False], ids=["reaction ran", "reaction still waits"])
def test_an_unpublished_article_is_shown_no_more(flood, theme, is_told):
    one, other = flood
    take_down(other, is_told=is_told)
    assert theme(one) == {}
    assert [entry.article_id for entry in timeline_of(one.pk)] == [one.pk]


@pytest.mark.parametrize("is_told", [True, False], ids=["reaction ran", "reaction still waits"])
def test_an_unpublished_article_leaves_the_themes_of_its_people(write, theme, is_told):
    one, other = (write(*text) for text in NAMED)
    assert set(theme(one)) == {other.pk}
    take_down(other, is_told=is_told)
    assert theme(one) == {}


def test_what_was_learnt_of_an_unpublished_article_is_forgotten(flood):
    for article in flood:
        take_down(article)
    left = {table.__name__: table.objects.count() for table in TABLES}
    del left["DocumentFrequency"]  # counts stay: nobody can be told from them
    assert left == dict.fromkeys(left, 0)


def test_an_article_published_again_comes_back(flood, theme):
    one, other = flood
    take_down(other)
    other.refresh_from_db()
    other.publish(other.save_revision())
    relate_article(other.pk, now=timezone.now())
    assert set(theme(one)) == {other.pk}


def test_facts_that_arrive_late_do_not_undo_the_present(flood, theme):
    one, other = flood
    on_article_unpublished(ArticleUnpublished(article_id=other.pk))  # it is live again meanwhile
    assert set(theme(one)) == {other.pk}
    take_down(other)
    on_article_published(ArticlePublished(article_id=other.pk))  # it is down again meanwhile
    assert theme(one) == {}


def test_a_deleted_article_is_gone_everywhere(flood, theme):
    one, other = flood
    key = other.pk
    other.delete()
    forget_article(key)
    assert theme(one) == {}
    relate_article(one.pk, now=timezone.now())
    assert theme(one) == {}


def test_an_edited_article_moves_to_the_story_that_it_now_tells(flood, write, theme):
    one, other = flood
    lake = write(*OTHER_FLOOD, hours=4)
    other.headline, other.lead = OTHER_FLOOD[:2]
    other.body = [("paragraph", f"<p>{OTHER_FLOOD[2]}</p>")]
    other.publish(other.save_revision())
    relate_article(other.pk, now=timezone.now())
    assert {pk: e.kind for pk, e in theme(lake).items()} == {other.pk: "same_story"}
    assert theme(one) == {}


def test_an_edited_article_stays_in_its_story(flood, write):
    one, _ = flood
    story = models.Story.objects.get(members=one.pk)
    write(*FLOOD[1], hours=1)
    one.lead += " The bridge is closed."
    one.publish(one.save_revision())
    relate_article(one.pk, now=timezone.now())
    assert set(models.StoryMember.objects.values_list("story", flat=True)) == {story.pk}
    assert models.Story.objects.get().size == 3


def test_a_flash_that_becomes_an_article_finds_its_story_anew(write, theme):
    lake = write(*OTHER_FLOOD, hours=4)
    flash = write("Lake Sevel floods the campsites of Karona", hours=5)
    assert set(theme(flash)) == {lake.pk}
    town = write(*FLOOD[0], hours=3)
    flash.headline, flash.lead = FLOOD[1][:2]
    flash.publish(flash.save_revision())
    relate_article(flash.pk, now=timezone.now())
    assert {pk: e.kind for pk, e in theme(flash).items()} == {town.pk: "same_story"}
    assert theme(lake) == {}


def test_an_edit_changes_the_names_of_an_article(write, theme):
    one, other = (write(*text) for text in NAMED)
    other.headline, other.lead, other.body = MATCH[0], MATCH[1], []
    other.publish(other.save_revision())
    relate_article(other.pk, now=timezone.now())
    assert theme(one) == {} == theme(other)


def test_relating_twice_is_relating_once(write):
    keys = [write(*text, is_related=False).pk for text in (*FLOOD, *NAMED, MATCH, OTHER_FLOOD)]
    for key in keys:
        on_article_published(ArticlePublished(article_id=key))
        once = state()
        on_article_published(ArticlePublished(article_id=key))
        assert state() == once


def test_a_batch_related_twice_is_a_batch_related_once(write):
    keys = [write(*text, is_related=False).pk for text in (*FLOOD, *NAMED, MATCH, OTHER_FLOOD)]
    on_articles_imported(ArticlesImported(article_ids=keys))
    once = state()
    on_articles_imported(ArticlesImported(article_ids=keys))
    assert state() == once


def test_a_batch_of_many_steps_is_related_whole(write, theme, monkeypatch):
    monkeypatch.setattr("broadsheet.themes.relating.BATCH", 2)
    monkeypatch.setattr("broadsheet.themes.relating.STEP_SECONDS", 0)  # one article a step
    made = [write(*text, is_related=False) for text in (*FLOOD, MATCH, *NAMED)]
    on_articles_imported(ArticlesImported(article_ids=[article.pk for article in made]))
    assert models.Reading.objects.count() == 5
    assert set(theme(made[0])) == {made[1].pk}
    assert set(theme(made[3])) == {made[4].pk}


def test_old_readings_are_cut_and_links_stay(write, theme):
    now = timezone.now()
    old = [write(*text, hours=24 * 100) for text in NAMED]
    new = write(*MATCH)
    assert forget_old_readings(now=now) == 0  # read just now: an import may still go on
    assert forget_old_readings(now=now + timezone.timedelta(days=3)) == 2
    full = models.Reading.objects.filter(is_brief=False)
    assert set(full.values_list("pk", flat=True)) == {new.pk}
    # Names are posted for good, words are not.
    words = models.Posting.objects.exclude(term__startswith="=")
    assert set(words.values_list("article_id", flat=True)) == {new.pk}
    assert set(theme(old[0])) == {old[1].pk}


def test_a_theme_costs_two_queries_however_many_are_in_it(
    flood, write, django_assert_max_num_queries
):
    for number in range(6):
        write(f"Olha Verban speaks, day {number}", "Olha Verban spoke of bridges and gardens.")
    with django_assert_max_num_queries(2):
        theme_of(flood[0].pk)
    with django_assert_max_num_queries(2):
        timeline_of(flood[0].pk)


def test_relating_asks_the_same_number_of_queries_in_a_fuller_newsroom(
    write, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(text):
        article = write(*text, is_related=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            relate_article(article.pk, now=timezone.now())
        return len(queries)

    first = cost(FLOOD[0])
    for number in range(12):
        write(f"Olha Verban speaks, day {number}", "Olha Verban spoke of bridges and gardens.")
    assert cost(NAMED[0]) <= first + 8
    assert Article.objects.count() == 14
