from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, PersonFactory, SourceFactory, TagFactory
from tests.web.pages import cards, parse, text_of

from broadsheet.articles.queries import Moment
from broadsheet.web import lists, paging
from broadsheet.web.paging import page_path, read_before


@given(
    moment=st.datetimes(timezones=st.just(UTC)),
    number=st.integers(min_value=0, max_value=2**53),
)
def test_a_place_in_a_list_survives_its_address(moment, number):
    path = page_path("/en/news/", Moment(moment, number))
    assert read_before(path.partition("?before=")[2]) == Moment(moment, number)


@given(st.text())
def test_no_text_breaks_reading_a_place(text):
    assert read_before(text) is None or isinstance(read_before(text), Moment)


class TestPages:
    pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

    def walk(self, client, address):
        """The ids on each page, from the first to the last."""
        pages = []
        while address:
            tree = parse(client.get(address))
            pages.append([card.get("data-article") for card in cards(tree.find(".//main"))])
            older = tree.find(".//nav[@class='pager']/a[@rel='next']")
            address = older.get("href") if older is not None else ""
        return pages

    @pytest.mark.parametrize(
        "address",
        ["/en/news/", "/en/tags/ports", "/en/authors/olena-marchuk", "/en/people/ada-brook",
         "/en/sources/bloomberg", "/en/society/"],
    )  # fmt: skip
    def test_every_article_stands_on_one_page_also_at_the_same_moment(
        self, client, monkeypatch, ranked, address
    ):
        ranked("day", [])
        monkeypatch.setattr(paging.slice_list, "__kwdefaults__", {"length": 3})
        monkeypatch.setattr(lists, "PERSON_PAGE_LENGTH", 3)
        tag, author = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")
        person, source = PersonFactory(en="Ada Brook"), SourceFactory(en="Bloomberg")
        at = timezone.now() - timedelta(days=2)
        made = []
        for number in range(8):
            article = ArticleFactory(
                tags=[tag],
                authors=[author],
                body=[("quote", {"text": "We build.", "speaker": person})],
                draft=True,
            )
            # Both roles at once are still one article.
            for role in ("reported", "relayed"):
                article.sourcings.add(article.sourcings.model(source=source, role=role))
            article.publish(article.save_revision())
            type(article).objects.filter(pk=article.pk).update(
                first_published_at=at + timedelta(hours=number // 4)
            )
            made.append(str(article.pk))
        pages = self.walk(client, address)
        assert [one for page in pages for one in page] == made[::-1]
        assert [len(page) for page in pages] == [3, 3, 2]

    def test_a_new_article_repeats_nothing_on_the_next_page(self, client, monkeypatch):
        monkeypatch.setattr(paging.slice_list, "__kwdefaults__", {"length": 2})
        first, *_ = ArticleFactory.create_batch(3)
        older = parse(client.get("/en/news/")).find(".//a[@rel='next']").get("href")
        ArticleFactory()
        tree = parse(client.get(older))
        assert [card.get("data-article") for card in cards(tree)] == [str(first.pk)]
        assert tree.find(".//nav[@class='pager']/a").get("href") == "/en/news/"
        assert tree.find(".//link[@rel='canonical']").get("href").endswith(older)
        assert not tree.findall(".//link[@hreflang]")

    def test_days_are_days_of_the_editions_zone(self, client):
        ArticleFactory(published_at=datetime(2026, 2, 8, 21, 59, tzinfo=UTC))
        ArticleFactory(published_at=datetime(2026, 2, 8, 22, 1, tzinfo=UTC))
        days = parse(client.get("/en/news/")).findall(".//h2[@class='day-heading']/time")
        assert [(day.get("datetime"), day.text) for day in days] == [
            ("2026-02-09", "Monday, 9 February 2026"),
            ("2026-02-08", "Sunday, 8 February 2026"),
        ]

    def test_a_person_has_all_their_quotes_of_the_edition(self, client):
        person = PersonFactory(en="Ada Brook", uk="Ада Брук")
        body = [
            ("quote", {"text": "We build.", "speaker": person, "where": "at the harbour"}),
            ("quote", {"text": "We are done.", "speaker": person}),
        ]
        article = ArticleFactory(body=body)
        ArticleFactory(
            edition="uk", headline="Порт", body=[("quote", {"text": "Будуємо.", "speaker": person})]
        )
        ArticleFactory(draft=True, body=[("quote", {"text": "Draft.", "speaker": person})])
        tree = parse(client.get("/en/people/ada-brook"))
        assert [text_of(quote) for quote in tree.iter("blockquote")] == [
            "We build.",
            "We are done.",
        ]
        assert [card.get("data-article") for card in cards(tree)] == [str(article.pk)]
        assert "Будуємо." in client.get("/uk/people/ada-bruk").content.decode()
