"""The words of an article that a translation has to have, part by part.

A part is a field of the article, or a block of its body. Which texts of a block are words follows from
what it is made of: plain and rich text are, addresses, dates and choices are not.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

from broadsheet.articles.models import Article

from .article_form import has_slug_of_its_making

FIELDS = {
    "headline": _("Headline"),
    "dateline": _("Place"),
    "lead": _("Lead"),
    "image_alt": _("Alternative text"),
    "image_caption": _("Caption"),
}
#: What is owed to somebody is never put into other words.
_KEPT = frozenset({"credit", "licence"})

Words = tuple[str, ...]


class Text(NamedTuple):
    """One text of a part; rich text is HTML."""

    text: str
    is_rich: bool


class Part(NamedTuple):
    key: str
    label: Any
    texts: tuple[Text, ...]

    @property
    def words(self) -> Words:
        return tuple(one.text for one in self.texts)


def parts_of(article: Article) -> dict[str, Part]:
    """Return the parts that have words, in the order of the page, by their keys."""
    parts = {}
    for name, label in FIELDS.items():
        if value := getattr(article, name):
            parts[name] = Part(name, label, (Text(value, is_rich=False),))
    for raw in raw_body(article):
        block = _blocks_of(article)[raw["type"]]
        if texts := tuple(_texts_in(block, raw["value"])):
            key = f"body:{raw['id']}"
            parts[key] = Part(key, block.label, texts)
    return parts


def raw_body(article: Article) -> list[dict[str, Any]]:
    """Return the body's blocks as they are stored: type, value and id."""
    return list(article.body.get_prep_value())


def set_words(article: Article, words: Mapping[str, Sequence[str]]) -> None:
    """Put `words`, by part, in the place of what `article` says; it is not saved.

    Each part needs as many texts as it has; parts that it does not have are passed by. An address
    that was made from the headline, and that no reader knows yet, is made anew.
    """
    follows_headline = has_slug_of_its_making(article)
    for name in FIELDS.keys() & words.keys():
        setattr(article, name, words[name][0])
    if follows_headline:
        article.slug = ""
        article.fill_slug()
    body = raw_body(article)
    for raw in body:
        if (key := f"body:{raw['id']}") in words:
            raw["value"] = _put(_blocks_of(article)[raw["type"]], raw["value"], words[key])
    set_body(article, body)


def set_body(article: Article, raw: list[dict[str, Any]]) -> None:
    """Give `article` a body of stored blocks; it is not saved."""
    article.body = blocks.StreamValue(article.body.stream_block, raw, is_lazy=True)


def take_new_blocks(article: Article, original: Article) -> bool:
    """Put blocks that `original` has and `article` lacks where they stand there; say if any was put.

    They come as they are, in the original's language.
    """
    body = raw_body(article)
    ids = [raw["id"] for raw in body]
    place, is_changed = 0, False
    for raw in raw_body(original):
        if raw["id"] in ids:
            place = ids.index(raw["id"]) + 1
            continue
        body.insert(place, raw)
        ids.insert(place, raw["id"])
        place, is_changed = place + 1, True
    if is_changed:
        set_body(article, body)
    return is_changed


def _blocks_of(article: Article) -> Any:
    return article.body.stream_block.child_blocks


def _texts_in(block: Any, raw: Any) -> Iterator[Text]:
    found: list[Text] = []

    def note(text: str, *, is_rich: bool) -> str:
        found.append(Text(text, is_rich))
        return text

    _rewrite(block, raw, note)
    return iter(found)


def _put(block: Any, raw: Any, words: Sequence[str]) -> Any:
    waiting = iter(words)
    return _rewrite(block, raw, lambda text, is_rich: next(waiting, text))  # noqa: ARG005 - as `note`


def _rewrite(block: Any, raw: Any, change: Callable[..., str]) -> Any:
    """Return a block's stored value with each of its texts changed."""
    if isinstance(block, blocks.RichTextBlock):
        return _change(raw, change, is_rich=True)
    if isinstance(block, (blocks.CharBlock, blocks.TextBlock)):
        return _change(raw, change, is_rich=False)
    if isinstance(block, blocks.StructBlock):
        return {
            name: value
            if name in _KEPT or name not in block.child_blocks
            else _rewrite(block.child_blocks[name], value, change)
            for name, value in (raw or {}).items()
        }
    if isinstance(block, TypedTableBlock):
        return _rewrite_table(block, raw, change)
    if isinstance(block, (blocks.ListBlock, blocks.StreamBlock)):
        return [_rewrite_entry(block, entry, change) for entry in raw or []]
    return raw


def _change(raw: Any, change: Callable[..., str], *, is_rich: bool) -> Any:
    if not isinstance(raw, str) or not any(letter.isalpha() for letter in raw):
        return raw
    return change(raw, is_rich=is_rich)


def _rewrite_entry(block: Any, entry: Any, change: Callable[..., str]) -> Any:
    if isinstance(block, blocks.StreamBlock):
        child = block.child_blocks[entry["type"]]
    else:
        child = block.child_block
    return {**entry, "value": _rewrite(child, entry["value"], change)}


def _rewrite_table(block: Any, raw: Any, change: Callable[..., str]) -> Any:
    if not raw:
        return raw
    kinds = [block.child_blocks[column["type"]] for column in raw["columns"]]
    return {
        **raw,
        "columns": [
            {**column, "heading": _change(column.get("heading"), change, is_rich=False)}
            for column in raw["columns"]
        ],
        "rows": [
            {
                **row,
                "values": [
                    _rewrite(kind, cell, change)
                    for kind, cell in zip(kinds, row["values"], strict=True)
                ],
            }
            for row in raw["rows"]
        ],
    }
