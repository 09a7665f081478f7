"""Row-level security: what belongs to a confined case is not there for other organs, also when the app has forgotten to ask."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text, true, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.inbox.models import Follow
from app.inbox.services import tell
from tests.accounts.fixtures import Login, person_of
from tests.fixtures_confined import (
    ACTOR,
    CONFINED,
    OTHERS,
    OURS,
    SCOPE,
    Confined,
    a_paper,
    acting_for,
    one_role,
    police_people,
    request_of,
    rows_of,
)
from workflows.step import Step
from workflows.tables import Clock, Incident, Task
from workflows.time import now

BRANCH = "br-360111"


def _misaddress(confined: Confined, organ: str) -> None:
    """Put the case's open step, notices and marks into the hands of a person of ``organ``, as a fault of the app might."""
    with confined.app.app_context(), db.transaction() as session:
        who = person_of(session, organ)
        holder = f"o:{organ}:office"
        late = {"holder": holder, "pool": holder, "org": organ, "due_at": now() - timedelta(days=1), "warn_at": now() - timedelta(days=2)}
        session.execute(update(Task).where(Task.case_id == confined.case_id, Task.status == "open").values(**late))
        session.execute(update(Task).where(Task.case_id == confined.case_id, Task.status == "done").values(closed_by=who.id))
        tell(session, [f"p:{who.id}"], "note", f"{confined.names[0]}：请阅", case_id=confined.case_id)
        session.add(Follow(person_id=who.id, case_id=confined.case_id, at=now()))


@pytest.fixture
def no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app has forgotten to ask who may see what: every condition on cases is true, everybody is part of everything."""
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and hasattr(module, "visible_cases"):
            monkeypatch.setattr(module, "visible_cases", lambda person: true())
    from app.accounts import policy

    monkeypatch.setattr(policy, "sees", lambda person, obj: True)
    open_to_all = {action: policy.Rule(None, None, changes=rule.changes, passive=rule.passive) for action, rule in policy.RULES.items()}
    monkeypatch.setattr(policy, "RULES", open_to_all)


PAGES = {
    "inbox": "/inbox",
    "inbox narrowed": "/inbox?county=360102",
    "overdue": "/inbox/overdue",
    "done": "/inbox/done",
    "followed": "/inbox/followed",
    "notices": "/notices?all=1",
    "export of the inbox": "/inbox?format=xlsx",
    "petitions": "/petitions?state=all",
    "search": "/petitions?state=all&q=鹭洲搅拌站",
    "export of petitions": "/petitions?state=all&format=xlsx",
    "lookup": "/cases/lookup?q=青山湖公安",
    "audit": "/audit",
    "case": "/cases/{case_id}",
    "diagram": "/cases/{case_id}/diagram.json",
    "step": "/tasks/{task_id}",
    "paper": "/papers/{paper_id}",
    "file": "/files/{file_id}",
}
FOUND_BY = {"diagram": "elements", "file": "说明", "paper": "信访"}  # what an answer shows that does not show the title


def _body(client: FlaskClient, path: str) -> tuple[int, str]:
    """Status and text of an answer; of a workbook, of all its sheets."""
    answer = client.get(path)
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            return answer.status_code, "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    if answer.is_json:
        return answer.status_code, json.dumps(answer.get_json(), ensure_ascii=False)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("page", PAGES)
def test_without_the_filter_of_the_app_others_find_nothing(confined: Confined, login: Login, no_filter: None, page: str) -> None:
    path = PAGES[page].format(case_id=confined.case_id, **{k: v for k, v in confined.ids.items() if k != "case_id"})
    account = "{}-auditor" if page == "audit" else "{}"
    shown = {}
    for organ in (OTHERS, OURS):
        _misaddress(confined, organ)
        login(client := confined.app.test_client(), account.format(organ))
        shown[organ] = _body(client, path)
    status, body = shown[OTHERS]
    assert status in (200, 404) and not any(name in body for name in confined.names), body
    status, body = shown[OURS]
    assert status == 200, "the addressee reads"
    assert any(name in body for name in confined.names) or FOUND_BY.get(page, "\0") in body, body
    if page in FOUND_BY:
        assert shown[OTHERS][0] == 404


def test_without_the_filter_nothing_is_counted(confined: Confined, login: Login, no_filter: None) -> None:
    figures = {}
    for organ in (OTHERS, OURS):
        _misaddress(confined, organ)
        login(client := confined.app.test_client(), organ)
        totals = [re.findall(r"\d+", _text(client.get(path).get_data(as_text=True))) for path in ("/inbox/counts", "/petitions?state=all")]
        figures[organ] = [sum(map(int, some)) for some in totals]
    assert figures[OTHERS][0] == 0 and figures[OURS][0] > 0
    assert figures[OTHERS][1] < figures[OURS][1]


def _text(page: str) -> str:
    """What is written on the page's main part, without tags."""
    main = page.split('id="main"', 1)[-1].split("<footer", 1)[0]
    return re.sub(r"<[^>]*>", " ", re.sub(r"<(script|style|form|select|svg).*?</\1>", " ", main, flags=re.S))


