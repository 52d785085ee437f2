"""Which articles of other stories belong to the same theme, and by which names.

What two articles share is weighed by how rare each name is in the edition and by where it
stands: in the headline, the opening, or below. Words in common add to the evidence but are none
by themselves, and time takes away from it; a link that an editor put in the body only strengthens
it. Under the threshold nothing is shown. Each number was measured (docs/explanation/themes.md).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from .clustering import Shared
from .frequencies import Frequencies
from .languages.base import stem5
from .models import Reading, RelatedArticle
from .names import Name, form_to_show, is_person, likeness
from .noticing import links_of
from .reading import name_term, unpack_names
from .texts import cosine, words_in

#: How far back names reach; words alone say nothing over such a time.
NAMES_WINDOW = timedelta(days=90)
THRESHOLD = 1.2
#: Words in common add this for a cosine of 1.
WORDS_IN_COMMON = 3.0
#: A country or a town in common is no theme: unless a person is, the articles have to share other
#: words too, so much of the cosine.
OTHER_WORDS = 0.06
#: What is long past counts for this share of what is of today.
LONG_PAST = 0.3
DAYS_SQUARED = 98.0  # twice the square of seven days
LINKED_BY_EDITOR = 1.3
RARITY_POWER = 2

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


def names_to_post(names: Sequence[Name]) -> dict[str, Name]:
    """The names by which other articles find this one, by term; the weightiest of each."""
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
    """Return the articles of one theme with `reading`, best first; two queries at most.

    `known` are the people of the edition by their key: whose full name is shown.
    """
    names = unpack_names(reading.names)
    mine = names_to_post(names)
    evidence: dict[int, float] = defaultdict(float)
    for found in shared:
        name = mine[found.term]
        if name.is_sure or found.is_sure:
            rarity = frequencies.rarity(found.term) ** RARITY_POWER
            evidence[found.article_id] += rarity * name.weight * found.weight
    candidates = sorted(evidence, key=lambda pk: (-evidence[pk], pk))[:CANDIDATES]
    links = [
        link
        for other in Reading.objects.filter(article_id__in=candidates)
        if (link := _link(reading, names, other, frequencies, known)) is not None
    ]
    links.sort(key=lambda link: (-link.score, -link.article_id))
    return links[:LINKS_KEPT]


def _link(
    reading: Reading,
    names: Sequence[Name],
    other: Reading,
    frequencies: Frequencies,
    known: Mapping[str, Sequence[Name]],
) -> Link | None:
    pairs = _names_in_common(names, unpack_names(other.names), frequencies)
    if not pairs:
        return None
    score = _score(reading, other, pairs)
    if score < THRESHOLD:
        return None
    # A person says more to readers than the country that weighs more.
    pairs.sort(key=lambda pair: not is_person(*pair[1:]))
    shown = [_shown(one, theirs, known) for _, one, theirs in pairs[:NAMES_SHOWN]]
    return Link(other.article_id, round(score, 4), tuple(dict.fromkeys(shown)))


def _score(reading: Reading, other: Reading, pairs: Sequence[tuple[float, Name, Name]]) -> float:
    """Return how much two articles belong to one theme, the same in both directions.

    0.0 where they share no full name, and besides names hardly a word.
    """
    is_linked = other.article_id in reading.cards or reading.article_id in other.cards
    if not is_linked and not any(is_person(one, theirs) for _, one, theirs in pairs):
        in_names = {term for _, *names in pairs for name in names for term in _terms_of(name)}
        if _product(reading.terms, other.terms, without=in_names) < OTHER_WORDS:
            return 0.0
    score = sum(weight for weight, _, _ in pairs)
    score += WORDS_IN_COMMON * cosine(reading.terms, other.terms)
    days = (reading.published_at - other.published_at) / timedelta(days=1)
    score *= LONG_PAST + (1 - LONG_PAST) * math.exp(-days * days / DAYS_SQUARED)
    return score * LINKED_BY_EDITOR if is_linked else score


def _terms_of(name: Name) -> Iterator[str]:
    return (stem5(word) for form in name.forms for word in words_in(form))


def _product(one: Mapping[str, float], other: Mapping[str, float], *, without: set[str]) -> float:
    """The part of the cosine of two unit vectors that other terms than those make."""
    return sum(w * other[term] for term, w in one.items() if term in other and term not in without)


def _names_in_common(
    names: Sequence[Name], theirs: Sequence[Name], frequencies: Frequencies
) -> list[tuple[float, Name, Name]]:
    """Names that both hold, each counted once, with what it weighs; the heaviest first."""
    by_key: dict[str, list[Name]] = defaultdict(list)
    for name in theirs:
        by_key[name.key].append(name)
    pairs: dict[str, tuple[float, Name, Name]] = {}
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

    Returns the articles whose links are not what they were: others, in another order, or by
    other names.
    """
    linking = RelatedArticle.objects.filter(other_id=article_id)
    touched = {article_id, *linking.values_list("article_id", flat=True)}
    touched |= {link.article_id for link in links}
    before = links_of(touched)
    RelatedArticle.objects.filter(article_id=article_id).delete()
    RelatedArticle.objects.filter(other_id=article_id).delete()
    rows = []
    for link in links:
        for one, other in ((article_id, link.article_id), (link.article_id, article_id)):
            rows.append(
                RelatedArticle(
                    article_id=one, other_id=other, score=link.score, names=list(link.names)
                )
            )
    RelatedArticle.objects.bulk_create(rows)
    _trim([link.article_id for link in links])
    after = links_of(touched)
    return {pk for pk in touched if before.get(pk) != after.get(pk)}


def _trim(article_ids: Sequence[int]) -> None:
    """Drop what is beyond the best twelve links of each article."""
    if not article_ids:
        return
    rows = RelatedArticle.objects.filter(article_id__in=article_ids)
    seen: dict[int, int] = defaultdict(int)
    beyond = []
    for pk, article_id in rows.order_by("-score", "-other_id").values_list("pk", "article_id"):
        seen[article_id] += 1
        if seen[article_id] > LINKS_KEPT:
            beyond.append(pk)
    if beyond:
        RelatedArticle.objects.filter(pk__in=beyond).delete()
