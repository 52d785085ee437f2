"""Mark in a text the words that a search found, whatever their form, and cut a text around them."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from broadsheet.articles.searching.wording import spans_in, stem

#: About so many characters of a body are shown around a word.
EXCERPT = 220
_BEFORE = 80


def mark(text: str, stems: AbstractSet[str], *, code: str) -> SafeString:
    """Return `text` as HTML with the words in `<mark>` whose stem in the language is in `stems`."""
    pieces, end = [], 0
    for begin, stop, word in spans_in(text):
        if stem(word, code) in stems:
            pieces += [escape(text[end:begin]), f"<mark>{escape(text[begin:stop])}</mark>"]
            end = stop
    pieces.append(escape(text[end:]))
    return mark_safe("".join(pieces))  # noqa: S308 - escaped piece by piece


def held(text: str, stems: AbstractSet[str], *, code: str) -> set[str]:
    """Return which of `stems` the words of `text` have."""
    return {found for _, _, word in spans_in(text) if (found := stem(word, code)) in stems}


def excerpt(lines: Iterable[str], stems: AbstractSet[str], *, code: str) -> str:
    """Return what stands around the first word of `lines` with one of `stems`; "" without one."""
    for line in lines:
        for begin, _, word in spans_in(line):
            if stem(word, code) in stems:
                return _cut(line, begin)
    return ""


def _cut(line: str, at: int) -> str:
    """Return `EXCERPT` characters around `at`, cut between words."""
    begin = 0
    if at > _BEFORE:
        begin = line.find(" ", at - _BEFORE) + 1
        begin = begin if 0 < begin <= at else at
    end = len(line)
    if end - begin > EXCERPT:
        space = line.rfind(" ", at, begin + EXCERPT)
        end = space if space > at else begin + EXCERPT
    return f"{'…' if begin else ''}{line[begin:end]}{'…' if end < len(line) else ''}"
