from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest
from django.test import TestCase
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory
from wagtail.images.tests.utils import get_test_image_file_jpeg

from broadsheet.articles.models import Article, NewsImage
from broadsheet.articles.models.names import AuthorName
from broadsheet.web.stored import page_store, press_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


def channel(client, address="/en/feed.xml"):
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = ET.fromstring(response.content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    return root.find("channel")


def titles(client, address="/en/feed.xml"):
    return [item.findtext("title") for item in channel(client, address).iter("item")]


def test_the_newest_of_the_edition_come_first(client):
    now = timezone.now()
    for hours, headline in ((3, "Oldest"), (1, "Newest"), (2, "Between")):
        ArticleFactory(headline=headline, published_at=now - timedelta(hours=hours))
    ArticleFactory(edition="uk", headline="Новина")
    assert titles(client) == ["Newest", "Between", "Oldest"]
    assert titles(client, "/uk/feed.xml") == ["Новина"]


def test_a_feed_is_what_its_readers_need(client, settings):
    author = AuthorFactory(en="Ada Brook")
    moment = datetime(2026, 11, 3, 7, 5, 9, tzinfo=UTC)
    section = SectionFactory(en="Harbours")
    article = ArticleFactory(
        headline="Fish & <chips>",
        lead="“Cheap”, they say",
        authors=[author],
        section=section,
        image=NewsImage.objects.create(title="Harbour", file=get_test_image_file_jpeg()),
        image_alt="A harbour",
        published_at=moment,
    )
    found = channel(client)
    home = settings.SITE_URL
    assert found.findtext("link") == f"{home}/en/"
    assert found.findtext("language") == "en"
    assert found.find(f"{ATOM}link").attrib == {"rel": "self", "href": f"{home}/en/feed.xml"}
    assert found.findtext("title")
    assert found.findtext("description")
    [item] = found.iter("item")
    assert item.findtext("title") == "Fish & <chips>"
    assert item.findtext("description") == "“Cheap”, they say"
    assert item.findtext("link") == home + article.get_absolute_url()
    assert item.findtext(CREATOR) == "Ada Brook"
    assert item.findtext("category") == "Harbours"
    assert parsedate_to_datetime(item.findtext("pubDate")) == moment
    assert item.findtext("pubDate").startswith("Tue, 03 Nov 2026")
    picture = item.find(f"{MEDIA}content")
    assert picture.get("url").startswith(f"{home}/media/images/")
    assert picture.findtext(f"{MEDIA}description") == "A harbour"


def test_an_item_is_the_same_under_a_new_address(client):
    article = ArticleFactory(slug="first")
    [before] = channel(client).iter("item")
    article.slug = "second"
    article.publish(article.save_revision())
    [after] = channel(client).iter("item")
    assert after.findtext("link").endswith("/en/news/second")
    assert after.findtext("guid") == before.findtext("guid")
    assert after.find("guid").get("isPermaLink") == "false"


def test_what_no_document_may_hold_is_left_out(client):
    ArticleFactory(headline="Bell\x07 and \x1bescape", lead="form\x0cfeed")
    assert titles(client) == ["Bell and escape"]


def test_a_section_has_a_feed_of_its_own(client):
    harbours, courts = SectionFactory(en="Harbours"), SectionFactory(en="Courts")
    ArticleFactory(headline="Ships", section=harbours)
    ArticleFactory(headline="Trial", section=courts)
    assert titles(client, "/en/harbours/feed.xml") == ["Ships"]
    assert channel(client, "/en/harbours/feed.xml").findtext("link").endswith("/en/harbours/")
    text = client.get("/en/harbours/").content.decode()
    assert 'type="application/rss+xml" href="/en/harbours/feed.xml"' in text
    assert 'type="application/rss+xml" href="/en/feed.xml"' in client.get("/en/").content.decode()


@pytest.mark.parametrize("address", ["/en/none/feed.xml", "/en/news/feed.xml", "/xx/feed.xml"])
def test_there_is_no_feed_of_nothing(client, address):
    ArticleFactory()
    assert client.get(address).status_code == 404


def test_an_empty_feed_is_the_same_whenever_it_is_made(client):
    assert titles(client) == []
    assert client.get("/en/feed.xml").content == client.get("/en/feed.xml").content


def test_a_new_name_of_an_author_is_in_the_next_pressing(client):
    author = AuthorFactory(en="Ada Brook")
    ArticleFactory(authors=[author])
    press_page("/en/feed.xml")
    name = AuthorName.objects.get(owner=author, edition__locale__language_code="en")
    with TestCase.captureOnCommitCallbacks(execute=True):
        name.name = "Ada Rivers"
        name.save()
    assert page_store().get("/en/feed.xml") is None


def test_what_is_withdrawn_is_in_no_stored_feed(client):
    article = ArticleFactory(headline="Minister resigns")
    assert b"Minister resigns" in b"".join(press_page("/en/feed.xml").parts)
    with TestCase.captureOnCommitCallbacks():
        Article.objects.get(pk=article.pk).unpublish()
        # Before the commit already.
        assert page_store().get("/en/feed.xml") is None
    assert titles(client) == []
