from dataclasses import fields, replace

import pytest

from broadsheet.web.editions import WORDS
from broadsheet.web.editions.words import MissingWordError, Passage


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", {0: "0 views", 1: "1 view", 2: "2 views", 3228: "3,228 views"}),
        (
            "uk",
            {
                0: "0 переглядів",
                1: "1 перегляд",
                2: "2 перегляди",
                5: "5 переглядів",
                11: "11 переглядів",
                21: "21 перегляд",
                3228: "3\N{NO-BREAK SPACE}228 переглядів",
                3922: "3\N{NO-BREAK SPACE}922 перегляди",
            },
        ),
    ],
)
def test_views_are_counted_in_the_languages_own_plurals(code, expected):
    assert {count: WORDS[code].count_views(count) for count in expected} == expected


def test_no_ukrainian_word_hides_a_latin_letter():
    # The page that this grew from printed a Latin i in the middle of "переглядів".
    for form in WORDS["uk"].views.values():
        assert not [letter for letter in form.replace("{n}", "") if "a" <= letter.lower() <= "z"]


@pytest.mark.parametrize("code", sorted(WORDS))
def test_an_empty_word_or_a_missing_plural_is_an_error_at_start(code):
    for field in fields(WORDS[code]):
        if isinstance(getattr(WORDS[code], field.name), str) and field.name != "code":
            with pytest.raises(MissingWordError, match=field.name):
                replace(WORDS[code], **{field.name: ""})
    with pytest.raises(MissingWordError, match="views"):
        replace(WORDS[code], views={"one": "{n}"})
    with pytest.raises(TypeError):
        type(WORDS[code])(code=code)


def places(text):
    return {part.split("}")[0] for part in text.split("{")[1:]}


def test_every_language_leaves_the_same_places_and_has_the_same_passages():
    english, *others = WORDS["en"], *[words for code, words in WORDS.items() if code != "en"]
    for words in others:
        for field in fields(words):
            ours, theirs = getattr(english, field.name), getattr(words, field.name)
            if isinstance(ours, str):
                assert places(theirs) == places(ours), field.name
        assert [len(p.paragraphs) for p in words.counting] == [
            len(p.paragraphs) for p in english.counting
        ]
        assert all(isinstance(p, Passage) for p in words.counting)


def test_no_two_languages_share_a_sentence():
    for field in fields(WORDS["en"]):
        ours, theirs = (getattr(WORDS[code], field.name) for code in ("en", "uk"))
        if isinstance(ours, str) and field.name not in {"direction", "card_time", "clock"}:
            assert ours != theirs, field.name
