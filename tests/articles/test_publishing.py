from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, PersonFactory, SectionFactory, TagFactory

from broadsheet.articles.models import Article, ArticleSlug, FailedSchedule, Quote
from broadsheet.articles.publishing import KillNoticeMissingError, kill, publish_imported
from broadsheet.articles.scheduling import publish_due, take_down_expired
from broadsheet.outbox.models import Fact

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def facts():
    found = Fact.objects.filter(name__startswith="Article").order_by("pk")
    return [(fact.name, fact.payload) for fact in found]


def edit(article, **changes):
    for name, value in changes.items():
        setattr(article, name, value)
    revision = article.save_revision()
    article.publish(revision)
    return Article.objects.get(pk=article.pk)


def test_publishing_writes_one_fact_and_a_draft_none():
    draft = ArticleFactory(draft=True)
    assert facts() == []
    draft.publish(draft.save_revision())
    assert facts() == [("ArticlePublished", {"article_id": draft.pk})]


def test_unpublishing_killing_and_deleting_say_so_once():
    first, second, third = ArticleFactory.create_batch(3)
    Fact.objects.all().delete()
    first_id = first.pk
    first.unpublish()
    first.delete()  # already down
    kill(second, notice="It was not true.", now=timezone.now())
    third_id = third.pk
    third.delete()
    ids = [payload["article_id"] for name, payload in facts() if name == "ArticleUnpublished"]
    assert ids == [first_id, second.pk, third_id]
    assert Article.objects.get(pk=second.pk).is_killed


def test_a_kill_needs_a_notice_and_publishing_again_lifts_it():
    article = ArticleFactory()
    with pytest.raises(KillNoticeMissingError):
        kill(article, notice="  ", now=timezone.now())
    kill(article, notice="Withdrawn.", now=timezone.now())
    article = edit(Article.objects.get(pk=article.pk), headline="It is true after all")
    assert article.live
    assert not article.is_killed


def test_a_changed_slug_redirects_and_can_be_taken_back():
    article = ArticleFactory(headline="Bridge opens")
    article = edit(article, slug="bridge-opens-at-last")
    assert list(ArticleSlug.objects.values_list("slug", flat=True)) == ["bridge-opens"]
    article = edit(article, slug="bridge-opens")
    assert list(ArticleSlug.objects.values_list("slug", flat=True)) == ["bridge-opens-at-last"]


def test_a_slug_is_unique_in_its_edition_as_a_form_error():
    ArticleFactory(headline="Bridge opens", slug="bridge")
    again = ArticleFactory(headline="Another", draft=True)
    again.slug = "bridge"
    with pytest.raises(ValidationError) as caught:
        again.full_clean()
    assert "slug" in caught.value.message_dict
    ArticleFactory(edition="uk", headline="Міст", slug="bridge")  # another edition may


def test_an_address_taken_meanwhile_gets_a_number():
    first = ArticleFactory(headline="Bridge opens")
    second = ArticleFactory(headline="Bridge closed", draft=True)
    revision = second.save_revision()
    revision.content["slug"] = first.slug
    revision.save()
    second.publish(revision)
    assert Article.objects.get(pk=second.pk).slug == "bridge-opens-2"


def test_the_ukrainian_slug_follows_the_2010_standard():
    article = ArticleFactory(edition="uk", headline="Згурський з’їзд у Києві: їжак, Юрій і щавель")
    assert article.slug == "zghurskyi-zizd-u-kyievi-yizhak-yurii-i-shchavel"


def test_quotes_follow_the_live_body():
    speaker = PersonFactory(en="Ada Brook")
    body = [("quote", {"text": "We will build.", "speaker": speaker, "role": "mayor"})]
    article = ArticleFactory(body=body)
    assert [(q.text, q.role) for q in Quote.objects.all()] == [("We will build.", "mayor")]
    article.unpublish()
    assert not Quote.objects.exists()


def test_an_imported_batch_is_one_fact_with_search_and_tags():
    section, tag = SectionFactory(en="World"), TagFactory(en="Ports")
    locale = ArticleFactory().locale
    Fact.objects.all().delete()
    when = timezone.now() - timedelta(days=900)
    batch = [
        Article(
            locale=locale, headline=f"Harbour news {n}", slug=f"harbour-{n}", section=section,
            first_published_at=when, lead="Ships wait.",
        )
        for n in range(3)
    ]  # fmt: skip
    for one in batch:
        one.tags = [tag]
    publish_imported(batch, now=timezone.now())
    assert facts() == [("ArticlesImported", {"article_ids": [a.pk for a in batch]})]
    assert Fact.objects.get().is_bulk
    assert set(tag.articles.all()) == set(batch)
    from wagtail.search.backends import get_search_backend

    found = get_search_backend().search("harbour", Article.objects.all())
    assert {a.pk for a in found} == {a.pk for a in batch}


class TestSchedule:
    def schedule(self, *, seconds, **kwargs):
        when = timezone.now() + timedelta(seconds=seconds)
        return ArticleFactory(scheduled=True, go_live_at=when, **kwargs)

    def test_nothing_is_live_or_announced_before_its_moment(self):
        article = self.schedule(seconds=60)
        assert not article.live
        assert facts() == []
        assert publish_due(now=timezone.now()).published == ()

    def test_overdue_articles_go_out_in_order(self):
        third, first, second = (self.schedule(seconds=s) for s in (30, 10, 20))
        done = publish_due(now=timezone.now() + timedelta(minutes=10))
        assert done.published == (first.pk, second.pk, third.pk)
        assert [p["article_id"] for _, p in facts()] == [first.pk, second.pk, third.pk]
        assert Article.objects.filter(live=True, live_revision__isnull=False).count() == 3
        assert publish_due(now=timezone.now() + timedelta(minutes=10)).published == ()

    def test_one_that_always_fails_is_reported_and_the_others_go_on(self):
        good = [self.schedule(seconds=s) for s in (10, 30)]
        bad = self.schedule(seconds=20)
        revision = bad.latest_revision
        revision.content["section"] = 999_999  # a section that no longer exists
        revision.save()
        Article.objects.filter(pk=bad.pk).update(killed_at=timezone.now())  # never in the batch
        now = timezone.now() + timedelta(minutes=1)
        done = publish_due(now=now)
        assert set(done.published) == {a.pk for a in good}
        assert done.failed == (bad.pk,)
        assert FailedSchedule.objects.get().tries == 1
        assert publish_due(now=now).failed == ()  # not again before its pause is over
        assert publish_due(now=now + timedelta(minutes=1)).failed == (bad.pk,)
        assert FailedSchedule.objects.get().tries == 2

    def test_a_scheduled_update_of_a_live_article_replaces_it_at_its_moment(self):
        article = ArticleFactory(headline="Talks begin")
        article.headline = "Talks end"
        article.go_live_at = timezone.now() + timedelta(seconds=30)
        article.publish(article.save_revision())
        assert Article.objects.get(pk=article.pk).headline == "Talks begin"
        publish_due(now=timezone.now() + timedelta(minutes=1))
        # The clock of the publishing itself has not reached the moment: Wagtail asks it.
        assert Article.objects.get(pk=article.pk).live

    def test_an_expired_article_is_taken_down(self):
        article = ArticleFactory()
        Article.objects.filter(pk=article.pk).update(expire_at=timezone.now())
        assert take_down_expired(now=timezone.now() + timedelta(seconds=1)).expired == (article.pk,)
        assert not Article.objects.get(pk=article.pk).live
