"""A capture into an edition: one transaction for the content, then the counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Any

from django.db import transaction

from broadsheet.articles.models import (
    Article,
    ArticleSlug,
    ArticleSource,
    Edition,
    Person,
    Section,
    Source,
)
from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.articles.publishing import publish, publish_imported
from broadsheet.readership.counting import set_imported_counts
from broadsheet.readership.models import ArticleCount
from broadsheet.wire.imports.blocks import make_block, make_list, make_paragraph, stream_of
from broadsheet.wire.imports.naming import NameBook
from broadsheet.wire.imports.targets import (
    CAPTURE_SOURCES,
    ImportRefusedError,
    find_target_edition,
    find_target_section,
    parse_moment,
)
from broadsheet.wire.models import ImportedArticle

from .converting import MomentMissingError, Plan, PlannedArticle, PlannedBlock, plan_import
from .reading import read_capture


@dataclass(frozen=True, slots=True)
class CaptureImported:
    """What a run did. `made` and `present` are ids by slug, `deleted` the slugs that an earlier
    run brought in and the desk has deleted since; `counts` is by id. `article_id` is None where
    the page's own article is a deleted one.
    """

    edition: str
    article_id: int | None
    slug: str
    captured_at: datetime
    made: dict[str, int]
    present: dict[str, int]
    deleted: tuple[str, ...]
    counts: dict[int, int]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Present:
    """What is there before a run: slug → id, and the slugs that the desk has deleted."""

    ids: dict[str, int]
    deleted: frozenset[str]

    def __contains__(self, slug: str) -> bool:
        return slug in self.ids or slug in self.deleted


def import_capture(
    text: str,
    *,
    edition_code: str,
    captured_at: str | None = None,
    section: str = NEWS_SECTION,
    now: datetime,
) -> CaptureImported:
    """Bring a saved page in: its article, and a flash for each headline that it lists.

    What the edition has already, by slug, is left as it is, whoever wrote it and wherever the
    desk has moved it; what the desk has deleted does not come back. The one exception is a flash
    of an earlier import that nobody has edited, which becomes the article when its own page
    comes. Counts only grow: a page that was saved earlier takes nothing back. `captured_at` is ISO 8601. Raises `CaptureError` or `ImportRefusedError`, with
    nothing written.
    """
    capture = read_capture(text)
    edition = find_target_edition(edition_code)
    sections = (find_target_section(edition, NEWS_SECTION), find_target_section(edition, section))
    try:
        saved_at = parse_moment(captured_at, edition.zone) if captured_at else None
    except ValueError:
        raise ImportRefusedError(f"{captured_at!r} is no ISO 8601 moment") from None
    try:
        plan = plan_import(
            capture, language=edition.code, zone=edition.zone, captured_at=saved_at, now=now
        )
    except MomentMissingError as error:
        raise ImportRefusedError(f"{error} (--captured-at)") from None
    with transaction.atomic():
        present = _find_present(edition, plan)
        made = _make_missing(plan, edition, sections, present, now)
        ids = present.ids | made
        _remember(edition, ids, digest=sha256(text.encode()).hexdigest())
    counts = _raise_counts({ids[slug]: n for slug, n in plan.counts.items() if slug in ids})
    return CaptureImported(
        edition=edition.code,
        article_id=ids.get(plan.article.slug),
        slug=plan.article.slug,
        captured_at=plan.captured_at,
        made=made,
        present={slug: pk for slug, pk in present.ids.items() if slug not in made},
        deleted=tuple(sorted(present.deleted)),
        counts=counts,
        notices=plan.notices,
    )


def _find_present(edition: Edition, plan: Plan) -> _Present:
    """What an earlier run brought in, and what has the address now, or had it before it moved."""
    slugs = [plan.article.slug, *(flash.slug for flash in plan.flashes)]
    moved = ArticleSlug.objects.filter(locale_id=edition.pk, slug__in=slugs)
    here = Article.objects.filter(locale_id=edition.pk, slug__in=slugs)
    imported = ImportedArticle.objects.filter(
        source=CAPTURE_SOURCES + edition.code, external_id__in=slugs
    )
    known = dict(imported.values_list("external_id", "article_id"))
    ids = dict(moved.values_list("slug", "article_id")) | dict(here.values_list("slug", "pk"))
    ids |= {slug: pk for slug, pk in known.items() if pk is not None}
    return _Present(ids, frozenset(known.keys() - ids.keys()))


def _remember(edition: Edition, ids: Mapping[str, int], *, digest: str) -> None:
    ImportedArticle.objects.bulk_create(
        [
            ImportedArticle(
                source=CAPTURE_SOURCES + edition.code,
                external_id=slug,
                article_id=pk,
                digest=digest,
            )
            for slug, pk in ids.items()
        ],
        ignore_conflicts=True,
    )


def _raise_counts(counts: Mapping[int, int]) -> dict[int, int]:
    """Set imported counts where that makes them larger; returns what they are now."""
    rows = ArticleCount.objects.filter(article_id__in=counts)
    before = dict(rows.values_list("article_id", "imported"))
    after = {pk: max(count, before.get(pk, 0)) for pk, count in counts.items()}
    set_imported_counts({pk: n for pk, n in after.items() if before.get(pk) != n})
    return after


def _make_missing(
    plan: Plan,
    edition: Edition,
    sections: tuple[Section, Section],
    present: _Present,
    now: datetime,
) -> dict[str, int]:
    """Publish what is not there, as one batch; returns its ids by slug."""
    news, section = sections
    # Of several at one moment the later row stands first: so the page's order is kept.
    batch = [
        Article(
            locale_id=edition.pk,
            headline=flash.headline,
            slug=flash.slug,
            section=news,
            first_published_at=flash.published_at,
        )
        for flash in reversed(plan.flashes)
        if flash.slug not in present
    ]
    untouched = _find_untouched_flash(present.ids.get(plan.article.slug))
    is_new = plan.article.slug not in present
    blocks: list[dict[str, Any]] = []
    if is_new or untouched:
        article = untouched or Article(
            locale_id=edition.pk,
            headline=plan.article.headline,
            slug=plan.article.slug,
            first_published_at=plan.article.published_at,
        )
        blocks = _fill(article, plan.article, section, edition)
        batch += [article] if is_new else []
    if batch:
        publish_imported(batch, now=now)
    made = {article.slug: article.pk for article in batch}
    if is_new or untouched:
        _put_cards(article, blocks, present.ids | made, is_new=is_new)
        made[article.slug] = article.pk
    return made


def _find_untouched_flash(article_id: int | None) -> Article | None:
    """The article's own flash of an earlier import; None once anybody has edited it."""
    flashes = Article.objects.filter(live=True, is_flash=True, latest_revision=None)
    return flashes.filter(pk=article_id).first()


