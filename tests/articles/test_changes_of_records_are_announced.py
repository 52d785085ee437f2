"""What readers see of a record, an edition or an image does not change without a fact."""

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from tests.conftest import both_databases
from tests.factories import (
    AuthorFactory,
    PersonFactory,
    SectionFactory,
    SourceFactory,
    TagFactory,
)
from tests.newsroom.desk import desk, form_errors
from wagtail.images.tests.utils import get_test_image_file_jpeg
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from broadsheet.articles.events import ArticlesImported, EditionChanged, ImageChanged, RecordChanged
from broadsheet.articles.models import (
    Author,
    Edition,
    NewsImage,
    Section,
    SectionName,
    Source,
    Tag,
    TagName,
)
from broadsheet.articles.setting_up import set_up_editions
from broadsheet.newsroom.roles import set_up_roles
from broadsheet.newsroom.tag_names import find_or_make_tags
from broadsheet.outbox.models import Fact
from broadsheet.web.picturing import find_pictures
from broadsheet.wire.imports.naming import NameBook

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

TYPES = {
    one.__name__: one for one in (ArticlesImported, EditionChanged, ImageChanged, RecordChanged)
}
FACTORIES = {
    "section": SectionFactory,
    "person": PersonFactory,
    "tag": TagFactory,
    "source": SourceFactory,
    "author": AuthorFactory,
}
by_kind = pytest.mark.parametrize("kind", FACTORIES)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def told(**kwargs):
    """The facts since it was asked last, which are forgotten then."""
    rows = list(Fact.objects.filter(**kwargs).order_by("pk"))
    Fact.objects.all().delete()
    return [TYPES[row.name](**row.payload) for row in rows]


def make(kind, **names):
    record = FACTORIES[kind](**(names or {"en": "Harbour", "uk": "Гавань"}))
    told()
    return type(record).objects.get(pk=record.pk)


def make_image(**fields):
    file = ContentFile(get_test_image_file_jpeg().file.getvalue(), name="harbour.jpg")
    image = NewsImage.objects.create(title="Harbour", credit="Ada Brook", file=file, **fields)
    return NewsImage.objects.get(pk=image.pk)


# --- records -----------------------------------------------------------------------------------


@by_kind
def test_a_name_that_is_changed_added_or_deleted_is_told(kind, en, uk):
    record = make(kind, en="Harbour")
    fact = RecordChanged(kind=kind, record_id=record.pk)
    name = record.names.get()
    name.name = "Port"
    name.save()
    assert told() == [fact]
    name.slug = "the-port"
    name.save()
    assert told() == [fact]
    added = type(name).objects.create(owner=record, edition=uk, name="Порт")
    assert told() == [fact]
    added.delete()
    assert told() == [fact]
    type(name).objects.filter(pk=name.pk).delete()
    assert told() == [fact]


@by_kind
def test_a_record_that_is_deleted_is_told_however_it_is_deleted(kind):
    one, other = make(kind, en="Harbour", uk="Гавань"), make(kind, en="Bridge")
    facts = [RecordChanged(kind=kind, record_id=record.pk) for record in (one, other)]
    one.delete()
    assert set(told()) == {facts[0]}
    type(other).objects.filter(pk=other.pk).delete()
    assert set(told()) == {facts[1]}


@by_kind
def test_saving_what_is_as_it_was_is_not_told(kind):
    record = make(kind)
    record.save()
    for name in record.names.all():
        name.save()
    with_names = type(record).objects.get(pk=record.pk)
    with_names.names = list(with_names.names.all())
    with_names.save()
    assert told() == []


def test_each_public_field_is_told():
    section, source = make("section"), make("source")
    person, author = make("person"), make("author")
    section.position = 3
    section.save()
    section.is_in_navigation = False
    section.save(update_fields=["is_in_navigation"])
    source.url = "https://example.com"
    source.save()
    of_section, of_source = RecordChanged("section", section.pk), RecordChanged("source", source.pk)
    assert told() == [of_section, of_section, of_source]
    for record, field in ((person, "role"), (author, "role"), (author, "about")):
        name = record.names.first()
        setattr(name, field, "Mayor")
        name.save()
        kind = record._meta.model_name
        assert told() == [RecordChanged(kind, record.pk)]


