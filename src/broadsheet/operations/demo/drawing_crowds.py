"""The demo pictures of where people gather: stadium, theatre, ballot and market."""

from __future__ import annotations

import math

from broadsheet.operations.demo.drawing_canvas import LAMP, RGB, Canvas, Point, mix
from broadsheet.operations.demo.drawing_props import (
    COATS,
    FRONTS,
    SKINS,
    back,
    crowd,
    person,
    tower,
    town,
    window,
)

CROPS = ("c8452f", "e09a2f", "7f9f3f", "8a4a6e", "e6c84a", "b5653a", "4f7f4a")


def _tier(
    c: Canvas, ring: tuple[float, float, float], inner: tuple[float, float, float], paint: RGB
) -> None:
    """A bank of seats between two ellipses (centre height, breadth, height), and its crowd."""
    mid, shirts = c.w / 2, [c.tone(coat) for coat in (*COATS, "f4efe4", "f4efe4", c.mood.accent)]
    c.disc((mid, ring[0]), ring[1], paint, flat=ring[2] / ring[1])
    for _ in range(1700):
        turn, t = c.u(3.0, 6.42), c.u(0.03, 1)
        y, rx, ry = (a + (b - a) * t for a, b in zip(ring, inner, strict=True))
        at = (mid + rx * math.cos(turn), y + ry * math.sin(turn))
        c.disc(at, 3.4, c.rng.choice(shirts), 190, 1.15)


def _pitch(c: Canvas) -> None:
    """The pitch in perspective, striped by the mower, with its lines and players."""
    mid, turf = c.w / 2, c.tone(c.pick(("5f9a4a", "6fa552", "4f8f52")))

    def spot(u: float, v: float) -> Point:
        """Where a point of the pitch lies: u from -1 to 1 along it, v from far to near."""
        near = v / (1.9 - 0.9 * v)
        return mid + u * c.w * (0.3 + 0.26 * near), 596 + 300 * near

    for k in range(14):
        a, b = -1.1 + k * 2.2 / 14, -1.1 + (k + 1) * 2.2 / 14
        stripe = [spot(a, -0.1), spot(b, -0.1), spot(b, 1.1), spot(a, 1.1)]
        c.poly(stripe, c.pale(turf, 0.12) if k % 2 else turf)
    chalk = c.pale("ffffff", 0.4)
    touch: list[Point] = [(-1, 0), (1, 0), (1, 1), (-1, 1), (-1, 0)]
    marks: list[list[Point]] = [touch, [(0, 0), (0, 1)]]
    for side in (-1, 1):
        for deep, half in ((0.3, 0.3), (0.12, 0.14)):
            inner = side * (1 - deep)
            marks.append(
                [(side, 0.5 - half), (inner, 0.5 - half), (inner, 0.5 + half), (side, 0.5 + half)]
            )
    marks.append([(0.16 * math.cos(a / 6), 0.5 + 0.22 * math.sin(a / 6)) for a in range(39)])
    for mark in marks:
        c.line([spot(u, v) for u, v in mark], chalk, 3, 210)
    for side in (-1, 1):
        (x, y), (_, top) = spot(side, 0.42), spot(side, 0.6)
        tall = 46
        net = [(x, y), (x, y - tall), (x + side * 16, top - tall), (x + side * 16, top)]
        c.poly(net, "ffffff", 70)
        c.line(net, "ffffff", 4)
    kits = (c.pick(("c8452f", "2f5f8e", "e6c84a")), c.pick(("f4efe4", "2b2f38", "7fb3c8")))
    for near in sorted(c.u(0.06, 0.95) for _ in range(16)):
        x, y = spot(c.u(-0.8, 0.8), near)
        person(c, x, y, 40 + 42 * near, c.pick(kits))
    x, y = spot(c.u(-0.3, 0.3), c.u(0.3, 0.7))
    c.disc((x, y - 5), 6, "ffffff")


