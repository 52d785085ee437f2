import django.db.models.deletion
from django.db import migrations, models

TABLE = "broadsheet_articles_searchtext"
MAKING = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5(tokens, detail=none, columnsize=0,"
        " tokenize=\"ascii tokenchars '_'\")",
    ),
    "postgresql": (
        f"CREATE TABLE {TABLE} (place bigint PRIMARY KEY, tokens tsvector NOT NULL)",
        f"ALTER TABLE {TABLE} SET (toast_tuple_target = 128)",
        f"CREATE INDEX {TABLE}_tokens ON {TABLE} USING gin (tokens) WITH (gin_pending_list_limit = 256)",
    ),
}


def make_table(_apps, editor):
    for statement in MAKING[editor.connection.vendor]:
        editor.execute(statement)


def drop_table(_apps, editor):
    editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("broadsheet_articles", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "article",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="broadsheet_articles.article",
                    ),
                ),
                ("place", models.BigIntegerField(unique=True)),
                ("words", models.TextField()),
                ("version", models.SmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.BinaryField()),
                ("count", models.IntegerField()),
                (
                    "edition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="broadsheet_articles.edition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchSpelling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("variant", models.BigIntegerField(db_index=True)),
                (
                    "word",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="broadsheet_articles.searchword",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="searchword",
            constraint=models.UniqueConstraint(fields=("edition", "word"), name="search_one_word"),
        ),
        migrations.RunPython(make_table, drop_table),
    ]
