"""Things that stand in more than one demo picture: people, trees, houses, boats."""

from __future__ import annotations

import math

from broadsheet.operations.demo.drawing_canvas import (
    LAMP,
    RGB,
    Box,
    Canvas,
    Place,
    Point,
    mix,
)

COATS = ("b5533c", "2f6f7e", "d8a24a", "44546a", "6b7f5a", "8a4a5e", "e3d9c6", "3a3f4a")
FRONTS = ("c9a184", "d9c39a", "9fb0ad", "b87f6a", "e0d6c4", "8c9aa8", "c7b7a6")
GREENS = ("7f9f56", "9aab5c", "6f9468", "b3a95a", "89a06a")
LEAVES = ("5f8a55", "7d9a4e", "4a7a63", "b58a3c", "c0703a", "6d8f6a")
SKINS = ("e8b995", "c98f68", "8a5a3c", "f0cba8")
HAIR = ("2b211c", "5a3a24", "b98b4e", "8d8f92", "1d1a1d")


def tree(c: Canvas, x: float, y: float, h: float, kind: str, leaf: RGB) -> None:
    """A tree standing on ``y``: ``pine``, ``poplar`` or ``round``."""
    at, dim = (x, y, h), c.dim(leaf, 0.3)
    c.form(at, "-.035,0 -.02,.4 .02,.4 .035,0", c.dim(leaf, 0.6))
    if kind == "pine":
        for k in range(5):
            top, half = 1 - 0.17 * k, 0.08 + 0.042 * k
            tip, foot = f"0,{top}", top - 0.29
            c.form(at, f"{tip} {half},{foot} 0,{foot + 0.04} {-half},{foot}", leaf)
            c.form(at, f"{tip} {half},{foot} {half * 0.15},{foot + 0.03}", dim)
    elif kind == "poplar":
        lean = "0,1 .07,.78 .1,.5 .08,.22 .03,.12 -.03,.12 -.08,.22 -.1,.5 -.07,.78"
        c.form(at, lean, dim)
        c.form(at, "-.005,.97 .02,.6 -.02,.2 -.07,.24 -.095,.5 -.065,.78", leaf)
    else:
        spin = c.u(0, 6)
        crown = [(0.0, 0.58, 0.28)]
        for k in range(9):
            turn = spin + k * 0.7
            bulge = (0.3 * math.cos(turn), 0.58 + 0.25 * math.sin(turn))
            crown.append((*bulge, c.u(0.11, 0.19)))
        for dx, up, r in crown:
            c.ball(at, f"{dx},{up}", r, dim)
        for dx, up, r in crown:
            c.ball(at, f"{dx * 0.8 - 0.035},{up + 0.035 + 0.02 * dx}", r * 0.82, leaf)


def grove(c: Canvas, edge: list[Point], h: float, kind: str, leaf: RGB) -> None:
    """Trees along a skyline, those behind paler than those before."""
    stray = max(16, c.w / max(1, len(edge)) / 2)
    for share in (0.4, 0.15):
        for x, y in edge:
            tall = h * c.u(0.6, 1.15)
            tint = mix(leaf, c.mood.haze, share * c.u(0.7, 1.2))
            tree(c, x + c.u(-stray, stray), y + h * 0.2, tall, kind, tint)


def grass(c: Canvas, blades: RGB, n: int = 420) -> None:
    """Tall grass along the bottom of the picture."""
    for _ in range(n):
        at = (c.u(0, c.w), 912.0, c.u(20, 74))
        c.form(at, f"-.06,0 {c.u(-0.3, 0.3)},1 .06,0", blades)


