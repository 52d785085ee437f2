"""What happens when articles are published, taken down or imported: they find their place.

Each step is safe to run twice, and says in `ThemesChanged` whose theme or timeline it may have
changed; where nothing did, it says nothing. Reading and weighing happen outside any transaction; the writes
of a few articles share one, which is closed before it lasts `STEP_SECONDS`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from broadsheet.articles.events import ArticlePublished, ArticlesImported, ArticleUnpublished
from broadsheet.articles.models import Article, Edition, PersonName
from broadsheet.outbox.announcing import announce

from .addressing import settle_address
from .agreeing import agree_on, story_by_translation, take_translations_along
from .clustering import (
    STORY_WINDOW,
    Fit,
    Piece,
    StoryState,
    find_burst,
    find_fits,
    heaviest,
)
from .decided import may_be_one, ruling_on
from .events import ThemesChanged
from .frequencies import Frequencies, add_frequencies, find_frequencies
from .languages import language_of
from .likenesses import note_likenesses, withdraw_likenesses
from .models import AnnouncedDate, Posting, Reading, RelatedArticle, Story, StoryMember
from .names import Name, name_of_person
from .noticing import neighbours_of, standing_of, touched_by_move
from .postings import find_sharing
from .queries import HAS_PAGE_FROM
from .reading import ReadArticle, count_held, name_term, pack_names, read_article, text_of
from .related import (
    NAMES_WINDOW,
    cut_to_background,
    find_background,
    find_links,
    names_to_post,
    store_links,
)
from .story_rows import find_candidates, join, leave, merge, replace_story, state_of
from .texts import cosine, weigh_terms

BATCH = 50
STEP_SECONDS = 0.06
#: A text less like its former self than this is another one: a flash that became an article.
SAME_TEXT = 0.5
#: Readings of old articles that were imported stay this long, for the rest of the import.
IMPORT_LASTS = timedelta(days=2)
FORGOTTEN_A_STEP = 500


@dataclass(frozen=True, slots=True)
class EditionKnowledge:
    """What an edition knows when some of its articles are related."""

    frequencies: Frequencies
    people: dict[str, list[Name]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Whether an article had no place before, and whose theme or timeline may have changed."""

    was_new: bool
    changed: set[int]


def on_article_published(fact: ArticlePublished) -> None:
    relate_article(fact.article_id, now=timezone.now())


def on_article_unpublished(fact: ArticleUnpublished) -> None:
    forget_article(fact.article_id)


def on_articles_imported(fact: ArticlesImported) -> None:
    relate_articles(fact.article_ids, now=timezone.now(), is_bulk=True)


def relate_article(article_id: int, *, now: datetime) -> None:
    """Give an article its story, theme and announced dates; nothing if it is not live."""
    relate_articles([article_id], now=now)


def relate_articles(article_ids: Sequence[int], *, now: datetime, is_bulk: bool = False) -> None:
    """Relate articles in the order of their time, by the rules of `relate_article`.

    What `is_bulk` changes is announced as a fact that yields to live ones.
    """
    for start in range(0, len(article_ids), BATCH):
        articles = (
            Article.objects.filter(pk__in=article_ids[start : start + BATCH], live=True)
            .select_related("locale__edition")
            .order_by("first_published_at", "pk")
        )
        by_locale: dict[int, list[ReadArticle]] = {}
        for article in articles:
            language = language_of(article.locale.language_code)
            by_locale.setdefault(article.locale_id, []).append(
                read_article(text_of(article), language)
            )
        for locale_id, read in by_locale.items():
            _relate_batch(locale_id, read, now=now, is_bulk=is_bulk)


def _relate_batch(
    locale_id: int, articles: Sequence[ReadArticle], *, now: datetime, is_bulk: bool
) -> None:
    knowledge = _gather_knowledge(locale_id, articles)
    waiting = list(articles)
    while waiting:
        began = time.monotonic()
        done: list[ReadArticle] = []
        changed: set[int] = set()
        with transaction.atomic():
            while waiting:
                article = waiting.pop(0)
                placed = _place(article, knowledge, now=now)
                changed |= placed.changed
                if placed.was_new:
                    done.append(article)
                if time.monotonic() - began >= STEP_SECONDS:
                    break
            if done:
                add_frequencies(locale_id, count_held(done))
            _announce(changed, is_bulk=is_bulk)


