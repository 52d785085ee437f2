"""Draw the pictures of a demo newsroom: flat editorial illustrations made from nothing.

``draw_scene`` is the whole public contract. A picture is a pure function of its scene,
seed and size, so a demo newsroom built twice has the same front page twice.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter, ImageOps

from broadsheet.operations.demo import drawing_crowds as crowds
from broadsheet.operations.demo import drawing_rooms as rooms
from broadsheet.operations.demo import drawing_scenes as country
from broadsheet.operations.demo import drawing_water as water
from broadsheet.operations.demo import drawing_works as works
from broadsheet.operations.demo.drawing_canvas import MOODS, SUPERSAMPLE, Canvas

PAINTERS: dict[str, Callable[[Canvas], None]] = {
    "harbour": water.harbour,
    "skyline": works.skyline,
    "mountains": country.mountains,
    "river": water.river,
    "fields": country.fields,
    "parliament": works.parliament,
    "stadium": crowds.stadium,
    "laboratory": rooms.laboratory,
    "theatre": crowds.theatre,
    "train": works.train,
    "ballot": crowds.ballot,
    "market": crowds.market,
    "sea": water.sea,
    "forest": country.forest,
    "nightsky": country.nightsky,
    "rain": works.rain,
    "classroom": rooms.classroom,
    "hospital": rooms.hospital,
    "bridge": water.bridge,
}
SCENES: tuple[str, ...] = tuple(PAINTERS)
HOURS = {"nightsky": ("night",), "rain": ("overcast", "dusk", "night")}

QUALITY = 88
GRAIN = 0.055


class UnknownSceneError(ValueError):
    """There is no scene of that name in ``SCENES``."""


def draw_scene(scene: str, *, seed: int, width: int = 1600, height: int = 900) -> bytes:
    """The JPEG of one of ``SCENES``; the same bytes for the same scene, seed and size.

    The seed settles the hour, the weather, the layout and the details. Raises
    ``UnknownSceneError`` for a scene that is not in ``SCENES``.
    """
    if scene not in PAINTERS:
        raise UnknownSceneError(f"no scene is called {scene!r}")
    rng = random.Random(f"{scene}:{seed}")
    moods = [mood for mood in MOODS if mood.time in HOURS.get(scene, mood.time)]
    canvas = Canvas(rng, moods[(seed + len(scene)) % len(moods)], width, height)
    PAINTERS[scene](canvas)
    return _develop(canvas, (width, height))


def _develop(canvas: Canvas, size: tuple[int, int]) -> bytes:
    """The painting brought to its size, perhaps turned left to right, and grained."""
    picture = canvas.image.reduce(SUPERSAMPLE)
    if canvas.turned:
        picture = ImageOps.mirror(picture)
    noise = Image.frombytes("L", size, canvas.rng.randbytes(size[0] * size[1]))
    noise = noise.filter(ImageFilter.GaussianBlur(0.6))
    noise = noise.point([round(128 + (v - 128) * GRAIN) for v in range(256)])
    grained = ImageChops.add(picture, Image.merge("RGB", [noise] * 3), 1, -128)
    out = io.BytesIO()
    grained.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
