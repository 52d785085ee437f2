"""Free addresses for a batch of headlines, in a handful of queries."""

from collections.abc import Sequence

from broadsheet.articles.publishing import find_taken_slugs
from broadsheet.articles.slugging import free_slug, slug_from

_LOOK_AHEAD = 12  # further candidates that are asked for at once where a slug is taken


def free_slugs(headlines: Sequence[str], *, locale_id: int, language: str) -> list[str]:
    """Return a free slug for each headline, no two the same, in their order."""
    wanted = [slug_from(headline, language=language) or "article" for headline in headlines]
    known: dict[str, bool] = {}  # slug → whether it is taken

    def ask(slugs: list[str]) -> None:
        unknown = [slug for slug in dict.fromkeys(slugs) if slug not in known]
        taken = find_taken_slugs(locale_id, unknown) if unknown else set()
        known.update({slug: slug in taken for slug in unknown})

    def is_taken(slug: str) -> bool:
        if slug not in known:
            ask(_next_candidates(slug))
        return known[slug]

    ask(wanted)
    found = []
    for slug in wanted:
        free = free_slug(slug, is_taken)
        known[free] = True
        found.append(free)
    return found


def _next_candidates(slug: str) -> list[str]:
    """`bridge-4` → `bridge-4` … `bridge-15`: what `free_slug` will ask for next."""
    stem, _, number = slug.rpartition("-")
    return [f"{stem}-{n}" for n in range(int(number), int(number) + _LOOK_AHEAD)]
