"""The demo pictures of what a country builds: skyline, parliament, railway, street."""

from __future__ import annotations

import math

from broadsheet.operations.demo.drawing_canvas import LAMP, RGB, Canvas, mix
from broadsheet.operations.demo.drawing_props import (
    COATS,
    FRONTS,
    GREENS,
    LEAVES,
    arches,
    boat,
    crowd,
    grass,
    grove,
    lamp_post,
    person,
    tower,
    town,
    tree,
)

STONE = ("e6dac3", "d9d3c8", "e8cfb2", "cfd3d0")


def _roof(c: Canvas, x: float, y: float, w: float, wall: RGB) -> None:
    """Give a tower the roof that makes it its own: steps, a slope, a mast, a crown."""
    at, kind = (x, y, w), c.rng.randrange(9)
    if kind in {0, 1}:
        c.form(at, ".18,0 .82,.26", wall)
        c.form(at, ".34,.2 .66,.5", wall)
    elif kind in {2, 3}:
        c.form(at, "0,-.01 0,.45 1,-.01", wall)
    elif kind == 4:
        c.form(at, ".12,0 .3,.5 .42,.7 .5,1.9 .58,.7 .7,.5 .88,0", wall)
    elif kind in {5, 6}:
        c.form(at, ".25,0 .75,.14", wall)
        c.wire(at, ".5,0 .5,.9", wall, 0.035)
    elif kind == 7:
        c.ball(at, ".5,0", 0.5, wall, 0.55)


def skyline(c: Canvas) -> None:
    """The towers of a city, layer behind layer, over its river or its park."""
    shore, heart, pitch = c.u(640, 720), c.u(0.3, 0.7), c.u(12, 15)
    fronts = [c.pick(FRONTS) for _ in range(4)]
    c.sky(shore)
    town(c, shore, 0.14, 330)
    for depth, tall, gap in ((0.3, 430, 40), (0.58, 450, 90), (0.95, 290, 100)):
        x = c.u(-60, 0)
        while x < c.w:
            w, away = c.u(54, 112), abs((x + 40) / c.w - heart)
            h = tall * c.u(0.45, 1.0) * max(0.35, 1.1 - 1.3 * away)
            wall = mix(c.tone(c.pick(fronts), depth), c.shade(depth), 0.12)
            _roof(c, x, shore - h, w, wall)
            tower(c, (x, shore - h, w, h), wall, pitch, 0.4 * depth)
            x += w + c.u(-8, gap)
        c.fade(c.band(shore - 170, shore), c.mood.haze, c.mood.haze, (0, 110))
    if c.odds(0.55):
        c.water(shore)
        for k in range(2):
            boat(c, c.w * c.u(0.1, 0.9), shore + 70 + 60 * k, 100 + 40 * k, sails=True)
    else:
        leaf, lawn = c.tone(c.pick(LEAVES)), c.tone(c.pick(GREENS))
        edge = c.land(shore + 4, 6, mix(lawn, c.mood.haze, 0.3), c.dim(lawn, 0.35))
        grove(c, edge[::2], 84, "round", leaf)
        walk = "-.5,.02 -.2,.075 .1,.09 .5,.07 .5,.03 .2,.05 -.2,.03 -.5,-.04"
        c.form((c.w / 2, 900, c.w), walk, mix(c.tone("d8c7a4"), c.mood.haze, 0.2))
        crowd(c, 9, 826, 40, 62)
        for spot in (-0.01, 0.07, 0.16, 0.86, 0.95, 1.02):
            x, h, tint = c.w * (spot + c.u(-0.02, 0.02)), c.u(170, 290), c.u(0.1, 0.3)
            tree(c, x, 852 + h * 0.1, h, "round", c.dim(leaf, tint))
    c.weather()


def _portico(c: Canvas, at: tuple[float, float, float], stone: RGB) -> None:
    """Columns under a pediment, at the head of their steps; ``at`` ends with the height."""
    mid, ground, h = at
    n, half, shaded = c.rng.choice((6, 8, 10)), 250, c.dim(stone, 0.4)
    c.rect((mid - half, ground - h, half * 2, h), shaded)
    c.rect((mid - 26, ground - h * 0.55, 52, h * 0.5), LAMP if c.dark else c.dim(stone, 0.65))
    for k in range(n):
        x = mid - half + 22 + k * (half * 2 - 44) / (n - 1)
        if c.dark:
            c.glow((x, ground - 60), 130, LAMP, 0.35)
        c.rect((x - 15, ground - h, 30, h), stone)
        c.rect((x + 4, ground - h, 11, h), c.ink, 45)
        c.rect((x - 20, ground - h - 4, 40, 14), stone)
    eaves = (mid, ground - h, half + 30.0)
    c.form(eaves, "-.96,-.01 .96,.12", c.pale(stone, 0.2))
    c.form(eaves, "-1,.12 0,.45 1,.12", stone)
    c.form(eaves, "-.78,.15 0,.39 .78,.15", shaded)
    for step in range(5):
        wide = half + 20 + 16 * step
        c.rect(
            (mid - wide, ground - 40 + 9 * step, wide * 2, 9),
            c.dim(stone, 0.05 + 0.08 * (step % 2)),
        )


