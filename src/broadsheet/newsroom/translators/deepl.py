"""DeepL, through its own client."""

from collections.abc import Sequence

import deepl

from .choosing import TranslatorError

#: DeepL wants to know which English and which Portuguese.
_TARGETS = {"en": "EN-GB", "pt": "PT-PT"}


class DeepL:
    name = "DeepL"

    def __init__(self, *, key: str, url: str) -> None:
        if not key:
            raise TranslatorError("BROADSHEET_TRANSLATOR_KEY is empty: DeepL wants a key.")
        self._client = deepl.DeepLClient(key, server_url=url or None)

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        try:
            answers = self._client.translate_text(
                list(texts),
                source_lang=source.split("-", maxsplit=1)[0].upper(),
                target_lang=_TARGETS.get(target, target.upper()),
                tag_handling="html",
            )
        except deepl.DeepLException as error:
            raise TranslatorError(f"DeepL: {error}") from error
        return [answer.text for answer in answers]


def make(*, key: str, url: str) -> DeepL:
    return DeepL(key=key, url=url)
