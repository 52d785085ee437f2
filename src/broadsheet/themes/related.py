"""Which articles of other stories belong to the same theme, and by which names.

What two articles share is weighed by how rare each name is in the edition and by where it
stands: in the headline, the opening, or below. Words in common add to the evidence but are none
by themselves, and time takes away from it; a link that an editor put in the body only strengthens
it. Under the threshold nothing is shown. Each number was measured (docs/explanation/themes.md).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from .clustering import Shared
from .frequencies import Frequencies
from .languages.base import stem5
from .models import Posting, Reading, RelatedArticle
from .names import Name, form_to_show, is_person, likeness
from .noticing import links_of
from .reading import name_term, pack_names, unpack_names
from .texts import cosine, product_of, words_in

#: How far back names reach; words alone say nothing over such a time.
NAMES_WINDOW = timedelta(days=90)
THRESHOLD = 1.2
#: Words in common add this for a cosine of 1.
WORDS_IN_COMMON = 3.0
#: A country or a town in common is no theme, nor is a person whom both name in passing: the articles
#: have to share other words too, so much of the cosine, unless one is a headline alone or the
#: person is as much of both as this, the product of the weights.
OTHER_WORDS = 0.06
PROMINENT = 1.3
HEADLINE_TERMS = 20  # no more are in a headline alone
#: However many words are in common, the names have to weigh this: all politics is not one theme.
FEWEST_NAMES = 0.35
#: What is long past counts for this share of what is of today.
LONG_PAST = 0.3
DAYS_SQUARED = 98.0  # twice the square of seven days
LINKED_BY_EDITOR = 1.3
RARITY_POWER = 2

#: Of what is older than that, `NAMES_WINDOW`, so many are an article's background.
BACKGROUND_KEPT = 3
#: What makes one background: a person that both tell of first, rare, and much of what is told.
BACKGROUND_THRESHOLD = 2.5
BACKGROUND_WORDS = 0.12
BACKGROUND_NAMES_POSTED = 8
BACKGROUND_TERMS_KEPT = 40

LINKS_KEPT = 12
NAMES_SHOWN = 3
CANDIDATES = 30
SURE_NAMES_POSTED = 12
DOUBTFUL_NAMES_POSTED = 4


@dataclass(frozen=True, slots=True)
class Link:
    """A link to `article_id`, with the names in common, those that say most first."""

    article_id: int
    score: float
    names: tuple[str, ...]
    is_background: bool = False


def names_to_post(names: Iterable[Name]) -> dict[str, Name]:
    """The names by which other articles find this one, by term; the weightiest of each."""
    names = list(names)
    sure = [name for name in names if name.is_sure][:SURE_NAMES_POSTED]
    doubtful = [name for name in names if not name.is_sure][:DOUBTFUL_NAMES_POSTED]
    posted: dict[str, Name] = {}
    for name in (*sure, *doubtful):
        posted.setdefault(name_term(name), name)
    return posted


def find_links(
    reading: Reading,
    shared: Iterable[Shared],
    frequencies: Frequencies,
    *,
    known: Mapping[str, Sequence[Name]],
) -> list[Link]:
    """Return the articles of one theme with `reading`, best first; one query at most.

    `known` are the people of the edition by their key: whose full name is shown.
    """
    links = _links(reading, shared, frequencies, known, of_two=_score, threshold=THRESHOLD)
    return links[:LINKS_KEPT]


def find_background(
    reading: Reading,
    shared: Iterable[Shared],
    frequencies: Frequencies,
    *,
    known: Mapping[str, Sequence[Name]],
) -> list[Link]:
    """Return what `reading` continues of what is long past, best first; one query at most.

    Arguments as for `find_links`.
    """
    links = _links(
        reading,
        shared,
        frequencies,
        known,
        of_two=_score_of_background,
        threshold=BACKGROUND_THRESHOLD,
    )
    return [replace(link, is_background=True) for link in links[:BACKGROUND_KEPT]]


#: A name that two articles share: what it weighs, and how each of them has it.
Pair = tuple[float, Name, Name]


def _links(
    reading: Reading,
    shared: Iterable[Shared],
    frequencies: Frequencies,
    known: Mapping[str, Sequence[Name]],
    *,
    of_two: Callable[[Reading, Reading, Sequence[Pair]], float],
    threshold: float,
) -> list[Link]:
    names = unpack_names(reading.names)
    mine = names_to_post(names)
    evidence: dict[int, float] = defaultdict(float)
    for found in shared:
        name = mine[found.term]
        if name.is_sure or found.is_sure:
            rarity = frequencies.rarity(found.term) ** RARITY_POWER
            evidence[found.article_id] += rarity * name.weight * found.weight
    candidates = sorted(evidence, key=lambda pk: (-evidence[pk], pk))[:CANDIDATES]
    links = []
    for other in Reading.objects.filter(article_id__in=candidates):
        pairs = _names_in_common(names, unpack_names(other.names), frequencies)
        score = of_two(reading, other, pairs) if pairs else 0.0
        if score >= threshold:
            shown = _shown_names(pairs, known)
            links.append(Link(other.article_id, round(score, 4), shown))
    return sorted(links, key=lambda link: (-link.score, -link.article_id))


def _shown_names(pairs: Sequence[Pair], known: Mapping[str, Sequence[Name]]) -> tuple[str, ...]:
    # A person says more to readers than the country that weighs more.
    first = sorted(pairs, key=lambda pair: not is_person(*pair[1:]))
    shown = [_shown(one, theirs, known) for _, one, theirs in first[:NAMES_SHOWN]]
    return tuple(dict.fromkeys(shown))


def _score(reading: Reading, other: Reading, pairs: Sequence[Pair]) -> float:
    """Return how much two articles belong to one theme, the same in both directions.

    0.0 where the names in common weigh little, or none is of a person who stands out and there is
    hardly a word in common besides.
    """
    score = sum(weight for weight, _, _ in pairs)
    is_linked = other.article_id in reading.cards or reading.article_id in other.cards
    if not is_linked:
        is_headline = min(len(reading.terms), len(other.terms)) <= HEADLINE_TERMS
        is_clear = _most_of_a_person(pairs) > (0.0 if is_headline else PROMINENT)
        if score < FEWEST_NAMES:
            return 0.0
        if not is_clear and _other_words(reading, other, pairs) < OTHER_WORDS:
            return 0.0
    score += WORDS_IN_COMMON * cosine(reading.terms, other.terms)
    days = (reading.published_at - other.published_at) / timedelta(days=1)
    score *= LONG_PAST + (1 - LONG_PAST) * math.exp(-days * days / DAYS_SQUARED)
    return score * LINKED_BY_EDITOR if is_linked else score


def _score_of_background(reading: Reading, other: Reading, pairs: Sequence[Pair]) -> float:
    """Return how much `other` is background of `reading`, however long ago it was.

    0.0 where they share no full name, or few words besides: a name alone says little over years,
    unless an editor put a link to it in the body.
    """
    is_linked = other.article_id in reading.cards
    if not is_linked:
        if not _most_of_a_person(pairs):
            return 0.0
        if _other_words(reading, other, pairs) < BACKGROUND_WORDS:
            return 0.0
    score = sum(weight for weight, _, _ in pairs)
    score += WORDS_IN_COMMON * product_of(other.terms, reading.terms)
    return score * LINKED_BY_EDITOR if is_linked else score


def _most_of_a_person(pairs: Sequence[Pair]) -> float:
    """How much a person says about both articles, who says most; 0.0 where there is none."""
    persons = (one.weight * theirs.weight for _, one, theirs in pairs if is_person(one, theirs))
    return max(persons, default=0.0)


def _other_words(reading: Reading, other: Reading, pairs: Sequence[Pair]) -> float:
    """The part of the cosine that other words than those of the names in common make."""
    in_names = {term for _, *names in pairs for name in names for term in _terms_of(name)}
    return _product(other.terms, reading.terms, without=in_names)


def _terms_of(name: Name) -> Iterator[str]:
    return (stem5(word) for form in name.forms for word in words_in(form))


def _product(one: Mapping[str, float], other: Mapping[str, float], *, without: set[str]) -> float:
    """The part of the cosine of two unit vectors that other terms than those make."""
    return sum(w * other[term] for term, w in one.items() if term in other and term not in without)


def _names_in_common(
    names: Sequence[Name], theirs: Sequence[Name], frequencies: Frequencies
) -> list[Pair]:
    """Names that both hold, each counted once, with what it weighs; the heaviest first."""
    by_key: dict[str, list[Name]] = defaultdict(list)
    for name in theirs:
        by_key[name.key].append(name)
    pairs: dict[str, Pair] = {}
    for one in names:
        for other in by_key.get(one.key, ()):
            rarity = frequencies.rarity(name_term(one)) ** RARITY_POWER
            weight = rarity * one.weight * other.weight * likeness(one, other)
            if weight > pairs.get(one.key, (0.0,))[0]:
                pairs[one.key] = (weight, one, other)
    return sorted(pairs.values(), key=lambda pair: (-pair[0], pair[1].keys))


def _shown(one: Name, other: Name, known: Mapping[str, Sequence[Name]]) -> str:
    """The fullest form known: a person of the newsroom, if only one bears the name."""
    people = [
        person
        for person in known.get(one.key, ())
        if likeness(person, one) and likeness(person, other)
    ]
    return people[0].forms[0] if len(people) == 1 else form_to_show(one, other)


def store_links(article_id: int, links: Sequence[Link]) -> set[int]:
    """Replace the links of an article, on both sides; each side keeps its best twelve.

    Background is stored on its own side, and that of articles it is background of stays. Returns the articles whose links are not what they were: others, in another order, or by
    other names.
    """
    linking = RelatedArticle.objects.filter(other_id=article_id, is_background=False)
    touched = {article_id, *linking.values_list("article_id", flat=True)}
    touched |= {link.article_id for link in links if not link.is_background}
    before = links_of(touched)
    RelatedArticle.objects.filter(article_id=article_id).delete()
    linking.delete()
    rows = []
    for link in links:
        pair = (article_id, link.article_id)
        for one, other in (pair,) if link.is_background else (pair, pair[::-1]):
            rows.append(
                RelatedArticle(
                    article_id=one,
                    other_id=other,
                    score=link.score,
                    names=list(link.names),
                    is_background=link.is_background,
                )
            )
    RelatedArticle.objects.bulk_create(rows)
    _trim([link.article_id for link in links if not link.is_background])
    after = links_of(touched)
    return {pk for pk in touched if before.get(pk) != after.get(pk)}


def _trim(article_ids: Sequence[int]) -> None:
    """Drop what is beyond the best twelve links of each article."""
    if not article_ids:
        return
    rows = RelatedArticle.objects.filter(article_id__in=article_ids, is_background=False)
    seen: dict[int, int] = defaultdict(int)
    beyond = []
    for pk, article_id in rows.order_by("-score", "-other_id").values_list("pk", "article_id"):
        seen[article_id] += 1
        if seen[article_id] > LINKS_KEPT:
            beyond.append(pk)
    if beyond:
        RelatedArticle.objects.filter(pk__in=beyond).delete()


def cut_to_background(readings: Sequence[Reading]) -> int:
    """Keep of `readings` and what is posted of them their heaviest words and names; return how many."""
    kept: dict[int, set[str]] = {}
    for reading in readings:
        names = [name for name in unpack_names(reading.names) if name.is_sure]
        names = names[:BACKGROUND_NAMES_POSTED]
        reading.names = pack_names(names)
        reading.terms = dict(list(reading.terms.items())[:BACKGROUND_TERMS_KEPT])
        reading.is_brief = True
        kept[reading.article_id] = set(names_to_post(names))
    Reading.objects.bulk_update(readings, ["names", "terms", "is_brief"])
    posted = Posting.objects.filter(article_id__in=kept).values_list("pk", "article_id", "term")
    gone = [pk for pk, article_id, term in posted if term not in kept[article_id]]
    Posting.objects.filter(pk__in=gone).delete()
    return len(kept)
