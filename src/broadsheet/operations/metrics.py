"""What is measured, for programs that collect it: the worker writes it down, `/-/metrics` hands it on.

So asking costs one file, whatever is asked of and however often, and all web processes say the same.
Written in Prometheus' text format, version 0.0.4.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from broadsheet.readership import watching
from broadsheet.readership.audience_counting import days_of_counting
from broadsheet.readership.log_ends import find_reach
from broadsheet.readership.view_reading import LogBehindError
from broadsheet.readership.whole_files import write_whole

from .health import LOSS_SHOWN, check_health

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[tuple[str, str], ...]
Samples = Mapping[Labels, float]


def write_metrics(*, now: datetime) -> None:
    """Measure, and replace the file of it. Raises `OSError`, and the database's errors."""
    text = describe(
        {
            ("written_seconds", "gauge", "When this was measured, as Unix time."): {
                (): now.timestamp()
            },
            ("check_well", "gauge", "Whether a check of /-/health finds all well."): {
                (("check", one.name),): one.is_well for one in check_health(now=now)
            },
            ("views_total", "counter", "Views since midnight (UTC), by what became of them."): (
                _count_views(now=now)
            ),
            **_measure_fold(now=now),
        }
    )
    write_whole(Path(settings.METRICS_FILE), text.encode())


def describe(families: Mapping[tuple[str, str, str], Samples]) -> str:
    """Return families of samples, by name, kind and help, in the text format."""
    lines = []
    for (name, kind, help_text), samples in families.items():
        lines += [f"# HELP broadsheet_{name} {help_text}", f"# TYPE broadsheet_{name} {kind}"]
        for labels, value in samples.items():
            named = ",".join(f'{label}="{_escape(text)}"' for label, text in labels)
            lines.append(f"broadsheet_{name}{f'{{{named}}}' if named else ''} {float(value)!r}")
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _count_views(*, now: datetime) -> Samples:
    [today] = days_of_counting(days=1, now=now)
    by_verdict = {"counted": today.counted, **today.dropped, **today.refused}
    return {(("verdict", verdict),): views for verdict, views in by_verdict.items()}


def _measure_fold(*, now: datetime) -> dict[tuple[str, str, str], Samples]:
    try:
        reach = find_reach()
    except (OSError, LogBehindError):
        return {}  # the check "fold" says what is wrong
    lost = sum(extent.missing for extent in watching.find_losses(since=now - LOSS_SHOWN))
    return {
        ("views_logged", "gauge", "The last view in the log."): {(): reach.written},
        ("views_folded", "gauge", "The last view that is folded into the counts."): {
            (): reach.counted
        },
        ("fold_wait_seconds", "gauge", "How long the oldest view that is not folded has waited."): {
            (): reach.lag(now=now).total_seconds()
        },
        ("views_lost", "gauge", "Views that the log lost in the last seven days."): {(): lost},
    }
