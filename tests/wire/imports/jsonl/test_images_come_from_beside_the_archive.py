from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from tests.conftest import both_databases
from tests.wire.archives import bring_in, make_line

from broadsheet.articles.models import Article, NewsImage
from broadsheet.wire.imports.jsonl import picturing

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def directory(tmp_path):
    directory = tmp_path / "archive"
    (directory / "pictures").mkdir(parents=True)
    draw(directory / "pictures" / "lamp.jpg")
    draw(tmp_path / "outside.jpg", color="green")
    return directory


def draw(path, *, color="navy"):
    Image.new("RGB", (64, 48), color).save(path)


def test_the_same_file_is_one_image_whatever_its_name(directory):
    draw(directory / "copy.jpg")
    given = {"path": "pictures/lamp.jpg", "alt": "A lamp", "caption": "The lamp", "credit": "Ann",
             "licence": "CC BY 4.0"}  # fmt: skip
    done, _ = bring_in(
        directory / "a.jsonl", [make_line(1, image=given), make_line(2, image="copy.jpg")]
    )
    assert done.imported == 2
    image = NewsImage.objects.get()
    assert (image.width, image.height, image.description) == (64, 48, "A lamp")
    assert (image.credit, image.licence) == ("Ann", "CC BY 4.0")
    assert image.file_size == default_storage.size(image.file.name)
    assert image.is_stored_locally()
    assert {article.image_id for article in Article.objects.all()} == {image.pk}
    first = Article.objects.get(image_alt="A lamp")
    assert (first.image_caption, first.has_photo) == ("The lamp", True)
    assert image.get_rendition("width-32").width == 32


def test_an_image_that_the_desk_has_already_is_used(directory):
    bring_in(directory / "a.jsonl", [make_line(1, image="pictures/lamp.jpg")])
    bring_in(directory / "b.jsonl", [make_line(1, image="pictures/lamp.jpg")], source="other")
    assert NewsImage.objects.count() == 1
    assert len(default_storage.listdir("original_images")[1]) == 1


def test_half_a_copy_of_a_run_that_was_killed_is_replaced(directory):
    path = directory / "a.jsonl"
    bring_in(path, [make_line(1, image="pictures/lamp.jpg")])
    stored = Path(NewsImage.objects.get().file.path)
    NewsImage.objects.all().delete()
    whole = (directory / "pictures" / "lamp.jpg").read_bytes()
    stored.write_bytes(whole[:100])
    bring_in(path, source="again")
    assert Path(NewsImage.objects.get().file.path) == stored
    assert stored.read_bytes() == whole


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("../outside.jpg", "leads out"),
        ("pictures/../../outside.jpg", "leads out"),
        ("link.jpg", "leads out"),
        ("/etc/hostname", "leads out"),
        ("https://a.example/lamp.jpg", "is an address"),
        ("nothing.jpg", "is not there"),
        ("pictures", "is not there"),
        ("x" * 5000, "image"),
        ("broken.jpg", "none that can be shown"),
        ("half.jpg", "none that can be shown"),
        ("drawing.svg", "none that can be shown"),
        ({"alt": "no path"}, "image.path is missing"),
    ],
)
def test_an_image_that_cannot_be_had_makes_the_line_bad(directory, image, reason):
    (directory / "link.jpg").symlink_to(directory.parent / "outside.jpg")
    (directory / "broken.jpg").write_bytes(b"not a picture")
    (directory / "half.jpg").write_bytes((directory / "pictures" / "lamp.jpg").read_bytes()[:500])
    (directory / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    done, told = bring_in(directory / "a.jsonl", [make_line(1, image=image), make_line(2)])
    assert (done.imported, done.bad) == (1, 1)
    assert reason in told[0]
    assert not NewsImage.objects.exists()


def test_a_mended_image_lets_its_line_in(directory):
    path = directory / "a.jsonl"
    bring_in(path, [make_line(1, image="late.jpg")])
    draw(directory / "late.jpg")
    done, _ = bring_in(path)
    assert (done.imported, done.bad) == (1, 0)


def test_too_many_pixels_or_bytes_are_refused(directory, monkeypatch):
    monkeypatch.setattr(picturing, "MAX_IMAGE_PIXELS", 100)
    _, told = bring_in(directory / "a.jsonl", [make_line(1, image="pictures/lamp.jpg")])
    assert "64 × 48 pixels" in told[0]
    monkeypatch.setattr(picturing, "MAX_IMAGE_BYTES", 100)
    _, told = bring_in(directory / "a.jsonl")
    assert "larger than 10 MiB" in told[0]


def test_a_dry_run_copies_no_image(directory):
    done, _ = bring_in(
        directory / "a.jsonl", [make_line(1, image="pictures/lamp.jpg")], dry_run=True
    )
    assert done.imported == 1
    assert not (directory.parent / "media").exists()