def _dome(c: Canvas, mid: float, y: float, stone: RGB, roof: RGB) -> float:
    """A dome on its drum, standing on ``y``; the height of its top."""
    tower(c, (mid - 135, y - 80, 270, 110), stone, 30)
    c.rect((mid - 150, y - 92, 300, 16), c.pale(stone, 0.3))
    turns = [a * math.pi / 30 for a in range(31)]
    tall = c.u(115, 155)
    arc = [(mid + 132 * math.cos(a), y - 92 - tall * math.sin(a)) for a in turns]
    c.fade(arc, c.pale(roof, 0.25), roof)
    for rib in (-0.8, -0.5, -0.18, 0.18, 0.5, 0.8):
        c.line([(mid + rib * (px - mid), py) for px, py in arc[:16]], c.ink, 2, 60)
    c.poly([(mid + 40, y - 92), *[(px, py) for px, py in arc[:14]]], c.ink, 40)
    c.rect((mid - 20, y - 92 - tall - 40, 40, 44), stone)
    c.form((mid, y - 92 - tall - 40, 56.0), "-.5,0 0,.7 .5,0", roof)
    return y - 92 - tall - 78


def _clock_tower(c: Canvas, mid: float, y: float, stone: RGB, roof: RGB) -> float:
    """A clock tower standing on ``y``; the height of its top."""
    tower(c, (mid - 62, y - 170, 124, 280), stone, 26)
    c.rect((mid - 72, y - 176, 144, 14), c.pale(stone, 0.3))
    c.disc((mid, y - 116), 40, c.dim(stone, 0.4))
    c.disc((mid, y - 116), 35, LAMP if c.dark else c.tone("fbf6e6"))
    c.line([(mid, y - 140), (mid, y - 116), (mid + 17, y - 106)], c.ink, 4)
    c.form((mid, y - 174, 144.0), "-.5,0 -.1,.7 0,1 .1,.7 .5,0", roof)
    c.form((mid, y - 174, 144.0), "0,1 .1,.7 .5,0 .12,0", c.ink, 50)
    return y - 174 - 140


def parliament(c: Canvas) -> None:
    """A parliament on its square: portico, wings, and a dome or a clock tower."""
    ground, mid = c.u(720, 770), c.w / 2
    c.sky(ground)
    town(c, ground, 0.2, 240)
    stone, roof = c.tone(c.pick(STONE)), c.tone(c.pick(("5f7f78", "6a6f7a", "8a5a4a")))
    wing, high = c.u(500, 660), c.u(190, 230)
    top = ground - high
    tower(c, (mid - wing, top, wing * 2, high), c.dim(stone, 0.12), 44)
    c.rect((mid - wing - 12, top - 18, wing * 2 + 24, 20), stone)
    for side in (-1, 1):
        end = mid + side * (wing - 60)
        tower(c, (end - 80, top - 34, 160, high + 34), stone, 44)
        c.form(
            (end, top - 34, 92.0), "-1,0 -.5,.5 .5,.5 1,0" if high > 210 else "-1,0 0,.6 1,0", roof
        )
    crown = c.rng.choice((_dome, _clock_tower))(c, mid, top - 110, stone, roof)
    flag = (mid, crown + 8, 64.0)
    c.wire(flag, "0,0 0,1", c.ink, 0.05)
    c.form(flag, "0,1 .3,.94 .6,1.02 1,.96 1,.5 .6,.56 .3,.48 0,.54", c.mood.accent)
    _portico(c, (mid, ground, high + 30), stone)
    c.fade(c.band(ground, 900), mix(c.tone("c9c1b2"), c.mood.haze, 0.3), c.dim("8f897f", 0.35))
    for k in range(9):
        x = mid + (k - 4) * 60
        seam = [(x, ground), (mid + (k - 4) * 260, 900)]
        c.line(seam, c.ink, 2, 40)
    for x in (0.08, 0.2, 0.8, 0.92):
        lamp_post(c, c.w * x, ground + 40, 190)
    crowd(c, c.rng.randint(9, 22), ground + 14, 112, 58)
    c.weather()


