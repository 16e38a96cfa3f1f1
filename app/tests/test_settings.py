"""Settings: what is allowed, and what is said when it is not."""

import pytest

from noticeboard.settings import Settings, SettingsError


def test_everything_has_a_default():
    """An empty environment is enough, and a variable set to nothing counts as absent."""
    assert Settings.from_environment({}) == Settings() == Settings.from_environment({"PORT": "", "LOG_LEVEL": " "})


def test_all_problems_are_named_at_once():
    """The error lists each wrong variable, with its value and what is allowed."""
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({"PORT": "http", "LOG_LEVEL": "loud", "WEB_CONCURRENCY": "0", "DRAIN_SECONDS": "20"})
    assert str(error.value).split("; ") == [
        "LOG_LEVEL='loud': one of debug, info, warning, error is needed",
        "PORT='http': a whole number from 1 to 65535 is needed",
        "WEB_CONCURRENCY='0': a whole number from 1 to 64 is needed",
        "DRAIN_SECONDS=20 must be less than GRACEFUL_TIMEOUT=20",
    ]
