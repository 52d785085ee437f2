"""The demo pictures of rooms: laboratory, classroom and hospital."""

from __future__ import annotations

import math

from broadsheet.operations.demo.drawing_canvas import LAMP, WHITE, Canvas, mix
from broadsheet.operations.demo.drawing_props import (
    COATS,
    HAIR,
    SKINS,
    back,
    person,
    window,
)

LIQUIDS = ("2f9a8f", "d8743a", "b5405a", "4a6fb5", "d9b23a", "7a4f9a", "6fa53f")


def _flask(c: Canvas, x: float, y: float, h: float) -> None:
    """A conical flask, a round one or a beaker, part filled."""
    at, tint, kind = (x, y, h), c.tone(c.pick(LIQUIDS)), c.rng.randrange(3)
    glass = c.pale("dfeeee", 0.3)
    if kind == 0:
        c.form(at, "-.36,0 -.1,.6 -.1,1 .1,1 .1,.6 .36,0", glass, 110)
        c.form(at, "-.34,.02 -.2,.36 .2,.36 .34,.02", tint, 225)
        c.wire(at, "-.14,1 .14,1", glass, 0.05)
        c.form(at, "-.2,.08 -.1,.32 -.05,.32 -.13,.08", WHITE, 80)
    elif kind == 1:
        c.disc((x, y - h * 0.34), h * 0.34, glass, 120)
        c.form(at, "-.08,.6 .08,1", glass, 120)
        bowl = [(math.cos(a * math.pi / 16), math.sin(a * math.pi / 16)) for a in range(17)]
        c.form(at, " ".join(f"{0.31 * p},{0.36 - 0.31 * q}" for p, q in bowl), tint, 225)
        c.wire(at, "-.12,1 .12,1", glass, 0.05)
        c.form(at, "-.2,-.01 .2,.04", c.ink)
    else:
        c.form(at, "-.26,0 .26,.72", glass, 110)
        c.form(at, "-.24,.02 .24,.44", tint, 225)
        c.wire(at, "-.32,.72 .28,.72", glass, 0.04)
        for mark in (0.2, 0.3, 0.4, 0.5):
            c.wire(at, f".08,{mark} .2,{mark}", WHITE, 0.014)


def _microscope(c: Canvas, x: float, y: float, h: float) -> None:
    """A microscope on the bench."""
    at, body = (x, y, h), c.dim(c.pick(("3f5262", "5f6f78", "35606a")), 0.1)
    dark = c.dim(body, 0.55)
    c.cap(c.path(at, "-.28,.05 .3,.05"), dark, h * 0.1)
    c.cap(c.path(at, "-.22,.08 -.3,.35"), body, h * 0.11)
    c.cap(c.path(at, "-.3,.35 -.1,.72"), body, h * 0.11)
    c.form(at, "-.28,.3 .24,.35", dark)
    c.form(at, "-.08,.36 .14,.375", c.pale("dfeeee", 0.3))
    c.cap(c.path(at, "-.14,.98 .02,.6"), body, h * 0.13)
    c.cap(c.path(at, "-.19,1.08 -.15,1"), dark, h * 0.1)
    c.cap(c.path(at, ".02,.58 .06,.46"), dark, h * 0.075)
    c.ball(at, "-.27,.4", 0.07, dark)
    c.ball(at, "-.27,.4", 0.035, c.mood.accent)
    c.glow((x + h * 0.05, y - h * 0.3), h * 0.28, LAMP, 0.7)


def _shelves(c: Canvas, x: float, w: float) -> None:
    """Shelves of bottles and books on the wall."""
    for y in (210, 330, 450):
        at = x + 14
        while at < x + w - 40:
            wide, tall, tint = c.u(18, 40), c.u(40, 84), c.tone(c.pick((*LIQUIDS, *COATS)))
            if c.odds(0.6):
                c.rect((at, y - tall * 0.8, wide, tall * 0.8), c.dim(tint, 0.1), radius=5)
                c.rect((at + wide * 0.3, y - tall, wide * 0.4, tall * 0.24), c.dim(tint, 0.4))
                c.rect((at, y - tall * 0.5, wide, tall * 0.24), "f4efe4", 220)
            else:
                c.rect((at, y - tall, wide * 0.6, tall), tint)
            at += wide + c.u(3, 16)
        c.rect((x, y, w, 12), c.dim("a98a66", 0.1))
        c.rect((x, y + 12, w, 10), c.ink, 40)