def _announce(changed: set[int], *, is_bulk: bool = False) -> None:
    if changed:
        announce(ThemesChanged(article_ids=sorted(changed)), is_bulk=is_bulk)


def _gather_knowledge(locale_id: int, articles: Sequence[ReadArticle]) -> EditionKnowledge:
    edition = Edition.objects.select_related("locale").get(pk=locale_id)
    language = language_of(edition.code)
    terms = {term for article in articles for term in article.counts}
    terms |= {name_term(name) for article in articles for name in article.names}
    people: dict[str, list[Name]] = {}
    full_names = PersonName.objects.filter(edition_id=locale_id).order_by("pk")
    for full_name in full_names.values_list("name", flat=True):
        if name := name_of_person(full_name, language.code):
            people.setdefault(name.key, []).append(name)
    known = StoryMember.objects.filter(pk__in=[article.source.article_id for article in articles])
    counted = set(known.values_list("pk", flat=True))
    new = count_held(a for a in articles if a.source.article_id not in counted)
    frequencies = find_frequencies(locale_id, terms, language)
    return EditionKnowledge(frequencies.with_new(new), people)


def _place(article: ReadArticle, knowledge: EditionKnowledge, *, now: datetime) -> Placed:
    """Write an article's place; nothing where it is no longer live."""
    source = article.source
    if not Article.objects.filter(pk=source.article_id, live=True).exists():
        return Placed(was_new=False, changed=set())
    before = standing_of(source.article_id)
    terms = weigh_terms(article.counts, knowledge.frequencies.idf(article.counts))
    reading = Reading(
        article_id=source.article_id,
        published_at=source.published_at,
        read_at=now,
        terms=terms,
        names=pack_names(article.names),
        cards=list(source.cards),
    )
    was_new, changed = _place_in_story(article, reading)
    changed |= _place_in_theme(article, reading, knowledge)
    reading.save()
    _post(article, reading)
    AnnouncedDate.objects.filter(article_id=source.article_id).delete()
    AnnouncedDate.objects.bulk_create(
        AnnouncedDate(article_id=source.article_id, date=a.date, precision=a.precision, text=a.text)
        for a in article.announced
    )
    changed |= touched_by_move(source.article_id, before, standing_of(source.article_id))
    return Placed(was_new, changed)


def _place_in_story(article: ReadArticle, reading: Reading) -> tuple[bool, set[int]]:
    """Join the story that fits best; return whether the article is new, and who was brought
    together by it.

    An article that shares a story stays in it, unless its text has become another one. What the
    desk decided about it goes before, and then where its translations are.
    """
    source = article.source
    piece = Piece(reading.terms, source.published_at, not source.text)
    member = StoryMember.objects.filter(pk=source.article_id).select_related("story").first()
    ruling = ruling_on(source.article_id)
    emptied: int | None = None
    if member is not None:
        # What is forgotten was the same text, as far as anybody knows.
        before = _terms_read(source.article_id) or reading.terms
        emptied = member.story_id
        own = leave(member, before, forget=False)
        if own is not None:
            emptied = None
            if ruling.lets_stay(own.id) and cosine(before, reading.terms) >= SAME_TEXT:
                join(own, source.article_id, piece, locale_id=source.locale_id)
                return False, _settled(own)
    fits: list[Fit] = []
    if ruling.pinned_to is not None:
        is_own = ruling.pinned_to == emptied
        row = None if is_own else Story.objects.get(pk=ruling.pinned_to)
        story = state_of(row) if row else StoryState(id=ruling.pinned_to)
    elif (
        told := story_by_translation(
            source.article_id, locale_id=source.locale_id, except_ids=ruling.barred_from
        )
    ) is not None:
        story = state_of(Story.objects.get(pk=told))
    else:
        shared = find_sharing(
            source.locale_id,
            heaviest(reading.terms),
            from_at=int((source.published_at - STORY_WINDOW).timestamp()),
            to_at=int((source.published_at + STORY_WINDOW).timestamp()),
            except_id=source.article_id,
        )
        found = find_candidates(reading.terms, shared, except_ids=ruling.barred_from)
        fits = find_fits(piece, found)
        may_keep = emptied is not None and emptied not in ruling.barred_from
        story = fits[0].story if fits else StoryState(id=(emptied or 0) if may_keep else 0)
    join(story, source.article_id, piece, locale_id=source.locale_id)
    if emptied is not None and emptied != story.id:
        replace_story(emptied, by=story.id)
    others: list[StoryState] = []
    for other in find_burst(piece, fits):
        if may_be_one([story.id, *(one.id for one in others), other.id]):
            others.append(other)
    moved = merge(story, others, locale_id=source.locale_id) if others else set()
    merged = {other.id for other in others}
    apart = [fit for fit in fits if fit.story.id not in merged]
    withdraw_likenesses({story.id, member.story_id} if member is not None else {story.id})
    note_likenesses(
        source.article_id, story, apart, locale_id=source.locale_id, now=reading.read_at
    )
    moved |= _settled(story)
    if member is not None and member.story_id != story.id:
        moved |= take_translations_along([source.article_id], to=story.id)
    return member is None, moved | agree_on(story.id)


