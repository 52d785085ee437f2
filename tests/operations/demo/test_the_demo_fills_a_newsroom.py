"""The whole demo, filled once: what the site, the desk and readership then hold."""

import tomllib
from collections import Counter, defaultdict
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from tests.conftest import both_databases
from tests.operations.demo.conftest import SMALL
from tests.web.pages import find, parse
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision

from broadsheet.articles.models import (
    Article,
    ArticleCorrection,
    ArticleSource,
    AuthorName,
    NewsImage,
    NewsRendition,
    PersonName,
    Quote,
    Section,
    SectionName,
    Source,
    SourceName,
    TagName,
)
from broadsheet.articles.queries import all_editions
from broadsheet.operations.demo.contents import CONTENT, read_newsroom
from broadsheet.operations.demo.filling import fill_newsroom
from broadsheet.operations.demo.publishing import find_published
from broadsheet.outbox.models import Fact, FailedReaction
from broadsheet.readership.models import ArticleCount, DroppedViews
from broadsheet.readership.queries import popular
from broadsheet.readership.recounting import recount
from broadsheet.themes.queries import theme_of
from broadsheet.web.picturing import SPECS

pytestmark = [both_databases, pytest.mark.usefixtures("filled")]
CODES = ("en", "uk")


NEWSROOM = read_newsroom()


def edition_of(code):
    return next(edition for edition in all_editions() if edition.code == code)


def live(code):
    return Article.objects.filter(live=True, locale__language_code=code)


@pytest.mark.parametrize("code", CODES)
def test_an_edition_is_full(code):
    articles = list(live(code))
    kinds = Counter(block.block_type for article in articles for block in article.body)
    assert len(articles) >= 40
    sections = Counter(article.section_id for article in articles)
    assert len(sections) == 8
    assert min(sections.values()) >= 4
    assert kinds["quote"] >= 60
    assert kinds["gallery"] >= 1
    assert kinds["table"] >= 1
    assert kinds["video"] >= 1
    assert kinds["picture"] >= 1
    assert kinds["related"] >= 10
    assert sum(article.is_flash for article in articles) >= 3
    assert sum(article.is_exclusive for article in articles) >= 2
    assert sum(article.bylines.count() == 2 for article in articles) >= 3
    assert ArticleCorrection.objects.filter(article__in=articles).count() >= 2
    roles = ArticleSource.objects.filter(article__in=articles).values_list("role", flat=True)
    assert set(roles) == {"reported", "relayed"}


@pytest.mark.parametrize("code", CODES)
def test_at_least_six_stories_of_three_articles_find_each_other(code):
    """By the site's own relating, which is not told what the files know."""
    ids = {told.key: find_published(told, edition_of(code)).pk for told in NEWSROOM.articles}
    found = 0
    for path in sorted((CONTENT / "stories").glob("*.toml")):
        keys = [one["key"] for one in tomllib.loads(path.read_text("utf-8"))["articles"]]
        members = {ids[key] for key in keys}
        related = [pk for pk in members if {e.article_id for e in theme_of(pk)} & members]
        found += len(related) >= 3
    assert found >= 6


@pytest.mark.parametrize("code", CODES)
def test_it_lies_in_the_last_ten_days_and_says_what_was_updated(code, filled):
    for article in live(code):
        assert filled - timedelta(days=10) <= article.first_published_at < filled
        assert article.first_published_at <= article.last_published_at < filled
    updated = [a for a in live(code) if a.last_published_at > a.first_published_at]
    assert len(updated) >= 8
    days = {article.first_published_at.date() for article in live(code)}
    assert len(days) >= 9


def test_every_article_is_linked_to_its_translation():
    keys = defaultdict(set)
    for key, code in Article.objects.values_list("translation_key", "locale__language_code"):
        keys[key].add(code)
    assert {frozenset(codes) for codes in keys.values()} == {frozenset(CODES)}


def test_no_record_is_without_a_name_in_an_edition():
    for names in (SectionName, PersonName, TagName, SourceName, AuthorName):
        codes = defaultdict(set)
        for name in names.objects.select_related("edition__locale"):
            assert name.name
            assert name.slug
            codes[name.owner_id].add(name.edition.code)
        assert {frozenset(found) for found in codes.values()} == {frozenset(CODES)}, names


def test_sections_stand_in_the_order_of_the_file():
    order = [section.label for section in Section.objects.order_by("position")]
    assert order == [r.names["en"]["name"] for r in NEWSROOM.records["sections"].values()]


