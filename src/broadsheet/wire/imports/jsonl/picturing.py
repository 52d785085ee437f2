"""The images of an archive: files beside it → one `NewsImage` for each content.

A file is checked and copied before the transaction that names it, under a name made of its hash.
So a run that dies in between leaves a copy that the next run takes up.
"""

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from broadsheet.articles.indexing import add_to_search_index
from broadsheet.articles.models import NewsImage

from .reading import BadLineError, GivenImage

MAX_IMAGE_BYTES = 10 * 1024 * 1024  # what the desk takes as well
MAX_IMAGE_PIXELS = 64_000_000  # one decoded picture of 256 MB at most
_EXTENSION_OF = {"AVIF": "avif", "GIF": "gif", "JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
_DIRECTORY = "original_images"


@dataclass(frozen=True, slots=True)
class CheckedImage:
    """A file that is an image. `hash` is SHA-1, by which Wagtail knows a file."""

    given: GivenImage
    hash: str
    stored_as: str
    bytes: int
    width: int
    height: int


class ImageTray:
    """The images of one run. Each content is decoded and copied once; none in a dry run."""

    def __init__(self, directory: Path, *, is_dry_run: bool) -> None:
        self._directory = directory
        self._is_dry_run = is_dry_run
        self._measured: dict[str, tuple[str, int, int]] = {}

    def take(self, given: GivenImage) -> CheckedImage:
        """Return the image that `given` names, its content copied to the media.

        Raises `BadLineError` for a path that leads out of the directory, also by a symbolic
        link, for a file that cannot be read, and for one that is no image of a kind that the
        desk takes: the line stays out, and goes in once the file is mended.
        """
        content = _read(_locate(given.path, self._directory), given.path)
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        if digest not in self._measured:
            kind, width, height = _measure(content, given.path)
            stored_as = f"{_DIRECTORY}/{digest}.{_EXTENSION_OF[kind]}"
            if not self._is_dry_run:
                _store(content, stored_as)
            self._measured[digest] = (stored_as, width, height)
        stored_as, width, height = self._measured[digest]
        return CheckedImage(given, digest, stored_as, len(content), width, height)


def find_or_make_images(images: Iterable[CheckedImage]) -> dict[str, NewsImage]:
    """Return hash → image, made where no image has that content. In the caller's transaction."""
    wanted: dict[str, CheckedImage] = {}
    for image in images:
        wanted.setdefault(image.hash, image)  # the first one's words describe it
    if not wanted:
        return {}
    present = NewsImage.objects.filter(file_hash__in=wanted).order_by("-pk")
    found: dict[str, NewsImage] = {one.file_hash: one for one in present}
    made = [_make(image) for digest, image in wanted.items() if digest not in found]
    if made:
        NewsImage.objects.bulk_create(made)
        add_to_search_index(NewsImage, made)
    return found | {one.file_hash: one for one in made}


def _locate(path: str, directory: Path) -> Path:
    if "://" in path:
        raise BadLineError(f"image is an address, not a file beside the archive: {path[:60]!r}")
    try:
        located = (directory / path).resolve()
    except (OSError, ValueError, RuntimeError):
        raise BadLineError(f"image is no path: {path[:60]!r}") from None
    if Path(path).is_absolute() or not located.is_relative_to(directory.resolve()):
        raise BadLineError(f"image leads out of the archive’s directory: {path[:60]!r}")
    return located


def _read(located: Path, path: str) -> bytes:
    try:
        is_file = located.is_file()
        content = b""
        if is_file:
            with located.open("rb") as file:
                content = file.read(MAX_IMAGE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no path"
        raise BadLineError(f"image cannot be read ({reason}): {path[:60]!r}") from None
    if not is_file:
        raise BadLineError(f"image is not there: {path[:60]!r}")
    if len(content) > MAX_IMAGE_BYTES:
        raise BadLineError(f"image is larger than 10 MiB: {path[:60]!r}")
    return content


def _measure(content: bytes, path: str) -> tuple[str, int, int]:
    """Decode the whole of it: half a picture opens too, and breaks the first page that shows it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own of size; the limit here is lower
            with Image.open(BytesIO(content), formats=list(_EXTENSION_OF)) as image:
                kind, (width, height) = str(image.format), image.size
                is_huge = width * height > MAX_IMAGE_PIXELS
                if not is_huge:
                    image.load()
    except Exception as error:  # Pillow raises what its decoders do
        kinds = ", ".join(settings.WAGTAILIMAGES_EXTENSIONS)
        raise BadLineError(f"image is none that can be shown ({kinds}): {path[:60]!r}") from error
    if is_huge:
        raise BadLineError(f"image has {width} × {height} pixels: {path[:60]!r}")
    return kind, width, height


def _store(content: bytes, stored_as: str) -> None:
    if default_storage.exists(stored_as):
        if default_storage.size(stored_as) == len(content):
            return
        default_storage.delete(stored_as)  # half of it, by a run that was killed
    default_storage.save(stored_as, ContentFile(content))


def _make(image: CheckedImage) -> NewsImage:
    given = image.given
    return NewsImage(
        title=(given.caption or given.alt or Path(given.path).stem)[:255],
        file=image.stored_as,
        width=image.width,
        height=image.height,
        file_size=image.bytes,
        file_hash=image.hash,
        description=given.alt[:255],
        credit=given.credit,
        licence=given.licence,
    )
