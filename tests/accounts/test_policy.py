"""Who may do what: roles × actions, part in the case, and the auditor who changes nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Person, Post
from app.accounts.policy import RULES, can, visible_cases
from app.accounts.roles import CASEWORK, PARTNERS, ROLES
from tests.accounts.builders import NOBODY, make_case, make_task
from tests.accounts.fixtures import Login, person_of
from workflows.tables import Case, Link
from workflows.time import now

SELF = {"account.self", "inbox.counts", "notice.see", "notice.read", "procedure.see", "clocks.view"}
INBOX = {"inbox.view"}
READ = {
    *("petition.list", "petition.search", "petition.export", "case.see", "paper.see", "file.see", "task.see", "identity.reveal"),
    *("transfers.package", "transfers.letter"),
}
STEP = {"task.complete", "task.draft", "task.claim", "task.release", "task.delegate", "file.add", "link.close"}
PART = {"case.see", "paper.see", "file.see", "task.see", "transfers.package", "transfers.letter"}  # what a partner has of its own files
WARNING = {"warnings.view", "warnings.publish"}
INTAKE = {"petition.register", "petition.import"}
OFFICE = {"case.rate", "case.review_request", "case.recheck_request", "case.supplement", "case.stop", "case.instruction"}
HANDLER = {"case.extension", "case.consult"}

SUPERVISING = {"supervision.view", "supervision.open"}
OWNING = {"leadership.view", "leadership.export"}
LEADING = OWNING | {"leadership.desk", "leadership.reception", "leadership.visit", "supervision.view", "numbers.view", "warnings.view"}
UNIT = {"supervision.view"}
PROSECUTING = {"transfers.procuratorate", "transfers.found", "transfers.boards", "transfers.enter"}
POLICING = {"police.view", "police.check", "transfers.enter"}
WATCHING = {"audit.view", "supervision.view", "review.view", "warnings.view", "numbers.view"}
TRANSFER = {"transfers.view", "penalties.view"}
TEAM = TRANSFER | {"transfers.open", "transfers.consult", "transfers.enter", "penalties.edit"}
BOARD = {"transfers.boards", "transfers.statistics"}

# The whole matrix: what each role may do at all. What is not here is denied.
ALLOWED: dict[str, set[str]] = {
    **dict.fromkeys(CASEWORK - PARTNERS, SELF | INBOX | READ | STEP),
    **dict.fromkeys(PARTNERS, SELF | INBOX | PART | STEP),
    **dict.fromkeys(("police_officer", "police_head", "police_legal"), SELF | INBOX | PART | STEP | POLICING),
    **dict.fromkeys(("prosecutor", "prosecutor_admin"), SELF | INBOX | PART | STEP | PROSECUTING),
    "gov_liaison": SELF | INBOX | PART | STEP | {"warnings.county"},
    "desk": SELF | INBOX | READ | STEP | INTAKE,
    "office": SELF | INBOX | READ | STEP | INTAKE | OFFICE | SUPERVISING | OWNING | WARNING
    | {"review.view", "leadership.reception", "leadership.open", "leadership.change", "numbers.view"},
    "legal": SELF | INBOX | READ | STEP | WARNING | TEAM | BOARD,
    "unit_clerk": SELF | INBOX | READ | STEP | UNIT,
    "unit_head": SELF | INBOX | READ | STEP | UNIT | OWNING | TEAM | BOARD | {"review.view", "numbers.view", "transfers.material"},
    "handler": SELF | INBOX | READ | STEP | HANDLER | UNIT | OWNING | TEAM | {"leadership.visit", "transfers.material"},
    "supervisor": SELF | INBOX | READ | STEP | SUPERVISING | BOARD | {"review.view", "numbers.view", "transfers.view"},
    "leader": SELF | INBOX | READ | STEP | LEADING | TRANSFER | BOARD | {"supervision.open", "review.view"},
    "organ_head": SELF | INBOX | READ | STEP | LEADING | TRANSFER | BOARD | {"supervision.open", "review.view"},
    "secretary": SELF | INBOX | READ | STEP | LEADING,
    "admin": SELF | {"admin.organs", "admin.people", "admin.posts"},
    "operator": SELF | {"ops.see", "ops.incidents"},
    "auditor": SELF | READ | OWNING | TRANSFER | BOARD | WATCHING | {"transfers.procuratorate"},
}  # fmt: skip

WHO = {
    "desk": "chuangkou",
    "office": "xinfangkezhang",
    "unit_clerk": "zhiduineiqin",
    "unit_head": "gufeizhuren",
    "handler": "zhidui1",
    "co_handler": "xinxizhuren",
    "hearing_host": "shengting2",
    "legal": "fagui",
    "signer": "fenguan",
    "leader": "fenguan",
    "organ_head": "juzhang",
    "appeal_clerk": "shengting1",
    "appeal_handler": "fucha",
    "appeal_head": "fuchaling",
    "archivist": "dangan",
    "secretary": "mishu",
    "supervisor": "bangongzhuren",
    "gov_liaison": "donghu-zhengfu",
    "admin": "admin",
    "operator": "yunwei",
    "auditor": "shenji",
}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_matrix_of_roles_and_actions(demo_org: Flask, session: Session, role: str) -> None:
    partner = select(Person).join(Post, Post.person_id == Person.id).where(Post.role == role).order_by(Person.account)
    person = person_of(session, WHO[role]) if role in WHO else session.scalars(partner.limit(1)).one()
    held = {post.role for post in person.posts}
    assert role in held
    expected = set().union(*(ALLOWED[one] for one in held))
    assert {action for action in RULES if can(person, action)} == expected


def test_unknown_actions_strangers_and_missing_objects_are_denied(demo_org: Flask, session: Session) -> None:
    person = person_of(session, "xinfang")
    assert not can(person, "petition.delete")
    assert not can(None, "case.see")
    assert not can(person, "case.see", None)
    person.active = False
    assert not can(person, "account.self")
    with pytest.raises(LookupError):
        policy.permission("petition.delete")


def sees(session: Session, case: Case) -> set[str]:
    """The accounts that may see the case, by the list condition and by the single question alike."""
    listed = set()
    for person in session.scalars(select(Person)):
        found = session.scalar(select(Case.id).where(Case.id == case.id, visible_cases(person))) is not None
        assert found == can(person, "case.see", case)
        if found:
            listed.add(person.account)
    return listed


LEADERS = {"juzhang", "fenguan"}  # in charge of the bureau and so of its branches


def test_case_of_a_branch_is_seen_there_and_by_those_in_charge(demo_org: Flask, session: Session) -> None:
    case = make_case(session, intake_org="nc-petition", sender_org="nc-petition", unit="br-360111", signer_org="br-360111")
    branch = {f"qingshanhu-{one}" for one in ("juzhang", "guzhang", "jingban", "chuangkou")}
    office = {"chuangkou", "xinfang", "xinfang2", "xinfangkezhang"}
    assert sees(session, case) == branch | office | LEADERS | {"shenji"}


def test_case_registered_at_a_branch(demo_org: Flask, session: Session) -> None:
    """Before it is assigned only the branch's desk and office see it, its head, and those above."""
    case = make_case(session, intake_org="br-360111")
    assert sees(session, case) == {"qingshanhu-chuangkou", "qingshanhu-juzhang", "shenji"} | LEADERS