# --- by raw SQL -----------------------------------------------------------------------------------------------------------------------


def test_every_row_of_the_case_carries_its_organs(confined: Confined, session: Session) -> None:
    for table in CONFINED:
        column = "id" if table == "wf_case" else "case_id"
        query = text(f"select distinct confined from {table} where {column} = :case")
        assert list(session.scalars(query, {"case": confined.case_id})) == [[OURS]], table


def test_the_database_shows_each_table_to_its_organs_alone(confined: Confined) -> None:
    for organs in ("", OTHERS, "*", "nc,nc-petition", f"{OURS}0"):
        with acting_for(confined.app, organs) as session:
            assert {table: rows_of(session, table, confined.case_id) for table in CONFINED} == dict.fromkeys(CONFINED, 0), organs
    for organs in (OURS, f"{OTHERS},{OURS}"):
        with acting_for(confined.app, organs) as session:
            assert all(rows_of(session, table, confined.case_id) for table in CONFINED), organs


def test_the_worker_and_the_owner_see_everything(confined: Confined, session: Session) -> None:
    with confined.app.app_context(), db.transaction() as own:
        assert all(rows_of(own, table, confined.case_id) for table in CONFINED)
        if not one_role(own):
            assert own.scalar(text("select current_user")) != session.scalar(text("select current_user"))
    assert all(rows_of(session, table, confined.case_id) for table in CONFINED)


def test_others_change_and_add_nothing(confined: Confined) -> None:
    with acting_for(confined.app, OTHERS) as session:
        for table in CONFINED:
            column = "id" if table == "wf_case" else "case_id"
            done = session.execute(text(f"update {table} set confined = null where {column} = :case"), {"case": confined.case_id})
            assert done.rowcount == 0, table  # type: ignore[attr-defined]
        with pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(a_paper(), {"id": uuid4(), "case": confined.case_id})
    with acting_for(confined.app, OTHERS) as session, pytest.raises(ProgrammingError, match="not seen from here"):
        session.execute(text("select wf_confine(:case, null)"), {"case": confined.case_id})


def test_what_is_not_confined_is_as_before(confined: Confined) -> None:
    with confined.app.app_context(), db.transaction() as session:
        started = get_engine().start(session, "petition", ACTOR, title="普通的", attrs={"intake_org": "nc-petition"})
    for organs in ("", OTHERS):
        with acting_for(confined.app, organs) as session:
            assert rows_of(session, "wf_case", started.case_id) == 1 and rows_of(session, "wf_task", started.case_id) == 1


