"""Pictures: a closed list of renditions, made once, and read in one query a page."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from wagtail.images.exceptions import InvalidFilterSpecError
from wagtail.images.models import Filter, SourceImageIOError

from broadsheet.articles.events import ArticlePublished, ArticlesImported
from broadsheet.articles.models import Article, NewsImage, NewsRendition

logger = logging.getLogger(__name__)

WIDTHS = (480, 800, 1200, 1600)
FORMATS = ("webp", "jpeg")
#: No AVIF: one encode takes about ten times as long as all of these together.
SPECS = tuple(f"width-{width}|format-{kind}" for kind in FORMATS for width in WIDTHS)
_PLAIN_WIDTH = 800


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in all its widths. `width` and `height` are those of `src`, in pixels."""

    src: str
    width: int
    height: int
    webp: str
    jpeg: str
    largest: str
    alt: str = ""


def find_pictures(image_ids: Iterable[int | None]) -> dict[int, Picture]:
    """Return pictures by image id, in one query; what does not exist yet is made.

    An image whose file is missing or broken is left out: the page does without it.
    """
    wanted = {image_id for image_id in image_ids if image_id is not None}
    if not wanted:
        return {}
    made: dict[int, dict[str, NewsRendition]] = defaultdict(dict)
    renditions = NewsRendition.objects.filter(image_id__in=wanted, filter_spec__in=SPECS)
    for rendition in renditions:
        made[rendition.image_id][rendition.filter_spec] = rendition
    unfinished = [image_id for image_id in wanted if len(made[image_id]) < len(SPECS)]
    for image in NewsImage.objects.filter(pk__in=unfinished) if unfinished else ():
        made[image.pk].update(_make(image, made[image.pk]))
    return {
        image_id: _picture(found) for image_id, found in made.items() if len(found) == len(SPECS)
    }


def images_in(article: Article) -> set[int]:
    """Return the ids of the images that an article's page shows: lead image and body."""
    found = {article.image_id}
    for block in article.body:
        if block.block_type == "picture":
            found.add(_id_of(block.value["image"]))
        elif block.block_type == "gallery":
            found |= {_id_of(entry["image"]) for entry in block.value}
        elif block.block_type == "video":
            found.add(_id_of(block.value["poster"]))
    return {image_id for image_id in found if image_id is not None}


def make_renditions(fact: ArticlePublished | ArticlesImported) -> None:
    """Make what is missing of the articles' pictures, before a reader asks for the page."""
    ids = fact.article_ids if isinstance(fact, ArticlesImported) else [fact.article_id]
    for article in Article.objects.filter(pk__in=ids, live=True):
        find_pictures(images_in(article))


def _id_of(image: NewsImage | None) -> int | None:
    return None if image is None else image.pk


def _make(image: NewsImage, present: dict[str, NewsRendition]) -> dict[str, NewsRendition]:
    missing = [spec for spec in SPECS if spec not in present]
    try:
        # Not `get_renditions`: it would ask Wagtail's cache for what was just looked for.
        made = image.create_renditions(*(Filter(spec=spec) for spec in missing))
    except (SourceImageIOError, InvalidFilterSpecError, OSError) as error:
        logger.warning("Image %d cannot be shown: %s", image.pk, error)
        return {}
    return {kind.spec: rendition for kind, rendition in made.items()}


def _picture(renditions: dict[str, NewsRendition]) -> Picture:
    plain = renditions[f"width-{_PLAIN_WIDTH}|format-jpeg"]
    return Picture(
        src=plain.url,
        width=plain.width,
        height=plain.height,
        webp=_srcset(renditions, "webp"),
        jpeg=_srcset(renditions, "jpeg"),
        largest=renditions[f"width-{WIDTHS[-1]}|format-jpeg"].url,
    )


def _srcset(renditions: dict[str, NewsRendition], kind: str) -> str:
    """A small original gives the same width several times: each width once."""
    by_width: dict[int, str] = {}
    for width in WIDTHS:
        rendition = renditions[f"width-{width}|format-{kind}"]
        by_width.setdefault(rendition.width, rendition.url)
    return ", ".join(f"{url} {width}w" for width, url in by_width.items())
