from django.apps import AppConfig


class ThemesConfig(AppConfig):
    name = "broadsheet.themes"
    label = "broadsheet_themes"
    default_auto_field = "django.db.models.BigAutoField"
