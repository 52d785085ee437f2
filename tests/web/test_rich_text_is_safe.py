import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.web.rich_text import clean_html

ALLOWED = {"p", "br", "b", "strong", "i", "em", "sup", "sub", "a"}
PIECES = st.sampled_from(
    ["<p>", "</p>", "<a href='javascript:x'>", '<a href="https://e.example">', "</a>", "<script>",
     "</script>", "<img src=x onerror=y>", "<b onclick=x>", "<!--views:1-->", "<!--", "-->", "<svg>",
     "<style>", "text", "&lt;", "&", '"', "<iframe src=//x>", "<math><mi>", "<p style=x>", "\x00"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_only_plain_markup_is_left(source):
    html = clean_html(source)
    assert "<!--" not in html
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        assert element.tag in ALLOWED
        assert set(element.attrib) <= {"href", "rel", "lang", "dir"}
        assert not (element.get("href") or "").startswith("javascript:")


@pytest.mark.parametrize("source", ["", "<p></p>", "<p> <b></b></p>", "<p><br/></p>"])
def test_what_says_nothing_is_empty(source):
    assert clean_html(source) == ""


def test_links_to_other_sites_stay_and_say_nothing_of_the_page():
    html = clean_html('<p data-block-key="x"><a href="https://e.example/?a=1&amp;b=2">E</a></p>')
    assert html == '<p><a href="https://e.example/?a=1&amp;b=2" rel="noopener">E</a></p>'
