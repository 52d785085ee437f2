"""The invariant of the page store, under random days at the desk."""

import os
import random
from contextlib import contextmanager
from datetime import datetime, timedelta
from difflib import ndiff
from itertools import count

import pytest
from django.db import connections, transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.conftest import both_databases
from tests.factories import (
    AuthorFactory,
    PersonFactory,
    SectionFactory,
    SourceFactory,
    TagFactory,
    find_edition,
)

from broadsheet.articles import publishing, scheduling
from broadsheet.articles.models import (
    Article,
    ArticleSource,
    Author,
    Edition,
    NewsImage,
    Person,
    Section,
    Source,
    Tag,
)
from broadsheet.outbox.announcing import announce
from broadsheet.outbox.delivering import deliver_facts
from broadsheet.outbox.models import FailedReaction
from broadsheet.project.wiring import REACTIONS
from broadsheet.readership.counting import set_imported_counts
from broadsheet.readership.models import DAY, Bucket
from broadsheet.readership.ranking import rank_popular
from broadsheet.themes.addressing import settle_address
from broadsheet.themes.events import ThemesChanged
from broadsheet.themes.models import Story
from broadsheet.themes.story_rows import merge, state_of
from broadsheet.web import invalidating, made_from
from broadsheet.web.fragments import RANKING_LASTS
from broadsheet.web.pressing import make_page
from broadsheet.web.readership_fragment import READERSHIP_LASTS
from broadsheet.web.stored import address_filter, page_store, press_page
from broadsheet.web.touching import all_addresses

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

EDITIONS = st.sampled_from(["en", "uk"])
SEEDS = st.integers(0, 10**6)
KINDS = (Section, Person, Tag, Source, Author)
_numbers = count(1)


@contextmanager
def commit():
    """What a request at the desk does: a change, and then its commit."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield
    connections["default"].run_on_commit = []  # as Django does at a commit


def drain():
    """Deliver every fact and press what waits, as the worker's lanes do."""
    for _ in range(200):
        with commit():
            delivered = deliver_facts(REACTIONS, now=timezone.now())
        if not delivered.facts and not delivered.mended:
            break
    assert [f.last_error for f in FailedReaction.objects.all()] == []
    while invalidating.press_waiting(timezone.now()):
        pass


def differences(page):
    """In which fields a stored page is not what a pressing of the same moment gives."""
    if page.address.startswith("first:"):
        return []
    now = timezone.now()
    if page.fresh_until is not None:
        is_readership = page.address.startswith("fragment:readership:")
        lasts = READERSHIP_LASTS if is_readership else RANKING_LASTS
        now = datetime.fromtimestamp(page.fresh_until, tz=now.tzinfo) - lasts
    fresh = make_page(page.address, page.version, now=now)
    stored, pressed = lines_of(page), lines_of(fresh)
    return [line for line in ndiff(stored, pressed) if line[0] in "+-"]


def lines_of(page):
    told = [page.address, page.edition, str(page.status), *map(str, page.headers)]
    parts = "".join(p.decode() if isinstance(p, bytes) else str(p) for p in page.parts)
    return [*told, *sorted(page.tags), *parts.split("\n")]


#: Of stories, which come to be only by what happens: whether pages and feeds were opened.
OPENED: set[bool] = set()


def check_every_page():
    drain()
    for page in page_store().stored():
        found = differences(page)
        assert not found, "\n".join([page.address, *found])


