"""English."""

from .words import Words

WORDS = Words(
    code="en",
    language="English",
    direction="ltr",
    card_time="d MMM y, HH:mm",
    full_time="d MMMM y, HH:mm z",
    day="EEEE, d MMMM y",
    views={"one": "{n} view", "other": "{n} views"},
    news_section="News",
)
