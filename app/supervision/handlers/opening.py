"""Opening and climbing: the matter and its addresses, the next rung of the ladder, a request that joins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.papers import queries as papers
from app.petitions.handlers.common import Data, rule_of
from app.supervision import addressing, hints, ladder, letters
from app.supervision.models import Matter, MatterRequest
from app.supervision.notices import to_desk
from app.supervision.record import letters as letters_of
from app.supervision.record import matter_of, subject_of
from app.supervision.words import STEPS, TRIGGERS, trigger_code
from workflows.handlers import Ctx, Handlers
from workflows.library import uuid_or_none
from workflows.tables import Case, Clock, Event, Link, Message

handlers = Handlers()

REMINDER = "催办通知书"
COPIED = ("handler", "leader")  # attributes of the subject that are the matter's too, while the same unit is at work


@handlers.register("supervision.open")
def open_matter(ctx: Ctx, data: Data) -> Data:
    """A request becomes a matter: number, supervised unit, desk, bureau; the draft's clock unless a reminder comes first."""
    subject_id = subject_of(data)
    subject = ctx.session.get(Case, subject_id) if subject_id else None
    trigger, late = trigger_code(data.get("trigger")), addressing.lateness(ctx.session, data, subject)
    unit, rule = addressing.supervised_unit(data, subject, late), late.rule if late is not None else data.get("rule")
    matter = _record(ctx, data, subject, trigger, unit)
    _address(ctx, matter, subject)
    request(ctx, {**data, "rule": rule})
    paper = adopted(ctx, matter)
    matter.adopted_paper = paper
    ctx.session.flush()
    asked = str(data.get("asked") or "")
    first = _first(ctx, trigger, asked)
    _on_step(ctx, matter, first)
    if first != "remind":
        ctx.clock.start("draft", rule_of(ctx, "draft", data), ctx.now)
    label = f"督办立项：{TRIGGERS[trigger]}"
    ctx.event(label, {"责任单位": directory.name(ctx.session, unit), **({"理由": matter.grounds} if matter.grounds else {})})
    known = {"trigger": trigger, "unit": unit, "asked": asked, "rule": rule or ""}
    return {**known, **_hints(ctx, matter, rule)}


def _first(ctx: Ctx, trigger: str, asked: str) -> str:
    assert ctx.step.procedure is not None
    return ladder.step_for(ctx.step.procedure, trigger=trigger, asked=asked)


def _on_step(ctx: Ctx, matter: Matter, step: str) -> None:
    """The rung the matter stands on, from the drafting of its letter on: on its record and as a mark in the lists."""
    matter.step = step
    ctx.update_case(tags=[*(tag for tag in ctx.case.tags if tag not in STEPS.values()), STEPS[step]])


def _record(ctx: Ctx, data: Data, subject: Case | None, trigger: str, unit: str) -> Matter:
    facets = subject.facets if subject is not None else {}
    organ = ctx.session.get_one(Organ, unit)
    matter = Matter(
        case_id=ctx.case.id, number=letters.matter_number(ctx), subject_case=subject.id if subject is not None else None, unit=unit,
        desk_org=addressing.desk_of(ctx.session, unit), county=facets.get("county") or organ.county,
        kind=facets.get("kind"), trigger=trigger, grounds=data.get("grounds") or None, opened_at=ctx.now, opened_by=ctx.actor.shown,
    )  # fmt: skip
    ctx.session.add(matter)
    ctx.session.flush()
    return matter


def _address(ctx: Ctx, matter: Matter, subject: Case | None) -> None:
    """Whom later steps are addressed to, and what lists show. The title of the subject carries no names."""
    attrs: dict[str, str | None] = {
        "unit": matter.unit,
        "desk_org": matter.desk_org,
        "bureau": addressing.bureau_of(ctx.session, matter.desk_org),
        "intake_org": matter.desk_org,
    }
    if subject is not None and subject.attrs.get("unit") == matter.unit:
        attrs |= {name: str(subject.attrs[name]) for name in COPIED if subject.attrs.get(name)}
    about = subject.title if subject is not None else directory.name(ctx.session, matter.unit)
    ctx.update_case(
        number=matter.number, title=f"督办：{about}", attrs=attrs, tags=[TRIGGERS[matter.trigger]],
        facets={"county": matter.county, "kind": matter.kind, "unit": matter.unit},
    )  # fmt: skip


