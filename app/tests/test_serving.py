"""gunicorn as in production: what clients see when it stops, and what it logs."""

import threading
import time

import pytest

from tests.serving import run_command


@pytest.fixture
def locked(server, database):
    """Make every request that reads messages slow, until the block ends."""
    with server.connect(database) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE messages")
        yield lambda: other.execute("COMMIT")


@pytest.fixture
def configured(tmp_path):
    """Add lines to the end of gunicorn's configuration; returns the variable that has it read."""

    def configure(lines: str) -> dict[str, str]:
        configuration = tmp_path / "gunicorn.conf.py"
        own = 'import gc, os, runpy, signal\nglobals().update(runpy.run_path("gunicorn.conf.py"))\n'
        configuration.write_text(own + lines)
        return {"GUNICORN_CMD_ARGS": f"--config={configuration}"}

    return configure


def test_a_slow_request_is_finished_after_sigterm(serve, locked):
    """Its client gets the whole answer; then the process ends by itself, with success."""
    running = serve()
    answers = []
    slow = threading.Thread(target=lambda: answers.append(running.get("/api/messages")))
    slow.start()
    time.sleep(0.5)
    running.terminate()
    time.sleep(1)
    assert running.process.poll() is None
    locked()
    slow.join(10)
    assert answers == [(200, '{"messages":[],"next":null}')]
    assert running.wait() == 0
    assert [line for line in running.log_lines() if line["level"] in ("warning", "error", "critical")] == []


def test_a_request_that_never_ends_does_not_hold_the_process(serve, locked):
    """The graceful timeout is the end of patience."""
    running = serve(GRACEFUL_TIMEOUT="2", DRAIN_SECONDS="1", DATABASE_TIMEOUT="60")
    slow = running.connection()
    slow.request("GET", "/api/messages")
    time.sleep(0.3)
    began = time.monotonic()
    running.terminate()
    running.wait()
    assert time.monotonic() - began < 5
    slow.close()


def test_a_keep_alive_client_is_told_to_go_not_cut_off(serve, database):
    """Its next request after SIGTERM is answered, with `Connection: close`."""
    running = serve()
    client = running.connection()
    client.request("GET", "/api/messages")
    response = client.getresponse()
    response.read()
    assert response.getheader("connection") != "close"
    running.terminate()
    time.sleep(0.5)
    client.request("GET", "/api/messages")
    response = client.getresponse()
    assert (response.status, response.getheader("connection")) == (200, "close")
    response.read()
    began = time.monotonic()
    assert running.wait() == 0
    assert time.monotonic() - began < 4
    client.close()


def test_a_silent_keep_alive_client_does_not_hold_the_process(serve, database):
    """It is closed when the drain time is over."""
    running = serve(DRAIN_SECONDS="1")
    client = running.connection()
    client.request("GET", "/health/live")
    client.getresponse().read()
    began = time.monotonic()
    running.terminate()
    assert running.wait() == 0
    assert 1 <= time.monotonic() - began < 6
    client.close()


def test_every_log_line_is_json_and_says_what_a_request_did(serve, database):
    """Method, path without the query, status and duration; nothing of healthy probes; tracebacks in one line."""
    running = serve(WEB_CONCURRENCY="1")
    running.get("/api/messages?limit=1&token=hunter2")
    running.get("/health/ready")
    running.get("/nowhere%0Aforged")
    running.stop()
    lines = running.log_lines()
    requests = [line for line in lines if line["message"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("GET", "/api/messages", 200),
        ("GET", "/nowhere\nforged", 404),
    ]
    assert all(line["duration_ms"] > 0 and line["level"] == "info" for line in requests)
    assert {"gunicorn.error", "uvicorn.error"} <= {line["logger"] for line in lines}
    assert "hunter2" not in str(lines)


def test_an_unexpected_error_is_one_line_with_its_traceback(serve, empty_database):
    """No table: a bug of the deployment, so 500; what was asked for stays out of the log."""
    running = serve(WEB_CONCURRENCY="1")
    assert running.get("/api/messages?before=4242")[0] == 500
    assert running.get("/health/ready")[0] == 503
    running.stop()
    lines = running.log_lines()
    assert [line["status"] for line in lines if line["message"] == "request"] == [500, 503]
    [traceback] = [line["traceback"] for line in lines if "traceback" in line]
    assert "UndefinedTable" in traceback
    assert "4242" not in traceback


def test_what_is_loaded_before_the_fork_is_passed_over_by_the_collector(serve, configured):
    """That is all of the application, most of what there is in a worker."""
    environment = configured("""
def post_fork(server, worker):
    server.log.info(f"frozen {gc.get_freeze_count() > len(gc.get_objects())}")
""")
    running = serve(WEB_CONCURRENCY="1", **environment)
    running.stop()
    assert [line["message"] for line in running.log_lines() if "frozen" in line["message"]] == ["frozen True"]


def test_what_is_told_to_stop_while_it_loads_stops_at_once(configured):
    """Though nothing else would handle the signal, which a container's first process would not get then."""
    command = run_command("gunicorn", environment=configured("os.kill(os.getpid(), signal.SIGTERM)"))
    said = command.communicate(timeout=10)
    assert (command.returncode, "Listening" in str(said)) == (0, False)


def test_a_worker_that_is_told_to_stop_before_it_listens_stops_at_once(serve, configured):
    """Another one takes its place, as nobody told the process above."""
    environment = configured("""
forks = []
def stop_the_first():
    if len(forks) == 1:
        os.kill(os.getpid(), signal.SIGTERM)
os.register_at_fork(before=lambda: forks.append(1), after_in_child=stop_the_first)
""")
    running = serve(WEB_CONCURRENCY="1", **environment)
    running.stop()
    said = [line["message"] for line in running.log_lines()]
    known = {"Booting worker": "starts", "was sent SIGTERM": "is stopped"}
    assert [what for line in said for part, what in known.items() if part in line] == [
        "is stopped",
        "starts",
        "is stopped",
    ]


def test_a_wrong_setting_stops_the_start(serve):
    """With the variable's name in the output."""
    with pytest.raises(AssertionError, match="PORT='many': a whole number"):
        serve(PORT="many")
