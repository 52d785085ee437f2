"""The text of a saved page → what it says, line by line. Nothing is decided here.

The grammar, with blank lines between the lines as they come:

    slug line · headline · count line · lead
    (heading | paragraph | points | quote, its attribution | inline card)…
    (`Popular` | `News by theme`, then headline, count line …)…

A count line is `• 3228 views` in any language, with the card's moment before it where the page
states one; an inline card is a headline with such a line glued to it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from .lines import Line, number_lines
from .words import LISTINGS, SPEECH, Listing

MAX_HEADLINE = 300  # characters: what an article's headline holds
MAX_HEADING = 120  # characters: a longer line is a paragraph without its full stop
MAX_ATTRIBUTION = 160  # characters
MAX_SLUG = 200  # characters
MAX_COUNT = 10**12  # more readers than there are is no count

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MOMENT = r"(?P<moment>\d{2}\.\d{2}\.(?:\d{4}|\d{2}),\s*\d{2}:\d{2})"
_PLACEHOLDER = r"[\[{<%$].*"
_NUMBER = r"\d[\d ,.'’]*"
_COUNT = rf"(?:{_NUMBER}(?: ?[^\W\d_]+\.?)?|{_PLACEHOLDER})"
_TALLY = re.compile(rf"(?:{_MOMENT}\s*)?•\s*(?P<count>{_COUNT})")
_CARD = re.compile(rf"(?P<headline>.*?\S)\s*{_MOMENT}\s*•\s*(?P<count>.+)")
_GROUPED = re.compile(r"(\d{1,3}(?:[ ,.'’]\d{3})+|\d+)(?: ?[^\W\d_]+\.?)?")
_DASH = re.compile(r"[-–—]\s*(?=\S)")
_SENTENCE_END = re.compile(r"[.!…:;,][»”\"')\]]*$")
_QUESTION_END = re.compile(r"[?][»”\"')\]]*$")


class CaptureError(ValueError):
    """The text is not a capture; `line` is where that shows, counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Count:
    """A view count as written; `number` is None where it is a placeholder or no number."""

    line: int
    written: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """A headline with its count; `moment` is in the page's zone, None where none is stated."""

    line: int
    headline: str
    moment: datetime | None
    count: Count


@dataclass(frozen=True, slots=True)
class Heading:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """Lines of a list, without their dashes."""

    line: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """A paragraph that the next line attributes: `- Koizumi stated.` without its dash."""

    line: int
    text: str
    attribution: str


BodyPart = Heading | Paragraph | Points | Saying | Card


