from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import (
    ArticleFactory,
    AuthorFactory,
    PersonFactory,
    SourceFactory,
    TagFactory,
)
from tests.web.pages import block, cards, counts, find, parse, text_of

from broadsheet.articles.models import Article, ArticleCorrection, ArticleSource, SourceName
from broadsheet.themes.queries import ThemeEntry, TimelineEntry

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
KYIV = ZoneInfo("Europe/Kyiv")


def get(client, article):
    return parse(client.get(article.get_absolute_url()))


def test_the_main_article_and_its_count_are_marked_as_the_contract_says(client, counted):
    counted({})
    article = ArticleFactory(headline="Harbour opens")
    html = client.get(article.get_absolute_url()).content.decode()
    assert f'<article data-article="{article.pk}" data-main>' in html
    assert f'<data class="views" data-article="{article.pk}" value="0">0 views</data>' in html


def test_headline_lead_byline_dateline_and_badges(client):
    authors = [AuthorFactory(en="Olena Marchuk"), AuthorFactory(en="Daniel Frost")]
    article = ArticleFactory(
        headline="Harbour <opens> & closes",
        lead="Ships come in.",
        dateline="ODESA",
        is_exclusive=True,
        authors=authors,
    )
    tree = get(client, article)
    assert text_of(tree.find(".//h1")) == "Harbour <opens> & closes"
    main = tree.find(".//article[@data-main]")
    assert text_of(main.find(".//p[@class='lead']")) == "ODESA Ships come in."
    byline = main.find(".//p[@class='byline']")
    assert text_of(byline) == "By Olena Marchuk and Daniel Frost"
    assert [a.get("href") for a in byline.iter("a")] == [
        "/en/authors/olena-marchuk",
        "/en/authors/daniel-frost",
    ]
    assert text_of(main.find(".//span[@class='badge badge-exclusive']")) == "Exclusive"


def test_an_update_is_said_from_a_minute_on(client):
    published = datetime(2026, 2, 14, 13, 5, tzinfo=KYIV)
    article = ArticleFactory(published_at=published)

    def times(seconds):
        Article.objects.update(last_published_at=published + timedelta(seconds=seconds))
        head = get(client, article).find(".//header[@class='article-head']")
        return [time.get("datetime") for time in head.iter("time")]

    assert times(59) == ["2026-02-14T13:05:00+02:00"]
    assert times(60) == ["2026-02-14T13:05:00+02:00", "2026-02-14T13:06:00+02:00"]


def test_sources_are_printed_from_the_data_and_left_out_without_a_name(client):
    article = ArticleFactory(draft=True)
    relays = SourceFactory(en="UNN", uk="УНН")
    reports = SourceFactory(en="Bloomberg", uk="Bloomberg")
    nameless = SourceFactory(uk="Лише українською")
    for order, (source, role, url) in enumerate(
        [
            (relays, "relayed", ""),
            (reports, "reported", "https://bloomberg.example/story"),
            (nameless, "reported", ""),
        ]
    ):
        article.sourcings.add(ArticleSource(source=source, role=role, url=url, sort_order=order))
    article.publish(article.save_revision())
    line = get(client, article).find(".//p[@class='sources']")
    assert text_of(line) == "Reported by Bloomberg (original report); relayed by UNN."
    assert [a.get("href") for a in line.iter("a")] == [
        "/en/sources/bloomberg",
        "https://bloomberg.example/story",
        "/en/sources/unn",
    ]
    assert SourceName.objects.filter(owner=nameless).exists()


def test_a_quote_names_its_speaker_in_full_with_role_place_and_day(client):
    speaker = PersonFactory(en="Shinjiro Koizumi")
    quote = {
        "text": "We are always open to dialogue.",
        "speaker": speaker,
        "role": "Japan’s Defence Minister",
        "where": "in Munich",
        "said_on": date(2026, 2, 14),
    }
    article = ArticleFactory(body=[("quote", quote)])
    figure = get(client, article).find(".//figure[@class='quote']")
    assert text_of(figure.find("blockquote")) == "We are always open to dialogue."
    assert text_of(figure.find("figcaption")) == (
        "Shinjiro Koizumi, Japan’s Defence Minister, in Munich, 14 February 2026"
    )
    assert figure.find(".//a").get("href") == "/en/people/shinjiro-koizumi"
    # The person's page links to this very quote.
    assert figure.get("id") == article.quotes.get().anchor


def test_headings_have_anchors_of_their_own_and_three_make_contents(client):
    two = ArticleFactory(body=[("heading", "Details"), ("heading", "Details")])
    tree = get(client, two)
    assert [h.get("id") for h in tree.findall(".//div[@class='body']/h2")] == [
        "details",
        "details-2",
    ]
    assert tree.find(".//nav[@id='contents']") is None
    three = ArticleFactory(body=[("heading", word) for word in ("Main", "Details", "Outlook")])
    tree = get(client, three)
    anchors = [h.get("id") for h in tree.findall(".//div[@class='body']/h2")]
    assert anchors[0] != "main"  # the page's own
    links = [a.get("href") for a in tree.find(".//nav[@id='contents']").iter("a")]
    assert links == [f"#{anchor}" for anchor in anchors]