def _floodlights(c: Canvas, lamps: list[Point], rows: int) -> None:
    """Banks of lamps in so many rows, with their light at night."""
    for x, y in lamps:
        if rows > 1:
            c.rect((x - 46, y - 34, 92, 62), c.shade(0.9), radius=4)
        for k in range(5 * rows):
            spot = (x - 34 + 17 * (k % 5), y - 22 + 19 * (k // 5))
            c.disc(spot, 6.5, (255, 250, 235) if c.dark else c.tone("f4f4f0"))
        if c.dark:
            c.glow((x, y), 150, (255, 246, 222), 0.85)
            c.beam((x, y), (c.w / 2 + (x - c.w / 2) * 0.2, 780), 150, 40)


def _bowl(c: Canvas, lift: float) -> None:
    """The far stands: two tiers, the boards, and the grass behind the lines."""
    mid, w = c.w / 2, c.w
    seats = c.dim(c.pick(("2f5f7e", "8a3f3a", "3f6a52", "55586a", "a8702f")), 0.3)
    _tier(c, (585 + lift, w * 0.68, 312), (640, w * 0.6, 262), seats)
    c.disc((mid, 640), w * 0.6, c.dim(seats, 0.5), flat=262 / (w * 0.6))
    _tier(c, (652, w * 0.59, 252), (700, w * 0.5, 196), seats)
    for ring, paint in enumerate((c.tone("efe9dc"), c.tone(c.mood.accent), c.dim("4f8a4a", 0.3))):
        wide, tall = w * 0.5 - 4.0 * ring, 196.0 - 3 * ring
        c.disc((mid, 700 + 12 * ring), wide, paint, flat=tall / wide)


def stadium(c: Canvas) -> None:
    """A full stadium from the stand: far tiers, floodlights and the match."""
    mid, w, masts, lift = c.w / 2, c.w, c.odds(0.5), c.u(-26, 40)
    c.sky(420)
    town(c, 330 + lift, 0.25, 170)
    c.rect((0, 329 + lift, w, 300), c.shade(0.25))
    lamps: list[Point] = []
    for spot in (0.08, 0.36, 0.64, 0.92) if masts else (0.06, 0.28, 0.5, 0.72, 0.94):
        far = (spot - 0.5) / 0.7
        drop = 70 + 40 * abs(far) if masts else 560 - 342 * math.sqrt(1 - far * far)
        lamps.append((mid + w * 0.7 * far, lift + drop))
    if masts:
        for x, y in lamps:
            plot = "-.05,0 -.015,1 .015,1 .05,0 -.03,.4 .03,.4 -.02,.7 .02,.7"
            c.wire((x, 470, 470 - y), plot, c.shade(0.8), 0.012)
        for k in range(21):
            turn = math.pi * (1.1 + 0.04 * k)
            post = (mid + w * 0.68 * math.cos(turn), 588 + lift + 312 * math.sin(turn), 40.0)
            c.wire(post, "0,0 0,1.1", c.ink, 0.05)
            c.form(post, "0,1.1 .7,1 .9,.8 0,.6", c.pick((*COATS, "c8452f", "f4efe4")))
    else:
        c.disc((mid, 560 + lift), w * 0.72, c.dim("c9ccd0", 0.15), flat=350 / (w * 0.72))
        c.disc((mid, 568 + lift), w * 0.7, c.dim("8d949a", 0.5), flat=335 / (w * 0.7))
    _bowl(c, lift)
    if c.dark:
        c.indoors()
    _pitch(c)
    _floodlights(c, lamps, 3 if masts else 1)
    c.weather()


def _curtain(c: Canvas, x: float, w: float, cloth: RGB, tied: int) -> None:
    """A curtain of ``w`` from ``x``, held back at ``tied`` (-1 left, 1 right)."""
    anchor, hem = (x if tied < 0 else x + w), c.u(0.6, 0.75)
    sweep: list[Point] = []
    for k in range(27):
        t = k / 26
        narrow = 1 - 0.55 * math.sin(min(1.0, t / 0.6) * math.pi / 2)
        sweep.append((narrow if t < 0.6 else 0.45 + (hem - 0.45) * (t - 0.6) / 0.4, 790 * t))
    for k in range(11):
        a, b = (x + w * (k + n) / 11 - anchor for n in (0, 1))
        shade = c.dim(cloth, 0.12 + 0.42 * abs(math.sin(k * 1.9)))
        left = [(anchor + a * share, y) for share, y in sweep]
        right = [(anchor + b * share + 1, y) for share, y in reversed(sweep)]
        c.fade([*left, *right], shade, c.dim(shade, 0.3))
    c.cap([(anchor, 462), (anchor - tied * w * 0.46, 480)], c.tone("d9ad4a"), 18)


def _set(c: Canvas, floor: float) -> None:
    """What stands on the stage: a wood, a colonnade, a grand piano, or a street."""
    mid, kind = c.w / 2, c.rng.randrange(4)
    if kind == 0:
        c.disc((mid + c.u(-200, 200), 260), 84, "f4ead0")
        for k in range(7):
            at = (mid - 330 + 110 * k + c.u(-25, 25), floor, c.u(260, 330))
            c.form(at, "-.05,0 -.02,1.4 .02,1.4 .05,0", c.ink, 170)
            for branch in ("0,.7 .18,1.05", "0,.5 -.16,.8", "0,.95 -.12,1.2"):
                c.wire(at, branch, c.shade(0.8), 0.03)
    elif kind == 1:
        for k in range(6):
            x = mid - 340 + 136 * k
            c.rect((x - 18, 210, 36, floor - 210), c.dim("e6dac3", 0.18))
            c.rect((x + 4, 210, 14, floor - 210), c.ink, 60)
            c.rect((x - 28, 196, 56, 18), c.dim("e6dac3", 0.1))
        c.rect((mid - 390, 170, 780, 30), c.dim("e6dac3", 0.12))
    elif kind == 2:
        at = (mid - 190, floor + 20, 230.0)
        c.form(at, "-.6,.36 -.6,.6 .5,.6 .6,.5 .6,.36", c.ink)
        c.form(at, "-.4,.6 -.1,1.16 .66,.98 .5,.6", c.dim(c.ink, 0.2))
        c.wire(at, ".1,.6 .3,1.06", "d9ad4a", 0.012)
        for leg in (-0.5, 0.0, 0.5):
            c.wire(at, f"{leg},.4 {leg},0", c.ink, 0.05)
        c.form(at, "-.72,.42 -.58,.5", "f4ead6")
    else:
        for k in range(6):
            x, h, wall = mid - 420 + 140 * k, c.u(220, 380), c.dim(c.pick(COATS), 0.3)
            c.form((x, floor - h, 140.0), "0,0 .5,.5 1,0", c.dim(wall, 0.4))
            tower(c, (x, floor - h, 140, h), wall, 40, 0.7)


def _auditorium(c: Canvas, cloth: RGB) -> None:
    """The frame of the stage, its curtains, and the heads of a full house."""
    night = mix(c.ink, (20, 12, 20), 0.5)
    _curtain(c, 0, c.w * 0.3, cloth, -1)
    _curtain(c, c.w * 0.7, c.w * 0.3, cloth, 1)
    swags = c.rng.choice((7, 9, 11))
    for k in range(swags):
        x, wide, fold = c.w * k / swags, c.w / swags, c.dim(cloth, 0.12 + 0.1 * (k % 2))
        c.rect((x, 0, wide + 1, 60), fold)
        c.disc((x + wide / 2, 58), wide / 2, fold, flat=0.55)
        c.disc((x + wide / 2, 58), wide / 2.9, c.dim(cloth, 0.24), flat=0.4)
    c.rect((0, 0, c.w, 22), "d9ad4a")
    for side in (0.0, c.w - 70):
        c.rect((side, 0, 70, 900), c.dim("c99f4a", 0.35))
        c.rect((side + 10, 0, 10, 900), c.pale("e6c573", 0.1))
        c.rect((side + 50, 0, 10, 900), c.ink, 80)
    c.rect((0, 764, c.w, 136), night)
    c.rect((0, 764, c.w, 12), c.dim("d9ad4a", 0.2))
    for row in range(3):
        tint, size = mix(night, cloth, 0.26 - 0.09 * row), 112 + 44 * row
        for k in range(int(c.w / size) + 2):
            x, tall = (k + 0.5 * (row % 2)) * size + c.u(-12, 12), size * c.u(0.9, 1.05)
            if c.odds(0.93):
                hair = c.dim(tint, c.u(0.1, 0.5))
                back(c, (x, 866 + 40 * row, tall), tint, hair, hair)


def theatre(c: Canvas) -> None:
    """A play or a concert seen over the heads of a full house."""
    mid, floor, night = c.w / 2, 640.0, c.mood.top
    c.indoors()
    cloth = c.tone(c.pick(("a8283a", "8f2440", "2a5a78", "2a6656", "b0412e", "5a3470")))
    c.fade(c.band(0, floor), c.dim(night, 0.35), mix(c.mood.low, c.mood.accent, 0.15))
    _set(c, floor)
    c.fade(c.band(floor - 30, 800), c.dim("b58a5c", 0.1), c.dim("8a6040", 0.4))
    c.disc((mid, 690), 330, c.mood.sun, 120, 0.16)
    cast = c.rng.randint(1, 5)
    for spot in c.rng.sample((0.2, 0.35, 0.5, 0.65, 0.8), 3):
        c.beam((c.w * spot, -30), (mid + c.u(-140, 140), 720), 150, 75)
    for k in range(cast):
        x = mid + (k - (cast - 1) / 2) * 140 + c.u(-24, 24)
        robe = c.pick(("c8452f", "f4ead6", "2f7f86", "d99a2b", "7a3f6e"))
        person(c, x, 700 + c.u(-14, 10), c.u(225, 250), robe)
    _auditorium(c, cloth)
    c.glow((mid, 560), 700, c.mood.sun, 0.12)


def _booth(c: Canvas, x: float, y: float, h: float, cloth: RGB) -> None:
    """A polling booth with a drawn curtain, perhaps somebody's legs under it."""
    at = (x, y, h)
    if c.odds(0.6):
        person(c, x + h * 0.3, y - 4, h * 0.84, c.pick(COATS))
    c.form(at, "0,.2 .6,.96", c.dim("e9e4d8", 0.3), 60)
    for k in range(7):
        a, b = 0.02 + 0.08 * k, 0.1 + 0.08 * k
        fold = c.dim(cloth, 0.1 + 0.16 * (k % 2))
        c.fade(c.path(at, f"{a},.94 {b},.94 {b},.24 {a},.24"), fold, c.dim(fold, 0.12))
    for post in ("-.02,0 .03,1", ".57,0 .62,1", "-.04,.93 .64,1.01"):
        c.form(at, post, c.dim("d8d0c0", 0.06))


def _hand(c: Canvas, x: float, y: float, h: float) -> None:
    """A hand coming down from the right with a folded paper; ``y`` is the slot."""
    at, skin, sleeve = (x, y, h), c.tone(c.pick(SKINS)), c.tone(c.pick(COATS))
    c.cap(c.path(at, ".55,1.02 1.7,2.2"), sleeve, h * 0.52)
    c.form(at, ".3,1.02 .62,.7 .78,.84 .46,1.18", "f4efe4")
    c.cap(c.path(at, ".28,.72 .5,.9"), skin, h * 0.3)
    c.form(at, "-.42,0 -.34,.86 .3,.8 .34,0", "fbf8f0")
    c.form(at, ".02,0 .04,.83 .3,.8 .34,0", c.ink, 22)
    tick = (x - h * 0.04, y, -h if c.turned else h)
    c.wire(tick, "-.16,.42 -.06,.3 .16,.6", c.mood.accent, 0.05)
    for k in range(4):
        start, end = (0.34 + 0.06 * k, 0.74 - 0.07 * k), (0.08 + 0.05 * k, 0.66 - 0.11 * k)
        finger = c.path(at, f"{start[0]},{start[1]} {end[0]},{end[1]}")
        c.cap(finger, c.dim(skin, 0.05 * k), h * 0.105)
    c.cap(c.path(at, ".3,.84 .04,.84"), c.dim(skin, 0.1), h * 0.1)


def ballot(c: Canvas) -> None:
    """A vote going into the box, the booths behind."""
    floor, cloth = c.u(600, 640), c.tone(c.pick(("2f5f8e", "a8442f", "3f7a5a", "6a4a7a", "b5872f")))
    c.room(floor)
    if c.odds(0.5):
        window(c, (c.w * 0.7, 90, 360, 240))
    for k in range(c.rng.randint(3, 4)):
        _booth(c, c.w * (0.03 + 0.25 * k), floor + 50, 420, cloth)
    c.fade(c.band(floor - 330, 900), c.mood.haze, c.mood.haze, (0, 120))
    for _ in range(c.rng.randint(1, 3)):
        person(c, c.w * c.u(0.05, 0.95), floor + 90, 360, c.pick(COATS))
    c.fade(c.band(770, 900), c.dim("a9835a", 0.1), c.dim("8a6544", 0.4))
    c.rect((0, 764, c.w, 12), c.pale("c9a47a", 0.15))
    mid, wide = c.w * c.u(0.42, 0.52), c.u(250, 290)
    at, box = (mid, 838.0, wide), c.tone(c.pick(("f1ede2", "dfe7ea", "c9a06a", "3f5f7e")))
    c.disc((mid, 838), wide * 1.2, c.ink, 80, 0.09)
    c.fade(c.path(at, "-1,1.2 1,1.2 .94,0 -.94,0"), box, c.dim(box, 0.22))
    c.form(at, ".5,1.2 1,1.2 .94,0 .5,0", c.ink, 30)
    c.form(at, "-1.05,1.2 -.82,1.44 .82,1.44 1.05,1.2", c.pale(box, 0.25))
    c.form(at, "-1.05,1.12 1.05,1.2", c.dim(box, 0.25))
    c.form(at, "-.46,1.29 -.44,1.345 .44,1.345 .46,1.29", c.ink)
    _hand(c, mid + wide * 0.02, 838 - wide * 1.31, wide * 0.92)
    c.form(at, "-.46,1.29 -.465,1.315 .465,1.315 .46,1.29", c.pale(box, 0.15))
    c.disc((mid, 838 - wide * 0.6), wide * 0.34, c.mood.accent)
    c.wire((mid, 838, -wide if c.turned else wide), "-.17,.6 -.05,.46 .18,.76", "fbf8f0", 0.075)
    if c.dark:
        c.glow((mid, 300), 700, LAMP, 0.25)


def _stall(c: Canvas, x: float, y: float, w: float, awning: str) -> None:
    """A stall heaped with produce under a striped awning, its keeper behind it."""
    at, cloth = (x, y, w), c.tone(awning)
    for post in (0.03, 0.97):
        c.wire(at, f"{post},0 {post},.95", c.dim("8a6a4a", 0.3), 0.02)
    for _ in range(c.rng.randint(1, 2)):
        person(c, x + w * c.u(0.25, 0.75), y - w * 0.02, w * 0.68, c.pick(COATS))
    c.form(at, "0,0 1,.3", c.dim("a9835a", 0.12))
    for plank in (0.1, 0.2):
        c.wire(at, f"0,{plank} 1,{plank}", c.ink, 0.006)
    for crate in range(4):
        left, crop = x + w * (0.03 + 0.24 * crate), c.tone(c.pick(CROPS))
        for row in range(3):
            for col in range(5 - row):
                spot = (left + w * (0.03 + 0.04 * col + 0.02 * row), y - w * (0.36 + 0.032 * row))
                c.disc(spot, w * 0.025, c.dim(crop, 0.12 * ((col + row) % 3)))
        c.rect((left, y - w * 0.35, w * 0.22, w * 0.1), "c9a06a")
        c.rect((left, y - w * 0.3, w * 0.22, w * 0.012), c.ink, 70)
    for k in range(10):
        stripe = cloth if k % 2 else c.tone("f6efe0")
        a, b, p, q = 0.1 * k - 0.06 + 0.012 * k, 0.1 * k + 0.052 + 0.012 * k, 0.1 * k, 0.1 * k + 0.1
        c.form(at, f"{p},1.08 {q},1.08 {b},.84 {a},.84", stripe)
        c.form(at, f"{a},.84 {b},.84 {b},.79 {a},.79", c.dim(stripe, 0.14))
        c.ball(at, f"{(a + b) / 2},.79", 0.056, c.dim(stripe, 0.14), 0.6)
    c.form(at, "-.06,.86 1.06,.84", c.ink, 40)
    if c.dark:
        c.glow((x + w / 2, y - w * 0.72), w * 0.6, LAMP, 0.4)


def _house(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """A gabled town house, its shop below."""
    wall, roof = c.tone(c.pick(FRONTS), 0.8), c.tone(c.pick(("8a4f3f", "6a5a58", "7a4a42")), 0.8)
    gable = c.rng.randrange(3)
    plots = (
        "-.03,0 .5,.6 1.03,0",
        "0,0 0,.2 .2,.2 .2,.4 .4,.4 .4,.6 .6,.6 .6,.4 .8,.4 .8,.2 1,.2 1,0",
        "-.03,0 .12,.42 .88,.42 1.03,0",
    )
    c.form((x, y - h, w), plots[gable], wall if gable == 1 else roof)
    tower(c, (x, y - h, w, h), wall, w / 4, 0.6)
    c.rect((x + w * 0.06, y - 92, w * 0.88, 92), c.dim(wall, 0.6))
    c.rect((x + w * 0.1, y - 86, w * 0.5, 70), LAMP if c.dark else c.dim(c.mood.top, 0.3), 200)


def market(c: Canvas) -> None:
    """A market on the square before the old houses."""
    ground = c.u(590, 640)
    c.sky(ground)
    town(c, ground, 0.25, 330)
    spire, x = (c.w * c.u(0.2, 0.8), ground, 460.0), -30.0
    c.form(spire, "-.1,0 -.1,.8 0,1.25 .1,.8 .1,0", c.shade(0.42))
    while x < c.w:
        w = c.u(120, 190)
        _house(c, x, ground, w, c.u(190, 320))
        x += w
    c.fade(c.band(ground, 900), mix(c.tone("c4b8a6"), c.mood.haze, 0.3), c.dim("8f8578", 0.3))
    for k in range(60):
        y = ground + 6 + (k / 60) ** 1.5 * 290
        c.rect((c.u(-50, c.w), y, c.u(30, 120), 3), c.ink, 30, 1)
    crowd(c, 9, ground + 12, 40, 84)
    n = min(c.rng.randint(3, 4), max(1, int(c.w / 380)))
    if c.dark:
        c.indoors()
    awnings = c.rng.sample(("c8452f", "2f7f86", "d99a2b", "5f7f4a", "7a3f5e", "34558b"), n)
    wide, base = c.w / (n + 0.5), 800 + c.u(-20, 10)
    for k, awning in enumerate(awnings):
        _stall(
            c, c.w * 0.02 + (wide + 34) * k + c.u(-8, 8), base + c.u(-14, 14), wide * 0.9, awning
        )
    for k in range(2):
        y, colours = 150 + 90 * k, ("c8452f", "f4ead6", "d99a2b", "2f7f86")
        cable = [(c.w * t / 30, y + 100 * (4 * (t / 30 - 0.5) ** 2) * -1 + 100) for t in range(31)]
        c.line(cable, c.ink, 2, 200)
        for bx, by in cable[1::2]:
            if c.dark:
                c.glow((bx, by + 8), 40, LAMP, 0.9)
                c.disc((bx, by + 8), 6, LAMP)
            else:
                c.form((bx, by, 30.0), "-.4,0 .4,0 0,-.9", c.pick(colours))
    for k in range(c.rng.randint(4, 6)):
        person(c, c.w * c.u(0.04, 0.96), 880 + 4 * k, c.u(215, 250), c.pick(COATS))
    c.weather()
