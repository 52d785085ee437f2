"""What is stored of a row, so that a save can tell whether anything that readers see changed.

The rows beside articles announce their own changes, so that no form, command or cascade can pass
them by. Deletions are heard through Django's signal: a cascade and a queryset's `delete()` call no
model's method.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models


def stored_values(row: models.Model, fields: Sequence[str]) -> dict[str, Any] | None:
    """Return what the database holds of `row` in `fields`; None where it is not there yet."""
    if row.pk is None:
        return None
    stored = type(row)._base_manager.filter(pk=row.pk)  # noqa: SLF001 - Django's own API
    return stored.values(*fields).first()
