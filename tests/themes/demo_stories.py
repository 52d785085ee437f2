"""The demo's articles as a newsroom to measure on: each file named after a story holds one."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

from tests.factories import find_edition

import broadsheet.operations.demo
from broadsheet.articles.models import Article, Person, PersonName, SectionName
from broadsheet.articles.publishing import publish_imported

STORIES = Path(broadsheet.operations.demo.__file__).parent / "content" / "stories"
SINGLES = {
    "society-and-science", "culture-and-sport", "politics-and-world", "economy-and-environment",
}  # fmt: skip


@dataclass(frozen=True)
class Pairs:
    """Which pairs were linked, and which are of one story."""

    linked: frozenset
    given: frozenset

    @property
    def precision(self):
        return len(self.linked & self.given) / max(1, len(self.linked))

    @property
    def recall(self):
        return len(self.linked & self.given) / max(1, len(self.given))


def story_files():
    return sorted(STORIES.glob("*.toml"))


def publish_stories(code, *, now: datetime):
    """Publish the demo's articles of one edition in the order of their time; story by id."""
    edition = find_edition(code)
    section = SectionName.objects.filter(edition=edition).first().owner
    articles, stories = [], {}
    for path in story_files():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for key, person in content.get("people", {}).items():
            made = Person.objects.create()
            PersonName.objects.create(
                owner=made, edition=edition, name=person[code]["name"], slug=f"{path.stem}-{key}"
            )
        articles += [(told, told[code], path.stem) for told in content["articles"] if code in told]
    articles.sort(key=lambda article: -article[0]["hours_ago"])
    made = [
        Article(
            locale=edition.locale,
            section=section,
            headline=text["headline"],
            slug=told["key"],
            lead=text.get("lead", ""),
            body=[block for part in text.get("body", ()) for block in _blocks(part)],
            first_published_at=now - timedelta(hours=told["hours_ago"]),
        )
        for told, text, _ in articles
    ]
    publish_imported(made, now=now)
    for article, (_, _, story) in zip(made, articles, strict=True):
        stories[article.pk] = None if story in SINGLES else story
    return made, stories


def _blocks(part):
    if "paragraph" in part:
        yield "paragraph", f"<p>{part['paragraph']}</p>"
    elif "heading" in part:
        yield "heading", part["heading"]
    elif "list" in part:
        yield "list", list(part["list"])
    elif "quote" in part:
        yield "paragraph", f"<p>“{part['quote']}”</p>"


def pairs_of(stories, theme_of):
    given = {
        frozenset(pair)
        for pair in combinations(stories, 2)
        if stories[pair[0]] is not None and stories[pair[0]] == stories[pair[1]]
    }
    linked = {
        frozenset((pk, entry.article_id)) for pk in stories for entry in theme_of(pk, limit=20)
    }
    return Pairs(frozenset(linked), frozenset(given))


def sizes(stories):
    return Counter(story for story in stories.values() if story)
