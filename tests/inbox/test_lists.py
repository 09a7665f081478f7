"""The lists: most urgent first, keyset pages in both directions, filters, counts, export, and flat SQL."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app import db
from app.inbox import queries, services
from app.inbox.filters import Filter
from tests.accounts.fixtures import Login, person_of
from tests.inbox.fixtures import Leave
from workflows import Actor
from workflows.time import now

HOLDER = "o:nc-petition:office"


@pytest.fixture
def office(client: FlaskClient, leave: Leave, login: Login) -> FlaskClient:
    login(client, "xinfang")
    return client


def titles(page: str) -> list[str]:
    return re.findall(r'class="c-title"><a href="[^"]+">([^<]+)</a>', page)


def test_most_urgent_first_without_a_period_last(office: FlaskClient, leave: Leave) -> None:
    moment = now()
    for name, due in (("丙", timedelta(days=9)), ("甲", timedelta(days=-1)), ("丁", None), ("乙", timedelta(hours=5))):
        started = leave.start(title=name)
        if due is not None:
            leave.due(started.case_id, moment + due, moment + due - timedelta(days=3))
    page = office.get("/inbox").get_data(as_text=True)
    assert titles(page) == ["甲", "乙", "丙", "丁"]
    assert "超期 1 天" in page and "剩 4 小时 59 分" in page and "无时限" in page
    assert titles(office.get("/inbox?light=red").get_data(as_text=True)) == ["甲"]
    assert titles(office.get("/inbox?light=amber").get_data(as_text=True)) == ["乙"]
    assert titles(office.get("/inbox?light=green").get_data(as_text=True)) == ["丙"]
    assert titles(office.get("/inbox?light=none").get_data(as_text=True)) == ["丁"]
    assert titles(office.get("/inbox/overdue").get_data(as_text=True)) == ["甲"]


def fill(leave: Leave, count: int) -> None:
    """Many open tasks of one pool, by SQL; two of three due at the same moment, so the id has to decide the order."""
    started = leave.start(title="样本")
    with leave.app.app_context(), db.transaction() as session:
        session.execute(
            text("""
            INSERT INTO wf_task (id, case_id, instance_id, node, process, element, label, role, holder, pool, status, opened_at, title,
                                 facets, due_at)
            SELECT gen_random_uuid(), t.case_id, t.instance_id, 100 + n, t.process, t.element, t.label, t.role, t.holder, t.pool, 'open',
                   t.opened_at, '第' || n, t.facets, CASE WHEN n % 10 = 9 THEN NULL ELSE now() + (n / 3) * interval '1 hour' END
              FROM wf_task t, generate_series(1, :count) n WHERE t.id = :task"""),
            {"count": count, "task": started.task_ids[0]},
        )


def test_pages_by_key_show_everything_once_there_and_back(leave: Leave) -> None:
    fill(leave, 130)
    with leave.app.app_context(), db.transaction() as session:
        forth: list[list[UUID]] = []
        page = queries.open_page(session, [HOLDER], Filter(), now())
        while True:
            forth.append([r.id for r in page.rows])
            if page.after is None:
                break
            page = queries.open_page(session, [HOLDER], Filter(), now(), after=page.after)
        assert len({i for ids in forth for i in ids}) == sum(map(len, forth)) == 131
        for expected in reversed(forth[:-1]):
            page = queries.open_page(session, [HOLDER], Filter(), now(), before=page.before)
            assert [r.id for r in page.rows] == expected
        assert page.before is None


def test_filters_and_search(office: FlaskClient, leave: Leave) -> None:
    leave.start(title="沁澜厂夜间排水")
    leave.start(title="百分之100%的厂")
    assert titles(office.get("/inbox?q=沁澜").get_data(as_text=True)) == ["沁澜厂夜间排水"]
    assert titles(office.get("/inbox?q=100%25").get_data(as_text=True)) == ["百分之100%的厂"]
    assert len(titles(office.get("/inbox?county=360111&stage=受理&channel=phone&kind=water").get_data(as_text=True))) == 2
    empty = office.get("/inbox?county=360124").get_data(as_text=True)
    assert "这些条件下没有" in empty and "清除全部条件" in empty
    assert office.get("/inbox?after=broken&before=~~&light=x&week=1").status_code == 200


def test_an_empty_inbox_says_what_would_be_here(office: FlaskClient) -> None:
    assert "没有等您办的事" in office.get("/inbox").get_data(as_text=True)
    assert "还没有已办的事项" in office.get("/inbox/done").get_data(as_text=True)


def test_counts_stop_at_the_cap(office: FlaskClient, leave: Leave) -> None:
    fill(leave, 1100)
    counts = office.get("/inbox/counts").get_data(as_text=True)
    assert "999+" in counts and 'hx-swap-oob="true"' in counts
    assert "共 999+ 件" in office.get("/inbox").get_data(as_text=True)


def test_the_first_page_reads_a_handful_of_index_entries(leave: Leave) -> None:
    fill(leave, 5000)
    with leave.app.app_context(), db.transaction() as session:
        session.execute(text("ANALYZE wf_task"))
        seen: list[str] = []
        real = session.execute

        def spy(statement, *args, **more):  # type: ignore[no-untyped-def]
            seen.extend(r[0] for r in real(text("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) " + str(statement)), *args, **more))
            return real(statement, *args, **more)

        session.execute = spy  # type: ignore[method-assign]
        queries.open_page(session, [HOLDER, "o:nc-petition:desk"], Filter(), now())
    plan = "\n".join(seen)
    assert "ix_wf_task_inbox" in plan and "Seq Scan on wf_task" not in plan
    assert max(int(n) for n in re.findall(r"shared hit=(\d+)", plan)) < 120


def test_done_and_registered(office: FlaskClient, leave: Leave) -> None:
    started = leave.start(title="办过的")
    office.post(f"/tasks/{started.task_ids[0]}", data={"days": "1"})
    page = office.get("/inbox/done").get_data(as_text=True)
    assert titles(page) == ["办过的"] and "审批申请" in page
    assert titles(office.get("/inbox/registered").get_data(as_text=True)) == []


def test_export_holds_the_rows_as_text(office: FlaskClient, leave: Leave) -> None:
    leave.start(title="=HYPERLINK(1)")
    answer = office.get("/inbox?format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [c.value for c in sheet[1]][:4] == ["时限", "到期", "编号", "事项"]
    assert sheet["D2"].value == "=HYPERLINK(1)" and sheet["D2"].data_type == "s"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_notices_wait_until_read_and_only_for_their_holder(office: FlaskClient, leave: Leave, login: Login) -> None:
    started = leave.start()
    with leave.app.app_context(), db.transaction() as session:
        me = person_of(session, "xinfang").id
        for _ in range(2):  # the same words are not said twice
            services.tell(session, [f"p:{me}"], "overdue", "书面告知已超期", case_id=started.case_id)
        services.tell(session, ["o:nc-legal:legal"], "note", "给法规处的")
    page = office.get("/notices").get_data(as_text=True)
    assert page.count("书面告知已超期") == 1 and "给法规处的" not in page
    notice = re.search(r"/notices/([0-9a-f-]{36})/read", page)
    assert notice
    login(other := leave.app.test_client(), "chuangkou")
    assert other.post(f"/notices/{notice[1]}/read").status_code == 404
    answer = office.post(f"/notices/{notice[1]}/read", data={"next": f"/cases/{started.case_id}"})
    assert answer.location == f"/cases/{started.case_id}"
    assert "都看过了" in office.get("/notices").get_data(as_text=True)
    assert "书面告知已超期" in office.get("/notices?all=1").get_data(as_text=True)
    assert office.post("/notices/read", data={"next": "//evil.example"}).location == "/notices"


def test_a_head_sees_what_is_late_in_the_unit(client: FlaskClient, leave: Leave, login: Login) -> None:
    started = leave.start(title="科里超期的")
    leave.due(started.case_id, now() - timedelta(days=1))
    login(client, "fenguan")
    assert titles(client.get("/inbox").get_data(as_text=True)) == []
    assert titles(client.get("/inbox/overdue").get_data(as_text=True)) == ["科里超期的"]
    login(outside := leave.app.test_client(), "donghu-guzhang")
    assert titles(outside.get("/inbox/overdue").get_data(as_text=True)) == []


def test_narrowed_to_the_handling_unit(office: FlaskClient, leave: Leave) -> None:
    started = leave.start(title="支队办的")
    leave.start(title="别处办的")
    with leave.app.app_context(), db.transaction() as session:
        leave.app.extensions["engine"].update_case(session, started.case_id, Actor.system(), facets={"unit": "nc-inspect"})
    page = office.get("/inbox").get_data(as_text=True)
    assert "unit=nc-inspect" in page and len(titles(page)) == 2
    assert titles(office.get("/inbox?unit=nc-inspect").get_data(as_text=True)) == ["支队办的"]
