"""A capture into an edition: one transaction for the content, then the counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from uuid import uuid4

from django.db import transaction
from wagtail.blocks import StreamValue

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
from broadsheet.wire.imports.naming import NameBook
from broadsheet.wire.imports.targets import (
    ImportRefusedError,
    find_target_edition,
    find_target_section,
    parse_moment,
)

from .converting import MomentMissingError, Plan, PlannedArticle, PlannedBlock, plan_import
from .reading import read_capture


@dataclass(frozen=True, slots=True)
class CaptureImported:
    """What a run did. `made` and `present` are ids by slug; `counts` is by id."""

    edition: str
    article_id: int
    slug: str
    captured_at: datetime
    made: dict[str, int]
    present: dict[str, int]
    counts: dict[int, int]
    notices: tuple[str, ...]


def import_capture(
    text: str,
    *,
    edition_code: str,
    captured_at: str | None = None,
    section: str = NEWS_SECTION,
    now: datetime,
) -> CaptureImported:
    """Bring a saved page in: its article, and a flash for each headline that it lists.

    What the edition has already, by slug, is left as it is, whoever wrote it; the one exception
    is a flash of an earlier import that nobody has edited, which becomes the article when its own
    page comes. `captured_at` is ISO 8601. Raises `CaptureError` or `ImportRefusedError`, with
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
    ids = present | made
    counts = {ids[slug]: count for slug, count in plan.counts.items() if slug in ids}
    set_imported_counts(counts)
    return CaptureImported(
        edition=edition.code,
        article_id=ids[plan.article.slug],
        slug=plan.article.slug,
        captured_at=plan.captured_at,
        made=made,
        present={slug: pk for slug, pk in present.items() if slug not in made},
        counts=counts,
        notices=plan.notices,
    )


def _find_present(edition: Edition, plan: Plan) -> dict[str, int]:
    """Slug → id of what the edition has at that address, or had there before it moved."""
    slugs = [plan.article.slug, *(flash.slug for flash in plan.flashes)]
    moved = ArticleSlug.objects.filter(locale_id=edition.pk, slug__in=slugs)
    here = Article.objects.filter(locale_id=edition.pk, slug__in=slugs)
    return dict(moved.values_list("slug", "article_id")) | dict(here.values_list("slug", "pk"))


def _make_missing(
    plan: Plan,
    edition: Edition,
    sections: tuple[Section, Section],
    present: Mapping[str, int],
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
    untouched = _find_untouched_flash(plan.article, present)
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
        _put_cards(article, blocks, {**present, **made}, is_new=is_new)
        made[article.slug] = article.pk
    return made


def _find_untouched_flash(planned: PlannedArticle, present: Mapping[str, int]) -> Article | None:
    """The article's own flash of an earlier import; None once anybody has edited it."""
    flashes = Article.objects.filter(live=True, is_flash=True, latest_revision=None)
    return flashes.filter(pk=present.get(planned.slug)).first()


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
    article.body = _body([block for block in blocks if block["type"] != "related"])
    return blocks


def _put_cards(
    article: Article, blocks: list[dict[str, Any]], ids: Mapping[str, int], *, is_new: bool
) -> None:
    """Complete the body now that the flashes of its cards have ids."""
    article.body = _body(
        [{**b, "value": ids[b["value"]]} if b["type"] == "related" else b for b in blocks]
    )
    if is_new:
        # Neither the search index nor the quotes know cards: the row is all that changes.
        Article.objects.filter(pk=article.pk).update(body=article.body)
    else:
        publish(article, article.save_revision())


def _block(planned: PlannedBlock, people: Mapping[str, Person]) -> dict[str, Any]:
    value: Any = planned.value
    if planned.kind == "paragraph":
        value = f"<p>{escape(str(value), quote=False)}</p>"
    elif planned.kind == "list":
        value = [
            {"type": "item", "id": str(uuid4()), "value": f"<p>{escape(text, quote=False)}</p>"}
            for text in planned.value
        ]
    elif planned.kind == "quote" and planned.speaker:
        value = {
            "text": value,
            "speaker": people[planned.speaker.name].pk,
            "role": planned.speaker.role,
            "where": "",
            "said_on": None,
        }
    return {"type": planned.kind, "value": value, "id": str(uuid4())}


def _body(blocks: list[dict[str, Any]]) -> StreamValue:
    stream_block = Article._meta.get_field("body").stream_block  # noqa: SLF001 - Django's own API
    return StreamValue(stream_block, blocks, is_lazy=True)
