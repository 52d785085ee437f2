import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Count, Q

from broadsheet.articles.slugging import free_slug, slug_from


def give_addresses(apps, _editor):
    """Stories of two live articles get an address from the headline of the newest with a text."""
    story_model = apps.get_model("broadsheet_themes", "Story")
    taken = set()
    live = Count("members", filter=Q(members__article__live=True))
    stories = story_model.objects.annotate(live=live).filter(live__gte=2).order_by("pk")
    for story in stories.select_related("locale").iterator(chunk_size=1000):
        code = story.locale.language_code
        articles = story.members.filter(article__live=True).order_by("-published_at", "-pk")
        newest = articles.exclude(article__lead="").first() or articles.first()
        slug = free_slug(
            slug_from(newest.article.headline, language=code) or "story",
            lambda slug, code=code: (code, slug) in taken,
        )
        taken.add((code, slug))
        story_model.objects.filter(pk=story.pk).update(slug=slug)


class Migration(migrations.Migration):
    dependencies = [
        ("broadsheet_articles", "0001_initial"),
        ("broadsheet_themes", "0002_headlines"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AddField(
            model_name="story",
            name="slug",
            field=models.SlugField(blank=True, db_index=False, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="story",
            name="headline",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="story",
            name="summary",
            field=models.TextField(blank=True, default=""),
        ),
        migrations.RunPython(give_addresses, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="story",
            constraint=models.UniqueConstraint(
                condition=~Q(slug=""), fields=("locale", "slug"), name="one_story_a_slug"
            ),
        ),
        migrations.CreateModel(
            name="StorySlug",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(db_index=False, max_length=200)),
                (
                    "article",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="broadsheet_articles.article",
                    ),
                ),
                (
                    "locale",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="wagtailcore.locale",
                    ),
                ),
                (
                    "story",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_slugs",
                        to="broadsheet_themes.story",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("locale", "slug"), name="one_story_a_former_slug"
                    ),
                    models.CheckConstraint(
                        condition=Q(story__isnull=False, article__isnull=True)
                        | Q(story__isnull=True, article__isnull=False),
                        name="former_slug_leads_to_one",
                    ),
                ],
            },
        ),
    ]
