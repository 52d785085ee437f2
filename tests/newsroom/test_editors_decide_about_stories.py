"""Stories at the desk: listed, looked at, and decided about by those who may."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.newsroom.desk import desk
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD
from tests.web.pages import parse, text_of
from wagtail.models import ModelLogEntry

from broadsheet.articles.models import Article
from broadsheet.themes.models import BarredArticle, PinnedArticle, Story, StoryAct, StoryMember
from broadsheet.themes.queries import story_slug_of
from broadsheet.themes.relating import relate_article

pytestmark = both_databases
STORIES = "/desk/stories/"
WHY = {"reason": "It is so."}


@pytest.fixture
def write(editions):
    def write(headline, *paragraphs, hours=1, **kwargs):
        at = timezone.now() - timedelta(hours=hours)
        body = [("paragraph", f"<p>{text}</p>") for text in paragraphs[1:]]
        article = ArticleFactory(
            headline=headline, lead=paragraphs[0], body=body, published_at=at, **kwargs
        )
        relate_article(article.pk, now=timezone.now())
        return article

    return write


@pytest.fixture
def flood(write):
    return [write(*text, hours=hours) for text, hours in zip(FLOOD, (9, 3), strict=True)]


@pytest.fixture
def lake(write):
    return write(*OTHER_FLOOD, hours=4)


def rows_of(answer):
    return parse(answer).findall(".//table[@class='listing desk-table']/tbody/tr")


def home(article):
    return StoryMember.objects.get(pk=article.pk).story_id


def page_of(client, story):
    answer = client.get(reverse("desk_story", args=[story]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def decide(client, name, *args, **fields):
    answer = client.post(reverse(name, args=args), {**WHY, **fields})
    assert answer.status_code == 302, form_said(answer)
    return answer


def form_said(answer):
    return answer.context["form"].errors if answer.context else answer.status_code


def test_stories_are_listed_by_their_last_activity_and_found_by_words(editor, write, flood, lake):
    write(*MATCH, hours=2)
    write(*OTHER_FLOOD, hours=1)
    rows = rows_of(editor.get(STORIES))
    assert [text_of(row.find("td/a")) for row in rows] == [OTHER_FLOOD[0], FLOOD[0][0]]
    assert [text_of(row.findall("td")[1]) for row in rows] == ["2", "2"]
    assert MATCH[0] in unescape(editor.get(STORIES + "?state=all").content.decode())
    found = rows_of(editor.get(STORIES + "?q=sugar+mill"))
    assert len(found) == 1
    Story.objects.filter(pk=home(lake)).update(headline="Всюди вода")
    assert "Всюди вода" in editor.get(STORIES + "?q=всюди").content.decode()
    for wrong in ("?edition=uk", "?q=zebra", "?state=closed", "?state=featured", "?state=decided"):
        assert not rows_of(editor.get(STORIES + wrong)), wrong


def test_the_list_asks_as_much_for_many_stories_as_for_few(editor, write, flood):
    def asked():
        with CaptureQueriesContext(connections["default"]) as queries:
            assert editor.get(STORIES + "?state=all").status_code == 200
        return len(queries)

    asked()
    few = asked()
    for n in range(6):
        write(f"{n} {MATCH[0]}", MATCH[1], hours=400 * n + 2)
    assert asked() == few


def test_a_story_is_renamed_merged_and_split(editor, client, flood, lake):
    story, slug = home(flood[0]), story_slug_of(flood[0].pk)
    decide(editor, "desk_story_rename", story, headline="Water in Tarn", summary="It rose.")
    readers = client.get(f"/en/stories/{slug}")
    assert "Water in Tarn" in readers.content.decode()
    assert "It rose." in readers.content.decode()
    chooser = reverse("desk_story_pair", args=[story, "merge"])
    offered = parse(editor.get(f"{chooser}?q=campsites")).findall(".//input[@name='other']")
    assert [one.get("value") for one in offered] == [str(home(lake))]
    answer = editor.post(f"{chooser}?q=campsites", {**WHY, "other": home(lake)})
    assert answer.status_code == 302
    assert home(lake) == story
    assert OTHER_FLOOD[0] in client.get(f"/en/stories/{slug}/feed.xml").content.decode()
    answer = decide(editor, "desk_story_split", story, articles=[lake.pk])
    new = home(lake)
    assert new != story
    assert answer["Location"] == reverse("desk_story", args=[new])
    assert OTHER_FLOOD[0] not in client.get(f"/en/stories/{slug}/feed.xml").content.decode()
    text = page_of(editor, story)
    for said in ("Split off", "Merged", "Headline and summary", "It is so.", "edith", "It rose."):
        assert said in text
    assert [act.kind for act in StoryAct.objects.order_by("pk")] == ["rename", "merge", "split"]


def test_a_story_is_closed_featured_and_kept_apart_and_all_of_it_ended(editor, flood, lake):
    story, other = home(flood[0]), home(lake)
    for name, field in (("close", "is_closed"), ("feature", "is_featured")):
        decide(editor, "desk_story_act", story, name)
        assert Story.objects.filter(pk=story, **{field: True}).exists()
        rows = rows_of(editor.get(f"{STORIES}?state={field[3:]}"))
        assert len(rows) == 1
    for name in ("reopen", "unfeature"):
        decide(editor, "desk_story_act", story, name)
    assert Story.objects.filter(pk=story, is_closed=False, is_featured=False).exists()
    chooser = f"{reverse('desk_story_pair', args=[story, 'apart'])}?other={other}"
    assert editor.post(chooser, {**WHY, "other": other}).status_code == 302
    merging = f"{reverse('desk_story_pair', args=[story, 'merge'])}?other={other}"
    refused = editor.post(merging, {**WHY, "other": other})
    assert "never show together" in str(form_said(refused))
    assert OTHER_FLOOD[0] in page_of(editor, story)
    decide(editor, "desk_story_together", story, other)
    assert editor.post(merging, {**WHY, "other": other}).status_code == 302


def test_an_article_is_pinned_released_taken_out_and_moved(editor, flood, lake):
    one, other = flood
    story = home(one)
    decide(editor, "desk_story_of_article", one.pk, "pin")
    assert PinnedArticle.objects.get(pk=one.pk).story_id == story
    decide(editor, "desk_story_of_article", one.pk, "release")
    assert not PinnedArticle.objects.exists()
    decide(editor, "desk_story_of_article", other.pk, "remove")
    assert home(other) != story
    assert other.headline in page_of(editor, story)
    decide(editor, "desk_story_allow", story, other.pk)
    assert not BarredArticle.objects.exists()
    moving = f"{reverse('desk_story_move', args=[other.pk])}?other={home(lake)}"
    assert editor.post(moving, {**WHY, "other": home(lake)}).status_code == 302
    assert home(other) == home(lake)
    decide(editor, "desk_story_article_apart", one.pk, other=lake.pk)
    decide(editor, "desk_story_article_together", one.pk, lake.pk)
    actions = ModelLogEntry.objects.filter(action__startswith="broadsheet.story.")
    assert set(actions.values_list("action", flat=True)) == {
        f"broadsheet.story.{name}"
        for name in ("pin", "release", "remove", "move", "apart", "together")
    }
    history = unescape(editor.get(desk("history", other.pk)).content.decode())
    assert "Put into another story: It is so." in history


def test_no_act_is_done_without_a_reason(editor, flood):
    answer = editor.post(reverse("desk_story_act", args=[home(flood[0]), "close"]), {"reason": " "})
    assert "reason" in form_said(answer)
    assert not StoryAct.objects.exists()


def test_the_form_says_which_story_an_article_is_in_and_why(editor, flood, lake):
    text = unescape(editor.get(desk("edit", flood[0].pk)).content.decode())
    panel = text[text.index("It shares with the others:") :].split("</p>")[0]
    assert {"Tarn", "Oldbridge"} & set(panel.replace(",", "").split())
    text = unescape(editor.get(desk("edit", lake.pk)).content.decode())
    assert "No other article is near enough." in text
    decide(editor, "desk_story_of_article", flood[0].pk, "pin", reason="Ours.")
    text = unescape(editor.get(desk("edit", flood[0].pk)).content.decode())
    assert "It was put there by edith: “Ours.”" in " ".join(text.split())


def test_reporters_look_and_do_not_decide(reporter, guest, flood):
    story = home(flood[0])
    text = page_of(reporter, story)
    assert "desk-acts" not in text
    for name, args in (
        ("desk_story_act", (story, "close")),
        ("desk_story_rename", (story,)),
        ("desk_story_split", (story,)),
        ("desk_story_pair", (story, "merge")),
        ("desk_story_of_article", (flood[0].pk, "remove")),
        ("desk_story_move", (flood[0].pk,)),
    ):
        for ask in (reporter.get, reporter.post):
            assert ask(reverse(name, args=args)).status_code == 302
    assert not StoryAct.objects.exists()
    assert guest.get(STORIES)["Location"] == "/desk/"
    assert guest.post("/desk/stories/beside/", {"edition": "en"}).status_code == 302


def beside(client, *text, article="", card=()):
    answer = client.post(
        "/desk/stories/beside/",
        {
            "edition": "en",
            "article": article,
            "headline": text[0],
            "text": "\n".join(text[1:]),
            "card": list(card),
        },
    )
    assert answer.status_code == 200
    parts = answer.content.decode().split("<section ")
    return {part.split(">", 1)[0]: unescape(part) for part in parts[1:]}


def test_a_text_being_written_is_told_what_stands_beside_it(reporter, editor, write, flood):
    named = write("Minister Olha Verban opens the bridge of Tarn", "Olha Verban cut the ribbon.",
                  hours=300)  # fmt: skip
    found = beside(reporter, FLOOD[0][0])
    assert FLOOD[0][0] in found["data-stories"]
    assert "Put it there" not in found["data-stories"]
    found = beside(reporter, *FLOOD[1])
    assert FLOOD[1][0] in found["data-already"]
    found = beside(reporter, "Court hears Olha Verban on her garden", "Olha Verban spoke.")
    assert f'data-card="{named.pk}"' in found["data-related"]
    assert "Olha Verban" in found["data-related"]
    again = beside(
        reporter, "Court hears Olha Verban on her garden", "Olha Verban spoke.", card=[named.pk]
    )
    assert "data-related" not in again
    draft = ArticleFactory(headline="A draft", live=False)
    assert "Put it there" in beside(editor, FLOOD[0][0], article=draft.pk)["data-stories"]


def test_an_article_is_not_beside_itself(editor, flood):
    found = beside(editor, *FLOOD[1], article=flood[1].pk)
    assert "data-already" not in found
    assert "data-stories" not in found


def test_what_a_form_sends_may_be_anything(reporter, flood):
    assert beside(reporter, "") == {}
    assert beside(reporter, "\0", "x" * 30_000, article="-1", card=["x", "9" * 30]) == {}
    assert reporter.get("/desk/stories/beside/").status_code == 405
    assert reporter.post("/desk/stories/beside/", {"edition": "xx"}).status_code == 404


def test_what_was_withdrawn_is_offered_to_nobody(reporter, flood):
    assert "data-already" in beside(reporter, *FLOOD[1])
    for one in flood:
        Article.objects.get(pk=one.pk).unpublish()
    assert "data-already" not in beside(reporter, *FLOOD[1])