def _fill(
    article: Article, planned: PlannedArticle, section: Section, edition: Edition
) -> list[dict[str, Any]]:
    """Give `article` what was planned, all but the cards, whose flashes have no ids yet.

    Returns the blocks of the body, those of the cards with their slugs.
    """
    article.section = section
    article.lead = planned.lead
    speakers = {block.speaker.name: block.speaker for block in planned.body if block.speaker}
    people = NameBook(Person, edition).find_or_make(
        speakers, details={name: {"role": one.role} for name, one in speakers.items()}
    )
    sources = NameBook(Source, edition).find_or_make([one.name for one in planned.sources])
    article.sourcings = [
        ArticleSource(source=sources[one.name], role=one.role, sort_order=order)
        for order, one in enumerate(planned.sources)
    ]
    blocks = [_block(block, people) for block in planned.body]
    article.body = stream_of([block for block in blocks if block["type"] != "related"])
    return blocks


def _put_cards(
    article: Article, blocks: list[dict[str, Any]], ids: Mapping[str, int], *, is_new: bool
) -> None:
    """Complete the body now that the flashes of its cards have ids; a deleted one has no card."""
    article.body = stream_of(
        [
            {**block, "value": ids[block["value"]]} if block["type"] == "related" else block
            for block in blocks
            if block["type"] != "related" or block["value"] in ids
        ]
    )
    if is_new:
        # Neither the search index nor the quotes know cards: the row is all that changes.
        Article.objects.filter(pk=article.pk).update(body=article.body)
    else:
        publish(article, article.save_revision())


def _block(planned: PlannedBlock, people: Mapping[str, Person]) -> dict[str, Any]:
    if planned.kind == "paragraph":
        return make_paragraph(escape(str(planned.value), quote=False))
    if planned.kind == "list":
        return make_list(escape(text, quote=False) for text in planned.value)
    if planned.kind == "quote" and planned.speaker:
        said = {
            "text": planned.value,
            "speaker": people[planned.speaker.name].pk,
            "role": planned.speaker.role,
            "where": "",
            "said_on": None,
        }
        return make_block("quote", said)
    return make_block(planned.kind, planned.value)
