"""The list of articles: as quick with 100,000 of them as with a hundred.

A page is found in two steps: the ids in order, from narrow indexes, then the rows. Nothing is
asked once a row, and nothing is counted beyond `MOST_COUNTED`.
"""

from typing import Any

import django_filters  # type: ignore[import-untyped]
from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Revision, WorkflowState
from wagtail.snippets.views.snippets import IndexView

from broadsheet.articles.models import Article, ArticleAuthor, Author, Section
from broadsheet.articles.queries import all_editions
from broadsheet.readership.queries import numbers

from .audience_curves import CurveColumn, add_curves
from .editions import language_of
from .searching import matching

#: Beyond this many the list says "more than"; at 50 a page that is a hundred pages.
MOST_COUNTED = 5000

STATUSES = (
    ("live", _("Live")),
    ("draft", _("Draft")),
    ("scheduled", _("Scheduled")),
    ("changed", _("Live + draft")),
    ("killed", _("Killed")),
)


class BoundedPaginator(WagtailPaginator):
    """Pages through ids, no further than `MOST_COUNTED` of them, and says so.

    The ids are asked for once, for counting and for every page.
    """

    def __init__(self, ids: Any, per_page: int, **kwargs: Any) -> None:
        self.model = ids.model
        found = list(ids[: MOST_COUNTED + 1])
        self.has_more = len(found) > MOST_COUNTED
        super().__init__(found[:MOST_COUNTED], per_page, **kwargs)

    @cached_property
    def items_count_label(self) -> str:
        if self.has_more:
            return gettext("more than %(number)s articles") % {
                "number": formats.number_format(MOST_COUNTED, force_grouping=True)
            }
        return str(super().items_count_label)


class ArticleFilters(WagtailFilterSet):
    status = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=STATUSES,
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="filter_status",
    )
    locale = django_filters.ChoiceFilter(
        label=_("Edition"),
        field_name="locale_id",
        empty_label=_("All"),
        widget=forms.RadioSelect,
        method="filter_edition",
    )
    section = django_filters.ChoiceFilter(label=_("Section"), field_name="section_id")
    author = django_filters.ChoiceFilter(label=_("Author"), method="filter_author")
    first_published_at = django_filters.DateFromToRangeFilter(
        label=_("Published"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Article
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As lists: a queryset would be asked once to show the choices and once to check one.
        self.editions = all_editions()
        self._offer("locale", [(one.code, language_of(one)) for one in self.editions])
        self._offer("section", list(Section.objects.values_list("pk", "label")))
        self._offer("author", list(Author.objects.values_list("pk", "label")))

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.filters[name].extra["choices"] = choices

    def filter_edition(
        self, articles: "QuerySet[Article]", _name: str, code: str
    ) -> "QuerySet[Article]":
        wanted = [edition.pk for edition in self.editions if edition.code == code]
        return articles.filter(locale__in=wanted) if wanted else articles

    def filter_status(
        self, articles: "QuerySet[Article]", _name: str, status: str
    ) -> "QuerySet[Article]":
        if status == "live":
            return articles.filter(live=True)
        if status == "changed":
            return articles.filter(live=True, has_unpublished_changes=True)
        if status == "killed":
            return articles.filter(live=False, killed_at__isnull=False)
        scheduled = Revision.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Article),
            approved_go_live_at__isnull=False,
        ).values(pk_of_article=Cast("object_id", BigIntegerField()))
        if status == "scheduled":
            return articles.filter(pk__in=scheduled)
        return articles.filter(live=False, killed_at=None).exclude(pk__in=scheduled)

    def filter_author(
        self, articles: "QuerySet[Article]", _name: str, author_id: str
    ) -> "QuerySet[Article]":
        return articles.filter(
            pk__in=ArticleAuthor.objects.filter(author_id=author_id).values("article_id")
        )


def newest_first(articles: "QuerySet[Article]") -> "QuerySet[Article]":
    """Order what is being written before what is published, and that by time."""
    return articles.order_by(F("first_published_at").desc(nulls_first=True), "-pk")


def rows_of(article_ids: list[int], *, user: Any = None) -> list[Article]:
    """Return the articles in that order, each with `desk_status` and `views` set, in two queries.

    `views` is the number shown to readers, None for what no reader can have seen. `is_signed` says
    whether an article carries the byline of `user`.
    """
    articles = (
        Article.objects.select_related("section", "locale__edition", "latest_revision")
        .defer("body", "lead", "kill_notice", "latest_revision__content")
        .annotate(
            is_scheduled=_has_one(Revision.objects.filter(approved_go_live_at__isnull=False)),
            is_in_review=_has_one(WorkflowState.objects.active()),
            is_signed=Exists(
                ArticleAuthor.objects.filter(
                    article=OuterRef("pk"), author__user=user, author__user__isnull=False
                )
            ),
        )
        .in_bulk(article_ids)
    )
    views = numbers(article_ids)
    rows = [articles[pk] for pk in article_ids if pk in articles]
    for row in rows:
        row.desk_status = status_of(
            row, is_scheduled=row.is_scheduled, is_in_review=row.is_in_review
        )
        row.views = views[row.pk] if row.first_published_at else None
    return rows


