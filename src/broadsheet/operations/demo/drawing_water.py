"""The demo pictures of water: harbour, river, sea and bridge."""

from __future__ import annotations

import math
from itertools import pairwise

from broadsheet.operations.demo.drawing_canvas import LAMP, RGB, Canvas, Point, mix
from broadsheet.operations.demo.drawing_props import (
    COATS,
    GREENS,
    LEAVES,
    arches,
    boat,
    grove,
    gulls,
    lighthouse,
    person,
    town,
    tree,
)

ROCK = "-.9,0 -.62,.09 -.4,.1 -.2,.17 .14,.18 .3,.1 .62,.08 1,0"


def _crane(c: Canvas, x: float, y: float, h: float, depth: float) -> None:
    """A quayside gantry crane, its boom reaching over the water."""
    at, steel = (x, y, h), mix(c.shade(depth), c.tone(c.mood.accent, depth), 0.45)
    for leg in ("-.2,0 -.15,.62", ".2,0 .15,.62", "-.19,.2 .19,.2", "-.17,.22 .16,.6"):
        c.wire(at, leg, steel, 0.022)
    c.form(at, "-.42,.61 .93,.65", steel)
    c.wire(at, ".15,.62 .12,1 -.12,.62", steel, 0.025)
    for stay in ("-.4,.63", ".5,.63", ".9,.63"):
        c.wire(at, f".12,1 {stay}", steel, 0.009)
    c.form(at, "-.25,.64 -.07,.73", steel)
    drop = c.u(0.3, 0.5)
    c.wire(at, f".6,.62 .6,{drop}", steel, 0.008)
    c.form(at, f".5,{drop} .7,{drop - 0.09}", c.tone(c.pick(COATS), depth))


def _freighter(c: Canvas, x: float, y: float, long: float) -> None:
    """A container ship afloat at ``y``, its bow to the right."""
    at = (x, y, long)
    c.fade(c.path(at, "0,0 1,0 .93,-.08 .05,-.08"), c.ink, c.ink, (130, 0))
    for col in range(13):
        for row in range(c.rng.randint(2, 5)):
            left, top = x + long * (0.2 + 0.055 * col), y - 88 - 25 * row
            c.rect((left, top, long * 0.053, 24), c.tone(c.pick(COATS), 0.92))
            c.rect((left, top, long * 0.053, 4), c.ink, 50)
    c.form(at, ".05,.06 .15,.235", "f1ece0")
    c.form(at, ".03,.225 .17,.247", "f1ece0")
    for row in range(4):
        up = 0.2 - 0.031 * row
        c.form(at, f".06,{up} .14,{up + 0.011}", LAMP if c.dark else c.ink, 200)
    c.form(at, ".015,.07 .045,.18", c.mood.accent)
    hull = c.dim(c.pick(("2d4a63", "7a3430", "2f4a44", "3a3d44")), 0.2)
    c.form(at, "0,.073 .92,.073 1.02,.102 .96,0 .03,0", hull)
    c.form(at, ".012,.024 .972,.024 .96,0 .03,0", c.mood.accent)


def harbour(c: Canvas) -> None:
    """A container port with its cranes, or a fishing port with its lighthouse."""
    sea, port = c.u(500, 570), c.odds(0.5)
    c.sky(sea)
    c.land(sea - 30, 26, c.shade(0.2), c.shade(0.12))
    town(c, sea, 0.34, 120)
    if port:
        for k in range(4):
            x = c.w * (0.06 + 0.27 * k) + c.u(-40, 40)
            _crane(c, x, sea + 4, c.u(270, 370), 0.5 + 0.1 * k)
    else:
        x, tall = c.w * c.u(0.66, 0.85), c.u(240, 300)
        c.form((x, sea + 4, tall), ROCK, c.shade(0.62))
        lighthouse(c, x, sea - tall * 0.1, tall, 0.8)
    c.water(sea)
    if port:
        _freighter(c, c.w * c.u(0.1, 0.3), sea + c.u(110, 150), c.u(800, 980))
    else:
        for k in range(5):
            x = c.w * (c.rng.choice((0.12, 0.32, 0.52, 0.72, 0.88)) + c.u(-0.05, 0.05))
            boat(c, x, sea + 36 + 42 * k, 120 + 34 * k, c.odds(0.3))
    quay = c.dim("8c8478", 0.45)
    c.fade(c.band(812, 900), quay, c.ink)
    c.rect((0, 808, c.w, 9), c.pale(quay, 0.35))
    for k in range(5):
        x = c.w * (k + 0.5) / 5
        c.cap([(x, 812), (x, 784)], c.ink, 28)
        c.cap([(x - 18, 782), (x + 18, 782)], c.ink, 15)
    for _ in range(c.rng.randint(1, 3)):
        person(c, c.w * c.u(0.1, 0.9), 856, 190, c.pick(COATS))
    gulls(c, c.w * c.u(0.3, 0.7), 230, 7)


