"""LibreTranslate, on a machine of one's own or elsewhere."""

from collections.abc import Sequence
from urllib.error import URLError

from libretranslatepy import LibreTranslateAPI

from .choosing import TranslatorError


class LibreTranslate:
    name = "LibreTranslate"

    def __init__(self, *, key: str, url: str) -> None:
        if not url:
            raise TranslatorError(
                "BROADSHEET_TRANSLATOR_URL is empty: say where LibreTranslate is."
            )
        self._client = LibreTranslateAPI(url, api_key=key or None)

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        try:
            return [self._client.translate(text, source, target) for text in texts]
        except (URLError, OSError, KeyError, ValueError) as error:
            raise TranslatorError(f"LibreTranslate: {error}") from error


def make(*, key: str, url: str) -> LibreTranslate:
    return LibreTranslate(key=key, url=url)
