"""An archive, one JSON object a line → articles as given, or the reason why a line is bad.

No database: what is wrong with a line shows in the line alone.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

MAX_LINE_BYTES = 1024 * 1024
MAX_HEADLINE = 300  # characters, as the other limits: what the record holds
MAX_ID = 200
MAX_NAME = 200
MAX_URL = 500
MAX_NAMES = 50  # authors, tags or sources of one article

#: Our fields, and what each holds; printed by --help.
FIELDS = {
    "id": "required; text or a whole number, unique in the archive",
    "headline": f"required; at most {MAX_HEADLINE} characters",
    "published_at": "required; ISO 8601; without an offset, or a date alone, in the edition's zone",
    "edition": "the language of the edition, such as en (else --edition)",
    "lead": "plain text; without one the body's first paragraph becomes the lead",
    "body": "HTML, or plain text with a blank line between paragraphs",
    "section": "a name or slug; made if missing (else the section news)",
    "authors": "a list of names",
    "tags": "a list of names",
    "source": "who reported it: a name, {name, url, role: reported|relayed}, or a list of those",
    "source_url": "the link of a source that is only a name",
    "image": "a path beside the file, or {path, alt, caption, credit, licence}",
}
ROLES = ("reported", "relayed")

_SPACE = re.compile(r"\s+")
_UNPRINTABLE = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class BadLineError(ValueError):
    """A line that cannot become an article; the message says why."""


class BadMapError(ValueError):
    """A --map that does not name one of our fields, or names it twice."""


@dataclass(frozen=True, slots=True)
class GivenSource:
    name: str
    url: str = ""
    role: str = "reported"


@dataclass(frozen=True, slots=True)
class GivenImage:
    """`path` is as written, relative to the archive's directory."""

    path: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class GivenArticle:
    """An article as its line gives it. `published_at` may lack a zone; a date is a whole day."""

    line: int
    external_id: str
    headline: str
    published_at: datetime | date
    edition: str
    lead: str
    body: str
    section: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    sources: tuple[GivenSource, ...]
    image: GivenImage | None
    digest: str


@dataclass(frozen=True, slots=True)
class BadLine:
    line: int
    reason: str


@dataclass(slots=True)
class ReadingLog:
    """What a reading came across besides articles: bytes read, and fields that are not ours."""

    bytes_read: int = 0
    ignored: dict[str, int] = field(default_factory=dict)


def parse_map(pairs: Sequence[str]) -> dict[str, str]:
    """Return their field → ours from `theirs=ours` pairs. Raises `BadMapError`."""
    renamed: dict[str, str] = {}
    for pair in pairs:
        theirs, equals, ours = (part.strip() for part in pair.partition("="))
        if not (theirs and equals and ours):
            raise BadMapError(f"--map takes theirs=ours, not {pair!r}")
        if ours not in FIELDS:
            raise BadMapError(f"--map: {ours!r} is none of our fields: {', '.join(FIELDS)}")
        if theirs in renamed or ours in renamed.values():
            raise BadMapError(f"--map names {theirs if theirs in renamed else ours!r} twice")
        renamed[theirs] = ours
    return renamed


def read_archive(
    file: BinaryIO, *, renamed: Mapping[str, str], default_edition: str = "", log: ReadingLog
) -> Iterator[GivenArticle | BadLine]:
    """Yield what each line gives, in order; blank lines give nothing. Memory holds one line.

    A line that names no edition gets `default_edition`.
    """
    number = 0
    while content := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        log.bytes_read += len(content)
        if len(content) > MAX_LINE_BYTES and not content.endswith(b"\n"):
            log.bytes_read += _skip_line(file)
            yield BadLine(number, "longer than 1 MiB: no article is")
            continue
        if number == 1:
            content = content.removeprefix(b"\xef\xbb\xbf")
        if not content.strip():
            continue
        try:
            given = _rename(_parse(content), renamed, log)
            yield _read_line(number, given, default_edition, _digest_of(content))
        except BadLineError as error:
            yield BadLine(number, str(error))


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while content := file.readline(MAX_LINE_BYTES):
        skipped += len(content)
        if content.endswith(b"\n"):
            break
    return skipped


def _digest_of(content: bytes) -> str:
    return hashlib.sha256(content.strip()).hexdigest()


def _read_line(
    number: int, given: Mapping[str, Any], default_edition: str, digest: str
) -> GivenArticle:
    return GivenArticle(
        line=number,
        external_id=_external_id(given.get("id")),
        headline=_text(given, "headline", at_most=MAX_HEADLINE, is_required=True),
        published_at=_published_at(given.get("published_at")),
        edition=_text(given, "edition", at_most=20) or default_edition,
        lead=_text(given, "lead"),
        body=_long_text(given, "body"),
        section=_text(given, "section", at_most=MAX_NAME),
        authors=_names(given.get("authors"), "authors"),
        tags=_names(given.get("tags"), "tags"),
        sources=_sources(given.get("source"), _text(given, "source_url", at_most=MAX_URL)),
        image=_image(given.get("image")),
        digest=digest,
    )


