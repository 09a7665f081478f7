"""What the papers of an early warning say, and the rows a form begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.warnings import words
from app.warnings.models import CountyLetter, WarningItem, WarningLetter

Lines = list[tuple[str, str]]
Rows = Sequence[dict[str, Any]]


def letter(session: Session, sent: WarningLetter | CountyLetter, county_org: str, month: str) -> Lines:
    """预警函: to whom, about which month, the items, what is asked."""
    items = [(f"第 {row['item']} 项", f"{row['title']}\n{row['text']}") for row in sent.items]
    return [("主送", directory.name(session, county_org)), ("月份", words.month(month)), *items, ("要求", sent.text)]


def answer(given: Rows, items: Rows, note: str | None) -> Lines:
    """区县书面回复: for each item what will be done, by whom and when."""
    titles = {row["item"]: row["title"] for row in items}
    found = [(f"第 {row['item']} 项", "\n".join(_said(row, titles.get(row["item"], "")))) for row in given]
    return [*found, *([("总的情况", note)] if note else [])]


def _said(row: dict[str, Any], title: str) -> list[str]:
    owner = f"责任单位：{row['owner']}" if row.get("owner") else ""
    return [part for part in (title, f"措施：{row['measure']}", owner, f"完成日期：{row['by']}" if row.get("by") else "") if part]


def problems(rows: Rows) -> Lines:
    """问题清单: problem, what counts as done, by when, by whom."""
    made = []
    for row in rows:
        owner = f"\n责任单位：{row['owner']}" if row.get("owner") else ""
        made.append((f"问题 {row['no']}", f"{row['problem']}\n完成标准：{row['standard']}\n完成时限：{row['deadline']}{owner}"))
    return made


def suggested(items: Sequence[WarningItem], given: Rows) -> list[dict[str, Any]]:
    """One row of the 问题清单 for each answered item; the office changes what it likes."""
    titles = {str(item.no): item.title for item in items}
    rows = []
    for row in given:
        made = {"problem": titles.get(row["item"], f"第 {row['item']} 项"), "standard": row["measure"][:500], "deadline": row.get("by")}
        rows.append({**made, **({"owner": row["owner"]} if row.get("owner") else {})})
    return rows


def asked(items: Rows) -> list[dict[str, str]]:
    """The rows a county's answer begins with: one for each item of the letter."""
    return [{"item": row["item"], "problem": row["title"]} for row in items]
