"""Tables of the audience pages: shown behind charts, and handed out as CSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import formats
from django.utils.html import format_html

from .charts import say_number

#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Excel takes a file for UTF-8 that begins with this; LibreOffice does not mind it.
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Linked:
    """A text that leads somewhere in the desk."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, from 0 to 1."""

    part: float

    @classmethod
    def of(cls, views: float, whole: float) -> "Share":
        return cls(views / whole if whole else 0.0)


Value = str | int | float | datetime | Linked | Share | None
_NUMBERS = (int, float, Share)


@dataclass(frozen=True, slots=True)
class Table:
    """What a page tells row by row; `name` is unique on the page. Moments are in the zone that
    they are to be shown in.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]

    @property
    def head(self) -> list[tuple[str, bool]]:
        """The columns, each with whether it holds numbers."""
        return [
            (name, any(isinstance(row[place], _NUMBERS) for row in self.rows))
            for place, name in enumerate(self.columns)
        ]

    @property
    def cells(self) -> Iterator[list[tuple[Any, bool]]]:
        """The rows as they are shown: each cell with whether it is a number."""
        for row in self.rows:
            yield [(_shown(value), isinstance(value, _NUMBERS)) for value in row]


def answer_csv(table: Table, *, file_name: str) -> StreamingHttpResponse:
    """Hand a table out, row by row: in UTF-8 with its mark, lines as RFC 4180 ends them.

    Where the reader's language writes 1,5 the values are separated by semicolons, as spreadsheets
    there expect. Texts that would be formulas begin with an apostrophe.
    """
    separator = ";" if formats.get_format("DECIMAL_SEPARATOR") == "," else ","
    answer = StreamingHttpResponse(_lines(table, separator), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}-{table.name}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _lines(table: Table, separator: str) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=separator, lineterminator="\r\n")
    yield _MARK + writer.writerow([_plain(column) for column in table.columns])
    for row in table.rows:
        yield writer.writerow([_plain(value) for value in row])


class _Echo:
    """Gives back what it is told to write: the writer hands that on."""

    def write(self, text: str) -> str:
        return text


def _plain(value: Value) -> str | int | float:
    if isinstance(value, Linked):
        value = value.text
    if value is None:
        return ""
    if isinstance(value, Share):
        value = round(value.part, 4)
    if isinstance(value, float):
        return str(formats.number_format(value, use_l10n=True))
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value


def _shown(value: Value) -> Any:
    if isinstance(value, Linked):
        return format_html('<a href="{}">{}</a>', value.url, value.text)
    if isinstance(value, datetime):
        return format_html(
            '<time datetime="{}">{}</time>',
            value.isoformat(),
            formats.date_format(value, "j M Y, H:i"),
        )
    if isinstance(value, Share):
        return format_html(
            '<span class="desk-share" style="--share: {}%">{} %</span>',
            f"{100 * value.part:.1f}",
            formats.number_format(100 * value.part, decimal_pos=1),
        )
    if isinstance(value, float):
        return formats.number_format(value, decimal_pos=1, force_grouping=True)
    if isinstance(value, int):
        return say_number(value)
    return "–" if value is None else value
