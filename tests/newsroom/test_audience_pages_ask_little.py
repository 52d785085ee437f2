"""Every page of the audience: who sees it, what it says, and how much it asks."""

import re
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory
from tests.newsroom.desk import desk
from tests.readership.views import view

from broadsheet.newsroom.audience_days import DAYS_BACK
from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.models import LogDamage
from broadsheet.readership.view_log import open_view_log

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

MOST_STATEMENTS = 15
PAGES = (
    "desk_audience",
    "desk_audience_days",
    "desk_audience_sites",
    "desk_audience_counting",
    "desk_audience_exclusions",
)


@pytest.fixture
def send(settings, tmp_path, request):
    """Write views to the log of a test, and count them."""
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    settings.VIEW_KEYS_DIRECTORY = tmp_path / "view-keys"
    settings.INTAKE_DIRECTORY = tmp_path / "intake"

    def write(*views):
        log = open_view_log(settings.VIEW_LOG_DIRECTORY, connections["views"].settings_dict)
        log.append_all(sorted(views, key=lambda one: one.received_at_ms))
        log.close()
        fold_all_views(now=timezone.now())

    return write


@pytest.fixture
def read(send):
    """Two articles of two sections, and readers of the last minutes and of yesterday."""
    harbour = ArticleFactory(headline="Harbour reopens", section=SectionFactory(en="World"))
    ferry = ArticleFactory(headline="Ferry sails", section=SectionFactory(en="Sport"))
    now = timezone.now()
    send(
        *(
            view(harbour.pk, by=n, at=now, minutes=-n / 2 - 0.1, referring_host="t.me")
            for n in range(6)
        ),
        view(ferry.pk, by="z", at=now, minutes=-20),
        *(view(harbour.pk, by=f"y{n}", at=now, minutes=-24 * 60) for n in range(9)),
        view(ferry.pk, by="bot", at=now, minutes=-3, verdict="robot:crawler"),
    )
    return harbour, ferry


def ask(client, address, **query):
    """Return the answer, and the number of statements in all databases."""
    asked = 0

    def count(execute, *args):
        nonlocal asked
        asked += 1
        return execute(*args)

    content, counts, views = (connections[name] for name in ("default", "readership", "views"))
    with (
        content.execute_wrapper(count),
        counts.execute_wrapper(count),
        views.execute_wrapper(count),
    ):
        response = client.get(address, query)
        response.whole = response.getvalue()
    return response, asked


def text_of(response):
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def addresses(article):
    return [
        *map(reverse, PAGES),
        reverse("desk_audience_article", args=[article.pk]),
        reverse("desk_audience_exclude"),
    ]


