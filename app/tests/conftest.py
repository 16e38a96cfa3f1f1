"""What the tests stand on: a server for the session, a database for each test, the application on it."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from noticeboard.settings import Settings
from noticeboard.web import create_app
from tests.postgres import PostgresServer
from tests.serving import RunningApplication, run_command

numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """The running PostgreSQL server."""
    server = PostgresServer()
    server.start()
    yield server
    server.stop("immediate")
    server.remove()


@pytest.fixture(scope="session")
def migrated(server: PostgresServer) -> str:
    """The name of a database with the newest schema: migrated by the image's own command."""
    with server.connect("postgres") as connection:
        connection.execute("CREATE DATABASE migrated")
    command = run_command("alembic", "upgrade", "head", environment=server.environment("migrated"))
    said = command.communicate(timeout=30)
    assert command.returncode == 0, said
    return "migrated"


@pytest.fixture
def point_to(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Point this process, and those it starts, to a database of the server; returns its name."""

    def point(name: str) -> str:
        for variable, value in server.environment(name).items():
            monkeypatch.setenv(variable, value)
        return name

    return point


@pytest.fixture
def database(server: PostgresServer, migrated: str, point_to: Callable[[str], str]) -> str:
    """The name of a database with the newest schema and no messages. For tests that leave the schema alone."""
    with server.connect(migrated) as connection:
        connection.execute("TRUNCATE messages")
    return point_to(migrated)


@pytest.fixture
def own_database(server: PostgresServer, database: str, point_to: Callable[[str], str]) -> str:
    """The name of a new database with the newest schema, for a test that changes it."""
    return point_to(_new_database(server, database))


@pytest.fixture
def empty_database(server: PostgresServer, point_to: Callable[[str], str]) -> str:
    """The name of a new database without a schema."""
    return point_to(_new_database(server, "template0"))


def _new_database(server: PostgresServer, template: str) -> str:
    name = f"test{next(numbers)}"
    with server.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


@pytest.fixture
def settings() -> Settings:
    """Settings that give up sooner than production's."""
    return Settings(environment="testing", database_timeout=2)


@pytest.fixture
def client(database: str, settings: Settings) -> Iterator[TestClient]:
    """A client of the application in this process."""
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[..., RunningApplication]]:
    """Start the application under gunicorn with the given environment variables, once a test."""
    started: list[RunningApplication] = []

    def start(**environment: str) -> RunningApplication:
        started.append(RunningApplication(tmp_path, environment))
        return started[0]

    yield start
    for application in started:
        application.stop()