def test_every_table_with_organs_is_protected(engine: Engine) -> None:
    """A table that got the column and no policy would be open to all."""
    tables = "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'confined'"
    bound = "select relname from pg_class c join pg_policy p on p.polrelid = c.oid where p.polname = 'confined_rows' and c.relrowsecurity"
    with engine.connect() as connection:
        assert set(connection.scalars(text(tables))) <= set(connection.scalars(text(bound)))


# --- what a step in a request writes --------------------------------------------------------------------------------------------------


def test_a_message_to_another_organ_is_left_there_and_not_read_back(confined: Confined, session: Session) -> None:
    with confined.app.app_context(), db.transaction() as own:
        case_id = get_engine().start(own, "petition", ACTOR, title="分局的案", attrs={"intake_org": "nc-petition"}).case_id
        get_engine().update_case(own, case_id, ACTOR, confined=[BRANCH, "nc"])
    with request_of(confined, "fenguan") as web:
        step = Step.on_case(get_engine(), web, case_id, ACTOR)
        message_id = step.send("transfer_sent", {"transfer_no": "洪环移〔2026〕1号"}, to_case=confined.case_id)
        step.save()
        sent = text("select count(*) from wf_message where id = :id")
        assert web.scalar(sent, {"id": message_id}) == 0
        web.commit()
    row = session.execute(text("select confined, from_case from wf_message where id = :id"), {"id": message_id}).one()
    assert tuple(row) == ([OURS], case_id)


def test_a_line_about_a_case_one_does_not_see_is_its_organs(confined: Confined, session: Session) -> None:
    with request_of(confined, OTHERS) as web:
        get_engine().note(web, confined.case_id, ACTOR, "identity.refused", "有人试过")
        tell(web, ["o:ps-360111:office"], "note", "请留意", case_id=confined.case_id)
        web.commit()
        assert web.scalar(text("select count(*) from wf_event where kind = 'identity.refused'")) == 0
    for table, where in (("wf_event", "kind = 'identity.refused'"), ("notice", "text = '请留意'")):
        assert session.scalars(text(f"select confined from {table} where {where}")).all() == [[OURS]]


def test_the_last_look_of_the_higher_organ(confined: Confined, session: Session) -> None:
    """After its approval the higher police organ no longer sees the file: the step that ends its sight is its own."""
    higher = "ps-360100"
    with confined.app.app_context(), db.transaction() as own:
        get_engine().update_case(own, confined.case_id, ACTOR, confined=[OURS, higher])
        police_people(own, higher)
    with request_of(confined, higher) as web:
        step = Step.on_case(get_engine(), web, confined.case_id, ACTOR)
        ctx = step.ctx()
        ctx.event("批准延长期限")
        ctx.clock.start("notify", "petition.notify", now(), letter="x")
        ctx.update_case(confined=[OURS])
        assert ctx.case.confined == [OURS]
        step.save()
        assert rows_of(web, "wf_case", confined.case_id) == 0
        web.commit()
    test_every_row_of_the_case_carries_its_organs(confined, session)


def test_a_case_is_opened_confined_by_its_own_step(confined: Confined, session: Session) -> None:
    with request_of(confined, OURS) as web:
        step = Step.new_case(get_engine(), web, ACTOR, title="自己的案", attrs={"intake_org": "nc-petition"})
        step.begin("petition", {})
        step.links.open("x", "关联", holds=False)
        step.update_case(confined=[OURS, OURS])
        step.save()
        web.commit()
        opened = web.scalar(select(Task.id).where(Task.case_id == step.case.id))
        assert opened is not None
    for table in ("wf_case", "wf_instance", "wf_task", "wf_event", "wf_link"):
        column = "id" if table == "wf_case" else "case_id"
        query = text(f"select distinct confined from {table} where {column} = :case")
        assert list(session.scalars(query, {"case": step.case.id})) == [[OURS]], table
    with confined.app.app_context(), db.transaction() as own:
        get_engine().update_case(own, step.case.id, ACTOR, confined=[])
    assert session.scalar(text("select count(*) from wf_event where case_id = :case and confined is not null"), {"case": step.case.id}) == 0


