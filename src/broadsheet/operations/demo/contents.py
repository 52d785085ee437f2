"""The demo newsroom as it is written down: TOML files, read and checked as a whole.

`newsroom.toml` has the sections and the authors; each file under `stories/` has people, sources,
tags and articles. Whatever one file defines, all may refer to by its key.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadsheet.articles.videos import find_video

from .drawing import SCENES

CONTENT = Path(__file__).parent / "content"
LANGUAGES = ("en", "uk")
#: Kinds of records that have a name in each edition, as the tables of the files are called.
RECORD_KINDS = ("sections", "authors", "people", "sources", "tags")
SOURCE_ROLES = ("reported", "relayed")
MOST_POPULAR = 10
#: What a part of a body has beside the text that names its kind: needed, allowed.
_PARTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "paragraph": (frozenset(), frozenset()),
    "heading": (frozenset(), frozenset()),
    "quote": (frozenset({"speaker"}), frozenset({"where"})),
    "list": (frozenset(), frozenset()),
    "table": (frozenset({"caption"}), frozenset()),
    "related": (frozenset(), frozenset()),
    "image": (frozenset({"alt"}), frozenset({"caption"})),
    "gallery": (frozenset(), frozenset()),
    "video": (frozenset({"title", "poster"}), frozenset()),
}
_ARTICLE_FIELDS = frozenset(
    {"key", "section", "hours_ago", "updated_hours_ago", "authors", "tags", "sources"}
    | {"popularity", "exclusive", "picture", *LANGUAGES}
)
_TEXT_FIELDS = frozenset(
    {"headline", "dateline", "lead", "picture_alt", "picture_caption", "body", "corrections"}
)


class BadContentError(ValueError):
    """A file of the demo is not what it has to be; the message names the file and the place."""


@dataclass(frozen=True, slots=True, order=True)
class Scene:
    """A picture to be drawn: the same scene and seed give the same picture."""

    scene: str
    seed: int


@dataclass(frozen=True, slots=True)
class Record:
    """A section, author, person, source or tag: what it is called in each language."""

    key: str
    names: Mapping[str, Mapping[str, str]]  # language → name, role
    url: str = ""
    slug: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """An article in one language. A part of the body is a table of the file, as it stands."""

    headline: str
    lead: str
    dateline: str
    picture_alt: str
    picture_caption: str
    parts: tuple[Mapping[str, Any], ...]
    corrections: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An article in all languages. Hours are counted back from when the newsroom is filled."""

    key: str
    section: str
    hours_ago: float
    updated_hours_ago: float | None
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[Mapping[str, str], ...]
    popularity: int
    is_exclusive: bool
    picture: Scene | None
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All of it: records by kind and key, and the articles, the oldest first."""

    records: Mapping[str, Mapping[str, Record]]
    articles: tuple[Told, ...]

    @property
    def scenes(self) -> list[Scene]:
        """Every picture that some article shows, each once."""
        found = {told.picture for told in self.articles if told.picture}
        for told in self.articles:
            for text in told.texts.values():
                found |= {scene for part in text.parts for scene in scenes_of(part)}
        return sorted(found)


def kind_of(part: Mapping[str, Any]) -> str:
    """Return the kind of a part: the one key that names a kind."""
    return next(kind for kind in _PARTS if kind in part)


def scenes_of(part: Mapping[str, Any]) -> Iterator[Scene]:
    """Yield the pictures that a part of a body shows, in their order."""
    for picture in (part.get("image"), part.get("poster"), *part.get("gallery", ())):
        if picture is not None:
            yield Scene(picture["scene"], picture["seed"])


def read_newsroom(directory: Path = CONTENT) -> Newsroom:
    """Return the newsroom of `directory`. Raises `BadContentError`."""
    records: dict[str, dict[str, Record]] = {kind: {} for kind in RECORD_KINDS}
    articles: list[Told] = []
    for path in (directory / "newsroom.toml", *sorted((directory / "stories").glob("*.toml"))):
        file = _File(path)
        for kind in RECORD_KINDS:
            for record in file.records(kind):
                if record.key in records[kind]:
                    raise file.error(f"{kind}.{record.key} is defined twice")
                records[kind][record.key] = record
        articles += file.articles()
    newsroom = Newsroom(records, tuple(sorted(articles, key=lambda told: -told.hours_ago)))
    _check_references(newsroom)
    return newsroom


class _File:
    """One file: what it holds, and errors that name it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise self.error(str(error)) from error
        if unknown := self._content.keys() - {*RECORD_KINDS, "articles"}:
            raise self.error(f"nothing is called {', '.join(sorted(unknown))}")

    def error(self, what: str) -> BadContentError:
        return BadContentError(f"{self._path.name}: {what}")

    def records(self, kind: str) -> Iterator[Record]:
        for key, table in self._content.get(kind, {}).items():
            names = {}
            for code in LANGUAGES:
                name = table.get(code)
                names[code] = {"name": name} if isinstance(name, str) else (name or {})
                if not names[code].get("name"):
                    raise self.error(f"{kind}.{key} has no name in “{code}”")
            yield Record(key, names, url=table.get("url", ""), slug=table.get("slug", ""))

    def articles(self) -> Iterator[Told]:
        for number, table in enumerate(self._content.get("articles", ()), start=1):
            where = f"article {table.get('key', number)}"
            try:
                yield self._article(table)
            except BadContentError as error:
                raise self.error(f"{where}: {error}") from None
            except (KeyError, TypeError, AttributeError) as error:
                raise self.error(f"{where}: {type(error).__name__}: {error}") from error

    def _article(self, table: Mapping[str, Any]) -> Told:
        _check(table.keys() <= _ARTICLE_FIELDS, f"unknown: {table.keys() - _ARTICLE_FIELDS}")
        _check(table["hours_ago"] > 0, "hours are counted back")
        updated = table.get("updated_hours_ago")
        _check(updated is None or 0 <= updated < table["hours_ago"], "updated before published")
        _check(0 < table["popularity"] <= MOST_POPULAR, "popularity is 1 to 10")
        sources = tuple(table.get("sources", ()))
        _check(all(s["role"] in SOURCE_ROLES for s in sources), "a source reported or relayed")
        return Told(
            key=table["key"],
            section=table["section"],
            hours_ago=table["hours_ago"],
            updated_hours_ago=updated,
            authors=tuple(table["authors"]),
            tags=tuple(table.get("tags", ())),
            sources=sources,
            popularity=table["popularity"],
            is_exclusive=table.get("exclusive", False),
            picture=_scene(table["picture"]) if "picture" in table else None,
            texts={code: _read_text(table[code], "picture" in table) for code in LANGUAGES},
        )


