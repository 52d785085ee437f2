"""A body, HTML or plain text → a lead and the blocks of ours.

What has no block of ours keeps its words: tables become paragraphs, one a row; quotations without
a speaker become paragraphs in italics. Pictures are left out, and counted.
"""

import re
from dataclasses import dataclass
from datetime import date
from html import escape, unescape

from .datelines import date_of
from .markup import Tag, read_markup

MAX_HEADING = 200  # characters: what a heading block holds
#: Blocks of one article. The longest real ones seen have some hundreds; more is no article, and
#: one transaction could not hold it.
MAX_PARTS = 2000
#: A line that is only a date is dropped where it is at most so many days from publication.
DATELINE_DAYS = 7

_LOOKS_LIKE_HTML = re.compile(
    r"<(?:p|div|br|h[1-6]|ul|ol|li|blockquote|a|strong|b|em|i|img|figure|table|span|section|"
    r"article|pre|script|style)\b[^<>]*>",
    re.IGNORECASE,
)
_INLINE = {"b": "b", "strong": "b", "i": "i", "em": "i", "sup": "sup", "sub": "sub"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_CELLS = frozenset({"td", "th"})
#: What begins and ends a paragraph; any other element is only its content.
_BLOCKS = frozenset({*_HEADINGS, *_LISTS, "p", "div", "section", "article", "aside", "main",
                     "header", "footer", "nav", "figure", "figcaption", "li", "dl", "dt", "dd",
                     "blockquote", "table", "caption", "tr", "pre", "hr", "address"})  # fmt: skip
_BREAK = "<br/>"
_BREAKS_AT_ENDS = re.compile(rf"^(?: ?{_BREAK})+ ?| ?(?:{_BREAK} ?)+$")
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_SPACE = re.compile(r"\s+")
_TAGS = re.compile(r"<[^>]*>")
_LINK = re.compile(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]")


class BodyTooLongError(ValueError):
    """A body of more than `MAX_PARTS` blocks."""


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
    one that is only the date, are dropped. Raises `BodyTooLongError`.
    """
    if _LOOKS_LIKE_HTML.search(body):
        splitter = _Splitter()
        splitter.feed(body)
        parts, pictures = splitter.finish(), splitter.pictures
    else:
        parts, pictures = _split_text(body), 0
    if len(parts) > MAX_PARTS:
        raise BodyTooLongError(f"body has more than {MAX_PARTS} paragraphs")
    parts = _drop_repeated(parts, headline, published_on)
    if not lead and parts and parts[0].kind == "paragraph":
        lead = parts[0].text
        parts = parts[1:]
    elif lead and parts and _letters(parts[0].text) == _letters(lead):
        parts = parts[1:]  # the lead again
    return SplitBody(lead, tuple(parts), pictures)


def plain_text(html: str) -> str:
    """The words of inline HTML of ours, on one line."""
    return _SPACE.sub(" ", unescape(_TAGS.sub("", html.replace(_BREAK, " ")))).strip()


def _split_text(text: str) -> list[Part]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    # A text without a single blank line has its paragraphs on lines of their own.
    between = _BLANK_LINE if _BLANK_LINE.search(text) else re.compile("\n")
    paragraphs = (_SPACE.sub(" ", part).strip() for part in between.split(text))
    return [Part("paragraph", (escape(part, quote=False),)) for part in paragraphs if part]


def _drop_repeated(parts: list[Part], headline: str, published_on: date) -> list[Part]:
    first = 0
    while first < len(parts) and (
        _letters(parts[first].text) == _letters(headline)
        or _is_dateline(parts[first], published_on)
    ):
        first += 1
    return parts[first:]


def _is_dateline(part: Part, published_on: date) -> bool:
    day = date_of(part.text)
    return day is not None and abs((day - published_on).days) <= DATELINE_DAYS


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


class _Splitter:
    """Walks markup, well formed or not; `finish()` gives the parts."""

    def __init__(self) -> None:
        self.pictures = 0
        self._parts: list[Part] = []
        self._inline: list[str] = []  # what the present paragraph, heading or point holds
        self._open: list[str] = []  # inline tags of ours that are open, outermost first
        self._link = ""  # the open link's own tag
        self._is_heading = False
        self._quotes = 0
        self._points: list[list[str]] = []  # of each list that is open

    def feed(self, html: str) -> None:
        for token in read_markup(html):
            if isinstance(token, str):
                text = _UNPRINTABLE.sub(" ", token)
                self._inline.append(escape(_SPACE.sub(" ", text), quote=False))
            elif token.name in _INLINE:
                self._mark(_INLINE[token.name], is_end=token.is_end)
            elif token.name == "a":
                self._turn_link("" if token.is_end else token.href)
            elif token.name == "br":
                self._break()
            elif token.name == "img":
                self.pictures += 1
            elif token.name in _CELLS:
                self._inline.append(" ")
            elif token.name in _BLOCKS:
                self._turn_block(token)

    def finish(self) -> list[Part]:
        self._flush()
        while self._points:
            self._end_list()
        return self._parts

    def _mark(self, tag: str, *, is_end: bool) -> None:
        """Open or close an inline tag; each is open once, however often it is nested."""
        if not is_end and tag not in self._open:
            self._open.append(tag)
            self._inline.append(f"<{tag}>")
        elif is_end and tag in self._open:
            # Those inside it are closed and opened again, which keeps the tags well nested.
            inside = self._open[self._open.index(tag) + 1 :]
            self._inline += [f"</{one}>" for one in (*reversed(inside), tag)]
            self._inline += [f"<{one}>" for one in inside]
            self._open.remove(tag)

    def _turn_link(self, href: str) -> None:
        """End the link that is open, and begin one to `href` where that is an address."""
        # A link is innermost at both its ends: the inline tags are closed around it.
        closing, opening = self._closing(), "".join(f"<{tag}>" for tag in self._open)
        is_address = _LINK.fullmatch(href) is not None and not _UNPRINTABLE.search(href)
        if not self._link and not is_address:
            return
        self._link = f'<a href="{escape(href)}">' if is_address else ""
        self._inline += [closing, self._link, opening]

    def _closing(self) -> str:
        tags = "".join(f"</{tag}>" for tag in reversed(self._open))
        return tags + "</a>" * bool(self._link)

    def _break(self) -> None:
        if self._inline and self._inline[-1] == _BREAK:
            self._inline.pop()
            self._flush()  # two breaks are how old archives write a paragraph
        else:
            self._inline.append(_BREAK)

    def _turn_block(self, tag: Tag) -> None:
        self._flush()
        self._is_heading = tag.name in _HEADINGS and not tag.is_end
        if tag.name == "blockquote":
            self._quotes = max(0, self._quotes + (-1 if tag.is_end else 1))
        elif tag.name in _LISTS and tag.is_end:
            self._end_list()
        elif tag.name in _LISTS:
            self._begin_list()

    def _flush(self) -> None:
        """End the present paragraph, heading or point; tags that stay open go on in the next."""
        html = "".join([*self._inline, self._closing()])
        self._inline = [self._link, *(f"<{tag}>" for tag in self._open)]
        text = plain_text(html)
        if not text:
            return
        if self._is_heading and len(text) <= MAX_HEADING and not self._points:
            self._add(Part("heading", (text,)))
            return
        html = _BREAKS_AT_ENDS.sub("", _SPACE.sub(" ", html).strip())
        if self._points:
            self._points[-1].append(html)
        elif self._quotes:
            self._add(Part("paragraph", (f"<i>{html}</i>",)))
        else:
            self._add(Part("paragraph", (html,)))

    def _add(self, part: Part) -> None:
        self._parts.append(part)
        if len(self._parts) > MAX_PARTS:
            raise BodyTooLongError(f"body has more than {MAX_PARTS} paragraphs")

    def _begin_list(self) -> None:
        # A list in a list is no block of ours: its points follow the outer one's.
        self._points.append(self._points[-1] if self._points else [])

    def _end_list(self) -> None:
        if not self._points:
            return
        points = self._points.pop()
        if len(points) > MAX_PARTS:
            raise BodyTooLongError(f"body has a list of more than {MAX_PARTS} points")
        if points and not self._points:
            self._add(Part("list", tuple(points)))
