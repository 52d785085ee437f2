"""Sentences that only attribute → sources.

"This was reported by Bloomberg, writes UNN." says nothing of what happened: who reported and who
relays are data. A sentence that says anything else besides stays as it is.
"""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["reported", "relayed"]

# An outlet: one to five words, the first of them with a capital letter or a digit, or a name in
# quotation marks. Small words inside ("Voice of America") are let through.
_WORD = r"[A-ZА-ЩЬЮЯЄІЇҐ0-9][\w.&'’ʼ-]*"
_SMALL = r"(?:of|the|and|for|de|le|la|der|die)"
_QUOTED = r"(?:«[^«»]{1,80}»|“[^“”]{1,80}”|\"[^\"]{1,80}\"|„[^„“”]{1,80}[“”])"
_NAME = rf"(?:[Tt]he )?(?:{_WORD}(?: (?:{_SMALL} )?{_WORD}){{0,4}}(?: {_QUOTED})?|{_QUOTED})"
_NAMES = rf"{_NAME}(?:(?:, | and | та | і | й ){_NAME})*"

_REPORT_EN = r"(?:writes?|wrote|reports?|reported|says?|said|states?|stated|relays?|informs?)"
_CITING_EN = r"(?:with reference to|with a reference to|referring to|citing|with a link to|quoting)"
_REPORT_UK = (
    r"(?:пише|пишуть|написа(?:в|ла|ло|ли)|повідомля(?:є|ють)|повідоми(?:в|ла|ло|ли)|"
    r"переда(?:є|ють|в|ла|ло|ли)|інформу(?:є|ють)|розпові(?:дає|в|ла|ло|ли)|зазнача(?:є|ють)|"
    r"каже|заяви(?:в|ла|ло|ли))"
)
_CITING_UK = r"(?:(?:з|із|зі) посиланням на|посилаючись на|з покликанням на|з покликом на)"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # This was reported by Bloomberg(, writes UNN | , UNN writes).
        (
            rf"(?:This|It|That)(?: information)? (?:was|is|has been) "
            rf"(?:reported|announced|stated|written|said|published)(?: about)? by "
            rf"(?P<by>{_NAMES})(?: {_CITING_EN} (?P<cited>{_NAMES}))?"
            rf"(?:, (?:as )?(?:{_REPORT_EN} (?P<relay>{_NAMES})|(?P<relay2>{_NAMES}) {_REPORT_EN}))?"
        ),
        # Bloomberg reported this(, writes UNN). UNN writes about this with reference to Bloomberg.
        (
            rf"(?P<by>{_NAMES}) {_REPORT_EN}(?: (?:about )?(?:this|it|that))"
            rf"(?:,? {_CITING_EN} (?P<cited>{_NAMES}))?"
            rf"(?:, (?:as )?(?:{_REPORT_EN} (?P<relay>{_NAMES})|(?P<relay2>{_NAMES}) {_REPORT_EN}))?"
        ),
        # UNN reports, citing Bloomberg. Writes UNN with reference to Bloomberg.
        rf"(?P<by>{_NAMES}) {_REPORT_EN},? {_CITING_EN} (?P<cited>{_NAMES})",
        rf"(?:As )?[WwRr](?:rites|eports) (?P<by>{_NAMES})(?:,? {_CITING_EN} (?P<cited>{_NAMES}))?",
        # Про це повідомляє Bloomberg, пише УНН. Про це пише УНН з посиланням на Bloomberg.
        (
            rf"Про це {_REPORT_UK} (?P<by>{_NAMES})(?:,? {_CITING_UK} (?P<cited>{_NAMES}))?"
            rf"(?:, (?:як )?(?:{_REPORT_UK} (?P<relay>{_NAMES})|(?P<relay2>{_NAMES}) {_REPORT_UK}))?"
        ),
        # Про це УНН повідомляє з посиланням на Bloomberg. Bloomberg повідомляє про це.
        rf"Про це (?P<by>{_NAMES}) {_REPORT_UK}(?:,? {_CITING_UK} (?P<cited>{_NAMES}))?",
        (
            rf"(?P<by>{_NAMES}) {_REPORT_UK} про це(?:,? {_CITING_UK} (?P<cited>{_NAMES}))?"
            rf"(?:, (?:як )?{_REPORT_UK} (?P<relay>{_NAMES}))?"
        ),
        # Передає УНН з посиланням на Reuters.
        (
            rf"(?:Пише|Передає|Повідомляє|Інформує) (?P<by>{_NAMES})"
            rf"(?:,? {_CITING_UK} (?P<cited>{_NAMES}))?"
        ),
    )
)
# A sentence ends at its stop where a space and a capital letter or an opening quotation mark
# follow; "U.S. Congress" and "п. Коваль" are not ends, for a stop after one letter is none.
_BETWEEN = re.compile(r"(?<=[.!?…»”\"])(?<!\b[^\W\d_]\.) (?=[«„“\"(]?[A-ZА-ЩЬЮЯЄІЇҐ0-9])")
_BETWEEN_NAMES = re.compile(
    r", | and (?=(?:the )?[A-Z«“\"])| та (?=[«“\"\w])| і (?=[«“\"\w])| й (?=[«“\"\w])"
)
_MARKS = '«»“”„"'


@dataclass(frozen=True, slots=True)
class Attribution:
    """An outlet and its part: it reported, or it relays what another reported."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Attributed:
    """A text without the sentences that only attribute, and what those said."""

    text: str
    sources: tuple[Attribution, ...]


def take_attribution(text: str) -> Attributed:
    """Return `text` without its sentences that only attribute, and their sources in order."""
    kept, sources = [], []
    for sentence in _BETWEEN.split(text):
        found = _sources_in(sentence)
        if found:
            sources += [one for one in found if one not in sources]
        else:
            kept.append(sentence)
    return Attributed(" ".join(kept), tuple(sources))


def _sources_in(sentence: str) -> list[Attribution]:
    bare = sentence.strip().rstrip(".!…").strip()
    for pattern in _PATTERNS:
        match = pattern.fullmatch(bare)
        if match is not None:
            return _roles(match.groupdict())
    return []


def _roles(found: dict[str, str | None]) -> list[Attribution]:
    by = _names(found.get("by"))
    cited = [_in_nominative(name) for name in _names(found.get("cited"))]
    relays = _names(found.get("relay") or found.get("relay2"))
    # Who cites another outlet relays it; who is named alone reported it.
    reported, relayed = (cited, by + relays) if cited else (by, relays)
    return [Attribution(name, "reported") for name in reported] + [
        Attribution(name, "relayed") for name in relayed if name not in reported
    ]


def _names(written: str | None) -> list[str]:
    if not written:
        return []
    names = (name.strip(f" {_MARKS}") for name in _BETWEEN_NAMES.split(written))
    return [re.sub(r"^[Tt]he (?=[A-Z])", _article_of, name) for name in names if name]


def _in_nominative(name: str) -> str:
    """Undo the accusative that «з посиланням на» asks for: «Українську правду» is feminine.

    Other genders, foreign names and abbreviations are written the same in both cases.
    """
    return re.sub(r"(?<=[а-яіїєґ])[ую]\b", lambda end: "а" if end[0] == "у" else "я", name)


def _article_of(match: re.Match[str]) -> str:
    # "The Guardian" is a name with its article; "the Associated Press" only a sentence's.
    return "The " if match.group()[0] == "T" else ""
