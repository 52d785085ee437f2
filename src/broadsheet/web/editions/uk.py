"""Ukrainian."""

from .words import Words

WORDS = Words(
    code="uk",
    language="Українська",
    direction="ltr",
    card_time="d MMM y, HH:mm",
    full_time="d MMMM y 'р'., HH:mm z",
    day="EEEE, d MMMM y 'р'.",
    views={
        "one": "{n} перегляд",
        "few": "{n} перегляди",
        "many": "{n} переглядів",
        "other": "{n} перегляду",
    },
    news_section="Новини",
)
