"""Health: live says the process runs; ready says it can work."""

import socket
import threading
import time

import pytest
from fastapi.testclient import TestClient

from noticeboard.settings import Settings
from noticeboard.web import create_app


def ready(client):
    """Return status and reason of the readiness check."""
    response = client.get("/health/ready")
    return response.status_code, response.json().get("reason")


def test_ready_follows_the_database_and_live_does_not(client, server):
    """Gone: not ready, but live. Back: ready again, by itself."""
    assert ready(client) == (200, None)
    server.stop("immediate")
    try:
        assert ready(client) == (503, "the database cannot be reached")
        assert client.get("/health/live").json() == {"status": "live"}
    finally:
        server.start()
    assert ready(client) == (200, None)


def test_a_silent_database_is_not_waited_for(client, tmp_path, monkeypatch):
    """A server that accepts and never answers."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/.s.PGSQL.5432")
        silent.listen()
        monkeypatch.setenv("PGHOST", str(tmp_path))
        with TestClient(create_app(Settings())) as client:
            began = time.monotonic()
            status, reason = ready(client)
            assert time.monotonic() - began < 2.5
            assert client.get("/health/live").status_code == 200
    assert (status, reason) in [
        (503, "the database did not answer within 2 s"),
        (503, "the database cannot be reached"),
    ]


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        ("0001", (503, "the schema is at revision 0001, 0002 is needed; run the migration")),
        ("0002", (200, None)),
        ("0003", (200, None)),
        (None, (503, "the database has no schema yet; run the migration")),
    ],
)
def test_an_older_schema_is_not_enough_and_a_newer_one_is(server, own_database, settings, revision, expected):
    """So a rollback keeps working on the newer schema."""
    with server.connect(own_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s WHERE %s", (revision or "", bool(revision)))
        if revision is None:
            connection.execute("DROP TABLE alembic_version")
    with TestClient(create_app(settings)) as client:
        assert ready(client) == expected


def test_a_busy_pool_is_no_reason_to_be_taken_out(server, database):
    """Every connection waits for a lock: requests end in time with a clear error, probes pass all the while."""
    app = create_app(Settings(pool_size=1, database_timeout=1))
    with TestClient(app) as client, server.connect(database) as other, other.transaction():
        other.execute("LOCK TABLE messages")
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(client.get("/api/messages").status_code)) for _ in range(3)
        ]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert ready(client) == (200, None)
            time.sleep(0.1)
        assert answers == [503, 503, 503]
        assert time.monotonic() - began < 3