def _scientist(c: Canvas, x: float, y: float, h: float) -> None:
    """Somebody in a white coat behind the bench, holding a tube to the light."""
    at, coat, skin = (x, y, h), c.pale("f3f1ec", 0.1), c.tone(c.pick(SKINS))
    hair = c.tone(c.pick(HAIR))
    c.form(at, "-.34,0 -.3,.42 -.2,.53 .2,.53 .3,.42 .34,0", coat)
    c.form(at, ".08,0 .12,.53 .2,.53 .3,.42 .34,0", c.ink, 26)
    c.form(at, "-.09,.53 0,.3 .09,.53", c.mood.accent)
    c.form(at, "-.06,.6 .06,.48", c.dim(skin, 0.18))
    if c.odds(0.5):
        c.form(at, "-.16,.74 -.19,.54 -.14,.5 .14,.5 .19,.54 .16,.74", hair)
        c.ball(at, "0,.75", 0.16, hair)
    c.ball(at, "0,.72", 0.135, skin, 1.15)
    c.form(at, "-.14,.75 -.12,.86 0,.91 .12,.86 .14,.75 .05,.8 -.06,.81", hair)
    for eye in ("-.06,.72", ".06,.72"):
        c.ball(at, eye, 0.048, c.ink)
        c.ball(at, eye, 0.037, c.pale("bfe0e4", 0.2))
    c.wire(at, "-.14,.73 .14,.73", c.ink, 0.012)
    c.wire(at, "-.03,.645 .03,.645", c.dim(skin, 0.4), 0.012)
    c.cap(c.path(at, "-.28,.42 -.46,.18"), c.dim(coat, 0.1), h * 0.12)
    c.cap(c.path(at, "-.46,.18 -.5,.48"), c.dim(coat, 0.05), h * 0.11)
    c.cap(c.path(at, "-.5,.7 -.5,.42"), c.pale("dfeeee", 0.4), h * 0.045)
    c.cap(c.path(at, "-.5,.56 -.5,.42"), c.pick(LIQUIDS), h * 0.035)
    c.ball(at, "-.5,.52", 0.055, skin)


def laboratory(c: Canvas) -> None:
    """A laboratory: somebody at the bench among flasks, a microscope and shelves."""
    bench, glazed, shelved = c.u(590, 640), c.u(360, 480), c.u(340, 460)
    c.room(700)
    free = c.w * 0.9 - glazed - shelved
    gap = free * c.u(0.2, 0.6)
    at = [c.w * 0.05 + c.u(0, free - gap)]
    at.append(at[0] + gap + (glazed if c.odds(0.5) else shelved))
    first = at[1] - at[0] - gap == glazed
    window(c, (at[0] if first else at[1], 120, glazed, 330))
    _shelves(c, at[1] if first else at[0], shelved)
    for k in range(3):
        x = c.w * (0.2 + 0.3 * k)
        c.line([(x, 0), (x, 44)], c.ink, 3)
        c.form((x, 90, 90.0), "-.6,0 -.25,.5 .25,.5 .6,0", c.mood.accent)
        c.glow((x, 92), 230, LAMP, 0.8 if c.dark else 0.3)
    slots = c.rng.sample(range(7), 7)
    spots = [c.w * (0.1 + 0.133 * slot) + c.u(-14, 14) for slot in slots]
    _scientist(c, spots[0] + (100 if slots[0] == 0 else 0), bench + 20, 400)
    c.fade(c.band(bench + 20, 900), c.dim("b9c0bf", 0.18), c.dim("8d9899", 0.45))
    for k in range(6):
        x, wide = c.w * k / 6 + 12, c.w / 6 - 24
        c.rect((x, bench + 60, wide, 330), c.ink, 34, 6)
        c.rect((x + wide / 2 - 30, bench + 82, 60, 9), c.ink, 130, 4)
    c.rect((0, bench, c.w, 26), "eae6dc")
    c.rect((0, bench + 26, c.w, 12), c.ink, 70)
    _microscope(c, spots[1], bench + 6, c.u(280, 330))
    for x in spots[3:]:
        _flask(c, x - 46, bench + 8, c.u(100, 190))
        _flask(c, x + 52, bench + 12, c.u(80, 150))
    for k in range(6):
        x, y = spots[2] - 55 + 22 * k, bench - 22
        c.cap([(x, y - 74), (x, y)], c.pale("dfeeee", 0.3), 15)
        c.cap([(x, y - c.u(18, 56)), (x, y)], c.pick(LIQUIDS), 11)
    for y in (bench - 66, bench - 14):
        c.rect((spots[2] - 75, y, 150, 14), "a9835a")


