"""概况 of a warning, of a county's file, of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Fact, Section
from app.warnings import queries, words
from app.warnings.models import CountyLetter, EarlyWarning, Problem, WarningItem, WarningLetter, WarningResponse
from workflows.tables import Case
from workflows.time import now

SHOWN = 30  # petitions listed under one item


def of_warning(session: Session, w: EarlyWarning, person: Person) -> list[Section]:
    """The items with their figures, rules and petitions; the letters; the answers; what was listed."""
    items = queries.items(session, w.case_id, kept=False)
    seen = queries.visible_petitions(session, person, [case for item in items for case in item.cases])
    made = [_item(item, seen) for item in items]
    copies = queries.receipts(session, w.case_id)
    made += [_letter(letter, copies.get(letter.number)) for letter in queries.letters(session, w.case_id)]
    made += _answers(queries.responses(session, w.case_id))
    if w.problems:
        rows = [Fact(f"问题 {row['no']}", _problem(row)) for row in w.problems]
        unit = [Fact("核查单位", directory.name(session, w.unit))] if w.unit else []
        made.append(Section([*rows, *unit], "问题清单"))
    made.append(Section(_facts(("起草机构", directory.name(session, _office(session, w))), ("审签", w.approved_by)), "办理"))
    return [section for section in made if section.facts or section.text]


def _item(item: WarningItem, seen: dict[UUID, Case]) -> Section:
    """One item: what it is, the figures, which rules drafted it, and the petitions this person may open."""
    figures = (
        ("当月", item.count), ("上月", item.last_month), ("去年同月", item.last_year), ("户数", item.households), ("重复", item.repeats),
        ("超期未办结", item.overdue), ("长期未办结", item.unresolved),
    )  # fmt: skip
    said = "，".join(f"{label} {number}" for label, number in figures)
    found = [Fact("归类", words.ITEM_KINDS[item.kind]), Fact("情况", item.text), *([Fact("数据", said)] if item.kind != "hand" else [])]
    found += [Fact(f"规则：{words.RULES.get(row['rule'], row['rule'])}", row["text"]) for row in item.reasons]
    open_to = [case for case in item.cases if case in seen]
    found += [_petition(seen[case]) for case in open_to[:SHOWN]]
    if len(open_to) > SHOWN:
        found.append(Fact("信访事项", f"另有 {len(open_to) - SHOWN} 件"))
    if hidden := sum(1 for case in item.cases if case not in seen):
        found.append(Fact("其他信访事项", f"{hidden} 件，不在您的查看范围"))
    return Section(found, f"第 {item.no} 项　{item.title}" if item.no else f"未列入　{item.title}")


def _petition(case: Case) -> Fact:
    return Fact("信访事项", f"{case.number or '未编号'} {case.title}", url_for("cases.show", case_id=case.id))


def _letter(letter: WarningLetter, copy: CountyLetter | None) -> Section:
    signed = f"{_at(copy.receipt_at)} {copy.receipt_by or ''}".strip() if copy is not None and copy.receipt_at else "尚未签收"
    lines = (("签发", f"{letter.signer}　{_at(letter.sent_at)}"), ("要求", letter.text), ("报市政府", letter.report), ("区县签收", signed))
    return Section(_facts(*lines), f"{words.LETTERS[letter.kind]}　{letter.number}")


def _answers(found: Sequence[WarningResponse]) -> list[Section]:
    """Each answer a block, the newest first."""
    blocks: dict[datetime, list[Fact]] = {}
    for row in found:
        owner, by = f"　责任单位：{row.owner}" if row.owner else "", f"　{row.by} 完成" if row.by else ""
        blocks.setdefault(row.received_at, []).append(Fact(f"第 {row.item} 项", f"{row.measure}{owner}{by}"))
    return [Section(facts, f"区县回复　{_at(at)}") for at, facts in blocks.items()]


def _problem(row: dict[str, Any]) -> str:
    owner = f"　责任单位：{row['owner']}" if row.get("owner") else ""
    return f"{row['problem']}　完成标准：{row['standard']}　{row['deadline']} 前{owner}　{'公开' if row['public'] else '不公开'}"


def of_county(session: Session, case_id: UUID) -> list[Section]:
    """What was sent to the county and what it answered, the newest letter first. Nothing of the bureau's file."""
    made = []
    for letter in queries.county_letters(session, case_id):
        answers = {row["item"]: row for row in letter.response}
        found = [Fact(f"第 {row['item']} 项", f"{row['title']}　{row['text']}") for row in letter.items]
        found += _facts(("要求", letter.text), ("签收", f"{_at(letter.receipt_at)} {letter.receipt_by or ''}".strip()))
        found += [Fact(f"回复第 {item} 项", _measure(row)) for item, row in answers.items()]
        found += _facts(("回复", f"{_at(letter.response_at)} {letter.response_by or ''}".strip()), ("总的情况", letter.note))
        made.append(Section(found, f"{words.LETTERS[letter.kind]}　{letter.number}"))
    return made


def _measure(row: dict[str, Any]) -> str:
    return "　".join(part for part in (row["measure"], row.get("owner") or "", f"{row['by']} 完成" if row.get("by") else "") if part)


def of_problem(session: Session, p: Problem) -> list[Section]:
    """What is to be done, and each time somebody looked."""
    dates = (
        ("完成时限", p.deadline),
        ("列入清单", _at(p.opened_at)),
        ("销号", _at(p.verified_at)),
        ("公开", "是" if p.published_at else ""),
    )
    who = (("责任单位", p.owner), ("核查单位", directory.name(session, p.unit)))
    about = _facts(("问题", p.title), ("完成标准", p.standard), *who, *dates)
    made = [Section(about, "问题")]
    for check in queries.checks(session, p.case_id):
        people = "、".join(row["name"] for row in check.people)
        shown = "、".join(row["name"] for row in check.evidence)
        lines = (
            ("结果", words.PROGRESS[check.result]),
            ("情况", check.note),
            ("核查人员", people),
            ("证据", shown),
            ("记录", f"{check.by}　{_at(check.at)}"),
        )
        made.append(Section(_facts(*lines), f"{'调度' if check.kind == 'check' else '现场核查'}　{check.day}"))
    return made


def _office(session: Session, w: EarlyWarning) -> str:
    return queries.office_of(session, w.case_id) or ""


def _facts(*pairs: tuple[str, Any]) -> list[Fact]:
    return [Fact(label, value.isoformat() if isinstance(value, date) else str(value)) for label, value in pairs if value not in (None, "")]


def _at(at: datetime | None) -> str:
    return clockwords.moment(at, now())
