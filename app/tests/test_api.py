"""The messages as JSON."""

import pytest


def add(client, text):
    """Add a message and return it."""
    response = client.post("/api/messages", json={"text": text})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_message_comes_back_as_it_was_written(client):
    """Trimmed, otherwise unchanged, with id and time."""
    added = add(client, "  Grüße 🎉\nsecond line ")
    assert added["text"] == "Grüße 🎉\nsecond line"
    assert added["created_at"].endswith(("Z", "+00:00"))
    assert client.get("/api/messages").json() == {"messages": [added], "next": None}


def test_pages_cover_everything_once_newest_first(client):
    """Also when messages are added while somebody turns the pages."""
    ids = [add(client, f"message {number}")["id"] for number in range(7)]
    seen, before = [], ""
    while True:
        page = client.get(f"/api/messages?limit=3{before}").json()
        seen += [message["id"] for message in page["messages"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
        add(client, "later")
    assert seen == ids[::-1]


def test_twenty_come_unless_asked_otherwise(client, server, database):
    """And at most a hundred."""
    with server.connect(database) as connection:
        connection.execute("INSERT INTO messages (text) SELECT 'm' FROM generate_series(1, 101)")
    assert len(client.get("/api/messages").json()["messages"]) == 20
    page = client.get("/api/messages?limit=100").json()
    assert (len(page["messages"]), page["next"]) == (100, page["messages"][-1]["id"])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"text": ""}', "text: must have 1 to 500 characters after trimming, not 0"),
        ('{"text": " \\n "}', "text: must have 1 to 500 characters after trimming, not 0"),
        ('{"text": "%s"}' % ("x" * 501), "text: must have 1 to 500 characters after trimming, not 501"),
        ('{"text": "a\\u0000b"}', "text: must not contain NUL or half of a surrogate pair"),
        ('{"text": "\\ud800"}', "text: "),
        ('{"text": 5}', "text: Input should be a valid string"),
        ("{}", "text: Field required"),
        ("[]", "body: "),
        ("{", "1: JSON decode error"),
        ("", "body: Field required"),
    ],
)
def test_a_wrong_message_gets_one_clear_error(client, body, error):
    """Nothing of it is kept."""
    response = client.post("/api/messages", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert list(response.json()) == ["error"]
    assert response.json()["error"].startswith(error)
    assert client.get("/api/messages").json()["messages"] == []


def test_five_hundred_characters_fit_however_encoded(client):
    """500 characters outside the basic plane, escaped as 12 bytes each."""
    assert add(client, "🎉" * 500)["text"] == "🎉" * 500


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "before=0", "before=-1", "before=9223372036854775808", "before=1e3"],
)
def test_a_wrong_page_gets_one_clear_error(client, query):
    """It says which parameter is wrong."""
    response = client.get(f"/api/messages?{query}")
    assert response.status_code == 422
    assert response.json()["error"].startswith(query.split("=")[0] + ": Input should be ")


@pytest.mark.parametrize("path", ["/", "/api/messages"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_refused(client, path, chunked):
    """With a declared length and without."""
    body = b" " * 17_000
    response = client.post(path, content=iter([body]) if chunked else body)
    assert response.status_code == 413
    assert "16384 bytes" in response.json()["error"]


def test_an_unknown_path_is_json_too(client):
    """Errors have one form."""
    response = client.get("/nowhere")
    assert (response.status_code, response.json()) == (404, {"error": "Not Found"})