def test_the_desk_has_revisions_and_a_history_of_those_days(filled):
    updated = [told.key for told in NEWSROOM.articles if told.updated_hours_ago]
    assert Revision.objects.count() == 2 * (len(NEWSROOM.articles) + len(updated))
    for article in Article.objects.all():
        revisions = list(article.revisions.order_by("created_at"))
        assert revisions[0].created_at == article.first_published_at
        assert revisions[-1].created_at == article.last_published_at
        assert article.live_revision == article.latest_revision == revisions[-1]
        assert not article.has_unpublished_changes
        assert {r.user for r in revisions} == {article.bylines.first().author.user}
    assert ModelLogEntry.objects.count() == Revision.objects.count()
    assert not ModelLogEntry.objects.filter(timestamp__gte=filled).exists()


def test_nobody_can_log_in_as_an_author():
    users = get_user_model().objects.all()
    assert {user.get_full_name() for user in users} == {
        record.names["en"]["name"] for record in NEWSROOM.records["authors"].values()
    }
    assert not any(user.has_usable_password() or user.is_staff for user in users)


def test_an_update_brought_something():
    for article in Article.objects.exclude(latest_revision=None):
        contents = [r.as_object() for r in article.revisions.order_by("created_at")]
        if len(contents) > 1:
            first, last = contents
            assert (len(first.body), first.corrections.count()) != (
                len(last.body),
                last.corrections.count(),
            )


def test_every_picture_is_drawn_once_and_ready_in_all_sizes():
    scenes = NEWSROOM.scenes
    assert NewsImage.objects.count() == len(scenes)
    assert NewsRendition.objects.count() == len(scenes) * len(SPECS)
    assert {(image.width, image.height) for image in NewsImage.objects.all()} == {(160, 90)}
    used = ReferenceIndex.objects.filter(to_object_id__isnull=False).count()
    assert used > 0


def test_every_fact_was_delivered_and_nothing_failed():
    assert Fact.objects.exists()
    assert not Fact.objects.filter(delivered_at=None).exists()
    assert not FailedReaction.objects.exists()


def test_its_numbers_are_what_the_log_says(filled):
    found = recount(now=filled)
    assert found.records > 10_000
    assert found.differences == []
    assert ArticleCount.objects.filter(total__gt=0, is_live=True).count() == Article.objects.count()
    assert DroppedViews.objects.filter(verdict="robot:bot").exists()


@pytest.mark.parametrize("code", CODES)
def test_popular_is_full_and_differs_by_window(code, filled):
    edition = edition_of(code)
    lists = {
        window: popular(edition.pk, window=window, limit=10, now=filled)
        for window in ("hour", "day", "week")
    }
    assert {window: found.window for window, found in lists.items()} == {
        window: window for window in lists
    }
    assert all(len(found.article_ids) == 10 for found in lists.values())
    assert len({found.article_ids for found in lists.values()}) == 3
    for section in Section.objects.exclude(names__slug="news"):
        found = popular(edition.pk, section_id=section.pk, window="week", now=filled)
        assert found.window == "week"
        assert len(found.article_ids) >= 5


def test_a_second_run_changes_nothing_and_keeps_the_desks_edits(filled):
    article = live("en").first()
    article.headline = "Our own headline"
    article.save_revision().publish()
    gone = live("uk").last()
    gone.delete()
    Section.objects.filter(position=2).update(position=50)
    before = counts()
    assert not fill_newsroom(now=filled, tell=lambda _line: None, **SMALL)
    assert counts() == before
    assert live("en").get(pk=article.pk).headline == "Our own headline"
    assert not Article.objects.filter(pk=gone.pk).exists()


def counts():
    models = (Article, Revision, NewsImage, Quote, Section, PersonName, Source, Fact, ArticleCount)
    return [model.objects.count() for model in models]


@pytest.mark.parametrize("code", CODES)
def test_every_page_of_the_site_answers(code, client):
    """Every article, and every page of ours that a page links to."""
    waiting, seen = [f"/{code}/", f"/{code}/popular", f"/{code}/news/"], set()
    waiting += [article.get_absolute_url() for article in live(code)]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "{day" not in answer.content.decode(), path
        if not answer["Content-Type"].startswith("text/html"):  # a feed
            continue
        links = [urlsplit(one.get("href") or "") for one in find(parse(answer), "a")]
        waiting += [
            link.path
            for link in links
            if not link.netloc and link.path.startswith(f"/{code}/") and not link.query
        ]
    kinds = Counter(path.split("/")[2] for path in seen)
    assert kinds["people"] == PersonName.objects.filter(edition__locale__language_code=code).count()
    assert kinds["authors"] == 8
    assert kinds["news"] == live(code).count() + 1
