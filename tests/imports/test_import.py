"""``flask petitions import``: pending registrations, once a number, with a report; closed records of the past."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import db
from app.engine import get_engine
from app.imports import services
from app.imports.models import Imported
from app.petitions.models import Petition
from tests.accounts.fixtures import person_of
from workflows import FormError
from workflows.tables import Case, Task
from workflows.time import ZONE, now

HEAD = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
ROWS = [
    ["71", "U1", "八一桥下工地夜里噪音", "2026/9/3 6:23:25", "东湖区八一桥下工地每晚施工，噪音太大，请查处。", "", ""],
    [
        "72",
        "U2",
        "不知道在哪里的臭味",
        "2026/9/4 6:23:25",
        "晚上有很重的臭味，像烂白菜，睡不着觉，请处理。",
        "已处理完毕。",
        "2026/9/20 8:00:00",
    ],
    ["", "U3", "没有编号", "2026/9/5 6:23:25", "这一行没有编号，不能导入，应当在报告里说明。", "", ""],
]
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def ready(demo_org: Flask) -> Flask:
    with demo_org.app_context(), db.transaction() as session:
        get_engine().deploy(session)
    return demo_org


@pytest.fixture
def runner(ready: Flask) -> FlaskCliRunner:
    return ready.test_cli_runner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "留言.csv"
    with path.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([HEAD, *ROWS])
    return path


def run(runner: FlaskCliRunner, file: Path, *options: str) -> tuple[str, list[dict[str, str]]]:
    report = file.with_name("report.csv")
    done = runner.invoke(args=["petitions", "import", str(file), "--report", str(report), *options])
    assert done.exit_code == 0, done.output
    with report.open(encoding="utf-8-sig", newline="") as lines:
        return done.output, list(csv.DictReader(lines))


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_rows_become_pending_registrations(runner: FlaskCliRunner, file: Path, session: Session) -> None:
    _, report = run(runner, file)
    assert [line["结果"] for line in report] == ["已登记待核", "已登记待核", "未导入"]
    assert "没有编号" in report[2]["说明"]
    assert "属地认不出" in report[1]["说明"]
    tasks = session.scalars(select(Task).join(Imported, Imported.case_id == Task.case_id).order_by(Imported.row_no)).all()
    first = tasks[0]
    assert (first.element, first.status, first.holder) == ("register", "open", "o:nc-petition:desk")
    assert services.TO_CONFIRM in first.tags
    assert first.draft is not None
    assert (first.draft["county"], first.draft["kind"], first.draft["outside_no"]) == ("360102", "noise", "71")
    assert first.draft["received_at"][:10] == now().date().isoformat()
    imported = session.scalars(select(Imported).order_by(Imported.row_no)).first()
    assert imported is not None
    assert imported.submitted_at is not None
    assert imported.submitted_at.astimezone(ZONE).date() == date(2026, 9, 3)


def test_again_changes_nothing(runner: FlaskCliRunner, file: Path, session: Session) -> None:
    run(runner, file)
    _, report = run(runner, file)
    assert [line["结果"] for line in report] == ["以前导入过", "以前导入过", "未导入"]
    assert count(session, Case) == 2


def test_dry_run_writes_nothing(runner: FlaskCliRunner, file: Path, session: Session) -> None:
    _, report = run(runner, file, "--dry-run")
    assert [line["结果"] for line in report] == ["可以导入", "可以导入", "未导入"]
    assert (count(session, Case), count(session, Imported)) == (0, 0)


def test_historic_rows_are_closed_records_without_an_instance(runner: FlaskCliRunner, file: Path, session: Session) -> None:
    _, report = run(runner, file, "--historic")
    assert [line["结果"] for line in report] == ["已登记待核", "已存为历史记录", "未导入"]
    record = session.scalars(select(Imported).where(Imported.outside_no == "72")).one()
    assert record.case_id is None
    assert record.historic is not None
    assert record.historic["reply"] == "已处理完毕。"
    assert count(session, Case) == 1


def test_a_source_of_its_own_may_have_the_same_number(runner: FlaskCliRunner, file: Path, session: Session) -> None:
    run(runner, file)
    run(runner, file, "--source", "另一个平台")
    assert count(session, Case) == 4


def test_only_who_may(runner: FlaskCliRunner, file: Path) -> None:
    done = runner.invoke(args=["petitions", "import", str(file), "--as", "shenji"])
    assert done.exit_code == 1
    assert "没有导入的权限" in done.output


def test_unknown_columns_are_told(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = runner.invoke(args=["petitions", "import", str(path)])
    assert done.exit_code == 1
    assert "--map" in done.output


def test_the_clerk_confirms_and_what_is_missing_is_said(ready: Flask, runner: FlaskCliRunner, file: Path, session: Session) -> None:
    run(runner, file)
    with ready.app_context():
        with db.transaction() as own:
            clerk = person_of(own, "chuangkou")
            waiting = services.pending(own, sorted(clerk.holder_keys()))
            assert [imported.outside_no for _, imported in waiting] == ["71", "72"]
            services.confirm(own, clerk, waiting[0][0].id)
        with pytest.raises(FormError) as refused, db.transaction() as own:
            services.confirm(own, person_of(own, "chuangkou"), waiting[1][0].id)
    assert "county" in refused.value.errors
    petition = session.scalars(select(Petition)).one()
    assert petition.submitted_at is not None
    assert petition.submitted_at.astimezone(ZONE).date() == date(2026, 9, 3)
    assert services.TO_CONFIRM not in session.get_one(Case, petition.case_id).tags


@pytest.mark.skipif(not SHARED.is_dir(), reason="the files beside the project are not there")
@pytest.mark.parametrize(("name", "rows"), [("complaints.csv", 712), ("complaints-unanswered.csv", 301)])
def test_the_files_beside_the_project_can_be_imported_as_they_are(runner: FlaskCliRunner, tmp_path: Path, name: str, rows: int) -> None:
    report = tmp_path / "report.csv"
    done = runner.invoke(args=["petitions", "import", str(SHARED / name), "--dry-run", "--report", str(report)])
    assert done.exit_code == 0, done.output
    assert report.read_text(encoding="utf-8-sig").count("可以导入") == rows
