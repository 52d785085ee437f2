from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('broadsheet_readership', '0006_log_in_postgresql'),
    ]

    operations = [
        # What they hold is computed again within a minute.
        migrations.DeleteModel(
            name='Ranking',
        ),
        migrations.CreateModel(
            name='Ranking',
            fields=[
                ('pk', models.CompositePrimaryKey('window', 'edition_id', 'kind', 'record_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('window', models.CharField(max_length=10)),
                ('edition_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=10)),
                ('record_id', models.BigIntegerField()),
                ('article_ids', models.JSONField()),
                ('totals', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='RankedWindow',
            fields=[
                ('window', models.CharField(max_length=10, primary_key=True, serialize=False)),
                ('computed_at', models.DateTimeField(null=True)),
                ('is_due', models.BooleanField(default=False)),
                ('revision', models.BigIntegerField(default=0)),
                ('article_id', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RemoveField(
            model_name='foldstate',
            name='ranked_at',
        ),
    ]
