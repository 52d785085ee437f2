from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("broadsheet_themes", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="story",
            name="headlines",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="storymember",
            name="is_headline",
            field=models.BooleanField(default=False),
        ),
    ]
