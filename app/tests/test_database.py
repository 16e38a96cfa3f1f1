"""The database may restart, vanish or cut a connection: what it costs, and that nothing happens twice."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from noticeboard.database import Database
from noticeboard.messages import Board
from noticeboard.web import UNAVAILABLE


def test_a_restart_between_requests_costs_nothing(client, server):
    """The pool's dead connections are noticed before they are used."""
    client.post("/api/messages", json={"text": "before"})
    server.restart()
    assert client.post("/api/messages", json={"text": "after"}).status_code == 201
    shown = client.get("/api/messages").json()["messages"]
    assert [message["text"] for message in shown] == ["after", "before"]


def test_while_it_is_gone_every_answer_says_so(client, server):
    """503 and a word for people; what was typed is kept; and all is well once it is back."""
    server.stop()
    try:
        response = client.get("/api/messages")
        assert (response.status_code, response.json()) == (503, {"error": UNAVAILABLE})
        assert response.headers["retry-after"] == "1"
        assert client.post("/api/messages", json={"text": "lost?"}).status_code == 503
        page = client.get("/")
        assert (page.status_code, UNAVAILABLE in page.text) == (503, True)
        page = client.post("/", data={"text": "my words"})
        assert (page.status_code, "my words" in page.text) == (503, True)
    finally:
        server.start()
    assert client.get("/").status_code == 200


@pytest.fixture
def connected(database, settings):
    """Access to the database without the web."""
    opened = Database(settings)
    yield opened
    opened.close()


def test_a_connection_cut_in_the_middle_is_tried_once_more(connected, server, database):
    """Once, and not for ever."""
    tries = []

    def work(connection, cut=(1,)):
        tries.append(connection.scalar(text("SELECT pg_backend_pid()")))
        if len(tries) in cut:
            with server.connect(database) as other:
                other.execute("SELECT pg_terminate_backend(%s, 1000)", (tries[-1],))
        return connection.scalar(text("SELECT 'done'"))

    assert connected.run(work) == "done"
    assert len(set(tries)) == 2
    tries.clear()
    with pytest.raises(OperationalError):
        connected.run(lambda connection: work(connection, cut=(1, 2)))
    assert len(tries) == 2


def test_an_error_of_ours_is_not_repeated(connected):
    """Only a lost connection is a reason to try again."""
    tries = []
    with pytest.raises(ProgrammingError):
        connected.run(lambda connection: (tries.append(1), connection.execute(text("SELECT nonsense"))))
    assert tries == [1]


def test_a_commit_whose_answer_was_lost_is_not_kept_twice(connected, monkeypatch):
    """The second try finds what the first had committed."""
    original, lost = Database._transaction, []

    def lose_first_answer(self, work):
        result = original(self, work)
        if not lost:
            lost.append(result)
            raise DBAPIError("COMMIT", None, Exception("connection lost"), connection_invalidated=True)
        return result

    monkeypatch.setattr(Database, "_transaction", lose_first_answer)
    added = Board(connected).add("once")
    assert [added] == lost
    assert Board(connected).page(10).messages == [added]
