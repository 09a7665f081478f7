"""Logging in: right, wrong, too often; and what a login is worth afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app import db
from app.accounts import passwords, throttle
from app.accounts.devices import device
from app.accounts.login import WRONG
from app.accounts.models import LoginSession, Person
from app.config import Settings
from tests.accounts.conftest import make_app
from tests.accounts.fixtures import Login
from workflows import time as clock_time
from workflows.tables import Event
from workflows.time import ZONE

START = datetime(2026, 11, 23, 9, tzinfo=ZONE)


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    clock_time.freeze(START)
    yield
    clock_time.freeze(None)


def later(length: timedelta) -> None:
    clock_time.freeze(clock_time.now() + length)


def test_right_password_leads_to_the_account(client: FlaskClient, login: Login) -> None:
    answer = login(client, "xinfang")
    assert answer.status_code == 302
    page = client.get("/account")
    assert page.status_code == 200
    assert "邬晓岚" in page.text
    assert "信访科经办" in page.text


def test_account_is_typed_in_any_case(client: FlaskClient, login: Login) -> None:
    assert login(client, "  XinFang ").status_code == 302


def test_without_login_every_page_leads_to_login_and_back(client: FlaskClient, login: Login) -> None:
    answer = client.get("/account/sessions?x=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/account/sessions?x%3D1"
    assert login(client, "xinfang", next="/account/sessions?x=1").headers["Location"] == "/account/sessions?x=1"


def test_wrong_unknown_and_inactive_say_the_same(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    with demo_org.app_context(), db.transaction() as session:
        session.execute(update(Person).where(Person.account == "dangan").values(active=False))
    answers = [login(client, "xinfang", "wrong"), login(client, "nobody-here", "wrong"), login(client, "dangan")]
    assert {answer.status_code for answer in answers} == {422}
    assert all(WRONG in answer.text for answer in answers)
    assert client.get("/account").status_code == 302


def test_failure_is_in_the_audit_and_what_was_typed_is_not(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    login(client, "xinfang", "wrong-secret-1")
    login(client, "my-password-in-the-wrong-field", "x")
    with demo_org.app_context(), db.transaction() as session:
        events = session.scalars(select(Event).where(Event.kind == "account.login_failed").order_by(Event.id)).all()
        assert [event.actor for event in events] == ["邬晓岚", "未知账户"]
        written = " ".join(f"{event.label} {event.detail}" for event in events)
    assert "wrong" not in written


def test_back_off_grows_and_names_the_wait(client: FlaskClient, login: Login) -> None:
    for _ in range(throttle.ACCOUNT.free + 1):
        assert login(client, "xinfang", "no").status_code == 422
    answer = login(client, "xinfang")
    assert answer.status_code == 429
    assert "请等 5 秒再试" in answer.text
    later(timedelta(seconds=6))
    assert login(client, "xinfang", "no").status_code == 422
    assert "请等 10 秒再试" in login(client, "xinfang").text


def test_lock_out_survives_a_restart_and_ends(settings: Settings, client: FlaskClient, login: Login) -> None:
    for _ in range(throttle.ACCOUNT.lock):
        assert login(client, "xinfang", "no").status_code == 422
        locked_at = clock_time.now()
        later(timedelta(minutes=3))
    restarted = make_app(settings.sqlalchemy_url).test_client()
    answer = login(restarted, "xinfang")
    assert answer.status_code == 429
    assert f"请在 {locked_at + throttle.ACCOUNT.lock_for:%H:%M} 以后再试" in answer.text
    later(throttle.ACCOUNT.lock_for)
    assert login(restarted, "xinfang").status_code == 302


def test_unknown_account_is_locked_like_a_known_one(client: FlaskClient, login: Login) -> None:
    for account in ("xinfang", "nobody-here"):
        for _ in range(throttle.ACCOUNT.free + 1):
            login(client, account, "no")
    assert login(client, "xinfang").text.replace("xinfang", "") == login(client, "nobody-here").text.replace("nobody-here", "")


def test_right_password_clears_the_count(client: FlaskClient, login: Login) -> None:
    for _ in range(3):
        for _ in range(throttle.ACCOUNT.free):
            login(client, "xinfang", "no")
        assert login(client, "xinfang").status_code == 302
        client.post("/logout")


def test_one_address_trying_many_accounts_is_slowed(client: FlaskClient, login: Login) -> None:
    answers = [login(client, f"person{number}", "no").status_code for number in range(throttle.ADDRESS.free + 2)]
    assert answers[: throttle.ADDRESS.free + 1] == [422] * (throttle.ADDRESS.free + 1)
    assert answers[-1] == 429


def test_good_logins_do_not_use_up_the_address(client: FlaskClient, login: Login) -> None:
    for _ in range(throttle.ADDRESS.free + 5):
        assert login(client, "xinfang").status_code == 302
        client.post("/logout")


def test_guesses_sent_at_once_gain_nothing(demo_org: Flask) -> None:
    """Twenty at the same moment: no more of them are looked at than one after another would be."""
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_: int) -> bool:
        with demo_org.app_context(), db.transaction() as session:
            return throttle.take(session, "xinfang", "192.0.2.1") is None

    with ThreadPoolExecutor(8) as pool:
        looked_at = sum(pool.map(attempt, range(20)))
    assert looked_at == throttle.ACCOUNT.free + 1


# --- the login session ------------------------------------------------------------------------------------------------


def test_cookie_from_before_the_login_is_worth_nothing(demo_org: Flask, login: Login) -> None:
    """Session fixation: what an attacker planted does not become the victim's login."""
    attacker, victim = demo_org.test_client(), demo_org.test_client()
    attacker.get("/login?next=/account")
    planted = attacker.get_cookie("session")
    if planted is not None:
        victim.set_cookie("session", planted.value)
    login(victim, "xinfang")
    assert attacker.get("/account").status_code == 302
    before = victim.get_cookie("session").value
    login(victim, "dangan")
    assert victim.get_cookie("session").value != before


