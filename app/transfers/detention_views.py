"""The case page of a detention file: the bureau's and the police's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Action, Fact, Header, Related, Section
from app.transfers import detention_grounds, detention_papers, detention_ready
from app.transfers.detention_words import DECISIONS, NOTICES, OUTCOMES, POLICE_STATES, RESULTS, ROLES, STATES
from app.transfers.models import Detention, DetentionNotice, DetentionPolice, PenaltyCase
from app.transfers.views import FileView, register_view
from app.transfers.words import DETENTION_STATES
from workflows.tables import Case
from workflows.time import local, now


def register() -> None:
    """Let these views show the files of both sides."""
    register_view("detention", BureauDetention())
    register_view("police_detention", PoliceDetention())


def _facts(*pairs: tuple[str, Any]) -> list[Fact]:
    return [Fact(label, str(value)) for label, value in pairs if value not in (None, "", [])]


def _when(at: datetime | None) -> str:
    return clockwords.moment(at, now()) if at is not None else ""


class BureauDetention(FileView):
    """The bureau's file."""

    def header(self, case: Case, person: Person) -> Header:
        d = db.session.get(Detention, case.id)
        if d is None:
            return super().header(case, person)
        kind = "end" if case.status == "closed" else "late" if case.overdue_at is not None else ""
        state = OUTCOMES.get(d.outcome or "", "已办结") if d.closed_at else DETENTION_STATES.get(d.state, d.state)
        return Header(d.title, case.number or d.number, state, kind, tuple(case.tags), self._strip(case, d))

    def _strip(self, case: Case, d: Detention) -> list[Fact]:
        handler = case.attrs.get("handler")
        lead = db.session.get(Person, UUID(str(handler))) if handler else None
        found = _facts(
            ("移送编号", d.number),
            ("承办单位", directory.name(db.session, d.unit)),
            ("主办人", lead.name if lead is not None else ""),
            ("公安机关", directory.name(db.session, d.police) if d.police else ""),
        )
        if d.facts:
            items = "、".join(detention_grounds.items([*d.grounds, *d.other_law])) or "没有事由"
            found.append(Fact("拘留事由", items, url_for("transfers.detention_grounds", case_id=d.case_id)))
        return found

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        session, d = db.session, db.session.get(Detention, case.id)
        if d is None:
            return ()
        made = [_grounds(d), _ready(d), _approval(d), _persons(session, d), _notices(session, d.case_id), _end(d)]
        return [one for one in made if one.facts]

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        d = db.session.get(Detention, case.id)
        if d is None or not policy.can(person, "transfers.view"):
            return ()
        found = [Action("事由和法律适用", url_for("transfers.detention_grounds", case_id=case.id), "bi-clipboard-check")]
        if case.status == "open" and policy.can(person, "transfers.material", case):
            found.append(Action("移送材料", url_for("transfers.detention_material", case_id=case.id), "bi-box-seam"))
            if d.state == "wait" and detention_grounds.needs_order(detention_grounds.items([*d.grounds, *d.other_law])):
                found.append(Action("补录责令和拒不执行", url_for("transfers.detention_order", case_id=case.id), "bi-pencil-square"))
        return found

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        session, d = db.session, db.session.get(Detention, case.id)
        if d is None:
            return ()
        found = []
        others = [(one.case_id, "涉嫌犯罪的移送问题") for one in detention_ready.transfers_of(session, d)]
        others += [(d.subject_case, "提出问题的事项")] if d.subject_case else []
        for other_id, note in others:
            other = session.get(Case, other_id)
            if other is not None and policy.can(person, "case.see", other):
                state = "已办结" if other.status == "closed" else "在办"
                label = f"{other.number or ''} {other.title}".strip()
                found.append(Related(label, url_for("cases.show", case_id=other.id), state, note))
        penalty = session.get(PenaltyCase, d.penalty_id) if d.penalty_id else None
        if penalty is not None and policy.can(person, "penalties.view"):
            url = url_for("transfers.penalty", penalty_id=penalty.id)
            found.append(Related(f"{penalty.number} {penalty.party}", url, "已决定" if penalty.decided_on else "未决定", "行政处罚案件"))
        return found


def _grounds(d: Detention) -> Section:
    found = [Fact(label, value) for label, value in detention_grounds.lines(d.facts)] if d.facts else []
    found += [Fact("拘留事由", detention_papers.ground_line(row)) for row in d.grounds]
    found += [Fact("法典的规定", detention_papers.ground_line(row)) for row in d.other_law]
    found += _facts(("从旧兼从轻（法典第一千零五十七条）", f"适用{d.lighter}的规定" if d.lighter else ""), ("事由表版本", d.table_version))
    return Section(found, "违法事实和拘留事由")


