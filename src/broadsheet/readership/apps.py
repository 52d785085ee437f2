from django.apps import AppConfig


class ReadershipConfig(AppConfig):
    name = "broadsheet.readership"
    label = "broadsheet_readership"
    default_auto_field = "django.db.models.BigAutoField"
