"""概况 of a petition: what was registered, decided and answered, in the order of the procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.directory import directory
from app.cases.providers import Fact, Section
from app.inbox.labels import facet_labels, label
from app.petitions import letters, masking
from app.petitions.masking import Level
from app.petitions.models import Petition
from app.petitions.records import Appeal, Extension, Rating, Reception, Transfer
from workflows.tables import Case
from workflows.time import now

SOURCES = {"petitioner": "信访人", "superior": "上级交办", "transferred": "其他部门转送", "leader": "领导批示", "media": "媒体"}
WAYS = {"spot": "当场", "post": "邮寄", "online": "网上", "none": "无法送达"}
HOSTS = {"handler": "承办人", "leader": "领导接访", "joint": "联合接访"}
RECEIVED = {"held": "已接待", "absent": "信访人未到", "waived": "信访人表示不需要"}
DECIDED = {"agree": "同意交还", "refuse": "异议不成立", "lapsed": "期满未提", "arbitrated": "领导裁定"}
APPEALS = {"uphold": "维持", "change": "变更", "remand": "撤销并责令重新办理", "refused": "不予收下"}
EXTENDED = {"approved": "批准", "refused": "不批准", "too_late": "期限届满未批", "cancelled": "终止"}


def sections(session: Session, case: Case, p: Petition, level: Level) -> Sequence[Section]:
    """All blocks that have something to say."""
    made = [
        Section(_registration(session, p, level), "登记", masking.statement(p, level)),
        Section(_intake(p, level), "受理"),
        Section(_rows(session, p), "分办与接待"),
        Section(_handling(p, level), "办理与答复"),
        Section(_after(session, p), "复查复核、评价、延期"),
        Section(_archive(p), "结案归档"),
    ]
    return [_covered(one, p, level) for one in made if one.facts]


def _covered(section: Section, p: Petition, level: Level) -> Section:
    """What people wrote may repeat the name: taken out for everybody who does not see it."""
    if level == "full":
        return section
    return replace(section, facts=[replace(fact, value=masking.hide(p, fact.value)) for fact in section.facts])


def _facts(*pairs: tuple[str, Any]) -> list[Fact]:
    return [Fact(name, letters.said(value)) for name, value in pairs if value not in (None, "", [])]


def _registration(session: Session, p: Petition, level: Level) -> list[Fact]:
    words = facet_labels(session)
    kinds = "、".join(label(words, "kind", one) for one in [p.kind, *p.other_kinds])
    return _facts(
        ("信访人", masking.identity(p, level)),
        ("来访代表", masking.representatives(p, level)),
        ("来源", label(words, "channel", p.channel)),
        ("外部编号", p.outside_no),
        ("收到时间", p.received_at),
        ("录入时间", p.entered_at),
        ("信访人写信时间", p.submitted_at),
        ("登记人", p.registrar),
        ("人数", f"{p.visitors} 人" if p.visitors else ""),
        ("被反映单位", "" if p.sealed else p.enterprise),
        ("地点", "" if p.sealed else p.place),
        ("属地", label(words, "county", p.county)),
        ("问题类型", kinds),
        ("重复", f"同一人同一事项第 {p.repeats} 件" if p.repeats > 1 else ""),
        ("反映户数", f"同一来源近期 {p.households} 户" if p.households > 1 else ""),
        ("列为重点的理由", p.flagged_reason if level != "sealed" else ""),
    )


def _intake(p: Petition, level: Level) -> list[Fact]:
    shown = level != "sealed"
    return _facts(
        ("审查结果", letters.OUTCOMES.get(p.intake_outcome or "")),
        ("办理途径", letters.TRACKS.get(p.track or "")),
        ("理由", p.grounds if shown else ""),
        ("受理日期", p.accepted_at),
        ("听取陈述", masking.hide(p, p.heard_record) if p.heard_record and shown else ""),
        ("告知另提", p.tell_where),
        ("导入程序", f"{p.route_procedure}（{p.route_organ}）" if p.route_procedure else ""),
        ("审批人", p.refused_by),
        ("密封转送", p.sealed_to if shown else ""),
        ("告知日期", p.notified_on),
        ("告知方式", WAYS.get(p.notified_way or "")),
    )


def _rows(session: Session, p: Petition) -> list[Fact]:
    found = []
    for t in session.scalars(select(Transfer).where(Transfer.case_id == p.case_id).order_by(Transfer.sent_at, Transfer.id)):
        said = [directory.name(session, t.unit), clockwords.moment(t.sent_at, now())]
        said += [f"异议：{t.objection}"] if t.objection else []
        said += [DECIDED[t.decision]] if t.decision in DECIDED else []
        found.append(Fact("转送", "，".join(said)))
    for r in session.scalars(select(Reception).where(Reception.case_id == p.case_id).order_by(Reception.id)):
        when = clockwords.moment(r.held_at or r.arranged_at, now())
        said = [HOSTS.get(r.host, r.host), when, r.place, RECEIVED.get(r.result or "", "待接待")]
        found.append(Fact("接待", "，".join(said)))
        if r.promises:
            found.append(Fact("答应的事", r.promises))
    return found


def _handling(p: Petition, level: Level) -> list[Fact]:
    if level == "sealed":
        return []
    return _facts(
        ("办理思路", p.plan),
        ("现场发现", p.site_found),
        ("查明的事实", p.findings),
        ("违法行为", {True: "发现", False: "未发现"}.get(p.violation) if p.violation is not None else ""),
        ("处罚案号", p.penalty_case),
        ("投诉请求", masking.hide(p, p.requests) if p.requests and level != "full" else p.requests),
        ("处理意见", p.opinion),
        ("依据", p.basis),
        ("结果", letters.RESULTS.get(p.result or "")),
        ("文号", p.answer_no),
        ("签发", f"{p.signed_by}　{letters.said(p.signed_at)}" if p.signed_by else ""),
        ("发出", p.sent_on),
        ("信访人收到", p.delivered_on),
        ("送达方式", WAYS.get(p.delivered_way or "")),
        ("执行完成日期", p.execute_by),
        ("第几轮", f"第 {p.round_no} 轮" if p.round_no > 1 else ""),
    )


def _after(session: Session, p: Petition) -> list[Fact]:
    found = []
    for a in session.scalars(select(Appeal).where(Appeal.case_id == p.case_id).order_by(Appeal.id)):
        name = "复查" if a.stage == "review" else "复核"
        said = [a.organ or "系统外机关", f"{letters.said(a.requested_on)}提出", APPEALS.get(a.outcome or "", "审理中"), a.opinion_no or ""]
        found.append(Fact(name, "，".join(s for s in said if s)))
    for e in session.scalars(select(Extension).where(Extension.case_id == p.case_id).order_by(Extension.id)):
        found.append(Fact("延期", f"{e.days} 日，{EXTENDED.get(e.outcome or '', '待批准')}：{e.reason}"))
    for r in session.scalars(select(Rating).where(Rating.case_id == p.case_id).order_by(Rating.id)):
        if r.rated_at:
            found.append(Fact("评价", f"对受理机关 {r.receiving}，对办理机关 {r.handling}"))
        elif r.lapsed_at:
            found.append(Fact("评价", "期满未评价"))
    return found


def _archive(p: Petition) -> list[Fact]:
    return _facts(
        ("结案方式", letters.CLOSED.get(p.closed_as or "")),
        ("保留线索", "是" if p.keep_clue else ""),
        ("案卷题名", p.volume_title),
        ("保管期限", {"permanent": "永久"}.get(p.retention or "", f"{p.retention}年" if p.retention else "")),
        ("页数", p.pages),
        ("归档时间", p.archived_at),
    )