def _coach(c: Canvas, x: float, y: float, long: float, stripe: str, fast: bool) -> None:
    """One carriage standing on its wheels at ``y``."""
    at, shell = (x, y, long), c.tone("efece4" if fast else stripe)
    for wheel in ("-.4,.03", "-.32,.03", ".32,.03", ".4,.03"):
        c.ball(at, wheel, 0.03, c.ink)
    c.rect((x - long / 2, y - long * 0.3, long, long * 0.26), shell, radius=long * 0.02)
    c.form(at, "-.49,.29 .49,.305", c.dim("8f9498", 0.3))
    c.form(at, "-.5,.04 .5,.1", stripe if fast else "efe6d2")
    c.form(at, "-.5,.04 .5,.055", c.ink, 120)
    pane = LAMP if c.dark else c.dim(c.mood.top, 0.45)
    for k in range(7):
        left = -0.38 + k * 0.112
        c.rect((x + left * long, y - long * 0.25, long * 0.085, long * 0.1), pane, radius=3)
    for door in ("-.48,.06 -.42,.26", ".43,.06 .48,.26"):
        c.form(at, door, c.ink, 70)


def _engine(c: Canvas, x: float, y: float, long: float, stripe: str, fast: bool) -> None:
    """The head of the train, its nose to the right of ``x``."""
    at, shell = (x, y, long), c.tone("efece4" if fast else stripe)
    pane = c.dim(c.mood.top, 0.6)
    c.ball(at, ".1,.03", 0.03, c.ink)
    c.ball(at, ".18,.03", 0.03, c.ink)
    if fast:
        c.form(at, "0,.04 0,.3 .16,.3 .3,.25 .42,.16 .47,.08 .46,.04", shell)
        c.form(at, "0,.04 0,.1 .44,.1 .47,.07 .46,.04", stripe)
        c.form(at, ".2,.265 .3,.235 .37,.18 .26,.19", pane)
    else:
        c.form(at, "0,.04 0,.3 .24,.3 .3,.26 .32,.04", shell)
        c.form(at, "0,.04 .32,.1", "efe6d2")
        c.form(at, ".24,.16 .305,.16 .29,.26 .24,.26", pane)
    c.form(at, ".02,.15 .1,.25", LAMP if c.dark else pane)
    c.wire(at, ".02,.3 .08,.36 .02,.41", c.ink, 0.01)
    c.ball(at, ".44,.11" if fast else ".31,.12", 0.014, LAMP)
    if c.dark:
        c.glow((x + long * 0.44, y - long * 0.11), 130, LAMP, 0.9)
        c.beam((x + long * 0.44, y - long * 0.11), (x + long * 1.5, y - 10), 60, 110)


def train(c: Canvas) -> None:
    """A passenger train crossing a valley on its viaduct, or the plain on its bank."""
    far, viaduct, fast = c.u(430, 500), c.odds(0.5), c.odds(0.55)
    c.sky(far)
    turf, stripe = c.tone(c.pick(GREENS)), c.pick((c.pick(COATS[:3]), "2f5f8e", "3f7a5a"))
    for depth, up in ((0.18, 110), (0.32, 60)):
        c.land(far - up, 56, c.shade(depth), mix(c.shade(depth), c.mood.haze, 0.4))
    rail, drop = (far + 50, 90) if viaduct else (far + 210, 52)
    for k in range(3):
        meadow = mix(mix(turf, c.tone(c.pick(GREENS)), 0.5), c.mood.haze, 0.5 - 0.2 * k)
        edge = c.land(far + drop * k, 18, meadow, turf)
        grove(c, edge[:: 3 - k], 30 + 22 * k, "round", mix(c.tone(c.pick(LEAVES)), meadow, 0.2))
    if viaduct:
        arches(c, rail, 900, c.rng.randint(5, 7), c.tone(c.pick(("b9a58c", "a8a39a", "b58a74"))))
    else:
        c.fade(c.band(rail, rail + 90), c.dim("9a8f80", 0.2), c.dim(turf, 0.25))
    for k in range(7):
        x = c.w * (k + 0.5) / 7
        for pole in ("0,0 0,1", "0,.92 .3,.86", "0,.76 .3,.86"):
            c.wire((x, rail, 175), pole, c.dim(c.shade(0.7), 0.2), 0.03)
    for up in (148, 132):
        c.line([(0, rail - up), (c.w, rail - up)], c.shade(0.8), 1.6)
    nose = c.w * c.u(0.66, 0.84)
    for k in range(6):
        _coach(c, nose - 196 - 396 * k, rail - 2, 384, stripe, fast)
    _engine(c, nose, rail - 2, 384, stripe, fast)
    c.rect((0, rail - 3, c.w, 6), c.dim("6a6460", 0.4))
    leaf = c.dim(turf, 0.3)
    edge = c.land(860 if viaduct else rail + 150, 26, leaf, c.dim(turf, 0.7))
    grove(c, edge[::4], 130, c.pick(("round", "poplar")), c.dim(c.pick(LEAVES), 0.3))
    grass(c, c.dim(turf, 0.7))
    c.weather()


