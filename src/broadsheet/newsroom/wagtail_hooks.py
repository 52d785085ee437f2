"""Everything that the desk consists of."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.forms.models import register_form_field_override
from wagtail.snippets.models import register_snippet

from broadsheet.articles.models import Edition

from .article_viewset import ArticleViewSet
from .audience_counting import CountingView
from .audience_days import ArticleAudienceView, DaysView
from .audience_excluding import EndExclusionView, ExcludeView, ExclusionsView
from .audience_now import NowView
from .audience_pages import MAY_EXCLUDE, MAY_SEE
from .audience_sites import SitesView
from .dashboard import KEPT_PANELS, panels_for
from .deleting import DeleteArticles
from .editions import EditionField, EditionViewSet
from .glossary import GlossaryViewSet
from .menu import (
    HIDDEN_FROM_MENU,
    HIDDEN_FROM_REPORTS,
    HIDDEN_FROM_SETTINGS,
    KEPT_IN_HELP,
    ArticleSearchArea,
    AudienceMenuItem,
    StoriesMenuItem,
    StyleMenuItem,
    leave_out,
)
from .popular_desk import (
    MAY_CHOOSE,
    ChooseView,
    EndChoiceView,
    PopularView,
    register_log_actions,
)
from .records import RECORD_VIEWSETS
from .story_acts import (
    AllowView,
    EndPartingView,
    RenameView,
    SplitView,
    StoryDecisionView,
    StoryPairView,
)
from .story_article_acts import (
    ApartView,
    ArticleDecisionView,
    EndArticlePartingView,
    MoveView,
    register_story_actions,
)
from .story_desk import StoryDeskView
from .story_list import MAY_DECIDE, MAY_SEE_STORIES, StoryListView
from .story_panel import show_beside
from .tag_names import offer_tag_names

register_form_field_override(ForeignKey, to=Edition, override={"form_class": EditionField})

register_snippet(ArticleViewSet)
for record_viewset in RECORD_VIEWSETS:
    register_snippet(record_viewset)

# After Wagtail's own action of that name, which it replaces for articles.
hooks.register("register_bulk_action", DeleteArticles, order=1)


#: Under "stories/": a story by its id, an article's place under "stories/of/".
STORY_PATHS = [
    path("stories/", StoryListView.as_view(), name="desk_stories"),
    path("stories/beside/", show_beside, name="desk_story_beside"),
    path("stories/<int:pk>/", StoryDeskView.as_view(), name="desk_story"),
    path("stories/<int:pk>/rename/", RenameView.as_view(), name="desk_story_rename"),
    path("stories/<int:pk>/split/", SplitView.as_view(), name="desk_story_split"),
    path("stories/<int:pk>/with/<str:act>/", StoryPairView.as_view(), name="desk_story_pair"),
    path(
        "stories/<int:pk>/together/<int:other>/",
        EndPartingView.as_view(),
        name="desk_story_together",
    ),
    path("stories/<int:pk>/allow/<int:article>/", AllowView.as_view(), name="desk_story_allow"),
    path("stories/<int:pk>/<str:act>/", StoryDecisionView.as_view(), name="desk_story_act"),
    path("stories/of/<int:pk>/move/", MoveView.as_view(), name="desk_story_move"),
    path("stories/of/<int:pk>/apart/", ApartView.as_view(), name="desk_story_article_apart"),
    path(
        "stories/of/<int:pk>/together/<int:other>/",
        EndArticlePartingView.as_view(),
        name="desk_story_article_together",
    ),
    path(
        "stories/of/<int:pk>/<str:act>/",
        ArticleDecisionView.as_view(),
        name="desk_story_of_article",
    ),
]


@hooks.register("register_admin_viewset")
def register_editions() -> EditionViewSet:
    return EditionViewSet()


@hooks.register("register_admin_viewset")
def register_glossary() -> GlossaryViewSet:
    return GlossaryViewSet()


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern]:
    return [
        path("tag-names/", offer_tag_names, name="desk_tag_names"),
        path("audience/", NowView.as_view(), name="desk_audience"),
        path("audience/days/", DaysView.as_view(), name="desk_audience_days"),
        path(
            "audience/articles/<int:pk>/",
            ArticleAudienceView.as_view(),
            name="desk_audience_article",
        ),
        path("audience/sites/", SitesView.as_view(), name="desk_audience_sites"),
        path("audience/counting/", CountingView.as_view(), name="desk_audience_counting"),
        path("audience/exclusions/", ExclusionsView.as_view(), name="desk_audience_exclusions"),
        path("audience/exclusions/new/", ExcludeView.as_view(), name="desk_audience_exclude"),
        path(
            "audience/exclusions/<int:pk>/end/",
            EndExclusionView.as_view(),
            name="desk_audience_end",
        ),
        path("audience/popular/", PopularView.as_view(), name="desk_popular"),
        path("audience/popular/choose/", ChooseView.as_view(), name="desk_popular_choose"),
        path("audience/popular/<int:pk>/end/", EndChoiceView.as_view(), name="desk_popular_end"),
        *STORY_PATHS,
    ]


@hooks.register("register_permissions")
def offer_rights_on_the_audience() -> "QuerySet[Permission]":
    names = [right.partition(".")[2] for right in (MAY_SEE, MAY_EXCLUDE, MAY_CHOOSE)]
    return Permission.objects.filter(
        content_type__app_label="broadsheet_readership", codename__in=names
    )


@hooks.register("register_permissions")
def offer_rights_on_stories() -> "QuerySet[Permission]":
    names = [right.partition(".")[2] for right in (MAY_SEE_STORIES, MAY_DECIDE)]
    return Permission.objects.filter(
        content_type__app_label="broadsheet_themes", codename__in=names
    )


hooks.register("register_log_actions", register_log_actions)
hooks.register("register_log_actions", register_story_actions)


@hooks.register("register_icons")
def add_icons(icons: list[str]) -> list[str]:
    return [*icons, "newsroom/icons/audience.svg"]


@hooks.register("register_admin_menu_item")
def register_audience() -> AudienceMenuItem:
    return AudienceMenuItem()


@hooks.register("register_admin_menu_item")
def register_stories() -> StoriesMenuItem:
    return StoriesMenuItem()


@hooks.register("register_admin_search_area")
def register_article_search() -> ArticleSearchArea:
    return ArticleSearchArea()


@hooks.register("insert_global_admin_css")
def insert_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("newsroom/css/desk.css"))


@hooks.register("insert_global_admin_js")
def insert_js() -> str:
    return format_html('<script src="{}"></script>', static("newsroom/js/starting.js"))


@hooks.register("construct_main_menu")
def trim_menu(_request: HttpRequest, items: list[Any]) -> None:
    leave_out(items, HIDDEN_FROM_MENU)


@hooks.register("construct_reports_menu")
def trim_reports(_request: HttpRequest, items: list[Any]) -> None:
    leave_out(items, HIDDEN_FROM_REPORTS)


@hooks.register("register_settings_menu_item")
def register_style() -> StyleMenuItem:
    return StyleMenuItem()


@hooks.register("construct_settings_menu")
def trim_settings(_request: HttpRequest, items: list[Any]) -> None:
    leave_out(items, HIDDEN_FROM_SETTINGS)


@hooks.register("construct_help_menu")
def trim_help(_request: HttpRequest, items: list[Any]) -> None:
    leave_out(items, {entry.name for entry in items} - KEPT_IN_HELP)


@hooks.register("construct_homepage_panels")
def arrange_dashboard(request: HttpRequest, panels: list[Any]) -> None:
    panels[:] = [*(panel for panel in panels if isinstance(panel, KEPT_PANELS))]
    panels += panels_for(request)


@hooks.register("construct_homepage_summary_items")
def leave_out_summary(_request: HttpRequest, items: list[Any]) -> None:
    items.clear()
