"""Attacks: forged forms, markup in what is typed, SQL in searches, addresses that lead out, and every way to a covered or sealed name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from urllib.parse import quote
from uuid import UUID

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import LoginSession
from app.petitions.models import Petition
from tests.accounts.fixtures import Login
from tests.fixtures_world import ADDRESS, FILE_NAME, NAME, PHONE, SECRETS, World
from tests.petitions.builders import COMPLAINT, complete, person, register, step, to_branch
from tests.test_matrix import OF_A_CASE, SIGNED, entered, routes
from workflows.tables import Case, Link, Task
from workflows.time import now

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
SQL = ("'", "';drop table petition;--", "%", "_", "\\", "' or '1'='1", ":*", "a & b | !c", "张'':*", "(((", "$$", "＇；", "x" * 5000)
PLACES = ("-1", "99999999999999999999", "infinity~x", "2026-01-01~'", "infinity~{id}", "0001-01-01~{id}", "9999-12-31T23:59:59+14:00~{id}",
          "NaN", "1e309", "~", "{id}")  # fmt: skip


def found(client: FlaskClient, address: str) -> str:
    """What a person reads there: a page, or the cells of a workbook."""
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    if "spreadsheetml" in (answer.content_type or ""):
        rows = openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True)  # type: ignore[union-attr]
        return "\n".join(str(cell) for row in rows for cell in row)
    if answer.is_json:  # Chinese stands there as \\u escapes
        return json.dumps(answer.json, ensure_ascii=False)
    return unescape(answer.get_data(as_text=True))


# --- forged and foreign -----------------------------------------------------------------------------------------------


@pytest.fixture
def guarded(bureau: Flask) -> Iterator[Flask]:
    """The app as it runs: forms need their token."""
    bureau.config["WTF_CSRF_ENABLED"] = True
    yield bureau
    bureau.config["WTF_CSRF_ENABLED"] = False


def test_a_form_without_its_token_is_refused_everywhere(guarded: Flask, world: World, login: Login) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = False
    clients = [entered(guarded, login, account) for account in ("xinfang", "admin", "yunwei")]
    guarded.config["WTF_CSRF_ENABLED"] = True
    for client in clients:
        for route in routes(guarded.url_map, world.ids):
            if route.method == "POST" and route.key not in SIGNED:
                assert client.post(route.path, data={"csrf_token": "forged"}).status_code in (400, 403), route
    assert guarded.test_client().post("/login", data={"account": "xinfang", "password": "x"}).status_code == 400


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n//evil.example",
                                    "javascript:alert(1)", "\\\\evil.example", "/%09/evil.example/..//", "http:evil.example"])  # fmt: skip
def test_no_address_leads_out(app: Flask, world: World, login: Login, target: str) -> None:
    client = app.test_client()
    answers = [
        login(client, "xinfang", next=target),
        client.get(f"/login?next={quote(target, safe='')}"),
        client.post(f"/cases/{world.case_id}/follow", data={"next": target}),
        client.post("/inbox/bulk", data={"next": target}),
        client.post(f"/notices/{world.ids['notice_id']}/read", data={"next": target}),
    ]
    for answer in answers:
        assert answer.status_code in (302, 303)
        assert answer.location.startswith("/") and not answer.location.startswith(("//", "/\\")), answer.location
        assert "evil.example" not in answer.location or answer.location.startswith("/%09/")  # a path of this site that is not there


@pytest.mark.parametrize("file", ["../../../etc/passwd", "..%2f..%2fapp%2fconfig.py", "forms.yaml", "map.bpmn%00.yaml", "%2e%2e", "x.bpmn",
                                  "map.bpmn/../forms.yaml", "/etc/passwd"])  # fmt: skip
def test_only_the_diagrams_of_a_version_are_served(app: Flask, world: World, login: Login, file: str) -> None:
    client = entered(app, login, "xinfang")
    version = world.ids["version"]
    assert client.get(f"/procedures/{version}/map.bpmn").status_code == 200
    assert client.get(f"/procedures/{version}/{file}").status_code in (404, 422)
    assert client.get(f"/procedures/..%2f{version}/map.bpmn").status_code == 404
    assert client.get(f"/static/{file}", follow_redirects=True).status_code in (404, 422)


def test_nobody_ends_the_login_of_another(app: Flask, world: World, login: Login, session: Session) -> None:
    victim, thief = entered(app, login, "xinfang"), entered(app, login, "donghu-guzhang")
    for row in session.scalars(select(LoginSession)):
        thief.post(f"/account/sessions/{row.id}/revoke")
    assert victim.get("/inbox").status_code == 200


# --- what is typed ----------------------------------------------------------------------------------------------------


def test_markup_in_what_is_typed_stays_text(bureau: Flask, login: Login) -> None:
    typed = dict.fromkeys(("name", "address", "enterprise", "place"), f"甲{EVIL}") | {"statement": f"夜间排水，{EVIL}，请查处。"}
    with bureau.app_context(), db.transaction() as work:
        case_id = register(work, **typed)
    client = entered(bureau, login, "xinfang")
    sent = client.post(
        f"/cases/{case_id}/files", data={"file": (BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64), f"{EVIL.replace('/', '')}.png")}
    )
    assert sent.status_code == 200
    task = client.get("/inbox").get_data(as_text=True).split("/tasks/")[1][:36]
    client.post(f"/tasks/{task}/draft", data={"grounds": EVIL, "intake_outcome": EVIL})
    client.post("/petitions/new", data={**COMPLAINT, "name": EVIL, "channel": EVIL, "received_at": EVIL})
    with bureau.app_context(), db.transaction() as work:
        papers = list(work.scalars(text("select id from paper")))
    pages = [f"/cases/{case_id}", f"/tasks/{task}", "/inbox", "/petitions", f"/petitions?q={quote(EVIL)}"]
    pages += [f"/inbox?q={quote(EVIL)}&stage=%3Cb%3E"]
    pages += ["/petitions/new", "/notices", "/inbox/registered", f"/imports/history?q={quote(EVIL)}"]
    pages += [f"/cases/{case_id}?tab={quote(EVIL)}", *(f"/papers/{paper}" for paper in papers)]
    pages += [f"/cases/{case_id}/diagram.json", f"/cases/lookup?q={quote('script')}", f"/petitions/enterprises?q={quote('script')}"]
    for page in pages:
        answer = client.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        if answer.mimetype == "text/html":
            raw = answer.get_data(as_text=True)
            assert "<script>alert" not in raw and "<img src=x" not in raw and "甲<" not in raw, page
            assert "script-src" not in (policy := answer.headers["Content-Security-Policy"]) and "unsafe" not in policy
        else:
            assert answer.mimetype == "application/json" and answer.headers["X-Content-Type-Options"] == "nosniff"
    auditor = entered(bureau, login, "shenji").get("/audit").get_data(as_text=True)
    assert "<script>alert" not in auditor and "<img src=x" not in auditor


def test_a_workbook_holds_no_formula(bureau: Flask, login: Login) -> None:
    with bureau.app_context(), db.transaction() as work:
        register(work, enterprise='=HYPERLINK("http://evil.example","点我")')
    client = entered(bureau, login, "xinfang")
    for address in ("/petitions?format=xlsx", "/inbox?format=xlsx"):
        sheet = openpyxl.load_workbook(BytesIO(client.get(address).data)).active
        assert sheet is not None and any("HYPERLINK" in str(cell.value) for row in sheet for cell in row)
        assert all(cell.data_type != "f" and cell.hyperlink is None for row in sheet for cell in row)


@pytest.mark.parametrize("account", ["xinfang", "donghu-chuangkou", "shenji", "admin"])
def test_sql_in_searches_and_places_finds_nothing_and_breaks_nothing(
    app: Flask, world: World, login: Login, session: Session, account: str
) -> None:
    client = entered(app, login, account)
    lists = ("/inbox", "/inbox/overdue", "/inbox/done", "/petitions", "/cases/lookup", "/petitions/enterprises", "/imports/history")
    for address in (*lists, "/notices", "/audit", "/admin/people", "/admin/organs", "/ops/incidents"):
        for word in SQL:
            typed = quote(word)
            keys = ("q", "unit", "stage", "kind", "county", "light", "state", "person", "number", "organ", "role")
            query = "&".join(f"{key}={typed}" for key in keys)
            answer = client.get(f"{address}?{query}")
            assert answer.status_code < 500, f"{address} {word}"
            if account == "donghu-chuangkou":
                assert str(world.case_id) not in answer.get_data(as_text=True), f"{address} {word}"
        for place in PLACES:
            place = place.format(id=world.case_id)
            for key in ("after", "before", "page"):
                answer = client.get(f"{address}?{key}={quote(place)}&limit=-1&size=999999999")
                assert answer.status_code < 500, f"{address} {key}={place}"
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Petition)) == 1


# --- who the petitioner is --------------------------------------------------------------------------------------------

COVERED = ("juzhang", "fenguan", "shenji", "qingshanhu-juzhang", "qingshanhu-guzhang", "qingshanhu-chuangkou")
LISTS = ("/petitions?state=all", "/petitions?state=all&format=xlsx", "/notices?all=1", "/clocks")
WORK_LISTS = ("/inbox", "/inbox?format=xlsx", "/inbox/overdue", "/inbox/overdue?format=xlsx", "/inbox/done", "/inbox/done?format=xlsx",
              "/inbox/followed", "/inbox/registered")  # fmt: skip


@pytest.fixture
def handled(bureau: Flask, world: World) -> World:
    """The petition with a branch and its handler."""
    with bureau.app_context(), db.transaction() as work:
        to_branch(work, world.case_id)
        petition, link = work.get_one(Petition, world.case_id), work.get_one(Link, UUID(world.ids["link_id"]))
        petition.grounds = petition.plan = petition.flagged_reason = f"已电话 {PHONE} 联系{NAME}核实"
        link.status, link.result, link.closed_at = "closed", {"result": "办结", "reason": f"已到{ADDRESS}当面答复{NAME}"}, now()
        papers = list(work.scalars(text("select id from paper")))
        tasks = list(work.scalars(select(Task.id).where(Task.case_id == world.case_id)))
    world.ids |= {f"paper{i}": str(one) for i, one in enumerate(papers)} | {f"task{i}": str(one) for i, one in enumerate(tasks)}
    return world


def addresses(world: World) -> list[str]:
    """Every page of the case."""
    case = f"/cases/{world.case_id}"
    tabs = [f"{case}?tab={tab}" for tab in ("facts", "trail", "papers", "files", "links", "flow")]
    papers = [f"/papers/{one}" for key, one in world.ids.items() if key.startswith("paper")]
    return [case, *tabs, f"{case}/diagram.json", *papers, f"/files/{world.ids['file_id']}"]


@pytest.mark.parametrize("account", COVERED)
def test_a_covered_name_is_nowhere(bureau: Flask, handled: World, login: Login, account: str) -> None:
    client = entered(bureau, login, account)
    pages = [*addresses(handled), *LISTS, *(() if account == "shenji" else WORK_LISTS)]
    for page in pages:
        read = found(client, page)
        assert not any(secret in read for secret in SECRETS), f"{account} reads the name at {page}"
    assert "鹭洲搅拌站" in found(client, f"/cases/{handled.case_id}")
    sent = client.get(f"/files/{handled.ids['file_id']}?download=1").headers["Content-Disposition"]
    assert quote(NAME) not in sent
    for task in (one for key, one in handled.ids.items() if key.startswith("task")):
        page = client.get(f"/tasks/{task}", follow_redirects=True).get_data(as_text=True)
        assert not any(secret in unescape(page) for secret in SECRETS)


@pytest.mark.parametrize("account", COVERED)
def test_a_covered_name_cannot_be_guessed_by_searching(bureau: Flask, handled: World, login: Login, account: str) -> None:
    client = entered(bureau, login, account)
    assert str(handled.case_id) in found(client, f"/petitions?state=all&q={quote('搅拌站')}")
    for word in (NAME, NAME[:2], PHONE, ADDRESS, PHONE[:7]):
        for address in ("/petitions?state=all&q=", "/petitions?state=all&format=xlsx&q=", "/cases/lookup?q=", "/petitions/enterprises?q="):
            read = found(client, address + quote(word))
            assert str(handled.case_id) not in read and "鹭洲搅拌站" not in read, f"{account} finds {word} at {address}"


def test_those_who_serve_see_it(bureau: Flask, handled: World, login: Login) -> None:
    for account in ("xinfang", "chuangkou", "qingshanhu-jingban"):
        page = found(entered(bureau, login, account), f"/cases/{handled.case_id}?tab=files")
        assert NAME in page and PHONE in page and FILE_NAME in page
        assert str(handled.case_id) in found(entered(bureau, login, account), f"/petitions?state=all&q={quote(NAME)}")


def test_exports_hold_what_the_person_may_see(bureau: Flask, handled: World, login: Login) -> None:
    number = "洪环信"
    inside, outside = ("xinfang", "qingshanhu-guzhang"), ("donghu-guzhang", "donghu-chuangkou", "fagui")
    for account, sees in (*((one, True) for one in inside), *((one, False) for one in outside)):
        client = entered(bureau, login, account)
        for more in ("", "&state=all", f"&q={quote('搅拌站')}", "&unit=br-360111", f"&after=infinity~{UUID(int=0)}"):
            read = found(client, f"/petitions?format=xlsx{more}")
            assert sees or number not in read, f"{account} {more}"
        assert (number in found(client, "/petitions?format=xlsx")) is sees


# --- 检举控告 ----------------------------------------------------------------------------------------------------------

ACCUSED = "某大队副职收受财物，地点在鹭洲茶楼"
OTHERS = ("xinfang2", "xinfangkezhang", "juzhang", "fenguan", "shenji")


@pytest.fixture(params=["registered", "screened"])
def sealed(request: pytest.FixtureRequest, bureau: Flask) -> UUID:
    """An accusation, registered as one or found to be one; screened by xinfang, who is thereby named."""
    klass = "accusation" if request.param == "registered" else "claim"
    with bureau.app_context(), db.transaction() as work:
        case_id = register(
            work, "chuangkou", klass=klass, about="detachment", complained_unit="nc-inspect", statement=f"{ACCUSED}，请查处。", name=NAME,
            phone=PHONE, address=ADDRESS, enterprise="鹭洲茶楼", place="鹭洲茶楼二层", asks="other",
        )  # fmt: skip
        complete(
            work, case_id, "screen", "xinfang", klass="accusation", track="30", intake_outcome="discipline",
            grounds=f"{ACCUSED}，属于检举控告。", simple=False, sent_down=False, hear_required=False, report_owed=False,
        )  # fmt: skip
        work.get_one(Petition, case_id).flagged_reason = f"{ACCUSED}，影响恶劣"
    return case_id


def test_an_accusation_is_read_by_registrar_and_named_person_only(bureau: Flask, sealed: UUID, login: Login) -> None:
    with bureau.app_context(), db.transaction() as work:
        papers = list(work.scalars(text("select id from paper")))
        task = step(work, sealed, "forward_sealed").id
    for account in ("chuangkou", "xinfang"):
        assert ACCUSED in found(entered(bureau, login, account), f"/cases/{sealed}")
    for account in OTHERS:
        client = entered(bureau, login, account)
        pages = [f"/cases/{sealed}", f"/cases/{sealed}?tab=trail", f"/tasks/{task}", f"/cases/{sealed}/diagram.json", *LISTS]
        pages += [*(f"/papers/{paper}" for paper in papers), *(() if account == "shenji" else WORK_LISTS)]
        pages += [f"/leadership/{sealed}/cells/owner"] if account in ("juzhang", "fenguan", "shenji") else []
        pages += [f"/petitions?state=all&q={quote(word)}" for word in ("鹭洲", "收受财物")] + [f"/petitions/enterprises?q={quote('鹭洲')}"]
        for page in pages:
            read = found(client, page).replace(quote("鹭洲"), "")
            for secret in (*SECRETS, ACCUSED, "鹭洲茶楼"):
                assert secret not in read, f"{account} reads {secret} at {page}"
        for word in ("鹭洲", "收受财物", NAME, PHONE):
            assert str(sealed) not in found(client, f"/petitions?state=all&q={quote(word)}"), f"{account} finds it by {word}"
        assert client.post(f"/cases/{sealed}/identity", data={"reason": "想看看是谁举报的"}).status_code == 403


@pytest.mark.parametrize("element", ["forward_sealed", "send_notice"])
def test_the_steps_of_an_accusation_are_the_named_persons(bureau: Flask, sealed: UUID, login: Login, element: str) -> None:
    with bureau.app_context(), db.transaction() as work:
        if element == "send_notice":
            answer = {"sealed_to": "驻局纪检监察组", "sealed_no": "密字第 1 号", "sealed_at": "2026-10-08", "not_to_accused": True}
            complete(work, sealed, "forward_sealed", "xinfang", **answer)
        task = step(work, sealed, element).id
    for account in ("xinfang2", "xinfangkezhang"):
        client = entered(bureau, login, account)
        assert 'name="sealed_to"' not in (page := found(client, f"/tasks/{task}")) and 'name="served_at"' not in page
        for act in ("", "/draft", "/form", "/claim", "/release"):
            assert client.post(f"/tasks/{task}{act}").status_code == 403, f"{account} {act}"
        client.post("/inbox/bulk", data={"action": "claim", "ids": [str(task)]})
    with bureau.app_context(), db.transaction() as work:
        waiting = work.get_one(Task, task)
        assert waiting.holder == waiting.pool and waiting.status == "open"
    named = entered(bureau, login, "xinfang")
    assert 'name="sealed_to"' in (page := found(named, f"/tasks/{task}")) or 'name="served_at"' in page
    assert named.post(f"/tasks/{task}/claim").status_code == 303


def test_the_steps_are_the_posts_again_when_the_named_person_leaves(bureau: Flask, sealed: UUID, login: Login) -> None:
    with bureau.app_context(), db.transaction() as work:
        person(work, "xinfang").active = False
        task = step(work, sealed, "forward_sealed").id
        assert work.get_one(Case, sealed).attrs["named"]
    assert entered(bureau, login, "xinfang2").post(f"/tasks/{task}/claim").status_code == 303


def test_nothing_of_the_case_is_left_out_of_these_attacks() -> None:
    """The readable addresses of a case in the matrix are those grepped here."""
    assert {key for key, held in OF_A_CASE.items() if held.auditor == 200} == {
        "GET cases.show", "GET cases.diagram_json", "GET inbox.task", "GET papers.show", "GET files.download", "GET leadership.cell",
    }  # fmt: skip
