"""A saved page is imported into the shipped program, read in Chromium, and counted."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.browser import open_chromium

pytestmark = pytest.mark.journey


@dataclass(frozen=True)
class Seed:
    """A saved page, and what has to come of it."""

    path: Path
    slug: str
    views: int
    larger: tuple[str, int]
    speaker: str
    sources: tuple[str, str]
    theme: frozenset[str]
    popular: tuple[int, ...]


OURS = Seed(
    path=Path(__file__).parent / "captured_page.txt",
    slug="norland-and-estria-sign-ferry-pact-despite-protest-from-veldon",
    views=2104,
    larger=("rents-in-calder-bay-fall-for-the-first-time-in-nine-years", 3322),
    speaker="Tomas Hurt",
    sources=("Meridian Post", "NVA"),
    theme=frozenset(
        {
            "brandt-congratulates-estrias-prime-minister-on-clear-win-in-snap-election",
            "estrias-ruling-bloc-keeps-its-majority-tormis-to-stay-prime-minister",
        }
    ),
    popular=(4021, 3322, 2950, 2104, 1877),
)


@pytest.fixture(scope="module", params=["ours", "real"])
def seed(request):
    if request.param == "ours":
        return OURS
    captures = request.getfixturevalue("shared") / "captures"
    return Seed(
        path=captures / "us-japan-strategic-partnership.txt",
        slug="us-and-japan-strengthen-strategic-partnership-amid-diplomatic-standoff-with-beijing",
        views=3228,
        larger=("new-zealand-braces-for-more-downpours-after-deadly-floods", 3932),
        speaker="Shinjiro Koizumi",
        sources=("Bloomberg", "UNN"),
        theme=frozenset(
            {
                "trump-congratulates-japans-prime-minister-on-stunning-victory-in-parliamentary-elections",
                "japans-ruling-party-retains-parliamentary-majority-takaichi-to-remain-prime-minister",
            }
        ),
        popular=(5332, 4430, 3932, 3696, 3528),
    )


@pytest.fixture(scope="module")
def newsroom(installed, seed, tmp_path_factory):
    """The program, serving what the saved page became once all that follows from it is done."""
    with installed.copy_to(tmp_path_factory.mktemp("seed") / "home") as program:
        program.run("import", "capture", seed.path, "--edition", "en")
        program.start()
        address = f"/en/news/{seed.slug}"
        program.wait_until(
            lambda: 'data-block="theme"' in program.get(address).text, "the theme", within=60
        )
        yield program


@pytest.fixture(scope="module")
def page(newsroom, seed):
    """The HTML of the imported page, before anybody read it."""
    return newsroom.get(f"/en/news/{seed.slug}").text


def block(page, name):
    return re.search(rf'<section[^>]*data-block="{name}".*?</section>', page, re.DOTALL)[0]


def numbers_of(html):
    """Article → the numbers that stand beside it."""
    found = {}
    for pk, value in re.findall(r'<data class="views" data-article="(\d+)" value="(\d+)"', html):
        found.setdefault(pk, set()).add(int(value))
    return found


def test_every_part_is_there_without_its_fault(page, seed):
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert "перегляд" not in text  # labels in the edition's language
    assert "views_" not in page  # no placeholder
    assert seed.slug not in text  # the slug is only ever in an address
    assert f">{seed.views:,} views</data>" in page
    lead = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)[1]
    assert seed.sources[0] not in lead
    assert re.search(rf"Reported by .*{seed.sources[0]}.*relayed by .*{seed.sources[1]}", text)
    quote = re.search(r"<blockquote.*?</figure>", page, re.DOTALL)[0]
    assert seed.speaker in quote
    assert f"/en/people/{seed.speaker.lower().replace(' ', '-')}" in quote
    times = re.findall(r'<time[^>]*datetime="([^"]+)"', page)
    assert times
    assert all(
        re.search(r"(?:[+-]\d\d:\d\d|Z)$", at) or re.fullmatch(r"[\d-]+", at) for at in times
    )


def test_the_theme_holds_the_election_alone_with_reasons(page, seed):
    theme = block(page, "theme")
    assert set(re.findall(r'href="/en/news/([^"]+)"', theme)) == seed.theme
    assert theme.lower().count("also about") == 2


def test_popular_is_in_order_and_names_its_window(page, seed):
    popular = block(page, "popular")
    values = [int(value) for value in re.findall(r'class="views"[^>]*value="(\d+)"', popular)]
    assert tuple(values) == seed.popular
    assert "of all time" in popular  # nothing was counted yet: imported counts


def test_each_article_has_one_number_on_the_page(page):
    numbers = numbers_of(page)
    assert len(numbers) > 5
    assert all(len(values) == 1 for values in numbers.values()), numbers


def test_json_ld_names_sources_and_count(page, seed):
    told = json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1]
    )
    assert "NewsArticle" in json.dumps(told)
    assert seed.sources[0] in json.dumps(told, ensure_ascii=False)


def test_a_reader_sees_the_number_rise_wherever_it_stands(page, newsroom, seed):  # page: unread
    program = newsroom
    address = f"/en/news/{seed.slug}"
    article = program.article_at(address)
    with open_chromium() as browser:
        # Headless Chromium says what it is, and would be taken for the robot that it is.
        context = browser.new_context(user_agent="Mozilla/5.0 (X11; Linux x86_64) Chrome/156")
        tab = context.new_page()
        with tab.expect_response("**/-/read") as answered:
            tab.goto(program.address + address)
        assert answered.value.status == 204
        program.wait_until(lambda: program.views_of(article) == seed.views + 1, "the fold")
        for path in (address, "/en/news/", "/en/popular"):
            program.wait_until(
                lambda path=path: (
                    numbers_of(program.get(path).text)[str(article)] == {seed.views + 1}
                ),
                f"the number on {path}",
                within=2,
            )
        tab.goto(program.address + address)  # again within half an hour: the same reader
        shown = f'data.views[data-article="{article}"]'
        tab.wait_for_load_state("networkidle")
        assert {one.inner_text().strip() for one in tab.locator(shown).all()} == {
            f"{seed.views + 1:,} views"
        }
        assert context.cookies() == []
    assert program.run("recount").stderr.endswith(" 0 differences\n")


def test_a_second_import_changes_nothing(program, seed):
    first = program.run("import", "capture", seed.path, "--edition", "en", "--json")
    again = program.run("import", "capture", seed.path, "--edition", "en", "--json")
    made, present = json.loads(first.stdout)["made"], json.loads(again.stdout)["present"]
    assert made == present
    assert json.loads(again.stdout)["made"] == {}
    warned = first.stderr
    assert "is no count" in warned
    assert "the larger number is taken" in warned
    assert json.loads(first.stdout)["counts"][str(made[seed.larger[0]])] == seed.larger[1]