def test_what_readers_do_not_see_is_not_told(django_user_model):
    author = make("author")
    author.user = django_user_model.objects.create_user("ann")
    author.save()
    assert told() == []


def test_a_name_given_to_another_record_is_told_of_both(en):
    one, other = make("tag", en="Harbour"), make("tag", uk="Порт")
    name = one.names.get()
    name.owner = other
    name.save()
    assert set(told()) == {RecordChanged("tag", one.pk), RecordChanged("tag", other.pk)}


@by_kind
def test_a_new_record_is_told_once_with_its_names_and_without_any_not(kind, en, uk):
    model = FACTORIES[kind]._meta.model
    record = model.objects.create()
    assert told() == []
    record = model()
    names = FACTORIES[kind].name_model
    record.names = [names(edition=en, name="Harbour"), names(edition=uk, name="Гавань")]
    record.save()
    assert told() == [RecordChanged(kind, record.pk)]
    assert record.label == "Harbour"


def test_who_is_told_of_a_record_finds_all_its_names(en, uk, settings):
    record = make("section", en="Harbour")
    settings.OUTBOX_TOLD_AT_ONCE = f"{__name__}.look"
    seen.clear()
    record.names = [*record.names.all(), SectionName(edition=uk, name="Гавань")]
    record.names.all()[0].slug = "port"
    record.position = 3
    record.save()
    assert seen == [{"port", "havan"}]


seen = []


def look(_facts):
    seen.append(set(SectionName.objects.exclude(slug="news").values_list("slug", flat=True)))


def test_a_typed_tag_that_is_new_is_told_with_its_name(en):
    (tag,) = find_or_make_tags(["Ports"], en)
    assert (tag.label, TagName.objects.get().slug) == ("Ports", "ports")
    assert told() == [RecordChanged("tag", tag.pk)]


def test_what_is_rolled_back_is_not_told_and_can_be_told_again():
    record = make("tag", en="Harbour")
    name = record.names.get()
    with transaction.atomic():
        name.name = "Port"
        name.save()
        transaction.set_rollback(True)
    assert told() == []
    name.save()
    assert told() == [RecordChanged("tag", record.pk)]
    assert TagName.objects.get().name == "Port"


# --- at the desk -------------------------------------------------------------------------------


@pytest.fixture
def browser(admin_client):
    set_up_roles()
    told()
    return admin_client


def section_form(names, *, kept=(), **own):
    lines = [{"edition": edition.pk, "name": name, "slug": ""} for edition, name in names]
    for line, pk in zip(lines, kept, strict=False):
        line["id"] = pk
    own = {"position": 3, "is_in_navigation": "on", **own}
    return nested_form_data({**own, "names": inline_formset(lines, initial=len(kept))})


def test_a_form_writes_one_fact_for_its_record_and_names(browser, en, uk):
    names = [(en, "Coast"), (uk, "Узбережжя")]
    answer = browser.post(desk("add", model=Section), section_form(names))
    assert answer.status_code == 302, form_errors(answer)
    section = Section.objects.get(label="Coast")
    fact = RecordChanged("section", section.pk)
    assert told() == [fact]
    kept = list(section.names.values_list("pk", flat=True))
    renamed = section_form([(en, "Shore"), (uk, "Берег")], kept=kept, position=9)
    assert browser.post(desk("edit", section.pk, model=Section), renamed).status_code == 302
    assert told() == [fact]
    dropped = section_form([(en, "Shore"), (uk, "Берег")], kept=kept, position=9)
    dropped["names-1-DELETE"] = "on"
    assert browser.post(desk("edit", section.pk, model=Section), dropped).status_code == 302
    assert section.names.count() == 1
    assert told() == [fact]
    assert browser.post(desk("delete", section.pk, model=Section)).status_code == 302
    assert set(told()) == {fact}


