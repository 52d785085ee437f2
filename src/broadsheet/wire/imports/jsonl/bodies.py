"""A body, HTML or plain text → a lead and the blocks of ours.

HTML is cleaned first (nh3, an HTML5 parser): what is walked here is well formed and holds only
the tags named below. What has no block of ours keeps its words: tables become paragraphs, one a
row; quotations without a speaker become paragraphs in italics. Pictures are left out.
"""

import re
from dataclasses import dataclass
from datetime import date
from html import escape
from html.parser import HTMLParser

import nh3

from .datelines import date_of

MAX_HEADING = 200  # characters: what a heading block holds
#: A line that is only a date is dropped where it is at most so many days from publication.
DATELINE_DAYS = 7

_LOOKS_LIKE_HTML = re.compile(
    r"<(?:p|div|br|h[1-6]|ul|ol|li|blockquote|a|strong|b|em|i|img|figure|table|span|section|"
    r"article|pre)\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE = {"b": "b", "strong": "b", "i": "i", "em": "i", "sup": "sup", "sub": "sub"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_KEPT = {*_INLINE, *_HEADINGS, "p", "div", "section", "article", "br", "a", "ul", "ol", "li",
         "blockquote", "table", "tr", "td", "th", "pre", "hr", "img", "figcaption"}  # fmt: skip
_WITH_CONTENT = {"script", "style", "noscript", "iframe", "template", "object", "svg", "math",
                 "form", "button", "select", "textarea", "title"}  # fmt: skip
_BREAK = "<br/>"
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_SPACE = re.compile(r"\s+")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Part:
    """`kind` is paragraph, heading or list. `html` is safe inline HTML (a heading: plain text);
    of a list, one for each point.
    """

    kind: str
    html: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words alone, on one line."""
        return plain_text(" ".join(self.html)) if self.kind != "heading" else self.html[0]


@dataclass(frozen=True, slots=True)
class SplitBody:
    lead: str
    parts: tuple[Part, ...]
    pictures_left_out: int


def split_body(body: str, *, headline: str, lead: str, published_on: date) -> SplitBody:
    """Return the lead (the first paragraph where none is given) and the parts of the body.

    At its beginning a body may repeat what stands elsewhere: a line equal to the headline, and
    one that is only the date, are dropped.
    """
    if _LOOKS_LIKE_HTML.search(body):
        splitter = _Splitter()
        splitter.feed(clean_html(body))
        splitter.close()
        parts, pictures = splitter.finish(), splitter.pictures
    else:
        parts, pictures = _split_text(body), 0
    parts = _drop_repeated(parts, headline, published_on)
    if not lead and parts and parts[0].kind == "paragraph":
        lead = parts[0].text
        parts = parts[1:]
    elif lead and parts and _letters(parts[0].text) == _letters(lead):
        parts = parts[1:]  # the lead again
    return SplitBody(lead, tuple(parts), pictures)


def clean_html(html: str) -> str:
    """Return well-formed HTML of the tags that are walked, links to http(s) and mail only."""
    return nh3.clean(
        html,
        tags=_KEPT,
        clean_content_tags=_WITH_CONTENT,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def plain_text(html: str) -> str:
    spaced = html.replace(_BREAK, " ")
    text = _TAGS.sub("", spaced)
    for entity, letter in (
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ):
        text = text.replace(entity, letter)
    return _SPACE.sub(" ", text).strip()


def _split_text(text: str) -> list[Part]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    # A text without a single blank line has its paragraphs on lines of their own.
    between = _BLANK_LINE if _BLANK_LINE.search(text) else re.compile("\n")
    paragraphs = (_SPACE.sub(" ", part).strip() for part in between.split(text))
    return [Part("paragraph", (escape(part, quote=False),)) for part in paragraphs if part]


def _drop_repeated(parts: list[Part], headline: str, published_on: date) -> list[Part]:
    while parts and (
        _letters(parts[0].text) == _letters(headline) or _is_dateline(parts[0], published_on)
    ):
        parts = parts[1:]
    return parts


def _is_dateline(part: Part, published_on: date) -> bool:
    day = date_of(part.text)
    return day is not None and abs((day - published_on).days) <= DATELINE_DAYS


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


class _Splitter(HTMLParser):
    """Walks cleaned HTML; `finish()` gives the parts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures = 0
        self._parts: list[Part] = []
        self._inline: list[str] = []  # what the present paragraph, heading or point holds
        self._open: list[str] = []  # inline tags of ours that are open, outermost first
        self._link = ""
        self._heading = False
        self._quotes = 0
        self._points: list[list[str]] = []  # of each list that is open
        self._links: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _INLINE:
            self._inline.append(f"<{_INLINE[tag]}>")
            self._open.append(_INLINE[tag])
        elif tag == "a":
            self._open_link(dict(attrs).get("href") or "")
        elif tag == "br":
            self._break()
        elif tag == "img":
            self.pictures += 1
        else:
            self._flush()
            self._heading = tag in _HEADINGS
            self._quotes += tag == "blockquote"
            if tag in {"ul", "ol"}:
                self._points.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in _INLINE:
            self._inline.append(f"</{_INLINE[tag]}>")
            if _INLINE[tag] in self._open:
                self._open.remove(_INLINE[tag])
        elif tag == "a":
            if self._links and self._links.pop():
                self._inline.append("</a>")
                self._link = ""
        elif tag in {"td", "th"}:
            self._inline.append(" ")
        elif tag not in {"br", "img"}:
            self._flush()
            self._heading = False
            self._quotes -= tag == "blockquote"
            if tag in {"ul", "ol"} and self._points:
                self._end_list()

    def handle_data(self, data: str) -> None:
        self._inline.append(escape(_SPACE.sub(" ", data), quote=False))

    def finish(self) -> list[Part]:
        self._flush()
        while self._points:
            self._end_list()
        return self._parts

    def _open_link(self, href: str) -> None:
        is_absolute = re.match(r"(?:https?://|mailto:)[^\s]", href) is not None
        self._links.append(is_absolute)
        if is_absolute:
            self._link = f'<a href="{escape(href)}">'
            self._inline.append(self._link)

    def _break(self) -> None:
        if self._inline and self._inline[-1] == _BREAK:
            self._inline.pop()
            self._flush()  # two breaks are how old archives write a paragraph
        else:
            self._inline.append(_BREAK)

    def _flush(self) -> None:
        """End the present paragraph, heading or point; tags that stay open go on in the next."""
        closing = "</a>" * bool(self._link) + "".join(f"</{tag}>" for tag in reversed(self._open))
        html = _SPACE.sub(" ", "".join(self._inline)).strip()
        html = re.sub(rf"^(?: ?{_BREAK})+ ?| ?(?:{_BREAK} ?)+$", "", html) + closing
        self._inline = [*(f"<{tag}>" for tag in self._open), self._link]
        text = plain_text(html)
        if not text:
            return
        if self._points:
            self._points[-1].append(html)
        elif self._heading and len(text) <= MAX_HEADING:
            self._parts.append(Part("heading", (text,)))
        else:
            self._parts.append(Part("paragraph", (f"<i>{html}</i>" if self._quotes > 0 else html,)))

    def _end_list(self) -> None:
        points = self._points.pop()
        if not points:
            return
        if self._points:
            self._points[-1] += points  # a list in a list: its points follow the outer one's
        else:
            self._parts.append(Part("list", tuple(points)))
