"""The documentation says what the program does: a new setting, option or address is a red test."""

import argparse
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.urls import URLPattern

from broadsheet.outbox.delivering import name_of
from broadsheet.project import cli, urls, wiring
from broadsheet.project.options import OPTIONS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
MARKDOWN = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "src/**/*.md", "benchmarks/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(pattern)
    if "_build" not in path.parts
)
FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASE_OPTIONS = {
    option
    for action in BaseCommand().create_parser("", "")._actions
    for option in action.option_strings
}


def sections_of(path, level):
    """Return heading → text, for headings of that level; a deeper heading belongs to its text."""
    parts = re.split(rf"^{'#' * level} (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    higher = re.compile(rf"^#{{1,{level - 1}}} ", re.MULTILINE)
    texts = [higher.split(text)[0] for text in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def one_line(text):
    return " ".join(text.split())


def relative(path):
    return str(path.relative_to(ROOT))


# --- settings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_a_setting_is_described_with_its_help_default_and_bounds(option):
    text = one_line(sections_of(REFERENCE / "settings.md", 3)[option.variable])
    assert option.help in text
    assert f"Default: {f'`{option.default}`' if option.default else 'empty'}." in text
    for word, bound in (("at least", option.minimum), ("at most", option.maximum)):
        assert (bound is None) or f"{word} {bound}" in text
    assert ("is a secret" in text) == option.secret


def test_no_setting_is_described_that_does_not_exist():
    assert set(sections_of(REFERENCE / "settings.md", 3)) == {option.variable for option in OPTIONS}


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_a_variable_that_is_named_is_a_setting(path):
    named = set(re.findall(r"\bBROADSHEET_[A-Z_]*[A-Z]\b", path.read_text("utf-8")))
    assert named <= {option.variable for option in OPTIONS}


# --- commands ----------------------------------------------------------------------------------


def parser_of(verb):
    name = cli.VERBS[verb][0]
    return load_command_class(get_commands()[name], name).create_parser("broadsheet", verb)


def kinds_of(parser):
    """Return the parser's subcommands by name, such as the kinds of imports."""
    kinds = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {name: kind for action in kinds for name, kind in action.choices.items()}


def own_actions(parser):
    for action in parser._actions:
        is_djangos = action.option_strings and set(action.option_strings) <= BASE_OPTIONS
        if not is_djangos and not isinstance(action, argparse._SubParsersAction):
            yield action


@pytest.mark.parametrize("verb", cli.VERBS)
def test_a_verb_is_described_with_each_option_and_its_exit_codes(verb):
    text = sections_of(REFERENCE / "commands.md", 2)[f"broadsheet {verb}"]
    assert "Exit codes: 0 " in text
    parsers = {f"broadsheet {verb}": parser_of(verb)}
    texts = {f"broadsheet {verb}": re.split(r"^### ", text, flags=re.MULTILINE)[0]}
    for kind, parser in kinds_of(parser_of(verb)).items():
        parsers[f"broadsheet {verb} {kind}"] = parser
        texts |= sections_of(REFERENCE / "commands.md", 3)
    for name, parser in parsers.items():
        described = set(re.findall(r"^`(-?-?[a-z][a-z-]*)[^`]*`\n: ", texts[name], re.MULTILINE))
        expected = {
            action.option_strings[-1] if action.option_strings else action.dest
            for action in own_actions(parser)
        }
        assert described == expected, name


def test_no_verb_is_described_that_does_not_exist():
    described = {heading.removeprefix("broadsheet ") for heading in sections_of(
        REFERENCE / "commands.md", 2
    )}  # fmt: skip
    assert described == {*cli.VERBS, "manage"}


def commands_in(path):
    """Return verb and arguments of each command line in a document's `console` blocks."""
    found = []
    for language, block in FENCE.findall(path.read_text("utf-8")):
        for line in block.replace("\\\n", " ").splitlines() if language == "console" else ():
            words = shlex.split(re.split(r" [<>|] ", line)[0], comments=True)
            if words and Path(words[0]).name == "broadsheet" and words[1] != "manage":
                found.append(words[1:])
    return found


@pytest.mark.parametrize(
    ("path", "words"),
    [(path, words) for path in MARKDOWN for words in commands_in(path)],
    ids=lambda one: relative(one) if isinstance(one, Path) else " ".join(one),
)
def test_a_command_line_in_a_document_is_one_that_the_program_takes(path, words):
    verb, *arguments = words
    parser_of(verb).parse_args(arguments)  # ends the test by SystemExit where it is none


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_a_verb_that_a_document_names_exists(path):
    named = set(re.findall(r"(?:^|`|/)broadsheet ([a-z]+)", path.read_text("utf-8"), re.MULTILINE))
    assert named <= {*cli.VERBS, "manage"}


# --- facts and the clock -----------------------------------------------------------------------


@pytest.mark.parametrize("fact", wiring.REACTIONS, ids=lambda fact: fact.__name__)
def test_a_fact_is_described_with_its_ids_and_reactions(fact):
    text = sections_of(REFERENCE / "facts.md", 2)[fact.__name__]
    assert one_line(fact.__doc__) in one_line(text)
    assert set(re.findall(r"^`(\w+)`\n: ", text, re.MULTILINE)) == {f.name for f in fields(fact)}
    named = re.findall(r"^- `([\w.]+)` – ", text, re.MULTILINE)
    assert named == [
        name_of(reaction).removeprefix("broadsheet.") for reaction in wiring.REACTIONS[fact]
    ]


def test_each_fact_that_can_be_announced_is_described():
    declared = re.findall(
        r"^class (\w+):",
        (ROOT / "src/broadsheet/articles/events.py").read_text("utf-8"),
        re.MULTILINE,
    )
    assert declared == [*sections_of(REFERENCE / "facts.md", 2)][: len(declared)]


def test_what_runs_by_the_clock_is_described():
    text = sections_of(REFERENCE / "facts.md", 2)["What runs by the clock"]
    rows = re.findall(r"^\| (.+) \| ([\d.]+) s \| (\w+) \| (\w+) \|$", text, re.MULTILINE)
    assert rows == [(job.name, f"{job.each_seconds:g}", job.lane, job.per) for job in wiring.CLOCK]


# --- addresses ---------------------------------------------------------------------------------


def test_every_address_is_described_and_no_other():
    declared = {
        "/" + re.sub(r"<(\w+):\w+>", r"<\1>", str(entry.pattern))
        if isinstance(entry, URLPattern)
        else f"/{entry.pattern}"
        for entry in urls.urlpatterns
    }
    declared |= {*urls.MACHINE_ADDRESSES, *urls.FILE_ADDRESSES}
    text = (REFERENCE / "addresses.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(/[^`]*)` \|", text, re.MULTILINE)) == declared


# --- make, links, decisions, the build ---------------------------------------------------------


def test_make_targets_exist_and_are_described():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    named = re.compile(r"(?:^|`)make ([a-z-]+)(?:`|$)", re.MULTILINE)
    for path in MARKDOWN:
        assert set(named.findall(path.read_text("utf-8"))) <= targets, path
    assert set(named.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))) == shown
    assert {"demo", "test"} <= set(named.findall((ROOT / "README.md").read_text("utf-8")))


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_relative_links_lead_somewhere(path):
    text = FENCE.sub("", path.read_text("utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    broken = [
        link
        for link in links
        if not re.match(r"[a-z]+:|#", link) and not (path.parent / link.split("#")[0]).exists()
    ]
    assert not broken


def test_every_decision_is_listed():
    listed = (DOCS / "decisions/index.md").read_text("utf-8")
    for decision in (DOCS / "decisions").glob("20*.md"):
        title = decision.read_text("utf-8").splitlines()[0].removeprefix("# ")
        assert f"- [{title}]({decision.name})" in listed


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_nothing_outside_the_project_is_named(path):
    text = path.read_text("utf-8")
    for word in ("../shared",):
        assert word not in text


def test_the_documentation_builds_without_a_warning(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet",
         "-d", tmp_path / "trees", DOCS, tmp_path / "built"],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "built" / "index.html").is_file()
