from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory
from tests.web.pages import block, cards, counts, parse, text_of

from broadsheet.articles.queries import CardFacts
from broadsheet.web.fronts import choose_top


def facts(number, *, is_flash=False, image_id=None):
    return CardFacts(
        number, 1, "en", f"a-{number}", f"Headline {number}", "", timezone.now(), 1, image_id,
        "", False, False, False, is_flash,
    )  # fmt: skip


def test_the_newest_story_with_a_picture_leads():
    newest = [facts(5, is_flash=True), facts(4), facts(3, image_id=9), facts(2, image_id=8)]
    assert [one.id for one in choose_top(newest, seconds=4)] == [3, 4, 2]


def test_a_front_of_flashes_alone_still_leads_with_the_newest():
    assert [one.id for one in choose_top([facts(2, is_flash=True)], seconds=4)] == [2]
    assert choose_top([], seconds=4) == []


@given(
    st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30),
    st.integers(min_value=0, max_value=6),
)
def test_nothing_stands_at_the_top_twice(kinds, seconds):
    newest = [
        facts(number, is_flash=is_flash, image_id=1 if has_image else None)
        for number, (is_flash, has_image) in enumerate(kinds)
    ]
    top = choose_top(newest, seconds=seconds)
    assert len({one.id for one in top}) == len(top) <= seconds + 1
    assert bool(top) == bool(newest)


class TestPages:
    pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

    def test_a_front_shows_lead_seconds_latest_popular_and_sections(self, client, ranked):
        politics = SectionFactory(en="Politics", uk="Політика")
        old = [
            ArticleFactory(section=politics, published_at=timezone.now() - timedelta(days=n + 2))
            for n in range(3)
        ]
        new = ArticleFactory.create_batch(6)
        ranked("day", old)
        tree = parse(client.get("/en/"))
        lead = tree.find(".//div[@class='front-lead']/article")
        seconds = tree.find(".//div[@class='front-seconds']")
        assert {lead.get("data-article"), *(c.get("data-article") for c in cards(seconds))} == {
            str(article.pk) for article in new
        }
        assert text_of(lead.find("h2")) == new[-1].headline
        assert len(cards(block(tree, "latest"))) == 9
        assert [c.get("data-article") for c in cards(block(tree, "popular"))] == [
            str(article.pk) for article in old
        ]
        strips = tree.findall(".//section[@class='strip']")
        assert [text_of(strip.find("h2")) for strip in strips] == ["Politics"]
        assert len(cards(strips[0])) == 3

    def test_every_article_has_one_number_on_the_front(self, client, ranked, counted):
        articles = ArticleFactory.create_batch(4)
        ranked("day", articles)
        asked = counted({article.pk: 100 + article.pk for article in articles})
        found = counts(parse(client.get("/en/")))
        assert len(found) == 12
        assert len({number for number, _, _ in found}) == len(set(found)) == 4
        assert len(asked) == 1

    def test_popular_holds_no_article_of_another_edition(self, client, ranked):
        article, foreign = ArticleFactory(), ArticleFactory(edition="uk", headline="Порт")
        ranked("day", [foreign, article])
        shown = cards(block(parse(client.get("/en/")), "popular"))
        assert [card.get("data-article") for card in shown] == [str(article.pk)]

    def test_an_empty_edition_says_so(self, client):
        assert "Nothing has been published here yet." in client.get("/en/").content.decode()
        assert "Тут ще нічого не опубліковано." in client.get("/uk/").content.decode()

    def test_a_section_asks_for_its_own_ranking(self, client, ranked):
        article = ArticleFactory()
        asked = ranked("day", [article])
        response = client.get("/en/society/")
        assert asked == [{"edition": article.locale_id, "section_id": article.section_id}]
        assert text_of(parse(response).find(".//h1")) == "Society"

    def test_rankings_that_widened_into_one_stand_once(self, client, ranked):
        articles = ArticleFactory.create_batch(2)
        ranked("all", articles)
        tree = parse(client.get("/en/popular"))
        headings = [text_of(h) for h in tree.iter("h2")]
        assert headings == ["Most read of all time"]
