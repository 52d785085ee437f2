"""Editors pin an article on top of Popular, or keep it out, with a reason on record."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory, TagFactory
from tests.newsroom.desk import desk
from tests.web.pages import block, cards, parse, text_of
from wagtail.models import ModelLogEntry

from broadsheet.project import wiring
from broadsheet.readership.choosing import MOST_PINS, CannotChooseError, choose, end_choice
from broadsheet.readership.counting import place_articles, set_imported_counts
from broadsheet.readership.models import PopularChoice, RankedWindow
from broadsheet.readership.queries import popular
from broadsheet.readership.ranking import rank_popular
from broadsheet.web.fragments import popular_address
from broadsheet.web.invalidating import press_waiting
from broadsheet.web.stored import page_store, press_page

pytestmark = both_databases
POPULAR, CHOOSE = "/desk/audience/popular/", "/desk/audience/popular/choose/"


@pytest.fixture
def articles(editions):
    """Seven read articles of one section, the most read first."""
    made = ArticleFactory.create_batch(7, section=SectionFactory(en="World", uk="Світ"))
    place_articles([one.pk for one in made])
    set_imported_counts({one.pk: 100 - place for place, one in enumerate(made)})
    rank_popular(now=timezone.now())
    return made


def chosen(one, kind="pin", **fields):
    return {
        "article": one.pk,
        "kind": kind,
        "reason": "Readers asked for it.",
        "until": "",
        **fields,
    }


def shown(edition, **kwargs):
    return popular(edition.pk, now=timezone.now(), **kwargs)


def test_a_pinned_article_stands_on_top_and_readers_are_told(client, editor, articles, en):
    last = articles[-1]
    answer = editor.post(CHOOSE, chosen(last))
    assert answer.status_code == 302
    found = shown(en)
    assert found.article_ids == (last.pk, *(one.pk for one in articles[:-1]))
    assert found.pinned == {last.pk}
    first, *others = cards(block(parse(client.get("/en/")), "popular"))
    assert first.get("data-article") == str(last.pk)
    assert "Newsroom’s choice" in text_of(first)
    assert not [one for one in others if "Newsroom’s choice" in text_of(one)]
    pinned = parse(client.get("/en/popular/all")).findall(".//li[@data-pinned]")
    assert [cards(one)[0].get("data-article") for one in pinned] == [str(last.pk)]


def test_what_is_kept_out_is_in_no_list_and_counted_all_the_same(client, editor, articles, en):
    first = articles[0]
    tag, author = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")
    first.tags, first.bylines = [tag], [first.bylines.model(author=author)]
    first.publish(first.save_revision())
    place_articles([first.pk])
    rank_popular(now=timezone.now())
    groups = ({}, {"section_id": first.section_id}, {"tag_id": tag.pk}, {"author_id": author.pk})
    assert all(first.pk in shown(en, **group).article_ids for group in groups)
    editor.post(CHOOSE, chosen(first, "keep_out"))
    for group in groups:
        assert first.pk not in shown(en, **group).article_ids
    rank_popular(now=timezone.now())
    for group in groups:
        assert first.pk not in shown(en, **group).article_ids
    assert str(first.pk) not in [
        one.get("data-article") for one in cards(block(parse(client.get("/en/")), "popular"))
    ]
    [choice] = PopularChoice.objects.all()
    editor.post(f"{POPULAR}{choice.pk}/end/")
    rank_popular(now=timezone.now())
    assert all(first.pk in shown(en, **group).article_ids for group in groups)


def test_a_pin_stands_where_its_article_belongs(articles, en):
    sport = ArticleFactory.create_batch(6, section=SectionFactory(en="Sport"))
    place_articles([one.pk for one in sport])
    set_imported_counts({one.pk: 5 for one in sport})
    now = timezone.now()
    choose("pin", articles[3].pk, reason="Ours.", made_by="edith", now=now)
    assert shown(en, section_id=articles[3].section_id).article_ids[0] == articles[3].pk
    assert articles[3].pk not in shown(en, section_id=sport[0].section_id).article_ids
    assert shown(en, window="rising").article_ids == ()
    assert shown(en, has_pins=False).article_ids[0] == articles[0].pk


def test_a_choice_ends_by_itself(articles, en):
    now = timezone.now()
    until = now + timedelta(hours=2)
    choose("pin", articles[6].pk, reason="Tonight.", made_by="edith", now=now, until=until)
    choose("keep_out", articles[0].pk, reason="Old.", made_by="edith", now=now, until=until)
    just_before = until - timedelta(seconds=1)
    assert popular(en.pk, now=just_before).article_ids[:2] == (articles[6].pk, articles[1].pk)
    assert popular(en.pk, now=until).article_ids[:2] == (articles[0].pk, articles[1].pk)


def test_a_choice_takes_effect_at_the_next_turn_of_the_worker(articles, en):
    """The block of the edition is pressed anew, and those of tags are dropped."""
    tag = TagFactory(en="Ports")
    articles[2].tags = [tag]
    articles[2].publish(articles[2].save_revision())
    address, of_tag = popular_address("en"), popular_address("en", "tag", tag.pk)
    now = timezone.now()
    turn(now)
    for one in (address, of_tag):
        press_page(one)
    before = page_store().get(address)
    turn(now)
    assert page_store().get(address) == before
    choose("pin", articles[6].pk, reason="Ours.", made_by="edith", now=now)
    turn(now + timedelta(seconds=1))
    assert page_store().get(of_tag) is None
    assert page_store().get(address) != before
    assert f"article:{articles[6].pk}" in page_store().get(address).tags
    assert not RankedWindow.objects.filter(is_due=True).exists()


def turn(now):
    """What the clock does about rankings, until nothing is left to do."""
    jobs = [job for job in wiring.CLOCK if "rank" in job.name]
    while any(job.run(now) is True for job in jobs):
        pass
    while press_waiting(now):
        pass


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": "  "}, "required"),
        ({"until": "2020-01-01 10:00"}, "end before it begins"),
        ({"article": 999_999}, "Select a valid choice"),
        ({"kind": "hide"}, "is not one of the available choices"),
    ],
)
def test_what_cannot_be_chosen_is_said(editor, articles, fields, message):
    answer = editor.post(CHOOSE, chosen(articles[0]) | fields)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not PopularChoice.objects.exists()


def test_only_what_is_live_can_be_chosen_and_only_a_few_pinned(articles):
    now = timezone.now()
    draft = ArticleFactory(draft=True)
    for number, fields in ((draft.pk, {}), (999_999, {}), (articles[0].pk, {"reason": " "})):
        with pytest.raises(CannotChooseError):
            choose("pin", number, **{"reason": "Why.", "made_by": "edith", "now": now, **fields})
    for one in articles[:MOST_PINS]:
        choose("pin", one.pk, reason="Why.", made_by="edith", now=now)
    with pytest.raises(CannotChooseError, match="pinned already"):
        choose("pin", articles[MOST_PINS].pk, reason="Why.", made_by="edith", now=now)
    choose("pin", articles[0].pk, reason="Still.", made_by="edith", now=now)  # it is one of them
    choose("keep_out", articles[0].pk, reason="No more.", made_by="edith", now=now)
    choose("pin", articles[MOST_PINS].pk, reason="Why.", made_by="edith", now=now)
    assert PopularChoice.objects.get(article_id=articles[0].pk).kind == "keep_out"
    with pytest.raises(PopularChoice.DoesNotExist):
        end_choice(999_999)


def test_who_and_why_stays_on_record(editor, articles):
    article = articles[4]
    editor.post(CHOOSE, chosen(article, reason="The harbour opens today."))
    page = editor.get(POPULAR).content.decode()
    assert "The harbour opens today." in page
    assert "edith" in page
    csv = b"".join(editor.get(f"{POPULAR}?csv=choices").streaming_content).decode()
    assert "The harbour opens today." in csv
    [choice] = PopularChoice.objects.all()
    assert editor.post(f"{POPULAR}{choice.pk}/end/").status_code == 302
    assert editor.post(f"{POPULAR}{choice.pk}/end/").status_code == 404
    noted = ModelLogEntry.objects.filter(object_id=str(article.pk), action__contains="popular")
    assert [(one.action, one.user.username) for one in noted.order_by("pk")] == [
        ("broadsheet.popular.pin", "edith"),
        ("broadsheet.popular.end", "edith"),
    ]
    history = editor.get(desk("history", article.pk)).content.decode()
    assert "Pinned on top of Popular: The harbour opens today." in history
    assert "Ranked by views again" in history


def test_the_page_shows_what_readers_see(editor, articles):
    page = editor.get(POPULAR)
    assert [row["headline"] for row in page.context["ranked"]] == [one.headline for one in articles]
    assert f"{CHOOSE}?article={articles[6].pk}&amp;kind=pin" in page.content.decode()
    assert "All time" in editor.get(f"{POPULAR}?window=hour").content.decode()
    assert "Nothing yet." in editor.get(f"{POPULAR}?window=rising").content.decode()
    assert editor.get(f"{POPULAR}?window=none&edition=xx").status_code == 200
    assert f"?article={articles[0].pk}" in editor.get(desk("edit", articles[0].pk)).content.decode()


def test_reporters_neither_see_nor_choose(reporter, articles):
    for address in (POPULAR, CHOOSE):
        assert reporter.get(address).status_code == 302
    reporter.post(CHOOSE, chosen(articles[0]))
    assert not PopularChoice.objects.exists()
    now = timezone.now()
    choice = choose("pin", articles[0].pk, reason="Why.", made_by="edith", now=now)
    reporter.post(f"{POPULAR}{choice.pk}/end/")
    assert PopularChoice.objects.exists()
    assert "desk_popular" not in reporter.get(desk("edit", articles[0].pk)).content.decode()


def test_the_page_asks_the_same_of_few_choices_and_of_many(editor, articles):
    def ask():
        captured = [CaptureQueriesContext(connections[name]) for name in connections]
        for one in captured:
            one.__enter__()
        editor.get(POPULAR)
        for one in captured:
            one.__exit__(None, None, None)
        return sum(len(one) for one in captured)

    now = timezone.now()
    choose("keep_out", articles[0].pk, reason="Why.", made_by="edith", now=now)
    ask()
    few = ask()
    for one in articles[1:-1]:
        choose("keep_out", one.pk, reason="Why.", made_by="edith", now=now)
    assert ask() == few <= 15
