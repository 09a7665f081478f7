"""Import of the penalty register from a table (CSV or XLSX): a row is taken or refused on its own, with the line and the reason."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.imports import readers
from app.transfers import penalties
from app.transfers.words import ACT_KINDS, PENALTIES, RECHECKS
from workflows.errors import Conflict, FormError

# heading of the table → field; several headings may mean one
HEADINGS: dict[str, str] = {
    "立案号": "number", "案号": "number", "当事人": "party", "处罚对象": "party", "案由": "act", "违法行为": "act", "种类": "act_kind",
    "违法行为种类": "act_kind", "立案日期": "filed_on", "行为开始": "act_from", "行为终了": "act_to", "决定日期": "decided_on",
    "决定书文号": "decision_no", "处罚种类": "kinds", "罚款金额": "amount", "没收金额": "confiscated", "送达": "served_on",
    "送达日期": "served_on", "生效日期": "effective_on", "缴纳日期": "paid_on", "已缴金额": "paid_amount", "责令改正": "rectify_order",
    "改正期限": "rectify_by", "核实改正": "rectified_checked_on", "核实人": "rectified_checked_by", "复查日期": "recheck_on",
    "复查结果": "recheck_result", "结案日期": "closed_on", "备注": "note",
}  # fmt: skip
REQUIRED = ("number", "party", "act", "filed_on")
DAYS = frozenset(name for name in HEADINGS.values() if name in penalties.DAYS)
MOST = 5000


@dataclass(slots=True)
class Imported:
    """How many rows were taken, which were known, and which were refused: line and why."""

    taken: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def run(session: Session, person: Person, stream: IO[bytes], name: str) -> Imported:
    """Read a table; every row in a savepoint of its own. Raises FormError when the file is no such table."""
    table = _read(stream, name)
    done = Imported()
    for line, row in table.rows[:MOST]:
        try:
            given = _given(row)
        except ValueError:
            done.refused.append((line, "日期认不出来，请写成 2026-11-03"))
            continue
        if penalties.by_number(session, given.get("number") or "") is not None:
            done.known += 1
            continue
        try:
            with session.begin_nested():
                penalty = penalties.register(session, person, given, imported=name)
                penalties.change(session, person, penalty, {k: v for k, v in given.items() if k not in penalties.DECIDING})
        except FormError as error:
            done.refused.append((line, "；".join(error.errors.values())))
        except Conflict as error:
            done.refused.append((line, error.message))
        else:
            done.taken += 1
    if len(table.rows) > MOST:
        done.refused.append((table.rows[MOST][0], f"一次最多导入 {MOST} 行，其余请分次导入"))
    return done


def _read(stream: IO[bytes], name: str) -> readers.Table:
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix or ".csv") as file:
        file.write(stream.read())
        file.flush()
        table = readers.read(Path(file.name))
    have = {HEADINGS.get(heading) for heading in table.headers}
    lacking = [h for h, target in HEADINGS.items() if target in REQUIRED and target not in have]
    if lacking:
        raise FormError({"file": f"表里缺少这些列：{'、'.join(dict.fromkeys(lacking))}"})
    return table


def _given(row: Mapping[str, str]) -> dict[str, Any]:
    """One row by field; words of the table made codes."""
    given: dict[str, Any] = {}
    for heading, value in row.items():
        target = HEADINGS.get(heading.strip())
        if target and value.strip():
            given[target] = _day(value) if target in DAYS else value.strip()
    given["act_kind"] = _code(ACT_KINDS, given.get("act_kind")) or "other"
    if given.get("kinds"):
        parts = str(given["kinds"]).replace("，", "、").replace(",", "、").replace("；", "、").split("、")
        given["kinds"] = [code for part in parts if (code := _code(PENALTIES, part))]
    if given.get("recheck_result"):
        given["recheck_result"] = _code(RECHECKS, given["recheck_result"])
    return given


def _code(words: Mapping[str, str], said: Any) -> str | None:
    """The code of a word, or of a word that is part of its label."""
    text = str(said or "").strip()
    if not text:
        return None
    return next((code for code, label in words.items() if text in (code, label)), None) or next(
        (code for code, label in words.items() if text in label), None
    )


def _day(value: str) -> str:
    """2026-11-03, 2026/11/3, 2026.11.03 or 2026年11月3日."""
    text = value.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").split(" ")[0]
    year, month, day = (int(part) for part in text.split("-"))
    return f"{year:04d}-{month:02d}-{day:02d}"
