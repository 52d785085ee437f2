import json
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.distribution.structured_data import (
    ArticleFacts,
    CorrectionFacts,
    Named,
    as_script,
    describe_article,
)

KYIV = timezone(timedelta(hours=2))


def facts(**changes):
    return ArticleFacts(
        **{
            "url": "https://news.example/en/news/harbour",
            "headline": "Harbour opens",
            "description": "Ships come in.",
            "published_at": datetime(2026, 2, 14, 15, 5, tzinfo=KYIV),
            "updated_at": datetime(2026, 2, 14, 16, 0, tzinfo=KYIV),
            "language": "en",
            "publisher": Named("The Meridian", "https://news.example/en/"),
            **changes,
        }
    )


@given(st.text())
def test_no_text_ends_the_script_and_all_of_it_comes_back(text):
    script = as_script(describe_article(facts(headline=text + "</script><!--")))
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script)["headline"] == text + "</script><!--"


def test_an_article_is_described_with_what_it_has():
    described = describe_article(
        facts(
            authors=(Named("Olena Marchuk", "https://news.example/en/authors/olena-marchuk"),),
            reports=(Named("Bloomberg", "https://bloomberg.example/x"), Named("UNN")),
            corrections=(CorrectionFacts(datetime(2026, 2, 15, tzinfo=UTC), "Ten ships."),),
            translations=(("uk", "https://news.example/uk/news/port"),),
            section="Economy",
            tags=("Ports",),
        )
    )
    assert described["@type"] == "NewsArticle"
    assert described["datePublished"] == "2026-02-14T15:05:00+02:00"
    assert described["dateModified"] == "2026-02-14T16:00:00+02:00"
    assert described["inLanguage"] == "en"
    assert described["articleSection"] == "Economy"
    assert described["author"] == [
        {
            "@type": "Person",
            "name": "Olena Marchuk",
            "url": "https://news.example/en/authors/olena-marchuk",
        }
    ]
    assert described["isBasedOn"] == ["https://bloomberg.example/x"]
    assert [one["name"] for one in described["citation"]] == ["Bloomberg", "UNN"]
    assert described["correction"][0]["text"] == "Ten ships."
    assert described["workTranslation"][0]["inLanguage"] == "uk"


def test_what_it_does_not_have_is_absent_and_the_agency_signs():
    described = describe_article(facts())
    absent = {"image", "dateline", "keywords", "correction", "isBasedOn", "interactionStatistic"}
    assert not absent & set(described)
    assert described["author"] == [described["publisher"]]


def test_a_count_of_nought_is_said_and_an_unknown_one_is_not():
    assert describe_article(facts(views=0))["interactionStatistic"]["userInteractionCount"] == 0
    assert "interactionStatistic" not in describe_article(facts(views=None))