def person(c: Canvas, x: float, y: float, h: float, coat: str) -> None:
    """Somebody of height ``h`` standing with their feet on ``y``, facing us or away."""
    at, body = (x, y, h), c.tone(coat)
    skin, hair, legs = c.tone(c.pick(SKINS)), c.tone(c.pick(HAIR)), c.dim(coat, 0.65)
    c.disc((x + h * 0.04, y), h * 0.2, c.ink, 70, 0.18)
    for side in (-1, 1):
        foot, hand = c.u(0.03, 0.08) * side, c.u(0.1, 0.17) * side
        c.cap(c.path(at, f"{side * 0.04},.45 {foot},.03"), legs, h * 0.075)
        arm = c.path(at, f"{side * 0.1},.77 {hand},.47")
        c.cap(arm, c.dim(body, 0.2), h * 0.07)
        c.disc(arm[1], h * 0.032, skin)
    c.cap(c.path(at, "-.07,.8 .07,.8"), body, h * 0.09)
    c.form(at, "-.1,.81 .1,.81 .12,.38 -.12,.38", body)
    c.form(at, "0,.81 .1,.81 .12,.38 .03,.38", c.ink, 28)
    long, facing = c.odds(0.4), c.odds(0.65)
    if long and facing:
        c.form(at, "-.068,.93 -.078,.79 .078,.79 .068,.93", hair)
    c.cap(c.path(at, "0,.9 0,.83"), c.dim(skin, 0.2), h * 0.055)
    if long and not facing:
        c.form(at, "-.068,.93 -.078,.78 0,.76 .078,.78 .068,.93", hair)
    c.ball(at, "0,.932", 0.07, hair, 1.05)
    if facing:
        c.ball(at, "0,.908", 0.058, skin)


def crowd(c: Canvas, n: int, top: float, drop: float, tall: float) -> None:
    """People spread over the ground from ``top`` down, the nearer the larger."""
    for near in sorted(c.u(0, 1) ** 2 for _ in range(n)):
        size = tall * (1 + 1.6 * near)
        person(c, c.u(0, c.w), top + near * drop, size, c.pick(COATS))


def back(c: Canvas, place: Place, coat: RGB, hair: RGB, skin: RGB) -> None:
    """Head and shoulders seen from behind, rising from the place."""
    c.form(place, "-.52,0 -.46,.38 -.3,.5 -.1,.55 .1,.55 .3,.5 .46,.38 .52,0", coat)
    c.form(place, ".1,0 .16,.54 .3,.5 .46,.38 .52,0", c.ink, 26)
    c.form(place, "-.09,.68 .09,.5", c.dim(skin, 0.2))
    for ear in (-0.2, 0.2):
        c.ball(place, f"{ear},.73", 0.045, c.dim(skin, 0.1))
    style, sheen = c.rng.randrange(4), c.pale(hair, 0.1)
    if style == 1:
        c.form(place, "-.2,.8 -.25,.4 -.16,.36 .16,.36 .25,.4 .2,.8", hair)
    elif style == 2:
        c.ball(place, "0,1.03", 0.085, hair)
    c.ball(place, "0,.78", 0.2, hair, 1.12)
    if style == 3:
        c.form(place, "-.05,.72 -.09,.4 0,.3 .09,.4 .05,.72", c.dim(hair, 0.2))
    c.wire(place, "-.12,.88 -.04,.94 .06,.945", sheen, 0.03)


def tower(c: Canvas, box: Box, wall: RGB, pitch: float = 15, lit: float = 0.4) -> None:
    """A house front, lit from the left, with windows of which ``lit`` are lit at night."""
    x, y, w, h = box
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    c.fade(corners, wall, mix(wall, c.mood.haze, 0.35))
    c.rect((x + w * 0.72, y, w * 0.28, h), c.ink, 38)
    cols = max(1, int((w - pitch * 0.5) / pitch))
    left = x + (w - cols * pitch) / 2 + pitch * 0.22
    for row in range(int((h - pitch) / (pitch * 1.4))):
        for col in range(cols):
            on = c.dark and c.odds(lit)
            corner = (left + col * pitch, y + (row * 1.4 + 0.6) * pitch)
            pane = (*corner, pitch * 0.56, pitch * 0.8)
            c.rect(pane, LAMP if on else c.ink, 210 if on else 62)


