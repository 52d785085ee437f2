"""What a story says, in the words of its own articles: its headline, summary and telling sentences.

Everything here is a pure function of headlines and leads, so that a page that was made of the same
articles says the same. A term weighs the more the more of the story's articles have it in their
headline or lead, and the rarer it is in the language; one that a single article has is no part of
the story. A text tells as much as its different terms weigh together, by the square root of its
words: else the longest, or the shortest, would always win.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from .languages import Language
from .names import Name, find_names, form_to_show, likeness, name_of_person
from .texts import inverse_frequency, terms_in, words_in
from .timelines import sentences_in

#: The piece to read first is one of the story's last day.
FIRST_OF = timedelta(days=1)
#: What is shorter says too little by itself, what is longer is no sentence to point out.
FEWEST_WORDS, MOST_CHARACTERS = 6, 280
#: A summary is the first sentences of a lead, while they are no longer than this together.
SUMMARY_CHARACTERS = 320
#: Names are looked for in so many of the newest articles.
NAMED_IN = 60
NAMES_TOLD = 10


@dataclass(frozen=True, slots=True)
class Piece:
    """What an article of a story says first; `lead` is plain text, empty for a headline alone."""

    article_id: int
    at: datetime
    headline: str
    lead: str


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    article_id: int


def weigh_story(pieces: Iterable[Piece], language: Language) -> dict[str, float]:
    """Return the terms that several of a story's articles have, with their weights."""
    held: Counter[str] = Counter()
    for piece in pieces:
        held.update(terms_in(f"{piece.headline}\n{piece.lead}", language).keys())
    return {
        term: (articles - 1) * inverse_frequency(term, 0, 0, language)
        for term, articles in held.items()
        if articles > 1
    }


def first_to_read(
    pieces: Sequence[Piece], weights: Mapping[str, float], language: Language
) -> Piece:
    """Return the piece that one should read first: of those with a text that came within a day of
    the newest such, the one that tells most of the story; in a tie the newest.

    Where all are headlines alone, it is one of these. `pieces` come newest first, at least one.
    """
    written = [piece for piece in pieces if piece.lead] or list(pieces)
    recent = [piece for piece in written if written[0].at - piece.at <= FIRST_OF]
    return max(
        recent, key=lambda piece: _tells(f"{piece.headline}\n{piece.lead}", weights, language)
    )


def summary_of(piece: Piece) -> str:
    """Return the first sentences of a piece's lead: one at least, if it has any."""
    kept: list[str] = []
    for sentence in sentences_in(piece.lead):
        if kept and len(" ".join([*kept, sentence])) > SUMMARY_CHARACTERS:
            break
        kept.append(sentence)
    return " ".join(kept)


def most_telling(
    pieces: Iterable[Piece], weights: Mapping[str, float], language: Language, *, without: str = ""
) -> Sentence | None:
    """Return the sentence of the pieces' leads that tells most of the story; in a tie the first.

    What stands in `without` is not said again. Where all are headlines alone, it is one of these;
    None where there is nothing left to say.
    """
    pieces = list(pieces)
    sentences = [
        Sentence(text, piece.article_id) for piece in pieces for text in sentences_in(piece.lead)
    ]
    if not sentences:
        sentences = [Sentence(piece.headline, piece.article_id) for piece in pieces]
    new = [one for one in sentences if one.text not in without]
    fit = [one for one in new if _is_fit(one.text)] or new
    return max(fit, key=lambda one: _tells(one.text, weights, language), default=None)


def names_told(
    pieces: Sequence[Piece], language: Language, *, without: Iterable[str] = ()
) -> list[str]:
    """Return the names that most of the newest articles have in their headline or lead.

    Those of most articles come first. `pieces` come newest first; people `without` are left out.
    """
    known = [name for one in without if (name := name_of_person(one, language.code))]
    read = pieces[:NAMED_IN]
    groups: list[list[Name]] = []
    for piece in read:
        for name in find_names(piece.headline, piece.lead, language):
            group = next((one for one in groups if likeness(one[0], name)), None)
            if group is None:
                groups.append([name])
            else:
                group.append(name)
    shared = [
        group
        for group in groups
        if len(group) > max(1, len(read) / 2) and not any(likeness(one, group[0]) for one in known)
    ]
    shared.sort(key=lambda group: -len(group))
    return list(dict.fromkeys(_form_of(group) for group in shared))[:NAMES_TOLD]


def _form_of(group: Sequence[Name]) -> str:
    """The form to print of a name that articles share: the one that most pairs agree on."""
    forms = Counter(form_to_show(one, other) for one, other in pairwise(group))
    return min(forms, key=lambda form: (-forms[form], len(form), form))


def _is_fit(sentence: str) -> bool:
    return len(sentence) <= MOST_CHARACTERS and len(words_in(sentence)) >= FEWEST_WORDS


def _tells(text: str, weights: Mapping[str, float], language: Language) -> float:
    total = sum(weights.get(term, 0.0) for term in terms_in(text, language))
    return total / math.sqrt(max(1, len(words_in(text))))
