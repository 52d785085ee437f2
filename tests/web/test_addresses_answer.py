from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, PersonFactory, SourceFactory, TagFactory
from tests.web.pages import parse, text_of

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import kill
from broadsheet.themes.models import Story, StoryMember
from broadsheet.web.editions import WORDS

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

ADDRESSES = (
    "/{code}/",
    "/{code}/news/",
    "/{code}/popular",
    "/{code}/about/how-we-count",
    "/{code}/tags/ports",
    "/{code}/authors/olena-marchuk",
    "/{code}/people/ada-brook",
    "/{code}/sources/bloomberg",
    "/{code}/stories/harbour-plan",
)


@pytest.fixture
def newsroom(editions):
    """Articles of a story in each edition with every record that has a page."""
    author = AuthorFactory(en="Olena Marchuk", uk="Olena Marchuk")
    person = PersonFactory(en="Ada Brook", uk="Ada Brook")
    tag = TagFactory(en="Ports", uk="Ports")
    source = SourceFactory(en="Bloomberg", uk="Bloomberg")
    key = uuid4()
    for code in ("en", "uk"):
        article = ArticleFactory(
            edition=code,
            translation_key=key,
            authors=[author],
            tags=[tag],
            body=[("quote", {"text": "We build.", "speaker": person})],
        )
        article.sourcings.add(article.sourcings.model(source=source))
        article.publish(article.save_revision())
        at = article.first_published_at
        moments = {"oldest_at": at, "newest_at": at, "mean_at": at}
        story = Story.objects.create(locale=article.locale, slug="harbour-plan", **moments)
        for one in (article, ArticleFactory(edition=code)):
            StoryMember.objects.create(article=one, story=story, published_at=at)
    return Article.objects.first()


def all_addresses():
    return [path.format(code=code) for path in ADDRESSES for code in ("en", "uk")]


def test_the_root_leads_to_the_default_edition_for_now(client):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/en/")


@pytest.mark.parametrize("address", all_addresses())
def test_every_page_is_whole_in_both_editions(client, newsroom, address):
    response = client.get(address)
    assert response.status_code == 200
    tree = parse(response)
    code = address.split("/")[1]
    assert tree.get("lang") == code == response["Content-Language"]
    assert len(list(tree.iter("h1"))) == 1
    assert len(list(tree.iter("main"))) == 1
    alternates = {link.get("hreflang") for link in tree.findall(".//link[@hreflang]")}
    assert alternates == {"en", "uk", "x-default"}
    assert tree.find(".//link[@rel='canonical']").get("href").endswith(address)


@pytest.mark.parametrize("address", ["/en/", "/en/nothing/", "/nothing", "/en/news/no-such"])
def test_public_pages_are_strict_and_set_no_cookie(client, newsroom, address):
    response = client.get(address)
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert (
        "frame-src https://www.youtube-nocookie.com https://player.vimeo.com"
        " https://www.dailymotion.com;" in policy
    )
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy  # the search
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"]
    assert response["Cache-Control"] == "no-cache"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_no_page_has_inline_script_or_style(client, newsroom):
    for address in (*all_addresses(), newsroom.get_absolute_url()):
        tree = parse(client.get(address))
        assert not list(tree.iter("style"))
        assert not [e for e in tree.iter() if "style" in e.attrib]
        assert not [e for e in tree.iter() for name in e.attrib if name.startswith("on")]
        for script in tree.iter("script"):
            assert script.get("src") or script.get("type") == "application/ld+json"


def test_a_known_etag_is_answered_without_the_page(client, newsroom):
    address = newsroom.get_absolute_url()
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_etag_follows_the_numbers(client, newsroom, counted):
    address = newsroom.get_absolute_url()
    counted({newsroom.pk: 1})
    first = client.get(address)["ETag"]
    counted({newsroom.pk: 2})
    assert client.get(address)["ETag"] != first


def test_head_has_the_headers_of_get_and_no_body(client, newsroom):
    address = newsroom.get_absolute_url()
    head, get = client.head(address), client.get(address)
    assert head.content == b""
    assert head["ETag"] == get["ETag"]
    assert client.post(address).status_code == 405


def test_unknown_queries_change_nothing(client, newsroom):
    plain = client.get("/en/news/").content
    for query in ("utm_source=x", "before=", "before=yesterday_1", "before=2026-01-01T00:00:00Z_x",
                  "before=2026-01-01T00:00:00_1", "page=2", "before=0001-01-01T00:00:00%2B14:00_1",
                  "before=2026-01-01T00:00:00Z_" + "9" * 30, "before=%00"):  # fmt: skip
        assert client.get(f"/en/news/?{query}").content == plain, query


