"""What stands beside a text that is being written, and beside a story: nothing here is kept.

A text is read and compared as it would be when it is published, by the same code.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from .clustering import (
    STORY_WINDOW,
    Piece,
    Shared,
    find_fits,
    heaviest,
    rank_articles,
)
from .decided import ruling_on
from .frequencies import find_frequencies
from .languages import Language, language_of
from .models import Reading, Story, StoryMember
from .postings import find_sharing
from .reading import ArticleText, name_term, pack_names, read_article
from .related import NAMES_WINDOW, find_links, names_to_post
from .story_rows import find_candidates, state_of
from .texts import Vector, cosine, product_of, terms_in, weigh_terms

#: Texts so alike are one report told twice. Of two outlets' reports of one story 1 pair in 100 is so
#: alike, of a report and its own first 600 characters 3 in 4 are (`allsides_stories`).
NEAR_DUPLICATE = 0.65
#: A text of so few terms says too little to be compared.
FEWEST_TERMS = 3
STORIES_SHOWN, DUPLICATES_SHOWN, RELATED_SHOWN = 4, 3, 6
#: What fits less is no story that one would think of; above 0.15 it would join by itself.
MAY_BELONG = 0.05
#: Stories with so much of the cosine in common look like one.
LOOK_ALIKE = 0.25
WORDS_SHOWN = 8

_WORDS = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class StoryFit:
    """A story that a text may belong to: `score` is a probability, 0.0–1.0."""

    story_id: int
    score: float


@dataclass(frozen=True, slots=True)
class RelatedFit:
    """An article to link to, with the names in common."""

    article_id: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a text: each list the best first."""

    stories: tuple[StoryFit, ...] = ()
    duplicates: tuple[int, ...] = ()
    related: tuple[RelatedFit, ...] = ()


def find_beside(source: ArticleText, *, code: str) -> Beside:
    """Return the stories, near-duplicates and related articles of a text, whether saved or not.

    `source.article_id` is 0 for what was never saved. Asks about ten queries, whatever the archive.
    """
    language = language_of(code)
    read = read_article(source, language)
    if len(read.counts) < FEWEST_TERMS:
        return Beside()
    terms_asked = {*read.counts, *(name_term(name) for name in read.names)}
    frequencies = find_frequencies(source.locale_id, terms_asked, language)
    terms = weigh_terms(read.counts, frequencies.idf(read.counts))
    shared = _sharing(source, heaviest(terms), STORY_WINDOW)
    names = _sharing(source, names_to_post(read.names), NAMES_WINDOW)
    reading = Reading(
        article_id=source.article_id,
        published_at=source.published_at,
        read_at=source.published_at,
        terms=terms,
        names=pack_names(read.names),
        cards=list(source.cards),
    )
    links = find_links(reading, names, frequencies, known={})
    return Beside(
        stories=_stories(source, terms, shared),
        duplicates=_duplicates(terms, shared),
        related=tuple(
            RelatedFit(link.article_id, link.names)
            for link in links
            if link.article_id not in source.cards
        )[:RELATED_SHOWN],
    )


def stories_like(story_id: int) -> list[int]:
    """Return the open stories that look like one with a story, the likest first."""
    story = Story.objects.get(pk=story_id)
    terms = dict(sorted(story.terms.items(), key=lambda pair: (-pair[1], pair[0])))
    at = story.newest_at
    shared = find_sharing(
        story.locale_id,
        heaviest(terms),
        from_at=int((story.oldest_at - STORY_WINDOW).timestamp()),
        to_at=int((at + STORY_WINDOW).timestamp()),
        except_id=0,
    )
    own = state_of(story)
    found = find_candidates(terms, shared, except_ids=[story_id])
    alike = [
        (product_of(own.terms, other.terms) / (own.length * other.length), other.id)
        for other in found
        if own.length and other.length
    ]
    return [pk for likeness, pk in sorted(alike, reverse=True) if likeness > LOOK_ALIKE][
        :STORIES_SHOWN
    ]


def _sharing(source: ArticleText, terms: Mapping[str, object], window: timedelta) -> list[Shared]:
    return find_sharing(
        source.locale_id,
        terms,
        from_at=int((source.published_at - window).timestamp()),
        to_at=int((source.published_at + window).timestamp()),
        except_id=source.article_id,
    )


def _stories(source: ArticleText, terms: Vector, shared: Iterable[Shared]) -> tuple[StoryFit, ...]:
    ruling = ruling_on(source.article_id)
    found = find_candidates(terms, shared, except_ids=ruling.barred_from)
    piece = Piece(terms, source.published_at, not source.text)
    fits = find_fits(piece, found, threshold=MAY_BELONG)[:STORIES_SHOWN]
    return tuple(StoryFit(fit.story.id, fit.score) for fit in fits)


def _duplicates(terms: Vector, shared: Iterable[Shared]) -> tuple[int, ...]:
    candidates = rank_articles(terms, shared)
    live = StoryMember.objects.filter(pk__in=candidates, article__live=True).values("pk")
    alike = [
        (cosine(terms, other.terms), other.article_id)
        for other in Reading.objects.filter(pk__in=live).only("pk", "terms")
    ]
    alike.sort(reverse=True)
    return tuple(pk for likeness, pk in alike if likeness >= NEAR_DUPLICATE)[:DUPLICATES_SHOWN]


def words_shared(source: ArticleText, *, code: str) -> tuple[str, ...]:
    """Return the words that tie an article to its story, those that weigh most first, as it has them.

    Empty where it has no story, is alone in it, or what was read of it is forgotten.
    """
    member = StoryMember.objects.filter(pk=source.article_id).select_related("story").first()
    reading = Reading.objects.filter(pk=source.article_id).first()
    if member is None or reading is None or member.story.size < 2:  # noqa: PLR2004 - a pair
        return ()
    terms, of_story = reading.terms, member.story.terms
    # Without the article's own part, it is what the others say.
    tied = {
        term: weight * (of_story[term] - weight)
        for term, weight in terms.items()
        if of_story.get(term, 0.0) > weight + 0.001  # what rounding leaves
    }
    forms = forms_of(tied, f"{source.headline}\n{source.text}", language_of(code))
    best = sorted(forms, key=lambda term: (-tied[term], term))[:WORDS_SHOWN]
    return tuple(forms[term] for term in best)


def forms_of(terms: Iterable[str], text: str, language: Language) -> dict[str, str]:
    """Return of each of `terms` that `text` has the first word that it stands for there."""
    wanted, forms = set(terms), {}
    for word in _WORDS.findall(text):
        for term in terms_in(word, language):
            if term in wanted and term not in forms:
                forms[term] = word
    return forms
