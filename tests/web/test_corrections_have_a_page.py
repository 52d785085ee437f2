from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.web.pages import cards, parse, text_of

from broadsheet.web import corrections_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
NOON = datetime(2026, 2, 14, 10, tzinfo=UTC)


def corrected(*texts, at=NOON, **kwargs):
    article = ArticleFactory(**kwargs)
    for number, text in enumerate(texts):
        article.corrections.model.objects.create(
            article=article, corrected_at=at + timedelta(hours=number), text=text
        )
    return article


def shown(tree):
    return [card.get("data-article") for card in cards(tree.find(".//main"))]


def test_corrected_articles_stand_by_their_last_correction_with_all_of_them(client):
    twice = corrected("It was Monday.", "It was Tuesday.", at=NOON)
    once = corrected("The name is Brook.", at=NOON + timedelta(minutes=30))
    corrected("Ні.", edition="uk")
    corrected("A draft.", draft=True)
    ArticleFactory()
    tree = parse(client.get("/en/corrections"))
    assert shown(tree) == [str(twice.pk), str(once.pk)]
    notes = [text_of(note) for note in tree.findall(".//p[@class='correction']")]
    assert [note.rpartition(") ")[2] for note in notes] == [
        "It was Tuesday.",
        "It was Monday.",
        "The name is Brook.",
    ]


def test_corrections_are_paged_by_key_and_nobody_makes_up_places(client, monkeypatch):
    monkeypatch.setattr(corrections_page, "PAGE_LENGTH", 2)
    made = [str(corrected("Mended.", at=NOON + timedelta(hours=n // 2)).pk) for n in range(5)]
    address, seen = "/en/corrections", []
    while address:
        tree = parse(client.get(address))
        seen += shown(tree)
        older = tree.find(".//a[@rel='next']")
        address = older.get("href") if older is not None else ""
    assert seen == made[::-1]
    invented = f"/en/corrections?before=2026-02-14T10:00:00.000000Z_{made[4]}"
    assert client.get(invented)["Location"] == "/en/corrections"
