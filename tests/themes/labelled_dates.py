"""The labelled sentences of `announced_dates.*.jsonl`, and how well dates are found in them.

Every line is a sentence of our own, the moment of its article, and the dates that a reader says it
announces. The rules of labelling:

- Announced is what is to happen, or may no longer be done, after the day of the article. What is
  past, denied, conditional or only possible announces nothing; "not before May" announces May.
- A range announces its first and its last day. The end, the middle and the beginning of a month or
  year are that month or year.
- A date is as fine as a day, a week from Monday to Sunday, a month or a year. A quarter or season is
  the finest of them that holds it whole, and none where it lies in two years.
- "Next Friday" is the Friday of the next week from Monday to Sunday.

A date is found where its first day and its precision are the same. Odd lines are for work on the
grammar, even lines are kept apart from it: `python -m tests.themes.labelled_dates` prints both
halves, and the mistakes in odd lines only.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from broadsheet.themes.languages import language_of
from broadsheet.themes.timelines import find_announced

LANGUAGES = ("en", "uk")


@dataclass(frozen=True)
class Labelled:
    number: int
    text: str
    day: date
    expected: frozenset[tuple[date, str]]

    def found(self, code: str) -> frozenset[tuple[date, str]]:
        announced = find_announced(self.text, day=self.day, language=language_of(code))
        return frozenset((one.date, one.precision) for one in announced)


@dataclass(frozen=True)
class Score:
    right: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f} ({self.right} of {self.found})  "
            f"recall {self.recall:.3f} ({self.right} of {self.expected})"
        )


def labelled_sentences(code: str) -> list[Labelled]:
    path = Path(__file__).with_name(f"announced_dates.{code}.jsonl")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Labelled(
            number,
            row["text"],
            datetime.fromisoformat(row["at"]).date(),
            frozenset((date.fromisoformat(e["date"]), e["precision"]) for e in row["expected"]),
        )
        for number, row in enumerate(rows, 1)
    ]


def score(sentences: Iterable[Labelled], code: str) -> Score:
    pairs = [(one.found(code), one.expected) for one in sentences]
    return Score(
        right=sum(len(found & expected) for found, expected in pairs),
        found=sum(len(found) for found, _ in pairs),
        expected=sum(len(expected) for _, expected in pairs),
    )


def main() -> None:
    for code in LANGUAGES:
        sentences = labelled_sentences(code)
        print(f"{code} all   {score(sentences, code)}")  # noqa: T201
        print(f"{code} odd   {score(sentences[::2], code)}")  # noqa: T201
        print(f"{code} even  {score(sentences[1::2], code)}")  # noqa: T201
        for one in sentences[::2]:
            if (found := one.found(code)) != one.expected:
                wrong = [f"+{d} {p}" for d, p in sorted(found - one.expected)]
                missed = [f"-{d} {p}" for d, p in sorted(one.expected - found)]
                print(f"  {one.number} ({one.day:%a %d %b %Y})", *wrong, *missed, one.text)  # noqa: T201


if __name__ == "__main__":
    main()
