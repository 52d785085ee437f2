"""Articles and what they are made of, for tests. `from tests.factories import …`."""

from datetime import datetime, timedelta
from uuid import uuid4

import factory
from django.utils import timezone

from broadsheet.articles.models import (
    Article,
    Author,
    AuthorName,
    Edition,
    Person,
    PersonName,
    Section,
    SectionName,
    Source,
    SourceName,
    Tag,
    TagName,
)


def find_edition(code):
    return Edition.objects.select_related("locale").get(locale__language_code=code)


class NamedFactory(factory.django.DjangoModelFactory):
    """`SectionFactory(en="Politics", uk="Політика")`: a record with a name in each edition."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, name_model, en=None, uk=None, **kwargs):
        if en is None and uk is None:
            en = f"{model_class.__name__} {uuid4().hex[:6]}"
        record = super()._create(model_class, *args, **kwargs)
        for code, name in (("en", en), ("uk", uk)):
            if name:
                name_model.objects.create(owner=record, edition=find_edition(code), name=name)
        return record


class SectionFactory(NamedFactory):
    name_model = SectionName

    class Meta:
        model = Section


class PersonFactory(NamedFactory):
    name_model = PersonName

    class Meta:
        model = Person


class TagFactory(NamedFactory):
    name_model = TagName

    class Meta:
        model = Tag


class SourceFactory(NamedFactory):
    name_model = SourceName

    class Meta:
        model = Source


class AuthorFactory(NamedFactory):
    name_model = AuthorName

    class Meta:
        model = Author


class ArticleFactory(factory.django.DjangoModelFactory):
    """A live article of the edition `en`, published through the seam, an hour ago.

    `edition="uk"`, `published_at=…`, `body=[("paragraph", "<p>…</p>"), …]`, `tags=[…]`,
    `authors=[…]`; traits: `draft`, `flash`, `scheduled` (give `go_live_at`).
    """

    class Meta:
        model = Article

    class Params:
        draft = factory.Trait(live=False)
        scheduled = factory.Trait(live=False)
        flash = factory.Trait(lead="", body=[])

    headline = factory.Sequence(lambda n: f"Council agrees on plan number {n}")
    lead = "The council agreed on the plan after a night of talks."
    body = [("paragraph", "<p>The plan takes effect in spring.</p>")]
    live = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        live = kwargs.pop("live")
        edition = find_edition(kwargs.pop("edition", "en"))
        tags, authors = kwargs.pop("tags", ()), kwargs.pop("authors", ())
        published_at: datetime = kwargs.pop("published_at", None) or (
            timezone.now() - timedelta(hours=1)
        )
        if "section" not in kwargs:
            kwargs["section"] = (
                SectionFactory(en="Society", uk="Суспільство")
                if not (
                    found := SectionName.objects.filter(slug="society")
                    .select_related("owner")
                    .first()
                )
                else found.owner
            )
        article = model_class(locale=edition.locale, live=False, **kwargs)
        article.save()
        article.tags = tags
        for order, author in enumerate(authors):
            article.bylines.add(article.bylines.model(author=author, sort_order=order))
        article.save()
        revision = article.save_revision()
        if live or article.go_live_at:
            article.publish(revision)
        if live:
            Article.objects.filter(pk=article.pk).update(
                first_published_at=published_at, last_published_at=published_at
            )
        return Article.objects.get(pk=article.pk)
