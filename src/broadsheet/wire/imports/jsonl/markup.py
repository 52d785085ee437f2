"""HTML of unknown origin → tags and texts, in one pass.

An archive is hostile until shown otherwise. A tree builder (nh3, html5lib) takes seconds to
minutes for a megabyte of unclosed tags, for it keeps every one of them open. This reads tokens
as HTML's tokenizer does, builds nothing, and never looks twice at a character; what makes the
result safe is that `bodies` writes its own tags and escapes every text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

# As in HTML: quotation marks only matter after an equals sign, and a tag that the text ends in
# is no tag. Possessive, so that a failure has read to the end and nothing is tried again.
_TAG = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"""
    r"""(?P<rest>(?:[^>=]|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+)>"""
)
_HREF = re.compile(
    r"""(?:^|[\s/"'])href\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'>]+))""",
    re.IGNORECASE,
)
_MARK = re.compile(r"<(?=[a-zA-Z/!?])")
#: Elements whose content is no markup, up to their own end tag.
_RAW = frozenset({"script", "style", "textarea", "title", "iframe", "noscript", "noembed",
                  "noframes", "xmp"})  # fmt: skip
#: Elements that are dropped with all that they hold.
_DROPPED = frozenset({"template", "object", "svg", "math", "form", "button", "select", "audio",
                      "video", "canvas", "head"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag by its lower-case name; `href` is empty where it has none."""

    name: str
    is_end: bool = False
    href: str = ""


def read_markup(html: str) -> Iterator[Tag | str]:
    """Yield tags, and texts with their entities resolved, in order.

    Comments go, and so do the elements that hold no text for readers, with their content.
    """
    for token in _drop_elements(_tokens(html)):
        yield unescape(token) if isinstance(token, str) else token


def _tokens(html: str) -> Iterator[Tag | str]:
    place = 0
    while (mark := _MARK.search(html, place)) is not None:
        if mark.start() > place:
            yield html[place : mark.start()]
        tag = _TAG.match(html, mark.start())
        if tag is None:
            place = _after(html, mark.start())
            continue
        place = tag.end()
        name = tag["name"].lower()
        if name in _RAW:
            place = place if tag["end"] else _after_raw(html, place, name)
            yield " "
        else:
            yield Tag(name, bool(tag["end"]), _href(tag["rest"]) if name == "a" else "")
    yield html[place:]


def _after(html: str, start: int) -> int:
    """Where what begins at `start` ends: a comment, a declaration, or a tag without its end."""
    if html.startswith("<!--", start):
        end, length = html.find("-->", start + 4), 3
    elif html.startswith(("<!", "<?", "</"), start):
        end, length = html.find(">", start), 1
    else:
        end, length = -1, 0
    return len(html) if end < 0 else end + length


def _after_raw(html: str, place: int, name: str) -> int:
    end = re.compile(rf"</{name}(?=[\s/>])[^>]*>?", re.IGNORECASE).search(html, place)
    return end.end() if end else len(html)


def _href(attributes: str) -> str:
    found = _HREF.search(attributes)
    return unescape(found["a"] or found["b"] or found["c"] or "").strip() if found else ""


def _drop_elements(tokens: Iterator[Tag | str]) -> Iterator[Tag | str]:
    dropping, depth = "", 0
    for token in tokens:
        if not dropping:
            if isinstance(token, Tag) and token.name in _DROPPED:
                dropping, depth = ("", 0) if token.is_end else (token.name, 1)
            else:
                yield token
        elif isinstance(token, Tag) and token.name == dropping:
            depth += -1 if token.is_end else 1
            dropping = dropping if depth else ""
