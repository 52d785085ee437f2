import re
import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadsheet.wire.imports.jsonl.bodies import MAX_PARTS, BodyTooLongError, Part, split_body

DAY = date(2020, 2, 29)
TAGS = ["p", "div", "b", "strong", "i", "em", "sup", "sub", "a href='https://a.example/?x=1&y=2'",
        'a href="javascript:alert(1)"', "a", "br", "br/", "h2", "ul", "ol", "li", "blockquote",
        "table", "tr", "td", "script", "style", "svg", "form", "img src=x onerror=alert(1)",
        "a href='https://a.example/\"><script>'", "title", "textarea", "object", "x:y"]  # fmt: skip

tag = st.builds("<{}{}>".format, st.sampled_from(["", "/"]), st.sampled_from(TAGS))
noise = st.sampled_from(["<", ">", "&", "&lt;script&gt;", "&#0;", "&#x3c;b&#x3e;", "<!--", "-->",
                         "<![CDATA[", '"', "'", "=", "\x01", "\u2028", "</", "<p "])  # fmt: skip
markup = st.lists(tag | noise | st.text(max_size=10), max_size=40).map("".join)


def split(body, *, lead="A lead.", headline="A headline"):
    return split_body(body, headline=headline, lead=lead, published_on=DAY)


def html_of(body, **options):
    return [part.html[0] for part in split(body, **options).parts]


def is_well_nested(html):
    opened = []
    for end, name in re.findall(r"<(/?)([a-z]+)[^>]*?/?>", html.replace("<br/>", "")):
        if not end:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened


@given(markup)
@settings(max_examples=600)
@example("<p><b><i>x</b>y</i><a href='https://a.example'>z<p>w</a>")
@example("<ul><li>a<ol><li>b</ul>c</ol>")
@example("<p>x<script>alert(1)</script>y<script>")
def test_whatever_comes_in_what_goes_out_is_safe_and_well_nested(body):
    result = split(body)
    for part in result.parts:
        assert part.kind in {"paragraph", "heading", "list"}
        assert part.text.strip()
        if part.kind == "heading":
            continue  # plain text: a template escapes it
        for html in part.html:
            allowed = r"</?(?:b|i|sup|sub)>|<br/>|</a>|<a href=\"(?:https?://|mailto:)[^\"<>]+\">"
            assert "<" not in re.sub(allowed, "", html, flags=re.IGNORECASE)
            assert is_well_nested(html)


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), min_size=1, max_size=8))
def test_no_word_of_a_paragraph_is_lost(words):
    body = "".join(f"<div><p>{word} <b>{word}</b></p></div>" for word in words)
    parts = split(body, headline="?", lead="!").parts
    assert [part.text for part in parts] == [f"{word} {word}" for word in words]


def test_the_blocks_of_an_ordinary_body():
    body = (
        "<p>One <strong>bold</strong> and <em>slanted</em>.</p><h3>A &amp; B</h3>"
        '<ul><li>first</li><li>second <a href="https://a.example/?a=1&amp;b=2">link</a></li></ul>'
        "<blockquote><p>Said.</p></blockquote>"
        "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"
        "line<br>next<br><br>new<img src=x>"
    )
    result = split(body)
    assert result.parts == (
        Part("paragraph", ("One <b>bold</b> and <i>slanted</i>.",)),
        Part("heading", ("A & B",)),
        Part("list", ("first", 'second <a href="https://a.example/?a=1&amp;b=2">link</a>')),
        Part("paragraph", ("<i>Said.</i>",)),
        Part("paragraph", ("a b",)),
        Part("paragraph", ("c d",)),
        Part("paragraph", ("line<br/>next",)),
        Part("paragraph", ("new",)),
    )
    assert result.pictures_left_out == 1


@pytest.mark.parametrize(
    "hostile",
    [
        "<p>kept</p><script>alert('gone')</script>",
        "<p>kept</p><style>p { content: 'gone' }</style>",
        "<p>kept</p><svg><script>gone</script></svg>",
        "<p>kept</p><form><p>gone</p></form>",
        "<p>kept</p><!-- gone -->",
        "<p>kept</p><SCRIPT/x>gone</SCRIPT >",
        "<p onclick='gone()'>kept</p>",
        "<p>kept</p><script>gone",
    ],
)
def test_scripts_and_what_holds_no_text_go(hostile):
    assert html_of(hostile) == ["kept"]


def test_a_link_is_kept_only_where_it_leads_somewhere_safe():
    assert html_of('<p><a href="javascript:alert(1)">x</a></p>') == ["x"]
    assert html_of('<p><a href="/local">x</a></p>') == ["x"]
    assert html_of('<p><a href="https://a.example/">x</a></p>') == [
        '<a href="https://a.example/">x</a>'
    ]


def test_plain_text_has_its_paragraphs_at_blank_lines_else_at_lines():
    assert html_of("one\ntwo\n \nthree < four") == ["one two", "three &lt; four"]
    assert html_of("one\ntwo") == ["one", "two"]


def test_what_stands_elsewhere_is_not_repeated():
    body = "A Headline!\n\nSaturday, February 29, 2020\n\nFirst.\n\nSecond."
    assert split(body, lead="").lead == "First."
    assert html_of(body, lead="") == ["Second."]
    assert html_of(body, lead="First") == ["Second."]
    assert html_of("March 9, 2021\n\nFirst.") == ["March 9, 2021", "First."]


@pytest.mark.parametrize("body", ["<p>x</p>" * (MAX_PARTS + 1), "x\n\n" * (MAX_PARTS + 1),
                                  "<ul>" + "<li>x" * (MAX_PARTS + 1)])  # fmt: skip
def test_more_parts_than_an_article_has_are_refused(body):
    with pytest.raises(BodyTooLongError):
        split(body)


@pytest.mark.parametrize(
    "body",
    ["<div>" * 200_000, "<b>" * 300_000 + "<p>x", "<ul><li>" * 100_000, "<p " * 300_000,
     '<a href="' * 100_000, "<p>" + "<" * 900_000, "<!--" * 200_000, "<svg>" * 150_000,
     "<script>" * 100_000, "<p>x" + "<br> " * 150_000, "<i><b>" * 5000 + "<p>x" * 1900],
    ids=lambda body: body[:12],
)  # fmt: skip
def test_a_megabyte_of_nesting_takes_no_more_time_than_a_megabyte(body):
    # A tree builder takes from eight seconds to minutes for some of these; this one second at
    # most, of its own time and not of a clock that others share.
    began = time.process_time()
    split(body)
    assert time.process_time() - began < 8
