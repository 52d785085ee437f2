"""Videos on other sites: which addresses are known, and where they play."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Video:
    """A known video: its provider's name, and the address of the provider's player."""

    provider: str
    player_url: str


#: provider, pattern of a public address with the video's id as group 1, player's address.
_PROVIDERS = (
    (
        "YouTube",
        re.compile(
            r"https?://(?:www\.|m\.)?(?:youtube\.com/(?:watch\?(?:[^#]*&)?v=|shorts/|live/|embed/)"
            r"|youtu\.be/)([\w-]{11})(?![\w-])"
        ),
        "https://www.youtube-nocookie.com/embed/{id}",
    ),
    (
        "Vimeo",
        re.compile(r"https?://(?:www\.|player\.)?vimeo\.com/(?:video/)?(\d{5,12})(?!\d)"),
        "https://player.vimeo.com/video/{id}?dnt=1",
    ),
    (
        "Dailymotion",
        re.compile(r"https?://(?:www\.)?(?:dailymotion\.com/video/|dai\.ly/)([a-zA-Z0-9]{5,10})\b"),
        "https://www.dailymotion.com/embed/video/{id}",
    ),
)

#: What a page's content security policy has to allow in frames, and nothing else.
PLAYER_ORIGINS = (
    "https://www.youtube-nocookie.com",
    "https://player.vimeo.com",
    "https://www.dailymotion.com",
)


def find_video(url: str) -> Video | None:
    """Return the video at `url`, or None where its provider is not known."""
    for provider, pattern, player in _PROVIDERS:
        if found := pattern.match(url.strip()):
            return Video(provider=provider, player_url=player.format(id=found.group(1)))
    return None
