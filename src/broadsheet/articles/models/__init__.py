from .article import Article, ArticleAuthor, ArticleCorrection, ArticleSlug, ArticleSource, Quote
from .editions import Edition
from .images import NewsImage, NewsRendition
from .names import (
    Author,
    AuthorName,
    Person,
    PersonName,
    Section,
    SectionName,
    Source,
    SourceName,
    Tag,
    TagName,
)
from .schedule import FailedSchedule
from .search import SearchEntry, SearchSpelling, SearchWord

__all__ = [
    "Article",
    "ArticleAuthor",
    "ArticleCorrection",
    "ArticleSlug",
    "ArticleSource",
    "Author",
    "AuthorName",
    "Edition",
    "FailedSchedule",
    "NewsImage",
    "NewsRendition",
    "Person",
    "PersonName",
    "Quote",
    "SearchEntry",
    "SearchSpelling",
    "SearchWord",
    "Section",
    "SectionName",
    "Source",
    "SourceName",
    "Tag",
    "TagName",
]