def test_an_operator_repeats_what_failed_in_a_case_of_others(confined: Confined, login: Login, session: Session) -> None:
    clock = session.scalars(select(Clock).where(Clock.case_id == confined.case_id, Clock.status == "running")).first()
    assert clock is not None
    clock.next_at = None
    about = {"case_id": confined.case_id, "clock_id": clock.id}
    incident = Incident(id=uuid4(), action="clock", actor={}, error="演练", at=now(), status="open", **about)
    session.add(incident)
    session.commit()
    login(client := confined.app.test_client(), "yunwei")
    page = client.get(f"/ops/incidents/{incident.id}").get_data(as_text=True)
    assert not any(name in page for name in confined.names)
    assert client.post(f"/ops/incidents/{incident.id}/retry").status_code == 303
    session.expire_all()
    assert session.get_one(Clock, clock.id).next_at is not None
    assert session.get_one(Incident, incident.id).status == "resolved"


# --- the scope ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "organs"),
    [
        ("zhidui1", "nc,nc-inspect"),  # a department acts for the bureau, too
        ("juzhang", "nc"),
        ("qingshanhu-jingban", "br-360111"),  # a branch acts in its own name
        ("qingshanhu-zhengfu", "gov-360111"),
    ],
)
def test_the_scope_is_that_of_the_posts_of_whoever_is_logged_in(demo_org: Flask, login: Login, account: str, organs: str) -> None:
    client = demo_org.test_client()
    with client:
        client.get("/login?hxt.organs=ps-360111&organs=ps-360111")
        assert "organs" not in g
    login(client, account)
    with client:
        client.get("/account?organs=ps-360111", headers={"hxt.organs": "*"})
        assert g.organs == organs
        client.post("/logout")
    with client:
        client.get("/login")
        assert "organs" not in g


def test_an_ended_post_gives_nothing(demo_org: Flask, login: Login) -> None:
    with demo_org.app_context(), db.transaction() as session:
        for post in person_of(session, "zhidui1").all_posts:
            post.until = now()
    with demo_org.test_client() as client:
        login(client, "zhidui1")
        client.get("/account")
        assert g.organs == ""


@pytest.mark.parametrize("end", ["commit", "rollback", "error"])
def test_a_connection_goes_back_to_the_pool_without_a_scope(confined: Confined, end: str) -> None:
    with request_of(confined, OURS) as session:
        assert session.scalar(SCOPE) == OURS
        backend = session.scalar(text("select pg_backend_pid()"))
        if end == "error":
            with pytest.raises(ProgrammingError):
                session.execute(text("select 1 from no_such_table"))
        (session.commit if end == "commit" else session.rollback)()
        assert session.scalar(SCOPE) == OURS, "each later transaction of the request has it, too"
        with db.transaction() as beside:
            assert beside.scalar(SCOPE) == OURS
    with confined.app.extensions["database"].session("web") as session:
        assert session.scalar(text("select pg_backend_pid()")) == backend, "the same connection"
        assert not session.scalar(SCOPE)
        assert rows_of(session, "wf_case", confined.case_id) == 0


def test_a_request_of_nobody_after_one_of_somebody(confined: Confined, login: Login) -> None:
    login(client := confined.app.test_client(), OURS)
    assert client.get(f"/cases/{confined.case_id}").status_code in (200, 403, 404)
    with confined.app.test_request_context():
        assert not db.session.scalar(SCOPE) and rows_of(db.session, "wf_case", confined.case_id) == 0


def test_inside_a_request_there_is_no_other_way_in(confined: Confined) -> None:
    with confined.app.test_request_context(), db.transaction() as session:
        assert rows_of(session, "wf_case", confined.case_id) == 0
        if not one_role(session):
            session.execute(text("select set_config('hxt.organs', '*', true)"))
            assert rows_of(session, "wf_case", confined.case_id) == 0
