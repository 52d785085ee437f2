import re
import unicodedata
from collections.abc import Mapping
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
        (
            "pl",
            {
                0: "0 wyświetleń",
                1: "1 wyświetlenie",
                2: "2 wyświetlenia",
                5: "5 wyświetleń",
                12: "12 wyświetleń",
                21: "21 wyświetleń",
                22: "22 wyświetlenia",
                3228: "3\N{NO-BREAK SPACE}228 wyświetleń",
            },
        ),
        (
            "ar",
            {
                0: "0 مشاهدة",
                1: "مشاهدة واحدة",
                2: "مشاهدتان",
                3: "3 مشاهدات",
                11: "11 مشاهدة",
                100: "100 مشاهدة",
                103: "103 مشاهدات",
                3228: "3,228 مشاهدة",
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


# Rules, and words that two languages share by right.
RULES = {"direction", "card_time", "full_time", "day", "in_a_sentence", "month", "year", "clock"}
RULES |= {"comma", "semicolon"}


@pytest.mark.parametrize("code", sorted(set(WORDS) - {"en"}))
def test_no_sentence_was_left_in_english(code):
    for field in fields(WORDS["en"]):
        ours, theirs = (getattr(WORDS[one], field.name) for one in ("en", code))
        if field.name not in RULES:
            assert ours != theirs, field.name


@pytest.mark.parametrize("code", sorted(WORDS))
def test_words_are_written_in_the_script_of_their_language(code):
    # A word in another script is a name, a place for one, or a mistake.
    names = {"javascript", "rss", "cookie", "utc", "vpn"}
    script = {"en": "LATIN", "pl": "LATIN", "uk": "CYRILLIC", "ar": "ARABIC"}[code]
    texts = [value for field in fields(WORDS[code]) if field.name not in {*RULES, "code"}
             for value in all_texts(getattr(WORDS[code], field.name))]  # fmt: skip
    for text in texts:
        for word in re.findall(r"[^\W\d_]+", re.sub(r"\{\w+\}", "", text)):
            foreign = [one for one in word if script not in unicodedata.name(one)]
            assert not foreign or word.lower() in names, word


def all_texts(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return list(value.values())
    return [text for passage in value for text in (passage.heading, *passage.paragraphs)]


def test_names_are_listed_and_languages_called_as_the_language_does():
    listed = {code: words.list_of(["A", "B", "C"]) for code, words in WORDS.items()}
    assert listed == {"en": "A, B, and C", "uk": "A, B і C", "pl": "A, B i C", "ar": "A وB وC"}
    assert WORDS["ar"].name_of_language("en") == "الإنجليزية"
    assert WORDS["pl"].name_of_language("uk") == "ukraiński"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("en", ["2 days", "Éclair", "Food", "Zoo", "Ґава"]),
        ("uk", ["Гора", "Ґава", "Діло", "Ефір", "Європа", "Ідея", "Їжа", "Яр", "NATO"]),
        ("pl", ["Ale", "Czas", "Ćma", "Lublin", "Łódź", "Zoo", "Źródło", "Żuraw"]),
        ("ar", ["أمل", "بيت", "تمر", "عين", "وطن", "يوم", "NATO"]),
    ],
)
def test_names_stand_in_the_order_of_the_languages_alphabet(code, names):
    assert sorted({*names}, key=WORDS[code].in_order) == names
