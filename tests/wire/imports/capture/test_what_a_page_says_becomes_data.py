from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from tests.wire.imports.capture.captures import BRIDGE, SCHOOL, SHORTEST

from broadsheet.wire.imports.capture.attributing import Attribution, take_attribution
from broadsheet.wire.imports.capture.converting import MomentMissingError, plan_import
from broadsheet.wire.imports.capture.reading import read_capture
from broadsheet.wire.imports.capture.speaking import find_speaker

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 24, 12, tzinfo=KYIV)


def plan(text, *, language="en", captured_at=None):
    return plan_import(
        read_capture(text), language=language, zone=KYIV, captured_at=captured_at, now=NOW
    )


def at(*moment):
    return datetime(*moment, tzinfo=KYIV)


def test_the_sample_becomes_an_article_and_a_flash_for_each_headline():
    planned = plan(BRIDGE)
    article = planned.article
    assert article.headline == "Harbour bridge closes for a winter of repairs"
    assert article.lead == (
        "The city closes its oldest bridge on Monday, and ferries take the buses' place until "
        "spring. Engineers found cracks in two of the seven piers."
    )
    assert article.sources == (
        Attribution("The Quay Courier", "reported"),
        Attribution("Northline", "relayed"),
    )
    assert [block.kind for block in article.body] == [
        "heading", "paragraph", "related", "paragraph", "quote", "paragraph", "list",
        "heading", "paragraph", "related",
    ]  # fmt: skip
    quote = article.body[4]
    assert (quote.speaker.name, quote.speaker.role) == ("Ilse van Hagen", "City Engineer")
    assert article.body[6].value[1] == "bicycles go by ferry without a ticket;"
    assert {flash.headline: flash.published_at for flash in planned.flashes} == {
        "Ferry timetable doubles before the winter": at(2026, 1, 12, 18, 5),
        "Fish market asks for a pier of its own": at(2026, 1, 11, 9, 30),
        "Storm takes the roof of the swimming hall": at(2026, 1, 12, 19, 5),
        "Why old bridges sing in the wind": at(2026, 1, 12, 19, 5),
    }


def test_counts_take_the_larger_number_and_no_placeholder():
    planned = plan(BRIDGE)
    assert planned.counts == {
        "harbour-bridge-closes-for-a-winter-of-repairs": 1209,
        "ferry-timetable-doubles-before-the-winter": 640,
        "fish-market-asks-for-a-pier-of-its-own": 88,
        "storm-takes-the-roof-of-the-swimming-hall": 2310,
        "why-old-bridges-sing-in-the-wind": 415,
    }
    notices = " ".join(planned.notices)
    assert "line 13: “[views_77]” is no count, taken as 640" in notices
    assert "lines 5 and 45: 1204 and 1209 for one article" in notices
    assert "2310 and 2301 for one article; the larger number is taken" in notices


def test_a_placeholder_alone_is_zero():
    planned = plan(SHORTEST + "Rain on the hills09.02.26, 03:20 • [views_5231]\n")
    assert planned.counts["rain-on-the-hills"] == 0
    assert any("line 8: “[views_5231]” is no count, taken as 0" in n for n in planned.notices)


def test_a_moment_that_the_page_does_not_state_comes_from_the_caller_or_an_hour_after():
    assert plan(BRIDGE).captured_at == at(2026, 1, 12, 19, 5)
    assert any("one hour after the newest moment" in notice for notice in plan(BRIDGE).notices)
    told = plan(BRIDGE, captured_at=at(2026, 1, 13, 8))
    assert told.article.published_at == at(2026, 1, 13, 8)
    assert not any("one hour after" in notice for notice in told.notices)
    with pytest.raises(MomentMissingError):
        plan(SHORTEST)


def test_a_page_in_ukrainian_is_read_as_well():
    planned = plan(SCHOOL, language="uk")
    article = planned.article
    assert article.published_at == at(2026, 2, 5, 10, 15)
    assert article.lead == "Учні Лісової школи відкрили теплицю, яку збудували за рік."
    assert [(one.name, one.role) for one in article.sources] == [
        ("Лісовий вісник", "reported"),
        ("Північ", "relayed"),
    ]
    quote = next(block for block in article.body if block.kind == "quote")
    assert quote.speaker.name == "Олена Гай"
    assert planned.counts == {"lisova-shkola-vidkryla-teplytsiu": 312, "mist-zakryly-na-zymu": 1204}


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        ("This was reported by Reuters.", [("Reuters", "reported")]),
        ("Bloomberg reported this, writes UNN.", [("Bloomberg", "reported"), ("UNN", "relayed")]),
        (
            "UNN reports, citing The Guardian and the Associated Press.",
            [("The Guardian", "reported"), ("Associated Press", "reported"), ("UNN", "relayed")],
        ),
        (
            "Про це пише УНН з посиланням на «Українську правду».",
            [("Українська правда", "reported"), ("УНН", "relayed")],
        ),
    ],
)
def test_a_sentence_that_only_attributes_leaves_the_text(sentence, sources):
    attributed = take_attribution(f"The dam held. {sentence}")
    assert attributed.text == "The dam held."
    assert [(one.name, one.role) for one in attributed.sources] == sources


@pytest.mark.parametrize(
    "sentence",
    [
        "Bloomberg reported that the dam held.",
        "This was reported by the mayor after the flood had gone.",
        "The dam held, writes UNN.",
    ],
)
def test_a_sentence_that_says_more_stays(sentence):
    attributed = take_attribution(f"Rain fell. {sentence}")
    assert attributed.text == f"Rain fell. {sentence}"
    assert attributed.sources == ()


def test_the_full_name_comes_from_the_nearest_text():
    before = ["Finance Minister Ann Berg resigned.", "Defence Minister Per Berg came from Oslo."]
    assert find_speaker("Berg said.", before=before, after=[]).name == "Per Berg"
    assert find_speaker("Berg said.", before=before[:1], after=before[1:]).name == "Ann Berg"
    alone = find_speaker("Berg said.", before=["Nobody else is named."], after=[])
    assert (alone.name, alone.is_full) == ("Berg", False)
    assert find_speaker("he said.", before=before, after=[]) is None
