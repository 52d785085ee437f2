import pytest
from django.db import connections

from broadsheet.readership.view_log import open_view_log


@pytest.fixture
def view_log(settings, tmp_path, request):
    """The log that the fold reads, empty."""
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    settings.VIEW_KEYS_DIRECTORY = tmp_path / "view-keys"
    if connections["views"].vendor == "postgresql":
        request.getfixturevalue("emptied_table")
    log = open_view_log(settings.VIEW_LOG_DIRECTORY, connections["views"].settings_dict)
    yield log
    log.close()


@pytest.fixture
def emptied_table(django_db_setup):
    """The view log's table as it was made. Its writers commit, whatever a test takes back."""
    from tests.postgres import empty_view_log

    from broadsheet.readership import table_log

    yield
    table_log._locks("views").close()
    empty_view_log(connections["views"].settings_dict)