def _settled(story: StoryState) -> set[int]:
    """Return who is told that the story has a page now: nobody where it has none, or had one."""
    if story.size >= HAS_PAGE_FROM and settle_address(story.id):
        return set(StoryMember.objects.filter(story=story.id).values_list("pk", flat=True))
    return set()


def _terms_read(article_id: int) -> dict[str, float]:
    """The vector of an article when it was last read; empty where that is forgotten."""
    terms = Reading.objects.filter(pk=article_id).values_list("terms", flat=True)
    return terms.first() or {}


def _place_in_theme(
    article: ReadArticle, reading: Reading, knowledge: EditionKnowledge
) -> set[int]:
    """Link the article with others of its theme; return whose links changed."""
    source = article.source
    shared = find_sharing(
        source.locale_id,
        names_to_post(article.names),
        from_at=int((source.published_at - NAMES_WINDOW).timestamp()),
        to_at=int((source.published_at + NAMES_WINDOW).timestamp()),
        except_id=source.article_id,
    )
    links = find_links(reading, shared, knowledge.frequencies, known=knowledge.people)
    old = find_sharing(
        source.locale_id,
        names_to_post(name for name in article.names if name.is_sure),
        to_at=int((source.published_at - NAMES_WINDOW).timestamp()) - 1,
        except_id=source.article_id,
    )
    links += find_background(reading, old, knowledge.frequencies, known=knowledge.people)
    return store_links(source.article_id, links)


def _post(article: ReadArticle, reading: Reading) -> None:
    source = article.source
    at = int(source.published_at.timestamp())
    Posting.objects.filter(article_id=source.article_id).delete()
    words = [(term, weight, True) for term, weight in heaviest(reading.terms).items()]
    names = [(t, n.weight, n.is_sure) for t, n in names_to_post(article.names).items()]
    Posting.objects.bulk_create(
        Posting(
            locale_id=source.locale_id,
            term=term,
            at=at,
            article_id=source.article_id,
            weight=weight,
            is_sure=is_sure,
        )
        for term, weight, is_sure in (*words, *names)
    )


def forget_article(article_id: int) -> None:
    """Take an article out of its story, and out of every theme.

    One that was published again meanwhile stays, and is announced to all beside it: what was
    made of them while it was down knows nothing of it.
    """
    with transaction.atomic():
        if Article.objects.filter(pk=article_id, live=True).exists():
            _announce(neighbours_of(article_id))
            return
        member = StoryMember.objects.filter(pk=article_id).select_related("story").first()
        if member is not None:
            leave(member, _terms_read(article_id), forget=True)
            withdraw_likenesses([member.story_id])
            # To the others it was gone as soon as it was not live.
            _announce({article_id})
        for rows in (Reading, Posting, AnnouncedDate):
            rows.objects.filter(article_id=article_id).delete()
        RelatedArticle.objects.filter(article_id=article_id).delete()
        RelatedArticle.objects.filter(other_id=article_id).delete()


def forget_old_readings(*, now: datetime) -> int:
    """Cut readings of old articles to what makes them background of new ones.

    Returns how many articles were cut, at most `FORGOTTEN_A_STEP`; stories, links and announced
    dates stay. Meant to run by the clock.
    """
    old = Reading.objects.filter(
        is_brief=False, published_at__lt=now - NAMES_WINDOW, read_at__lt=now - IMPORT_LASTS
    ).order_by("published_at")
    with transaction.atomic():
        return cut_to_background(list(old[:FORGOTTEN_A_STEP]))
