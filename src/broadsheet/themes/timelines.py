"""What a text announces: sentences that say what is to happen, and when.

General date libraries read a day into «у березні 2026 року» and two dates into "and 12 people sat
in May", so the grammar is our own: `dating.py` reads the dates that a sentence names, and here each
is asked what governs it. Precision comes before recall: a date counts only where its verb, or what
stands for one, announces something, and nothing in the sentence takes that back.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .dating import NamedDate, Precision, finest, named_dates
from .languages.base import CueKind, DateWords, Language

#: What was said in a time that began longer ago than this, of a date without a year, was said of an earlier one.
SAID_LONG_AGO = timedelta(days=180)
LONGEST_SENTENCE = 400
SENTENCES_KEPT = 5

# Nothing is taken back that was matched: a long run of spaces or quotes is read once.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*+\s++(?=[\"“«„‘(—–-]*+\s*+[^\W_a-zа-яіїєґ])|\n++")
_LONGEST_ABBREVIATION = 12
_ABBREVIATION = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mr|Mrs|Ms|Dr|St|Gen|Sen|Gov|Rep|Lt|Col|No|U\.S|U\.K"
    r"|[A-ZА-ЯІЇЄҐ]|ім|вул|м|с|р|ст|грн|тис|млн|млрд|см|напр)\.$"
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A date, the first day of what `precision` leaves open, and its sentence.

    The last day of what is left open lies after the day of publishing: "by the end of the year"
    announces the year that has begun.
    """

    date: date
    precision: Precision
    text: str


def find_announced(text: str, *, day: date, language: Language) -> list[Announced]:
    """Return what `text`, published on `day`, announces, in the order of the text."""
    words = language.dates
    if words is None:
        return []
    found: list[Announced] = []
    for sentence in sentences_in(text):
        if len(sentence) > LONGEST_SENTENCE or not words.may_name_a_date(sentence):
            continue
        for when, precision in _announced_in(sentence, day, words):
            if not any((when, precision) == (a.date, a.precision) for a in found):
                found.append(Announced(when, precision, sentence))
        if len(found) >= SENTENCES_KEPT:
            break
    return found[:SENTENCES_KEPT]


def sentences_in(text: str) -> Iterator[str]:
    """Yield the sentences of `text`; a line break ends one, an abbreviation does not."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        tail = text[max(start, end.start() - _LONGEST_ABBREVIATION) : end.start()]
        if "\n" not in end.group() and _ABBREVIATION.search(tail):
            continue
        if sentence := text[start : end.end()].strip():
            yield sentence
        start = end.end()
    if sentence := text[start:].strip():
        yield sentence


@dataclass(frozen=True, slots=True)
class _Cue:
    kind: CueKind
    start: int
    end: int


def _announced_in(sentence: str, day: date, words: DateWords) -> Iterator[tuple[date, Precision]]:
    if words.vetoing.search(sentence):
        return
    named = named_dates(sentence, day=day, words=words)
    if not any(_is_ahead(one, day) for one in named):
        return
    clauses = [end.start() for end in words.clause_end.finditer(sentence)]
    commas = sorted({*clauses, *(at for at, sign in enumerate(sentence) if sign in ",—–")})
    cues = _cues_in(sentence, clauses, words)
    governed = [(one, _governing(one, cues, (commas, clauses))) for one in named]
    held = max((cue.end for cue in cues if cue.kind == "moved"), default=0)
    said_long_ago = any(
        cue is not None and cue.kind == "told" and _is_long_ago(one, day) for one, cue in governed
    )
    for one, cue in governed:
        if not _is_ahead(one, day) or one.end <= held or (said_long_ago and not one.has_year):
            continue
        if cue is not None and _says_ahead(cue, one) and one.span and (known := finest(one.span)):
            yield known


def _is_ahead(one: NamedDate, day: date) -> bool:
    return one.span is not None and one.span[1] > day


def _is_long_ago(one: NamedDate, day: date) -> bool:
    if one.span is None:
        return False
    first, last = one.span
    return last < day and day - first > SAID_LONG_AGO


def _says_ahead(cue: _Cue, one: NamedDate) -> bool:
    if one.is_for:
        return cue.kind in {"planned", "moved", "called"}
    if cue.kind == "decided":
        return cue.start < one.start
    return cue.kind in {"ahead", "planned", "moved"}


def _cues_in(sentence: str, clauses: list[int], words: DateWords) -> list[_Cue]:
    """Return the cues of a sentence in order, weak and reported ones as what they prove to be."""
    found = [
        _Cue(words.cues.kinds[match.lastindex - 1], match.start(), match.end())
        for match in words.cues.pattern.finditer(sentence)
        if match.lastindex
    ]
    is_told = any(cue.kind == "told" for cue in found)
    cues: list[_Cue] = []
    for cue in found:
        kind, before = cue.kind, cues[-1] if cues else None
        if before and before.kind == "doubt":
            kind = "doubt"
        elif kind == "reported":
            kind = "ahead" if is_told else "unsure"
        elif kind == "weak":
            same = before and bisect(clauses, before.start) == bisect(clauses, cue.start)
            kind = before.kind if before and same else "ahead"
        cues.append(_Cue(kind, cue.start, cue.end))
    return cues


def _governing(one: NamedDate, cues: list[_Cue], parts: Iterable[list[int]]) -> _Cue | None:
    """Return the last cue before a date, else the first after it, of the smallest part with one.

    `parts` are the ends of the parts of the sentence, small ones first. A cue of another part
    governs only what stands after it.
    """
    for ends in parts:
        part = bisect(ends, one.start)
        own = [cue for cue in cues if bisect(ends, cue.start) == part]
        before = [cue for cue in own if cue.start <= one.start]
        after = [cue for cue in own if cue.start >= one.end]
        if before or after:
            return before[-1] if before else after[0]
    before = [cue for cue in cues if cue.start <= one.start]
    return before[-1] if before else None


__all__ = ["Announced", "Precision", "find_announced", "sentences_in"]
