from django.db import migrations, models

WINDOWS = "broadsheet_readership_openwindow"
NEVER_MS, FOR_EVER_MS = -(2**62), 2**62


def drop_index_of_moments(apps, schema_editor):
    """By hand, for Django would lay the table out anew, and not by its key."""
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, WINDOWS)
    for name, constraint in found.items():
        if constraint["index"] and constraint["columns"] == ["last_counted_at_ms"]:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


class Migration(migrations.Migration):

    dependencies = [
        ('broadsheet_readership', '0008_total_as_ranked'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(drop_index_of_moments, hints={"model_name": "openwindow"}),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='openwindow',
                    name='last_counted_at_ms',
                    field=models.BigIntegerField(),
                ),
            ],
        ),
        migrations.CreateModel(
            name='WindowBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.BigIntegerField()),
                ('oldest_ms', models.BigIntegerField(db_index=True)),
                ('newest_ms', models.BigIntegerField(db_index=True)),
                ('entries', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='WindowSlice',
            fields=[
                ('number', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('merged_batch', models.BigIntegerField(default=0)),
                ('after_ms', models.BigIntegerField(default=NEVER_MS)),
                ('before_ms', models.BigIntegerField(default=FOR_EVER_MS)),
                ('swept_ms', models.BigIntegerField(default=NEVER_MS)),
            ],
        ),
    ]
