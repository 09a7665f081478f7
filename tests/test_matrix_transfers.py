"""Every route × every role, over HTTP, with the real ids of one transfer: whoever has no part in it finds nothing of it anywhere.

The roles are held at another branch and in another county; beside them a clerk of the same bureau who is not in the case, and nobody.
"""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person, Post
from app.accounts.passwords import hash_password
from app.accounts.roles import ROLES
from app.demo.people import DEMO_PASSWORD, SINCE
from app.papers.models import Paper
from app.transfers.models import PlatformEntry, TransferFile, TransferLetter, TransferPackageItem
from tests.accounts.fixtures import Login
from tests.test_matrix import PUBLIC, go, readable, routes
from tests.transfer.bureau_builders import source, to_sent, transfer
from tests.transfer.police_builders import POLICE, accept
from workflows.tables import Instance, Task

PARTY, NOBODY = "沁澜金属表面处理厂", "并不存在的一家企业"
FAR = {
    **dict.fromkeys(("police_officer", "police_head", "police_legal"), "ps-360102"),
    **dict.fromkeys(("prosecutor", "prosecutor_admin"), "pp-360102"),
}
ELSEWHERE = "br-wl"
ITS = ("case_id", "police", "letter_id", "package_id", "entry_id", "paper_id", "file_id", "task_id")
SEARCHES = ("/transfers?q={}", "/transfers?q={}&format=xlsx", "/police/files?view=all&q={}", "/procuratorate?q={}", "/petitions?q={}")


@pytest.fixture
def ids(transfers: Flask) -> dict[str, str]:
    """A transfer accepted by the police: its case, letter, package, item, entry, task, paper; the police's case under ``police``."""
    with transfers.app_context(), db.transaction() as session:
        case_id = source(session)
        to_sent(session, case_id)
        police = accept(session, case_id)
        number = transfer(session, case_id).transfer_no
        _strangers(session)
        return _of(session, case_id, police, number)


def _of(session: Session, case_id: UUID, police: UUID, number: str) -> dict[str, str]:
    sent = select(TransferLetter).where(TransferLetter.transfer_no == number, TransferLetter.name == "transfer_sent")
    letter = session.scalars(sent).one()
    item = session.scalars(select(TransferPackageItem).where(TransferPackageItem.sha256.is_not(None)).limit(1)).one()
    first = {
        "entry_id": select(PlatformEntry.id).limit(1),
        "paper_id": select(Paper.id).where(Paper.case_id == case_id).limit(1),
        "task_id": select(Task.id).where(Task.case_id == case_id).limit(1),
        "instance_id": select(Instance.id).where(Instance.case_id == case_id).limit(1),
    }
    return {
        "case_id": str(case_id), "police": str(police), "number": number, "letter_id": str(letter.id),
        "package_id": str(letter.package_id), "item_id": str(item.id), "file_id": str(item.file_id),
        **{name: str(session.scalars(query).one()) for name, query in first.items()},
        "file": "main.bpmn", "version": "x", "name": "penalty", "filename": "hxt.css", "act": "drop", "board": "not_filed",
        "unit": ELSEWHERE, "key": "owner", "part": "late", "organ_id": "gov-360100", "sm3": "0" * 64,
    }  # fmt: skip


def _strangers(session: Session) -> None:
    password = hash_password(DEMO_PASSWORD)
    for role in ROLES:
        posts = [Post(organ_id=FAR.get(role, ELSEWHERE), role=role, title="", since=SINCE)]
        session.add(Person(account=f"far-{role}", name=f"远岗{role}", password=password, must_change=False, active=True, all_posts=posts))
    session.flush()


def _every(app: Flask, ids: dict[str, str]) -> dict[str, str]:
    """An id for each argument of the app's addresses; those that are not the transfer's lead nowhere."""
    arguments = {argument for rule in app.url_map.iter_rules() for argument in rule.arguments}
    return {argument: ids.get(argument, str(uuid4())) for argument in arguments}


def _nothing_of_it(app: Flask, ids: dict[str, str], login: Login, account: str | None) -> None:
    client = app.test_client()
    if account is not None:
        assert login(client, account).status_code == 302
    secrets, its = (PARTY, ids["number"]), [ids[name] for name in ITS]
    every = {route for own in (ids, {**ids, "case_id": ids["police"]}) for route in routes(app.url_map, _every(app, own))}
    for route in sorted(every, key=str):
        hangs = any(one in route.path for one in its)  # what hangs on nothing is looked at where it is a page: lists, desks, boards
        if route.key in PUBLIC or not (hangs or route.method == "GET"):
            continue
        answer = go(client, route)
        assert not any(one in readable(answer) for one in secrets), f"{account} reads the transfer at {route}"
        if hangs:
            assert answer.status_code in (302, 401, 403, 404), f"{account} {route}: {answer.status_code}"
    for path in SEARCHES:
        found, echoed = (readable(client.get(path.format(asked))).count(asked) for asked in (PARTY, NOBODY))
        assert found <= echoed, f"{account} finds it by {path}"


# an auditor reads every case of the bureau by office; the head of the whole bureau oversees the branch that transfers
CLERKS = ("qingshanhu-chuangkou", "xinfang", "chuangkou")  # the window of the very branch, the bureau's petition office and window
OUTSIDERS = [role for role in ROLES if role != "auditor"]
GROUPS = [OUTSIDERS[i::4] for i in range(4)]  # the transfer is brought there once for several of them: all they do is look


@pytest.mark.parametrize("roles", GROUPS, ids="、".join)
def test_a_role_elsewhere_finds_nothing_of_the_transfer(transfers: Flask, ids: dict[str, str], login: Login, roles: list[str]) -> None:
    for role in roles:
        _nothing_of_it(transfers, ids, login, f"far-{role}")


def test_a_clerk_who_is_not_in_the_case_finds_nothing(transfers: Flask, ids: dict[str, str], login: Login) -> None:
    for account in CLERKS:
        _nothing_of_it(transfers, ids, login, account)


def test_nobody_finds_anything(transfers: Flask, ids: dict[str, str], login: Login) -> None:
    _nothing_of_it(transfers, ids, login, None)


def test_the_police_see_what_was_sent_and_not_the_bureaus_file(transfers: Flask, ids: dict[str, str], login: Login) -> None:
    client = transfers.test_client()
    assert login(client, "qingshanhu-gongan").status_code == 302
    case_id, package = ids["case_id"], f"/transfers/packages/{ids['package_id']}"
    for path in (f"/cases/{ids['police']}", f"/transfers/letters/{ids['letter_id']}", "/police"):
        assert PARTY in client.get(path).text, path
    assert client.get(package).status_code == client.get(f"{package}/{ids['item_id']}").status_code == 200
    for path in (f"/cases/{case_id}", f"/transfers/{case_id}/material", f"/papers/{ids['paper_id']}", f"/files/{ids['file_id']}"):
        assert client.get(path).status_code in (403, 404), path
    with transfers.app_context(), db.transaction() as session:
        assert {one.organ for one in session.scalars(select(TransferFile))} >= {POLICE}