def town(c: Canvas, y: float, depth: float, tall: float) -> None:
    """A far town along ``y`` as a silhouette, with lights after dark."""
    x, shade = -20.0, c.shade(depth)
    while x < c.w:
        wide, high, kind = c.u(24, 80), tall * c.u(0.25, 0.7), c.rng.random()
        at = (x, y - high, wide)
        c.rect((x, y - high, wide + 2, high), shade)
        if kind < 0.35:
            c.form(at, "0,0 .5,.4 1,0", shade)
        elif kind < 0.4:
            c.form((x + wide / 2, y - high, tall), "-.09,0 -.07,.3 0,.75 .07,.3 .09,0", shade)
        elif kind < 0.45:
            c.ball(at, ".5,0", 0.42, shade)
        for _ in range(4 if c.dark else 0):
            light = (x + c.u(4, wide - 4), y - c.u(6, high), 3.5, 5.0)
            c.rect(light, LAMP, 190)
        x += wide


def window(c: Canvas, box: Box) -> None:
    """A window on to the weather outside, with its frame and sill."""
    x, y, w, h = box
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    c.fade(corners, c.mood.top, c.mood.low)
    c.disc((x + w * c.u(0.2, 0.8), y + h * c.u(0.2, 0.5)), w * 0.06, c.mood.sun, 210)
    at = x
    while at < x + w - 12:
        wide, tall = min(c.u(24, 70), x + w - at), h * c.u(0.08, 0.36)
        c.rect((at, y + h - tall, wide, tall), c.shade(c.u(0.25, 0.5)))
        at += wide
    frame = c.tone("f4f0e6")
    for k in range(4):
        c.rect((x - 7 + k * w / 3, y - 8, 12, h + 14), frame)
    for share in (0.0, 0.38, 1.0):
        c.rect((x - 7, y - 8 + share * h, w + 12, 11), frame)
    c.rect((x - 24, y + h + 2, w + 48, 16), c.pale(frame, 0.3), radius=3)


def lamp_post(c: Canvas, x: float, y: float, h: float) -> None:
    """A street lamp, burning after dark."""
    at = (x, y, h)
    c.wire(at, "0,0 0,.92", c.ink, 0.022)
    c.form(at, "-.03,0 -.015,.12 .015,.12 .03,0", c.ink)
    c.form(at, "-.05,.99 .05,.99 .035,.88 -.035,.88", LAMP if c.dark else "f4ead6")
    c.form(at, "-.06,.98 0,1.05 .06,.98", c.ink)
    if c.dark:
        c.glow((x, y - h * 0.93), h * 0.6, LAMP, 0.75)


def arches(c: Canvas, top: float, foot: float, n: int, stone: RGB) -> None:
    """A wall of ``n`` arches across the whole width, pierced between top and foot."""
    bay, deep = c.w / n, min(c.w / n * 0.42, (foot - top) * 0.8)
    for k in range(n):
        left, mid = k * bay, (k + 0.5) * bay
        spring = top + 26 + deep
        curve = [
            (mid - deep * math.cos(a * math.pi / 24), spring - deep * math.sin(a * math.pi / 24))
            for a in range(25)
        ]
        inside = [(mid - deep, foot), *curve, (mid + deep, foot)]
        outside = [(left + bay + 1, foot), (left + bay + 1, top), (left, top), (left, foot)]
        c.poly([*inside, *outside], stone)
        c.line(curve, c.pale(stone, 0.25), 6)
        c.poly([*((px + 16, py) for px, py in curve[:13]), *reversed(curve[:13])], c.ink, 70)
        c.rect((mid - deep, spring, 16, foot - spring), c.ink, 70)
    c.rect((0, top - 9, c.w, 14), c.pale(stone, 0.2))


def boat(c: Canvas, x: float, y: float, h: float, sails: bool) -> None:
    """A fishing boat, or a yacht under sail, afloat at ``y``."""
    at = (x, y, h)
    shadow = c.path(at, "-.38,0 .4,0 .2,-.36 -.2,-.36")
    c.fade(shadow, c.ink, c.ink, (120, 0))
    c.wire(at, "0,.1 .01,1", c.shade(0.9), 0.018)
    if sails:
        cloth = c.tone("faf3e4")
        c.form(at, ".03,.17 .03,.97 .2,.6 .42,.17", cloth)
        c.form(at, "-.02,.17 -.01,.88 -.16,.5 -.33,.14", c.dim(cloth, 0.2))
    else:
        c.form(at, "-.2,.12 .02,.34", "f1ece0")
        c.form(at, "-.17,.22 -.02,.29", LAMP if c.dark else c.ink, 200)
        c.form(at, "-.23,.33 .05,.37", c.mood.accent)
        c.wire(at, "-.42,.13 .01,1 .46,.13", c.shade(0.8), 0.008)
        c.wire(at, ".01,.4 -.3,.62", c.shade(0.8), 0.014)
    c.form(at, "-.42,.13 .1,.12 .5,.18 .34,0 -.34,0", c.tone(c.pick(COATS)))
    c.wire(at, "-.41,.12 .1,.11 .48,.165", "f4ead6", 0.02)


