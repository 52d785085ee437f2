import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.newsroom.desk import desk

from broadsheet.articles.models import FailedSchedule

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def home(client):
    response = client.get("/desk/")
    assert response.status_code == 200
    return response.content.decode()


def menu_of(client):
    """The names of the menu's entries in their order, those of submenus too."""
    props = re.search(r'id="wagtail-sidebar-props"[^>]*>(.*?)</script>', home(client), re.DOTALL)
    found = []

    def walk(part):
        if isinstance(part, dict) and "icon_name" in part:
            found.append(part["name"])
        for inner in part.values() if isinstance(part, dict) else part:
            if isinstance(inner, dict | list):
                walk(inner)

    walk(json.loads(props.group(1)))
    return found


def test_ones_own_drafts_come_first_and_only_ones_own(editor, reporter):
    mine, other = (
        ArticleFactory(headline="Mine", draft=True),
        ArticleFactory(headline="Not mine", draft=True),
    )
    mine.save_revision(user=editor.user)
    other.save_revision(user=reporter.user)
    page = home(editor)
    assert "Your drafts" in page
    assert desk("edit", mine.pk) in page
    assert desk("edit", other.pk) not in page


def test_the_latest_of_every_edition_stand_there(editor):
    ArticleFactory(headline="Harbour reopens")
    ArticleFactory(headline="Гавань відкрито", edition="uk")
    page = home(editor)
    assert "Harbour reopens" in page
    assert "Гавань відкрито" in page


def test_a_schedule_that_failed_is_not_overlooked(editor):
    assert "Schedules that failed" not in home(editor)
    article = ArticleFactory(headline="Budget speech", draft=True)
    FailedSchedule.objects.create(
        article=article,
        act=FailedSchedule.Act.GO_LIVE,
        due_at=timezone.now() - timedelta(minutes=9),
        tries=4,
        last_error="IntegrityError: no such section",
        next_try_at=timezone.now(),
    )
    page = home(editor)
    assert "Schedules that failed" in page
    assert "IntegrityError: no such section" in page


def test_one_writes_in_each_edition_from_there(editor, reporter, outsider):
    for browser in (editor, reporter):
        page = home(browser)
        for code in ("en", "uk"):
            assert f"{desk('add')}?locale={code}" in page
    assert outsider.get("/desk/").status_code == 302


def test_more_articles_ask_no_more(editor, django_assert_max_num_queries):
    ArticleFactory.create_batch(10)
    home(editor)
    with django_assert_max_num_queries(22):
        home(editor)


def test_the_desk_carries_the_agencys_name_and_no_others(editor, client, settings):
    settings.SITE_NAME = "Harbour Press"
    for page in (home(editor), client.get("/desk/login/").content.decode()):
        title = re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1)
        assert "Harbour Press" in title
        assert "Wagtail" not in title
        assert "newsroom/img/icon.svg" in page
        assert "newsroom/css/desk.css" in page
    assert "Sign in to Harbour Press" in client.get("/desk/login/").content.decode()


def test_nothing_is_loaded_from_elsewhere(editor):
    page = home(editor)
    loaded = re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    assert [address for address in loaded if "enable-javascript" not in address] == []
    assert "gravatar" not in page


def test_the_menu_has_what_a_journalist_needs(editor, admin):
    for browser in (editor, admin):
        first, *others = menu_of(browser)
        assert first == "articles"
        names = set(others)
        assert {"sections", "people", "tags", "sources", "authors", "images", "editions"} <= names
        assert not names & {"explorer", "documents", "snippets", "locked-pages", "aging-pages"}


def test_the_search_in_the_menu_finds_articles(editor):
    assert f'"{desk("list")}"' in home(editor)
