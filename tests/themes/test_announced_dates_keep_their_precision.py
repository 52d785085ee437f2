"""What a text announces is found with the date and the precision that its words give it."""

import calendar
import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.themes.labelled_dates import LANGUAGES, labelled_sentences, score

from broadsheet.themes.languages import language_of
from broadsheet.themes.timelines import SENTENCES_KEPT, find_announced, sentences_in

TUESDAY = date(2026, 3, 10)
DAYS = st.dates(date(2020, 1, 1), date(2080, 12, 31))
MONTHS_EN = "January February March April May June July August September October November December"
MONTHS_UK = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
IN_MONTHS_UK = "січні лютому березні квітні травні червні липні серпні вересні жовтні листопаді грудні"  # fmt: skip
PIECES = {
    "en": "It will|he said|on 31 April|on 30 February 2027|in May|until|next week|this month|last year|on Friday|tomorrow"
    "|in 400 days|in 9999 weeks|ten years ago|by 2027|not|if|postponed from 2 May to 9 May|in the second quarter|,|.|and|\n",
    "uk": "Зал відкриють|він сказав|31 квітня|30 лютого 2027 року|у травні|до|наступного тижня|цього місяця|торік"
    "|у п'ятницю|завтра|за 400 днів|через 999 тижнів|сто років тому|до 2027 року|не|якщо|перенесли на 9 травня"
    "|у другому кварталі|,|.|а|\n",
}


def found(text, code="en", day=TUESDAY):
    announced = find_announced(text, day=day, language=language_of(code))
    return [(str(one.date), one.precision) for one in announced]


@pytest.mark.parametrize("code", LANGUAGES)
def test_labelled_sentences_are_read_within_the_bars(code):
    scored = score(labelled_sentences(code), code)
    assert scored.precision >= 0.95, scored
    assert scored.recall >= 0.7, scored


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_labelled_set_holds_enough_that_announces_nothing(code):
    sentences = labelled_sentences(code)
    assert len({one.text for one in sentences}) == 200
    assert sum(not one.expected for one in sentences) >= 70


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "The bank will close on Friday.", [("2026-03-13", "day")]),
        ("en", "The bank will close next Friday.", [("2026-03-20", "day")]),
        ("en", "The bank will close in May.", [("2026-05-01", "month")]),
        ("en", "The bank will close by the end of the year.", [("2026-01-01", "year")]),
        ("en", "The bank will close next week.", [("2026-03-16", "week")]),
        ("en", "The bank will close this weekend.", [("2026-03-09", "week")]),
        ("en", "The bank will close in three weeks.", [("2026-03-30", "week")]),
        ("en", "The bank will close this summer.", [("2026-01-01", "year")]),
        ("en", "The bank will close in the winter.", []),
        ("en", "It will run from 3 to 7 June.", [("2026-06-03", "day"), ("2026-06-07", "day")]),
        ("uk", "Банк закриють у п'ятницю.", [("2026-03-13", "day")]),
        ("uk", "Банк закриють наступної п’ятниці.", [("2026-03-20", "day")]),
        ("uk", "Банк закриють у березні 2027 року.", [("2027-03-01", "month")]),
        ("uk", "Банк закриють двадцять першого травня.", [("2026-05-21", "day")]),
        ("uk", "Банк закриють до кінця року.", [("2026-01-01", "year")]),
        ("uk", "Банк закриють наступного тижня.", [("2026-03-16", "week")]),
        ("uk", "Банк закриють восени.", [("2026-01-01", "year")]),
    ],
)
def test_a_date_is_as_fine_as_its_words(code, text, expected):
    assert found(text, code) == expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "He said on Friday that it will open in May.", [("2026-05-01", "month")]),
        ("en", "The hall, closed in April, will open in May.", [("2026-05-01", "month")]),
        ("en", "The vote, planned for May, was moved to June.", [("2026-06-01", "month")]),
        ("en", "The vote was postponed from 2 May to 9 May.", [("2026-05-09", "day")]),
        ("en", "On Friday the council voted to close the pool in May.", [("2026-05-01", "month")]),
        ("en", "It will not reopen until May.", [("2026-05-01", "month")]),
        ("en", "It will not reopen in May.", []),
        ("en", "Last year she said it would open in May.", []),
        ("en", "The budget for May will be small.", []),
        ("en", "They agreed to a truce on Friday.", []),
        ("en", "The vote went as expected on Friday.", []),
        ("en", "The first in ten years will be hers.", []),
        ("uk", "У п'ятницю він сказав, що зал відкриють у травні.", [("2026-05-01", "month")]),
        ("uk", "Засідання, призначене на травень, перенесли на червень.", [("2026-06-01", "month")]),
        ("uk", "У п'ятницю рада вирішила закрити басейн у травні.", [("2026-05-01", "month")]),
        ("uk", "Зал відкриють не раніше травня.", [("2026-05-01", "month")]),
        ("uk", "Зал не відкриють у травні.", []),
        ("uk", "Торік він казав, що зал відкриють у травні.", []),
        ("uk", "Бюджет на 2027 рік буде малим.", []),
    ],
)  # fmt: skip
def test_a_date_is_announced_where_what_governs_it_says_so(code, text, expected):
    assert found(text, code) == expected


