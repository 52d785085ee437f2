"""LibreTranslate, on a machine of one's own or elsewhere.

Its Python client (2.1.4) cannot say that a text is HTML, whose tags would then be translated; so its one
address is asked here.
"""

import json
from collections.abc import Sequence
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from .choosing import TranslatorError

_PATIENCE_SECONDS = 120


class LibreTranslate:
    name = "LibreTranslate"

    def __init__(self, *, key: str, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise TranslatorError("BROADSHEET_TRANSLATOR_URL has to say where LibreTranslate is.")
        self._address = f"{url.rstrip('/')}/translate"
        self._key = {"api_key": key} if key else {}

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        asked = {"q": list(texts), "source": source, "target": target, "format": "html"}
        body = json.dumps({**asked, **self._key}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self._address, data=body, headers=headers)  # noqa: S310 - http or https
        try:
            with urlopen(request, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 - as above
                return [str(text) for text in json.load(answer)["translatedText"]]
        except (URLError, OSError, KeyError, TypeError, ValueError) as error:
            raise TranslatorError(f"LibreTranslate: {error}") from error


def make(*, key: str, url: str) -> LibreTranslate:
    return LibreTranslate(key=key, url=url)
