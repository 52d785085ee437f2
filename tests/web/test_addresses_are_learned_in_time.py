from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.web.invalidating import LEARNED, learn_addresses
from broadsheet.web.stored import address_filter

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def test_a_missing_filter_is_built_at_once_and_a_present_one_each_hour(settings):
    now = timezone.now()
    path = ArticleFactory(headline="Bridge opens").get_absolute_url()
    learn_addresses(now)
    assert address_filter().may_exist(path)
    assert not address_filter().may_exist("/en/news/no-such-bridge")

    learn_addresses(now + timedelta(minutes=30))
    assert LEARNED[settings.PAGES_DIRECTORY] == now
    learn_addresses(now + timedelta(minutes=61))
    assert LEARNED[settings.PAGES_DIRECTORY] == now + timedelta(minutes=61)

    (settings.PAGES_DIRECTORY / "addresses").unlink()
    address_filter().follow()
    assert address_filter().may_exist("/en/news/no-such-bridge")
    learn_addresses(now + timedelta(minutes=62))
    assert not address_filter().may_exist("/en/news/no-such-bridge")
    assert address_filter().may_exist(path)
