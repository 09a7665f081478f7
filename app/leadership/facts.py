"""概况 of an ownership: why it is owned, by whom, the plan, visits and promises, months, the five duties. Read as this viewer may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.models import Person
from app.cases.providers import Fact, Section
from app.leadership import candidates, services
from app.leadership.models import LeaderCase, LeaderMonth, LeaderOwnerChange, LeaderPromise, LeaderVisit
from app.leadership.options import DUTIES, MONTH_STATES, ORIGINS, SATISFACTION, VISIT_KINDS, WAYS, WHY_ADDED
from app.petitions.briefs import Brief
from workflows.time import local, now

Reader = Callable[[str], str]
COVERED = "（已遮盖）"


def sections(
    session: Session, lc: LeaderCase, members: Sequence[tuple[Brief, str]], read: Reader | None, missing: Sequence[str]
) -> list[Section]:
    """``members``: petition and why it is here. ``read``: None where the content is sealed from the viewer; ``missing``: what is owed."""
    found = [Section(_entry(lc, read), "提出"), Section(_petitions(members), "包案的信访事项"), Section(_owner(session, lc, read), "责任")]
    if lc.assigned_on is not None:
        found.append(Section(_duties(missing), "五包核对"))
    if read is not None:
        found += [_meeting(lc, read), _plan(lc, read), _visits(session, lc, read, members), _months(session, lc, read)]
    found += [_changes(session, lc), _exit(lc, read)]
    return [section for section in found if section.facts or section.text]


def _facts(*pairs: tuple[str, Any]) -> list[Fact]:
    return [Fact(label, said(value)) for label, value in pairs if value not in (None, "", [])]


def said(value: Any) -> str:
    """A value as the page writes it."""
    if isinstance(value, datetime):
        return clockwords.moment(value, now())
    return value.isoformat() if isinstance(value, date) else str(value)


def _entry(lc: LeaderCase, read: Reader | None) -> list[Fact]:
    facts = lc.facts or {}
    counted = [f"重复 {facts['repeats']} 件"] if (facts.get("repeats") or 0) > 1 else []
    counted += [f"同一来源 {facts['households']} 户"] if (facts.get("households") or 0) > 1 else []
    return _facts(
        ("入库理由", candidates.labels(lc.reasons)),
        ("提出时的数据", "，".join(counted)),
        ("怎样发现", ORIGINS.get(lc.origin, lc.origin)),
        ("人工提出的理由", read(lc.hand_reason) if lc.hand_reason and read else ""),
        ("要解决的问题", read(lc.proposal) if lc.proposal and read else ""),
        ("提出", f"{lc.proposed_by}　{said(lc.proposed_at)}" if lc.proposed_by else ""),
    )


def _petitions(members: Sequence[tuple[Brief, str]]) -> list[Fact]:
    """Each petition with its state; a link to it."""
    return [
        Fact(
            brief.number,
            f"{brief.title}　{brief.who}　{'已答复' if brief.answered else '未答复'}（{WHY_ADDED.get(why, why)}）",
            url_for("cases.show", case_id=brief.case_id),
        )
        for brief, why in members
    ]


def _owner(session: Session, lc: LeaderCase, read: Reader | None) -> list[Fact]:
    names = services.names_of(session, lc)
    return _facts(
        ("包案领导" if lc.assigned_on else "拟定的包案领导", names.owner),
        ("责任单位", names.unit),
        ("责任人", names.handler),
        ("包案日期", lc.assigned_on),
        ("确定", lc.assigned_by if lc.assigned_on else ""),
        ("最近一次退回", read(lc.returned_reason) if lc.returned_reason and read else ""),
    )


def _duties(missing: Sequence[str]) -> list[Fact]:
    return [Fact(label, "还没有" if label in missing else "已落实") for label in DUTIES.values()]


def _meeting(lc: LeaderCase, read: Reader) -> Section:
    who = "、".join(f"{row['name']}（{row['post']}）" if row.get("post") else str(row["name"]) for row in lc.present or [])
    facts = _facts(
        ("时间", lc.met_at), ("地点", lc.met_place), ("参加人员", who), ("问题成因", read(lc.cause or "")),
        ("责任分析", read(lc.responsibility or "")), ("登记", lc.met_recorded_by),
    )  # fmt: skip
    return Section(facts if lc.met_at else (), "案情分析会")


def _plan(lc: LeaderCase, read: Reader) -> Section:
    facts = [Fact(f"{row['by']} 前", read(f"{row['what']}（{row['who']}）")) for row in lc.measures or []]
    facts += _facts(
        ("化解时限", lc.plan_deadline), ("签批", f"{lc.plan_signed_by}　{said(lc.plan_signed_at)}" if lc.plan_signed_by else "")
    )
    return Section(facts if lc.measures else (), "化解方案")


def _visits(session: Session, lc: LeaderCase, read: Reader, members: Sequence[tuple[Brief, str]]) -> Section:
    """Who came and what was said is read in full by those who may know every petitioner of the file."""
    full = all(brief.level == "full" for brief, _ in members)
    given: dict[Any, list[LeaderPromise]] = {}
    for promise in session.scalars(select(LeaderPromise).where(LeaderPromise.case_id == lc.case_id).order_by(LeaderPromise.due_on)):
        given.setdefault(promise.visit_id, []).append(promise)
    facts = []
    for visit in session.scalars(
        select(LeaderVisit).where(LeaderVisit.case_id == lc.case_id).order_by(LeaderVisit.held_at, LeaderVisit.id)
    ):
        who = visit.persons if full else COVERED
        there = "包案领导本人到场" if visit.by_owner else "包案领导没有到场"
        lines = [
            f"{visit.place}，见了{who}，{there}",
            (visit.record if full else read(visit.record or "")) or "",
            f"登记：{visit.recorded_by}",
        ]
        facts.append(Fact(f"{VISIT_KINDS[visit.kind]} {local(visit.held_at):%Y-%m-%d %H:%M}", "；".join(line for line in lines if line)))
        facts += [_promise(promise, read) for promise in given.get(visit.id, [])]
    return Section(facts, "接访、下访")


def _promise(promise: LeaderPromise, read: Reader) -> Fact:
    state = f"{promise.kept_on} 办到" if promise.kept_on else "超期未办到" if promise.late else "待办到"
    return Fact(f"答应 {promise.due_on} 前", read(f"{promise.what}（{state}{'，' + promise.evidence if promise.evidence else ''}）"))


def _months(session: Session, lc: LeaderCase, read: Reader) -> Section:
    facts = []
    for row in session.scalars(select(LeaderMonth).where(LeaderMonth.case_id == lc.case_id).order_by(LeaderMonth.month.desc())):
        if row.reported_at:
            late = "（迟报）" if row.missed else ""
            text = f"{MONTH_STATES.get(row.state or '', '')}{late}：{row.text}"
        else:
            text = "没有报告" if row.missed else "已结案，不再报告" if lc.ended_at else "待报告"
        facts.append(Fact(row.month, read(text)))
    return Section(facts, "月度进展")


def _changes(session: Session, lc: LeaderCase) -> Section:
    rows = list(session.scalars(select(LeaderOwnerChange).where(LeaderOwnerChange.case_id == lc.case_id).order_by(LeaderOwnerChange.at)))
    ids = {one for row in rows for one in (row.from_id, row.to_id)}
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))} if ids else {}
    facts = [Fact(said(row.at), f"{names.get(row.from_id)} → {names.get(row.to_id)}：{row.reason}（{row.by}）") for row in rows]
    return Section(facts, "更换包案领导")


def _exit(lc: LeaderCase, read: Reader | None) -> Section:
    facts = _facts(
        ("结案方式", WAYS.get(lc.exit_way or "")),
        ("终结文书", lc.exit_document),
        ("化解经过和结果", read(lc.exit_text) if lc.exit_text and lc.exit_way and read else ""),
        ("证明材料", "、".join(str(row["what"]) for row in lc.exit_evidence or []) if lc.exit_way and read else ""),
        ("满意度", SATISFACTION.get(lc.satisfaction or "")),
        ("领导签批", f"{lc.exit_signed_by}　{said(lc.exit_signed_at)}" if lc.exit_signed_by else ""),
        ("向信访人核实", lc.asked_on),
        ("复核确认", lc.confirmed_by),
        ("结案日期", lc.closed_on),
    )
    return Section(facts, "结案")