def _blackboard(c: Canvas, x: float, y: float, w: float, h: float) -> None:
    """A blackboard with a lesson of pure geometry, or of the planets."""
    c.rect((x - 14, y - 14, w + 28, h + 28), "a9835a")
    c.rect((x, y, w, h), c.dim(c.pick(("2f5a4a", "2f4550", "34404a")), 0.15))
    chalk, at = c.pale("f4f1e8", 0.2), (x, y + h, h)
    if c.odds(0.5):
        c.wire(at, ".2,.25 .9,.25 .4,.85 .2,.25", chalk, 0.012)
        c.wire(at, ".4,.85 .4,.25", "e6c84a", 0.009)
        hoop = [(1.3 + 0.28 * math.cos(a / 6), 0.54 + 0.28 * math.sin(a / 6)) for a in range(39)]
        c.wire(at, " ".join(f"{p},{q}" for p, q in hoop), chalk, 0.012)
        c.wire(at, "1.3,.54 1.54,.68", "d8743a", 0.012)
        wave = [(1.8 + k / 62, 0.5 + 0.2 * math.sin(k / 4)) for k in range(41)]
        c.wire(at, " ".join(f"{p},{q}" for p, q in wave), "7fc4d8", 0.012)
        c.wire(at, "1.8,.85 1.8,.2", chalk, 0.008)
        c.wire(at, "1.74,.5 2.5,.5", chalk, 0.008)
    else:
        c.ball(at, ".28,.5", 0.17, "e6c84a")
        for k, r in enumerate((0.035, 0.05, 0.055, 0.045, 0.1, 0.085)):
            spot = 0.58 + 0.3 * k + 0.06 * max(0, k - 3)
            bows = ((math.cos(a / 2), math.sin(a / 2)) for a in (-2, -1, 0, 1, 2))
            arc = [f"{spot - 0.1 + 0.1 * p},{0.5 + 0.38 * q}" for p, q in bows]
            c.wire(at, " ".join(arc), chalk, 0.005)
            c.ball(at, f"{spot},.5", r, c.pick(("7fc4d8", "d8743a", "b5c47a", "e6b58a")))
        c.wire(at, "2.05,.46 2.35,.56", chalk, 0.012)
    c.rect((x, y + h + 6, w, 16), "c9a06a")


def _pupils(c: Canvas) -> None:
    """Rows of desks and the backs of those who sit at them, some with a hand up."""
    for row, (y, size, n) in enumerate(((660, 130, 6), (760, 170, 5), (890, 230, 4))):
        for k in range(n):
            x, wood = c.w * (k + 0.5) / n + c.u(-14, 14), c.dim("d8ac74", 0.05 * row)
            c.rect((x - size * 0.72, y - size * 0.42, size * 1.44, size * 0.1), wood)
            c.rect((x - size * 0.68, y - size * 0.32, size * 1.36, size * 0.5), c.ink, 60)
            coat, skin = c.tone(c.pick(COATS)), c.tone(c.pick(SKINS))
            place = (x, y + size * 0.25, -size if c.odds(0.5) else size)
            taken = c.odds(0.9)
            if taken and c.odds(0.2):
                arm = c.path(place, ".38,.3 .46,1.12")
                c.cap(arm, c.dim(coat, 0.12), size * 0.16)
                c.disc(arm[1], size * 0.09, skin)
            if taken:
                back(c, place, coat, c.tone(c.pick(HAIR[:3])), skin)
            c.rect(
                (x - size * 0.34, y + size * 0.05, size * 0.68, size * 0.2),
                c.dim(wood, 0.25),
                radius=6,
            )


