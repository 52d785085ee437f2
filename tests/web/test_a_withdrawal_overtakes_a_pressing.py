"""What was withdrawn while its page was being pressed is neither kept nor sent."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test import TestCase
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.articles import publishing
from broadsheet.articles.events import ArticleUnpublished
from broadsheet.articles.models import Article
from broadsheet.outbox.delivering import deliver_facts
from broadsheet.outbox.models import Fact
from broadsheet.project.wiring import REACTIONS
from broadsheet.web.invalidating import close_left, tell_store
from broadsheet.web.pressing import make_page
from broadsheet.web.stored import page_store, press_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def commit():
    return TestCase.captureOnCommitCallbacks(execute=True)


def kill(article):
    publishing.kill(article, notice="It was not true.", now=timezone.now())


def delete(article):
    article.delete()


def unpublish(article):
    article.unpublish()


def held_pressing(address, meanwhile):
    """Press a page; between its gathering and its `put`, once, something happens."""
    happened = []

    def make(asked, version):
        page = make_page(asked, version, now=timezone.now())
        if not happened:
            happened.append(page)
            meanwhile()
        return page

    return page_store().press(address, make)


def shows(page, article):
    return f"article:{article.pk}" in page.tags and page.status == 200


@pytest.mark.parametrize("withdraw", [unpublish, kill, delete])
@pytest.mark.parametrize("where", ["article", "front", "latest", "fragment"])
def test_a_pressing_that_is_held_does_not_bring_it_back(withdraw, where):
    article = ArticleFactory(headline="Minister resigns")
    address = {
        "article": article.get_absolute_url(),
        "front": "/en/",
        "latest": "/en/news/",
        "fragment": "fragment:latest:en",
    }[where]

    def meanwhile():
        with commit():
            withdraw(Article.objects.get(pk=article.pk))

    page = held_pressing(address, meanwhile)
    assert not shows(page, article)
    stored = page_store().get(address)
    assert stored is None or not shows(stored, article)


def test_until_the_commit_it_is_pressed_and_never_kept():
    article = ArticleFactory(headline="Minister resigns")
    address = article.get_absolute_url()
    assert shows(press_page(address), article)
    with TestCase.captureOnCommitCallbacks() as waiting:
        article.unpublish()
        assert page_store().get(address) is None
        # The transaction is open: whoever asks now, on another connection, finds it live.
        Article.objects.filter(pk=article.pk).update(live=True)
        assert shows(press_page(address), article)
        assert page_store().get(address) is None
        Article.objects.filter(pk=article.pk).update(live=False)
    for callback in waiting:
        callback()
    assert page_store().get(address) is None
    assert press_page(address).status == 404


def test_a_desk_that_ends_at_its_commit_leaves_nothing_to_be_served():
    article = ArticleFactory(headline="Minister resigns")
    front = press_page("/en/")
    with TestCase.captureOnCommitCallbacks():  # what was to follow the commit never runs
        article.unpublish()
    connections["default"].run_on_commit = []
    assert shows(front, article)
    assert page_store().get("/en/") is None
    # It is pressed for each reader until the worker hears of it; then it is kept again.
    assert not shows(press_page("/en/"), article)
    while deliver_facts(REACTIONS, now=timezone.now()).facts:
        pass
    press_page("/en/")
    assert not shows(page_store().get("/en/"), article)


def test_a_change_that_was_undone_costs_pressings_and_is_closed():
    article = ArticleFactory(headline="Minister stays")
    Fact.objects.all().delete()
    press_page("/en/")
    with TestCase.captureOnCommitCallbacks():
        tell_store([ArticleUnpublished(article_id=article.pk)])
    connections["default"].run_on_commit = []  # as after a rollback
    assert page_store().get("/en/") is None
    press_page("/en/")
    assert page_store().get("/en/") is None
    close_left(timezone.now())
    assert page_store().get("/en/") is None  # it may still be under way
    assert close_left(timezone.now() + timedelta(seconds=31))
    press_page("/en/")
    assert shows(page_store().get("/en/"), article)


def test_what_is_under_embargo_is_as_if_it_did_not_exist():
    article = ArticleFactory(
        headline="Budget agreed",
        scheduled=True,
        go_live_at=timezone.now() + timedelta(hours=1),
        live=False,
    )
    assert press_page(article.get_absolute_url()).address == "404:en"
    for address in ("/en/", "/en/news/", "fragment:latest:en"):
        assert not shows(press_page(address), article)
