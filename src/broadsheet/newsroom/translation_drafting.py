"""A machine's draft of a translation, made by the worker. Nothing of it is public before a person
has approved it: `translation_states.check_ready` sees to that.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from broadsheet.articles.models import Article

from .glossary import find_terms, keeps_markup, protect, release, terms_between
from .models import TranslatedPart, Translation
from .translation_states import newest, states_of
from .translation_words import Part, parts_of, set_words, take_new_blocks
from .translators import Translator, TranslatorError, find_translator

logger = logging.getLogger(__name__)

Drafted = dict[str, tuple[str, ...]]


def ask_for_draft(translation: Translation, *, user: Any, now: datetime) -> None:
    """Have the worker translate what is untranslated, and what changed in the original since."""
    translation.draft = Translation.Draft.WANTED
    translation.trouble = ""
    translation.asked_at = now
    translation.asked_by = user
    translation.save(update_fields=["draft", "trouble", "asked_at", "asked_by"])


def draft_next(*, now: datetime) -> bool:  # noqa: ARG001 - jobs of the clock are told the time
    """Make the draft that has waited longest; return whether there was one.

    The translator is asked outside of any transaction. What a person writes meanwhile stays.
    """
    wanted = Translation.objects.filter(draft=Translation.Draft.WANTED).order_by("asked_at")
    translation = wanted.select_related("original", "article__locale").first()
    if translation is None:
        return False
    try:
        translator = _translator_set_up()
        made, broken = _translate(translation, translator)
    except TranslatorError as error:
        logger.warning("Article %d was not translated: %s", translation.pk, error)
        _end(translation, Translation.Draft.FAILED, trouble=str(error))
        return True
    except Exception:
        logger.exception("Article %d was not translated", translation.pk)
        _end(
            translation,
            Translation.Draft.FAILED,
            trouble="The translator failed; the log says how.",
        )
        return True
    with transaction.atomic():
        _save(translation, made)
        trouble = f"The markup did not survive in: {', '.join(broken)}" if broken else ""
        _end(translation, Translation.Draft.MADE, trouble=trouble, translator=translator.name)
    return True


def _translator_set_up() -> Translator:
    translator = find_translator()
    if translator is None:
        raise TranslatorError("No translator is set up: see BROADSHEET_TRANSLATOR.")
    return translator


def _end(translation: Translation, draft: str, *, trouble: str, translator: str = "") -> None:
    Translation.objects.filter(pk=translation.pk).update(
        draft=draft, trouble=trouble, translator=translator or translation.translator
    )


def parts_to_draft(translation: Translation, version: Article) -> dict[str, Part]:
    """Return the original's parts that a machine may write over."""
    return {
        state.key: state.source
        for state in states_of(translation, version)
        if state.source is not None
        and (
            state.state in {"missing", "untranslated"}
            or (state.state == "machine" and state.formerly is not None)
        )
    }


def _translate(translation: Translation, translator: Translator) -> tuple[Drafted, list[str]]:
    original, version = translation.original, newest(translation.article)
    if original is None:
        raise TranslatorError("The original was deleted.")
    parts = parts_to_draft(translation, version)
    terms = terms_between(original.edition, translation.article.edition)
    texts = [text for part in parts.values() for text in part.texts]
    sent = [protect(one.text, find_terms(one.text, terms), is_rich=one.is_rich) for one in texts]
    if not sent:
        return {}, []
    answers = translator.translate(
        sent,
        source=original.locale.language_code,
        target=translation.article.locale.language_code,
    )
    if len(answers) != len(sent):
        raise TranslatorError("The translator answered with another number of texts.")
    released = iter(
        release(answer, is_rich=one.is_rich) for answer, one in zip(answers, texts, strict=True)
    )
    made: Drafted = {}
    broken = []
    for key, part in parts.items():
        words = tuple(next(released) for _ in part.texts)
        pairs = zip(part.texts, words, strict=True)
        if all(keeps_markup(one.text, word) for one, word in pairs if one.is_rich) and all(words):
            made[key] = words
        else:
            broken.append(str(part.label))
    return made, broken


def _save(translation: Translation, made: Drafted) -> None:
    version = newest(Article.objects.select_for_update().get(pk=translation.pk))
    original = newest(translation.original) if translation.original else None
    if original is not None:
        take_new_blocks(version, original)
    sources = parts_of(original) if original is not None else {}
    free = parts_to_draft(translation, version)
    fresh = {
        key: words
        for key, words in made.items()
        if key in free and len(words) == len(free[key].words)
    }
    if not fresh:
        return
    set_words(version, {key: list(words) for key, words in fresh.items()})
    version.save_revision(user=translation.asked_by, changed=True)
    for key, words in fresh.items():
        TranslatedPart.objects.update_or_create(
            translation=translation,
            key=key,
            defaults={
                "source_words": list(sources[key].words),
                "machine_words": list(words),
                "approved_words": None,
                "approved_by": None,
                "approved_at": None,
            },
        )