def _umbrella(c: Canvas, x: float, y: float, h: float) -> None:
    """Somebody walking under an umbrella."""
    person(c, x, y, h, c.pick(COATS))
    at, cloth = (
        (x + h * 0.05, y, h),
        c.tone(c.pick(("c8452f", "2f7f86", "d99a2b", "34404f", "8a3f5e"))),
    )
    c.wire(at, "0,.55 0,1.25", c.ink, 0.014)
    arc = [
        f"{0.42 * math.cos(a * math.pi / 16)},{0.92 + 0.34 * math.sin(a * math.pi / 16)}"
        for a in range(17)
    ]
    c.form(at, " ".join(arc), cloth)
    c.form(at, " ".join([*arc[:9], ".1,.92"]), c.ink, 45)
    for k in range(4):
        c.ball(at, f"{-0.315 + 0.21 * k},.915", 0.105, c.dim(cloth, 0.35), 0.22)


def _tram(c: Canvas, x: float, y: float, h: float) -> None:
    """A tram coming head on."""
    at, paint = (x, y, h), c.tone(c.pick(("a8352f", "2f6f5a", "d8a23a")))
    c.wire(at, "-.1,1 0,1.16 .1,1", c.ink, 0.015)
    c.form(at, "-.36,.06 -.36,.9 -.26,1.02 .26,1.02 .36,.9 .36,.06", paint)
    c.form(at, "-.31,.46 -.31,.84 .31,.84 .31,.46", c.dim(c.mood.top, 0.5))
    c.form(at, "-.2,.88 .2,.97", LAMP)
    c.form(at, "-.36,.36 .36,.42", "f4ead6")
    c.form(at, "-.02,.46 .02,.84", paint)
    for side in (-0.24, 0.24):
        c.ball(at, f"{side},.24", 0.05, (255, 246, 220))
        c.glow((x + side * h, y - 0.24 * h), h * 0.42, LAMP, 0.9)
    c.form(at, "-.3,0 .3,.07", c.ink)


def rain(c: Canvas) -> None:
    """A wet street: house fronts in the haze, lamps, a tram and umbrellas."""
    ground, aim = c.u(600, 650), c.w * c.u(0.42, 0.58)
    c.sky(ground, moon=False)
    c.fade(c.band(0, ground), c.mood.top, c.mood.haze, (150, 190))
    town(c, ground, 0.15, 380)
    gap = c.u(60, 90)
    for side in (-1, 1):
        edge = gap
        for k in range(5):
            depth, w, foot = 0.25 + 0.17 * k, 120.0 + 62 * k + c.u(-20, 20), ground + 8 * k
            x = aim + edge if side > 0 else aim - edge - w
            h = (250 + 110 * k) * c.u(0.8, 1.15)
            wall = mix(c.tone(c.pick(FRONTS), depth * 0.8), c.shade(depth), 0.35)
            tower(c, (x, foot - h, w, h), wall, 17 + 7 * k, 0.5)
            c.rect((x - 5, foot - h - 8 - 2 * k, w + 10, 12 + 2 * k), c.dim(wall, 0.25))
            shop = 34.0 + 20 * k
            c.rect((x + w * 0.06, foot - shop - 4, w * 0.88, shop), c.dim(wall, 0.5))
            c.rect((x + w * 0.1, foot - shop, w * 0.58, shop - 6), LAMP, 130 + 20 * k)
            edge += w * 0.97
    _tram(c, aim + c.u(-40, 40), ground + 44, c.u(150, 210))
    for k in range(3):
        for side in (-1, 1):
            x = aim + side * (150 + 170 * k)
            lamp_post(c, x, ground + 14 + 20 * k, 190 + 80 * k)
            c.glow((x, ground + 14 + 20 * k - 176 - 74 * k), 90 + 30 * k, LAMP, 0.7)
    c.mirror(ground + 40, 0.5)
    c.fade(c.band(ground + 40, 900), c.ink, c.ink, (30, 130))
    for side in (-1, 1):
        c.line([(aim + side * 30, ground + 44), (aim + side * 210, 900)], c.mood.low, 3, 70)
    for _ in range(150):
        near = c.u(0, 1)
        at = (c.u(0, c.w), ground + 44 + near * 250)
        c.disc(at, 6 + 22 * near, c.mood.low, round(c.u(14, 44)), 0.16)
    for near in sorted(c.u(0, 1) for _ in range(c.rng.randint(5, 8))):
        _umbrella(c, c.w * c.u(0.06, 0.94), ground + 70 + 190 * near, 120 + 170 * near)
    c.rain(620)
