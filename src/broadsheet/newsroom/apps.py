from django.apps import AppConfig


class NewsroomConfig(AppConfig):
    name = "broadsheet.newsroom"
    label = "broadsheet_newsroom"
    default_auto_field = "django.db.models.BigAutoField"