def test_no_two_elements_share_an_id(client):
    words = ("Main", "Contents", "Sections", "Sections")
    tree = get(client, ArticleFactory(body=[("heading", word) for word in words]))
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_an_inline_related_article_is_one_card_and_gone_with_its_article(client):
    other = ArticleFactory(headline="Trump congratulates Takaichi")
    article = ArticleFactory(body=[("related", other)])
    aside = get(client, article).find(".//aside[@data-block='related']")
    (card,) = cards(aside)
    assert card.get("data-article") == str(other.pk)
    assert card.find(".//time") is not None
    assert card.find(".//data") is not None
    other.unpublish()
    assert get(client, article).find(".//aside[@data-block='related']") is None


def test_a_card_of_another_edition_is_not_shown(client, ranked, themed):
    ukrainian = ArticleFactory(edition="uk", headline="Порт відкрито")
    ranked("day", [ukrainian])
    themed([ThemeEntry(ukrainian.pk, "same_story", ())])
    article = ArticleFactory(body=[("related", ukrainian)])
    tree = get(client, article)
    assert str(ukrainian.pk) not in {card.get("data-article") for card in cards(tree)}
    assert block(tree, "theme") is None
    assert block(tree, "popular") is None


def test_lists_tables_and_videos(client):
    body = [
        ("list", ["<p>One</p>", "<p>Two</p>"]),
        ("video", {"url": "https://youtu.be/abcdefghijk", "title": "The bridge", "poster": None}),
    ]
    article = ArticleFactory(body=body)
    table = {
        "type": "table",
        "value": {
            "caption": "Ships",
            "table": {
                "columns": [
                    {"type": "text", "heading": "Day"},
                    {"type": "number", "heading": "Waiting"},
                ],
                "rows": [{"values": ["First", "5"]}],
                "caption": "",
            },
        },
    }
    block_type = Article._meta.get_field("body").stream_block
    article.body = block_type.to_python([*article.body.get_prep_value(), table])
    article.publish(article.save_revision())
    tree = get(client, article)
    assert [text_of(li) for li in tree.findall(".//ul[@class='body-list']/li")] == ["One", "Two"]
    assert [text_of(td) for td in tree.findall(".//td")] == ["First", "5"]
    assert tree.findall(".//td")[1].get("class") == "number"
    assert text_of(tree.find(".//caption")) == "Ships"
    link = tree.find(".//a[@class='video-frame']")
    assert link.get("href") == "https://youtu.be/abcdefghijk"
    assert link.get("data-player").startswith("https://www.youtube-nocookie.com/")
    assert not find(tree, "iframe")


def test_tags_corrections_and_translation(client):
    article = ArticleFactory(draft=True, tags=[TagFactory(en="Ports")])
    article.corrections.add(
        ArticleCorrection(corrected_at=timezone.now(), text="It was ten ships.")
    )
    article.publish(article.save_revision())
    translation = ArticleFactory(
        edition="uk", headline="Порт", translation_key=article.translation_key
    )
    draft_key = ArticleFactory().translation_key
    ArticleFactory(edition="uk", headline="Чернетка", translation_key=draft_key, draft=True)
    tree = get(client, article)
    assert tree.find(".//a[@rel='tag']").get("href") == "/en/tags/ports"
    assert "It was ten ships." in text_of(tree.find(".//section[@class='corrections']"))
    link = tree.find(".//p[@class='translation']/a")
    assert (link.get("href"), link.get("lang"), link.text) == (
        translation.get_absolute_url(),
        "uk",
        "Читати українською",
    )
    untranslated = get(
        client, Article.objects.get(translation_key=draft_key, locale_id=article.locale_id)
    )
    assert untranslated.find(".//p[@class='translation']") is None


def test_translations_point_at_each_other_both_ways(client):
    english = ArticleFactory(headline="Harbour opens")
    ukrainian = ArticleFactory(
        edition="uk", headline="Порт відкрито", translation_key=english.translation_key
    )

    def alternates(article):
        links = get(client, article).findall(".//link[@hreflang]")
        return {link.get("hreflang"): link.get("href") for link in links}

    assert alternates(english) == alternates(ukrainian)
    assert alternates(english) == {
        "en": english.get_full_url(),
        "uk": ukrainian.get_full_url(),
        "x-default": english.get_full_url(),
    }


def test_the_theme_gives_a_reason_with_each_card_in_the_editions_words(client, themed):
    same, about, past = ArticleFactory(), ArticleFactory(), ArticleFactory()
    gone = ArticleFactory(draft=True)
    article = ArticleFactory()
    themed(
        [
            ThemeEntry(same.pk, "same_story", ()),
            ThemeEntry(about.pk, "also_about", ("Sanae Takaichi", "Tokyo")),
            ThemeEntry(past.pk, "earlier", ("Sanae Takaichi",)),
            ThemeEntry(gone.pk, "same_story", ()),
            ThemeEntry(article.pk, "same_story", ()),
        ]
    )
    theme = block(get(client, article), "theme")
    assert theme.tag == "section"
    assert [
        (card.get("data-article"), text_of(card.find(".//p[@class='card-reason']")))
        for card in cards(theme)
    ] == [
        (str(same.pk), "same story"),
        (str(about.pk), "also about Sanae Takaichi, Tokyo"),
        (str(past.pk), "earlier: Sanae Takaichi"),
    ]