@dataclass(frozen=True, slots=True)
class Capture:
    slug: str
    headline: str
    headline_line: int
    moment: datetime | None
    count: Count
    lead: Paragraph
    body: tuple[BodyPart, ...]
    popular: tuple[Card, ...]
    by_theme: tuple[Card, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every card of the page, in the order in which it stands there."""
        inline = tuple(part for part in self.body if isinstance(part, Card))
        return inline + self.popular + self.by_theme


def read_capture(text: str) -> Capture:
    """Return what the text of a saved page says. Raises `CaptureError`, and nothing else."""
    return _Reader(number_lines(text)).read()


def is_tally(text: str) -> bool:
    """Whether a line is only a count, with or without a moment before it."""
    return _TALLY.fullmatch(text) is not None


class _Reader:
    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._place = 0

    def read(self) -> Capture:
        slug = self._read_slug()
        headline = self._take("the headline is missing")
        _check_headline(headline)
        if is_tally(headline.text):
            raise CaptureError(headline.number, "a count stands where the headline should be")
        tally = self._take("the count line is missing")
        moment, count = _read_tally(tally)
        lead = self._read_lead()
        body = self._read_body()
        popular, by_theme = self._read_listings()
        return Capture(
            slug=slug,
            headline=headline.text,
            headline_line=headline.number,
            moment=moment,
            count=count,
            lead=lead,
            body=body,
            popular=popular,
            by_theme=by_theme,
        )

    def _read_slug(self) -> str:
        line = self._take("the file is empty")
        if len(line.text) > MAX_SLUG or not _SLUG.fullmatch(line.text):
            raise CaptureError(
                line.number,
                "a capture begins with the article's address, lower-case words joined by "
                f"hyphens, not with {_shortened(line.text)}",
            )
        return line.text

    def _read_lead(self) -> Paragraph:
        line = self._take("the lead is missing")
        if _listing_of(line) or is_tally(line.text) or _CARD.fullmatch(line.text):
            raise CaptureError(line.number, "the lead is missing before this line")
        return Paragraph(line.number, line.text)

    def _read_body(self) -> tuple[BodyPart, ...]:
        parts: list[BodyPart] = []
        while (line := self._peek()) is not None and not _listing_of(line):
            parts.append(self._read_part())
        return tuple(parts)

    def _read_part(self) -> BodyPart:
        line = self._take("")
        following = self._peek()
        if (card := _CARD.fullmatch(line.text)) is not None:
            return _read_card(line, card)
        if is_tally(line.text):
            raise CaptureError(line.number, "a count without its headline")
        if following is not None and is_tally(following.text) and _looks_like_headline(line.text):
            return self._read_pair(line)
        if _DASH.match(line.text):
            return self._read_dashed(line)
        if following is not None and _is_attribution(following.text, self._peek(1)):
            self._take("")
            attribution = _DASH.sub("", following.text, count=1)
            return Saying(line.number, line.text, attribution)
        if _looks_like_heading(line.text):
            return Heading(line.number, line.text)
        return Paragraph(line.number, line.text)

    def _read_dashed(self, line: Line) -> BodyPart:
        texts = [line.text]
        while (following := self._peek()) is not None and _DASH.match(following.text):
            texts.append(self._take("").text)
        points = tuple(_DASH.sub("", text, count=1) for text in texts)
        # A single line with a dash is somebody speaking; several are a list.
        return Points(line.number, points) if len(points) > 1 else Paragraph(line.number, line.text)

    def _read_listings(self) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
        cards: dict[Listing, list[Card]] = {"popular": [], "theme": []}
        while (line := self._peek()) is not None:
            listing = _listing_of(line)
            if listing is None:  # pragma: no cover - the body ends at a listing
                raise CaptureError(line.number, "neither a listing nor part of one")
            self._take("")
            self._read_listed(cards[listing])
        return tuple(cards["popular"]), tuple(cards["theme"])

    def _read_listed(self, cards: list[Card]) -> None:
        while (line := self._peek()) is not None:
            following = self._peek(1)
            has_tally = following is not None and is_tally(following.text)
            if _listing_of(line) and not has_tally:
                return
            self._take("")
            if (card := _CARD.fullmatch(line.text)) is not None:
                cards.append(_read_card(line, card))
            elif is_tally(line.text):
                raise CaptureError(line.number, "a count without its headline")
            elif not has_tally:
                raise CaptureError(line.number, "a headline without its count")
            else:
                cards.append(self._read_pair(line))

    def _read_pair(self, headline: Line) -> Card:
        _check_headline(headline)
        moment, count = _read_tally(self._take(""))
        return Card(headline.number, headline.text, moment, count)

    def _peek(self, ahead: int = 0) -> Line | None:
        place = self._place + ahead
        return self._lines[place] if place < len(self._lines) else None

    def _take(self, missing: str) -> Line:
        line = self._peek()
        if line is None:
            last = self._lines[-1].number if self._lines else 1
            raise CaptureError(last, f"{missing}: the file ends here" if self._lines else missing)
        if line.fault:
            raise CaptureError(line.number, line.fault)
        self._place += 1
        return line


def _read_card(line: Line, card: re.Match[str]) -> Card:
    headline = Line(line.number, card["headline"])
    _check_headline(headline)
    return Card(
        line.number,
        headline.text,
        _read_moment(line.number, card["moment"]),
        _read_count(line.number, card["count"]),
    )


def _read_tally(line: Line) -> tuple[datetime | None, Count]:
    tally = _TALLY.fullmatch(line.text)
    if tally is None:
        raise CaptureError(
            line.number, f"a count such as “• 3228 views” is missing: {_shortened(line.text)}"
        )
    moment = _read_moment(line.number, tally["moment"]) if tally["moment"] else None
    return moment, _read_count(line.number, tally["count"])


def _read_moment(line: int, written: str) -> datetime:
    day, time = (part.strip() for part in written.split(","))
    form = "%d.%m.%Y %H:%M" if len(day) > len("09.02.26") else "%d.%m.%y %H:%M"
    try:
        return datetime.strptime(f"{day} {time}", form)  # noqa: DTZ007 - the zone is the edition's
    except ValueError:
        raise CaptureError(line, f"there is no such moment: {written}") from None


def _read_count(line: int, written: str) -> Count:
    match = _GROUPED.fullmatch(written)
    # Eighteen digits are past every bound already, and int() refuses thousands of them.
    digits = re.sub(r"\D", "", match[1]) if match else ""
    number = int(digits) if 0 < len(digits) <= len(str(MAX_COUNT)) else None
    if number is not None and number > MAX_COUNT:
        number = None
    return Count(line, written, number)


def _check_headline(line: Line) -> None:
    if len(line.text) > MAX_HEADLINE:
        raise CaptureError(
            line.number,
            f"a headline of {len(line.text)} characters; it has at most {MAX_HEADLINE}",
        )


def _listing_of(line: Line) -> Listing | None:
    return LISTINGS.get(line.text.casefold().rstrip(":"))


def _is_attribution(text: str, following: Line | None) -> bool:
    if not _DASH.match(text) or len(text) > MAX_ATTRIBUTION:
        return False
    stands_alone = following is None or not _DASH.match(following.text)
    return stands_alone and SPEECH.search(text) is not None


def _looks_like_headline(text: str) -> bool:
    return len(text) <= MAX_HEADLINE and not _SENTENCE_END.search(text)


def _looks_like_heading(text: str) -> bool:
    if len(text) > MAX_HEADING or _SENTENCE_END.search(text):
        return False
    # A question is a heading only where it is a short one.
    return not _QUESTION_END.search(text) or len(text) <= MAX_HEADING // 2


def _shortened(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"  # noqa: PLR2004 - a line's width
