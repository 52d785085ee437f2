"""What the demo's files say, and how they say that something is wrong with them."""

import re

import pytest

from broadsheet.operations.demo.contents import BadContentError, kind_of, read_newsroom

NEWSROOM = read_newsroom()
SECTIONS = '[sections.news]\nen = "News"\nuk = "Новини"\n[authors.ann]\nen = "Ann"\nuk = "Анна"\n'
ARTICLE = """
[[articles]]
key = "bridge"
section = "news"
hours_ago = 5.0
authors = ["ann"]
popularity = 3
[articles.en]
headline = "Bridge opens"
body = [ { paragraph = "It is open." } ]
[articles.uk]
headline = "Відкрили міст"
body = [ { paragraph = "Він відкритий." } ]
"""


def strings_in(value):
    """Every string of a part that readers read: keys, roles of pictures and addresses are not."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"speaker", "related", "scene", "url", "video", "title"}:
                yield from strings_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings_in(inner)


def lines(code):
    """(article, line) of everything that an edition prints, names and roles too."""
    for told in NEWSROOM.articles:
        text = told.texts[code]
        plain = (text.headline, text.lead, text.dateline, text.picture_alt, text.picture_caption)
        for line in (*plain, *strings_in(text.parts), *strings_in(text.corrections)):
            yield told.key, line
    for kind, records in NEWSROOM.records.items():
        for key, record in records.items():
            for line in record.names[code].values():
                yield f"{kind}.{key}", line


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("en", r"[А-яіїєґІЇЄҐ]"),
        ("uk", r"[ыэёъЫЭЁЪ]"),
        ("uk", r"[А-яіїєґІЇЄҐ’][A-Za-z]|[A-Za-z][А-яіїєґІЇЄҐ]"),  # a Latin i in a Ukrainian word
        ("uk", r"[“”\"]"),
        ("en", r"[«»„\"]"),
        ("en", r"[’'] ?\b(?:[Tt]odo|TODO)\b|[Ll]orem"),
    ],
)
def test_each_edition_is_written_in_its_own_letters(code, wrong):
    assert [(key, line) for key, line in lines(code) if re.search(wrong, line)] == []


@pytest.mark.parametrize("code", ["en", "uk"])
@pytest.mark.parametrize(
    "wrong",
    [
        r"'",
        r" - |--|\.\.\.",
        r"  |^ | $",
        r"TODO|FIXME|XXX|[Ll]orem ipsum|\bTBD\b",
        r"\{(?!day\+\d+\})",
    ],
)
def test_no_line_holds_a_slip_of_typing(code, wrong):
    assert [(key, line) for key, line in lines(code) if re.search(wrong, line)] == []


def test_both_editions_of_an_article_are_built_alike():
    for told in NEWSROOM.articles:
        en, uk = told.texts["en"], told.texts["uk"]
        assert [*map(kind_of, en.parts)] == [*map(kind_of, uk.parts)], told.key
        assert len(en.corrections) == len(uk.corrections), told.key
        for name in ("lead", "dateline", "picture_alt", "picture_caption"):
            assert bool(getattr(en, name)) == bool(getattr(uk, name)), (told.key, name)


def test_every_record_is_used():
    used = {kind: set() for kind in NEWSROOM.records}
    for told in NEWSROOM.articles:
        used["sections"].add(told.section)
        used["authors"] |= set(told.authors)
        used["tags"] |= set(told.tags)
        used["sources"] |= {source["source"] for source in told.sources}
        parts = [part for text in told.texts.values() for part in text.parts]
        used["people"] |= {part["speaker"] for part in parts if "quote" in part}
    used["sections"].add("news")  # the list of the latest
    assert used == {kind: set(records) for kind, records in NEWSROOM.records.items()}


def test_no_sentence_stands_in_two_articles():
    seen = {}
    for code in ("en", "uk"):
        for key, line in lines(code):
            for sentence in re.split(r"(?<=[.!?])\s+", line):
                if len(sentence.split()) > 6:
                    assert seen.setdefault(sentence, key) == key, sentence


@pytest.fixture
def content(tmp_path):
    """`content(story, newsroom)`: a directory with those two files."""

    def write(story=ARTICLE, newsroom=SECTIONS):
        (tmp_path / "stories").mkdir()
        (tmp_path / "newsroom.toml").write_text(newsroom, "utf-8")
        (tmp_path / "stories" / "bridge.toml").write_text(story, "utf-8")
        return tmp_path

    return write


def test_a_small_newsroom_is_read(content):
    assert [told.key for told in read_newsroom(content()).articles] == ["bridge"]


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ('headline = "Відкрили міст"', "", "bridge.toml: article bridge: KeyError: 'headline'"),
        ("[articles.uk]", "[articles.fr]", "bridge.toml: article bridge: unknown: {'fr'}"),
        ("hours_ago = 5.0", 'hours_ago = "5"', "bridge.toml: article bridge: TypeError"),
        ("popularity = 3", "popularity = 30", "popularity is 1 to 10"),
        ("paragraph = ", "pargraph = ", "a part of one kind: ['pargraph']"),
        ('{ paragraph = "It is open." }', '{ quote = "Open." }', "a quote with []"),
        ('{ paragraph = "It is open." }', '{ related = "tunnel" }', "no earlier article tunnel"),
        ('authors = ["ann"]', 'authors = ["eve"]', "article bridge: no authors.eve"),
        ('section = "news"', 'picture = { scene = "moon", seed = 1 }', "KeyError: 'section'"),
        ("popularity = 3", 'popularity = 3\npicture = { scene = "sea", seed = 1 }', "alternative"),
        ("[[articles]]", "[[article]]", "bridge.toml: nothing is called article"),
        ('key = "bridge"', "key = ", "bridge.toml: Invalid value (at line 3"),
        ('{ paragraph = "It is open." }',
         '{ video = "https://video.example/1", title = "A", poster = { scene = "sea", seed = 1 } }',
         "no video: https://video.example/1"),
        ('{ paragraph = "It is open." }', '{ table = [["a", "b"], ["1"]], caption = "c" }', "rows"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_file_and_place(content, changed, into, said):
    assert changed in ARTICLE
    directory = content(ARTICLE.replace(changed, into, 1))
    with pytest.raises(BadContentError) as error:
        read_newsroom(directory)
    assert said in str(error.value)


def test_a_record_without_a_name_in_an_edition_is_refused(content):
    with pytest.raises(BadContentError, match=r"newsroom\.toml: authors\.ann has no name in “uk”"):
        read_newsroom(content(newsroom=SECTIONS.replace('uk = "Анна"\n', "")))


def test_a_key_is_given_once(content):
    with pytest.raises(BadContentError, match=r"bridge\.toml: authors\.ann is defined twice"):
        read_newsroom(content(story='[authors.ann]\nen = "A"\nuk = "А"\n' + ARTICLE))
