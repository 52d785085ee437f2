"""`broadsheet themes evaluate`: labelled articles are replayed by what decides on the site."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from tests.themes.test_articles_of_one_story_join import FLOOD, MATCH, OTHER_FLOOD, SOUP

from broadsheet.themes.evaluating import Replay, bcubed, pairwise, read_labelled
from broadsheet.themes.models import StoryMember

#: Two bursts of headlines, as agencies send them, and one that stands alone.
BURST = (
    ("Quake of 6.1 shakes Lomara coast", "quake"),
    ("Lomara quake: harbour of Tessin damaged", "quake"),
    ("Harbour of Tessin closed after Lomara quake", "quake"),
    ("Tessin harbour damaged by quake, says Lomara coast guard", "quake"),
    ("Bakers of Velden end strike", "strike"),
    ("Strike of Velden bakers ends with a raise", "strike"),
    ("Velden: bread again as bakers' strike ends", "strike"),
    ("Museum of clocks opens in Aldern", "museum"),
)
MORNING = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def line(number, title, story, text="", *, lang="en", date=None):
    at = (MORNING + timedelta(minutes=7 * number)).isoformat() if date is None else date
    return {
        "id": f"a{number}", "lang": lang, "date": at, "title": title, "text": text, "story": story,
    }  # fmt: skip


@pytest.fixture
def labelled(tmp_path):
    def write(lines, name="sample.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(json.dumps(one) for one in lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def evaluation(capsys):
    def run(*paths, **options):
        call_command("themes", "evaluate", *map(str, paths), json=True, **options)
        return json.loads(capsys.readouterr().out)["files"]

    return run


def test_the_answer_says_what_was_found(labelled, evaluation):
    path = labelled([line(n, title, story) for n, (title, story) in enumerate(BURST)])
    [found] = evaluation(path)
    assert (found["file"], found["lang"], found["articles"]) == ("sample.jsonl", "en", len(BURST))
    assert (found["stories_found"], found["stories_given"]) == (3, 3)
    assert found["bcubed"] == found["pairwise"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    # Each alone: precision 1; recall (4·1/4 + 3·1/3 + 1)/8.
    assert found["singletons"] == {"precision": 1.0, "recall": 0.375, "f1": 0.5455}
    assert found["articles_per_second"] > 0
    assert found["memory_mb"] > 1


def test_languages_are_measured_apart_and_those_without_spaces_left_out(
    labelled, evaluation, capsys
):
    lines = [line(n, title, story) for n, (title, story) in enumerate(BURST)]
    lines += [
        line(1, "Паром на Соррель знову курсує", "ferry", lang="uk"),
        line(2, "地震", "quake", lang="ja"),
    ]
    call_command("themes", "evaluate", str(labelled(lines)))
    told = capsys.readouterr()
    assert [row.split()[1] for row in told.out.splitlines()] == ["lang", "en", "uk"]
    assert "ja left out" in told.err


def test_articles_without_a_story_are_replayed_and_not_measured(labelled, evaluation):
    lines = [line(n, title, story) for n, (title, story) in enumerate(BURST)]
    lines.append(line(9, "Bakers of Velden open late", None))
    [found] = evaluation(labelled(lines))
    assert (found["articles"], found["stories_given"]) == (9, 3)


def test_undated_lines_are_taken_in_the_order_of_the_file(labelled):
    path = labelled([line(1, "One", "a", date=""), line(2, "Two", "a"), line(0, "Three", "b")])
    assert [one.title for one in read_labelled(path)] == ["One", "Three", "Two"]


def test_what_has_no_date_may_be_of_any(labelled, evaluation):
    """Half of a story without dates, half with: one story."""
    lines = [line(n, title, story, date="") for n, (title, story) in enumerate(BURST[:2])]
    lines += [line(n, title, story) for n, (title, story) in enumerate(BURST[2:4])]
    [found] = evaluation(labelled(lines))
    assert (found["stories_found"], found["stories_given"]) == (1, 1)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("{", "line 2: this is no JSON"),
        ("[]", "line 2: this is no JSON object"),
        ('{"id": "a", "lang": "en", "title": 3, "text": ""}', "'title' has to be a text"),
        (json.dumps(line(1, "One", "a", date="yesterday")), "'date' takes a moment"),
        (json.dumps(line(1, "One", ["a"])), "'story' has to be a text, or null"),
    ],
)
def test_a_bad_line_ends_it_before_anything_is_answered(labelled, capsys, bad, message):
    good = labelled([line(0, "One", "a")], name="good.jsonl")
    path = labelled([line(0, "One", "a")])
    path.write_text(path.read_text() + bad + "\n")
    with pytest.raises(CommandError, match=message) as raised:
        call_command("themes", "evaluate", str(good), str(path))
    assert raised.value.returncode == 2
    assert not capsys.readouterr().out


def test_no_file_and_an_empty_one_are_said(tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    for path, message in ((tmp_path / "none.jsonl", "cannot be read"), (empty, "holds no article")):
        with pytest.raises(CommandError, match=message) as raised:
            call_command("themes", "evaluate", str(path))
        assert raised.value.returncode == 2


def test_measures_are_those_of_the_books():
    # One story of three and one of two; a story of two was split, and one article went astray.
    found, labels = [1, 1, 2, 2, 3], ["a", "a", "a", "b", "b"]
    assert bcubed(found, labels).precision == pytest.approx((1 + 1 + 0.5 + 0.5 + 1) / 5)
    assert bcubed(found, labels).recall == pytest.approx((4 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)
    assert pairwise(found, labels).precision == pytest.approx(1 / 2)
    assert pairwise(found, labels).recall == pytest.approx(1 / 4)
    assert bcubed([], []).f1 == pairwise([1], ["a"]).f1 == 0.0


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), min_size=1))
def test_a_clustering_is_best_where_it_is_the_given_one(pairs):
    found, labels = [f for f, _ in pairs], [g for _, g in pairs]
    for measures in (bcubed(found, labels), pairwise(found, labels)):
        assert 0 <= measures.precision <= 1
        assert 0 <= measures.recall <= 1
    assert bcubed(labels, labels).f1 == 1
    assert bcubed(range(len(labels)), labels).precision == 1


@given(st.lists(st.sampled_from([title for title, _ in BURST]), max_size=12))
def test_no_article_is_lost_however_stories_merge(titles):
    replay = Replay("en")
    for number, title in enumerate(titles):
        replay.publish(title, "", MORNING + timedelta(minutes=number))
    assert len(replay.stories()) == len(titles)


@pytest.mark.django_db
def test_the_site_finds_the_same_stories(write):
    """What is measured is what readers get."""
    texts = [FLOOD[0], MATCH, FLOOD[1], SOUP, OTHER_FLOOD, *((title,) for title, _ in BURST)]
    replay = Replay("en")
    now = MORNING + timedelta(days=1)
    articles = []
    for number, (headline, *paragraphs) in enumerate(texts):
        hours = 20 - number
        articles.append(write(headline, *paragraphs, hours=hours, now=now))
        at = articles[-1].first_published_at
        replay.publish(headline, "\n".join(paragraphs), at)
    story_of = dict(StoryMember.objects.values_list("article_id", "story_id"))
    assert partition(article.pk for article in articles)(story_of) == partition(
        article.pk for article in articles
    )(dict(zip((a.pk for a in articles), replay.stories(), strict=True)))


def partition(keys):
    keys = list(keys)

    def of(story_of):
        groups = defaultdict(set)
        for key in keys:
            groups[story_of[key]].add(key)
        return {frozenset(group) for group in groups.values()}

    return of
