"""Editors exclude sites and networks from the counts, and see what that did."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.conftest import both_databases
from tests.readership.views import CHROME, view
from wagtail.models import ModelLogEntry

from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.models import ArticleCount, Exclusion
from broadsheet.readership.reader_keys import ReaderKeys
from broadsheet.readership.recounting import apply_exclusions
from broadsheet.readership.view_log import open_view_log

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

EXCLUDE, LIST = "desk_audience_exclude", "desk_audience_exclusions"


@pytest.fixture
def send(settings, tmp_path):
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    settings.VIEW_KEYS_DIRECTORY = tmp_path / "view-keys"

    def write(*views):
        log = open_view_log(settings.VIEW_LOG_DIRECTORY, connections["views"].settings_dict)
        log.append_all(sorted(views, key=lambda one: one.received_at_ms))
        log.close()
        fold_all_views(now=timezone.now())

    return write


def ask_for(browser, **fields):
    form = {"kind": "referrer", "value": "spam.example", "begins": "now", "reason": "Bought clicks"}
    return browser.post(reverse(EXCLUDE), {**form, **fields})


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def say(moment):
    """As an editor types it, whose zone is that of the default edition."""
    return timezone.localtime(moment, ZoneInfo("Europe/Kyiv")).strftime("%Y-%m-%d %H:%M")


def counted(article_id=1):
    return ArticleCount.objects.get(pk=article_id).counted


def test_a_site_is_excluded_from_now_on_with_who_when_and_why(editor, send):
    assert ask_for(editor).url == reverse(LIST)
    made = Exclusion.objects.get()
    assert (made.kind, made.value, made.made_by) == ("referrer", "spam.example", "edith")
    assert made.reason == "Bought clicks"
    assert made.until_ms is None
    assert made.from_ms > timezone.now().timestamp() * 1000 - 60_000
    page = text_of(editor.get(reverse(LIST)))
    assert "spam.example" in page
    assert "in force" in page
    assert "edith" in page
    entry = ModelLogEntry.objects.get()
    assert (entry.action, entry.user.username, entry.label) == (
        "wagtail.create", "edith", "referrer spam.example",
    )  # fmt: skip
    later = timezone.now() + timedelta(seconds=5)
    send(view(1, by="a", at=later, referring_host="www.spam.example"), view(1, by="b", at=later))
    assert counted() == 1


def test_views_of_a_past_span_are_taken_out_by_a_recount_that_says_how_many(editor, send):
    now = timezone.now()
    send(
        *(view(1, by=n, at=now, minutes=-90, referring_host="spam.example") for n in range(4)),
        view(1, by="before", at=now, minutes=-300, referring_host="spam.example"),
        view(1, by="other", at=now, minutes=-90, referring_host="t.me"),
    )
    assert counted() == 6
    ask_for(
        editor,
        begins="past",
        from_moment=say(now - timedelta(hours=3)),
        until=say(now + timedelta(hours=1)),
    )
    assert "being counted again" in text_of(editor.get(reverse(LIST)))
    apply_exclusions(now=timezone.now())
    assert counted() == 2
    assert "in force 4 Bought clicks" in text_of(editor.get(reverse(LIST)))


@time_machine.travel(datetime.now(UTC).replace(hour=12, minute=5), tick=True)
def test_a_network_is_found_in_todays_views_by_its_key(editor, send, settings):
    now = timezone.now()
    keys = ReaderKeys(settings.VIEW_KEYS_DIRECTORY)
    views = [
        view(1, by=address, at=now, minutes=-1, network=hashed.network)
        for address in ("192.0.2.7", "192.0.2.200", "198.51.100.1")
        for hashed in [keys.hash_reader(ip_address(address), CHROME, now=now)]
    ]
    send(*views)
    assert counted() == 3
    answer = ask_for(
        editor,
        kind="network",
        value=" 192.0.2.9/24",
        begins="past",
        from_moment=say(now - timedelta(minutes=20)),
    )
    assert answer.status_code == 302, text_of(answer)
    assert Exclusion.objects.get().value == "192.0.2.0/24"
    apply_exclusions(now=timezone.now())
    assert counted() == 1


def test_one_is_ended_and_what_follows_counts(editor, send):
    ask_for(editor)
    made = Exclusion.objects.get()
    end = reverse("desk_audience_end", args=[made.pk])
    assert end in editor.get(reverse(LIST)).content.decode()
    Exclusion.objects.update(from_ms=int(timezone.now().timestamp() * 1000) - 60_000)
    assert editor.post(end).url == reverse(LIST)
    assert Exclusion.objects.get().until_ms is not None
    Exclusion.objects.update(until_ms=int(timezone.now().timestamp() * 1000) - 1)
    page = editor.get(reverse(LIST))
    assert "ended" in text_of(page)
    assert end not in page.content.decode()
    assert "ended already" in text_of(editor.post(end, follow=True))
    send(view(1, by="a", at=timezone.now(), minutes=1, referring_host="spam.example"))
    assert counted() == 1
    assert editor.post(reverse("desk_audience_end", args=[77])).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value": "no host at all"}, "is no host name"),
        ({"kind": "network", "value": "example.org"}, "is no address and no network"),
        ({"reason": ""}, "This field is required"),
        ({"reason": "x" * 256}, "at most 255"),
        ({"begins": "past"}, "Say from when."),
        ({"begins": "past", "from_moment": "2999-01-01 00:00"}, "not in the past"),
        ({"begins": "past", "from_moment": "soon"}, "Enter a valid date/time"),
        ({"until": "2020-01-01 00:00"}, "would end before it begins"),
        (
            {"kind": "network", "value": "192.0.2.0/24", "begins": "past",
             "from_moment": "2026-01-01 00:00"},
            "is destroyed",
        ),
        ({"kind": "colour"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_at_the_form(editor, send, fields, said):
    answer = ask_for(editor, **fields)
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not Exclusion.objects.exists()


def test_a_network_that_is_too_large_to_be_found_in_the_past_is_refused(editor, send, settings):
    ReaderKeys(settings.VIEW_KEYS_DIRECTORY).hash_reader(None, CHROME, now=timezone.now())
    moment = say(timezone.now() - timedelta(minutes=1))
    answer = ask_for(editor, kind="network", value="10.0.0.0/8", begins="past", from_moment=moment)
    assert "too large" in text_of(answer)
    assert ask_for(editor, kind="network", value="10.0.0.0/8").status_code == 302


def test_nobody_else_excludes_or_ends(reporter, guest, outsider, editor):
    ask_for(editor)
    made = Exclusion.objects.get()
    for browser in (reporter, guest, outsider, Client()):
        assert ask_for(browser, value="other.example").status_code == 302
        browser.post(reverse("desk_audience_end", args=[made.pk]))
    assert [one.until_ms for one in Exclusion.objects.all()] == [None]


def test_a_site_is_filled_in_from_the_list_of_sites(editor):
    page = editor.get(reverse(EXCLUDE), {"kind": "network", "value": "t.me"})
    assert page.context["form"].initial["value"] == "t.me"
    assert 'value="t.me"' in page.content.decode()
