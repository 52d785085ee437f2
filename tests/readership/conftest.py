import pytest

from broadsheet.readership.view_log import ViewLog


@pytest.fixture
def view_log(settings, tmp_path):
    """The log that the fold reads, empty."""
    settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
    settings.VIEW_KEYS_DIRECTORY = tmp_path / "view-keys"
    log = ViewLog(settings.VIEW_LOG_DIRECTORY)
    yield log
    log.close()
