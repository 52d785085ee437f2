"""What editors choose in the lists of what is read most: articles on top, and articles left out."""

from datetime import datetime

from django.db.models import Q, QuerySet

from broadsheet.articles.queries import places_of

from .models import PopularChoice, RankedWindow

#: More on top than these, and it would be no list of what readers read.
MOST_PINS = 3


class CannotChooseError(ValueError):
    """A choice that cannot be made; the message says why."""


def choose(
    kind: str,
    article_id: int,
    *,
    reason: str,
    made_by: str,
    now: datetime,
    until: datetime | None = None,
) -> PopularChoice:
    """Pin an article on top of the lists that it can stand in, or keep it out of them.

    `kind` is one of `PopularChoice.Kind`. It replaces what was chosen for the article before, and
    ends at `until`. Raises `CannotChooseError`: the article is not live, there is no reason, the
    end has passed, or as many articles of the edition are pinned as can be.
    """
    kind, reason = PopularChoice.Kind(kind), reason.strip()
    place = next(iter(places_of([article_id])), None)
    if place is None or not place.is_live:
        raise CannotChooseError("Only a live article can be chosen.")
    if not reason:
        raise CannotChooseError("Say why: the reason stays on record.")
    if until is not None and until <= now:
        raise CannotChooseError("It would end before it begins.")
    if kind == PopularChoice.Kind.PIN:
        pinned = present_choices(now=now).filter(edition_id=place.edition_id, kind=kind)
        if pinned.exclude(article_id=article_id).count() >= MOST_PINS:
            raise CannotChooseError(
                f"{MOST_PINS} articles of the edition are pinned already: end one of them first."
            )
    choice, _ = PopularChoice.objects.update_or_create(
        edition_id=place.edition_id,
        article_id=article_id,
        defaults={
            "kind": kind,
            "reason": reason,
            "made_by": made_by,
            "made_at": now,
            "until": until,
        },
    )
    ask_for_ranking()
    return choice


def end_choice(choice_id: int) -> PopularChoice:
    """Let the article be ranked by its views again. Raises `PopularChoice.DoesNotExist`."""
    choice = PopularChoice.objects.get(pk=choice_id)
    PopularChoice.objects.filter(pk=choice_id).delete()
    ask_for_ranking()
    return choice


def ask_for_ranking() -> None:
    """Have every window ranked at once."""
    RankedWindow.objects.update(is_due=True)


def present_choices(*, now: datetime) -> "QuerySet[PopularChoice]":
    """Return what is in force, the latest first."""
    present = PopularChoice.objects.filter(Q(until=None) | Q(until__gt=now))
    return present.order_by("-made_at", "-pk")


def kept_out(*, now: datetime) -> set[tuple[int, int]]:
    """Return what is kept out of every list: edition and article."""
    choices = present_choices(now=now).filter(kind=PopularChoice.Kind.KEEP_OUT)
    return set(choices.values_list("edition_id", "article_id"))