def test_several_records_deleted_at_once_are_each_told(browser):
    tags = [make("tag", en=name) for name in ("Harbour", "Bridge")]
    ids = "&".join(f"id={tag.pk}" for tag in tags)
    address = f"/desk/bulk/broadsheet_articles/tag/delete/?{ids}"
    assert browser.post(address).status_code == 302
    assert not Tag.objects.exists()
    assert set(told()) == {RecordChanged("tag", tag.pk) for tag in tags}


# --- editions ----------------------------------------------------------------------------------


def test_an_edition_that_is_switched_on_or_changed_is_told(browser, en, uk):
    address = f"/desk/editions/edit/{uk.pk}/"
    fields = {"name": uk.name, "time_zone": uk.time_zone}
    assert browser.post(address, fields).status_code == 302
    assert told() == []
    assert browser.post(address, {**fields, "time_zone": "Europe/Riga"}).status_code == 302
    assert told() == [EditionChanged(uk.pk)]
    en.name = "The Wire"
    en.save()
    assert told() == [EditionChanged(en.pk)]


def test_handing_over_the_default_is_told_of_both(browser, en, uk):
    fields = {"name": uk.name, "time_zone": uk.time_zone, "is_default": "on"}
    assert browser.post(f"/desk/editions/edit/{uk.pk}/", fields).status_code == 302
    assert Edition.objects.get(is_default=True) == uk
    assert set(told()) == {EditionChanged(en.pk), EditionChanged(uk.pk)}


def test_setting_up_is_told_once_and_again_nothing():
    Edition.objects.all().delete()
    Section.objects.all().delete()
    told()
    options = {
        "site_name": "The Wire",
        "time_zone": "Europe/Kyiv",
        "section_names": {"en": "News", "uk": "Новини"},
    }
    set_up_editions(["en", "uk"], **options)
    ids = Edition.objects.order_by("pk").values_list("pk", flat=True)
    assert set(told()) == {
        *(EditionChanged(pk) for pk in ids),
        RecordChanged("section", Section.objects.get().pk),
    }
    set_up_editions(["en", "uk"], **options)
    assert told() == []


# --- images ------------------------------------------------------------------------------------


def test_what_a_page_shows_of_an_image_is_told_and_its_title_is_not():
    image = make_image()
    image.save()
    image.title, image.description = "Cranes", "Cranes at dawn"
    image.save()
    assert told() == []
    for field, value in (("credit", "Bo"), ("licence", "CC BY"), ("focal_point_x", 7)):
        setattr(image, field, value)
        image.save()
        assert told() == [ImageChanged(image.pk)]


def test_another_file_is_told_and_leaves_no_old_picture_behind():
    image = make_image()
    before = find_pictures([image.pk])[image.pk]
    image.file = ContentFile(get_test_image_file_jpeg(size=(900, 500)).file.getvalue(), "new.jpg")
    image.save()
    assert told() == [ImageChanged(image.pk)]
    after = find_pictures([image.pk])[image.pk]
    assert (before.width, after.width) == (640, 800)


def test_an_image_that_is_deleted_is_told():
    one, other = make_image(), make_image()
    keys = [one.pk, other.pk]
    one.delete()
    NewsImage.objects.all().delete()
    assert told() == [ImageChanged(pk) for pk in keys]


# --- imports -----------------------------------------------------------------------------------


def test_an_import_tells_what_it_adds_to_records_as_facts_that_wait(en, uk):
    known = make("source", uk="Bloomberg")
    with transaction.atomic():
        NameBook(Source, en).find_or_make(["Bloomberg", "Harbour Post"])
        NameBook(Tag, en).find_or_make([f"Tag {n}" for n in range(50)])
        NameBook(Author, en).find_or_make(["Ann Berg"])
        sections = NameBook(Section, en).find_or_make(["Coast", "News"])
    assert Fact.objects.filter(is_bulk=False).count() == 0
    assert told(is_bulk=True) == [
        RecordChanged("source", known.pk),
        RecordChanged("section", sections["Coast"].pk),
    ]