class Newsroom(RuleBasedStateMachine):
    """Random acts at the desk, and readers who ask for any address meanwhile."""

    def __init__(self):
        super().__init__()
        self.blocks = [transaction.atomic(using=alias) for alias in connections]
        for block in self.blocks:
            block.__enter__()
        page_store().drop({"site"})
        address_filter().build(all_addresses(), expected=100)

    def teardown(self):
        try:
            check_every_page()
        finally:
            for alias in connections:
                transaction.set_rollback(True, using=alias)
            for block in reversed(self.blocks):
                block.__exit__(None, None, None)
            with transaction.atomic():
                page_store().drop({"site"})

    @initialize()
    def found(self):
        with commit():
            self.sections = [SectionFactory(en=f"Town {n}", uk=f"Місто {n}") for n in (1, 2)]
            self.authors = [AuthorFactory(en="Olena Marchuk", uk="Олена Марчук"), AuthorFactory()]
            self.people = [PersonFactory(en="Ada Brook", uk="Ада Брук"), PersonFactory()]
            self.tags = [TagFactory(en="Ports", uk="Порти"), TagFactory(en="Rails")]
            self.sources = [SourceFactory(en="The Bay Courier", uk="Кур’єр"), SourceFactory()]
        for code in ("en", "en", "uk"):
            self.write(code, random.Random(7))
        self.read(random.Random(7))

    @rule(code=EDITIONS, seed=SEEDS)
    def publish_a_new_article(self, code, seed):
        self.write(code, random.Random(seed))

    @rule(seed=SEEDS)
    def edit(self, seed):
        rng = random.Random(seed)
        article = self.any_article(rng)
        if article is None:
            return
        article = article.get_latest_revision_as_object()
        act = rng.choice(["headline", "slug", "section", "tags", "byline", "quote", "lead"])
        note(f"edit {act} of {article.pk}")
        if act == "headline":
            article.headline = f"The bridge over the Sula opens, part {next(_numbers)}"
        elif act == "slug":
            article.slug = rng.choice([f"moved-{next(_numbers)}", "moved", article.slug])
        elif act == "section":
            article.section = rng.choice(self.sections)
        elif act == "tags":
            article.tags = rng.sample(self.tags, rng.randint(0, 2))
        elif act == "byline":
            article.bylines = [
                article.bylines.model(author=one)
                for one in rng.sample(self.authors, rng.randint(0, 2))
            ]
        elif act == "quote":
            article.body = self.body(rng)
        else:
            article.lead = f"The mayor cut the ribbon, {next(_numbers)}."
        with commit():
            article.publish(article.save_revision())

    @rule(seed=SEEDS)
    def take_down(self, seed):
        rng = random.Random(seed)
        act = rng.choice(["unpublish", "kill", "delete", "expire"])
        article = self.any_article(rng, **({} if act == "delete" else {"live": True}))
        if article is None:
            return
        note(f"{act} {article.pk}")
        with commit():
            if act == "unpublish":
                article.unpublish()
            elif act == "kill":
                publishing.kill(article, notice="It was not true.", now=timezone.now())
            elif act == "delete":
                article.delete()
            else:
                Article.objects.filter(pk=article.pk).update(expire_at=timezone.now())
                scheduling.take_down_expired(now=timezone.now())

    @rule(seed=SEEDS)
    def publish_again(self, seed):
        article = self.any_article(random.Random(seed), live=False)
        if article is not None:
            note(f"publish again {article.pk}")
            with commit():
                # What was imported has a revision from its first edit on.
                article.publish(article.get_latest_revision() or article.save_revision())

    @rule(seed=SEEDS)
    def rename(self, seed):
        rng = random.Random(seed)
        record = rng.choice(
            [*self.sections, *self.authors, *self.people, *self.tags, *self.sources]
        )
        record = type(record).objects.get(pk=record.pk)
        names = list(record.names.all())
        act = rng.choice(["rename", "rename", "reslug", "lose", "gain"])
        note(f"{act} {record!r}")
        with commit():
            if act == "gain" or not names:
                missing = {"en", "uk"} - {name.edition.code for name in names}
                for code in missing:
                    kind = type(record).names.rel.related_model
                    kind.objects.create(
                        owner=record, edition=find_edition(code), name=f"Name {next(_numbers)}"
                    )
            elif act == "lose" and not isinstance(record, Section):
                names[0].delete()
            else:
                name = rng.choice(names)
                name.name = f"Renamed {next(_numbers)}"
                if act == "reslug":
                    name.slug = f"renamed-{next(_numbers)}"
                name.save()

    @rule(seed=SEEDS)
    def change_what_stands_on_every_page(self, seed):
        rng = random.Random(seed)
        with commit():
            if rng.random() < 0.5:
                section = Section.objects.get(pk=rng.choice(self.sections).pk)
                section.position = rng.randint(1, 300)
                section.is_in_navigation = rng.random() < 0.7
                section.save()
            else:
                edition = Edition.objects.get(locale__language_code=rng.choice(["en", "uk"]))
                edition.name = f"The Wire {next(_numbers)}"
                edition.time_zone = rng.choice(["Europe/Kyiv", "UTC", "Asia/Tokyo"])
                edition.save()

    @rule(seed=SEEDS)
    def credit_an_image(self, seed):
        rng = random.Random(seed)
        images = list(NewsImage.objects.order_by("pk"))
        if images:
            image = rng.choice(images)
            image.credit = f"Ida Stone {next(_numbers)}"
            with commit():
                image.save()

    @rule(code=EDITIONS, seed=SEEDS)
    def translate(self, code, seed):
        article = self.any_article(random.Random(seed), live=True)
        edition = find_edition(code)
        if article is None or article.get_translation_or_none(edition.locale) is not None:
            return
        note(f"translate {article.pk} into {code}")
        with commit():
            version = article.copy_for_translation(edition.locale)
            version.headline, version.slug, version.live = f"Version {next(_numbers)}", "", False
            version.save()
            version.publish(version.save_revision())

    @rule(code=EDITIONS, seed=SEEDS)
    def schedule(self, code, seed):
        now = timezone.now()
        with commit():
            article = self.draft(code, random.Random(seed))
            article.go_live_at = now + timedelta(hours=1)
            article.publish(article.save_revision())
        self.read(random.Random(seed))
        with commit():
            scheduling.publish_due(now=now + timedelta(hours=2))

    @rule(code=EDITIONS)
    def import_a_batch(self, code):
        edition = find_edition(code)
        batch = [
            Article(
                locale=edition.locale,
                section=self.sections[0],
                headline=f"From the archive {next(_numbers)}",
                slug=f"from-the-archive-{next(_numbers)}",
                lead="It happened long ago.",
                first_published_at=timezone.now() - timedelta(days=n),
            )
            for n in (0, 400)
        ]
        with commit():
            publishing.publish_imported(batch, now=timezone.now())

    @rule(seed=SEEDS)
    def bring_stories_together(self, seed):
        rng = random.Random(seed)
        drain()
        edition = find_edition(rng.choice(["en", "uk"]))
        stories = list(Story.objects.filter(locale=edition.locale).order_by("pk"))
        if len(stories) < 2:
            return
        kept, other = rng.sample(stories, 2)
        note(f"story {other.pk} becomes part of {kept.pk}")
        with commit(), transaction.atomic():
            moved = merge(state_of(kept), [state_of(other)], locale_id=edition.pk)
            settle_address(kept.pk)
            announce(ThemesChanged(article_ids=sorted(moved)))

    @rule(seed=SEEDS)
    def read_articles(self, seed):
        rng = random.Random(seed)
        day = int(timezone.now().timestamp()) // DAY * DAY
        for one in Article.objects.filter(live=True):
            Bucket.objects.get_or_create(
                size=DAY, start=day, article_id=one.pk, defaults={"views": rng.randint(1, 9)}
            )
        page_store().drop(
            {made_from.theme(pk) for pk in Article.objects.values_list("pk", flat=True)}
        )

    @rule(seed=SEEDS)
    def rank(self, seed):
        rng = random.Random(seed)
        ids = list(Article.objects.filter(live=True).values_list("pk", flat=True))
        drain()
        set_imported_counts({one: rng.randint(0, 500) for one in ids})
        rank_popular(now=timezone.now())
        invalidating.press_rankings()

    @rule(seed=SEEDS)
    def readers_ask(self, seed):
        self.read(random.Random(seed))

    @rule()
    def the_worker_works(self):
        drain()

    @invariant()
    def nothing_withdrawn_is_served(self):
        if not hasattr(self, "sources"):
            return
        gone = Article.objects.filter(live=False).values_list("pk", flat=True)
        for page in page_store().stored():
            if page.status == 200:
                shown = {f"article:{pk}" for pk in gone} & page.tags
                assert not [t for t in shown if _shows(page, t)], page.address

    # --- how it is done ---

    def read(self, rng):
        """Readers open some pages: what is not stored is pressed, with the parts that it needs."""
        addresses = list(all_addresses())
        stories = [address for address in addresses if "/stories/" in address]
        for address in [*rng.sample(addresses, min(12, len(addresses))), *stories[:4]]:
            if address == "/desk/":
                continue
            page = page_store().get(address) or press_page(address)
            if address in stories and page.status == 200:
                OPENED.add(address.endswith("/feed.xml"))
            for part in page.parts:
                if hasattr(part, "address") and page_store().get(part.address) is None:
                    press_page(part.address)

    def any_article(self, rng, **filters):
        ids = list(Article.objects.filter(**filters).order_by("pk").values_list("pk", flat=True))
        return Article.objects.get(pk=rng.choice(ids)) if ids else None

    def body(self, rng):
        body = [("paragraph", f"<p>The council met on the plan, {next(_numbers)}.</p>")]
        if rng.random() < 0.6:
            body.append(("quote", {"text": "We build.", "speaker": rng.choice(self.people)}))
        if (other := self.any_article(rng)) is not None and rng.random() < 0.7:
            body.append(("related", other))
        return body

    def draft(self, code, rng):
        article = Article(
            locale=find_edition(code).locale,
            live=False,
            section=rng.choice(self.sections),
            headline=f"Council of Sula votes on the harbour {next(_numbers)}",
            lead="The council of Sula voted on the plan for the harbour after a night of talks.",
            body=self.body(rng),
        )
        article.save()
        article.tags = rng.sample(self.tags, rng.randint(0, 2))
        for author in rng.sample(self.authors, rng.randint(0, 2)):
            article.bylines.add(article.bylines.model(author=author))
        if rng.random() < 0.5:
            role = ArticleSource.Role.REPORTED
            article.sourcings.add(
                article.sourcings.model(source=rng.choice(self.sources), role=role)
            )
        article.save()
        return article

    def write(self, code, rng):
        with commit():
            article = self.draft(code, rng)
            article.publish(article.save_revision())


def _shows(page, tag):
    number = int(tag.partition(":")[2])
    return any(getattr(part, "article_id", None) == number for part in page.parts)


def run(machine, **limits):
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        machine,
        settings=settings(
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            **limits,
        ),
    )


def test_every_stored_page_is_as_a_fresh_pressing():
    days = int(os.environ.get("DESK_DAYS", "5"))  # `make soak` takes more
    run(Newsroom, max_examples=days, stateful_step_count=14)
    assert {True, False} == OPENED