def test_an_unpublished_article_is_not_found(client):
    article = ArticleFactory()
    assert client.get(article.get_absolute_url()).status_code == 200
    article.unpublish()
    response = client.get(article.get_absolute_url())
    assert response.status_code == 404
    assert article.headline not in response.content.decode()


@pytest.mark.parametrize(
    ("code", "title"), [("en", "There is no such page"), ("uk", "Такої сторінки немає")]
)
def test_what_is_missing_is_said_in_the_editions_language(client, code, title):
    for address in (f"/{code}/news/no-such", f"/{code}/tags/no-such", f"/{code}/a/b/c"):
        response = client.get(address)
        assert response.status_code == 404
        tree = parse(response)
        assert tree.get("lang") == code
        assert text_of(tree.find(".//h1")) == title
        assert tree.find(".//meta[@name='robots']").get("content") == "noindex"


def test_an_address_of_no_edition_is_answered_in_the_default_one(client):
    response = client.get("/de/news/")
    assert response.status_code == 404
    assert parse(response).get("lang") == "en"


def test_a_killed_article_answers_410_with_the_notice(client):
    article = ArticleFactory(edition="uk", headline="Міст упав")
    kill(article, notice="Це була <неправда>.", now=timezone.now())
    response = client.get(article.get_absolute_url())
    assert response.status_code == 410
    tree = parse(response)
    assert text_of(tree.find(".//h1")) == "Цю статтю відкликано"
    assert text_of(tree.find(".//blockquote")) == "Це була <неправда>."
    assert "Міст упав" not in response.content.decode()


def test_a_changed_slug_moves_its_readers(client):
    article = ArticleFactory(headline="Bridge opens")
    article.slug = "bridge-opens-at-last"
    article.publish(article.save_revision())
    response = client.get("/en/news/bridge-opens")
    assert response.status_code == 301
    assert response["Location"] == "/en/news/bridge-opens-at-last"
    Article.objects.get(pk=article.pk).unpublish()
    assert client.get("/en/news/bridge-opens").status_code == 404


def test_a_scheduled_article_is_as_if_it_did_not_exist(client):
    scheduled = ArticleFactory(
        scheduled=True, headline="Under embargo", go_live_at=timezone.now() + timedelta(hours=1)
    )
    response = client.get(scheduled.get_absolute_url())
    assert response.status_code == 404
    assert response.content == client.get("/en/news/no-such-article-ever").content
    for address in ("/en/", "/en/news/", "/en/society/"):
        assert "Under embargo" not in client.get(address).content.decode()


def test_a_record_without_a_name_in_an_edition_is_not_public_there(client):
    tag = TagFactory(en="Ports")
    article = ArticleFactory(edition="uk", headline="Порт", tags=[tag])
    assert client.get("/uk/tags/ports").status_code == 404
    tree = parse(client.get(article.get_absolute_url()))
    assert tree.find(".//a[@rel='tag']") is None
    tree = parse(client.get("/en/tags/ports"))
    assert not tree.findall(".//link[@hreflang]")


def test_the_500_page_asks_nothing_of_the_database(django_assert_num_queries, rf):
    from broadsheet.web.views import server_error

    with django_assert_num_queries(0):
        response = server_error(rf.get("/en/"))
    assert response.status_code == 500
    tree = parse(response)
    headings = [text_of(h) for h in tree.iter("h1")]
    assert headings[:2] == ["Something went wrong on our side", "На нашому боці сталася помилка"]
    assert len(headings) == len(WORDS)
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_built_in_section_leads_to_the_latest(client):
    ArticleFactory()
    tree = parse(client.get("/en/"))
    links = [a.get("href") for a in tree.findall(".//nav[@id='sections']//a")]
    assert links == ["/en/news/", "/en/society/", "/en/popular"]


def test_how_we_count_says_the_settings_in_words(client, settings):
    settings.VIEW_WINDOW_MINUTES, settings.VIEW_LOG_DAYS = 1, 1
    english = text_of(parse(client.get("/en/about/how-we-count")).find(".//main"))
    for said in ("within 1 minute of", "opened nothing for 1 minute.", "kept for about 1 day."):
        assert said in english
    settings.VIEW_WINDOW_MINUTES, settings.VIEW_LOG_DAYS = 30, 22
    ukrainian = text_of(parse(client.get("/uk/about/how-we-count")).find(".//main"))
    for said in ("протягом 30 хвилин після", "доки протягом 30 хвилин не", "протягом 22 днів."):
        assert said in ukrainian
    assert "opens 30 articles within a minute" in english
    assert "за хвилину відкрив 30 статей" in ukrainian
    assert not set("{}") & {*english, *ukrainian}


def test_how_we_count_says_as_much_in_each_language():
    english, ukrainian = WORDS["en"].counting, WORDS["uk"].counting
    assert [len(one.paragraphs) for one in english] == [len(one.paragraphs) for one in ukrainian]