def _course(c: Canvas, far: float) -> tuple[list[Point], list[Point]]:
    """The two banks of a river that winds out of the distance at ``far``."""
    bend, phase, sway = c.u(7, 10), c.u(0, 6.3), c.u(0.16, 0.26) * c.w
    left: list[Point] = []
    right: list[Point] = []
    for k in range(90):
        t = (k / 89) ** 1.6
        x = c.w / 2 + math.sin(phase + bend * math.sqrt(t)) * sway * (0.25 + t)
        half = 5 + 260 * t**1.15
        left.append((x - half, far + 8 + (900 - far) * t))
        right.append((x + half, far + 8 + (900 - far) * t))
    return left, right


def river(c: Canvas) -> None:
    """A river winding out of the hills and past the trees on its banks."""
    far, grassy = c.u(390, 460), c.pick(GREENS)
    c.sky(far)
    for depth, up in ((0.2, 90), (0.4, 50)):
        c.land(far - up, 40, c.shade(depth), mix(c.shade(depth), c.mood.haze, 0.4))
    town(c, far + 8, 0.42, 70)
    for k in range(4):
        meadow = mix(c.tone(grassy), c.tone(c.pick(GREENS)), 0.6)
        c.land(far + 50 * k * k / 2, 10 + 6 * k, mix(meadow, c.mood.haze, 0.6 - 0.2 * k), meadow)
    left, right = _course(c, far)
    lip = [(x - 3 - (y - far) * 0.035, y) for x, y in left]
    rim = [(x + 3 + (y - far) * 0.035, y) for x, y in reversed(right)]
    c.poly([*lip, *rim], c.dim(grassy, 0.4))
    deep = mix(c.mood.top, c.mood.middle, 0.4)
    c.fade([*left, *reversed(right)], c.pale(c.mood.low, 0.3), deep)
    for _ in range(90):
        k = c.rng.randrange(6, 89)
        (a, y), (b, _y) = left[k], right[k]
        wide = (b - a) * c.u(0.08, 0.25)
        c.rect((c.u(a + 2, b - wide - 2), y, wide, 1 + (y - far) / 160), c.mood.sun, 90, 1)
    kind, dock = c.pick(("round", "poplar", "pine")), c.rng.randrange(46, 60)
    leaf = "4a7a63" if kind == "pine" else c.pick(LEAVES)
    for k in sorted({dock, *(c.rng.randrange(4, 88) for _ in range(46))}):
        (a, y), (b, _y) = left[k], right[k]
        near = (y - far) / (900 - far)
        h, gap = 34 + 260 * near * c.u(0.8, 1.2), 30 + 420 * near * c.u(0.25, 1)
        tint = mix(c.tone(leaf), c.mood.haze, 0.5 * (1 - near))
        x = c.rng.choice((a - gap, b + gap))
        if k <= dock or abs(x - (left[dock][0] + right[dock][0]) / 2) > 110 + h * 0.2:
            tree(c, x, y, h, kind, tint)
        if k == dock:
            boat(c, (a + b) / 2, y, 60 + (y - far) * 0.28, c.odds(0.5))
    for x in (c.u(-0.1, 0.1), c.u(0.9, 1.1)):
        for _ in range(60):
            reed = (c.w * x + c.rng.gauss(0, 110), 912.0, c.u(60, 170))
            c.form(reed, f"-.03,0 {c.u(-0.2, 0.2)},1 .03,0", c.dim(grassy, c.u(0.35, 0.6)))
    c.weather()