def _read_text(table: Mapping[str, Any], has_picture: bool) -> Text:  # noqa: FBT001 - private, and one of two
    _check(table.keys() <= _TEXT_FIELDS, f"unknown: {table.keys() - _TEXT_FIELDS}")
    _check("picture_alt" in table or not has_picture, "a picture needs its alternative text")
    parts = tuple(table.get("body", ()))
    for part in parts:
        _check_part(part)
    return Text(
        headline=table["headline"],
        lead=table.get("lead", ""),
        dateline=table.get("dateline", ""),
        picture_alt=table.get("picture_alt", ""),
        picture_caption=table.get("picture_caption", ""),
        parts=parts,
        corrections=tuple(table.get("corrections", ())),
    )


def _check_part(part: Mapping[str, Any]) -> None:
    kinds = [kind for kind in _PARTS if kind in part]
    _check(len(kinds) == 1, f"a part of one kind: {sorted(part)}")
    needed, allowed = _PARTS[kinds[0]]
    beside = part.keys() - {kinds[0]}
    _check(needed <= beside <= needed | allowed, f"a {kinds[0]} with {sorted(beside)}")
    for picture in (part.get("image"), part.get("poster"), *part.get("gallery", ())):
        if picture is not None:
            _scene(picture)
    if "video" in part:
        _check(find_video(part["video"]) is not None, f"no video: {part['video']}")
    if "table" in part:
        _check(len({len(row) for row in part["table"]}) == 1, "rows of a table as long as its head")


def _scene(table: Mapping[str, Any]) -> Scene:
    _check(table["scene"] in SCENES, f"there is no scene {table['scene']!r}")
    return Scene(table["scene"], table["seed"])


def _check(is_right: bool, what: str) -> None:  # noqa: FBT001 - an assertion
    if not is_right:
        raise BadContentError(what)


def _check_references(newsroom: Newsroom) -> None:
    """Raise `BadContentError` for a key that nothing has, or a card of a later article."""
    published: set[str] = set()
    for told in newsroom.articles:
        if told.key in published:
            raise BadContentError(f"two articles have the key {told.key}")
        for kind, key in _references(told):
            if key not in newsroom.records[kind]:
                raise BadContentError(f"article {told.key}: no {kind}.{key}")
        for text in told.texts.values():
            for part in text.parts:
                if "related" in part and part["related"] not in published:
                    raise BadContentError(
                        f"article {told.key}: no earlier article {part['related']}"
                    )
        published.add(told.key)


def _references(told: Told) -> Iterator[tuple[str, str]]:
    yield "sections", told.section
    yield from (("authors", key) for key in told.authors)
    yield from (("tags", key) for key in told.tags)
    yield from (("sources", source["source"]) for source in told.sources)
    for text in told.texts.values():
        yield from (("people", part["speaker"]) for part in text.parts if "quote" in part)
