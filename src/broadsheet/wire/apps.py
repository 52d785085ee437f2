from django.apps import AppConfig


class WireConfig(AppConfig):
    name = "broadsheet.wire"
    label = "broadsheet_wire"
    default_auto_field = "django.db.models.BigAutoField"
