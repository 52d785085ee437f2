"""A text → its lines that say something, numbered from 1, with plain spaces."""

import re
from typing import NamedTuple

_INVISIBLE = re.compile("[\ufeff\u200b\u200c\u200d\u2060\u00ad]")
_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n|\r|\n")


class Line(NamedTuple):
    """A line; `fault` says why it cannot be part of a text, and is empty where it can."""

    number: int
    text: str
    fault: str = ""


def number_lines(text: str) -> list[Line]:
    """Return the lines that are not blank; runs of space, no-break ones too, become one."""
    lines = []
    for number, written in enumerate(_LINE_END.split(text), start=1):
        plain = _SPACES.sub(" ", _INVISIBLE.sub("", written)).strip()
        if plain:
            lines.append(Line(number, plain, _fault_of(plain)))
    return lines


def _fault_of(text: str) -> str:
    if _CONTROL.search(text):
        return "a control character: this is no text"
    if _SURROGATE.search(text):
        return "half a character (a lone surrogate)"
    return ""
