"""概况 of a matter: what it is about, its letters with what was answered, who asked, the proposal of liability where it may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Fact, Section
from app.petitions.letters import said
from app.supervision import queries, record
from app.supervision.models import Matter, MatterLetter, MatterRequest
from app.supervision.words import KINDS, REFER_TO, REQUESTERS, STEPS, TRIGGERS, VERDICTS, WAYS
from workflows.calendar import last_day


def sections(session: Session, matter: Matter, person: Person) -> Sequence[Section]:
    """All blocks that have something to say."""
    inside = queries.is_inside(session, person, matter)
    letters = [row for row in record.letters(session, matter.case_id) if row.sent_at is not None or inside]
    made = [Section(_about(session, matter), "督办事项"), *(Section(_letter(row), _heading(row)) for row in letters)]
    made.append(Section(_requests(record.requests(session, matter.case_id)), "提请督办"))
    if inside:
        made.append(Section(_referrals(session, matter), "追究责任的建议（不向责任单位透露）"))
    return [one for one in made if one.facts]


def _facts(*pairs: tuple[str, Any]) -> list[Fact]:
    return [Fact(name, said(value)) for name, value in pairs if value not in (None, "", [])]


def _about(session: Session, matter: Matter) -> list[Fact]:
    times = queries.bounces(session, matter.subject_case) if matter.subject_case else 0
    return _facts(
        ("责任单位", directory.name(session, matter.unit)),
        ("事由", TRIGGERS[matter.trigger]),
        ("理由", matter.grounds),
        ("层级", STEPS.get(matter.step or "", "")),
        ("升级次数", f"{matter.rounds} 次" if matter.rounds else ""),
        ("该信访事项退单", f"{times} 次" if times else ""),
        ("督办岗", directory.name(session, matter.desk_org)),
        ("立项", matter.opened_at),
        ("整改期限", matter.rectify_by),
        ("整改期限已延长", "一次" if matter.moved else ""),
        ("销号", matter.closed_at),
        ("销号方式", WAYS.get(matter.way or "", "")),
        ("核实情况", matter.evidence),
        ("核实人", matter.closed_by),
    )


def _heading(row: MatterLetter) -> str:
    return f"{KINDS[row.step]}{'' if row.sent_at else '（未签发）'}" if row.step else "拟稿"


def _letter(row: MatterLetter) -> list[Fact]:
    return _facts(
        ("文号", row.number),
        ("事由", row.facts),
        ("违反的规定或超过的期限", row.breach),
        ("要求", row.demand),
        ("改进工作的建议", row.advice),
        ("约谈时间", row.meet_at),
        ("约谈地点", row.meet_place),
        ("通报范围", row.scope),
        ("拟稿", row.drafted_by),
        ("签发", row.signed_by),
        ("发出", row.sent_at),
        ("书面回复期限", last_day(row.reply_by) if row.reply_by else row.wanted_by),
        ("签收", f"{said(row.signed_for_at)} {row.signed_for_by or ''}".strip() if row.signed_for_at else ""),
        ("回复", row.replied_at),
        ("采纳情况", {True: "采纳", False: "不采纳"}.get(row.adopt) if row.adopt is not None else ""),
        ("不采纳的理由", row.reason),
        ("办理情况", row.situation),
        ("整改措施", row.plan),
        ("承诺完成", row.promised_by),
        ("整改情况", f"{row.result}（{'全部完成' if row.done else '阶段进展'}，{said(row.result_at)}）" if row.result else ""),
        ("审核意见", f"{VERDICTS[row.verdict]}：{row.opinion}" if row.verdict else ""),
    )


def _requests(rows: Sequence[MatterRequest]) -> list[Fact]:
    return [
        Fact(
            REQUESTERS.get(row.requester_kind, row.requester_kind),
            f"{said(row.at)} {TRIGGERS[row.trigger]}{'，已答复' if row.answered_at else ''}",
            url_for("cases.show", case_id=row.from_case) if row.from_case else "",
        )
        for row in rows
    ]


def _referrals(session: Session, matter: Matter) -> list[Fact]:
    return [
        Fact(
            f"{said(row.at)} {REFER_TO[row.refer_to]}",
            f"{row.number or '未编号'}，{row.addressee}",
            url_for("supervision.referral", case_id=matter.case_id, referral_id=row.id),
        )
        for row in queries.referrals(session, matter.case_id)
    ]
