from django.db import migrations, models

BUCKETS = "broadsheet_readership_bucket"
OLD = f"{BUCKETS}_without_sections"
#: Tables that are written at random places all day: laid out by their key they are one tree of
#: pages instead of two, which halves what a fold writes.
BY_KEY = (BUCKETS, "broadsheet_readership_openwindow", "broadsheet_readership_referrercount")


def set_aside(apps, schema_editor):
    schema_editor.execute(f"ALTER TABLE {BUCKETS} RENAME TO {OLD}")


def take_over(apps, schema_editor):
    schema_editor.execute(f"""
        INSERT INTO {BUCKETS} (size, start, article_id, section_id, views)
        SELECT old.size, old.start, old.article_id, COALESCE(placed.section_id, 0), old.views
        FROM {OLD} AS old
        LEFT JOIN broadsheet_readership_articlecount AS placed
            ON placed.article_id = old.article_id
    """)
    schema_editor.execute(f"DROP TABLE {OLD}")


def lay_out_by_key(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    for table in BY_KEY:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT type, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL",
                [table],
            )
            made = cursor.fetchall()
        [create] = [sql for kind, sql in made if kind == "table"]
        new = create.replace(f'"{table}"', f'"{table}_by_key"', 1)
        schema_editor.execute(f"{new} WITHOUT ROWID", params=None)
        schema_editor.execute(f"INSERT INTO {table}_by_key SELECT * FROM {table}")
        schema_editor.execute(f"DROP TABLE {table}")
        schema_editor.execute(f"ALTER TABLE {table}_by_key RENAME TO {table}")
        for kind, sql in made:
            if kind == "index":
                schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('broadsheet_readership', '0003_what_editors_choose'),
    ]

    operations = [
        migrations.RunPython(set_aside, hints={"model_name": "bucket"}),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("Bucket")]),
        migrations.CreateModel(
            name='Bucket',
            fields=[
                ('pk', models.CompositePrimaryKey('size', 'start', 'article_id', 'section_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('size', models.PositiveIntegerField()),
                ('start', models.BigIntegerField()),
                ('article_id', models.BigIntegerField()),
                ('section_id', models.BigIntegerField(default=0)),
                ('views', models.PositiveIntegerField()),
            ],
        ),
        migrations.RunPython(take_over, hints={"model_name": "bucket"}),
        migrations.RunPython(lay_out_by_key, hints={"model_name": "bucket"}),
    ]
