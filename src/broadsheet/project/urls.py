"""Every address of Broadsheet, on one screen."""

from django.urls import include, path, register_converter
from wagtail.admin import urls as wagtailadmin_urls

from broadsheet.operations import views as operations
from broadsheet.readership.queries import WINDOWS
from broadsheet.web import views as web
from broadsheet.web.style_page import style_page


class EditionConverter:
    regex = r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class WindowConverter:
    regex = "|".join(WINDOWS)

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class MonthConverter:
    regex = r"[12][0-9]{3}/(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


class DayConverter(MonthConverter):
    regex = rf"{MonthConverter.regex}/(?:0[1-9]|[12][0-9]|3[01])"


register_converter(EditionConverter, "edition")
register_converter(WindowConverter, "window")
register_converter(MonthConverter, "month")
register_converter(DayConverter, "day")

#: Answered in front of Django (project/server.py): files by their path, and readership's beacon.
FILE_ADDRESSES = ("/assets/", "/media/images/")
MACHINE_ADDRESSES = ("/-/read", "/-/read.gif", "/-/numbers")

urlpatterns = [
    path("desk/styleguide/", style_page, name="desk_style"),
    path("desk/", include(wagtailadmin_urls)),
    path("-/health", operations.health, name="health"),
    path("-/ready", operations.ready, name="ready"),
    path("-/metrics", operations.metrics, name="metrics"),
    path("", web.page, name="root"),
    path("<edition:edition>/", web.page, name="front"),
    path("<edition:edition>/news/", web.page, name="latest"),
    path("<edition:edition>/news/<slug:slug>", web.page, name="article"),
    path("<edition:edition>/stories/<slug:slug>", web.page, name="story"),
    path("<edition:edition>/stories/<slug:slug>/feed.xml", web.page, name="story-feed"),
    path("<edition:edition>/popular", web.page, name="popular"),
    path("<edition:edition>/popular/<window:window>", web.page, name="popular-window"),
    path("<edition:edition>/tags/<slug:slug>", web.page, name="tag"),
    path("<edition:edition>/authors/<slug:slug>", web.page, name="author"),
    path("<edition:edition>/people/<slug:slug>", web.page, name="person"),
    path("<edition:edition>/sources/<slug:slug>", web.page, name="source"),
    path("<edition:edition>/archive/", web.page, name="archive"),
    path("<edition:edition>/archive/<month:month>/", web.page, name="archive-month"),
    path("<edition:edition>/archive/<day:day>/", web.page, name="archive-day"),
    path("<edition:edition>/corrections", web.page, name="corrections"),
    path("<edition:edition>/search", web.search, name="search"),
    path("<edition:edition>/search/suggestions", web.suggestions, name="suggestions"),
    path("<edition:edition>/feed.xml", web.page, name="feed"),
    path("<edition:edition>/about", web.page, name="about"),
    path("<edition:edition>/about/how-we-count", web.page, name="how-we-count"),
    path("<edition:edition>/about/how-we-work", web.page, name="how-we-work"),
    path("<edition:edition>/<slug:slug>/", web.page, name="section"),
    path("<edition:edition>/<slug:slug>/feed.xml", web.page, name="section-feed"),
]

handler404 = "broadsheet.web.views.not_found"
handler500 = "broadsheet.web.views.server_error"
