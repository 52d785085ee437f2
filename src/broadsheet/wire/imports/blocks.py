"""Blocks of a body as the record stores them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from wagtail.blocks import StreamValue

from broadsheet.articles.models import Article


def make_block(kind: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "id": str(uuid4()), "value": value}


def make_paragraph(html: str) -> dict[str, Any]:
    """A paragraph of safe inline HTML."""
    return make_block("paragraph", f"<p>{html}</p>")


def make_list(points: Iterable[str]) -> dict[str, Any]:
    """A list whose points are safe inline HTML."""
    return make_block("list", [make_block("item", f"<p>{html}</p>") for html in points])


def stream_of(blocks: Sequence[dict[str, Any]]) -> StreamValue:
    """The body that holds `blocks`; they are not looked into before they are needed."""
    stream_block = Article._meta.get_field("body").stream_block  # noqa: SLF001 - Django's own API
    return StreamValue(stream_block, list(blocks), is_lazy=True)
