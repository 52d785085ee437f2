"""Charts as SVG, drawn on the server: bars, lines, and the small curve beside an article.

Colours come from the style sheet, by classes; lines differ in their strokes too. A chart says in
words what it shows, and stands above a table of its numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 30
_INNER_WIDTH = WIDTH - _LEFT - _RIGHT
_INNER_HEIGHT = HEIGHT - _TOP - _BOTTOM
#: No chart needs more lines to measure by.
_MOST_STEPS = 5
CURVE_WIDTH, CURVE_HEIGHT = 96, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A value, and what it is of; `tick` stands under it where there is room for one."""

    label: str
    value: float
    tick: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Values at equal steps; the number of a `style` is a colour and a stroke, from 1."""

    label: str
    values: Sequence[float]
    style: int = 1


@dataclass(frozen=True, slots=True)
class Band:
    """The space between two lines."""

    label: str
    low: Sequence[float]
    high: Sequence[float]


def bar_chart(bars: Sequence[Bar], *, name: str, title: str, description: str) -> SafeString:
    """Draw a bar for each value, from zero. `name` is unique on its page."""
    scale = scale_for(max((bar.value for bar in bars), default=0))
    step = _INNER_WIDTH / max(1, len(bars))
    width = max(1.0, step * 0.8)
    drawn = format_html_join(
        "",
        '<rect class="desk-chart__bar" x="{}" y="{}" width="{}" height="{}" rx="1">'
        "<title>{}: {}</title></rect>",
        (
            (
                _short(_LEFT + number * step + (step - width) / 2),
                _short(_y(bar.value, scale)),
                _short(width),
                _short(_TOP + _INNER_HEIGHT - _y(bar.value, scale)),
                bar.label,
                say_number(bar.value),
            )
            for number, bar in enumerate(bars)
        ),
    )
    ticks = {number + 0.5: bar.tick for number, bar in enumerate(bars) if bar.tick}
    return _draw(drawn, scale, ticks, len(bars), name=name, title=title, description=description)


def line_chart(
    lines: Sequence[Line],
    *,
    ticks: Mapping[float, str],
    name: str,
    title: str,
    description: str,
    band: Band | None = None,
) -> SafeString:
    """Draw lines over the same steps; `ticks` are the texts under some of these, from 0."""
    values = [value for line in lines for value in line.values]
    scale = scale_for(max([*values, *(band.high if band else ())], default=0))
    steps = max(1, *(len(line.values) - 1 for line in lines))
    shade: SafeString | str = ""
    if band is not None:
        there = _path(band.high, scale, steps)
        back = _points(band.low, scale, steps)[::-1]
        shade = format_html(
            '<path class="desk-chart__band" d="{}L{}Z"><title>{}</title></path>',
            there,
            "L".join(back),
            band.label,
        )
    drawn = format_html_join(
        "",
        '<path class="desk-chart__line desk-chart__line--{}" d="{}"><title>{}</title></path>',
        ((line.style, _path(line.values, scale, steps), line.label) for line in lines),
    )
    return _draw(
        format_html("{}{}", shade, drawn),
        scale,
        ticks,
        steps,
        name=name,
        title=title,
        description=description,
    )


def curve(values: Sequence[float], *, label: str) -> SafeString:
    """Draw a small curve without axes; `label` says all that it says."""
    highest = max([1, *values])
    step = CURVE_WIDTH / max(1, len(values) - 1)
    points = [
        f"{_short(number * step)},{_short(1 + (CURVE_HEIGHT - 2) * (1 - value / highest))}"
        for number, value in enumerate(values)
    ]
    return format_html(
        '<svg class="desk-curve" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-label="{label}" focusable="false"><title>{label}</title>'
        '<path class="desk-curve__area" d="M0,{height}L{points}L{width},{height}Z"/>'
        '<path class="desk-curve__line" d="M{points}"/></svg>',
        width=CURVE_WIDTH,
        height=CURVE_HEIGHT,
        label=label,
        points="L".join(points),
    )


def scale_for(highest: float) -> list[int]:
    """Return the round numbers at which a chart is measured: 0, then steps of 1, 2 or 5 times a
    power of ten, until `highest` is reached.
    """
    at_least = max(1.0, highest) / _MOST_STEPS
    power = 10 ** floor(log10(at_least)) if at_least >= 1 else 1
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= at_least)
    return [step * number for number in range(ceil(max(1.0, highest) / step) + 1)]


def say_number(value: float) -> str:
    """Return a count as people write it; of a broken one, what it is about."""
    return formats.number_format(round(value), force_grouping=True)


def _draw(
    drawn: SafeString,
    scale: Sequence[int],
    ticks: Mapping[float, str],
    steps: int,
    *,
    name: str,
    title: str,
    description: str,
) -> SafeString:
    across = format_html_join(
        "",
        '<line class="desk-chart__rule" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="desk-chart__tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                _LEFT,
                WIDTH - _RIGHT,
                _short(_y(value, scale)),
                _short(_y(value, scale)),
                _LEFT - 8,
                _short(_y(value, scale) + 4),
                say_number(value),
            )
            for value in scale
        ),
    )
    under = format_html_join(
        "",
        '<text class="desk-chart__tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (
                _short(_LEFT + place * _INNER_WIDTH / steps),
                HEIGHT - 10,
                "end" if place == steps else "middle",  # the last would be cut off
                text,
            )
            for place, text in ticks.items()
        ),
    )
    return format_html(
        '<svg class="desk-chart__drawing" viewBox="0 0 {} {}" role="img"'
        ' aria-labelledby="{name}-title {name}-desc" focusable="false">'
        '<title id="{name}-title">{}</title><desc id="{name}-desc">{}</desc>'
        '<g aria-hidden="true">{}{}{}</g></svg>',
        WIDTH,
        HEIGHT,
        title,
        description,
        across,
        under,
        drawn,
        name=name,
    )


def _y(value: float, scale: Sequence[int]) -> float:
    return _TOP + _INNER_HEIGHT * (1 - max(0.0, value) / scale[-1])


def _points(values: Iterable[float], scale: Sequence[int], steps: int) -> list[str]:
    return [
        f"{_short(_LEFT + number * _INNER_WIDTH / steps)},{_short(_y(value, scale))}"
        for number, value in enumerate(values)
    ]


def _path(values: Iterable[float], scale: Sequence[int], steps: int) -> str:
    return "M" + "L".join(_points(values, scale, steps))


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
