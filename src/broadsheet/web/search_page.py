"""The page of search: what was asked, what was found, and what narrows it.

It is made anew for each request, and no store or cache keeps it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from broadsheet.articles.models import Article, Author, Person, Tag
from broadsheet.articles.queries import (
    CardFacts,
    cards_by_id,
    find_author,
    find_person,
    sections_of,
)
from broadsheet.articles.searching.finding import (
    MOST_CHARACTERS,
    MOST_COUNTED,
    Found,
    Query,
    complete_text,
    find_articles,
    read_key,
)
from broadsheet.articles.searching.naming import (
    authors_of,
    names_beginning,
    people_quoted_in,
)
from broadsheet.articles.searching.texts import lines_of, plain_text
from broadsheet.articles.searching.wording import words_in

from .cards import Card, make_card
from .marking import excerpt, held, mark
from .navigation import Frame, Site, frame_page, same_page

#: Completions, and pages of each kind, that are offered while somebody types.
COMPLETIONS, NAMES = 6, 3
#: Authors and people that the results offer to be narrowed by.
_CHOICES = 30
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for, as far as it can be understood; all else is left out."""

    text: str = ""
    section: str = ""
    author: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    order: str = "relevance"
    after: str = ""

    def parameters(self, **changed: str) -> dict[str, str]:
        """Return the parameters of the address that asks for this, without `after`."""
        asked = {
            "q": self.text,
            "section": self.section,
            "author": self.author,
            "person": self.person,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "sort": self.order if self.order != "relevance" else "",
        }
        return {name: value for name, value in {**asked, **changed}.items() if value}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """`said` tells in a sentence what was found; `instead` what was looked for in place of it."""

    frame: Frame
    text: str
    most_characters: int = MOST_CHARACTERS
    sections: tuple[Choice, ...]
    authors: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()
    orders: tuple[Choice, ...]
    since: str = ""
    until: str = ""
    is_filtered: bool = False
    without_filters: str = ""
    said: str = ""
    instead: str = ""
    is_asked: bool = False
    is_busy: bool = False
    cards: tuple[Card, ...] = ()
    older: str = ""
    newest: str = ""
    suggestions: str
    #: How many were found, as a script says it: the forms of a plural, as JSON.
    suggestions_forms: str
    made_from: frozenset[str] = field(default=frozenset())


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Read an address; what is not understood is as if it were not there."""
    text = " ".join(parameters.get("q", "").replace("\0", " ").split())[:MOST_CHARACTERS]
    return Asked(
        text=text,
        section=parameters.get("section", ""),
        author=parameters.get("author", ""),
        person=parameters.get("person", ""),
        since=_read_day(parameters.get("since", "")),
        until=_read_day(parameters.get("until", "")),
        order="newest" if parameters.get("sort") == "newest" else "relevance",
        after=parameters.get("after", ""),
    )


def gather_search(asked: Asked, *, site: Site) -> SearchPage:
    """Return the page for what was asked. Raises `finding.SearchTooSlowError`."""
    names = sections_of(site.id)
    section = next((one for one in names if one.slug == asked.section), None)
    author = find_author(site.id, asked.author) if _is_slug(asked.author) else None
    person = find_person(site.id, asked.person) if _is_slug(asked.person) else None
    asked = replace(
        asked,
        section=section.slug if section else "",
        author=author.slug if author else "",
        person=person.slug if person else "",
    )
    query = Query(
        text=asked.text,
        section_id=section.owner_id if section else None,
        author_id=author.owner_id if author else None,
        person_id=person.owner_id if person else None,
        since=_midnight(asked.since, site=site) if asked.since else None,
        until=_midnight(asked.until + _A_DAY, site=site) if asked.until else None,
        order="newest" if asked.order == "newest" else "relevance",
    )
    is_asked = bool(asked.text) or query.is_filtered
    after = read_key(asked.after)
    found = find_articles(site.id, site.code, query, after=after)
    facts = cards_by_id(found.article_ids)
    shown = [facts[number] for number in found.article_ids if number in facts]
    page = empty_page(asked, site=site)
    ids = [one.id for one in shown]
    return replace(
        page,
        sections=_choices(names, asked.section),
        authors=_choices(_with(author, authors_of(ids, site.id, limit=_CHOICES)), asked.author),
        people=_choices(
            _with(person, people_quoted_in(ids, site.id, limit=_CHOICES)), asked.person
        ),
        is_filtered=query.is_filtered,
        is_asked=is_asked,
        said=_say(found, asked, site=site) if is_asked else "",
        instead=_instead(found, asked, site=site),
        cards=_cards(shown, found, site=site),
        older=_path(site, asked.parameters(after=str(found.after))) if found.after else "",
        newest=_path(site, asked.parameters()) if after else "",
    )


def empty_page(asked: Asked, *, site: Site, is_busy: bool = False) -> SearchPage:
    """Return the page with its form alone, which asks no database."""
    words = site.words
    title = f"{asked.text} — {words.search}" if asked.text else words.search
    return SearchPage(
        frame=frame_page(
            site,
            title=title,
            description=words.search_intro,
            path=site.path("search"),
            others=same_page(site, "search"),
            is_indexed=False,
        ),
        text=asked.text,
        sections=(),
        orders=(
            Choice("relevance", words.by_relevance, asked.order == "relevance"),
            Choice("newest", words.newest_first, asked.order == "newest"),
        ),
        since=asked.since.isoformat() if asked.since else "",
        until=asked.until.isoformat() if asked.until else "",
        without_filters=_path(site, {"q": asked.text} if asked.text else {}),
        suggestions=site.path("suggestions"),
        suggestions_forms=json.dumps(dict(words.suggestions_found), ensure_ascii=False),
        is_busy=is_busy,
        is_asked=is_busy,
    )


def gather_suggestions(text: str, *, site: Site) -> list[dict[str, str]]:
    """Return what may be meant by the beginning of a search: texts, and pages by their names.

    Each has a `text`, a `url` and the `kind` of page in words, "" for a search. Raises
    `finding.SearchTooSlowError`.
    """
    text = " ".join(text[:MOST_CHARACTERS].split())
    offered = [
        {"text": one, "url": _path(site, {"q": one}), "kind": ""}
        for one in complete_text(site.id, site.code, text, limit=COMPLETIONS)
    ]
    typed = " ".join(words_in(text))
    if len(typed) < 2:  # noqa: PLR2004 - one letter says nothing yet
        return offered
    words = site.words
    kinds: tuple[tuple[Any, str, str], ...] = (
        (Person, "person", words.person),
        (Tag, "tag", words.tag),
        (Author, "author", words.author),
    )
    for kind, page, label in kinds:
        offered += [
            {"text": name.name, "url": site.path(page, name.slug), "kind": label}
            for name in names_beginning(kind, site.id, typed, limit=NAMES)
        ]
    return offered


def _cards(shown: Iterable[CardFacts], found: Found, *, site: Site) -> tuple[Card, ...]:
    """Return the cards of what was found, the words marked; an excerpt where only a body has one."""
    code, stems = site.code, found.stems
    leads = {one.id: plain_text(one.lead) for one in shown}
    unseen = [
        one.id for one in shown
        if stems and not held(f"{one.headline} {leads[one.id]}", stems, code=code)
    ]  # fmt: skip
    if unseen:
        bodies = Article.objects.filter(pk__in=unseen).values_list("pk", "body")
        for number, body in bodies:
            leads[number] = excerpt(lines_of(body.raw_data), stems, code=code) or leads[number]
    cards = []
    for one in shown:
        card = make_card(one, site=site)
        headline = mark(one.headline, stems, code=code)
        cards.append(replace(card, headline=headline, lead=mark(leads[one.id], stems, code=code)))
    return tuple(cards)


def _say(found: Found, asked: Asked, *, site: Site) -> str:
    words = site.words
    if not found.count:
        if asked.text:
            return words.search_nothing.format(text=asked.text)
        return words.search_nothing_at_all
    if found.has_more:
        return words.search_more_than.format(n=words.number(MOST_COUNTED))
    return words.plural(words.search_found, found.count)


def _instead(found: Found, asked: Asked, *, site: Site) -> str:
    if not found.corrected:
        return ""
    text = " ".join(found.corrected.get(word, word) for word in words_in(asked.text))
    return site.words.search_instead.format(text=text)


def _path(site: Site, parameters: Mapping[str, str]) -> str:
    path = site.path("search")
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _choices(names: Iterable[Any], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(one.slug, one.name, one.slug == chosen) for one in names)


def _with(name: Any, others: list[Any]) -> list[Any]:
    """Return the names with the one that is chosen, wherever the results leave it out."""
    return others if name is None or name in others else [name, *others]


def _is_slug(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum()


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _midnight(day: date, *, site: Site) -> datetime:
    return datetime.combine(day, time.min, site.zone).astimezone(UTC)