def request(ctx: Ctx, data: Data) -> MatterRequest:
    """One row for each request: who asked, for what, and which link of theirs waits for the answer."""
    link_id, kind = uuid_or_none(data.get("link_id")), str(data.get("requester_kind") or "petition")
    row = MatterRequest(case_id=ctx.case.id, requester_kind=kind, trigger=trigger_code(data.get("trigger")), at=ctx.now)
    row.requester_id, row.from_case = uuid_or_none(data.get("requester_id")), uuid_or_none(data.get("from_case"))
    row.rule = data.get("rule") or None
    row.link_id = link_id if link_id is not None and ctx.session.get(Link, link_id) is not None else None
    ctx.session.add(row)
    ctx.session.flush()
    return row


def adopted(ctx: Ctx, matter: Matter) -> UUID | None:
    """The 催办通知书 the subject's own file issued for this lateness: one letter for one lateness (amendments §3)."""
    if matter.subject_case is None:
        return None
    used = set(ctx.session.scalars(select(Matter.adopted_paper).where(Matter.subject_case == matter.subject_case)))
    passed = select(Clock.id).where(Clock.case_id == matter.subject_case, Clock.overdue_at.is_not(None))
    owed = {str(one) for one in ctx.session.scalars(passed)}
    found = [
        p.id for p in papers.of_case(ctx.session, matter.subject_case) if p.kind == REMINDER and p.ref in owed and p.id not in used
    ]  # fmt: skip
    return found[-1] if found else None


@handlers.register("supervision.escalate")
def escalate(ctx: Ctx, data: Data) -> Data:
    """One rung up: what was owed before is still owed, and shows until the next letter leaves."""
    matter, before = matter_of(ctx.session, ctx.case.id), str(data["step"])
    assert ctx.step.procedure is not None
    after = ladder.step_for(ctx.step.procedure, trigger=str(data.get("trigger") or ""), last_step=before)
    matter.rounds += 1
    _on_step(ctx, matter, after)
    forget_results(ctx)
    ctx.clock.start("draft", rule_of(ctx, "draft", data), ctx.now, round=matter.rounds + 1)
    words = {"从": STEPS[before], "到": STEPS[after], "原因": _why(ctx, data)}
    ctx.event(f"督办升级：{STEPS[after]}", words)
    to_desk(ctx, f"{matter.number}：{words['原因']}，升为{STEPS[after]}，请拟制督办文书。")
    fresh = {"last_step": before, "asked": "", "higher": False, "verdict": "", "closed": False, "signed": False}
    return {**fresh, **_hints(ctx, matter, data.get("rule"))}


def _why(ctx: Ctx, data: Data) -> str:
    """What led upward: the desk's verdict, the confirmation, a joined request, or a period."""
    if data.get("higher"):
        return "有更高一级的督办事由并入"
    if data.get("verdict") == "poor":
        return "回复审核不合格"
    if data.get("verdict") == "done":
        return "核实未通过"
    late = [slot for slot in ("rectify", "reply", "remind") if any(c.overdue_at is not None for c in ctx.clock.running(slot))]
    return {"rectify": "整改逾期", "reply": "逾期未书面回复", "remind": "催办后逾期未回应"}[late[0]] if late else "未落实"


def forget_results(ctx: Ctx) -> None:
    """A report of measures that nobody waited for belongs to the round that ends here: it never reaches a later one."""
    waiting = (Message.case_id == ctx.case.id, Message.name == "supervision.result", Message.status == "waiting")
    ctx.session.execute(update(Message).where(*waiting).values(status="late", delivered_at=ctx.now))


def _hints(ctx: Ctx, matter: Matter, rule: Any) -> Data:
    sent = letters_of(ctx.session, matter.case_id)
    return {"facts_hint": hints.facts(ctx, matter, sent), "breach_hint": hints.breach(ctx, matter.subject_case, rule or None)}


@handlers.register("supervision.draft_late")
def draft_late(ctx: Ctx, data: Data) -> Data:
    """The clock job marks and tells; here it is written into the trail, once a round."""
    matter = matter_of(ctx.session, ctx.case.id)
    note_once(ctx, f"拟制、签发督办文书超期（第 {matter.rounds + 1} 轮）")
    return {}


def note_once(ctx: Ctx, label: str) -> None:
    """A line of the trail that is there once, though a late clock fires at every step it is drawn on."""
    there = select(Event.id).where(Event.case_id == ctx.case.id, Event.kind == "note", Event.label == label)
    if ctx.session.scalar(there.limit(1)) is None:
        ctx.event(label)


def join(ctx: Ctx, data: Data) -> None:
    """A further request on a case that is under 督办 already: one entry; a graver one escalates at the next judging."""
    matter = matter_of(ctx.session, ctx.case.id)
    row = request(ctx, data)
    ctx.event(f"并入督办事由：{TRIGGERS[row.trigger]}")
    tag = TRIGGERS[row.trigger]
    ctx.tag(tag)
    to_desk(ctx, f"{matter.number}：又有督办事由“{tag}”并入本件。")
