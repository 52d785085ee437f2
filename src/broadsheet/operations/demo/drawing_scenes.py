"""The demo pictures of open country: mountains, fields, forest and the stars."""

from __future__ import annotations

import math

from broadsheet.operations.demo.drawing_canvas import LAMP, RGB, WHITE, Canvas, mix
from broadsheet.operations.demo.drawing_props import (
    COATS,
    LEAVES,
    boat,
    grass,
    grove,
    peak,
    person,
    tree,
)


def mountains(c: Canvas) -> None:
    """A snowy range in its planes of haze, above a lake or above a pine wood."""
    foot, snow, lake = c.u(560, 640), c.u(0.25, 0.5), c.odds(0.6)
    c.sky(foot)
    for depth, n, tall in ((0.3, 5, 310), (0.55, 4, 400), (0.8, 3, 340)):
        for k in range(n):
            x = (k + c.u(0.1, 0.9)) / n * c.w
            peak(c, x, foot + 30, tall * c.u(0.65, 1.15), depth, snow)
        c.fade(c.band(foot - 150, foot + 30), c.mood.haze, c.mood.haze, (0, 120))
    wood = c.tone(c.pick(("3f6650", "4a6a4e", "35594f")))
    edge = c.land(foot + 4, 22, mix(wood, c.mood.haze, 0.35), wood)
    grove(c, edge, 54, "pine", wood)
    if lake:
        c.water(foot + 46)
        if c.odds(0.6):
            boat(c, c.w * c.u(0.4, 0.6), foot + 100, 60, sails=True)
    else:
        for k in range(3):
            y, leaf = foot + 60 + 62 * k, c.dim(wood, 0.12 + 0.13 * k)
            edge = c.land(y, 30, mix(leaf, c.mood.haze, 0.3), leaf)
            grove(c, edge[k % 2 :: 2], 110 + 45 * k, "pine", leaf)
    near = c.land(800, 40, c.dim(wood, 0.3), c.ink)
    for x, y in near:
        if abs(x / c.w - 0.5) > (0.2 if lake else 0.28):
            size, leaf = c.u(110, 300), c.dim(wood, c.u(0.4, 0.65))
            tree(c, x + c.u(-20, 20), y + 30, size, "pine", leaf)
    c.weather()


def _barn(c: Canvas, x: float, y: float, h: float) -> None:
    """A barn with its silo."""
    at, wall = (x, y, h), c.tone(c.pick(("a4463a", "8a6a4e", "d8ccb6")))
    c.ball(at, "1.74,1.3", 0.2, "9aa0a0")
    c.form(at, "1.54,0 1.94,1.3", "b9bdbb")
    c.form(at, "1.8,0 1.94,1.3", c.ink, 50)
    c.form(at, "0,0 0,.62 .2,.9 .5,1.05 .8,.9 1,.62 1,0", wall)
    c.form(at, "1,0 1.56,.61", c.dim(wall, 0.35))
    c.form(at, ".5,1.1 .84,.94 1.06,.6 1.62,.6 1.42,1.1", "5a5656")
    c.wire(at, "-.05,.58 .17,.92 .5,1.08 .83,.92 1.05,.58", c.pale(wall, 0.5), 0.03)
    c.form(at, ".3,0 .7,.45", c.dim(wall, 0.55))
    c.wire(at, ".3,0 .7,.45 .7,0 .3,.45 .7,.45", c.pale(wall, 0.3), 0.018)
    c.form(at, ".4,.66 .6,.82", LAMP if c.dark else c.dim(wall, 0.6))


def _tractor(c: Canvas, x: float, y: float, h: float) -> None:
    """A tractor, its nose to the right."""
    at, body = (x, y, h), c.tone(c.pick(("b5402f", "3f7a4a", "2f6f9e")))
    c.form(at, "0,.34 .86,.34 .86,.6 .8,.68 0,.68", body)
    c.form(at, "-.5,.32 -.5,.56 -.4,.64 .1,.64 .1,.32", body)
    c.form(at, "-.42,.6 .14,1.14", mix(c.mood.low, body, 0.2))
    c.form(at, "-.5,1.12 .22,1.21", body)
    c.wire(at, ".14,.6 .14,1.14", body, 0.05)
    c.wire(at, "-.4,.6 -.4,1.14", body, 0.04)
    c.wire(at, ".6,.6 .6,1.05", c.ink, 0.045)
    c.form(at, ".3,.5 .84,.56", c.ink, 90)
    for hub, r in (("-.28,.42", 0.42), (".68,.26", 0.26)):
        c.ball(at, hub, r, c.ink)
        c.ball(at, hub, r * 0.5, "d8b25a")
        c.ball(at, hub, r * 0.18, c.ink)


