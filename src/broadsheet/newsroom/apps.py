from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save


class NewsroomConfig(AppConfig):
    name = "broadsheet.newsroom"
    label = "broadsheet_newsroom"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .profiles import give_time_zone  # noqa: PLC0415 - it knows models
        from .securing import use_choosers_without_scripts  # noqa: PLC0415 - it knows Wagtail's

        use_choosers_without_scripts()
        post_save.connect(give_time_zone, sender=settings.AUTH_USER_MODEL)
