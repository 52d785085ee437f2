"""An editor: publishes new articles and edits of them, as the desk does, in a process of its own.

    BROADSHEET_HOME=… python benchmarks/measuring/editor.py --count 200 --each 0.5
    BROADSHEET_HOME=… python benchmarks/measuring/editor.py --rename "Una Elsewhere"

No two of the articles are on one subject, as in a newsroom; with `--one-story` all are, and each
changes the theme of all that came before it. Prints JSON, a line each: the pages that will show it; what is about to be published (a headline
holds a token that no other has); when it was committed, in Unix time.
"""

import argparse
import itertools
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from archive import EVERYWHERE, set_up_django

SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def commit(act: Callable[[], Any]) -> float:
    """Run `act` in a transaction; return when that was committed, before anything reacts."""
    from django.db import transaction  # noqa: PLC0415 - Django has to be set up first

    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.time()))
        act()
    return committed[0]


class Desk:
    """Where the editor's articles stand: one edition, section, author and tag."""

    def __init__(self, *, is_one_story: bool) -> None:
        from broadsheet.articles.models import Edition  # noqa: PLC0415 - as above
        from broadsheet.articles.models.names import (  # noqa: PLC0415
            AuthorName,
            SectionName,
            TagName,
        )

        self.edition = Edition.objects.select_related("locale").get(locale__language_code="en")
        authors = AuthorName.objects.exclude(name=EVERYWHERE)
        self.section, self.author, self.tag = (
            names.filter(edition=self.edition).order_by("-owner_id")[0]
            for names in (SectionName.objects, authors, TagName.objects)
        )
        self.run = secrets.token_hex(3)
        self._draw = random.Random(self.run)
        self._is_one_story = is_one_story

    def pages(self) -> dict[str, str]:
        return {
            "front": "/en/",
            "section front": f"/en/{self.section.slug}/",
            "latest": "/en/news/",
            "author's list": f"/en/authors/{self.author.slug}",
            "tag's list": f"/en/tags/{self.tag.slug}",
            "feed": "/en/feed.xml",
            "section's feed": f"/en/{self.section.slug}/feed.xml",
        }

    def words(self, count: int) -> str:
        """Words that no other article has, or that all have."""
        draw = random.Random(1) if self._is_one_story else self._draw
        return " ".join("".join(draw.choices(SYLLABLES, k=3)) for _ in range(count))

    def begin(self, token: str) -> Any:
        """Return a draft as an editor leaves it before it is published."""
        from broadsheet.articles.models import Article, ArticleAuthor  # noqa: PLC0415 - as above

        article = Article(
            locale=self.edition.locale,
            section=self.section.owner,
            headline=f"{self.words(5).capitalize()} {token}",
            slug=f"published-{token}",
            lead=self.words(15),
            body=[("paragraph", f"<p>{self.words(60)}</p>") for _ in range(3)],
            live=False,
        )
        article.bylines.add(ArticleAuthor(author=self.author.owner))
        article.tags = [self.tag.owner]
        article.save()
        return article


def publications(desk: Desk) -> Iterator[tuple[str, str, Any]]:
    """New articles and edits of them in turn: kind, token, article."""
    for number in itertools.count():
        token = f"{desk.run}-{number}-new"
        article = desk.begin(token)
        yield "new", token, article
        token = f"{desk.run}-{number}-edit"
        article.refresh_from_db()
        article = article.get_latest_revision_as_object()
        article.headline = f"{article.headline.rpartition(' ')[0]} {token}"
        yield "edit", token, article


def publish(count: int, each_seconds: float, *, is_one_story: bool) -> None:
    desk = Desk(is_one_story=is_one_story)
    tell(pages=desk.pages())
    due = time.monotonic()
    for kind, token, article in itertools.islice(publications(desk), count):
        time.sleep(max(0.0, due - time.monotonic()))
        due = max(due, time.monotonic() - each_seconds) + each_seconds
        tell(begins=token, kind=kind, path=f"/en/news/{article.slug}")
        began = time.perf_counter()
        at = commit(lambda article=article: article.save_revision().publish())
        tell(committed=token, at=at, took_ms=1000 * (time.perf_counter() - began))


def rename(name: str) -> None:
    from broadsheet.articles.models.names import AuthorName  # noqa: PLC0415 - as above

    found = AuthorName.objects.get(edition__locale__language_code="en", name=EVERYWHERE)
    found.name = name
    tell(begins=name)
    began = time.perf_counter()
    at = commit(found.save)
    tell(committed=name, at=at, took_ms=1000 * (time.perf_counter() - began))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--each", type=float, default=1.0, help="seconds")
    parser.add_argument("--one-story", action="store_true")
    parser.add_argument("--rename", help=f"what {EVERYWHERE} is called from now on")
    options = parser.parse_args()
    set_up_django()
    if options.rename:
        rename(options.rename)
    else:
        publish(options.count, options.each, is_one_story=options.one_story)


if __name__ == "__main__":
    main()
