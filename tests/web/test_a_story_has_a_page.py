"""The page of a story: told from its articles, true whatever becomes of them, and gone before them."""

import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, PersonFactory
from tests.web.pages import block, cards, find, parse, text_of
from tests.web.test_gathering_is_bounded_and_rendering_asks_nothing import Queries, make_image

from broadsheet.articles import publishing
from broadsheet.articles.queries import Moment
from broadsheet.outbox.announcing import announce
from broadsheet.readership.models import DAY, Bucket
from broadsheet.themes.events import ThemesChanged
from broadsheet.themes.models import AnnouncedDate, Story, StoryMember, StorySlug
from broadsheet.themes.relating import forget_article
from broadsheet.web import story_page
from broadsheet.web.editions import WORDS
from broadsheet.web.moments import When, show_date
from broadsheet.web.navigation import find_site
from broadsheet.web.pages import gather
from broadsheet.web.paging import page_path
from broadsheet.web.readership_fragment import days_of_life
from broadsheet.web.stored import address_filter, page_store, press_page
from broadsheet.web.touching import all_addresses

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

#: Noon in Kyiv.
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)
LEVEE = "The levee of Tarn broke on Sunday night, and water stands in the streets of the old town."
SHELTER = "Schools in Tarn opened their gyms as shelters for the families of the old town."
ADDRESS = "/en/stories/levee-of-tarn-breaks"


def make_story(*articles, slug="levee-of-tarn-breaks"):
    story = Story.objects.create(
        locale_id=articles[0].locale_id,
        slug=slug,
        size=len(articles),
        oldest_at=NOON,
        newest_at=NOON,
        mean_at=NOON,
    )
    for article in articles:
        join(story, article)
    return story


def join(story, article):
    StoryMember.objects.update_or_create(
        article=article, defaults={"story": story, "published_at": article.first_published_at}
    )


def tell(*articles):
    announce(ThemesChanged(article_ids=[article.pk for article in articles]))


@pytest.fixture
def flood(editions):
    """Three articles of three days, the second with a quote and a picture, the last a headline."""
    person = PersonFactory(en="Olha Verban", uk="Ольга Вербан")
    said = ("quote", {"text": "Nobody was hurt.", "speaker": person})
    one = ArticleFactory(headline="Levee of Tarn breaks", lead=LEVEE, published_at=NOON)
    other = ArticleFactory(
        headline="Gyms of Tarn become shelters",
        lead=f"It rained again. {SHELTER}",
        body=[("paragraph", "<p>It did.</p>"), said],
        image=make_image(),
        image_alt="A flooded street",
        published_at=NOON + timedelta(days=1, hours=2),
    )
    flash = ArticleFactory(
        headline="Levee of Tarn: water falls", flash=True, published_at=NOON + timedelta(days=2)
    )
    return make_story(one, other, flash), (one, other, flash)


def test_a_story_is_told_by_the_piece_to_read_first(client, flood):
    tree = parse(client.get(ADDRESS))
    assert text_of(tree.find(".//h1")) == "Gyms of Tarn become shelters"
    assert text_of(tree.find(".//p[@class='lead']")) == f"It rained again. {SHELTER}"
    assert "3 articles" in text_of(tree.find(".//header[@class='article-head']"))
    assert tree.find(".//figure//img").get("alt") == "A flooded street"
    assert tree.find(".//link[@rel='canonical']").get("href").endswith(ADDRESS)
    assert tree.find(".//meta[@name='description']").get("content").startswith("It rained")
    Story.objects.update(headline="Water in Tarn", summary="It rose for a week.")
    tree = parse(client.get(ADDRESS))
    assert text_of(tree.find(".//h1")) == "Water in Tarn"
    assert text_of(tree.find(".//p[@class='lead']")) == "It rose for a week."


