"""The surface a demo picture is painted on: its light, its strokes, its air and water."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageOps

RGB = tuple[int, int, int]
Paint = RGB | str
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Place = tuple[float, float, float]

SUPERSAMPLE = 2
UNITS_HIGH = 900.0
WHITE: RGB = (255, 255, 255)
LAMP: RGB = (255, 214, 138)
MARIA = ((-0.3, -0.25, 0.3), (0.3, 0.1, 0.2), (-0.1, 0.45, 0.22), (0.4, -0.45, 0.12))


def _rgb(code: str) -> RGB:
    red, green, blue = ImageColor.getrgb(f"#{code}")[:3]
    return red, green, blue


def mix(start: RGB, end: RGB, share: float) -> RGB:
    """The colour ``share`` of the way from ``start`` (0) to ``end`` (1)."""
    (r, g, b), (x, y, z) = start, end
    return (
        round(r + (x - r) * share),
        round(g + (y - g) * share),
        round(b + (z - b) * share),
    )


@dataclass(frozen=True, slots=True)
class Mood:
    """The light of one hour: the colours everything in a picture is mixed from."""

    time: str
    top: RGB
    middle: RGB
    low: RGB
    sun: RGB
    haze: RGB
    ink: RGB
    ambient: RGB
    accent: RGB

    @classmethod
    def of(cls, time: str, codes: str) -> Mood:
        """The mood whose eight colours are written in ``codes``, in field order."""
        return cls(time, *(_rgb(code) for code in codes.split()))


# The order alternates the hours, because neighbouring seeds take neighbouring moods.
MOODS: tuple[Mood, ...] = (
    Mood.of("dawn", "6d8aa8 dcb4a6 fae3c0 fff3d6 dcc0b2 2c3850 f0dccf c8553d"),
    Mood.of("overcast", "75848c a2aeb0 d3d7d0 eceee8 bac3c2 2b373d ccd3d1 b5533c"),
    Mood.of("dusk", "2e3159 a9566b f3a862 ffd88a b46a6c 1e1b36 cf9d98 e0783c"),
    Mood.of("noon", "4e92b6 93c3cf e4efe6 fffbe8 c2dad8 1f3c4c ffffff d2603a"),
    Mood.of("night", "0b1730 182d50 3a5883 f4f0dc 2c4669 081122 6478a8 d9793f"),
    Mood.of("dawn", "5f8f96 b9c9b4 f7e9c4 fff6da cfd3bd 24404a ecebd6 d0783a"),
    Mood.of("dusk", "3d4673 c9705f f8c47c ffe3a4 c0807a 25213d dbaaa0 b23a48"),
    Mood.of("noon", "3f86a0 9ccdc6 f5f0da fffdf0 cbdfd2 1d4046 fffaf0 c9762c"),
    Mood.of("overcast", "7f7c7a aea89f dbd3c3 f0ece2 c4bcb0 36322f d8d0c6 a8483a"),
    Mood.of("night", "10192b 1e3b4d 44757b f2f2e4 30555f 09131c 688c98 d88d45"),
)


class Canvas:
    """A surface 900 units high, painted at twice its final size in one mood's light.

    A ``turned`` one will be shown left to right.

    Every measure is in units; ``w`` is the width in units, so a painter that places
    things by ``w`` fills any proportion. A paint given as a hexadecimal code is a
    thing's own colour and takes on the mood's light; a tuple is laid as it is.
    """

    def __init__(self, rng: random.Random, mood: Mood, width: int, height: int) -> None:
        self.rng, self.u = rng, rng.uniform
        self.mood, self.ink = mood, mood.ink
        self.turned = rng.random() < 0.5
        self.dark = mood.time in {"night", "dusk"}
        self.scale = SUPERSAMPLE * height / UNITS_HIGH
        self.w = UNITS_HIGH * width / height
        self.sun: Point = (self.w / 2, 200.0)
        self.image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE))
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def pick(self, options: Sequence[str]) -> str:
        """One of the options."""
        return self.rng.choice(options)

    def odds(self, share: float) -> bool:
        """Whether something that happens ``share`` of the time happens here."""
        return self.rng.random() < share

    def tone(self, paint: Paint, depth: float = 1.0) -> RGB:
        """A thing's own colour in this light, lost in the haze as ``depth`` nears 0."""
        (r, g, b), (x, y, z) = (
            _rgb(paint) if isinstance(paint, str) else paint,
            self.mood.ambient,
        )
        return mix(self.mood.haze, (r * x // 255, g * y // 255, b * z // 255), depth)

    def shade(self, depth: float) -> RGB:
        """A silhouette's colour: ink near at hand (1), haze far away (0)."""
        return mix(self.mood.haze, self.ink, depth)

    def dim(self, paint: Paint, share: float) -> RGB:
        """The paint with ``share`` of the mood's ink in it."""
        return mix(self.tone(paint) if isinstance(paint, str) else paint, self.ink, share)

    def pale(self, paint: Paint, share: float) -> RGB:
        """The paint with ``share`` of sunlight in it."""
        own = self.tone(paint) if isinstance(paint, str) else paint
        return mix(own, self.mood.sun, share)

    def _fill(self, paint: Paint, alpha: int) -> tuple[int, int, int, int]:
        return (*(self.tone(paint) if isinstance(paint, str) else paint), alpha)

    def poly(self, points: Sequence[Point], paint: Paint, alpha: int = 255) -> None:
        s = self.scale
        path = [(x * s, y * s) for x, y in points]
        self._pen.polygon(path, self._fill(paint, alpha))

    def rect(self, box: Box, paint: Paint, alpha: int = 255, radius: float = 0) -> None:
        """A rectangle given as left, top, width and height."""
        s, (x, y, w, h) = self.scale, box
        edges = (x * s, y * s, max(x * s, (x + w) * s), max(y * s, (y + h) * s))
        self._pen.rounded_rectangle(edges, radius * s, self._fill(paint, alpha))

    def disc(self, at: Point, r: float, paint: Paint, alpha: int = 255, flat: float = 1) -> None:
        """A disc; with ``flat`` under 1 a lying ellipse, over 1 a standing one."""
        s, (x, y) = self.scale, at
        edges = ((x - r) * s, (y - r * flat) * s, (x + r) * s, (y + r * flat) * s)
        self._pen.ellipse(edges, self._fill(paint, alpha))

    def line(
        self, points: Sequence[Point], paint: Paint, width: float = 3, alpha: int = 255
    ) -> None:
        s = self.scale
        path = [(x * s, y * s) for x, y in points]
        thick = max(1, round(width * s))
        self._pen.line(path, self._fill(paint, alpha), thick, joint="curve")

    def cap(self, points: Sequence[Point], paint: Paint, width: float) -> None:
        """A stroke with round ends: a limb, a rod, a pill."""
        self.line(points, paint, width)
        for end in (points[0], points[-1]):
            self.disc(end, width / 2, paint)

    @staticmethod
    def path(place: Place, plot: str) -> list[Point]:
        """The points plotted as ``dx,dy`` pairs from a foot, up being positive.

        The place is the foot's x and y and the length that one unit of the plot has.
        """
        x, y, size = place
        pairs = (pair.split(",") for pair in plot.split())
        return [(x + float(dx) * size, y - float(dy) * abs(size)) for dx, dy in pairs]

    def form(self, place: Place, plot: str, paint: Paint, alpha: int = 255) -> None:
        """A plotted polygon; two points alone are the corners of a rectangle."""
        points = self.path(place, plot)
        if len(points) == 2:
            (a, b), (c, d) = points
            points = [(a, b), (c, b), (c, d), (a, d)]
        self.poly(points, paint, alpha)

    def wire(self, place: Place, plot: str, paint: Paint, width: float) -> None:
        """A plotted stroke; its width is a share of the place's size."""
        self.line(self.path(place, plot), paint, width * abs(place[2]))

    def ball(self, place: Place, spot: str, r: float, paint: Paint, flat: float = 1) -> None:
        """A plotted disc; its radius is a share of the place's size."""
        self.disc(self.path(place, spot)[0], r * abs(place[2]), paint, flat=flat)

    def fade(
        self,
        points: Sequence[Point],
        top: Paint,
        bottom: Paint,
        alphas: tuple[int, int] = (255, 255),
    ) -> None:
        """A polygon whose colour runs from its highest point to its lowest."""
        s = self.scale
        xs, ys = [x * s for x, _ in points], [y * s for _, y in points]
        left, upper = math.floor(min(xs)), math.floor(min(ys))
        size = (math.ceil(max(xs)) - left + 1, math.ceil(max(ys)) - upper + 1)
        mask = Image.new("L", size)
        path = [(x - left, y - upper) for x, y in zip(xs, ys, strict=True)]
        ImageDraw.Draw(mask).polygon(path, 255)
        ends = (*self._fill(top, alphas[0]), *self._fill(bottom, alphas[1]))
        strip = Image.frombytes("RGBA", (1, 2), bytes(ends))
        column = strip.resize((1, size[1]), Image.Resampling.BILINEAR, (0, 0.5, 1, 1.5))
        veil = column.getchannel("A").resize(size, Image.Resampling.NEAREST)
        fill = column.convert("RGB").resize(size, Image.Resampling.NEAREST)
        self.image.paste(fill, (left, upper), ImageChops.multiply(mask, veil))

    def glow(self, at: Point, r: float, paint: RGB, power: float = 1) -> None:
        """Light that falls away from a point; ``power`` is its strength there."""
        s, (x, y) = self.scale, at
        left, upper = max(0, round((x - r) * s)), max(0, round((y - r) * s))
        right = min(self.image.width, round((x + r) * s))
        lower = min(self.image.height, round((y + r) * s))
        if right - left < 2 or lower - upper < 2:
            return
        # Pillow's gradient reaches 255 in its corners: at the middle of a side it is 181.
        fall = [max(0.0, 1 - v / 180) ** 2 * power * 255 for v in range(256)]
        k = 128 / (r * s)
        seen = (
            max(0.0, 128 + (left - x * s) * k),
            max(0.0, 128 + (upper - y * s) * k),
            min(256.0, 128 + (right - x * s) * k),
            min(256.0, 128 + (lower - y * s) * k),
        )
        size = (right - left, lower - upper)
        ball = Image.radial_gradient("L").point([round(v) for v in fall])
        mask = ball.resize(size, Image.Resampling.BILINEAR, seen)
        self.image.paste(paint, (left, upper, right, lower), mask)

    def beam(self, lamp: Point, aim: Point, spread: float, power: int) -> None:
        """A cone of lamplight from ``lamp``, gone by the time it reaches ``aim``."""
        (x, y), (ax, ay) = ((px * self.scale, py * self.scale) for px, py in (lamp, aim))
        tilt = spread * self.scale / math.hypot(ax - x, ay - y)
        nx, ny = (ay - y) * tilt, (x - ax) * tilt
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for step in range(48, 0, -1):
            share = step / 48
            px, py = x + (ax - x) * share, y + (ay - y) * share
            rim = [(px + nx * share, py + ny * share), (px - nx * share, py - ny * share)]
            pen.polygon([(x, y), *rim], round(power * (1 - share)))
        self.image.paste(LAMP, (0, 0), mask)

    def band(self, top: float, bottom: float) -> list[Point]:
        """The whole width of the picture between two heights."""
        return [(0, top), (self.w, top), (self.w, bottom), (0, bottom)]

    def sky(self, horizon: float, *, moon: bool = True) -> None:
        """Air down to ``horizon``: its colours, the sun or moon, stars and clouds."""
        m, u = self.mood, self.u
        self.fade(self.band(0, horizon * 0.55), m.top, m.middle)
        self.fade(self.band(horizon * 0.55, horizon), m.middle, m.low)
        self.rect((0, horizon, self.w, UNITS_HIGH - horizon), m.haze)
        high = {"noon": 0.3, "dawn": 0.74, "dusk": 0.82, "night": 0.3}.get(m.time, 0.42)
        self.sun = (u(0.18, 0.82) * self.w, horizon * high * u(0.85, 1.1))
        for _ in range(220 if m.time == "night" else 0):
            at = (u(0, self.w), u(0, 1) ** 1.4 * horizon)
            self.disc(at, u(0.6, 1.7), m.sun, round(u(40, 220)))
        if moon:
            power = 0.45 if m.time in {"overcast", "noon"} else 0.65
            self.glow(self.sun, u(480, 680), m.sun, power)
            veiled = 110 if m.time == "overcast" else 255
            r, (x, y) = u(36, 60), self.sun
            self.disc(self.sun, r, m.sun, veiled)
            for dx, dy, size in MARIA if m.time == "night" else ():
                self.disc((x + dx * r, y + dy * r), size * r, m.low, 70)
        thin = m.time in {"overcast", "night"}
        for _ in range(self.rng.randint(3, 8 if thin else 6)):
            self.cloud((u(0, self.w), u(0.1, 0.85) * horizon), u(260, 640), thin)

    def cloud(self, at: Point, wide: float, thin: bool) -> None:
        """A cloud with a round top and a dissolving base; ``thin`` makes it a sheet."""
        u, m, (x, y) = self.u, self.mood, at
        puffs = [(u(-0.36, 0.36), u(0.06, 0.16)) for _ in range(7)] + [(0, 0.2)]
        top: list[Point] = []
        for step in range(97):
            away = step / 96 - 0.5
            rise = max(math.sqrt(max(0, r * r - (away - p) ** 2)) for p, r in puffs)
            rise = max(rise, 0.035 - 0.14 * away * away)
            top.append((x + away * wide, y - wide * rise * (0.3 if thin else 0.7)))
        lit = mix(m.top, m.low, 0.35) if self.dark else mix(m.low, m.sun, 0.5)
        base = [(x + wide / 2, y), (x - wide / 2, y)]
        self.fade([*top, *base], lit, lit, (round(u(90, 190)), 0))

    def land(self, y: float, swell: float, top: Paint, bottom: Paint) -> list[Point]:
        """Rolling ground from about ``y`` to the bottom; its skyline, left to right."""
        waves = [(self.u(0, 7), self.u(0.8, 1.2) * k, 1 / k) for k in (1.3, 3.1, 7.0)]
        edge: list[Point] = []
        for k in range(61):
            rise = sum(a * math.sin(p + f * k / 10) for p, f, a in waves)
            edge.append((k * self.w / 60, y - swell * rise))
        self.fade([*edge, (self.w, UNITS_HIGH), (0, UNITS_HIGH)], top, bottom)
        return edge

    def mirror(self, y: float, calm: float) -> None:
        """Below ``y``, what stands above it upside down, ``calm`` the clearness of it."""
        shore, wide = round(y * self.scale), self.image.width
        deep = self.image.height - shore
        above = self.image.crop((0, max(0, shore - round(deep * 1.3)), wide, shore))
        mirror = ImageOps.flip(above).resize((wide, deep), Image.Resampling.BILINEAR)
        tint = Image.new("RGB", mirror.size, mix(self.mood.middle, self.ink, 0.35))
        self.image.paste(Image.blend(tint, mirror, calm), (0, shore))

    def water(self, y: float) -> None:
        """Water from ``y`` to the bottom, mirroring whatever already stands above it."""
        m, u, drop = self.mood, self.u, UNITS_HIGH - y
        self.mirror(y, 0.62)
        self.fade(self.band(y, UNITS_HIGH), m.ink, m.ink, (10, 120))
        for _ in range(190):
            near = u(0, 1) ** 1.6
            long, thick = u(20, 110) * (0.35 + 1.8 * near), 1.2 + 3.2 * near
            box = (u(-40, self.w), y + 3 + near * drop, long, thick)
            tint = self.rng.choice((m.low, m.ink, m.middle))
            self.rect(box, tint, round(u(20, 70)), thick / 2)
        self.glitter(y)

    def glitter(self, y: float) -> None:
        """The sun or the moon broken up on water that begins at ``y``."""
        u, drop = self.u, UNITS_HIGH - y
        for _ in range(0 if self.mood.time == "overcast" else 90):
            near = u(0, 1)
            long, thick = u(14, 60) * (0.4 + near), 1.5 + 3 * near
            x = self.sun[0] + self.rng.gauss(0, 14 + 60 * near) - long / 2
            box = (x, y + 2 + near * drop, long, thick)
            self.rect(box, self.mood.sun, round(u(60, 190)), thick / 2)

    def indoors(self) -> None:
        """Light whatever is painted from here on by lamps, not by the sky."""
        light, share = (255, 240, 218), 0.8 if self.dark else 0.4
        ambient = mix(self.mood.ambient, light, share)
        self.mood = replace(self.mood, ambient=ambient, haze=self.tone("e6dccb"))

    def room(self, floor: float) -> RGB:
        """An indoor wall and floor meeting at ``floor``; the colour of the wall."""
        self.indoors()
        code = self.pick(("d5ddd2", "ead9c2", "c6d6de", "e2cbbd", "bccab9", "d9d4e0"))
        wall = mix(self.tone(code), self.mood.top, 0.26 if self.dark else 0.06)
        deep = mix(wall, self.ink, 0.28)
        self.fade(self.band(0, floor), mix(wall, WHITE, 0.12), mix(wall, deep, 0.5))
        self.fade(self.band(floor, UNITS_HIGH), deep, mix(deep, self.ink, 0.45))
        self.rect((0, floor - 14, self.w, 14), mix(wall, WHITE, 0.35))
        return wall

    def rain(self, drops: int) -> None:
        """Rain falling across the whole picture."""
        for _ in range(drops):
            x, y = self.u(-40, self.w), self.u(-40, UNITS_HIGH)
            fall, alpha = self.u(18, 60), round(self.u(30, 100))
            self.line([(x, y), (x - fall * 0.2, y + fall)], self.mood.sun, 1.3, alpha)

    def weather(self) -> None:
        """What is in the air before everything: birds, or on a grey day perhaps rain."""
        u = self.u
        if self.mood.time == "overcast" and self.odds(0.5):
            self.rain(280)
        elif self.mood.time != "night":
            x, y = u(0.2, 0.7) * self.w, u(90, 230)
            for _ in range(self.rng.randint(4, 9)):
                place = (x + u(-130, 130), y + u(-60, 60), u(7, 15))
                plot = "-1,.45 -.45,.5 0,0 .45,.5 1,.45"
                self.line(self.path(place, plot), self.ink, 2.2, 190)
