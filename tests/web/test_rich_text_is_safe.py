import pytest
from hypothesis import given
from tests.markup import HOSTILE, assert_plain

from broadsheet.web.rich_text import clean_html


@given(HOSTILE)
def test_only_plain_markup_is_left(source):
    assert_plain(clean_html(source), {"href", "rel", "lang", "dir"})


@pytest.mark.parametrize("source", ["", "<p></p>", "<p> <b></b></p>", "<p><br/></p>"])
def test_what_says_nothing_is_empty(source):
    assert clean_html(source) == ""


def test_links_to_other_sites_stay_and_say_nothing_of_the_page():
    html = clean_html('<p data-block-key="x"><a href="https://e.example/?a=1&amp;b=2">E</a></p>')
    assert html == '<p><a href="https://e.example/?a=1&amp;b=2" rel="noopener">E</a></p>'