def test_each_day_is_an_entry_newest_first(client, flood, counted):
    _, (one, other, flash) = flood
    counted({one.pk: 5})
    tree = parse(client.get(ADDRESS))
    days = find(block(tree, "timeline"), "ol/li")
    assert [day.find(".//time").get("datetime") for day in days] == [
        "2026-03-04",
        "2026-03-03",
        "2026-03-02",
    ]
    told = [[text_of(p) for p in find(day, "p[@class='telling']")] for day in days]
    # The summary has said what the second day says, and a headline is told by its card.
    assert told == [[], [], [LEVEE]]
    shown = [[card.get("data-article") for card in cards(day)] for day in days]
    assert shown == [[str(flash.pk)], [str(other.pk)], [str(one.pk)]]
    assert text_of(days[2].find(".//data")) == "5 views"
    quote = days[1].find(".//figure[@class='quote']")
    assert text_of(quote.find(".//blockquote")) == "Nobody was hurt."
    assert quote.find(".//a[@class='speaker']").get("href") == "/en/people/olha-verban"
    assert text_of(block(tree, "people")).startswith("People and places Olha Verban")


def test_a_burst_of_headlines_is_one_entry_and_a_key_moment(client, flood):
    story, _ = flood
    for n in range(4):
        join(
            story,
            ArticleFactory(
                headline=f"Tarn: level {n}",
                flash=True,
                published_at=NOON + timedelta(days=2, minutes=n),
            ),
        )
    days = find(block(parse(client.get(ADDRESS)), "timeline"), "ol/li")
    assert [len(cards(day)) for day in days] == [5, 1, 1]
    assert [bool(find(day, "span[@class='key-moment']")) for day in days] == [True, False, False]


def test_what_is_announced_is_said_with_its_sentence_and_past_once_it_is(flood):
    _, (one, other, _) = flood
    site = find_site("en")
    for article, day, precision, text in (
        (one, date(2026, 3, 1), "month", "The levee is to be closed in March."),
        (other, date(2026, 3, 20), "day", "The minister is to come on 20 March."),
    ):
        AnnouncedDate.objects.create(article=article, date=day, precision=precision, text=text)

    def texts_at(moment):
        page = gather(ADDRESS, now=moment).page
        return [[line.text[:9] for line in lines] for lines in (page.coming, page.past)]

    evening = datetime(2026, 3, 20, 23, 30, tzinfo=site.zone)
    assert texts_at(evening) == [["The levee", "The minis"], []]
    assert texts_at(evening + timedelta(hours=1)) == [["The levee"], ["The minis"]]
    assert texts_at(evening + timedelta(days=12)) == [[], ["The minis", "The levee"]]
    assert gather(ADDRESS, now=evening).lasts == timedelta(minutes=30)
    assert gather(ADDRESS, now=evening + timedelta(days=12)).lasts is None


@pytest.mark.parametrize(
    ("code", "first", "expected"),
    [
        ("en", date(2026, 12, 7), "7–13 December 2026"),
        ("en", date(2026, 11, 30), "30 November\N{THIN SPACE}–\N{THIN SPACE}6 December 2026"),
        ("uk", date(2026, 11, 30), "30 листопада – 6 грудня 2026\N{NARROW NO-BREAK SPACE}р."),
        (
            "uk",
            date(2026, 12, 28),
            "28 грудня 2026 – 3 січня 2027\N{NARROW NO-BREAK SPACE}рр.",
        ),
    ],
)
def test_a_week_is_announced_by_its_days(flood, code, first, expected):
    when = show_date(first, "week", words=WORDS[code])
    assert when == When(first.strftime("%G-W%V"), expected)
    article = flood[1][0]
    AnnouncedDate.objects.create(article=article, date=first, precision="week", text="It opens.")
    zone = find_site("en").zone
    sunday = datetime.combine(first + timedelta(days=6), datetime.min.time(), zone)
    page = gather(ADDRESS, now=sunday).page
    assert [line.when for line in page.coming] == [show_date(first, "week", words=WORDS["en"])]
    assert len(gather(ADDRESS, now=sunday + timedelta(days=1)).page.past) == 1


