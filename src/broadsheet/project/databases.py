"""Which database holds which table: readership apart, everything else together."""

from typing import Any

READERSHIP = "broadsheet_readership"


class ReadershipRouter:
    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "readership" if model._meta.app_label == READERSHIP else "default"  # noqa: SLF001

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        # The objects, not their types: a request’s user comes in a lazy wrapper.
        return self.db_for_read(one) == self.db_for_read(other)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return (db == "readership") == (app_label == READERSHIP)
