import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.web.headers import HTML
from broadsheet.web.pressing import make_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

ALWAYS = {
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
}


def headers_of(address):
    page = make_page(address, 0, now=ArticleFactory().first_published_at)
    return page.status, dict(page.headers)


def policy_of(headers):
    rules = (rule.split() for rule in headers["content-security-policy"].split("; "))
    return {name: set(values) for name, *values in rules}


@pytest.mark.parametrize(
    ("address", "status"),
    [("/en/", 200), ("/en/news/", 200), ("/en/feed.xml", 200), ("/en/news/no", 404), ("/", 302)],
)
def test_pages_feeds_and_redirects_allow_nothing_but_their_own(address, status):
    answered, headers = headers_of(address)
    assert answered == status
    assert ALWAYS.items() <= headers.items()
    assert "camera=()" in headers["permissions-policy"]
    policy = policy_of(headers)
    assert policy.pop("default-src") == {"'none'"}
    players = policy.pop("frame-src")
    assert players
    assert all(player.startswith("https://") and "*" not in player for player in players)
    # Nothing inline, nothing from elsewhere, and no base that would turn own addresses into others.
    assert {frozenset(values) for values in policy.values()} == {
        frozenset({"'self'"}),
        frozenset({"'none'"}),
    }
    assert {"script-src", "style-src", "frame-ancestors", "base-uri", "form-action"} <= set(policy)
    assert headers.get("content-type", HTML).endswith("charset=utf-8")


def test_https_is_kept_to_where_the_site_is_served_over_it_and_only_there(settings):
    assert "strict-transport-security" not in headers_of("/en/")[1]
    settings.SITE_URL = "https://news.example"
    for address in ("/en/", "/", "/en/news/no"):
        assert headers_of(address)[1]["strict-transport-security"] == "max-age=31536000"


def test_the_desk_runs_no_script_of_a_page(client, settings):
    settings.DESK_TRANSPORT_SECURITY = "max-age=1"
    login = client.get("/desk/login/")
    policy = policy_of({name.lower(): value for name, value in login.headers.items()})
    assert policy["script-src"] == policy["frame-ancestors"] == policy["connect-src"] == {"'self'"}
    assert policy["default-src"] == policy["base-uri"] == {"'none'"}
    assert login["X-Content-Type-Options"] == "nosniff"
    assert login["Referrer-Policy"] == login["Cross-Origin-Opener-Policy"] == "same-origin"
    assert login["Strict-Transport-Security"] == "max-age=1"
    assert "<script>" not in login.content.decode()
