from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("broadsheet_themes", "0004_announced_weeks"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="is_brief",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="reading",
            name="published_at",
            field=models.DateTimeField(),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(
                condition=models.Q(("is_brief", False)),
                fields=["published_at"],
                name="reading_in_full",
            ),
        ),
        migrations.AddField(
            model_name="relatedarticle",
            name="is_background",
            field=models.BooleanField(default=False),
        ),
    ]
