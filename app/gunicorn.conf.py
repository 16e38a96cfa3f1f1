"""How gunicorn runs the application; read from the working directory. The numbers are the settings' (see README.md)."""

import gc
import os
import signal
from typing import Any, NoReturn

from noticeboard.logs import log_configuration
from noticeboard.settings import Settings

_settings = Settings.from_environment(os.environ)

wsgi_app = "noticeboard.web:create_app()"
bind = f"0.0.0.0:{_settings.port}"
workers = _settings.workers
worker_class = "noticeboard.worker.DrainingWorker"
# Loaded once, then forked: loading is most of the start-up time.
preload_app = True
graceful_timeout = _settings.graceful_timeout
keepalive = _settings.keep_alive
# The heartbeat files: in memory where possible, so that a slow disk never looks like a hung worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
# It would want a writable home directory, and nobody is there to use it.
control_socket_disable = True
loglevel = _settings.log_level
logconfig_dict = log_configuration(_settings.log_level)


def _stop(*_: Any) -> NoReturn:
    raise SystemExit


# A container's first process gets no signal that it does not handle: told to stop while it loads, it would live on
# until it is killed. gunicorn's own handler comes once all is loaded; at a reload, that is the one that stays.
if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, _stop)


def _stop_at_once() -> None:
    """Let a worker that is told to stop before it listens for that stop at once.

    The handlers that it has from the process above only take notes for that one.
    """
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(each, signal.SIG_DFL)


# From its first moment on: gunicorn's own hook, post_fork, comes after it has logged.
os.register_at_fork(after_in_child=_stop_at_once)


def when_ready(_server: Any) -> None:
    """Let the collector pass over all that is loaded by now, which is before the workers are forked.

    It would copy the memory that they share, and walk through all of it in each process that stops: for 0.3 s, in the
    middle of a rollout. See https://docs.python.org/3/library/gc.html#gc.freeze.
    """
    gc.freeze()
