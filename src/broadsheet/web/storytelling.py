"""What a story says of itself, and what pages that say it were made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadsheet.themes.languages import Language, language_of
from broadsheet.themes.queries import StoryFacts
from broadsheet.themes.telling import Piece, first_to_read, summary_of, weigh_story

from . import made_from
from .navigation import Site


@dataclass(frozen=True, slots=True)
class ToldStory:
    """Headline and summary, the piece to read first, and what its articles share by weight."""

    headline: str
    summary: str
    first: Piece
    weights: Mapping[str, float]
    language: Language


def tell_story(story: StoryFacts, pieces: Sequence[Piece], *, site: Site) -> ToldStory:
    """Return what a story says: the desk's words, where it gave any, else those of its articles.

    `pieces` are its live articles, newest first, at least one.
    """
    language = language_of(site.code)
    weights = weigh_story(pieces, language)
    first = first_to_read(pieces, weights, language)
    return ToldStory(
        headline=story.headline or first.headline,
        summary=story.summary or summary_of(first),
        first=first,
        weights=weights,
        language=language,
    )


def first_of(pieces: Sequence[Piece], *, site: Site) -> Piece:
    """Return the piece that one should read first, by which the story's page is told too."""
    language = language_of(site.code)
    return first_to_read(pieces, weigh_story(pieces, language), language)


def tags_of_story(pieces: Sequence[Piece]) -> set[str]:
    """Return the tags of what is told of a story: each article that has a say, and its theme.

    Whoever joins or leaves the story is told to all its articles: one of them stands for all.
    """
    ids = [piece.article_id for piece in pieces]
    return {*made_from.records("article", ids), *map(made_from.theme, ids[:1])}
