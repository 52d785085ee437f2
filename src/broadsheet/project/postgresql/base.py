from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Makes its schema, `settings_dict["SCHEMA"]`, before the first table."""

    def prepare_database(self) -> None:
        super().prepare_database()
        schema = self.settings_dict["SCHEMA"]
        with self.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {self.ops.quote_name(schema)}")
            # Tables are made and changed next, which may take longer than a request may wait.
            cursor.execute("SET statement_timeout = 0")
