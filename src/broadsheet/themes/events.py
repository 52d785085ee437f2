"""What can happen to themes: facts, in the past tense, with ids only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThemesChanged:
    """Articles may have another theme or timeline, because one of them found or left its place."""

    article_ids: list[int]