def test_the_timeline_tells_what_happened_and_what_is_announced(client, themed):
    earlier = ArticleFactory(headline="Party keeps its majority")
    article = ArticleFactory(headline="Visit agreed")
    at = datetime(2026, 2, 8, 13, 20, tzinfo=KYIV)
    themed(
        timeline=[
            TimelineEntry("happened", at, None, None, "Party keeps its majority", earlier.pk),
            TimelineEntry("happened", at, None, None, "Visit agreed", article.pk),
            TimelineEntry(
                "announced", None, date(2026, 3, 1), "month", "A visit to Washington.", article.pk
            ),
        ]
    )
    timeline = block(get(client, article), "timeline")
    assert [card.get("data-article") for card in cards(timeline)] == [str(earlier.pk)]
    assert "March 2026" in text_of(timeline)
    assert [time.get("datetime") for time in timeline.iter("time")][-1] == "2026-03"


def test_a_course_of_events_of_one_article_alone_is_not_shown(client, themed):
    article = ArticleFactory()
    at = timezone.now()
    themed(timeline=[TimelineEntry("happened", at, None, None, article.headline, article.pk)])
    assert block(get(client, article), "timeline") is None


@pytest.mark.parametrize(
    ("window", "heading"),
    [
        ("hour", "Most read in the last hour"),
        ("day", "Most read in the last 24 hours"),
        ("week", "Most read in the last 7 days"),
        ("all", "Most read of all time"),
        ("newest", "Newest articles"),
    ],
)
def test_popular_names_its_window_and_keeps_its_order(client, ranked, window, heading):
    articles = ArticleFactory.create_batch(3)
    ranked(window, articles)
    popular = block(get(client, articles[0]), "popular")
    assert text_of(popular.find("h2")) == heading
    assert popular.find("p/time").get("datetime")
    assert [card.get("data-article") for card in cards(popular)] == [str(a.pk) for a in articles]


def test_latest_never_holds_the_article_itself(client):
    articles = ArticleFactory.create_batch(3)
    latest = block(get(client, articles[1]), "latest")
    shown = [card.get("data-article") for card in cards(latest)]
    assert shown == [str(articles[2].pk), str(articles[0].pk)]


def test_a_lone_article_shows_no_empty_block(client, ranked, themed):
    ranked("day", [])
    themed()
    tree = get(client, ArticleFactory(body=[], lead=""))
    assert not [e for e in tree.iter() if e.get("data-block")]
    assert tree.find(".//div[@class='body']") is None
    assert tree.find(".//p[@class='lead']") is None


def test_an_article_has_one_number_wherever_it_stands(client, ranked, themed, counted):
    other = ArticleFactory(headline="New Zealand braces for more downpours")
    article = ArticleFactory(body=[("related", other)])
    ranked("day", [other, article])
    themed([ThemeEntry(other.pk, "same_story", ())])
    asked = counted({other.pk: 3932, article.pk: 3228})
    found = counts(get(client, article))
    assert len([one for one in found if one[0] == str(other.pk)]) == 4
    assert set(found) == {
        (str(other.pk), "3932", "3,932 views"),
        (str(article.pk), "3228", "3,228 views"),
    }
    assert len(asked) == 1


def test_the_ukrainian_page_is_ukrainian_throughout(client, counted):
    article = ArticleFactory(
        edition="uk", headline="Порт відкрито", lead="Кораблі заходять.", body=[],
        published_at=datetime(2026, 2, 14, 13, 5, tzinfo=KYIV),
    )  # fmt: skip
    counted({article.pk: 3228})
    tree = get(client, article)
    assert tree.get("lang") == "uk"
    main = tree.find(".//article[@data-main]")
    assert "3 228 переглядів" in text_of(main)
    assert "14 лютого 2026 р., 13:05" in text_of(main)
    latin = [
        text
        for text in tree.find("body").itertext()
        if any("a" <= letter.lower() <= "z" for letter in text)
    ]
    # Names that are the same in both: the site's, the other edition's, the zone's.
    assert {text.strip() for text in latin} <= {
        "The Test Wire",
        "English",
        "Telegram",
        "WhatsApp",
        "Facebook",
        "RSS",
        "Час вказано за часовим поясом Europe/Kyiv.",
        "Опубліковано",
        "14 лютого 2026 р., 13:05 (GMT+02:00)",
        f'<img class="unseen" src="/-/read.gif?article={article.pk}" width="1" height="1" alt="">',
    }


def test_the_page_counts_without_javascript_and_the_preview_does_not(client):
    article = ArticleFactory()
    html = client.get(article.get_absolute_url()).content.decode()
    assert f'<noscript><img class="unseen" src="/-/read.gif?article={article.pk}"' in html