def fields(c: Canvas) -> None:
    """Farmland: furrows running to the horizon, and whoever or whatever works them."""
    far, subject = c.u(390, 470), c.rng.randrange(3)
    c.sky(far)
    c.land(far - 40, 36, c.shade(0.25), c.shade(0.15))
    crops = (("d8b45a", "c29a44"), ("8fa552", "74904a"), ("8a6a4c", "6f543e"), ("b7b860", "98a352"))
    for k in range(3):
        strip = c.tone(c.rng.choice(crops)[0], 0.45 + 0.18 * k)
        edge = c.land(far + k * 26, 12, strip, strip)
        leaf, kind = c.tone(c.pick(LEAVES), 0.5 + 0.15 * k), c.pick(("round", "poplar"))
        for x, top in edge[:: c.rng.randint(2, 5)]:
            tree(c, x + c.u(-9, 9), top + 4, c.u(18, 34) + 12 * k, kind, leaf)
    near, (light, dark) = far + 110, c.rng.choice((*crops, ("c9a4b8", "8a7fa8")))
    c.fade(c.band(near, 900), c.tone(light, 0.85), light)
    aim = c.w * c.u(0.25, 0.75)
    for k in range(-34, 34):
        a, b = aim + k * 46, aim + k * 210
        c.poly([(a, near), (a + 20, near), (b + 95, 900), (b, 900)], c.dim(dark, 0.12))
    c.fade(c.band(near, near + 90), c.mood.haze, c.mood.haze, (120, 0))
    x = c.w * c.u(0.2, 0.7)
    if subject == 0:
        tree(c, x - 70, near + 44, 250, "round", c.tone(c.pick(LEAVES)))
        _barn(c, x, near + 40, 170)
    elif subject == 1:
        c.disc((x + 10, near + 142), 120, c.ink, 70, 0.12)
        _tractor(c, x, near + 140, 170)
    else:
        c.disc((x, near + 62), 120, c.ink, 60, 0.1)
        tree(c, x, near + 60, 340, "round", c.tone(c.pick(LEAVES)))
        for step in sorted(c.u(50, 250) for _ in range(7)):
            bx, by, r = c.w * c.u(0, 1), near + step, 16 + step * 0.16
            c.disc((bx + r * 1.2, by), r * 1.9, c.ink, 60, 0.14)
            c.rect((bx, by - 2 * r, r * 2.2, r * 2), "b98f45", radius=r * 0.5)
            for ring, straw in ((1.0, "e0bf74"), (0.66, "cba65c"), (0.3, "b98f45")):
                c.disc((bx + r * 2.2, by - r), r * ring, straw)
    c.weather()


def _deer(c: Canvas, x: float, y: float, h: float, coat: str) -> None:
    """A stag standing side on."""
    at, hide = (x, y, h), c.dim(coat, 0.3)
    for leg in ("-.3,.4 -.33,0", "-.22,.4 -.2,0", ".12,.4 .1,0", ".2,.4 .22,0"):
        c.wire(at, leg, c.dim(hide, 0.25), 0.04)
    c.form(at, "-.36,.52 -.3,.6 .1,.6 .24,.66 .3,.86 .4,.88 .54,.78 .42,.74 .3,.42 -.3,.38", hide)
    c.form(at, "-.38,.58 -.34,.46 -.3,.56", WHITE, 150)
    c.form(at, ".3,.86 .22,.94 .34,.9", hide)
    for antler in (".34,.88 .3,1.02 .2,1.14", ".31,1.02 .36,1.13", ".37,.88 .44,1.02 .56,1.12"):
        c.wire(at, antler, c.dim(hide, 0.3), 0.02)
    c.wire(at, ".44,1.02 .43,1.14", c.dim(hide, 0.3), 0.018)


def _trunk(c: Canvas, x: float, y: float, half: float, bark: RGB, birch: bool) -> None:
    """A tree trunk ``half`` wide to each side, rising out of the picture."""
    at, up, lean = (x, y, half), y / half + 1, c.u(-0.6, 0.6)
    c.form(at, f"-1.5,0 -1,4 {lean - 0.7},{up} {lean + 0.7},{up} 1,4 1.5,0", bark)
    c.form(at, f".3,0 {lean + 0.2},{up} {lean + 0.7},{up} 1,4 1.5,0", c.ink, 45)
    for _ in range(11 if birch else 0):
        rise, left = c.u(0.1, 0.9) * up, c.u(-0.8, 0.1)
        c.form(at, f"{left},{rise} {left + c.u(0.3, 0.8)},{rise + 0.24}", c.ink, 150)
    for _ in range(2 if not birch and half < 26 else 0):
        rise, side = c.u(0.4, 0.75) * up, c.rng.choice((-1, 1))
        c.wire(at, f"0,{rise} {side * c.u(3, 6)},{rise + c.u(3, 6)}", bark, 0.3)


