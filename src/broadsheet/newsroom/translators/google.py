"""Google Cloud Translation, through Google's client."""

from collections.abc import Sequence
from typing import Any

from google.api_core.exceptions import GoogleAPIError
from google.auth import api_key
from google.auth.exceptions import GoogleAuthError
from google.cloud import translate_v2

from .choosing import TranslatorError

#: What Google takes at once.
_MOST_TEXTS = 100


class Google:
    name = "Google"

    def __init__(self, *, key: str, url: str) -> None:
        options: dict[str, Any] = {"api_endpoint": url} if url else {}
        try:
            # Without a key it signs in as Google's own environment variables say.
            self._client = translate_v2.Client(
                credentials=api_key.Credentials(key) if key else None, client_options=options
            )
        except GoogleAuthError as error:
            raise TranslatorError(f"Google: {error}") from error

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        done: list[str] = []
        try:
            for start in range(0, len(texts), _MOST_TEXTS):
                answers = self._client.translate(
                    list(texts[start : start + _MOST_TEXTS]),
                    source_language=source,
                    target_language=target,
                    format_="html",
                )
                done += [answer["translatedText"] for answer in answers]
        except (GoogleAPIError, GoogleAuthError) as error:
            raise TranslatorError(f"Google: {error}") from error
        return done


def make(*, key: str, url: str) -> Google:
    return Google(key=key, url=url)
