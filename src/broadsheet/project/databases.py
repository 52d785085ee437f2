"""Which database holds which table: readership apart, the log's checkpoint with the log,
everything else together.
"""

from typing import Any

READERSHIP = "broadsheet_readership"
#: How the models of readership begin that stand for a part of the view log.
_OF_THE_LOG = "checkpoint"


class ReadershipRouter:
    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return _alias_of(model._meta.app_label, model._meta.model_name)  # noqa: SLF001

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        # The objects, not their types: a request’s user comes in a lazy wrapper.
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **_hints: Any
    ) -> bool:
        return db == _alias_of(app_label, model_name or "")


def _alias_of(app_label: str, model_name: str) -> str:
    if app_label != READERSHIP:
        return "default"
    return "views" if model_name.startswith(_OF_THE_LOG) else "readership"
