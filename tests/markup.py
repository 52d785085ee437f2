"""Hostile markup, and what has to be left of it."""

import html5lib
from hypothesis import strategies as st

ALLOWED = {"p", "br", "b", "strong", "i", "em", "sup", "sub", "a"}
PIECES = st.sampled_from(
    ["<p>", "</p>", "<a href='javascript:x'>", '<a href="https://e.example">', "</a>", "<script>",
     "</script>", "<img src=x onerror=y>", "<b onclick=x>", "<!--views:1-->", "<!--", "-->", "<svg>",
     "<style>", "text", "&lt;", "&", '"', "<iframe src=//x>", "<math><mi>", "<p style=x>", "\x00"]
)  # fmt: skip


HOSTILE = st.lists(PIECES, max_size=12).map("".join)


def assert_plain(html, attributes):
    assert "<!--" not in html
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if element.tag == "DOCUMENT_FRAGMENT":
            continue
        assert element.tag in ALLOWED
        assert set(element.attrib) <= attributes
        assert (element.get("href") or "https:").split(":")[0] in {"http", "https", "mailto", "tel"}
