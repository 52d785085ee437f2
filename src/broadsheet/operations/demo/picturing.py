"""The demo's pictures: each drawn once, and kept with the sizes that readers are shown."""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import django
from django.core.files.base import ContentFile
from tqdm import tqdm

from broadsheet.articles.models import NewsImage
from broadsheet.web.picturing import find_pictures

from .contents import Scene
from .drawing import draw_scene

Size = tuple[int, int]


def keep_pictures(scenes: Sequence[Scene], *, size: Size, processes: int) -> dict[Scene, int]:
    """Return the ids of the images of `scenes`, drawn where they are not kept yet.

    Each is of `size` pixels, and has all its renditions. With more than one process they are
    drawn side by side: most of the demo's time goes here.
    """
    draw = partial(keep_picture, size=size)
    progress = partial(tqdm, total=len(scenes), desc="drawing the pictures", disable=None)
    if processes <= 1:
        return dict(zip(scenes, progress(map(draw, scenes)), strict=True))
    # Spawned, not forked: a child must not share our database connections.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, initializer=django.setup) as pool:
        return dict(zip(scenes, progress(pool.map(draw, scenes)), strict=True))


def keep_picture(scene: Scene, *, size: Size) -> int:
    """Return the id of the image of one scene; draw it, and make its renditions, where missing."""
    title = f"{scene.scene.capitalize()} {scene.seed}"
    image = NewsImage.objects.filter(title=title).first()
    if image is None:
        width, height = size
        drawn = draw_scene(scene.scene, seed=scene.seed, width=width, height=height)
        file = ContentFile(drawn, name=f"{scene.scene}-{scene.seed}.jpg")
        image = NewsImage.objects.create(title=title, file=file, width=width, height=height)
    find_pictures([image.pk])
    return int(image.pk)


def count_processors() -> int:
    """How many processes can draw at the same time."""
    return len(os.sched_getaffinity(0))
