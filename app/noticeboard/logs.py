"""Structured logs: one JSON object a line on standard output, whoever logs."""

import json
import logging
import logging.config
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
    """Formats a record as {"time", "level", "logger", "message"}, plus `extra={"fields": {…}}` and a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_configuration(level: str) -> dict[str, Any]:
    """Return the logging configuration (for `logging.config.dictConfig`) at the given level.

    gunicorn and uvicorn are left without handlers of their own, so that their lines reach the root's, in the same form.
    """
    ours = {"handlers": [], "propagate": True, "level": "NOTSET"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"},
        },
        "root": {"level": level.upper(), "handlers": ["stdout"]},
        "loggers": {"gunicorn.error": ours, "gunicorn.access": ours, "uvicorn.error": ours},
    }


def start_logging(level: str) -> None:
    """Send this process's logs and Python's warnings to standard output as JSON."""
    logging.config.dictConfig(log_configuration(level))
    logging.captureWarnings(True)
