"""What holds for every request, whatever the route: a log line, bounded bodies, safe headers, a polite goodbye."""

import logging
import threading
import time

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 16 * 1024
"""Bytes in the largest request body: 500 characters fit in it however they are encoded."""
LONGEST_LOGGED_PATH = 200
"""Characters of a path that a log line keeps."""

stopping = threading.Event()
"""Set once this process has been asked to stop: from then on every response closes its connection."""

log = logging.getLogger(__name__)


class Traffic:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        """Wrap `app`; `headers` are put on every response."""
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; see the module."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # what the server answers when the application raises

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if stopping.is_set():
                    headers["connection"] = "close"
            await send(message)

        try:
            await self._app(scope, _bounded(receive), send_with_headers)
        finally:
            _log_request(scope, status, time.perf_counter() - started)


def _bounded(receive: Receive) -> Receive:
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise HTTPException(413, f"the request's body is larger than {LARGEST_BODY} bytes")
        return message

    return receive_bounded


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    # The path alone: a query string may carry what is not for the logs.
    path = scope["path"]
    level = logging.DEBUG if path.startswith("/health/") and status < 400 else logging.INFO
    fields = {
        "method": scope["method"],
        "path": path[:LONGEST_LOGGED_PATH],
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    log.log(level, "request", extra={"fields": fields})
