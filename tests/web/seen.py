"""Pages as a browser shows them, without a server: each is fetched before the browser asks for it."""

from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.images import ImageFile
from PIL import Image, ImageChops, ImageDraw, ImageStat
from tests.browser import open_chromium

from broadsheet.articles.models import NewsImage

SITE = "https://site.example"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Shown:
    """A browser that has `pages` (path → bytes), the assets and the pictures, and nothing else."""

    def __init__(self, browser, pages):
        self._browser, self._pages = browser, pages
        self.missing = []

    @contextmanager
    def open(self, path, *, width, **options):
        """Yield the page at `path`, fonts and pictures loaded, in a window of that width."""
        size = {"width": width, "height": 900}
        context = self._browser.new_context(viewport=size, locale="en", **options)
        page = context.new_page()
        page.route("**/*", self._answer)
        page.goto(SITE + path)
        page.evaluate("() => document.fonts.ready")
        yield page
        context.close()

    def _answer(self, route):
        path = urlsplit(route.request.url)
        address = path.path + (f"?{path.query}" if path.query else "")
        if address in self._pages:
            route.fulfill(content_type="text/html; charset=utf-8", body=self._pages[address])
        elif path.path.startswith("/assets/") and (found := finders.find(path.path[8:])):
            file = Path(found)
            body = file.read_bytes()
            if file.suffix == ".css":  # on every machine the same fonts, and always in time
                body = body.replace(b"display: optional", b"display: block")
                body = body.replace(b"system-ui", b'"DejaVu Sans"')
            route.fulfill(content_type=TYPES.get(file.suffix), body=body)
        elif path.path.startswith("/media/"):
            route.fulfill(body=(Path(settings.MEDIA_ROOT) / path.path[7:]).read_bytes())
        else:
            if not path.path.startswith("/-/"):
                self.missing.append(address)
            route.fulfill(status=404, body="")


@contextmanager
def show(pages):
    with open_chromium() as browser:
        yield Shown(browser, pages)


def make_picture(name, colour):
    """An image of three by two with something in it."""
    image = Image.new("RGB", (900, 600), colour)
    draw = ImageDraw.Draw(image)
    draw.ellipse((560, 90, 740, 270), fill="#f4e8c8")
    draw.polygon(
        [(0, 600), (240, 300), (430, 470), (620, 260), (900, 520), (900, 600)], fill="#24323c"
    )
    file = BytesIO()
    image.save(file, "PNG")
    return NewsImage.objects.create(
        title=name,
        file=ImageFile(file, name=f"{name}.png"),
        width=900,
        height=600,
        credit="Ada Brook",
    )


def thumbnail(png, *, width):
    """Return a screenshot made so small that the drawing of single letters is no difference."""
    image = Image.open(BytesIO(png)).convert("RGB")
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.BOX)


def unlikeness(one, other):
    """Return by how much two small pictures differ: the mean of all points, and the share of
    points that are plainly another, both 0 to 1. Another size is another picture.
    """
    if abs(one.height - other.height) > 2 or one.width != other.width:
        return 1.0, 1.0
    height = min(one.height, other.height)
    box = (0, 0, one.width, height)
    difference = ImageChops.difference(one.crop(box), other.crop(box)).convert("L")
    plain = difference.point([255 * (value > 40) for value in range(256)])
    return ImageStat.Stat(difference).mean[0] / 255, ImageStat.Stat(plain).mean[0] / 255
