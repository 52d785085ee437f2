"""The body of an article of the demo, from the tables of its file to the desk's blocks."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from .contents import Scene, kind_of, scenes_of

#: A column is one of numbers where every cell is: they are set flush right.
_NUMBER = re.compile(r"[+−-]?\d")

Block = dict[str, Any]
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class References:
    """The rows behind the keys that a body refers to; `say` puts days in place of `{day+21}`."""

    article_key: str
    people: Mapping[str, int]
    articles: Mapping[str, int]
    images: Mapping[Scene, int]
    said_on: date
    say: Callable[[str], str]


def make_body(parts: Sequence[Part], refer: References) -> list[Block]:
    """Return the stream of blocks. A block keeps its id, and so its anchor, if it is made anew."""
    return [
        {
            "type": _TYPES.get(kind_of(part), kind_of(part)),
            "value": _VALUES[kind_of(part)](part, refer),
            "id": _id_of(refer, number),
        }
        for number, part in enumerate(parts)
    ]


def _id_of(refer: References, *numbers: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"demo:{refer.article_key}:{numbers}"))


def _rich(text: str, refer: References) -> str:
    return f"<p>{escape(refer.say(text), quote=False)}</p>"


def _paragraph(part: Part, refer: References) -> str:
    return _rich(part["paragraph"], refer)


def _heading(part: Part, _refer: References) -> str:
    return str(part["heading"])


def _quote(part: Part, refer: References) -> Block:
    where = part.get("where", "")
    return {
        "text": refer.say(part["quote"]),
        "speaker": refer.people[part["speaker"]],
        "role": "",
        "where": where,
        # An occasion has a day; words without one were said to the reporter.
        "said_on": refer.said_on.isoformat() if where else None,
    }


def _list(part: Part, refer: References) -> list[Block]:
    return [
        {"type": "item", "value": _rich(entry, refer), "id": _id_of(refer, -1, number)}
        for number, entry in enumerate(part["list"])
    ]


def _related(part: Part, refer: References) -> int:
    return refer.articles[part["related"]]


def _image(part: Part, refer: References) -> Block:
    return _picture(next(scenes_of(part)), part, refer)


def _gallery(part: Part, refer: References) -> list[Block]:
    return [
        {"type": "item", "value": _picture(scene, entry, refer), "id": _id_of(refer, -2, number)}
        for number, (scene, entry) in enumerate(zip(scenes_of(part), part["gallery"], strict=True))
    ]


def _picture(scene: Scene, told: Part, refer: References) -> Block:
    return {
        "image": refer.images[scene],
        "alt": told["alt"],
        "caption": told.get("caption", ""),
        "credit": "",
        "licence": "",
    }


def _table(part: Part, _refer: References) -> Block:
    head, *rows = part["table"]
    return {
        "caption": part["caption"],
        "table": {
            "columns": [
                {
                    "type": "number" if all(map(_NUMBER.match, column)) else "text",
                    "heading": heading,
                }
                for heading, *column in zip(head, *rows, strict=True)
            ],
            "rows": [{"values": list(row)} for row in rows],
            "caption": "",
        },
    }


def _video(part: Part, refer: References) -> Block:
    return {
        "url": part["video"],
        "title": part["title"],
        "poster": refer.images[next(scenes_of(part))],
    }


#: Kinds that the desk calls by another name.
_TYPES = {"image": "picture"}
_VALUES: Mapping[str, Callable[[Part, References], Any]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "quote": _quote,
    "list": _list,
    "table": _table,
    "related": _related,
    "image": _image,
    "gallery": _gallery,
    "video": _video,
}
