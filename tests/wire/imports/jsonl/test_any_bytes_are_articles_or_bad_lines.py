import json
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.wire.archives import make_line

from broadsheet.wire.imports.jsonl import reading
from broadsheet.wire.imports.jsonl.reading import (
    BadLine,
    BadMapError,
    GivenArticle,
    ReadingLog,
    parse_map,
    read_archive,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
fields = st.dictionaries(st.sampled_from([*reading.FIELDS, "other"]), values)
lines_of_fields = fields.map(lambda changes: json.dumps(make_line() | changes).encode())
junk = st.binary(max_size=200) | lines_of_fields | st.just(b'{"id":' * 3)


def read(content, **options):
    return list(read_archive(BytesIO(content), renamed={}, log=ReadingLog(), **options))


def reason_of(content):
    (found,) = read(content)
    assert isinstance(found, BadLine), found
    return found.reason


@given(st.lists(junk, max_size=6).map(b"\n".join))
@settings(max_examples=300)
@example(b"\xff\xfe\x00")
@example(b"[" * 100_000)
@example(b'{"id": ' + b"9" * 5000 + b"}")
def test_each_line_gives_an_article_or_a_reason_and_never_an_error(content):
    found = read(content)
    assert len(found) <= content.count(b"\n") + 1
    numbers = [one.line for one in found]
    assert numbers == sorted(set(numbers))
    for one in found:
        if isinstance(one, GivenArticle):
            assert one.headline
            assert one.external_id
            for text in (one.headline, one.lead, one.body, *one.tags, *one.authors):
                assert "\x00" not in text
                text.encode("utf-8")
        else:
            assert one.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"\xff{}", "not UTF-8 at byte 1"),
        (b"{", "not JSON"),
        (b"[1]", "a list instead of an object"),
        (b"[" * 100_000, "nested too deeply"),
        (json.dumps(make_line(headline="")).encode(), "headline is missing"),
        (json.dumps(make_line(headline="x" * 301)).encode(), "headline has 301 characters"),
        (json.dumps(make_line(id=None)).encode(), "id is missing"),
        (json.dumps(make_line(id=True)).encode(), "id is a truth value"),
        (json.dumps(make_line(id="x" * 201)).encode(), "id has 201 characters"),
        (json.dumps(make_line(body="a\x00b")).encode(), "body holds a NUL"),
        (json.dumps(make_line(headline="\ud800")).encode(), "half a character"),
        (json.dumps(make_line(published_at="last week")).encode(), "no ISO 8601"),
        (json.dumps(make_line(published_at=None)).encode(), "published_at is missing"),
        (json.dumps(make_line(tags=["x", "y"] * 26)).encode(), "lists 52 names"),
        (json.dumps(make_line(source={"name": "A", "role": "told"})).encode(), "source.role"),
        (json.dumps(make_line(source="A", source_url="javascript:x")).encode(), "no address"),
        (json.dumps(make_line(image=7)).encode(), "image is a number"),
    ],
)
def test_the_reason_says_what_is_wrong(line, reason):
    assert reason in reason_of(line)


def test_a_huge_line_is_skipped_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(reading, "MAX_LINE_BYTES", 2000)
    good = json.dumps(make_line()).encode()
    huge = b"x" * 7001
    found = read(huge + b"\n" + good + b"\n" + huge)
    assert [(type(one), one.line) for one in found] == [
        (BadLine, 1), (GivenArticle, 2), (BadLine, 3),
    ]  # fmt: skip


def test_a_byte_order_mark_and_blank_lines_say_nothing():
    content = b"\xef\xbb\xbf" + json.dumps(make_line()).encode() + b"\r\n\n  \n"
    assert [type(one) for one in read(content)] == [GivenArticle]


def test_a_map_names_their_fields_and_the_rest_is_noted():
    log = ReadingLog()
    theirs = {"nr": 5, "title": "Mill turns", "when": "2020-01-01", "mood": "fine", "id": "other"}
    renamed = parse_map(["nr=id", "title=headline", "when=published_at"])
    (found,) = read_archive(
        BytesIO(json.dumps(theirs).encode()), renamed=renamed, default_edition="en", log=log
    )
    assert (found.external_id, found.headline, found.edition) == ("5", "Mill turns", "en")
    assert log.ignored == {"mood": 1}


@pytest.mark.parametrize("pairs", [["title"], ["=headline"], ["a=nothing"], ["a=id", "b=id"],
                                   ["a=id", "a=lead"]])  # fmt: skip
def test_a_map_of_nothing_of_ours_or_of_one_thing_twice_is_refused(pairs):
    with pytest.raises(BadMapError):
        parse_map(pairs)
