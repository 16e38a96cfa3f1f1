"""The page, as a browser gets it."""

import base64
import hashlib
import json
import re

import pytest
from fastapi.testclient import TestClient

from noticeboard.settings import Settings
from noticeboard.web import create_app

HOSTILE = """<script>alert(1)</script>"'&</textarea><img src=x onerror=alert(2)>{{ 7*7 }}"""


def test_it_shows_what_runs_where(database, tmp_path, monkeypatch):
    """Environment, release, digest and host."""
    monkeypatch.setattr("socket.gethostname", lambda: "web-7d9f")
    image, file = "registry.example/app@sha256:" + "a" * 64, tmp_path / "release.json"
    file.write_text(json.dumps({"image": image, "name": "v1.17"}))
    with TestClient(create_app(Settings(environment="staging", image=image, release_file=file))) as client:
        page = client.get("/").text
    shown = dict(re.findall(r'<dd id="(\w+)">(.*?)</dd>', page))
    assert shown == {
        "environment": "staging",
        "release": "v1.17",
        "digest": "sha256:" + "a" * 64,
        "host": "web-7d9f",
    }
    assert "No messages yet" in page


def test_the_form_adds_a_message(client):
    """And sends the browser back to the page, so that a reload adds nothing."""
    response = client.post("/", data={"text": " Hello\r\nthere "}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert "<p>Hello\nthere</p>" in client.get("/").text


def test_hostile_text_is_shown_not_run(client):
    """In the list, and in the form when it could not be kept."""
    client.post("/api/messages", json={"text": HOSTILE})
    for page in (client.get("/").text, client.post("/", data={"text": HOSTILE * 10}).text):
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;&lt;/textarea&gt;&lt;img" in page
        assert "{{ 7*7 }}" in page


def test_the_policy_allows_our_style_and_nothing_else(client):
    """The hash in it is that of the style that is sent."""
    response = client.get("/")
    policy = response.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; " in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", response.text)


@pytest.mark.parametrize(
    ("form", "said"),
    [("text=+", "not 0"), ("text=" + "x" * 501, "not 501"), ("text=a%00b", "NUL"), ("other=1", "not 0")],
)
def test_a_wrong_message_is_explained_on_the_page(client, form, said):
    """And what was typed is still there."""
    response = client.post("/", content=form)
    assert response.status_code == 422
    assert said in re.search(r'<p role="alert">(.*?)</p>', response.text)[1]
    assert ("x" * 501 in response.text) == ("x" in form.partition("=")[2])


@pytest.mark.parametrize("body", [b"text=%ff", b"\xff", b"&".join(b"a=1" for _ in range(20))])
def test_a_form_that_is_none_is_refused(client, body):
    """Not UTF-8, not a form, too many fields."""
    response = client.post("/", content=body)
    assert (response.status_code, response.json()) == (422, {"error": "the form could not be read"})


def test_older_messages_are_a_link_away(client):
    """Page by page to the first."""
    for number in range(21):
        client.post("/api/messages", json={"text": f"message {number}!"})
    first = client.get("/").text
    assert "message 20!" in first
    assert "message 0!" not in first
    older = client.get(re.search(r'href="(/\?before=\d+)"', first)[1]).text
    assert "message 0!" in older
    assert "before=" not in older


def test_head_is_answered(client):
    """Monitors ask that way."""
    assert client.head("/").status_code == 200