class TestWhatTheySay:
    def test_now_tells_readers_by_article_section_and_edition(self, editor, read):
        page = text_of(editor.get(reverse("desk_audience")))
        assert "Readers, last 5 minutes 6" in page
        assert "Readers, last 30 minutes 7" in page
        assert "Harbour reopens 6 6 Ferry sails 0 1" in page
        assert "World English 6 6" in page
        assert "English 6 7" in page

    def test_the_part_that_is_exchanged_is_the_page_without_its_frame(self, editor, read):
        part = editor.get(reverse("desk_audience"), {"part": ""}).content.decode()
        assert part.lstrip().startswith('<div data-part="tiles">')
        assert "<html" not in part
        assert "Harbour reopens" in part

    def test_a_week_has_the_views_of_both_days_and_one_section_its_own(self, editor, read):
        address = reverse("desk_audience_days")
        assert "16 views" in text_of(editor.get(address, {"span": "week"}))
        page = text_of(editor.get(address, {"span": "week", "section": read[1].section_id}))
        assert "1 view " in page
        assert "Harbour reopens" not in page
        assert "0 views" in text_of(editor.get(address, {"span": "week", "edition": "uk"}))

    def test_an_article_has_its_day_its_week_and_its_sites(self, editor, read):
        harbour, _ = read
        page = text_of(editor.get(reverse("desk_audience_article", args=[harbour.pk])))
        assert "Views of all time 15" in page
        assert "Seven days 15" in page
        assert "t.me 6 40.0 %" in page
        assert "nothing to compare it with yet" in page

    def test_an_article_is_compared_with_those_before_it(self, editor, send):
        section, now = SectionFactory(en="World"), timezone.now()
        older = [
            ArticleFactory(section=section, published_at=now - timedelta(hours=30 + n))
            for n in range(5)
        ]
        mine = ArticleFactory(section=section, published_at=now - timedelta(hours=5))
        send(
            *(view(one.pk, by=one.pk, at=now, minutes=-29 * 60) for one in older),
            *(view(mine.pk, by=n, at=now, minutes=-4 * 60) for n in range(3)),
        )
        page = text_of(editor.get(reverse("desk_audience_article", args=[mine.pk])))
        assert "Of what is usual after 5 h × 3.0" in page
        assert "the median of 5 others at that age is 1" in page

    def test_sites_lead_to_what_was_read_from_them_and_to_excluding_them(self, editor, read):
        address = reverse("desk_audience_sites")
        page = text_of(editor.get(address))
        assert "None told 10" in page
        assert "t.me 6" in page
        page = editor.get(address, {"host": "t.me"})
        assert "Harbour reopens 6" in text_of(page)
        assert "?kind=referrer&amp;value=t.me" in page.content.decode()

    def test_robots_refusals_lag_and_loss_are_told(self, editor, read, settings):
        settings.INTAKE_DIRECTORY.mkdir()
        today = int(timezone.now().timestamp()) // 86_400 * 86_400
        (settings.INTAKE_DIRECTORY / "refusals.json").write_text(
            f'{{"{today}": {{"not_live": 44}}}}'
        )
        LogDamage.objects.create(
            name="00000001.views", offset=90, end=180, first_missing=4, missing=3,
            found_at=timezone.now(),
        )  # fmt: skip
        page = text_of(editor.get(reverse("desk_audience_counting")))
        assert "Robots, 14 days 5.9 %" in page  # 1 of 17
        assert "Robot by its name: crawler robot:crawler 1" in page
        assert "Of an article that is not live not_live 44" in page
        assert "Counted up to view 17" in page
        assert "Waiting to be counted 0" in page
        assert "Views lost 3" in page
        assert "00000001.views 90 180 3 4 no" in page

    def test_views_that_wait_are_seen(self, editor, read, settings):
        log = open_view_log(settings.VIEW_LOG_DIRECTORY, connections["views"].settings_dict)
        log.append_all([view(read[0].pk, by=n) for n in range(5)])
        log.close()
        assert "Waiting to be counted 5" in text_of(editor.get(reverse("desk_audience_counting")))

    def test_a_log_that_cannot_be_read_is_said(self, editor, read, settings):
        for segment in settings.VIEW_LOG_DIRECTORY.glob("*.views"):
            segment.unlink()
        page = text_of(editor.get(reverse("desk_audience_counting")))
        assert "The view log cannot be looked at" in page

    def test_behind_every_chart_stands_a_table_that_a_keyboard_opens(self, editor, read):
        for address in (reverse("desk_audience"), reverse("desk_audience_days"),
                        reverse("desk_audience_counting"), addresses(read[0])[-2]):  # fmt: skip
            page = editor.get(address).content.decode()
            charts = page.count('class="desk-chart__drawing"')
            assert charts >= 1
            tables = re.findall(
                r"<details class=\"desk-numbers\" id=.*?</details>", page, re.DOTALL
            )
            assert len(tables) == charts
            assert all("<summary>" in one and "<table" in one for one in tables)


