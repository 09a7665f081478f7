"""Every route × every role × method, over HTTP, against a table written by hand: what is not in it is denied.

A route without an entry fails. What hangs on a case is tried with real ids of another organisation's case: it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Map
from werkzeug.test import TestResponse

from app.accounts.roles import PARTNERS, ROLES
from tests.accounts.fixtures import Login
from tests.fixtures_world import SECRETS, STATEMENT, World
from workflows.tables import Case, Clock, Event, Link, Task

CLERKS = frozenset({"desk", "office"})
AUDITOR, ADMIN, OPERATOR = frozenset({"auditor"}), frozenset({"admin"}), frozenset({"operator"})
EVERYBODY = frozenset(ROLES)
WORKERS = EVERYBODY - AUDITOR - ADMIN - OPERATOR
OURS = WORKERS - PARTNERS  # a partner has its own files and none of the bureau's lists
READERS = OURS | AUDITOR
LEADING = frozenset({"leader", "organ_head", "secretary"})
SUPERVISED = LEADING | AUDITOR | {"supervisor", "office", "unit_head", "unit_clerk", "handler"}
SUPERVISING = frozenset({"supervisor", "office", "leader", "organ_head"})
OWNING = LEADING | AUDITOR | {"office", "unit_head", "handler"}
WARNING = LEADING | AUDITOR | {"office", "legal"}
TRANSFERRING = AUDITOR | {"handler", "unit_head", "legal", "leader", "organ_head", "supervisor"}
TEAMS = frozenset({"handler", "unit_head", "legal"})
POLICE = frozenset({"police_officer", "police_head", "police_legal"})
PROSECUTORS = frozenset({"prosecutor", "prosecutor_admin"})
MEETING = AUDITOR | {"unit_head", "legal", "leader", "organ_head", "supervisor"}
COUNTING = LEADING | AUDITOR | {"office", "supervisor", "unit_head"}

# other installations, by signature and without a login; where nobody is exchanged with there is no such address (tests/exchange)
SIGNED = {"GET exchange.file_state", "PUT exchange.file_piece", "POST exchange.message", "POST exchange.statement"}
PUBLIC = SIGNED | {
    *("GET static", "GET home", "GET accounts.login", "POST accounts.log_in", "GET health.healthz", "GET health.show_metrics")
}

# pages that hang on nothing, or on something the role may have whole: who comes in
OPEN: dict[str, frozenset[str]] = {
    **dict.fromkeys(("GET accounts.me", "GET accounts.change_password", "POST accounts.save_password", "GET accounts.sessions"), EVERYBODY),
    **dict.fromkeys(("POST accounts.revoke_session", "POST accounts.revoke_others", "POST accounts.logout"), EVERYBODY),
    **dict.fromkeys(("GET inbox.notices", "POST inbox.read_all", "GET inbox.counts"), EVERYBODY),
    **dict.fromkeys(("GET cases.diagram_file", "GET cases.rules_page"), EVERYBODY),
    **dict.fromkeys(("GET inbox.todo", "GET inbox.overdue", "GET inbox.done", "GET inbox.registered", "GET inbox.followed"), WORKERS),
    "POST inbox.bulk": WORKERS,
    **dict.fromkeys(("GET petitions.index", "GET petitions.enterprises", "GET cases.lookup"), READERS),
    **dict.fromkeys(("GET petitions.register", "POST petitions.register_post", "POST petitions.register_draft"), CLERKS),
    **dict.fromkeys(("POST petitions.register_clear", "POST petitions.duplicates", "POST files.add_loose"), CLERKS),
    **dict.fromkeys(("GET petitions.pending", "POST petitions.confirm", "GET imports.history", "GET imports.record"), CLERKS),
    **dict.fromkeys(("GET admin.organs", "GET admin.new_organ", "POST admin.add_organ", "GET admin.organ"), ADMIN),
    **dict.fromkeys(("POST admin.edit_organ", "POST admin.organ_active", "GET admin.people", "GET admin.new_person"), ADMIN),
    **dict.fromkeys(("POST admin.add_person", "GET admin.person", "POST admin.edit_person", "POST admin.person_active"), ADMIN),
    **dict.fromkeys(("POST admin.reset_password", "POST admin.unlock", "POST admin.revoke_session"), ADMIN),
    **dict.fromkeys(("POST admin.give_post", "POST admin.end_post", "POST admin.appoint_secretary"), ADMIN),
    **dict.fromkeys(
        ("GET supervision.board", "GET supervision.index", "GET supervision.scores", "GET supervision.score_cases"), SUPERVISED
    ),
    **dict.fromkeys(("GET supervision.new", "POST supervision.new_post"), SUPERVISING),
    "GET supervision.reviews": SUPERVISING | AUDITOR | {"unit_head"},
    **dict.fromkeys(("GET leadership.ledger", "GET leadership.ledger_print", "GET leadership.ledger_xlsx"), OWNING),
    **dict.fromkeys(("POST leadership.save_view", "POST leadership.drop_view"), OWNING),
    **dict.fromkeys(("GET leadership.new", "POST leadership.open_by_hand", "GET leadership.petitions"), frozenset({"office"})),
    "GET leadership.desk": LEADING,
    **dict.fromkeys(("GET transfers.index", "GET transfers.table"), TRANSFERRING),
    **dict.fromkeys(("GET transfers.detentions", "GET transfers.detention_table"), TRANSFERRING),
    **dict.fromkeys(("GET transfers.new", "POST transfers.new_post", "GET transfers.detention_new", "POST transfers.detention_new"), TEAMS),
    **dict.fromkeys(("GET transfers.boards", "GET transfers.board"), MEETING | PROSECUTORS),
    **dict.fromkeys(("GET transfers.statistics", "GET transfers.statistics_cases"), MEETING),
    "GET transfers.penalties": TRANSFERRING - {"supervisor"},
    **dict.fromkeys(("GET transfers.penalty_new", "POST transfers.penalty_new"), TEAMS),
    **dict.fromkeys(("GET transfers.penalty_import", "POST transfers.penalty_import"), TEAMS),
    **dict.fromkeys(("GET transfers.police_desk", "GET transfers.police_files"), POLICE),
    "GET transfers.procuratorate": PROSECUTORS | AUDITOR,
    **dict.fromkeys(("GET transfers.procuratorate_found", "POST transfers.procuratorate_found"), PROSECUTORS),
    **dict.fromkeys(("GET leadership.receptions", "GET leadership.reception_new", "POST leadership.reception_add"), LEADING | {"office"}),
    **dict.fromkeys(("GET warnings.index", "GET warnings.problems"), WARNING),
    "GET warnings.county": frozenset({"gov_liaison"}),
    "GET warnings.publication": frozenset({"office", "legal"}),
    **dict.fromkeys(("GET numbers.index", "GET numbers.cases", "GET numbers.panel", "GET numbers.report"), COUNTING),
    "GET admin.audit": AUDITOR,
    **dict.fromkeys(("GET ops.incidents", "GET ops.incident", "POST ops.retry", "POST ops.dismiss"), OPERATOR),
    **dict.fromkeys(("GET exchange_ops.index", "POST exchange_ops.bring_again", "POST exchange_ops.file_again"), OPERATOR),
}

# what hangs on a case or belongs to somebody: "inside" is the answer to the petition office, "auditor" that to the auditor
SEEN, REFUSED = 200, 403


@dataclass(frozen=True)
class Held:
    inside: int | None = None  # None: an act, tried by other tests
    auditor: int = REFUSED


READ = ("GET cases.show", "GET cases.diagram_json", "GET inbox.task", "GET papers.show", "GET files.download")
OF_A_CASE: dict[str, Held] = {
    **dict.fromkeys(READ, Held(200, SEEN)),
    "GET petitions.act": Held(303),  # not yet answered, so it cannot be rated: back to the case
    **dict.fromkeys(("POST petitions.act_post", "POST inbox.follow", "POST cases.close_link"), Held()),
    **dict.fromkeys(("POST files.add_to_case", "POST files.remove"), Held()),
    **dict.fromkeys(("POST inbox.complete", "POST inbox.draft", "POST inbox.form"), Held()),
    **dict.fromkeys(("POST inbox.claim", "POST inbox.release", "POST inbox.delegate"), Held()),
    "POST inbox.read_notice": Held(303, 404),  # the auditor has notices too, but not this one
    **dict.fromkeys(("GET leadership.reception", "GET leadership.reception_edit", "GET leadership.visitor"), Held(200)),
    **dict.fromkeys(("POST leadership.reception_change", "POST leadership.reception_cancel", "POST leadership.visitor_add"), Held()),
    **dict.fromkeys(("POST leadership.visitor_act", "POST leadership.visitor_record", "POST leadership.visit"), Held()),
    "GET leadership.cell": Held(200, 200),  # the history of a cell; this case has none
    "GET supervision.referral": Held(404, 404),  # of a matter, which this case is not
    **dict.fromkeys(("POST leadership.change", "GET warnings.paper_answer", "POST warnings.paper_answer_post"), Held()),
    "GET leadership.prepare": Held(403),
    # a petition is no transfer: the office has no part in one, the auditor finds none under this id
    **dict.fromkeys(("GET transfers.screening_page", "GET transfers.detention_grounds", "GET transfers.penalty"), Held(403, 404)),
    **dict.fromkeys(("GET transfers.letter", "GET transfers.sealed"), Held(404, 404)),
    "GET transfers.entries": Held(404, 404),
    "POST transfers.enter": Held(),
    **dict.fromkeys(("GET transfers.manifest_file", "GET transfers.package_file"), Held(404, 404)),
    **dict.fromkeys(("GET transfers.material", "GET transfers.rescreen", "GET transfers.waste_opinion"), Held(403)),
    **dict.fromkeys(("GET transfers.consult", "GET transfers.detention_material", "GET transfers.detention_order"), Held(403)),
    **dict.fromkeys(
        (
            "GET transfers.penalty_decide",
            "GET transfers.penalty_screening",
            "GET transfers.penalty_progress",
            "GET transfers.police_material",
        ),
        Held(403),
    ),
    **dict.fromkeys(("POST transfers.consult", "POST transfers.material_act", "POST transfers.material_add"), Held()),
    **dict.fromkeys(("POST transfers.rescreen_post", "POST transfers.waste_opinion", "POST transfers.police_check"), Held()),
    **dict.fromkeys(("POST transfers.detention_material", "POST transfers.detention_material_act"), Held()),
    **dict.fromkeys(
        (
            "POST transfers.detention_order",
            "POST transfers.penalty_decide",
            "POST transfers.penalty_screening",
            "POST transfers.penalty_progress",
        ),
        Held(),
    ),
    "POST petitions.reveal": Held(None, 303),  # a logged reading; without a reason it leads back
}
LAST = ("accounts.logout", "accounts.save_password")


@dataclass(frozen=True)
class Route:
    key: str
    method: str
    path: str


def routes(rules: Map, ids: dict[str, str]) -> Iterator[Route]:
    """Every route of the app with these ids in its address; logging out comes last."""
    adapter = rules.bind("localhost")
    for rule in sorted(rules.iter_rules(), key=lambda r: (r.endpoint in LAST, str(r))):
        values = {a: UUID(ids[a]) if f"<uuid:{a}>" in rule.rule else ids[a] for a in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(f"{method} {rule.endpoint}", method, adapter.build(rule.endpoint, values, method=method))


def go(client: FlaskClient, route: Route) -> TestResponse:
    body = {"junk": "'; DROP TABLE petition; --<script>"} if route.method == "POST" else None
    answer = client.open(route.path, method=route.method, data=body)
    assert answer.status_code < 500, f"{route.method} {route.path}: {answer.status_code}"
    return answer


def readable(answer: TestResponse) -> str:
    """What a person could read in it; a workbook is unpacked."""
    data = answer.get_data()
    if data.startswith(b"PK"):
        with ZipFile(BytesIO(data)) as book:
            data = b"".join(book.read(name) for name in book.namelist())
    return data.decode("utf-8", "replace")


def entered(app: Flask, login: Login, account: str) -> FlaskClient:
    client = app.test_client()
    assert login(client, account).status_code == 302
    return client


def test_every_route_has_an_entry_and_every_entry_a_route(app: Flask) -> None:
    there = {f"{m} {r.endpoint}" for r in app.url_map.iter_rules() for m in (r.methods or set()) - {"HEAD", "OPTIONS"}}
    assert there == PUBLIC | OPEN.keys() | OF_A_CASE.keys()
    assert not OPEN.keys() & OF_A_CASE.keys()
    said = {f"{m} {r.endpoint}" for r in app.url_map.iter_rules() for m in (r.methods or set()) - {"HEAD", "OPTIONS"}
            if getattr(app.view_functions[r.endpoint], "public", False) or r.endpoint == "static"}  # fmt: skip
    assert said == PUBLIC


@pytest.mark.parametrize("fragment", [False, True], ids=["page", "htmx"])
def test_nobody_without_a_login_gets_past_the_door(app: Flask, world: World, fragment: bool) -> None:
    client = app.test_client()
    for route in routes(app.url_map, world.ids):
        if route.key in PUBLIC:
            continue
        answer = client.open(route.path, method=route.method, headers={"HX-Request": "true"} if fragment else {})
        if fragment:
            assert answer.status_code == 401 and answer.headers["HX-Redirect"].startswith("/login"), route
        else:
            assert answer.status_code == 302 and answer.location.startswith("/login"), route


@pytest.mark.parametrize("role", [role for role in ROLES if role != "auditor"])
def test_a_role_elsewhere_opens_its_own_pages_and_nothing_of_the_case(app: Flask, world: World, login: Login, role: str) -> None:
    client = entered(app, login, world.far[role])
    for route in routes(app.url_map, world.ids):
        answer = go(client, route)
        if route.key in OF_A_CASE:
            assert answer.status_code in (403, 404), f"{role} {route}: {answer.status_code}"
        elif route.key in OPEN and role not in OPEN[route.key]:
            assert answer.status_code == 403, f"{role} {route}: {answer.status_code}"
        elif route.key in OPEN:
            assert answer.status_code not in (401, 403), f"{role} {route}: {answer.status_code}"
        page = readable(answer)
        assert not any(secret in page for secret in (*SECRETS, STATEMENT)), f"{role} reads the petition at {route}"


def test_the_auditor_reads_everything_covered_and_changes_nothing(app: Flask, world: World, login: Login, session: Session) -> None:
    before = _state(session)
    for account in ("shenji", world.far["auditor"]):
        client = entered(app, login, account)
        for route in routes(app.url_map, world.ids):
            answer = go(client, route)
            if route.key in OF_A_CASE:
                assert answer.status_code == OF_A_CASE[route.key].auditor, f"{route}: {answer.status_code}"
            elif route.key in OPEN and "auditor" not in OPEN[route.key]:
                assert answer.status_code == 403, f"{route}: {answer.status_code}"
            assert not any(secret in readable(answer) for secret in SECRETS), f"the auditor reads the name at {route}"
    session.rollback()
    assert _state(session) == before


def _state(session: Session) -> list[object]:
    """Everything of cases that an act could change; lines about logins aside."""
    whole = [session.execute(select(table.__table__).order_by(table.__table__.c.id)).all() for table in (Case, Task, Clock, Link)]
    return [*whole, session.scalar(select(func.count()).where(Event.case_id.is_not(None)))]


def test_the_petition_office_opens_what_is_its_own(app: Flask, world: World, login: Login) -> None:
    client = entered(app, login, "xinfang")
    for route in routes(app.url_map, world.ids):
        if route.key in OF_A_CASE and (wanted := OF_A_CASE[route.key].inside) is not None:
            assert go(client, route).status_code == wanted, route


def test_the_colleague_of_the_same_role_at_a_branch_is_a_stranger(app: Flask, world: World, login: Login) -> None:
    client = entered(app, login, "donghu-chuangkou")  # desk, office and clerk there
    for route in routes(app.url_map, world.ids):
        if route.key in OF_A_CASE:
            assert go(client, route).status_code in (403, 404), route


BODIES: tuple[dict[str, object], ...] = (
    {"data": b"\xff\xfe\x00" * 50, "content_type": "application/x-www-form-urlencoded"},
    {"data": b"{not json", "content_type": "application/json"},
    {"data": {"ids": ["x", str(uuid4())], "action": "delegate", "to": "p:x", "reason": "理由\0充分", "next": "\r\nSet-Cookie: a=b"}},
    {"data": {"name": "\0", "statement": "\ud7ff\0" * 9, "received_at": "9999999", "visitors": "-1e999", "county": "' or 1=1"}},
    {"data": {"organ_id": "nc\0", "id": "\0", "account": "\0", "until": "0000-00-00", "file": "x", "result": "x", "reason": "x" * 5000}},
)


@pytest.mark.parametrize("account", ["xinfang", "juzhang", "admin", "yunwei", "shenji"])
def test_no_route_breaks_on_unknown_ids_and_garbage(app: Flask, world: World, login: Login, account: str) -> None:
    client = entered(app, login, account)
    unknown = {key: str(uuid4()) if len(value) == 36 else "%00\0x" for key, value in world.ids.items() if key != "act"}
    unknown["act"] = world.ids["act"]  # one of a closed list: another is no address at all
    for ids in (world.ids, unknown):
        for route in routes(app.url_map, ids):
            if route.key in PUBLIC or route.key.endswith(LAST):
                continue
            if route.method == "GET":
                answer = client.get(f"{route.path}?q=%00%27&after=%00~x&before=-1&page=-9&state=%00&tab=%00&instance=%00&format=%00")
                assert answer.status_code < 500, f"GET {route.path}: {answer.status_code}"
                continue
            for body in BODIES:
                answer = client.post(route.path, **body)  # type: ignore[arg-type]
                assert answer.status_code < 500, f"POST {route.path} {body}: {answer.status_code}"
