from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "broadsheet.outbox"
    label = "broadsheet_outbox"
    default_auto_field = "django.db.models.BigAutoField"