def test_another_branch_sees_nothing(demo_org: Flask, session: Session) -> None:
    for number in range(3):
        make_case(session, intake_org="br-360111", unit="br-360111", number=number)
    other = person_of(session, "xihu-jingban")
    assert session.scalars(select(Case).where(visible_cases(other))).all() == []


def test_holding_a_task_now_or_before_is_a_part_in_the_case(demo_org: Flask, session: Session) -> None:
    case = make_case(session)
    assert sees(session, case) == {"shenji"}
    officer, before = person_of(session, "zhidui1"), person_of(session, "zhidui2")
    make_task(session, case, f"p:{officer.id}")
    assert sees(session, case) == {"shenji", "zhidui1"}
    make_task(session, case, NOBODY, status="done", closed_by=before.id)
    assert sees(session, case) == {"shenji", "zhidui1", "zhidui2"}
    make_task(session, case, "o:nc-legal:legal")
    assert sees(session, case) == {"shenji", "zhidui1", "zhidui2", "fagui", "faguichuzhang"}


def test_a_unit_asked_to_help_sees_the_case_as_a_whole(demo_org: Flask, session: Session) -> None:
    case = make_case(session)
    make_task(session, case, "o:nc-solid:co_handler")
    assert sees(session, case) == {"shenji", "gufei", "gufeizhuren"}


def test_named_handler_and_leader_see_the_case(demo_org: Flask, session: Session) -> None:
    handler, leader = person_of(session, "zhidui1"), person_of(session, "fuchaling")
    case = make_case(session, handler=handler.id, leader=leader.id)
    assert sees(session, case) == {"shenji", "zhidui1", "fuchaling"}


def test_running_the_system_opens_no_case(demo_org: Flask, session: Session) -> None:
    """Their posts are at the bureau itself, and it signs: still neither administrator nor operator sees it."""
    case = make_case(session, signer_org="nc", unit="nc")
    assert not sees(session, case) & {"admin", "yunwei"}


# --- acts -------------------------------------------------------------------------------------------------------------


