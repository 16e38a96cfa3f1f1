"""The application as it runs in production: gunicorn, its own processes, a real port."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

APP = Path(__file__).parent.parent


def run_command(*command: str, environment: dict[str, str]) -> subprocess.Popen:
    """Start one of the image's commands (`alembic upgrade head`) from the application's folder."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=APP,
        env={**os.environ, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class RunningApplication:
    """gunicorn with the application on a free port of 127.0.0.1; its logs in a file."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Start it and return once it is live; raises AssertionError with its logs if that takes 20 s."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._log = folder / "log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                cwd=APP,
                env={**os.environ, "PORT": str(self.port), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + 20
        while not self._live():
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.05)

    def _live(self) -> bool:
        try:
            return self.get("/health/live")[0] == 200
        except OSError:
            return False

    def connection(self) -> http.client.HTTPConnection:
        """Return a keep-alive connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def get(self, path: str) -> tuple[int, str]:
        """Return status and body of one GET on a connection of its own."""
        connection = self.connection()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def terminate(self) -> None:
        """Ask it to stop, as Kubernetes does."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Return its exit code, once it has stopped; raises TimeoutExpired after 15 s."""
        return self.process.wait(15)

    def stop(self) -> None:
        """Stop it, if it still runs."""
        if self.process.poll() is None:
            self.terminate()
            self.wait()

    def log_lines(self) -> list[dict]:
        """Return every line it logged, parsed; raises ValueError if one is not JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]