def classroom(c: Canvas) -> None:
    """A lesson seen from the last row: blackboard, teacher, and rows of pupils."""
    floor, left, wide = 560.0, c.w * 0.29, c.w * c.u(0.43, 0.48)
    c.room(floor)
    window(c, (c.w * 0.03, 110, 300, 300))
    _blackboard(c, left, 120, wide, 270)
    x = c.w * c.u(0.84, 0.9)
    c.disc((x, 140), 44, c.ink)
    c.disc((x, 140), 38, "fbf8f0")
    c.line([(x, 112), (x, 140), (x + 20, 150)], c.ink, 4)
    for k in range(3):
        sheet = c.w * 0.83 + 80 * k
        c.rect((sheet, 240, 64, 84), c.pick(("e6c84a", "7fb3c8", "d8743a", "a8c47a", "f4efe4")))
        c.disc((sheet + 32, 280), 19, c.pick(LIQUIDS))
    desk = (c.w * 0.82, floor, 100.0)
    c.form(desk, "0,.54 2.6,.7", "b58a5c")
    c.form(desk, ".14,-.56 2.46,.54", c.dim("a9784a", 0.2))
    c.wire(desk, ".5,.7 .9,.7 .7,.7 .7,1", c.ink, 0.07)
    c.ball(desk, ".7,1.36", 0.46, "5f9ab5")
    c.form(desk, ".42,1.5 .65,1.73 .84,1.59 .75,1.4 .8,1.18 .56,1.27", "8fb05f")
    for k in range(3):
        c.form(desk, f"1.5,{0.7 + 0.14 * k} 2.1,{0.82 + 0.14 * k}", c.pick(COATS))
    x = c.rng.choice((left - 66, left + wide + 62))
    person(c, x, floor + 40, 330, c.pick(COATS))
    _pupils(c)


def _monitor(c: Canvas, x: float, y: float, h: float) -> None:
    """A bedside monitor with its pulse."""
    at, trace = (x, y, h), (120, 240, 170)
    c.wire(at, "0,0 0,-1.9", c.dim("b9c4c6", 0.2), 0.06)
    c.rect((x - h * 0.7, y - h, h * 1.4, h), c.dim("dfe3e2", 0.08), radius=10)
    c.rect((x - h * 0.62, y - h * 0.92, h * 1.24, h * 0.76), (16, 34, 40), radius=6)
    pulse = "-.56,.6 -.3,.6 -.25,.66 -.2,.6 -.15,.6 -.1,.86 -.04,.4 0,.6 .2,.6 .25,.66 .3,.6 .36,.86 .42,.42 .46,.6 .56,.6"
    c.wire(at, pulse, trace, 0.025)
    wave = " ".join(f"{-0.56 + k / 36},{0.3 + 0.05 * math.sin(k / 2)}" for k in range(41))
    c.wire(at, wave, (240, 190, 90), 0.02)
    c.glow((x, y - h * 0.55), h * 0.9, trace, 0.22)


def _bed(c: Canvas, x: float, y: float, w: float) -> None:
    """A hospital bed with somebody in it, the head end to the left."""
    at, frame = (x, y, w), c.dim("cfd6d6", 0.15)
    blanket, skin = c.tone(c.pick(("7fb3b0", "8fa8c8", "b5c8a0", "d8b5a0"))), c.tone(c.pick(SKINS))
    for leg in (0.1, 0.9):
        c.wire(at, f"{leg},.05 {leg},.3", frame, 0.02)
        c.ball(at, f"{leg},.03", 0.026, c.ink)
    c.form(at, ".02,.24 .98,.3", frame)
    c.form(at, ".02,.3 .3,.36 .98,.36 .98,.3", "f4f2ec")
    c.form(at, ".02,.3 .0,.52 .06,.54 .34,.37 .34,.3", c.pale("f4f2ec", 0.2))
    c.cap(c.path(at, ".07,.52 .2,.45"), c.pale("ffffff", 0.2), w * 0.075)
    c.cap(c.path(at, ".17,.52 .22,.49"), c.dim(skin, 0.2), w * 0.04)
    c.ball(at, ".145,.54", 0.054, c.pick(HAIR))
    c.ball(at, ".162,.536", 0.045, skin)
    c.form(at, ".19,.5 .24,.53 .4,.45 .34,.36 .2,.4", c.pale("e6eef0", 0.2))
    c.fade(
        c.path(
            at, ".32,.36 .33,.44 .42,.48 .56,.44 .66,.5 .74,.46 .9,.43 .97,.42 .985,.24 .33,.26"
        ),
        c.pale(blanket, 0.15),
        c.dim(blanket, 0.22),
    )
    c.cap(c.path(at, ".24,.47 .33,.445"), c.pale("dbe6ea", 0.2), w * 0.05)
    c.cap(c.path(at, ".33,.445 .43,.465"), skin, w * 0.028)
    for end, tall in ((0.0, 0.66), (1.0, 0.56)):
        c.wire(at, f"{end},.05 {end},{tall}", frame, 0.026)
    c.wire(at, ".42,.36 .42,.42 .8,.42 .8,.36", frame, 0.01)