def _canopy(c: Canvas, k: int, leaves: RGB, path: float) -> None:
    """The leaves overhead at the depth ``k``, lowest away from the path."""
    for _ in range(46):
        x, r = c.u(-50, c.w + 50), c.u(40, 105) * (0.6 + 0.12 * k)
        drop = 330 * abs(x - path) / c.w * c.u(0.5, 1.1) + c.u(-50, 60) - 24 * k
        c.disc((x, drop), r, leaves)
        c.disc((x - r * 0.16, drop - r * 0.2), r * 0.8, c.pale(leaves, 0.07), 160)


def _path(c: Canvas, x: float, y: float) -> None:
    """A path from the glade to the bottom of the picture, and who is on it."""
    bend, left, right = c.u(-0.5, 0.5), [], []
    for k in range(25):
        t = k / 24
        mid, half = x + 210 * bend * math.sin(t * 3.4) * (0.2 + t), 7 + 150 * t**1.5
        left.append((mid - half, y + (900 - y) * t))
        right.append((mid + half, y + (900 - y) * t))
    c.fade(
        [*left, *reversed(right)], mix(c.tone("d8c09a"), c.mood.haze, 0.35), c.dim("b09468", 0.25)
    )
    if c.odds(0.4):
        _deer(c, (left[13][0] + right[13][0]) / 2, left[13][1], 190, "9a6a48")
        return
    for k, away in ((11, -0.3), (11, 0.34)):
        wide = right[k][0] - left[k][0]
        person(c, left[k][0] + wide * (0.5 + away), left[k][1], c.u(118, 138), c.pick(COATS))


def forest(c: Canvas) -> None:
    """The inside of a wood, trunk behind trunk, with light between them and a path."""
    birch, leaf, ground = c.odds(0.4), c.pick(LEAVES), c.u(610, 670)
    glade, path = mix(c.mood.low, c.tone(leaf), 0.3), c.w * c.u(0.35, 0.65)
    c.fade(c.band(0, ground), mix(glade, c.tone(leaf), 0.45), c.pale(c.mood.low, 0.4))
    c.glow((path, c.u(200, 380)), 640, c.mood.sun, 0.9)
    for k, depth in enumerate((0.14, 0.3, 0.5, 0.74, 1.0)):
        bark = c.tone("efe9dc" if birch else c.pick(("6a5244", "5a4c44")), depth)
        bark = bark if birch else mix(bark, c.shade(depth), 0.3)
        leaves = mix(glade, c.dim(leaf, 0.05 + 0.3 * depth), 0.25 + 0.75 * depth)
        _canopy(c, k, leaves, path)
        low = c.dim(leaves, 0.15 + 0.2 * depth)
        floor = c.land(ground - 60 + 64 * k, 10 + 4 * k, leaves, low)
        for _ in range((28, 18, 12, 8, 5)[k]):
            x, y = c.rng.choice(floor)
            x += c.u(-14, 14)
            if abs(x - path) > (20, 50, 110, 210, 360)[k]:
                half = (5, 8, 13, 20, 32)[k] * c.u(0.7, 1.2)
                _trunk(c, x, y + 6 + half * 0.4, half, bark, birch)
        for x, y in floor:
            c.disc((x, y + 8 + k), (9 + 8 * k) * c.u(0.7, 1.3), leaves, flat=0.6)
        for _ in range(3 if k in {1, 2} else 0):
            x = c.u(0.1, 0.8) * c.w
            shaft = [(x, 0), (x + 90, 0), (x + 330, ground + 90), (x + 130, ground + 90)]
            c.fade(shaft, c.mood.sun, c.mood.sun, (80, 0))
    _path(c, path, ground - 44)


def _observatory(c: Canvas, x: float, y: float) -> None:
    """A dome with its slit open."""
    at = (x, y, 190)
    wall, slit = c.tone("c9ccd2"), mix(LAMP, c.mood.accent, 0.3)
    c.glow((x + 20, y - 170), 240, LAMP, 0.35)
    c.form(at, "-.5,0 .5,.5", c.dim(wall, 0.3))
    c.form(at, ".1,0 .5,.5", c.ink, 60)
    dome = [
        (x + 100 * math.cos(a * math.pi / 30), y - 95 - 106 * math.sin(a * math.pi / 30))
        for a in range(31)
    ]
    c.fade(dome, wall, c.dim(wall, 0.4))
    c.form(at, ".02,.52 .1,.8 .17,1.03 .3,.98 .26,.78 .2,.52", slit)
    c.wire(at, ".1,.62 .3,1.06", c.ink, 0.07)
    c.form(at, "-.54,.47 .54,.53", c.dim(wall, 0.15))
    c.form(at, "-.12,0 .04,.28", slit)
    c.form(at, ".5,0 1.1,.3", c.dim(wall, 0.4))
    c.form(at, ".62,.12 .74,.2", LAMP)
    person(c, x - 150, y + 8, 58, "44546a")


