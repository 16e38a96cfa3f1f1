"""Which release this process is part of."""

import json
from dataclasses import dataclass

from noticeboard.settings import Settings

UNRELEASED = "unreleased"


@dataclass(frozen=True)
class RunningRelease:
    """What runs here: the release's name and the digest of its image, as people should see them."""

    name: str
    digest: str


def running_release(settings: Settings) -> RunningRelease:
    """Read the release file anew and say what this process runs.

    The file is one for all pods and may already speak of the next image during a rollout, so its name counts only when
    its image is ours. A missing or unreadable file means "unreleased"; no error leaves this function.
    """
    _, _, digest = settings.image.partition("@")
    return RunningRelease(name=_released_name(settings) or UNRELEASED, digest=digest or "none (not run from an image)")


def _released_name(settings: Settings) -> str | None:
    try:
        record = json.loads(settings.release_file.read_bytes())
    except (OSError, ValueError):
        return None
    if not settings.image or not isinstance(record, dict) or record.get("image") != settings.image:
        return None
    name = record.get("name")
    return name if isinstance(name, str) else None
