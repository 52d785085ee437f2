"""The ASGI application that `serve` runs: readership's doors in front of Django."""

import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.project.settings")
django.setup()

application = get_asgi_application()
