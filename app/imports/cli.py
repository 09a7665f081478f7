"""``flask petitions import FILE``: a whole file, row by row, with a progress bar and a report of every row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session
from tqdm import tqdm

from app import db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.imports import columns as columns_of
from app.imports import readers, services
from app.imports.services import STATUS, Outcome
from workflows.errors import FormError, WorkflowError
from workflows.time import now

petitions_cli = AppGroup("petitions", help="信访事项")

REPORT = ("行", "外部编号", "结果", "说明", "案卷")


@petitions_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "named", multiple=True, metavar="列名=名称", help="指明某一列是什么，可多次；已知的文件自动识别")
@click.option("--source", help="编号在哪个来源内唯一，如 12345热线")
@click.option("--as", "account", help="由哪个账户登记；默认市局窗口的第一人")
@click.option("--historic", is_flag=True, help="已有答复的存为历史记录，不进入办理")
@click.option("--dry-run", is_flag=True, help="只检查，不写入")
@click.option("--report", "report_path", type=click.Path(dir_okay=False, path_type=Path), help="逐行报告写到哪里")
def import_file(
    file: Path, named: tuple[str, ...], source: str | None, account: str | None, historic: bool, dry_run: bool, report_path: Path | None
) -> None:
    """Take complaints in from a CSV or XLSX file; rows taken in before are left alone."""
    try:
        table = readers.read(file)
        columns = columns_of.detect(table.headers, _named(named), source)
        click.echo(f"{file.name}：{len(table.rows)} 行，来源“{columns.source}”。" + ("只检查，不写入。" if dry_run else ""))
        bar = tqdm(_outcomes(table, columns, file.name, account, historic=historic, dry_run=dry_run), total=len(table.rows), unit="行")
        path, counts = write_report(bar, report_path or _default_report(file))
    except WorkflowError as error:
        raise click.ClickException(error.message) from error
    for status, count in counts.items():
        click.echo(f"  {STATUS[status]} {count}")
    click.echo(f"逐行报告：{path}")


def write_report(outcomes: Iterable[Outcome], path: Path) -> tuple[Path, Counter[str]]:
    """One line for each row, written as it happens: what a broken run has done stays readable."""
    counts: Counter[str] = Counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        report = csv.writer(out)
        report.writerow(REPORT)
        for one in outcomes:
            counts[one.status] += 1
            report.writerow((one.row, one.outside_no, STATUS[one.status], one.note, one.case_id or ""))
    return path, counts


def _outcomes(
    table: readers.Table, columns: columns_of.Columns, file_name: str, account: str | None, *, historic: bool, dry_run: bool
) -> Iterator[Outcome]:
    with db.transaction() as session:
        person_id = registrar(session, account).id
    for number, cells in table.rows:
        try:
            row = columns_of.row_of(number, cells, columns)
            with db.transaction() as session:
                if dry_run:
                    outcome = services.try_row(session, row, columns)
                else:
                    person = session.get_one(Person, person_id)
                    outcome = services.take_row(session, person, row, columns, file_name, historic=historic)
        except WorkflowError as error:
            why = "；".join(error.errors.values()) if isinstance(error, FormError) else error.message
            outcome = Outcome(number, _number_of(cells, columns), "refused", why)
        yield outcome


def registrar(session: Session, account: str | None) -> Person:
    """Who registers: the account named, or the first person at the bureau's desk. Permissions hold here as on a page."""
    person: Person | None
    if account:
        person = session.scalar(select(Person).where(Person.account == account.lower()))
    else:
        bureau = session.scalar(select(Organ.id).where(Organ.kind == "bureau", Organ.active).order_by(Organ.id).limit(1))
        people = directory.people(session, directory.resolve(session, "desk", bureau)) if bureau else []
        person = session.get(Person, people[0]) if people else None
    if person is None:
        raise WorkflowError(f"没有账户 {account}。" if account else "还没有窗口登记员，请先设置机构和人员，或用 --as 指明账户。")
    if not policy.can(person, "petition.import"):
        raise WorkflowError(f"{person.name} 没有导入的权限。")
    return person


def _named(pairs: tuple[str, ...]) -> dict[str, str]:
    named: dict[str, str] = {}
    for pair in pairs:
        header, _, ours = pair.rpartition("=")
        if not header or not ours:
            raise WorkflowError(f"--map 要写成 列名=名称，不是“{pair}”。")
        named[header.strip()] = ours.strip()
    return named


def _number_of(cells: dict[str, str], columns: columns_of.Columns) -> str:
    return next((cells.get(header, "") for header, ours in columns.names.items() if ours == "outside_no"), "")


def _default_report(file: Path) -> Path:
    folder = Path(current_app.config["INSTANCE_DIR"]) / "imports"
    return folder / f"{file.stem}-{now():%Y%m%d-%H%M%S}.csv"
