from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

import broadsheet.web
from broadsheet.pagestore.pages import ViewsSlot
from broadsheet.web.cards import Badge, Card, IncompleteCardError
from broadsheet.web.moments import When
from broadsheet.web.slots import cut

TEMPLATES = Path(broadsheet.web.__file__).parent / "templates" / "web"
CARD = Card(
    id=42,
    url="/en/news/harbour-opens",
    headline="Harbour opens",
    time=When("2026-02-14T15:05:00+02:00", "14 Feb 2026, 15:05"),
    badges=(Badge("exclusive", "Exclusive"),),
)
LOOKS = ("lead", "second", "strip", "line", "entry", "theme", "related")


def counted_in(html):
    return [part.article_id for part in cut(html) if isinstance(part, ViewsSlot)]


@pytest.mark.parametrize(
    "missing",
    [{"headline": ""}, {"headline": " \n"}, {"time": When("", "x")}, {"time": When("x", "")}],
)
def test_a_card_without_headline_or_time_cannot_exist(missing):
    with pytest.raises(IncompleteCardError):
        replace(CARD, **missing)


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_has_headline_time_and_one_count(look):
    html = render_to_string("web/card.html", {"card": CARD, "look": look, "tag": "h3"})
    assert '<article class="card" data-article="42"' in html
    assert ">Harbour opens</a>" in html
    assert '<time datetime="2026-02-14T15:05:00+02:00">14 Feb 2026, 15:05</time>' in html
    assert counted_in(html) == [42]
    assert html.count("<!--") == 1


@given(headline=st.text(min_size=1).filter(str.strip))
def test_no_headline_breaks_out_of_its_card(headline):
    card = replace(CARD, headline=headline)
    html = render_to_string("web/card.html", {"card": card, "look": "line", "tag": "h3"})
    assert counted_in(html) == [42]
    assert html.count("<") == render_to_string(
        "web/card.html", {"card": CARD, "look": "line", "tag": "h3"}
    ).count("<")


def test_there_is_one_card_renderer():
    others = [
        path.name
        for path in TEMPLATES.rglob("*.html")
        if 'class="card"' in path.read_text() and path.name != "card.html"
    ]
    assert others == []


def test_moments_say_their_offset_in_summer_and_winter():
    from zoneinfo import ZoneInfo

    from broadsheet.web.editions import WORDS
    from broadsheet.web.moments import show_moment

    kyiv = ZoneInfo("Europe/Kyiv")
    shown = [
        show_moment(
            datetime(2026, month, 8, 22, 30, tzinfo=UTC),
            "d MMM, HH:mm",
            words=WORDS["en"],
            zone=kyiv,
        )
        for month in (2, 7)
    ]
    assert shown == [
        When("2026-02-09T00:30:00+02:00", "9 Feb, 00:30"),
        When("2026-07-09T01:30:00+03:00", "9 Jul, 01:30"),
    ]
