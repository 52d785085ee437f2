import csv
import io
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.newsroom.audience_tables import Linked, Share, Table, answer_csv

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


def hand_out(rows, columns=("Article", "Views")):
    answer = answer_csv(Table("articles", "Articles", columns, rows), file_name="now")
    assert answer.streaming
    return answer, b"".join(answer.streaming_content)


def read(content, separator=","):
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@given(st.lists(st.tuples(texts, st.integers(0, 10**12)), max_size=5))
def test_a_spreadsheet_reads_what_was_written_and_finds_no_formula(rows):
    _, content = hand_out(rows)
    head, *found = read(content)
    assert head == ["Article", "Views"]
    assert len(found) == len(rows)
    for (text, views), (cell, number) in zip(rows, found, strict=True):
        assert cell.removeprefix("'") == text.removeprefix("'")
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert number == str(views)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_would_be_a_formula_is_a_text(text):
    for value in (text, Linked(text, "/desk/")):
        assert read(hand_out([(value, 1)])[1])[1][0] == f"'{text}"


def test_excel_takes_it_for_utf_8_and_lines_end_as_the_standard_says():
    answer, content = hand_out([("Порт відкрито", 3228)])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith("Порт відкрито,3228\r\n".encode())
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="now-articles.csv"'


def test_where_numbers_have_a_comma_values_have_a_semicolon():
    with translation.override("uk"):
        _, content = hand_out([("a", 1.5), ("b", Share(0.25))])
    assert read(content, ";") == [["Article", "Views"], ["a", "1,5"], ["b", "0,25"]]
    with translation.override("en"):
        _, content = hand_out([("a", 1.5), ("b", Share(0.25))])
    assert read(content) == [["Article", "Views"], ["a", "1.5"], ["b", "0.25"]]


def test_moments_are_told_with_their_zone_and_nothing_is_empty():
    moment = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert read(hand_out([(moment, None)])[1])[1] == ["2026-11-20T12:00+00:00", ""]
