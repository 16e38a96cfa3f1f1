"""Migrations: one at a time, once each, and never in the way of the version that still runs."""

import json
import time
from pathlib import Path

import alembic.config
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from noticeboard import database as access
from noticeboard.messages import metadata
from noticeboard.migration import LOCK
from tests import previous_release
from tests.serving import APP, run_command


def parsed(output):
    """Return the log lines of one migration."""
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture
def migrate(monkeypatch, capsys):
    """Run the image's migration command in this process; return its exit code and parsed log."""

    def run(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(APP)
        try:
            alembic.config.main(["upgrade", "head"])
            code = 0
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        assert said.err == ""
        return code, parsed(said.out)

    return run


def test_four_at_once_apply_each_revision_once(server, empty_database):
    """The others wait, find nothing to do, and say so."""
    running = [run_command("alembic", "upgrade", "head", environment={}) for _ in range(4)]
    said = [process.communicate(timeout=60) for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, said, strict=True)] == [(0, "")] * 4
    lines = [line for out, _ in said for line in parsed(out)]
    applied = [line["message"] for line in lines if "Running upgrade" in line["message"]]
    assert [line.split(",")[0] for line in applied] == ["Running upgrade  -> 0001", "Running upgrade 0001 -> 0002"]
    ends = sorted((line["before"] or "", line["after"]) for line in lines if line["message"].startswith("schema "))
    assert ends == [("", "0002"), ("0002", "0002"), ("0002", "0002"), ("0002", "0002")]
    with server.connect(empty_database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0002",)]


def test_the_wait_for_another_one_is_bounded(server, database, migrate):
    """The error says who holds the lock."""
    with server.connect(database) as other:
        other.execute("SET application_name = 'migration-of-v1.16'")
        other.execute("SELECT pg_advisory_lock(%(space)s, %(number)s)", LOCK)
        began = time.monotonic()
        code, log = migrate(MIGRATION_WAIT="1")
    assert code == 1
    assert time.monotonic() - began < 6
    assert log[-1]["level"] == "error"
    assert "migration failed: another migration still runs after 1 s: migration-of-v1.16 (local, " in log[-1]["message"]


def test_a_database_that_is_still_starting_is_waited_for(server, empty_database):
    """On a first deployment both start together."""
    server.stop()
    process = run_command("alembic", "upgrade", "head", environment={})
    assert "waiting for the database" in json.loads(process.stdout.readline())["message"]
    server.start()
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == 0


def test_an_unreachable_database_fails_in_time_and_in_words(database, tmp_path, migrate):
    """With libpq's own reason."""
    code, log = migrate(PGHOST=str(tmp_path), MIGRATION_WAIT="1")
    assert code == 1
    assert "migration failed: the database could not be reached within 1 s: " in log[-1]["message"]
    assert "No such file or directory" in log[-1]["message"]


def test_a_wrong_setting_fails_before_anything_is_touched(migrate):
    """One line, naming the variable."""
    code, log = migrate(MIGRATION_WAIT="soon")
    assert (code, len(log)) == (1, 1)
    assert "MIGRATION_WAIT='soon'" in log[0]["message"]


def test_a_failing_revision_leaves_the_schema_as_it_was(server, empty_database, migrate):
    """And says what failed."""
    with server.connect(empty_database) as connection:
        connection.execute("CREATE TABLE messages (mine int)")
        code, log = migrate()
        assert code == 1
        assert 'relation "messages" already exists' in log[-1]["message"]
        assert connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)


def test_an_interrupted_revision_can_be_repeated(server, own_database, migrate):
    """What revision 0002 may leave behind: its column, and an index that was not finished."""
    with server.connect(own_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'messages_submission'::regclass")
        code, _ = migrate()
        assert code == 0
        valid = "SELECT indisvalid AND indisunique FROM pg_index WHERE indexrelid = 'messages_submission'::regclass"
        assert connection.execute(valid).fetchone() == (True,)


def test_a_newer_schema_is_left_alone(server, own_database, migrate):
    """A rollback brings an earlier image, whose migration knows nothing of it; the rollout has to go on."""
    with server.connect(own_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        code, log = migrate()
        assert code == 0
        assert log[-1]["message"] == "schema unchanged: newer than this release"
        assert (log[-1]["before"], log[-1]["newest"]) == ("9999", f"{access.REQUIRED_REVISION:04}")
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_revision_that_was_never_made_fails_in_words(server, own_database, migrate):
    """One line, as every failure."""
    with server.connect(own_database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        code, log = migrate()
    assert code == 1
    assert "migration failed: " in log[-1]["message"]
    assert "0000" in log[-1]["message"]


def test_the_previous_release_works_on_todays_schema(server, database, client):
    """It writes and reads beside this one, in both directions."""
    client.post("/api/messages", json={"text": "from the new one"})
    with server.connect(database) as connection:
        for number in range(2):
            added = connection.execute(previous_release.ADD, {"text": f"from the old one {number}"}).fetchone()
        seen = connection.execute(previous_release.READ, {"limit": 10}).fetchall()
    assert seen[0] == added
    assert [row[1] for row in seen] == ["from the old one 1", "from the old one 0", "from the new one"]
    assert [message["text"] for message in client.get("/api/messages").json()["messages"]] == [row[1] for row in seen]


def test_revisions_are_numbered_and_the_application_needs_the_last(database):
    """That numbering is how readiness tells older from newer."""
    script = ScriptDirectory.from_config(Config(Path(APP) / "alembic.ini"))
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    assert revisions == [f"{number:04}" for number in range(1, access.REQUIRED_REVISION + 1)]


def test_the_tables_in_the_code_are_those_in_the_database(database):
    """Nothing was changed in one and forgotten in the other."""
    engine = create_engine(access.URL)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