def _parse(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadLineError(f"not UTF-8 at byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise BadLineError(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise BadLineError("nested too deeply") from None
    except ValueError:
        raise BadLineError("a number with too many digits") from None
    if not isinstance(given, dict):
        raise BadLineError(f"{_kind(given)} instead of an object")
    return given


def _rename(given: dict[str, Any], renamed: Mapping[str, str], log: ReadingLog) -> dict[str, Any]:
    """Their fields under our names; a field that --map names goes before one that is so called."""
    ours = {}
    for name, value in given.items():
        if name in renamed:
            continue
        if name in FIELDS:
            ours[name] = value
        else:
            log.ignored[name] = log.ignored.get(name, 0) + 1
    ours.update({renamed[name]: value for name, value in given.items() if name in renamed})
    return ours


def _external_id(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _checked("id", value) if value is not None else ""
    text = text.strip()
    if not text:
        raise BadLineError("id is missing")
    if len(text) > MAX_ID:
        raise BadLineError(f"id has {len(text)} characters; at most {MAX_ID}")
    return text


def _published_at(value: Any) -> datetime | date:
    if value is None or value == "":
        raise BadLineError("published_at is missing")
    text = _checked("published_at", value).strip()
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    raise BadLineError(f"published_at is no ISO 8601 date or moment: {text[:40]!r}")


def _text(
    given: Mapping[str, Any], name: str, *, at_most: int | None = None, is_required: bool = False
) -> str:
    """A text on one line."""
    text = _SPACE.sub(" ", _long_text(given, name)).strip()
    if is_required and not text:
        raise BadLineError(f"{name} is missing")
    if at_most is not None and len(text) > at_most:
        raise BadLineError(f"{name} has {len(text)} characters; at most {at_most}")
    return text


def _long_text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return "" if value is None else _checked(name, value)


def _checked(name: str, value: Any) -> str:
    """A text that a database and a page can hold; other control characters become spaces."""
    if not isinstance(value, str):
        raise BadLineError(f"{name} is {_kind(value)} instead of text")
    if "\x00" in value:
        raise BadLineError(f"{name} holds a NUL character")
    if _SURROGATE.search(value):
        raise BadLineError(f"{name} holds half a character (a lone surrogate)")
    return _UNPRINTABLE.sub(" ", value)


def _names(value: Any, field_name: str) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise BadLineError(f"{field_name} is {_kind(value)} instead of a list of names")
    if len(values) > MAX_NAMES:
        raise BadLineError(f"{field_name} lists {len(values)} names; at most {MAX_NAMES}")
    names = (_text({field_name: one}, field_name, at_most=MAX_NAME) for one in values)
    by_fold = {name.casefold(): name for name in reversed([*names]) if name}
    return tuple(reversed(by_fold.values()))


def _sources(value: Any, url: str) -> tuple[GivenSource, ...]:
    values = value if isinstance(value, list) else [value] if value else []
    if len(values) > MAX_NAMES:
        raise BadLineError(f"source lists {len(values)} outlets; at most {MAX_NAMES}")
    found = [_source(one, url) for one in values]
    return tuple({one.name.casefold(): one for one in reversed(found) if one.name}.values())[::-1]


def _source(value: Any, url: str) -> GivenSource:
    if isinstance(value, str):
        return GivenSource(_text({"source": value}, "source", at_most=MAX_NAME), _link(url))
    if not isinstance(value, dict):
        raise BadLineError(f"source is {_kind(value)} instead of a name or an object")
    named = {f"source.{name}": one for name, one in value.items()}
    role = _text(named, "source.role") or ROLES[0]
    if role not in ROLES:
        raise BadLineError(f"source.role is {role[:40]!r}; it is one of {', '.join(ROLES)}")
    return GivenSource(
        name=_text(named, "source.name", at_most=MAX_NAME, is_required=True),
        url=_link(_text(named, "source.url", at_most=MAX_URL) or url),
        role=role,
    )


def _link(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/?#]+\S*", url):
        raise BadLineError(f"no address of a page: {url[:60]!r}")
    return url


def _image(value: Any) -> GivenImage | None:
    if value is None or value in ("", {}):
        return None
    if isinstance(value, str):
        return GivenImage(path=_checked("image", value).strip())
    if not isinstance(value, dict):
        raise BadLineError(f"image is {_kind(value)} instead of a path or an object")
    named = {f"image.{name}": one for name, one in value.items()}
    return GivenImage(
        path=_text(named, "image.path", is_required=True),
        alt=_text(named, "image.alt", at_most=300),
        caption=_text(named, "image.caption", at_most=500),
        credit=_text(named, "image.credit", at_most=200),
        licence=_text(named, "image.licence", at_most=200),
    )


def _kind(value: Any) -> str:
    kinds = {bool: "a truth value", int: "a number", float: "a number", str: "a text",
             list: "a list", dict: "an object", type(None): "null"}  # fmt: skip
    return kinds[type(value)]


def directory_of(archive: Path) -> Path:
    """Where an archive's images lie: beside the file."""
    return archive.resolve().parent