def _has_one(rows: "QuerySet[Any]") -> Exists:
    """Whether the article of the outer query has one of `rows`, which name it by text."""
    return Exists(
        rows.filter(
            base_content_type=ContentType.objects.get_for_model(Article),
            object_id=Cast(OuterRef("pk"), CharField()),
        )
    )


def status_of(article: Article, *, is_scheduled: bool, is_in_review: bool) -> str:
    """Say in a word or two where an article stands."""
    is_live, is_changed = article.live, article.has_unpublished_changes
    # The first that is true.
    words = (
        (is_live and is_scheduled, gettext("live + scheduled")),
        (is_live and is_in_review, gettext("live + in review")),
        (is_live and is_changed, gettext("live + draft")),
        (is_live, gettext("live")),
        (article.is_killed, gettext("killed")),
        (is_scheduled, gettext("scheduled")),
        (is_in_review, gettext("in review")),
        (article.expired, gettext("expired")),
    )
    return next((word for is_so, word in words if is_so), gettext("draft"))


def published_at(article: Article) -> str:
    """Return the moment of publishing in the zone of the article's edition, as HTML."""
    edition = getattr(article.locale, "edition", None)
    moment = article.first_published_at or article.go_live_at
    if moment is None:
        return ""
    local = timezone.localtime(moment, edition.zone) if edition else moment
    text = formats.date_format(local, "j M Y, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), text)


class ViewsColumn(Column):
    def get_value(self, instance: Any) -> str:
        if instance.views is None:
            return "–"
        return formats.number_format(instance.views, force_grouping=True)


class ArticleListView(IndexView):
    table_classname = "listing desk-articles"
    paginate_by = 50
    paginator_class = BoundedPaginator
    filterset_class = ArticleFilters
    default_ordering = "-first_published_at"
    results_template_name = "newsroom/article_list_results.html"
    is_searchable = True

    def get_locale(self) -> Any:
        # Wagtail's default is the language of the program, which may be no edition.
        wanted = [
            one for one in self.filters.editions if one.code == self.request.GET.get("locale")
        ]
        editions = wanted or self.filters.editions
        return editions[0].locale if editions else None

    @cached_property
    def columns(self) -> list[Any]:
        return [
            self._get_title_column("__str__", label=_("Headline")),
            StatusTagColumn("desk_status", label=_("Status"), primary=lambda article: article.live),
            Column(
                "edition", label=_("Edition"), accessor=lambda article: language_of(article.edition)
            ),
            Column("section", label=_("Section"), accessor="section.label"),
            ViewsColumn("views", label=_("Views"), classname="desk-number"),
            CurveColumn("curve", label=_("7 days"), classname="desk-number"),
            Column(
                "published",
                label=_("Published"),
                accessor=published_at,
                sort_key="first_published_at",
            ),
        ]

    def _get_title_column(self, field_name: str, *args: Any, **kwargs: Any) -> Any:
        label = kwargs.pop("label")
        column = super()._get_title_column(field_name, *args, **kwargs)
        column.label = label
        return column

    @cached_property
    def header_buttons(self) -> list[Any]:
        if not self.user_has_permission("add"):
            return []
        add_url = reverse(self.add_url_name)
        return [
            HeaderButton(
                gettext("Write in %(language)s") % {"language": language_of(edition)},
                url=f"{add_url}?locale={edition.code}",
                icon_name="plus",
                priority=place,
            )
            for place, edition in enumerate(self.filters.editions)
        ]

    def order_queryset(self, queryset: Any) -> Any:
        if self.ordering == "first_published_at":
            return queryset.order_by(F("first_published_at").asc(nulls_last=True), "pk")
        return newest_first(queryset)

    def search_queryset(self, queryset: Any) -> Any:
        return matching(queryset, self.search_query) if self.is_searching else queryset

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        paginator, page, ids, has_others = super().paginate_queryset(
            queryset.values_list("pk", flat=True), page_size
        )
        page.object_list = rows_of(list(ids), user=self.request.user)
        add_curves(page.object_list, user=self.request.user)
        return paginator, page, page.object_list, has_others

    def get_list_more_buttons(self, instance: Any) -> list[Any]:
        buttons = super().get_list_more_buttons(instance)
        if instance.live:
            buttons.append(
                MenuItem(
                    _("View live"),
                    url=instance.get_absolute_url(),
                    icon_name="link-external",
                    priority=15,
                )
            )
        return buttons
