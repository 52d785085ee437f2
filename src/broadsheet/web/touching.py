"""What each fact touches: the tags whose pages are no longer right, the addresses that came to be,
and the pages that are pressed anew at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from broadsheet.articles.events import (
    ArticlePublished,
    ArticlesImported,
    ArticleUnpublished,
    EditionChanged,
    ImageChanged,
    RecordChanged,
)
from broadsheet.articles.models import (
    Article,
    ArticleAuthor,
    ArticleSlug,
    ArticleSource,
    Edition,
    Quote,
)
from broadsheet.articles.models.names import (
    AuthorName,
    PersonName,
    SectionName,
    SourceName,
    TagName,
)
from broadsheet.articles.queries import all_editions, published_span
from broadsheet.readership.queries import WINDOWS
from broadsheet.themes.events import ThemesChanged
from broadsheet.themes.queries import all_story_slugs, count_story_slugs, story_slugs_of

from . import made_from
from .archive import days_between
from .fragments import latest_address
from .navigation import feed_path, section_path

#: Pages that every edition has.
_STANDING = (
    "front", "latest", "archive", "corrections", "about", "how-we-count", "how-we-work", "feed",
)  # fmt: skip
_NAMES: dict[str, Any] = {
    "section": SectionName,
    "tag": TagName,
    "author": AuthorName,
    "person": PersonName,
    "source": SourceName,
}
#: So many pages of a changed theme are pressed at once; the others when they are asked for.
_THEME_PAGES = 20


@dataclass(slots=True)
class Touched:
    """`withdrawn` are tags whose pages may not be shown even before the change is committed.

    `addresses` can exist from now on; `pages` are to be pressed at once.
    """

    tags: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)


def touched_by(facts: Sequence[Any]) -> Touched:
    """Return what `facts` touch, all together, in a number of queries that depends on their kinds.

    Articles that are no more touch their own tag alone.
    """
    touched = Touched()
    ids: list[int] = []
    for fact in facts:
        if isinstance(fact, ArticlesImported):
            ids += fact.article_ids
        elif isinstance(fact, ArticlePublished | ArticleUnpublished):
            ids.append(fact.article_id)
        if isinstance(fact, ArticleUnpublished):
            touched.withdrawn.add(made_from.record("article", fact.article_id))
        if isinstance(fact, ThemesChanged):
            _touch_themes(touched, fact)
        if isinstance(fact, ImageChanged):
            touched.tags.add(made_from.record("image", fact.image_id))
        if isinstance(fact, EditionChanged):
            touched.tags.add(made_from.SITE)
            touched.addresses |= set(standing_addresses())
        if isinstance(fact, RecordChanged):
            _touch_record(touched, fact)
    if ids:
        _touch_articles(
            touched, ids, are_new=not any(isinstance(f, ArticlesImported) for f in facts)
        )
    return touched


def sign_of(fact: Any) -> str:
    """Return a tag that is surely among those which `fact` touches."""
    if isinstance(fact, ArticlesImported):
        return made_from.record("article", fact.article_ids[0]) if fact.article_ids else ""
    if isinstance(fact, ArticlePublished | ArticleUnpublished):
        return made_from.record("article", fact.article_id)
    if isinstance(fact, ThemesChanged):
        return made_from.theme(fact.article_ids[0]) if fact.article_ids else ""
    if isinstance(fact, ImageChanged):
        return made_from.record("image", fact.image_id)
    if isinstance(fact, RecordChanged):
        return made_from.record(fact.kind, fact.record_id)
    return made_from.SITE


def pages_of_themes(fact: ThemesChanged) -> list[str]:
    """Return the addresses of the newest articles of a changed theme, and of their stories."""
    newest = sorted(fact.article_ids, reverse=True)[:_THEME_PAGES]
    live = Article.objects.filter(pk__in=newest, live=True)
    return [
        *(
            reverse("article", args=one)
            for one in live.values_list("locale__language_code", "slug")
        ),
        *(story_paths(*one)[0] for one in story_slugs_of(newest)),
    ]


def standing_addresses() -> list[str]:
    """Return the addresses of the pages that every edition has, the root's and the desk's."""
    codes = [edition.code for edition in all_editions()]
    standing = (reverse(name, args=[code]) for code in codes for name in _STANDING)
    return ["/", "/desk/", *standing, *(path for code in codes for path in popular_paths(code))]


def popular_paths(code: str) -> list[str]:
    """Return the paths of the pages of an edition that show what is read most."""
    windows = (reverse("popular-window", args=[code, window]) for window in WINDOWS)
    return [reverse("popular", args=[code]), *windows]


def all_addresses() -> Iterator[str]:
    """Every address that is live, redirects, or says that its article was withdrawn."""
    yield from standing_addresses()
    for kind, names in _NAMES.items():
        pairs = names.objects.values_list("edition__locale__language_code", "slug")
        for code, slug in pairs.iterator(chunk_size=5000):
            yield from paths_of(kind, code, slug)
    for code, slug in all_story_slugs():
        yield from story_paths(code, slug)
    for edition in all_editions():
        if span := published_span(edition.pk):
            days = days_between(span, zone=edition.zone)
            yield from {path for day in days for path in _archive_paths(edition.code, day)}
    present = Article.objects.filter(Q(live=True) | Q(killed_at__isnull=False))
    former = ArticleSlug.objects.filter(article__live=True)
    for rows in (present, former):
        pairs = rows.values_list("locale__language_code", "slug")
        for code, slug in pairs.iterator(chunk_size=5000):
            yield f"/{code}/news/{slug}"  # what `reverse` gives, in a fiftieth of its time


def count_addresses() -> int:
    return (
        Article.objects.count()
        + ArticleSlug.objects.count()
        + 2 * count_story_slugs()  # a page, and a feed
        + sum(names.objects.count() for names in _NAMES.values())
        + sum(_count_days(edition) for edition in all_editions())
    )


def _count_days(edition: Edition) -> int:
    span = published_span(edition.pk)
    return 2 * (span[1] - span[0]).days + 4 if span else 0  # a month or two for a few days


def _archive_paths(code: str, day: date) -> tuple[str, str]:
    """Return the pages of a day and of its month."""
    return f"/{code}/archive/{day:%Y/%m/%d}/", f"/{code}/archive/{day:%Y/%m}/"


def paths_of(kind: str, code: str, slug: str) -> list[str]:
    """Return the paths of a record's page, and of its feed if it has one."""
    if kind == "section":
        return [section_path(code, slug), feed_path(code, slug)]
    return [reverse(kind, args=[code, slug])]


