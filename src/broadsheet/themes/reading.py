"""Read an article: its terms, names, links and announced dates, all from its text alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from broadsheet.articles.models import Article

from .languages import Language
from .names import Name, find_names
from .texts import count_terms, plain_text
from .timelines import Announced, find_announced

#: What a name's term begins with, so that no name is taken for a word.
NAME_MARK = "="
_LONGEST_TERM = 40
_ATTRIBUTES = ("text", "caption")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """What an article says, without its form."""

    article_id: int
    locale_id: int
    headline: str
    text: str
    published_at: datetime
    day: date  # of publishing, in the edition's zone
    cards: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article's counted terms, names and dates; `held` is all that its edition counts."""

    source: ArticleText
    counts: Mapping[str, int]
    names: tuple[Name, ...]
    announced: tuple[Announced, ...]

    @property
    def held(self) -> set[str]:
        return {"", *self.counts, *(name_term(name) for name in self.names if name.is_sure)}


def name_term(name: Name) -> str:
    return (NAME_MARK + name.key)[:_LONGEST_TERM]


def read_article(source: ArticleText, language: Language) -> ReadArticle:
    return ReadArticle(
        source=source,
        counts=count_terms(source.headline, source.text, language),
        names=tuple(find_names(source.headline, source.text, language)),
        announced=tuple(find_announced(source.text, day=source.day, language=language)),
    )


def text_of(article: Article) -> ArticleText:
    """Return what `article` says: headline, and lead and body as lines of plain text."""
    blocks = list(article.body.raw_data)
    lines = [plain_text(article.lead), *_lines_of(blocks)]
    published_at = article.first_published_at or article.last_published_at
    assert published_at is not None, "only what was published is related"
    return ArticleText(
        article_id=article.pk,
        locale_id=article.locale_id,
        headline=article.headline,
        text="\n".join(line for line in lines if line),
        published_at=published_at,
        day=published_at.astimezone(article.locale.edition.zone).date(),
        cards=tuple(b["value"] for b in blocks if b["type"] == "related" and b["value"]),
    )


def _lines_of(blocks: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """The text that readers read; pictures' captions count, tables and videos do not."""
    for block in blocks:
        value = block["value"]
        if block["type"] in {"paragraph", "heading"}:
            yield plain_text(value or "")
        elif block["type"] == "list":
            yield from (plain_text(_value_of(item)) for item in value)
        elif block["type"] == "gallery":
            yield from (plain_text(_value_of(item).get("caption") or "") for item in value)
        elif block["type"] in {"quote", "picture"}:
            yield from (plain_text(value[name]) for name in _ATTRIBUTES if value.get(name))


def _value_of(item: Any) -> Any:
    """A list's member is its bare value in old bodies, and a mapping with an id in new ones."""
    return item["value"] if isinstance(item, Mapping) and "value" in item else item


def count_held(articles: Iterable[ReadArticle]) -> Counter[str]:
    """In how many of `articles` each term is."""
    held: Counter[str] = Counter()
    for article in articles:
        held.update(article.held)
    return held


def pack_names(names: Iterable[Name]) -> list[list[Any]]:
    """Names as JSON; `unpack_names` is the way back."""
    return [[list(n.keys), list(n.forms), n.weight, n.is_sure, n.goes_by_surname] for n in names]


def unpack_names(packed: Iterable[list[Any]]) -> list[Name]:
    return [Name(tuple(keys), tuple(forms), *rest) for keys, forms, *rest in packed]