def _headland(c: Canvas, far: float) -> None:
    """A cape running out of the picture, with its lighthouse."""
    at, tall = (c.w * c.u(0.66, 0.76), far + 6, 150.0), c.u(170, 230)
    cliff = "-1.9,0 -1.5,.2 -1.2,.26 -.8,.56 -.2,.62 .3,.6 .9,.9 2,1 3,1.3 5,1.4 5,0"
    c.form(at, cliff, c.shade(0.62))
    c.form(at, "-1.2,.26 -.8,.56 -.5,.59 -.7,.2 -.9,0 -1.9,0 -1.5,.2", c.shade(0.4))
    c.form(at, "-.2,.62 .3,.6 .5,.7 .3,.3 .5,0 0,0 .1,.3", c.shade(0.48))
    lighthouse(c, at[0] + 6, far - 84, tall, 0.9)


def _waves(c: Canvas, far: float, swell: float, fleet: dict[int, bool]) -> None:
    """Wave behind wave from ``far``; ``fleet`` says which carry a boat, and if it sails."""
    own = mix(c.tone(c.pick(("2f7f8c", "2f6f9a", "3f8f86"))), c.mood.middle, 0.4)
    for k in range(8):
        t = (k + 1) / 8
        y, phase, pitch = far + 14 + (830 - far) * t**1.7, c.u(0, 6), 60 + 300 * t
        crest: list[Point] = []
        for step in range(161):
            x = step * c.w / 160
            roll = math.sin(phase + x / pitch * 5) + 0.35 * math.sin(phase * 3 + x / pitch * 12)
            crest.append((x, y - swell * (0.3 + 2 * t) * roll))
        deep = mix(own, c.ink, 0.05 + 0.4 * t)
        c.fade([*crest, (c.w, 900), (0, 900)], c.pale(deep, 0.24), c.dim(deep, 0.2), (190, 245))
        for start in range(c.rng.randrange(9), 150, 19):
            foam = crest[start : start + c.rng.randint(4, 13)]
            c.line(foam, c.pale(own, 0.75), 1 + 3.4 * t, 170)
        if k in fleet:
            boat(c, c.w * c.u(0.08, 0.92), y + 14, 100 + 330 * t, fleet[k])


def sea(c: Canvas) -> None:
    """Open water: yachts in a breeze, a headland with its light, or a beach."""
    far, kind = c.u(360, 450), c.pick(("yachts", "headland", "yachts" if c.dark else "beach"))
    c.sky(far)
    c.land(far - 10, 16, c.shade(0.18), c.shade(0.18))
    if kind == "headland":
        _headland(c, far)
    c.water(far)
    fleets = {"yachts": {1: True, 3: True, 5: True}, "headland": {4: False}, "beach": {2: True}}
    _waves(c, far, c.u(4, 12), fleets[kind])
    c.glitter(far + 10)
    if kind == "beach":
        shore = c.land(770, 26, c.dim("f0d9a8", 0.02), c.dim("cfae7c", 0.16))
        for up, thick, alpha in ((2, 15, 230), (30, 5, 150), (54, 3, 110)):
            c.line([(x, y - up) for x, y in shore], c.pale("ffffff", 0.3), thick, alpha)
        x = c.w * c.u(0.25, 0.75)
        for spot, cloth in ((x, c.mood.accent), (x + c.u(190, 280), c.tone(c.pick(COATS)))):
            at = (spot, 866.0, 160.0)
            c.disc((spot + 40, 866), 110, c.ink, 50, 0.14)
            c.wire(at, "0,0 .12,.9", "f4ead6", 0.03)
            c.form(at, "-.5,.6 -.3,.86 .1,1 .5,.92 .7,.72", cloth)
            c.form(at, "-.14,.64 -.05,.92 .1,1 .32,.96 .3,.68", "f4ead6")
        for away in (-330, -260, -150, 420):
            person(c, x + away + c.u(-30, 30), 850, c.u(92, 120), c.pick(COATS))
    gulls(c, c.w * c.u(0.3, 0.7), 220, 8)