def _bedside(c: Canvas, x: float, y: float) -> None:
    """A bedside cabinet with flowers."""
    c.rect((x, y - 190, 150, 190), c.dim("dcd6ca", 0.1), radius=6)
    c.rect((x + 12, y - 176, 126, 60), c.ink, 34, 4)
    c.rect((x - 8, y - 204, 166, 16), "c9a47a")
    for k in range(5):
        tip = (x + 40 + 18 * k, y - 290 - c.u(0, 46))
        c.line([(x + 74, y - 224), tip], "5f8a55", 4)
        c.disc(tip, 17, c.pick(("c8452f", "e6b53a", "d87a9a", "f4efe4")))
    c.form((x + 74, y - 204, 60.0), "-.3,0 -.4,.7 .4,.7 .3,0", "7fa8b5")


def hospital(c: Canvas) -> None:
    """A hospital ward: a patient in bed, the drip, the monitor and who looks after them."""
    floor, y, scrubs = 690.0, 830.0, c.pick(("2f8f8a", "4a7fb5", "5f9a7a", "7a6fae"))
    wall = c.room(floor)
    c.rect((0, 430, c.w, 16), c.dim(wall, 0.18))
    c.rect((0, 446, c.w, floor - 460), scrubs, 44)
    window(c, (c.w * c.u(0.36, 0.5), 100, c.u(360, 480), 270))
    cloth = mix(c.tone(scrubs), c.mood.low, 0.45)
    rail = c.w * c.u(0.13, 0.22)
    c.rect((0, 62, c.w, 9), c.dim("c9d0d0", 0.2))
    for k in range(8):
        a, b = rail * k / 8, rail * (k + 1) / 8
        fold = c.dim(cloth, 0.02 + 0.13 * (k % 2))
        c.fade([(a, 70), (b, 70), (b, 660), (a, 660)], fold, c.dim(fold, 0.1))
    bed = c.w * c.u(0.24, 0.3)
    _monitor(c, bed - 20, 330, 130)
    drip = (bed + 280, y - 10, 560.0)
    c.wire(drip, "0,0 0,1 -.1,1", c.dim("aab4b6", 0.25), 0.014)
    c.wire(drip, "-.12,0 .12,0", c.ink, 0.016)
    c.cap(c.path(drip, "-.1,.93 -.1,.8"), c.pale("dff0f2", 0.3), 54)
    c.cap(c.path(drip, "-.1,.86 -.1,.8"), c.pick(LIQUIDS), 40)
    c.wire(drip, "-.1,.76 -.09,.6 -.06,.5 .0,.42", c.pale("ffffff", 0.3), 0.007)
    for k, coat in enumerate(c.rng.sample((scrubs, "f6f3ec", c.pick(COATS)), c.rng.randint(1, 2))):
        person(c, bed + c.u(330, 440) + 210 * k, y - 44, c.u(500, 530), coat)
    c.disc((bed + 400, y + 8), 480, c.ink, 60, 0.06)
    _bed(c, bed, y, 760)
    _bedside(c, bed + 830, y)
    if c.dark:
        c.glow((bed + 120, 260), 620, LAMP, 0.3)
