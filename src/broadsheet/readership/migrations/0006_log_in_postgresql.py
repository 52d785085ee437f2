from django.db import migrations

#: In PostgreSQL the view log is a table. Its frames are of keyed hashes, which nothing makes
#: smaller. The next sequence is a row of its own: whoever gives sequences locks it.
LOG = """
    CREATE TABLE broadsheet_readership_viewframe (
        first_sequence bigint PRIMARY KEY,
        views integer NOT NULL,
        written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        frame bytea NOT NULL
    )
"""
AS_IT_IS = """
    ALTER TABLE broadsheet_readership_viewframe ALTER COLUMN frame SET STORAGE EXTERNAL
"""
END = """
    CREATE TABLE broadsheet_readership_viewlogend (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
        next_sequence bigint NOT NULL
    ) WITH (fillfactor = 10)
"""
FIRST_END = "INSERT INTO broadsheet_readership_viewlogend (next_sequence) VALUES (1)"
#: The key that machines hash readers with on one day. It is in no backup: an unlogged table is
#: neither in the server's log nor on its replicas.
KEYS = """
    CREATE UNLOGGED TABLE broadsheet_readership_viewkey (
        day date PRIMARY KEY,
        key bytea NOT NULL
    )
"""


def make_tables(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (LOG, AS_IT_IS, END, FIRST_END, KEYS):
            schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('broadsheet_readership', '0005_checkpoint_and_damage'),
    ]

    operations = [
        migrations.RunPython(make_tables, hints={"model_name": "viewframe"}),
    ]
