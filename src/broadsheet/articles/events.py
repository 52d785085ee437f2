"""What can happen to the record: facts, in the past tense, with ids only."""

from dataclasses import dataclass
from typing import Literal

#: The five kinds of records that articles name.
RecordKind = Literal["section", "person", "tag", "source", "author"]


@dataclass(frozen=True, slots=True)
class ArticlePublished:
    """An article became live, or a live article changed."""

    article_id: int


@dataclass(frozen=True, slots=True)
class ArticleUnpublished:
    """A live article was taken down: unpublished, expired, killed or deleted."""

    article_id: int


@dataclass(frozen=True, slots=True)
class ArticlesImported:
    """A batch of articles became live at once."""

    article_ids: list[int]


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """A section, person, tag, source or author changed in what readers see of it: its own data, or
    a name that was added, changed or deleted. Or the record itself was deleted.
    """

    kind: RecordKind
    record_id: int


@dataclass(frozen=True, slots=True)
class EditionChanged:
    """An edition was switched on, or has another name, time zone or place as the default."""

    edition_id: int


@dataclass(frozen=True, slots=True)
class ImageChanged:
    """An image has another file, focal point, credit or licence, or was deleted."""

    image_id: int
