"""What is damaged in the view log: said once, and kept where people look."""

import logging
from collections.abc import Iterable
from datetime import datetime

from .models import LogDamage
from .view_reading import DamagedExtent

logger = logging.getLogger(__name__)


def record_damage(extents: Iterable[DamagedExtent], *, was_counted: bool, now: datetime) -> int:
    """Keep what was found damaged; return how many views are newly known to be missing.

    `was_counted` says that they were counted before the log lost them. What is known already is
    left as it is.
    """
    missing = 0
    for extent in extents:
        _, is_new = LogDamage.objects.get_or_create(
            name=extent.name,
            offset=extent.offset,
            first_missing=extent.first_missing,
            defaults={
                "end": extent.end,
                "missing": extent.missing,
                "was_counted": was_counted and extent.missing > 0,
                "found_at": now,
            },
        )
        if is_new:
            level = logging.ERROR if extent.missing else logging.INFO
            logger.log(level, "The view log is damaged: %s", extent.text)
            missing += extent.missing
    return missing