def gulls(c: Canvas, x: float, y: float, n: int) -> None:
    """White birds about a point in the sky."""
    for _ in range(n):
        at = (x + c.u(-220, 220), y + c.u(-90, 90), c.u(9, 18))
        c.wire(at, "-1,.5 -.4,.6 0,0 .5,.75 1,.7", mix(c.mood.sun, c.mood.haze, 0.2), 0.2)


def lighthouse(c: Canvas, x: float, y: float, h: float, depth: float) -> None:
    """A banded lighthouse, lit after dark, its foot hidden in the rock at ``y``."""
    at, wall, stripe = (x, y, h), c.tone("f3eee2", depth), c.tone(c.mood.accent, depth)
    for k in range(5):
        a, b = 0.1 - 0.007 * k, 0.093 - 0.007 * k
        foot, top = 0.16 * k, 0.16 * (k + 1)
        c.form(at, f"{-a},{foot} {-b},{top} {b},{top} {a},{foot}", stripe if k % 2 else wall)
        c.form(at, f"{a * 0.3},{foot} {b * 0.3},{top} {b},{top} {a},{foot}", c.ink, 50)
    c.form(at, "-.09,.8 .09,.83", c.shade(depth))
    c.form(at, "-.05,.83 .05,.92", LAMP if c.dark else wall)
    c.form(at, "-.075,.92 0,1 .075,.92", stripe)
    if c.dark:
        c.beam((x, y - h * 0.87), (x - h * 4, y - h * 1.3), h * 0.6, 120)
        c.beam((x, y - h * 0.87), (x + h * 3, y - h * 0.8), h * 0.4, 90)
        c.glow((x, y - h * 0.87), h * 0.6, LAMP, 0.8)


def peak(c: Canvas, x: float, foot: float, h: float, depth: float, snow: float) -> None:
    """One mountain: a lit face, a shadowed face and a ragged cap of snow."""
    half, rows, bend = h * c.u(0.9, 1.25), 16, c.u(0.05, 0.2)
    left: list[Point] = []
    right: list[Point] = []
    ridge: list[Point] = []
    for k in range(rows + 1):
        t = k / rows
        y, rough = foot - h * (1 - t), h * 0.04 * math.sin(math.pi * t)
        left.append((x - half * t**1.1 + c.u(-rough, rough), y))
        right.append((x + half * t**1.15 + c.u(-rough, rough), y))
        ridge.append((x + half * bend * t + c.u(-rough, rough) * 1.6, y))
    rock = mix(c.tone("8d8a86", depth), c.shade(depth), 0.4)
    base = mix(rock, c.mood.haze, 0.75)
    c.fade([*left, *reversed(right)], mix(rock, c.mood.low, 0.28), base)
    c.fade([*ridge, *reversed(right)], c.dim(rock, 0.3 * depth), base)
    cut = max(3, round(rows * snow))
    white = mix(c.tone("ffffff", 0.4 + depth * 0.6), c.mood.low, 0.2)
    for face, colour in ((left, white), (right, mix(white, c.shade(depth), 0.32))):
        (mx, my), (ex, ey) = ridge[cut], face[cut]
        teeth = [(mx, my)]
        for k in range(1, 8):
            drop = c.u(0.02, 0.13) if k % 2 else -c.u(0.0, 0.07)
            teeth.append((mx + (ex - mx) * k / 8 + c.u(-4, 4), my + h * drop))
        c.poly([*face[:cut], (ex, ey), *reversed(teeth), *reversed(ridge[:cut])], colour)