def _camp(c: Canvas, x: float, y: float) -> None:
    """A lit tent, and somebody at a telescope."""
    at, cloth = (x, y, 150), mix(LAMP, c.mood.accent, 0.45)
    c.glow((x, y - 40), 300, LAMP, 0.5)
    c.fade(c.path(at, "-.8,0 0,.85 .8,0"), c.dim(cloth, 0.35), cloth)
    c.form(at, "-.24,0 0,.85 .2,0", LAMP)
    c.form(at, "0,.85 .2,0 .8,0", c.dim(cloth, 0.3), 150)
    at = (x - 260, y + 6, 150)
    for leg in ("0,.55 -.22,0", "0,.55 .2,0", "0,.55 .03,0"):
        c.wire(at, leg, c.ink, 0.03)
    c.wire(at, "-.28,.32 .34,.86", c.tone("d5dae2"), 0.1)
    c.wire(at, ".26,.79 .36,.88", c.tone("ffffff"), 0.13)
    person(c, x - 330, y + 8, 150, c.pick(COATS))


def _aurora(c: Canvas) -> None:
    """Curtains of light, gone before they reach the sides."""
    step = c.w / 220
    for k in range(3):
        tint = c.rng.choice(((90, 230, 170), (120, 200, 220), (170, 130, 220), (90, 230, 170)))
        phase, tint = c.u(0, 6), mix(tint, c.mood.low, 0.2)
        for n in range(220):
            x = n * step
            y = 360 - 80 * k + 74 * math.sin(phase + n / 27) + 16 * math.sin(n / 6)
            tall = 210 + 70 * math.sin(phase + n / 10) + c.u(-24, 24)
            power = round(105 * math.sin(math.pi * n / 219) * (0.7 + 0.3 * math.sin(phase + n / 4)))
            ray = [(x, y - tall), (x + step - 0.6, y - tall), (x + step - 0.6, y), (x, y)]
            c.fade(ray, tint, tint, (0, power))
            c.fade(
                [(x, y), (ray[1][0], y), (ray[1][0], y + 34), (x, y + 34)], tint, tint, (power, 0)
            )


def _milky_way(c: Canvas, ground: float) -> None:
    """The Milky Way across the sky, glow and stars."""
    slope, mid = c.u(-0.6, 0.6), c.w * c.u(0.35, 0.65)
    for k in range(34):
        x = c.w * (k + 0.5) / 34 + c.u(-50, 50)
        at = (x, 330 + (x - mid) * slope + c.u(-50, 50))
        tint = mix(c.rng.choice((c.mood.sun, (190, 150, 220), LAMP)), c.mood.low, c.u(0.2, 0.7))
        c.glow(at, c.u(90, 210), tint, c.u(0.12, 0.3))
    for _ in range(1800):
        x = c.u(0, c.w)
        y = 330 + (x - mid) * slope + c.rng.gauss(0, 75)
        if y < ground:
            c.disc((x, y), c.u(0.5, 1.5), c.mood.sun, round(c.u(50, 210)))


def nightsky(c: Canvas) -> None:
    """The stars over an observatory, a telescope or a tent: Milky Way or aurora."""
    ground, u = c.u(690, 740), c.u
    c.sky(ground, moon=False)
    if c.odds(0.35):
        _aurora(c)
    else:
        _milky_way(c, ground)
    for _ in range(26):
        at = (u(0, c.w), u(0, 0.9) * ground)
        c.glow(at, 16, WHITE, 0.5)
        c.disc(at, u(1.6, 2.8), WHITE)
    x, y = c.w * u(0.3, 0.8), u(80, 260)
    for k in range(16):
        trail = [(x + 9 * k, y - 4 * k), (x + 9 * k + 9, y - 4 * k - 4)]
        c.line(trail, WHITE, 0.8 + k * 0.16, 16 * k)
    c.land(ground - 70, 60, c.shade(0.3), c.shade(0.45))
    c.land(ground - 20, 40, c.shade(0.55), c.shade(0.6))
    hill = c.land(ground + 20, 34, c.shade(0.8), c.ink)
    grove(c, hill[:12:2] + hill[48::2], 130, "pine", c.shade(0.85))
    c.rng.choice((_observatory, _camp))(c, c.w * u(0.34, 0.64), hill[29][1] + 14)
    grass(c, c.ink, 300)
