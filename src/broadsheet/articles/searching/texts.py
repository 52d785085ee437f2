"""What an article says, as search reads it."""

import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</(?:p|li|h\d|blockquote|div)>|<br\s*/?>")
#: What of a block is for machines.
_UNREAD = frozenset({"id", "type", "url", "image", "poster", "speaker", "said_on", "credit"})


def plain_text(html: str) -> str:
    """Return the text of a piece of rich text."""
    if "<" in html:
        html = _TAG.sub("", _BREAK.sub(" ", html))
    return unescape(html).strip()


def lines_of(blocks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the texts of a body's raw blocks that readers read, in their order."""
    lines: list[str] = []
    for block in blocks:
        if block.get("type") != "related":
            _read(block.get("value"), lines)
    return [line for line in lines if line]


def _read(value: Any, lines: list[str]) -> None:
    if isinstance(value, str):
        lines.append(plain_text(value))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _UNREAD:
                _read(inner, lines)
    elif isinstance(value, list | tuple):
        for inner in value:
            _read(inner, lines)
