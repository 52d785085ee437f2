from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases, files_alone
from tests.readership.views import view

from broadsheet.readership.checkpoints import thin_log
from broadsheet.readership.counting import fold_all_views, fold_views
from broadsheet.readership.excluding import (
    CannotExcludeError,
    Rules,
    end_exclusion,
    exclude,
    first_excludable,
)
from broadsheet.readership.models import Bucket, DroppedViews, Exclusion, LogDamage, ReferrerCount
from broadsheet.readership.queries import numbers
from broadsheet.readership.recounting import apply_exclusions, recount
from broadsheet.readership.view_log import list_segments

pytestmark = both_databases
NOW = timezone.now()
TODAY = NOW.date()
HOME, OFFICE = b"home....", b"office.."


def shut_out(kind="referrer", value="farm.example", **changes):
    return exclude(kind, value, **{"reason": "bought", "made_by": "Anna", "now": NOW, **changes})


def dropped():
    return dict(DroppedViews.objects.values_list("verdict", "views"))


@pytest.fixture
def read_before(view_log):
    """Two views by way of a link farm, one of another site, one without, all of an hour ago."""
    hosts = ["farm.example", "www.farm.example", "news.example", ""]
    view_log.append_all(
        [view(1, by=host, at=NOW, minutes=-60, referring_host=host, network=HOME) for host in hosts]
    )
    fold_all_views(now=NOW)
    return view_log


class TestFromNowOn:
    def test_views_of_the_host_and_of_names_below_it_count_no_more(self, read_before):
        shut_out()
        read_before.append_all(
            [
                view(1, by=n, at=NOW, minutes=1, referring_host=host)
                for n, host in enumerate(
                    ["farm.example", "a.b.farm.example", "notfarm.example", "example"]
                )
            ]
        )
        fold_all_views(now=NOW)
        assert numbers([1])[1] == 4 + 2
        assert dropped() == {"excluded:referrer": 2}
        assert recount(now=NOW).differences == []

    def test_an_excluded_view_does_not_stand_in_the_way_of_the_next(self, view_log):
        shut_out()
        view_log.append_all(
            [
                view(1, at=NOW, minutes=1, referring_host="farm.example"),
                view(1, at=NOW, minutes=2, referring_host="news.example"),
            ]
        )
        fold_all_views(now=NOW)
        assert numbers([1])[1] == 1

    def test_it_begins_and_ends_at_its_moments_whatever_the_order_of_the_log(self, view_log):
        shut_out(from_moment=NOW + timedelta(minutes=10), until=NOW + timedelta(minutes=20))
        view_log.append_all(
            [
                view(1, by=n, at=NOW, minutes=minutes, referring_host="farm.example")
                for n, minutes in enumerate([25, 9.99, 10, 19.99, 20, 15])
            ]
        )
        fold_all_views(now=NOW)
        assert dropped() == {"excluded:referrer": 3}

    def test_it_is_in_force_at_once_and_needs_no_recount(self, read_before):
        assert shut_out().applied_at == NOW
        assert apply_exclusions(now=NOW) == 0

    def test_ending_it_lets_views_count_again(self, view_log):
        exclusion = shut_out()
        end_exclusion(exclusion.pk, now=NOW + timedelta(minutes=30))
        view_log.append_all(
            [view(1, by=n, at=NOW, minutes=n, referring_host="farm.example") for n in (29, 31)]
        )
        fold_all_views(now=NOW)
        assert numbers([1])[1] == 1
        with pytest.raises(CannotExcludeError, match="ended"):
            end_exclusion(exclusion.pk, now=NOW + timedelta(minutes=31))


