"""How far a translation is, part by part, and whether it may be published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.html import strip_tags
from django.utils.translation import gettext
from wagtail.models import Revision

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import NotReadyToPublishError

from .models import TranslatedPart, Translation
from .translation_words import Part, Words, parts_of

State = Literal["missing", "untranslated", "machine", "edited", "approved", "own"]

#: So many parts are named where publishing is refused.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """A part of a translation beside its original.

    `source` is None for what the translation alone has ("own"), `target` for what it lacks
    ("missing"). `formerly` holds the original's words that the translation rests on where they have
    changed since.
    """

    key: str
    label: Any
    source: Part | None
    target: Part | None
    state: State
    formerly: Words | None = None
    is_ready: bool = True


def newest(article: Article) -> Article:
    """Return `article` as it was last saved at the desk, drafted changes included."""
    latest: Article = article.get_latest_revision_as_object()
    return latest


def states_of(translation: Translation, version: Article) -> list[PartState]:
    """Return all parts of a translation, whose words are those of `version`, in the original's order."""
    original = newest(translation.original) if translation.original else None
    sources = parts_of(original) if original else {}
    targets = parts_of(version)
    rows = {row.key: row for row in translation.parts.all()}
    keys = [*sources, *(key for key in targets if key not in sources)]
    return [_state_of(key, sources.get(key), targets.get(key), rows.get(key)) for key in keys]


def _state_of(
    key: str, source: Part | None, target: Part | None, row: TranslatedPart | None
) -> PartState:
    part = target or source
    assert part is not None
    state = _name_state(source, target, row)
    is_machines = row is not None and row.machine_words is not None
    was_approved = row is not None and row.approved_words is not None
    formerly = None
    if row is not None and source is not None and source.words != tuple(row.source_words):
        formerly = tuple(row.source_words)
    return PartState(
        key=key,
        label=part.label,
        source=source,
        target=target,
        state=state,
        formerly=formerly,
        is_ready=state in {"missing", "own", "approved"}
        or (state == "edited" and (was_approved or not is_machines)),
    )


def _name_state(source: Part | None, target: Part | None, row: TranslatedPart | None) -> State:
    if target is None:
        return "missing"
    if row is not None and row.approved_words == list(target.words):
        return "approved"
    as_original = {tuple(row.source_words)} if row is not None else set()
    if source is not None:
        as_original.add(source.words)
    if target.words in as_original:
        return "untranslated"
    if row is not None and row.machine_words == list(target.words):
        return "machine"
    return "own" if source is None else "edited"


def check_ready(article: Article, revision: Revision) -> None:
    """Raise `NotReadyToPublishError` where `revision` is a translation that nobody has looked at.

    What stands in it as in the original, or as a machine wrote it, has to be approved by a person.
    """
    translation = (
        Translation.objects.select_related("original").filter(article_id=article.pk).first()
    )
    if translation is None:
        return
    waiting = [
        state for state in states_of(translation, revision.as_object()) if not state.is_ready
    ]
    if waiting:
        raise NotReadyToPublishError(_say_waiting(waiting))


def _say_waiting(waiting: list[PartState]) -> str:
    names = [f"{part.label} “{_beginning(part)}”" for part in waiting[:MOST_NAMED]]
    if len(waiting) > MOST_NAMED:
        names.append("…")
    return gettext(
        "This translation is not published: some of it is still in the original’s language, or as a "
        "machine wrote it. Translate or approve it under “Translate” first. It is: %(parts)s"
    ) % {"parts": "; ".join(names)}


def _beginning(part: PartState) -> str:
    words = " ".join(strip_tags(" ".join(part.target.words if part.target else ())).split())
    return words if len(words) <= 40 else f"{words[:40].rstrip()}…"  # noqa: PLR2004 - a glance


def approve(
    translation: Translation, version: Article, keys: Iterable[str], *, user: Any, now: datetime
) -> None:
    """Note that a person stands by the words that `version` has in these parts."""
    original = newest(translation.original) if translation.original else None
    sources = parts_of(original) if original else {}
    targets = parts_of(version)
    for key in keys:
        if key not in targets:
            continue
        source = sources.get(key)
        TranslatedPart.objects.update_or_create(
            translation=translation,
            key=key,
            defaults={
                "source_words": list(source.words if source else ()),
                "approved_words": list(targets[key].words),
                "approved_by": user,
                "approved_at": now,
            },
        )


def note_sources(translation: Translation, parts: Mapping[str, Part]) -> None:
    """Note what the original says where a translation begins."""
    TranslatedPart.objects.bulk_create(
        [
            TranslatedPart(translation=translation, key=part.key, source_words=list(part.words))
            for part in parts.values()
        ],
        ignore_conflicts=True,
    )
