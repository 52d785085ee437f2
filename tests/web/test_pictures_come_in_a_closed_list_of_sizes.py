from io import BytesIO

import pytest
from django.core.files.images import ImageFile
from PIL import Image
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.web.pages import parse, text_of

from broadsheet.articles.events import ArticlePublished, ArticlesImported
from broadsheet.articles.models import Article, NewsImage, NewsRendition
from broadsheet.web.picturing import SPECS, find_pictures, make_renditions

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def make_image(name="harbour", *, mode="RGB", size=(1000, 500), kind="JPEG"):
    file = BytesIO()
    Image.new(mode, size).save(file, kind)
    return NewsImage.objects.create(
        title=name,
        file=ImageFile(file, name=f"{name}.{kind.lower()}"),
        width=size[0],
        height=size[1],
        credit="Ada Brook",
        licence="CC BY 4.0",
    )


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "PNG"), ("L", "WEBP"), ("P", "GIF")]
)
def test_every_kind_of_image_comes_in_each_width_once_and_never_enlarged(mode, kind):
    kinds = {"L": "RGB"} if kind == "WEBP" else {}
    image = make_image(mode=kinds.get(mode, mode), kind=kind)
    picture = find_pictures([image.pk])[image.pk]
    assert (picture.width, picture.height) == (800, 400)
    widths = [entry.rsplit(" ", 1)[1] for entry in picture.webp.split(", ")]
    assert widths == ["480w", "800w", "1000w"]
    assert picture.src.endswith(".jpg")


def test_what_is_made_is_read_in_one_query(django_assert_num_queries):
    images = [make_image(name) for name in ("harbour", "bridge")]
    find_pictures(image.pk for image in images)
    with django_assert_num_queries(1):
        assert len(find_pictures(image.pk for image in images)) == 2
    with django_assert_num_queries(0):
        assert find_pictures([None]) == {}


def test_publishing_makes_the_pictures_of_lead_and_body_and_again_changes_nothing():
    lead, body, poster = (make_image(name) for name in ("lead", "body", "poster"))
    video = {"url": "https://youtu.be/abcdefghijk", "title": "x", "poster": poster}
    article = ArticleFactory(
        image=lead, body=[("picture", {"image": body, "alt": "x"}), ("video", video)]
    )
    NewsRendition.objects.all().delete()
    for fact in (ArticlePublished(article.pk), ArticlesImported([article.pk])):
        make_renditions(fact)
        assert set(NewsRendition.objects.values_list("image_id", "filter_spec")) == {
            (image.pk, spec) for image in (lead, body, poster) for spec in SPECS
        }


def test_an_article_taken_down_meanwhile_makes_none():
    article = ArticleFactory(image=make_image())
    Article.objects.update(live=False)
    make_renditions(ArticlePublished(article.pk))
    assert not NewsRendition.objects.exists()


def test_a_lost_file_costs_the_picture_and_not_the_page(client):
    image = make_image("lost")
    image.file.storage.delete(image.file.name)
    article = ArticleFactory(image=image, body=[("picture", {"image": image, "alt": "x"})])
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    assert not list(parse(response).iter("picture"))


def test_a_figure_says_its_credit_and_licence_and_shifts_nothing(client):
    image = make_image()
    article = ArticleFactory(
        image=image,
        image_alt="A harbour at night",
        image_caption="The harbour.",
        body=[
            ("picture", {"image": image, "alt": "Again", "credit": "Ida Stone", "licence": "Own"}),
            ("gallery", [{"image": image, "alt": "One"}, {"image": image, "alt": "Two"}]),
        ],
    )
    tree = parse(client.get(article.get_absolute_url()))
    lead = tree.find(".//figure[@class='article-figure']")
    assert [text_of(span) for span in lead.iter("span")] == [
        "The harbour.",
        "Photo: Ada Brook",
        "Licence: CC BY 4.0",
    ]
    again = tree.find(".//figure[@class='body-figure']")
    assert [text_of(span) for span in again.iter("span")] == ["Photo: Ida Stone", "Licence: Own"]
    images = [e for e in tree.iter("img") if e.get("class") != "unseen"]
    assert [e.get("alt") for e in images] == ["A harbour at night", "Again", "One", "Two"]
    assert all(e.get("width") and e.get("height") for e in images)
    assert [e.get("loading") for e in images] == [None, "lazy", "lazy", "lazy"]
    gallery = tree.find(".//section[@class='gallery']")
    assert gallery.get("aria-label") == "Gallery: 2 pictures"
