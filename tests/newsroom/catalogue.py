"""The desk's words in other languages: gather them from the source, and compile what was written.

`python -m tests.newsroom.catalogue` does both: new words stand untranslated in the `.po` file, old ones
go, and the `.mo` file that the program reads is made anew.
"""

import ast
import io
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[2] / "src" / "broadsheet"
LANGUAGES = ("uk",)
BEGUN = datetime(2026, 11, 25, tzinfo=UTC)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
_STRING = r"(u?(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'))"
_IN_TEMPLATES = re.compile(rf"\b(n?)(?:gettext|_)\({_STRING}(?:\s*,\s*{_STRING})?", re.DOTALL)


def path_of(language, ending):
    return SOURCE / "locale" / language / "LC_MESSAGES" / f"django.{ending}"


def gather():
    """Return a catalogue of every word of the desk, where it stands, and nothing translated."""
    words = Catalog(fuzzy=False, charset="utf-8")
    for path in sorted(SOURCE.rglob("*.py")):
        for line, message, _comments, context in extract_from_file("python", path, KEYWORDS):
            words.add(
                message, context=context, locations=[_place(path, line)], flags=_flags(message)
            )
    for path in sorted(SOURCE.rglob("*.html")):
        text = templatize(path.read_text(), origin=str(path))
        for found in _IN_TEMPLATES.finditer(text):
            one, many = (ast.literal_eval(part) if part else None for part in found.groups()[1:])
            message = (one, many) if found[1] and many else one
            words.add(message, locations=[_place(path, 0)], flags=_flags(message))
    return words


def read(language):
    with path_of(language, "po").open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def compiled(catalogue):
    """Return the bytes of the `.mo` file of a catalogue."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def update(language):
    words = gather()
    path = path_of(language, "po")
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = (
        read(language)
        if path.exists()
        else Catalog(locale=language, fuzzy=False, header_comment="# The desk’s words.")
    )
    catalogue.update(words, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    # Nothing but the words: a file that says when it was made differs every time.
    catalogue.creation_date = catalogue.revision_date = BEGUN
    catalogue.project, catalogue.version = "Broadsheet", ""
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = ""
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False
        )
    path_of(language, "mo").write_bytes(compiled(catalogue))
    return [message.id for message in catalogue if message.id and not is_translated(message)]


def is_translated(message):
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


def _place(path, line):
    return path.relative_to(SOURCE).as_posix(), line


def _flags(message):
    one = message[0] if isinstance(message, tuple) else message
    return {"python-format"} if re.search(r"%\(\w+\)[sd]", str(one)) else set()


if __name__ == "__main__":
    for language in LANGUAGES:
        for left in update(language):
            sys.stdout.write(f"{language}: {left!r}\n")
