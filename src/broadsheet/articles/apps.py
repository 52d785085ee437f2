from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "broadsheet.articles"
    label = "broadsheet_articles"
    default_auto_field = "django.db.models.BigAutoField"