def _ready(d: Detention) -> Section:
    return Section(_facts(("结论", STATES.get(d.check_state or "", "")), ("还缺", "；".join(d.check_why))), "前置核对（853号第二条）")


def _approval(d: Detention) -> Section:
    return Section(
        _facts(
            ("违法事实和移送理由", d.form_reason),
            ("填写人", d.form_by),
            ("决定", DECISIONS.get(d.decision or "", "")),
            ("决定人", d.decided_by),
            ("决定时间", _when(d.decided_at)),
            ("理由", d.decision_reason),
            ("移送时间", _when(d.sent_at)),
            ("复印备查", "已复印" if d.copies else ""),
        ),
        "审批和移送",
    )


def _persons(session: Session, d: Detention) -> Section:
    found = []
    for p in detention_papers.persons(session, d.case_id):
        result = "" if p.detained is None else f"　{RESULTS['detained']} {p.days} 日" if p.detained else f"　{RESULTS['not']}"
        number = f"（{p.decision_no}）" if p.decision_no else ""
        found.append(Fact(p.name, f"{ROLES.get(p.role, p.role)}：{p.act}{result}{number}"))
    return Section(found, "人员和结果")


def _notices(session: Session, case_id: UUID) -> Section:
    query = select(DetentionNotice).where(DetentionNotice.case_id == case_id).order_by(DetentionNotice.at, DetentionNotice.id)
    found = []
    for one in session.scalars(query):
        wanted = "、".join(str(row.get("name", "")) for row in one.wanted)
        said = "　".join(filter(None, [one.by, wanted, one.reasons or ""]))
        found.append(Fact(f"{_when(one.at)}　{NOTICES.get(one.kind, one.kind)}", said))
    return Section(found, "公安告知和补充")


def _end(d: Detention) -> Section:
    return Section(_facts(("结果", OUTCOMES.get(d.outcome or "", "")), ("时间", _when(d.outcome_at)), ("结案意见", d.close_reason)), "办结")


class PoliceDetention(FileView):
    """The police's file: what was transferred, the period, the decision."""

    def header(self, case: Case, person: Person) -> Header:
        p = db.session.get(DetentionPolice, case.id)
        if p is None:
            return super().header(case, person)
        kind = "end" if case.status == "closed" else "late" if case.overdue_at is not None else ""
        strip = _facts(
            ("移送编号", p.number),
            ("移送机关", directory.name(db.session, p.bureau)),
            ("受案登记号", p.accepted_no),
            ("延长期限", f"{p.extensions} 次" if p.extensions else ""),
        )
        return Header(p.title, case.number or p.number, POLICE_STATES.get(p.state, p.state), kind, tuple(case.tags), strip)

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        p = db.session.get(DetentionPolice, case.id)
        if p is None:
            return ()
        asked = Section(
            [Fact(str(row.get("name", "")), _person(row)) for row in p.persons], "移送的人员" if p.decision != "decided" else "逐人决定"
        )
        about = Section(
            _facts(
                ("涉案单位（人员）", p.party),
                ("收到时间", _when(p.arrived_at)),
                ("受案时间", _when(p.accepted_at)),
                ("决定时间", _when(p.decided_at)),
                ("决定人", p.decided_by),
                ("理由", p.reasons),
            ),
            "移送和受案",
        )
        made = [about, asked, _extensions(p), _notices(db.session, p.case_id)]
        return [one for one in made if one.facts]


def _person(row: dict[str, Any]) -> str:
    days = f"{row['days']} 日" if row.get("days") else ""
    result = RESULTS.get(str(row.get("result") or ""), "")
    return "　".join(
        filter(None, [str(row.get("role") or ""), str(row.get("act") or ""), f"{result} {days}".strip(), row.get("decision_no")])
    )


def _extensions(p: DetentionPolice) -> Section:
    found = []
    for one in p.extension_log:
        asked = local(datetime.fromisoformat(one["asked"]))
        words = {True: "同意", False: "不同意"}.get(one.get("granted"), "待批准")
        said = "　".join(filter(None, [words, one.get("approval_no"), one.get("decider"), one.get("opinion"), f"理由：{one['reason']}"]))
        found.append(Fact(f"{asked:%Y-%m-%d} 报请", said))
    return Section(found, "延长办理期限")
