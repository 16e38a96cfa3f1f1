"""The release's name: shown only where it is certain."""

import json

import pytest

from noticeboard.release import RunningRelease, running_release
from noticeboard.settings import Settings

IMAGE = "registry.example/app@sha256:" + "1" * 64


@pytest.fixture
def file(tmp_path):
    """The path of the release file."""
    return tmp_path / "release.json"


def test_the_file_names_the_release_of_our_image_and_is_read_anew(file):
    """A name given later, without a restart, shows at once."""
    settings = Settings(image=IMAGE, release_file=file)
    assert running_release(settings) == RunningRelease("unreleased", "sha256:" + "1" * 64)
    file.write_text(json.dumps({"image": IMAGE, "name": "v1.17", "commit": "abc"}))
    assert running_release(settings).name == "v1.17"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"image": "registry.example/app@sha256:" + "2" * 64, "name": "v1.18"}),
        json.dumps({"image": IMAGE}),
        json.dumps({"image": IMAGE, "name": 17}),
        json.dumps([IMAGE]),
        "{",
        "",
        "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
    ],
)
def test_anything_else_is_unreleased(file, content):
    """The next image's file during a rollout, and whatever else may be in it."""
    file.write_text(content)
    assert running_release(Settings(image=IMAGE, release_file=file)).name == "unreleased"


def test_outside_a_container_there_is_no_image(file):
    """A file without an image does not match a process without one."""
    file.write_text(json.dumps({"image": "", "name": "v1.17"}))
    shown = running_release(Settings(release_file=file))
    assert shown == RunningRelease("unreleased", "none (not run from an image)")
