"""The preview at the desk: the reader's own page, of an article that may not be saved yet."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from broadsheet.articles.models import Article
from broadsheet.articles.queries import CardFacts

from .answering import fill
from .article_page import gather_article
from .cards import Card, make_card
from .headers import PUBLIC_HEADERS
from .navigation import Frame, Site, find_site, frame_page
from .picturing import find_pictures
from .pressing import render
from .slots import cut


@dataclass(frozen=True, slots=True)
class CardPreview:
    frame: Frame
    card: Card


class NoEditionError(LookupError):
    """The article's language is no edition that is switched on."""


def preview_article(article: Article, *, request: HttpRequest, mode: str) -> HttpResponse:  # noqa: ARG001 - what Wagtail hands over
    """Return the page of `article`, or with mode "card" its card alone.

    Never stored, never indexed, never counted. Raises `NoEditionError`.
    """
    site = find_site(article.locale.language_code)
    if site is None:
        raise NoEditionError(article.locale.language_code)
    article.note_contents()
    if mode == "card":
        html = render("web/card_preview.html", _gather_card(article, site))
    else:
        page = gather_article(article, site=site, now=timezone.now(), is_preview=True)
        html = render("web/article.html", page)
    response = HttpResponse(fill(cut(html), site.code))
    for name, value in PUBLIC_HEADERS:
        response[name] = value
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _gather_card(article: Article, site: Site) -> CardPreview:
    facts = CardFacts(
        id=article.pk or 0,
        edition_id=site.id,
        edition_code=site.code,
        slug=article.slug or "-",
        headline=article.headline,
        lead=article.lead,
        published_at=article.first_published_at or timezone.now(),
        section_id=article.section_id,
        image_id=article.image_id,
        image_alt=article.image_alt,
        is_exclusive=article.is_exclusive,
        has_photo=article.has_photo,
        has_video=article.has_video,
        is_flash=article.is_flash,
    )
    card = make_card(facts, site=site, pictures=find_pictures([article.image_id]))
    frame = frame_page(
        site,
        title=site.words.preview,
        description=article.headline,
        path=site.path("front"),
        is_indexed=False,
        is_preview=True,
    )
    return CardPreview(frame, card)