def test_a_date_of_two_sentences_is_kept_once_and_no_more_than_a_few_are():
    assert found("It will open in May. In May it will close.") == [("2026-05-01", "month")]
    many = " ".join(f"It will run from {number} to {number + 1} May." for number in range(1, 30, 2))
    assert len(found(many)) == SENTENCES_KEPT


@given(day=DAYS, ahead=st.integers(1, 5000))
def test_a_written_day_ahead_is_that_day(day, ahead):
    when = day + timedelta(days=ahead)
    month = MONTHS_EN.split()[when.month - 1]
    assert found(f"It will open on {when.day} {month} {when.year}.", day=day) == [
        (str(when), "day")
    ]
    month = MONTHS_UK.split()[when.month - 1]
    text = f"Зал відкриють {when.day} {month} {when.year} року."
    assert found(text, "uk", day) == [(str(when), "day")]


@given(day=DAYS, months=st.integers(0, 150))
def test_a_written_month_is_never_a_day(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    expected = [(f"{year}-{month + 1:02}-01", "month")] if last > day else []
    assert found(f"It will open in {MONTHS_EN.split()[month]} {year}.", day=day) == expected
    text = f"Зал відкриють у {IN_MONTHS_UK.split()[month]} {year} року."
    assert found(text, "uk", day) == expected


@given(day=DAYS, past=st.integers(0, 5000))
def test_a_written_day_that_is_over_is_never_announced(day, past):
    when = day - timedelta(days=past)
    month = MONTHS_EN.split()[when.month - 1]
    assert found(f"It will open on {when.day} {month} {when.year}.", day=day) == []


@given(
    day=st.dates(),
    case=st.sampled_from(LANGUAGES).flatmap(
        lambda code: st.tuples(
            st.just(code), st.lists(st.sampled_from(PIECES[code].split("|")), max_size=12)
        )
    ),
)
@settings(max_examples=300)
def test_whatever_is_written_what_is_announced_is_a_date_not_yet_over(day, case):
    code, pieces = case
    text = " ".join([PIECES[code].split("|")[0], *pieces])
    for one in find_announced(text, day=day, language=language_of(code)):
        first = {
            "day": one.date,
            "week": one.date - timedelta(days=one.date.weekday()),
            "month": one.date.replace(day=1),
            "year": date(one.date.year, 1, 1),
        }
        last = {
            "day": one.date,
            "week": one.date + timedelta(days=6),
            "month": date(one.date.year, one.date.month, calendar.monthrange(one.date.year, one.date.month)[1]),
            "year": date(one.date.year, 12, 31),
        }  # fmt: skip
        assert one.date == first[one.precision]
        assert last[one.precision] > day
        assert one.text in sentences_in(text)


@given(text=st.text(), day=st.dates(), code=st.sampled_from(LANGUAGES))
def test_no_text_is_too_odd_to_read(text, day, code):
    assert len(find_announced(text, day=day, language=language_of(code))) <= SENTENCES_KEPT


@pytest.mark.parametrize(
    "piece", ["Mr. A ", ".\u00a0 ", '."', "It closed in May. ", "will not on 1 May ", "у травні буде "]
)  # fmt: skip
@pytest.mark.parametrize("code", LANGUAGES)
def test_a_long_text_takes_no_more_than_its_share_of_time(piece, code):
    def seconds(characters):
        text = "x" + piece * (characters // len(piece)) + "x"
        began = time.process_time()
        found(text, code)
        return time.process_time() - began

    seconds(1000)
    # Ten times the text; by its square it would be a hundred times as long.
    assert seconds(100_000) < 40 * max(seconds(10_000), 0.001)