class TestThePast:
    def test_the_worker_counts_again_and_says_what_it_took_out(self, read_before):
        exclusion = shut_out(from_moment=NOW - timedelta(hours=2))
        assert exclusion.applied_at is None
        assert numbers([1])[1] == 4
        assert apply_exclusions(now=NOW) == 1
        assert numbers([1])[1] == 2
        exclusion.refresh_from_db()
        assert (exclusion.applied_at, exclusion.removed) == (NOW, 2)
        assert {b.views for b in Bucket.objects.all()} == {2}
        assert dict(ReferrerCount.objects.values_list("host", "views")) == {
            "": 1, "news.example": 1,
        }  # fmt: skip
        assert recount(now=NOW).differences == []
        assert apply_exclusions(now=NOW) == 0

    def test_a_span_leaves_what_is_outside_of_it(self, read_before):
        shut_out(from_moment=NOW - timedelta(hours=3), until=NOW - timedelta(hours=2))
        apply_exclusions(now=NOW)
        assert numbers([1])[1] == 4

    def test_a_network_is_found_by_its_hashes(self, view_log):
        view_log.append_all(
            [
                view(1, by=n, at=NOW, minutes=-n / 60, network=network)
                for n, network in enumerate([HOME, OFFICE, OFFICE, b""])
            ]
        )
        fold_all_views(now=NOW)
        shut_out(
            "network", "192.0.2.0/24", from_moment=NOW - timedelta(minutes=1),
            network_hashes=[OFFICE], live_key_days=[TODAY, TODAY - timedelta(days=1)],
        )  # fmt: skip
        apply_exclusions(now=NOW)
        assert numbers([1])[1] == 2
        assert dropped() == {"excluded:network": 2}

    @files_alone
    def test_views_are_not_taken_out_while_the_log_lacks_others_that_are_counted(
        self, read_before, settings
    ):
        read_before.append_all([view(2, by=n, at=NOW) for n in range(3)])
        fold_all_views(now=NOW)
        [segment] = list_segments(settings.VIEW_LOG_DIRECTORY)
        path = settings.VIEW_LOG_DIRECTORY / segment.name
        read_before.append_all([view(3, at=NOW)])
        fold_all_views(now=NOW)
        whole = path.read_bytes()
        path.write_bytes(whole.replace(b"news.example", b"olds.example"))
        shut_out(from_moment=NOW - timedelta(hours=2))
        assert apply_exclusions(now=NOW) == 0
        assert numbers([1, 2, 3]).counts == {1: 4, 2: 3, 3: 1}
        assert LogDamage.objects.get().was_counted
        assert apply_exclusions(now=NOW) == 0


class TestWhatCannotBeDone:
    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"reason": "  "}, "Say why"),
            ({"value": "not a host"}, "no host name"),
            ({"value": "https://farm.example/"}, "no host name"),
            ({"value": ""}, "no host name"),
            ({"until": NOW - timedelta(days=1)}, "before it begins"),
            ({"from_moment": NOW, "until": NOW}, "before it begins"),
        ],
    )
    def test_is_said(self, changes, why):
        with pytest.raises(CannotExcludeError, match=why.replace("before it begins", "end before")):
            shut_out(**changes)
        assert not Exclusion.objects.exists()

    def test_a_network_on_a_day_whose_key_is_gone(self):
        with pytest.raises(CannotExcludeError, match="is destroyed"):
            shut_out(
                "network", "192.0.2.0/24", from_moment=NOW - timedelta(days=1),
                network_hashes=[OFFICE], live_key_days=[TODAY],
            )  # fmt: skip

    @files_alone
    def test_a_span_that_is_thinned_to_sums(self, view_log, settings):
        settings.VIEW_LOG_DAYS = 1
        old = NOW - timedelta(days=5)
        view_log.append_all([view(1, at=old, referring_host="farm.example")])
        thin(view_log, settings)
        day = old.date()
        with pytest.raises(CannotExcludeError, match=f"{day + timedelta(days=1)}"):
            shut_out(from_moment=old - timedelta(hours=1))
        with pytest.raises(CannotExcludeError, match="sums"):
            shut_out(from_moment=old - timedelta(days=30), until=old + timedelta(days=1))
        assert first_excludable(now=NOW).date() == day + timedelta(days=1)
        shut_out(from_moment=first_excludable(now=NOW))


def thin(view_log, settings):
    """Let what is in the log be old, and folded, and thinned; a view of now follows it."""
    import os

    [segment] = list_segments(settings.VIEW_LOG_DIRECTORY)
    os.utime(settings.VIEW_LOG_DIRECTORY / segment.name, (0, 0))
    view_log.append_all([view(9, at=NOW)])
    fold_views(now=NOW)
    assert thin_log(now=NOW)


def test_names_are_kept_as_browsers_send_them():
    assert shut_out(value=" Ферма.Example. ").value == "xn--80ajvps.example"


def test_the_first_of_several_is_the_one_that_counts_it():
    first = shut_out(value="example")
    shut_out(value="farm.example")
    rules = Rules(Exclusion.objects.all())
    at_ms = round((NOW.timestamp() + 60) * 1000)
    assert rules.find(at_ms, host="farm.example", network=b"").exclusion_id in {
        first.pk, first.pk + 1,
    }  # fmt: skip
    assert not Rules()
