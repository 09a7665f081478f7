from __future__ import annotations

from flask.testing import FlaskClient


def test_the_app_answers(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_every_answer_carries_the_content_policy(client: FlaskClient) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'self'" in policy


def test_an_unknown_page_is_told_in_chinese(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404 and "没有找到" in answer.text


def test_an_unknown_address_of_the_api_is_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404 and answer.get_json()["error"] == "NotFound"


def test_figures_are_for_this_machine_only(client: FlaskClient) -> None:
    assert "hxt_open_tasks" in client.get("/metrics").text
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 404