def story_paths(code: str, slug: str) -> tuple[str, str]:
    """Return the paths of a story's page and of its feed."""
    page = f"/{code}/stories/{slug}"  # as in `all_addresses`
    return page, f"{page}/feed.xml"


def _touch_themes(touched: Touched, fact: ThemesChanged) -> None:
    touched.tags |= {made_from.theme(number) for number in fact.article_ids}
    for code, slug in story_slugs_of(fact.article_ids):
        paths = story_paths(code, slug)
        touched.addresses |= set(paths)
        # A story may have come to an address that led elsewhere.
        touched.tags |= set(map(made_from.address, paths))


def _touch_record(touched: Touched, fact: RecordChanged) -> None:
    touched.tags.add(made_from.record(fact.kind, fact.record_id))
    if fact.kind == "section":
        touched.tags.add(made_from.SITE)  # the navigation
    touched.addresses |= set(_paths_of_records(fact.kind, [fact.record_id]))


def _touch_articles(touched: Touched, ids: Sequence[int], *, are_new: bool) -> None:
    rows = Article.objects.filter(pk__in=ids).values_list(
        "pk", "locale__language_code", "slug", "section_id", "translation_key",
        "first_published_at",
    )  # fmt: skip
    zones = {edition.code: edition.zone for edition in all_editions()}
    codes: dict[int, str] = {}
    touched.tags |= made_from.records("article", ids)
    listed: set[tuple[str, int, str]] = set()
    for pk, code, slug, section_id, key, published_at in rows:
        codes[pk] = code
        path = reverse("article", args=[code, slug])
        touched.addresses.add(path)
        touched.tags |= {made_from.translations(key), made_from.address(path)}
        listed.add(("section", section_id, code))
        if published_at and code in zones:
            day = published_at.astimezone(zones[code]).date()
            touched.addresses |= set(_archive_paths(code, day))
            touched.tags.add(made_from.month(code, f"{day:%Y-%m}"))
        if are_new:
            touched.pages.append(path)
    listed |= {(kind, number, codes[pk]) for kind, pk, number in _belonging(codes)}
    touched.tags |= {made_from.listed(*one) for one in listed}
    for code in dict.fromkeys(codes.values()):
        touched.tags |= {made_from.front(code), made_from.latest(code)}
        touched.pages += [
            reverse("front", args=[code]),
            reverse("latest", args=[code]),
            reverse("feed", args=[code]),
            latest_address(code),
        ]
    for kind in _NAMES:
        numbers = {number for one, number, _code in listed if one == kind}
        paths = set(_paths_of_records(kind, numbers, codes=set(codes.values())))
        touched.addresses |= paths
        if are_new or kind == "section":
            touched.pages += sorted(paths)


def _belonging(codes: dict[int, str]) -> Iterator[tuple[str, int, int]]:
    """To which tags, authors, people and sources articles belong: kind, article, record."""
    relations: tuple[tuple[str, Any, str], ...] = (
        ("author", ArticleAuthor, "author_id"),
        ("source", ArticleSource, "source_id"),
        ("tag", Article.tags.through, "tag_id"),
        ("person", Quote, "person_id"),
    )
    for kind, rows, column in relations:
        pairs = rows.objects.filter(article_id__in=list(codes)).values_list("article_id", column)
        for article_id, number in pairs.distinct():
            yield kind, article_id, number


def _paths_of_records(
    kind: str, ids: Iterable[int], *, codes: set[str] | None = None
) -> Iterator[str]:
    names = _NAMES[kind].objects.filter(owner_id__in=list(ids))
    if codes is not None:
        names = names.filter(edition__locale__language_code__in=codes)
    for code, slug in names.values_list("edition__locale__language_code", "slug"):
        yield from paths_of(kind, code, slug)
