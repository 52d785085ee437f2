"""The page that the product is derived from: which of its articles belong together."""

import pytest

from broadsheet.themes.queries import theme_of
from broadsheet.themes.relating import relate_articles

pytestmark = pytest.mark.django_db

# In our own words, of the same shape: one full article and eleven bare headlines.
MEETING = (
    "America and Japan tighten their alliance as quarrel with Beijing grows",
    (
        "The US Secretary of State Marco Rubio and Japan's Foreign Minister Toshimitsu Motegi have "
        "promised closer ties after talks in Munich. They want a new footing for economic security, "
        "an answer to the weight that China has been putting on its neighbours."
    ),
    (
        "The quarrel grew after Japanese Prime Minister Sanae Takaichi had spoken of help for Taiwan "
        "in case of a war. China's Ministry of Commerce then stopped deliveries of parts that "
        "factories cannot do without, which Tokyo would not accept. The Chinese side says that the "
        "government in Tokyo is on its way back to militarism, a danger for the whole of Asia."
    ),
    (
        "Even so the Japanese government wants to keep talking. Defense Minister Shinjiro Koizumi told "
        "a conference in Munich that Japan would not shut itself off."
    ),
    (
        "Sanae Takaichi won the last elections by far, which gave her a mandate for a new strategy. "
        "Takaichi's visit to Washington is scheduled for March 2026, when she is to meet President "
        "Donald Trump before he travels to China himself."
    ),
    "Koizumi said that Tokyo had to name the threats of the region if it wanted the public behind it.",
)
ELECTION = (
    ("Governing party holds its majority in Japan: Takaichi stays prime minister", 150),
    (
        "Trump sends good wishes to Japan's Prime Minister after “great win” at parliamentary vote",
        138,
    ),
)
OTHERS = (
    ("New Zealand expects further rain after floods that took lives", 12),
    ("Flights to Paris cancelled because of ice and snow", 11),
    ("Britain tries out new technology for stroke patients to train at home", 10),
    ("Race for AI makes credit derivatives of tech giants boom", 9),
    ("Occupiers lose a further 1,250 personnel in one day – General Staff", 8),
    ("Drones attack Krasnodar Krai at night: oil facilities hit", 7),
    ("Airbnb brings conversational AI to the planning of trips", 6),
    ("More than 6,000 people fell victim to three days of killing in Sudan's El Fasher - UN", 5),
    ("Chevrolet shows limited Corvette Z06, of which only 12 will be made", 4),
)


@pytest.fixture
def page(write):
    """The main article, the two on the election, and the rest; in the order of their time."""
    election = [write(headline, hours=hours) for headline, hours in ELECTION]
    others = [write(headline, hours=hours) for headline, hours in OTHERS]
    return write(*MEETING, hours=1), election, others


def test_the_theme_holds_the_election_and_nothing_else(page):
    main, election, _ = page
    entries = theme_of(main.pk)
    assert {entry.article_id for entry in entries} == {article.pk for article in election}
    reasons = {entry.article_id: entry.names for entry in entries if entry.kind == "also_about"}
    assert "Sanae Takaichi" in reasons[election[0].pk]
    assert "Japan" in reasons[election[1].pk]


def test_the_election_shows_the_meeting_back(page):
    main, election, _ = page
    for article in election:
        assert main.pk in {entry.article_id for entry in theme_of(article.pk)}


def test_headlines_of_unrelated_news_show_nothing(page):
    _, _, others = page
    assert {article.headline: theme_of(article.pk) for article in others} == {
        article.headline: () for article in others
    }


def test_the_order_of_arrival_does_not_matter(write):
    main = write(*MEETING, hours=1, is_related=False)
    others = [write(h, hours=hours, is_related=False) for h, hours in OTHERS]
    election = [write(h, hours=hours, is_related=False) for h, hours in ELECTION]
    from django.utils import timezone

    relate_articles([main.pk, *(a.pk for a in (*others, *election))], now=timezone.now())
    found = {entry.article_id for entry in theme_of(main.pk)}
    assert found == {article.pk for article in election}