def test_logout_ends_the_login_itself_not_only_the_cookie(client: FlaskClient, login: Login) -> None:
    login(client, "xinfang")
    stolen = client.get_cookie("session").value
    client.post("/logout")
    client.set_cookie("session", stolen)
    assert client.get("/account").status_code == 302


def test_idle_login_ends_and_leads_back(client: FlaskClient, login: Login) -> None:
    login(client, "xinfang")
    later(timedelta(minutes=29))
    assert client.get("/account").status_code == 200
    later(timedelta(minutes=29))
    assert client.get("/account").status_code == 200
    later(timedelta(minutes=30))
    answer = client.get("/account/sessions")
    assert answer.headers["Location"] == "/login?next=/account/sessions"
    assert "超过 30 分钟没有操作" in client.get(answer.headers["Location"]).text


def test_polling_does_not_keep_a_login_alive(client: FlaskClient, login: Login) -> None:
    login(client, "xinfang")
    for _ in range(6):
        later(timedelta(minutes=5))
        client.get("/counts")
    answer = client.get("/counts", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/account"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/account"


def test_sessions_are_listed_and_revocable(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    login(client, "xinfang")
    other = demo_org.test_client()
    other.post("/login", data={"account": "xinfang", "password": "Hongzhou-2026"}, headers={"User-Agent": "办公室电脑"})
    page = client.get("/account/sessions").text
    assert "办公室电脑" in page
    assert "就是这里" in page
    with demo_org.app_context(), db.transaction() as session:
        row = session.scalars(select(LoginSession).where(LoginSession.agent == "办公室电脑")).one()
    client.post(f"/account/sessions/{row.id}/revoke")
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_nobody_revokes_a_session_of_somebody_else(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    login(client, "xinfang")
    with demo_org.app_context(), db.transaction() as session:
        row = session.scalars(select(LoginSession)).one()
    other = demo_org.test_client()
    login(other, "dangan")
    other.post(f"/account/sessions/{row.id}/revoke")
    assert client.get("/account").status_code == 200


def test_revoking_the_others(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    others = [demo_org.test_client() for _ in range(2)]
    for one in (*others, client):
        login(one, "xinfang")
    client.post("/account/sessions/revoke-others")
    assert [one.get("/account").status_code for one in (*others, client)] == [302, 302, 200]


# --- passwords --------------------------------------------------------------------------------------------------------


def test_first_password_must_be_changed_before_anything_else(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    with demo_org.app_context(), db.transaction() as session:
        session.execute(update(Person).where(Person.account == "xinfang").values(must_change=True))
    assert login(client, "xinfang", next="/register").headers["Location"] == "/account/password?next=/register"
    assert client.get("/register").headers["Location"] == "/account/password?next=/register"
    assert client.post("/register").status_code == 302
    form = {"old": "Hongzhou-2026", "new": "Ganjiang-7788", "again": "Ganjiang-7788", "next": "/register"}
    assert client.post("/account/password", data=form).headers["Location"] == "/register"
    assert client.get("/register").status_code == 200
    client.post("/logout")
    assert login(client, "xinfang").status_code == 422
    assert login(client, "xinfang", "Ganjiang-7788").status_code == 302


def test_changing_the_password_ends_other_logins(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    other = demo_org.test_client()
    login(other, "xinfang")
    login(client, "xinfang")
    client.post("/account/password", data={"old": "Hongzhou-2026", "new": "Ganjiang-7788", "again": "Ganjiang-7788"})
    assert other.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"old": "wrong", "new": "Ganjiang-7788", "again": "Ganjiang-7788"}, "现在的密码不对"),
        ({"old": "Hongzhou-2026", "new": "Ganjiang-7788", "again": "Ganjiang-7789"}, "两次填写的新密码不一致"),
        ({"old": "Hongzhou-2026", "new": "Hongzhou-2026", "again": "Hongzhou-2026"}, "新密码要与现在的不同"),
        ({"old": "Hongzhou-2026", "new": "short1", "again": "short1"}, "密码至少 10 位"),
    ],
)
def test_refused_change_says_what_to_do(client: FlaskClient, login: Login, form: dict[str, str], field: str) -> None:
    login(client, "xinfang")
    answer = client.post("/account/password", data=form)
    assert answer.status_code == 422
    assert field in answer.text
    assert form["new"] not in answer.text


BAD_PASSWORDS = ["alllettershere", "12345678901", "xinfang-20261", "邬晓岚1abcdefg", "Password-12345", "aaaa1111aaaa", "xyzabc12" * 20]


@pytest.mark.parametrize("bad", BAD_PASSWORDS)
def test_bad_passwords(bad: str) -> None:
    assert passwords.problem_with(bad, "xinfang", "邬晓岚")


def test_first_passwords_are_good_and_differ() -> None:
    made = {passwords.first_password() for _ in range(50)}
    assert len(made) == 50
    assert not any(passwords.problem_with(one, "xinfang", "邬晓岚") for one in made)


def test_hashes_are_argon2id(demo_org: Flask) -> None:
    with demo_org.app_context(), db.transaction() as session:
        hashed = session.scalars(select(Person.password)).first()
    assert hashed is not None
    assert hashed.startswith("$argon2id$")


# --- where a login leads ----------------------------------------------------------------------------------------------


ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/\tx", "evil"]
LOOPS = ["/login", "/logout"]


@pytest.mark.parametrize("target", ELSEWHERE + LOOPS)
def test_open_redirect_is_refused(client: FlaskClient, login: Login, target: str) -> None:
    answer = login(client, "xinfang", next=target)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/account"
    assert client.get("/login", query_string={"next": target}).headers["Location"] == "/account"


@pytest.mark.parametrize(("account", "page"), [("admin", "/admin/people"), ("shenji", "/audit"), ("chuangkou", "/account")])
def test_first_page_by_role(client: FlaskClient, login: Login, account: str, page: str) -> None:
    assert login(client, account).headers["Location"] == page


def test_last_seen_is_written_at_most_once_a_minute(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    def last_seen() -> datetime:
        with demo_org.app_context(), db.transaction() as session:
            return session.scalars(select(func.max(LoginSession.last_seen_at))).one()

    login(client, "xinfang")
    later(timedelta(seconds=59))
    client.get("/account")
    assert last_seen() == START
    later(timedelta(seconds=1))
    client.get("/account")
    assert last_seen() == START + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "Chrome 120，Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36 Edg/119.0", "Edge 119，Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140，Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1", "Safari 17，iPhone"),
        ("curl/8", "curl/8"),
        (None, "没有说明的设备"),
    ],
)
def test_devices_in_two_words(agent: str | None, shown: str) -> None:
    assert device(agent) == shown
