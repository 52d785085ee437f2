"""What can happen to articles: facts, in the past tense, with ids only."""

from dataclasses import dataclass


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