def _pier(c: Canvas, x: float, top: float, deck: float, shore: float, steel: RGB) -> None:
    """A bridge tower on its footing, rising through the deck."""
    c.rect((x - 46, shore - 26, 92, 34), c.dim("a59c8e", 0.25))
    for side in (-24, 14):
        c.rect((x + side, top, 13, shore - top), steel)
        c.rect((x + side + 8, top, 5, shore - top), c.ink, 60)
    for y in (top, top + 110, deck + 20):
        c.rect((x - 24, y, 50, 14), c.dim(steel, 0.12))


def _hung(c: Canvas, deck: float, shore: float, steel: RGB) -> None:
    """A suspension bridge: two towers, and the deck hanging from the cables."""
    top, reach = deck - c.u(300, 350), c.u(0.22, 0.29)
    posts = [-reach * 0.7, reach, 1 - reach, 1 + reach * 0.7]
    for spot in posts[1:3]:
        _pier(c, c.w * spot, top, deck, shore, steel)
    for a, b in pairwise(posts):
        cable: list[Point] = []
        for k in range(47):
            y = top + 8 + (deck - top - 26) * 4 * (k / 46) * (1 - k / 46)
            cable.append((c.w * (a + (b - a) * k / 46), y))
        for x, y in cable:
            c.line([(x, y), (x, deck)], c.dim(steel, 0.2), 1.6)
        c.line(cable, steel, 6)


def _stayed(c: Canvas, deck: float, shore: float, steel: RGB) -> None:
    """A cable-stayed bridge: fans of straight stays from one tower or two."""
    spots, reach = c.rng.choice((((0.5,), 0.46), ((0.3, 0.7), 0.21), ((0.36,), 0.4)))
    top = deck - (330 if len(spots) > 1 else 400)
    for spot in spots:
        _pier(c, c.w * spot, top, deck, shore, steel)
        for k in range(1, 15):
            for side in (-1, 1):
                high = (c.w * spot, top + 12 + 11 * (14 - k))
                low = (c.w * (spot + side * reach * k / 14), deck)
                c.line([high, low], c.pale(steel, 0.25), 2.2)


def bridge(c: Canvas) -> None:
    """A great bridge: hung, stayed or of stone arches, and its town or hills beyond."""
    shore, kind = c.u(600, 660), c.pick(("suspension", "stayed", "stone"))
    c.sky(shore)
    c.land(shore - 110, 60, c.shade(0.16), c.shade(0.1))
    if c.odds(0.6):
        town(c, shore, 0.26, 150)
    c.land(shore - 22, 14, c.shade(0.38), c.shade(0.3))
    deck = shore - (210 if kind == "stone" else c.u(100, 130))
    if kind == "stone":
        stone = c.tone(c.pick(("d9bf98", "c4bcae", "c08a70")))
        arches(c, deck, shore + 4, c.rng.choice((4, 5, 6)), stone)
    else:
        steel = c.tone(c.pick(("b04a32", "5f7480", "e0dace", "3f6a62")))
        steel = c.pale(steel, 0.28 if c.dark else 0)
        (_hung if kind == "suspension" else _stayed)(c, deck, shore, steel)
        c.rect((0, deck, c.w, 17), c.dim("8d8a86", 0.35))
        c.rect((0, deck - 3, c.w, 5), c.dim("c9c4ba", 0.1))
    for k in range(16):
        x = c.w * (k + 0.5) / 16
        c.line([(x, deck), (x, deck - 36)], c.ink, 3)
        if c.dark:
            c.glow((x, deck - 36), 46, LAMP, 0.9)
        if c.odds(0.6):
            car = (x + c.u(-30, 30), deck - 3, 34.0)
            c.form(
                car,
                "-.6,.08 -.58,.26 -.34,.3 -.2,.5 .25,.5 .4,.3 .62,.24 .62,.08",
                c.tone(c.pick(COATS)),
            )
    c.water(shore)
    for k in range(c.rng.randint(1, 4)):
        boat(c, c.w * c.u(0.08, 0.92), shore + 50 + 52 * k, 100 + 40 * k, c.odds(0.6))
    if c.odds(0.5):
        leaf = c.dim(c.pick(LEAVES), 0.4)
        bank = c.land(858, 22, leaf, c.ink)
        grove(c, bank[:14:2], 210, "round", leaf)
    c.weather()
