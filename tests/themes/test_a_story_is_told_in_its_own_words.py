from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.themes.languages import language_of
from broadsheet.themes.telling import (
    SUMMARY_CHARACTERS,
    Piece,
    first_to_read,
    most_telling,
    names_told,
    summary_of,
    weigh_story,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ENGLISH, UKRAINIAN = language_of("en"), language_of("uk")
LEVEE = "The levee of Tarn broke on Sunday night, and water stands in the streets of the old town."
SHELTER = "Schools in Tarn opened their gyms as shelters for the families of the old town."
ASIDE = "A bakery gave away its bread."
SUNDAY = Piece(1, NOON, "Levee of Tarn breaks", f"{LEVEE} {ASIDE}")
MONDAY = Piece(
    2,
    NOON + timedelta(hours=20),
    "Gyms of Tarn become shelters",
    f"It rained again all day long. {SHELTER}",
)
LATER = Piece(
    3, NOON + timedelta(hours=30), "Bakers of Gorna celebrate", "Bread was dear this year."
)
FLASH = Piece(4, NOON + timedelta(hours=31), "Levee of Tarn: water falls", "")
STORY = [FLASH, LATER, MONDAY, SUNDAY]
WEIGHTS = weigh_story(STORY, ENGLISH)

TEXTS = st.text(st.sampled_from("abc levee tarn.\n"), max_size=60)
PIECES = st.lists(
    st.builds(Piece, st.integers(1, 99), st.just(NOON), TEXTS, TEXTS), min_size=1, max_size=6
)


def test_what_a_single_article_says_is_no_part_of_the_story():
    assert "tarn" in WEIGHTS
    assert "celeb" not in WEIGHTS


def test_one_reads_first_what_tells_most_of_the_last_day():
    assert first_to_read(STORY, WEIGHTS, ENGLISH) == MONDAY
    assert first_to_read([FLASH, SUNDAY], WEIGHTS, ENGLISH) == SUNDAY  # a text, where there is one
    assert first_to_read([FLASH], {}, ENGLISH) == FLASH


def test_the_summary_is_the_beginning_of_a_lead():
    assert summary_of(SUNDAY) == f"{LEVEE} {ASIDE}"
    assert summary_of(Piece(1, NOON, "H", f"{LEVEE} {LEVEE} {LEVEE} {LEVEE}")).count(LEVEE) == 3
    assert summary_of(FLASH) == ""


def test_the_sentence_of_a_day_tells_most_of_the_story():
    assert most_telling([MONDAY], WEIGHTS, ENGLISH).text == SHELTER
    assert most_telling([SUNDAY, MONDAY], WEIGHTS, ENGLISH).article_id == 1


def test_what_is_said_above_is_not_said_again():
    assert most_telling([SUNDAY], WEIGHTS, ENGLISH, without=LEVEE).text == ASIDE
    assert most_telling([SUNDAY], WEIGHTS, ENGLISH, without=SUNDAY.lead) is None


def test_a_burst_of_headlines_is_told_by_one_of_them():
    other = Piece(5, NOON, "Bread is dear", "")
    assert most_telling([other, FLASH], WEIGHTS, ENGLISH).text == FLASH.headline


def test_a_sentence_of_two_words_or_without_end_is_passed_over():
    endless = " ".join(["The levee of Tarn broke and water stands in the old town"] * 9)
    piece = Piece(6, NOON, "H", f"Levee Tarn. {endless}. {SHELTER}")
    assert most_telling([piece], WEIGHTS, ENGLISH).text == SHELTER


def test_names_that_most_articles_have_are_told_in_one_form():
    pieces = [
        Piece(
            1, NOON, "Міністр зустрівся з Ольгою Вербан у Києві", "Про це повідомила Ольга Вербан."
        ),
        Piece(2, NOON, "У Києві виступила Ольга Вербан", "Виступ Ольги Вербан тривав годину."),
        Piece(3, NOON, "Ольга Вербан поїхала до Львова", "Поїздку Ольги Вербан готували рік."),
    ]
    assert names_told(pieces, UKRAINIAN) == ["Ольга Вербан"]
    assert names_told(pieces[:1], UKRAINIAN) == []


@given(PIECES)
def test_whatever_the_articles_say_it_is_told_in_their_words(pieces):
    weights = weigh_story(pieces, ENGLISH)
    first = first_to_read(pieces, weights, ENGLISH)
    assert first in pieces
    assert first == first_to_read(pieces, weigh_story(pieces, ENGLISH), ENGLISH)
    said = most_telling(pieces, weights, ENGLISH)
    if said is not None:
        assert any(
            one.article_id == said.article_id and said.text in f"{one.headline}\n{one.lead}"
            for one in pieces
        )
    summary = summary_of(first)
    assert len(summary) <= max(SUMMARY_CHARACTERS, len(first.lead))
    assert bool(summary) == bool(first.lead.strip())
