"""Live articles into the index and out of it, in the transaction that publishes or withdraws them.

So nothing is found that is not public, however soon somebody asks; and `rebuild` makes the whole
index again from the articles.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db import connection, models, transaction

from broadsheet.articles.models import (
    Article,
    ArticleAuthor,
    Quote,
    SearchEntry,
    SearchSpelling,
    SearchWord,
)

from . import tables
from .spelling import change_counts, countable
from .texts import lines_of, plain_text
from .wording import stem, words_in

#: Raised with whatever changes the tokens of an article: `index_missing` then indexes it anew.
VERSION = 1
#: What stands further down in a body is not looked for.
MOST_WORDS = 5000
#: Articles of one transaction while all is indexed anew: less than 100 ms.
STEP = 40


def index_articles(articles: Sequence[Article]) -> None:
    """Put live articles into the index as they are now, or leave those in it that have changed.

    Their bylines and quotes have to be stored already.
    """
    if not articles:
        return
    with transaction.atomic():
        _take_out([article.pk for article in articles])
        places = _free_places(articles)
        ids = list(places)
        authors = _records(ArticleAuthor.objects.filter(article_id__in=ids), "author_id")
        people = _records(Quote.objects.filter(article_id__in=ids), "person_id")
        codes = _codes_of(articles)
        entries, rows, counted = [], [], defaultdict[int, Counter[str]](Counter)
        for article in articles:
            words = countable(words_in(article.headline))
            counted[article.locale_id].update(words)
            facets = {
                edition_token(article.locale_id),
                section_token(article.section_id),
                *map(author_token, authors[article.pk]),
                *map(person_token, people[article.pk]),
            }
            tokens = facets | _tokens_of(article, codes[article.locale_id])
            rows.append(tables.Row(places[article.pk], sorted(tokens)))
            entries.append(
                SearchEntry(
                    article_id=article.pk,
                    place=places[article.pk],
                    words=" ".join(words),
                    version=VERSION,
                )
            )
        tables.put(rows)
        SearchEntry.objects.bulk_create(entries)
        for edition_id, changes in counted.items():
            change_counts(edition_id, changes)


def forget_articles(article_ids: Iterable[int]) -> None:
    """Take articles out of the index; those that are not in it are nobody's concern."""
    with transaction.atomic():
        _take_out(article_ids)


def rebuild(*, step: int = STEP) -> Iterator[int]:
    """Make the index anew, newest articles first; yield how many are in it after each step.

    Each step is a transaction of its own. Until the last, what has not come yet is not found.
    """
    with transaction.atomic():
        tables.drop_table()
        tables.make_table()
        SearchEntry.objects.all()._raw_delete("default")  # noqa: SLF001 - a million rows need no collecting
        SearchSpelling.objects.all()._raw_delete("default")  # noqa: SLF001 - as above
        SearchWord.objects.all()._raw_delete("default")  # noqa: SLF001 - as above
    yield from index_missing(step=step)


def index_missing(*, step: int = STEP) -> Iterator[int]:
    """Index live articles that are not in the index, or in one of another version."""
    done = 0
    ids = _unindexed().order_by("-first_published_at", "-pk").values_list("pk", flat=True)
    every = list(ids)
    for start in range(0, len(every), step):
        with transaction.atomic():
            wanted = Article.objects.filter(pk__in=every[start : start + step], live=True)
            if connection.features.has_select_for_update:
                wanted = wanted.select_for_update()  # nobody withdraws one meanwhile
            articles = list(wanted)
            index_articles(articles)
        done += len(articles)
        yield done


class MissingArticles:
    """What is missing in the index, a step at a time: for a job of the clock."""

    def __init__(self) -> None:
        self._steps: Iterator[int] | None = None

    def index_some(self) -> bool:
        """Index a step of it; return whether there may be more."""
        if self._steps is None:
            self._steps = index_missing()
        if next(self._steps, None) is None:
            self._steps = None
        return self._steps is not None


def _unindexed() -> "models.QuerySet[Article]":
    indexed = SearchEntry.objects.filter(article_id=models.OuterRef("pk"), version=VERSION)
    return Article.objects.filter(~models.Exists(indexed), live=True)


# --- tokens ---------------------------------------------------------------------------------
# A stem stands for itself; with what is before it for a stem of the headline (h_), of headline or
# lead (l_), or two that follow each other in the headline (b_). Stems have no low line.


def edition_token(edition_id: int) -> str:
    return f"_e{edition_id}"


def section_token(section_id: int) -> str:
    return f"_s{section_id}"


def author_token(author_id: int) -> str:
    return f"_a{author_id}"


def person_token(person_id: int) -> str:
    """Of who is quoted in an article."""
    return f"_p{person_id}"


def in_headline(token: str) -> str:
    return f"h_{token}"


def in_lead(token: str) -> str:
    return f"l_{token}"


def in_a_row(one: str, other: str) -> str:
    return f"b_{one}_{other}"


def _tokens_of(article: Article, code: str) -> set[str]:
    headline = [stem(word, code) for word in words_in(article.headline)]
    lead = {stem(word, code) for word in words_in(plain_text(article.lead))}
    lead |= {stem(word, code) for word in words_in(article.dateline)}
    body = words_in(" ".join(lines_of(article.body.raw_data)))[:MOST_WORDS]
    return {
        *headline,
        *lead,
        *(stem(word, code) for word in set(body)),
        *map(in_headline, headline),
        *map(in_lead, headline),
        *map(in_lead, lead),
        *map(in_a_row, headline, headline[1:]),
    }


# --- entries --------------------------------------------------------------------------------


def _take_out(article_ids: Iterable[int]) -> None:
    entries = SearchEntry.objects.filter(article_id__in=list(article_ids))
    found = list(entries.values_list("place", "words", "article__locale_id"))
    if not found:
        return
    changes = defaultdict[int, Counter[str]](Counter)
    for _place, words, edition_id in found:
        changes[edition_id].subtract(words.split())
    tables.drop(place for place, _, _ in found)
    entries.delete()
    for edition_id, by in changes.items():
        change_counts(edition_id, by)


def _free_places(articles: Sequence[Article]) -> dict[int, int]:
    """Return a place for each article, by its id: in the order of publishing, and its own."""
    wanted: dict[int, int] = {}
    for article in articles:
        moment = article.first_published_at or article.last_published_at
        assert moment is not None, "only what was published is found"
        wanted[article.pk] = tables.first_place(moment) + article.pk % (1 << tables.PLACE_BITS)
    taken = set(
        SearchEntry.objects.filter(place__in=list(wanted.values())).values_list("place", flat=True)
    )
    for number, place in wanted.items():
        free = place
        while free in taken or (free != place and SearchEntry.objects.filter(place=free).exists()):
            free += 1
        taken.add(free)
        wanted[number] = free
    return wanted


def _records(rows: "models.QuerySet[models.Model]", name: str) -> dict[int, set[int]]:
    records = defaultdict[int, set[int]](set)
    for article_id, record_id in rows.values_list("article_id", name):
        records[article_id].add(record_id)
    return records


def _codes_of(articles: Sequence[Article]) -> dict[int, str]:
    first = {article.locale_id: article for article in articles}
    return {number: article.locale.language_code for number, article in first.items()}