class TestHowMuchTheyAsk:
    def test_no_page_and_no_table_asks_more_than_fifteen(self, editor, read):
        for address in addresses(read[0]):
            editor.get(address)  # templates and content types are loaded once
            response, asked = ask(editor, address)
            assert response.status_code == 200
            assert asked <= MOST_STATEMENTS, (address, asked)
            for name in re.findall(r"csv=(\w+)", response.content.decode()):
                answer, asked = ask(editor, address, csv=name)
                assert answer["Content-Type"].startswith("text/csv")
                assert len(answer.whole.splitlines()) > 1
                assert asked <= MOST_STATEMENTS, (address, name, asked)

    def test_more_articles_ask_no_more(self, editor, send):
        now = timezone.now()
        asked = []
        for _ in range(2):
            articles = ArticleFactory.create_batch(4, published_at=now - timedelta(hours=2))
            send(*(view(one.pk, by=one.pk, at=now, minutes=-1) for one in articles))
            for address in addresses(articles[0]):
                editor.get(address)
            asked.append([ask(editor, address)[1] for address in addresses(articles[0])])
        assert asked[0] == asked[1]

    def test_a_table_that_no_page_has_is_not_found(self, editor):
        assert ask(editor, reverse("desk_audience"), csv="nothing")[0].status_code == 404

    @pytest.mark.parametrize(
        "query",
        [
            {"on": "yesterday"}, {"on": "0001-01-01"}, {"on": "9999-12-31"}, {"section": "9" * 30},
            {"section": "-1"}, {"edition": "xx"}, {"span": "year", "section": "²"},
            {"days": "1000000"}, {"host": "\0" + "x" * 999}, {"part": "\0"},
        ],
    )  # fmt: skip
    def test_a_query_of_nonsense_is_answered(self, editor, read, query):
        for address in addresses(read[0]):
            assert editor.get(address, query).status_code == 200, address

    def test_pages_lead_no_further_back_than_hours_are_kept(self, editor, read):
        day = (timezone.localtime() - timedelta(days=DAYS_BACK)).date()
        for address in (reverse("desk_audience_days"), addresses(read[0])[-2]):
            first = editor.get(address, {"on": day - timedelta(days=1)}).content.decode()
            assert "Earlier</a>" not in first
            assert "Later</a>" in first
            assert "Earlier</a>" in editor.get(address).content.decode()


class TestWhoSeesThem:
    def test_editors_and_admins_see_all(self, editor, admin, read):
        for address in addresses(read[0]):
            for browser in (editor, admin):
                assert browser.get(address).status_code == 200

    def test_others_see_nothing(self, reporter, guest, outsider, read):
        for address in addresses(read[0]):
            for browser in (reporter, guest, outsider, Client()):
                assert browser.get(address).status_code == 302
                assert browser.get(address, {"csv": "articles"}).status_code == 302

    def test_the_menu_leads_those_there_who_may(self, editor, reporter):
        address = reverse("desk_audience")
        assert f'"{address}"' in editor.get("/desk/").content.decode()
        assert f'"{address}"' not in reporter.get("/desk/").content.decode()

    def test_a_writer_sees_the_curves_that_carry_the_own_byline(self, reporter, read):
        other, _ = read
        author = AuthorFactory(en="Remy Field")
        author.user = reporter.user
        author.save()
        mine = ArticleFactory(headline="Mine", authors=[author])
        page = reporter.get(desk("list")).content.decode()
        own, others = (reverse("desk_audience_article", args=[one.pk]) for one in (mine, other))
        assert own in page
        assert others not in page
        assert reporter.get(own).status_code == 200
        assert own in reporter.get(desk("edit", mine.pk)).content.decode()
        assert others not in reporter.get(desk("edit", other.pk)).content.decode()

    def test_the_list_and_the_form_show_the_curve(self, editor, read):
        harbour, _ = read
        for address in (desk("list"), desk("edit", harbour.pk)):
            page = editor.get(address).content.decode()
            assert 'aria-label="15 views in 7 days"' in page
            assert reverse("desk_audience_article", args=[harbour.pk]) in page

    def test_what_was_never_public_has_no_curve(self, editor):
        draft = ArticleFactory(draft=True)
        address = reverse("desk_audience_article", args=[draft.pk])
        assert editor.get(address).status_code == 404
        assert address not in editor.get(desk("list")).content.decode()
        assert address not in editor.get(desk("edit", draft.pk)).content.decode()

    def test_more_articles_ask_no_more_of_a_writer(self, reporter):
        author = AuthorFactory(en="Remy Field")
        author.user = reporter.user
        author.save()
        ArticleFactory(authors=[author])
        reporter.get(desk("list"))
        _, few = ask(reporter, desk("list"))
        ArticleFactory.create_batch(6, authors=[author])
        response, many = ask(reporter, desk("list"))
        assert response.content.decode().count('class="desk-curve-link"') == 7
        assert few == many <= MOST_STATEMENTS
