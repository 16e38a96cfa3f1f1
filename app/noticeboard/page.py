"""The page: one small HTML document, rendered here, with nothing loaded from anywhere."""

import base64
import hashlib
import socket
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from noticeboard.messages import LONGEST, Page
from noticeboard.release import RunningRelease

_here = Path(__file__).parent
_templates = Environment(loader=FileSystemLoader(_here), autoescape=True, undefined=StrictUndefined)
_style = (_here / "page.css").read_text()
_style_hash = base64.b64encode(hashlib.sha256(_style.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_style_hash}'",
        "img-src data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing but our own style and our own form: no script at all, whatever somebody writes on the board."""


@dataclass(frozen=True)
class View:
    """What one rendering of the page shows."""

    environment: str
    release: RunningRelease
    board: Page | None
    """None when the messages cannot be read."""
    draft: str = ""
    """What was typed, when it could not be kept."""
    problem: str = ""
    """Why not, in words; empty when all is well."""


def render(view: View) -> str:
    """Return the page as HTML; every value in it is escaped."""
    return _templates.get_template("page.html").render(
        view=view, host=socket.gethostname(), style=_style, longest=LONGEST
    )