def test_a_long_story_is_paged_by_whole_days(client, flood, monkeypatch):
    story, _ = flood
    monkeypatch.setattr(story_page, "STORY_PAGE_LENGTH", 4)
    for n in range(5):
        moment = NOON + timedelta(days=n // 2, minutes=1 + n)
        join(story, ArticleFactory(headline=f"Tarn {n}", published_at=moment))
    address, pages = ADDRESS, []
    while address:
        tree = parse(client.get(address))
        days = find(block(tree, "timeline"), "ol/li")
        pages.append([(text_of(day.find(".//time")), len(cards(day))) for day in days])
        older = tree.find(".//nav[@class='pager']/a[@rel='next']")
        address = older.get("href") if older is not None else ""
    assert pages == [[("4 March 2026", 2)], [("3 March 2026", 3)], [("2 March 2026", 3)]]
    # What the story is stands on its first page alone.
    assert block(tree, "people") is None
    assert not find(tree, "link[@hreflang]")


def test_a_story_costs_the_same_however_long(flood):
    story, _ = flood
    gather(ADDRESS, now=NOON)
    with Queries() as few:
        gather(ADDRESS, now=NOON)
    person = PersonFactory(en="Ada Brook")
    for n in range(20):
        said = ("quote", {"text": "We build.", "speaker": person})
        moment = NOON + timedelta(hours=n)
        article = ArticleFactory(headline=f"Tarn {n}", body=[said], published_at=moment)
        join(story, article)
        AnnouncedDate.objects.create(
            article=article, date=date(2031, 3, 1 + n), precision="day", text="It is to open."
        )
    with Queries() as many:
        gather(ADDRESS, now=NOON)
    assert many.count <= few.count + 1 <= 20  # the cards of what is announced


def test_readers_of_another_edition_are_led_to_its_story(client, flood):
    _, (one, other, _) = flood
    versions = [
        ArticleFactory(edition="uk", headline=f"Дамба {n}", translation_key=article.translation_key)
        for n, article in enumerate((one, other))
    ]
    make_story(*versions, slug="damba")
    english = parse(client.get(ADDRESS))
    ukrainian = parse(client.get("/uk/stories/damba"))
    for tree in (english, ukrainian):
        alternates = {a.get("hreflang"): a.get("href")[-30:] for a in find(tree, "link[@hreflang]")}
        assert alternates.keys() == {"en", "uk", "x-default"}
        assert alternates["uk"].endswith("/uk/stories/damba")
    versions[0].unpublish()
    assert not find(parse(client.get(ADDRESS)), "link[@hreflang]")


def test_machines_are_told_what_is_listed(client, flood):
    tree = parse(client.get(ADDRESS))
    told = json.loads(tree.find(".//script[@type='application/ld+json']").text)
    assert told["@type"] == "CollectionPage"
    assert [one["position"] for one in told["mainEntity"]["itemListElement"]] == [1, 2, 3]
    assert {"@type": "Person", "name": "Olha Verban"}.items() <= told["about"][0].items()
    assert tree.find(".//meta[@property='og:image']") is not None


def test_a_story_has_a_feed_of_its_own(client, flood):
    feed = client.get(f"{ADDRESS}/feed.xml")
    channel = ET.fromstring(feed.content).find("channel")
    assert channel.findtext("title").startswith("Gyms of Tarn")
    assert channel.findtext("link").endswith(ADDRESS)
    assert [item.findtext("title") for item in channel.iter("item")][-1] == "Levee of Tarn breaks"
    link = parse(client.get(ADDRESS)).find(".//link[@type='application/rss+xml']")
    assert link.get("href") == f"{ADDRESS}/feed.xml"


def test_an_article_leads_to_its_story(client, flood):
    _, (one, *others) = flood
    theme = block(parse(client.get(one.get_absolute_url())), "theme")
    [link] = [a for a in find(theme, "a") if a.get("href") == ADDRESS]
    assert text_of(link) == "The whole story"
    for other in others:
        other.unpublish()
    assert ADDRESS not in client.get(one.get_absolute_url()).content.decode()


def test_the_piece_to_read_first_is_marked_where_it_is_another(client, flood, monkeypatch):
    story, (one, other, flash) = flood

    def reasons(article):
        theme = block(parse(client.get(article.get_absolute_url())), "theme")
        return {
            int(card.get("data-article")): text_of(card.find(".//p[@class='card-reason']"))
            for card in cards(theme)
        }

    assert reasons(one) == {flash.pk: "same story", other.pk: "same story: start here"}
    assert set(reasons(other).values()) == {"same story"}
    monkeypatch.setattr("broadsheet.web.surroundings.THEME_LIMIT", 2)
    for n in range(3):
        moment = NOON + timedelta(days=2, minutes=1 + n)
        new = ArticleFactory(headline=f"Tarn {n}", flash=True, published_at=moment)
        join(story, new)
        tell(new, one)
    # However many are newer, it is not left out.
    assert list(reasons(one).items()) == [
        (new.pk, "same story"),
        (other.pk, "same story: start here"),
    ]


class TestWhatBecomesOfAnAddress:
    def status(self, client, address=ADDRESS):
        answer = client.get(address)
        return answer.status_code, answer.get("Location")

    def test_one_article_is_led_to_for_now(self, client, flood):
        _, (one, other, flash) = flood
        other.unpublish()
        flash.unpublish()
        assert self.status(client) == (302, one.get_absolute_url())
        assert client.get(f"{ADDRESS}/feed.xml").status_code == 200
        for article in (other, flash, one):
            forget_article(article.pk)
        one.unpublish()
        assert self.status(client) == (404, None)
        forget_article(one.pk)
        assert self.status(client) == (404, None)
        assert client.get(f"{ADDRESS}/feed.xml").status_code == 404

    def test_what_was_withdrawn_for_good_says_so(self, client, flood):
        _, (one, other, flash) = flood
        for article in (other, flash):
            article.unpublish()
            forget_article(article.pk)
        publishing.kill(one, notice="It was not true.", now=timezone.now())
        for _ in range(2):
            answer = client.get(ADDRESS)
            assert answer.status_code == 410
            assert "It was not true." in answer.content.decode()
            forget_article(one.pk)

    def test_what_became_part_of_another_is_moved_for_good(self, client, flood):
        story, _ = flood
        StorySlug.objects.create(locale_id=story.locale_id, slug="the-flood", story=story)
        assert self.status(client, "/en/stories/the-flood") == (301, ADDRESS)
        moved = self.status(client, "/en/stories/the-flood/feed.xml")
        assert moved == (301, f"{ADDRESS}/feed.xml")

    def test_an_article_is_followed_into_its_next_story(self, client, flood):
        story, (one, *_) = flood
        StorySlug.objects.create(locale_id=story.locale_id, slug="the-flood", article=one)
        assert self.status(client, "/en/stories/the-flood") == (301, ADDRESS)
        StoryMember.objects.filter(pk=one.pk).delete()
        assert self.status(client, "/en/stories/the-flood") == (302, one.get_absolute_url())

    def test_other_editions_know_nothing_of_it(self, client, flood):
        assert self.status(client, ADDRESS.replace("/en/", "/uk/")) == (404, None)


class TestThePageStore:
    def press(self, *addresses):
        return [press_page(address) for address in (ADDRESS, f"{ADDRESS}/feed.xml", *addresses)]

    def stored(self):
        return {page.address for page in page_store().stored() if page.address.startswith(ADDRESS)}

    def test_every_address_of_a_story_is_learned(self, flood):
        story, articles = flood
        StorySlug.objects.create(locale_id=story.locale_id, slug="the-flood", story=story)
        paths = {ADDRESS, f"{ADDRESS}/feed.xml", "/en/stories/the-flood"}
        assert paths <= set(all_addresses())
        address_filter().build([], expected=100)
        assert not address_filter().may_exist(ADDRESS)
        with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
            tell(*articles)
        assert address_filter().may_exist(ADDRESS)
        assert address_filter().may_exist(f"{ADDRESS}/feed.xml")

    @pytest.mark.parametrize("which", [0, 1, 2])
    def test_a_withdrawn_article_is_gone_before_its_commit(self, flood, which):
        self.press()
        assert self.stored() == {ADDRESS, f"{ADDRESS}/feed.xml"}
        with transaction.atomic():
            flood[1][which].unpublish()
            assert page_store().get(ADDRESS) is None
            assert page_store().get(f"{ADDRESS}/feed.xml") is None

    def test_a_page_is_gone_too_that_only_bears_its_headline(self, flood, monkeypatch):
        monkeypatch.setattr(story_page, "STORY_PAGE_LENGTH", 1)
        _, (_, other, _) = flood
        older = page_path(ADDRESS, Moment(other.first_published_at, other.pk))
        text = b"".join(part for part in press_page(older).parts if isinstance(part, bytes))
        assert other.headline in text.decode()
        assert other.get_absolute_url() not in text.decode()
        with transaction.atomic():
            other.unpublish()
            assert page_store().get(older) is None

    def test_whoever_joins_a_story_drops_its_page(self, flood):
        story, articles = flood
        self.press()
        new = ArticleFactory(headline="Levee of Tarn is closed")
        assert self.stored() == {ADDRESS, f"{ADDRESS}/feed.xml"}
        join(story, new)
        with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
            tell(new, *articles)
        assert self.stored() == set()

    def test_an_address_that_is_taken_again_redirects_no_more(self, flood):
        _, (one, *_) = flood
        former = StorySlug.objects.create(locale_id=one.locale_id, slug="the-flood", article=one)
        redirect = press_page("/en/stories/the-flood")
        assert redirect.status == 301
        former.delete()
        lone = [ArticleFactory(headline=f"The flood {n}") for n in range(2)]
        make_story(*lone, slug="the-flood")
        with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
            tell(*lone)
        assert page_store().get("/en/stories/the-flood") is None


class TestReadership:
    def fragment(self, story, now):
        return gather(f"fragment:readership:en:{story.pk}", now=now)

    def test_views_are_drawn_by_day_with_a_table_behind(self, client, flood):
        story, (one, other, _) = flood
        midnight = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
        for article, day, views in ((one, 0, 30), (one, 1, 5), (other, 1, 1200), (other, 400, 9)):
            Bucket.objects.create(
                size=DAY, start=midnight + day * DAY, article_id=article.pk, views=views
            )
        found = self.fragment(story, datetime(2026, 3, 5, 12, tzinfo=UTC))
        assert found.lasts == timedelta(minutes=5)
        bars = found.page.block.bars
        assert [bar.views for bar in bars] == ["30", "1,205", "0", "0"]
        assert [bar.height for bar in bars] == ["2.4", "96", "0", "0"]
        assert found.page.block.most == "Most on 3 March 2026: 1,205 views"
        shown = block(parse(client.get(ADDRESS)), "readership")
        assert (
            len(find(shown, "{http://www.w3.org/2000/svg}rect"))
            == len(find(shown, "tbody/tr"))
            == 17
        )

    def test_a_story_that_nobody_read_draws_nothing(self, client, flood):
        assert block(parse(client.get(ADDRESS)), "readership") is None
        assert self.fragment(Story(pk=10**6), NOON).page.block is None

    def test_the_life_of_a_story_ends_two_weeks_after_its_last_article(self):
        from broadsheet.themes.telling import Piece

        pieces = [Piece(2, NOON + timedelta(days=100), "B", ""), Piece(1, NOON, "A", "")]
        days = days_of_life(pieces, today=date(2027, 1, 1))
        assert days[-1] == date(2026, 3, 2) + timedelta(days=114)
        assert len(days) == 90
        assert days_of_life(pieces[1:], today=date(2026, 3, 4)) == [
            date(2026, 3, 2) + timedelta(days=n) for n in range(3)
        ]
        assert days_of_life([], today=date(2026, 3, 4)) == []
