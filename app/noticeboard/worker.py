"""The gunicorn worker: uvicorn, with a stop that no client notices."""

import asyncio
import logging
import os
import socket
import sys
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker

from noticeboard.settings import Settings
from noticeboard.traffic import stopping

POLL = 0.05
"""Seconds between two looks at whether all connections are gone."""


class DrainingServer(Server):
    """Closes no idle connection at once when told to stop.

    A client may be about to send its next request on it, and would see it fail. So for a while each response says
    `Connection: close`, and only connections that stayed silent are closed by the server.
    """

    drain: int = Settings.drain
    """Seconds to wait for the clients."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, drain, then let uvicorn finish what is still in flight."""
        stopping.set()
        for server in self.servers:
            server.close()
        clock = asyncio.get_running_loop().time
        end = clock() + self.drain
        while self.server_state.connections and clock() < end:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(POLL)
        await super().shutdown(sockets)


class DrainingWorker(UvicornWorker):
    """Serves the application with DrainingServer; its logs go where all others go."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "asyncio",
        "http": "httptools",
        "ws": "none",
        "lifespan": "on",
        "access_log": False,  # traffic.py writes that line
        "server_header": False,
    }

    async def _serve(self) -> None:
        logging.getLogger("uvicorn.error").propagate = True  # the base class cut it off from the root's handler
        self.config.app = self.wsgi
        server = DrainingServer(config=self.config)
        server.drain = Settings.from_environment(os.environ).drain
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
