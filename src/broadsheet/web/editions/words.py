"""What an edition's language file has to say; a missing word is an error at start."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal


class MissingWordError(ValueError):
    """A language file leaves a word empty, or a plural without one of the language's forms."""


class Passage(NamedTuple):
    """A heading and the paragraphs under it."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words and rules of one language, all that the reader's site prints.

    Mappings are plurals: patterns by CLDR category, with `{n}` for the number. Other names in
    braces are filled in by the page. Raises `MissingWordError` for an empty word or a missing
    plural form.
    """

    code: str
    language: str
    direction: str

    #: CLDR date patterns: a card's time, the full time on the article itself, a day as a
    #: heading, a date in a sentence, and what is only known to the month or year.
    card_time: str
    full_time: str
    day: str
    in_a_sentence: str
    month: str
    year: str
    clock: str
    #: What stands between the names of a row, and between two such rows.
    comma: str
    semicolon: str
    #: The language's letters in the order of its dictionaries.
    alphabet: str

    views: Mapping[str, str]
    #: The name of the built-in section for flashes.
    news_section: str

    # the frame of every page
    skip_to_content: str
    front: str
    latest: str
    popular: str
    sections: str
    editions: str
    how_we_count: str
    read_here: str
    times_are: str

    # the article
    by: str
    published: str
    updated: str
    exclusive: str
    photo: str
    video: str
    contents: str
    reported_by: Mapping[str, str]
    relayed_by: Mapping[str, str]
    original_report: str
    credit: str
    licence: str
    tags: str
    corrections: str
    related: str
    gallery: Mapping[str, str]
    table: str
    play_video: str
    watch_video: str
    video_notice: str
    translated_from: str

    # the blocks beside it
    theme: str
    same_story: str
    same_story_first: str
    also_about: str
    earlier: str
    timeline: str
    happened: str
    announced: str
    whole_story: str
    popular_hour: str
    popular_day: str
    popular_week: str
    popular_month: str
    popular_all: str
    popular_rising: str
    popular_newest: str
    newsroom_choice: str
    computed_at: str

    # lists
    all_of_section: str
    tag: str
    author: str
    person: str
    source: str
    articles_by_author: str
    quotes_of_person: str
    articles_from_source: str
    visit_source: str
    latest_intro: str
    popular_intro: str
    popular_widened: str
    rising_intro: str
    nothing_rising: str
    popular_windows: str
    popular_overview: str
    window_hour: str
    window_day: str
    window_week: str
    window_month: str
    window_all: str
    window_rising: str
    section_intro: str
    more_news: str
    older: str
    back_to_newest: str
    nothing_yet: str

    # the story
    story: str
    story_articles: Mapping[str, str]
    key_moment: str
    announced_past: str
    people_and_places: str
    readership: str
    readership_note: str
    most_on: str
    day_by_day: str
    column_day: str
    column_views: str
    story_feed: str

    # the archive, corrections, and what else lists need
    archive: str
    archive_intro: str
    archive_months: str
    day_before: str
    day_after: str
    month_before: str
    month_after: str
    corrections_intro: str
    loading: str
    loading_failed: str

    # search; `{text}` is what was typed
    search: str
    search_intro: str
    search_field: str
    search_found: Mapping[str, str]
    search_more_than: str
    search_nothing: str
    search_nothing_at_all: str
    search_hint: str
    search_instead: str
    search_busy: str
    search_results: str
    suggestions: str
    suggestions_found: Mapping[str, str]
    filters: str
    without_filters: str
    section: str
    any_section: str
    any_author: str
    any_person: str
    quoted_person: str
    published_since: str
    published_until: str
    sort_by: str
    by_relevance: str
    newest_first: str

    # what an article says of itself, and where it may be taken
    old_article: Mapping[str, str]
    share: str
    share_by_mail: str
    copy_link: str
    link_copied: str

    # who we are
    about: str
    about_title: str
    about_intro: str
    about_passages: tuple[Passage, ...]
    ethics_title: str
    ethics_intro: str
    ethics: tuple[Passage, ...]

    # what went wrong
    not_found_title: str
    not_found_text: str
    gone_title: str
    gone_text: str
    server_error_title: str
    server_error_text: str
    to_the_front: str
    preview: str

    # how views are counted: `{minutes}`, `{days}` and `{articles}` are these plurals, in the case
    # that the sentences need
    minutes: Mapping[str, str]
    days: Mapping[str, str]
    articles: Mapping[str, str]
    counting_title: str
    counting_intro: str
    counting: tuple[Passage, ...]

    def __post_init__(self) -> None:
        categories = {*_locale(self.code).plural_form.tags, "other"}
        for field in fields(self):
            value = getattr(self, field.name)
            if not value:
                raise MissingWordError(f"{self.code}: there is no word for {field.name!r}")
            if isinstance(value, Mapping) and (missing := categories - set(value)):
                raise MissingWordError(f"{self.code}: {field.name!r} lacks {sorted(missing)}")

    @property
    def script(self) -> str:
        """The script that the language is written in: "latin", "cyrillic", "arabic"…"""
        return unicodedata.name(self.alphabet[0]).split()[0].lower()

    @property
    def first_weekday(self) -> int:
        """The day on which a week begins, Monday being 0."""
        return _locale(self.code).first_week_day

    def number(self, count: int) -> str:
        return format_decimal(count, locale=_locale(self.code), numbering_system="default")

    def plural(self, forms: Mapping[str, str], count: int) -> str:
        """Return the form for `count` by CLDR's rules, with the number written in."""
        return forms[_locale(self.code).plural_form(count)].format(n=self.number(count))

    def count_views(self, count: int) -> str:
        """Return the label of a view count, such as `3,228 views`."""
        return self.plural(self.views, count)

    def list_of(self, names: Iterable[str]) -> str:
        """Return `names` as a sentence lists them: `A, B and C`."""
        return format_list(list(names), locale=_locale(self.code))

    def name_of_language(self, code: str) -> str:
        """Return what the language `code` is called in this one; the code where CLDR has no name."""
        try:
            name = Locale.parse(code, sep="-").get_display_name(_locale(self.code))
        except (UnknownLocaleError, ValueError):
            name = _locale(self.code).languages.get(code)
        return name or code

    def say_translated_from(self, code: str) -> str:
        """Return that something was translated from the language `code`."""
        return self.translated_from.format(language=self.name_of_language(code))

    def in_order(self, text: str) -> tuple[tuple[int, str], ...]:
        """Return a key that sorts by this language's alphabet; digits stand before its letters,
        those of other scripts after them.
        """
        places = _places(self.alphabet)
        return tuple(_place(letter, places) for letter in text.casefold() if letter.isalnum())

    def time(self, moment: datetime, pattern: str, zone: ZoneInfo) -> str:
        """Return `moment` in `zone` by a CLDR date pattern, in this language."""
        return format_datetime(moment, pattern, tzinfo=zone, locale=_locale(self.code))

    def day_of(self, day: date, pattern: str) -> str:
        """Return a day, which has no zone, by a CLDR date pattern, in this language."""
        return format_date(day, pattern, locale=_locale(self.code))

    def days_of(self, first: date, last: date) -> str:
        """Return the days from `first` to `last` by CLDR's pattern of the language for intervals.

        Months are written out, as in `in_a_sentence`.
        """
        locale = _locale("en-001" if self.code == "en" else self.code)  # "en" puts the month first
        differ = "y" if first.year != last.year else "M" if first.month != last.month else "d"
        patterns = locale.interval_formats["yMMMd"][differ]
        return "".join(
            format_date(day, pattern.replace("MMM", "MMMM"), locale=locale)
            for day, pattern in zip((first, last), patterns, strict=True)
        )


@lru_cache(maxsize=64)
def _locale(code: str) -> Locale:
    return Locale.parse(code, sep="-")


@lru_cache(maxsize=64)
def _places(alphabet: str) -> Mapping[str, int]:
    return {letter: place for place, letter in enumerate(alphabet, start=1)}


def _place(letter: str, places: Mapping[str, int]) -> tuple[int, str]:
    if letter.isdigit():
        return 0, letter
    plain = letter if letter in places else unicodedata.normalize("NFD", letter)[0]
    return places.get(plain, len(places) + 1), letter