def test_a_task_is_for_its_holder(demo_org: Flask, session: Session) -> None:
    case = make_case(session)
    pool = "o:nc-inspect:handler"
    one, two, other = (person_of(session, account) for account in ("zhidui1", "zhidui2", "gufei"))
    task = make_task(session, case, pool)
    assert can(one, "task.complete", task)
    assert can(two, "task.claim", task)
    assert not can(other, "task.complete", task)
    task.holder = f"p:{one.id}"
    assert can(one, "task.complete", task)
    assert not can(two, "task.complete", task)
    assert can(two, "task.claim", task)  # the engine then says who has it
    task.status = "done"
    assert can(two, "task.complete", task)  # and here who was quicker


def test_the_head_of_the_unit_may_hand_on(demo_org: Flask, session: Session) -> None:
    task = make_task(session, make_case(session), f"p:{person_of(session, 'zhidui1').id}", org="nc-inspect")
    assert can(person_of(session, "zhiduizhang"), "task.delegate", task)
    assert not can(person_of(session, "zhiduizhang"), "task.complete", task)
    assert not can(person_of(session, "gufeizhuren"), "task.delegate", task)


def test_case_actions_belong_to_the_office_and_to_the_handler(demo_org: Flask, session: Session) -> None:
    handler = person_of(session, "zhidui1")
    case = make_case(session, intake_org="nc-petition", unit="nc-inspect", handler=handler.id)
    office, colleague = person_of(session, "xinfang"), person_of(session, "zhidui2")
    branch_office = person_of(session, "xihu-chuangkou")
    for action in OFFICE:
        assert can(office, action, case)
        assert not can(branch_office, action, case)
        assert not can(handler, action, case)
    for action in HANDLER:
        assert can(handler, action, case)
        assert not can(colleague, action, case)
        assert not can(office, action, case)


def test_an_open_item_names_who_closes_it(demo_org: Flask, session: Session) -> None:
    case = make_case(session, intake_org="nc-petition", unit="nc-inspect")
    link = Link(case_id=case.id, kind="transfer.question", label="移送", holds=True, status="open", detail={}, opened_at=now())
    for closable_by, may in (
        ("office@case.intake_org", {"xinfang", "xinfang2", "xinfangkezhang"}),
        ("organ_head@case.unit", {"juzhang"}),
        ("organ_head@br-360111", {"qingshanhu-juzhang"}),
        (None, set()),
    ):
        link.closable_by = closable_by
        assert {p.account for p in session.scalars(select(Person)) if can(p, "link.close", link)} == may


# --- the guard --------------------------------------------------------------------------------------------------------


def test_a_route_that_says_nothing_is_refused(client: FlaskClient, login: Login) -> None:
    assert client.get("/unsaid").status_code == 403
    login(client, "juzhang")
    assert client.get("/unsaid").status_code == 403


def test_strangers_get_404_and_those_who_may_see_get_the_page(demo_org: Flask, session: Session, client: FlaskClient, login: Login) -> None:
    case = make_case(session, intake_org="br-360111", unit="br-360111")
    session.commit()
    for account, status in (("qingshanhu-jingban", 200), ("juzhang", 200), ("shenji", 200), ("xihu-jingban", 404), ("admin", 403)):
        login(client, account)
        assert client.get(f"/cases/{case.id}").status_code == status
        client.post("/logout")


def test_an_auditor_posts_nothing_but_their_own(demo_org: Flask, session: Session, client: FlaskClient, login: Login) -> None:
    case = make_case(session, intake_org="br-360111")
    session.commit()
    login(client, "shenji")
    assert client.get(f"/cases/{case.id}").status_code == 200
    assert client.post(f"/cases/{case.id}/read").status_code == 403  # whatever permission the route carries
    assert client.post("/register").status_code == 403
    assert client.get("/register").status_code == 403
    assert client.post(f"/cases/{case.id}/reveal").status_code == 200
    assert client.post("/account/sessions/revoke-others").status_code == 302


def test_every_route_that_changes_is_closed_to_the_auditor(demo_org: Flask, client: FlaskClient, login: Login) -> None:
    login(client, "shenji")
    tried = 0
    for rule in demo_org.url_map.iter_rules():
        view = demo_org.view_functions[rule.endpoint]
        action = getattr(view, "permission", None)
        if "POST" not in (rule.methods or ()) or action is None or action in policy.AUDITOR_POSTS:
            continue
        path = rule.rule
        for argument in rule.arguments:
            for kind in (f"<uuid:{argument}>", f"<{argument}>"):
                path = path.replace(kind, "00000000-0000-0000-0000-000000000000")
        assert client.post(path).status_code == 403, path
        tried += 1
    assert tried >= 12
