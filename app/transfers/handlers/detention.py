"""移送行政拘留, the bureau's side (公治〔2014〕853号): facts and grounds, 前置核对, 审批单, originals, supplements, results, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from app.inbox.services import tell
from app.transfers import carry, circle, detention, detention_grounds, detention_options, detention_ready, numbering, screening, services
from app.transfers.detention_words import CODE_1108, CODE_1131, DECISIONS, NOTICES, OUTCOMES
from app.transfers.detention_words import ground as ground_words
from app.transfers.handlers import bureau, detention_sending
from app.transfers.handlers.common import Data, day, lapse, message, moment, running
from app.transfers.handlers.detention_common import at, check_results, keep_notice, persons, put_results, record
from app.transfers.models import Detention, DetentionPerson, TransferFile
from workflows.errors import Conflict, FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

__all__ = ["detention_options", "handlers"]  # the choices of the forms are registered with the handlers

handlers = Handlers()
handlers.update(detention_sending.handlers)

SLOTS = ("send", "limit")


@handlers.register("detention.open_detention")
def open_detention(ctx: Ctx, data: Data) -> Data:
    """建卷: number, who works on it."""
    d = record(ctx)
    d.number = numbering.new(ctx.session, numbering.DETENTION)
    circle.confine(ctx, d.organ)
    ctx.update_case(number=d.number, title=d.title, facets={"county": d.county, "unit": d.unit})
    services.register_file(ctx, d.number, d.organ, seen_by=[d.police])
    ctx.session.flush()
    return {"transfer_no": d.number}


# --- facts and grounds --------------------------------------------------------------------------------------------------


@handlers.register("detention.facts_entered")
def facts_entered(ctx: Ctx, data: Data) -> Data:
    """enter_facts_d: kept as entered, asked of the table as it counts. The diagram asks the same table with the same inputs."""
    answer, d = data["answer"], record(ctx)
    screening.require_confirmed(answer, detention_grounds.anything)
    penalty = detention_ready.penalty_of(ctx.session, d)
    decided = penalty.decided_on if penalty is not None else None
    values = detention_grounds.inputs(answer, decided or local(ctx.now).date())
    found = detention_grounds.ask(ctx.session, values)
    d.act_from, d.act_to = day(answer["act_from"]), day(answer["act_to"])
    d.facts = {name: value for name, value in answer.items() if name != "files"}
    d.grounds, d.other_law, d.lighter, d.table_version = list(found.grounds), list(found.other), found.lighter, found.version
    if not found.items:
        detention.answer(ctx, d, "no_ground", "事实不符合可以拘留的情形")
        finish(ctx, "no_ground")
    else:
        ctx.event("比对拘留事由", {"命中": "；".join(ground_words(item) for item in found.items)})
        at(ctx, "wait")
    return values


@handlers.register("detention.check_ready")
def check_ready(ctx: Ctx, data: Data) -> Data:
    """853号第二条: no crime, penalty decided, order served and refused. Asked again at each readiness_changed."""
    d = record(ctx)
    found = detention_ready.check(ctx.session, d)
    d.check_state, d.check_why = found.state, list(found.why)
    if found.state == "crime":
        detention.answer(ctx, d, "criminal", "；".join(found.why))
        finish(ctx, "criminal")
    else:
        at(ctx, "form" if found.state == "ready" else "wait")
        if found.why:
            ctx.event("前置核对：还缺", {"事项": "；".join(found.why)})
    return {"state": found.state}


# --- approval -----------------------------------------------------------------------------------------------------------


@handlers.register("detention.form_filled")
def form_filled(ctx: Ctx, data: Data) -> Data:
    """fill_form: who is proposed, in which role, for which act (853号第九、十条)."""
    answer, d = data["answer"], record(ctx)
    names = [str(row["name"]).strip() for row in answer["persons"]]
    if len(set(names)) != len(names):
        raise FormError({"persons": "同一人只填一行；同名的请在姓名后注明"})
    _roles_fit(d, answer["persons"])
    ctx.session.execute(delete(DetentionPerson).where(DetentionPerson.case_id == ctx.case.id))
    for no, row in enumerate(answer["persons"], start=1):
        ctx.session.add(
            DetentionPerson(
                case_id=ctx.case.id, no=no, name=names[no - 1], id_no=row.get("id_no"), role=str(row["role"]), act=str(row["act"]).strip()
            )
        )
    d.form_reason, d.form_by, d.form_at = str(answer["reason"]), ctx.actor.shown, ctx.now
    at(ctx, "decide")
    return {}


def _roles_fit(d: Detention, rows: Sequence[Mapping[str, Any]]) -> None:
    """Only 法典1179 reaches the legal representative and the principal as such."""
    found = detention_grounds.items([*d.grounds, *d.other_law])
    wide = any(item.startswith("法典1179") for item in found)
    if not wide and any(row["role"] in ("legal_rep", "chief") for row in rows):
        raise FormError(
            {"persons": "只有法典第一千一百七十九条的情形可以对法定代表人、主要负责人本人，其他情形请按主管人员或者责任人员填写"}
        )


@handlers.register("detention.decided")
def decided(ctx: Ctx, data: Data) -> Data:
    """The head or the deputy in charge approves (853号第十条). 法典1108 leaves no choice but "not this act"."""
    answer, d = data["answer"], record(ctx)
    decision, reason = answer["decision"], str(answer.get("reason") or "").strip()
    found = detention_grounds.items([*d.grounds, *d.other_law])
    if decision == "refuse" and CODE_1108 in found and not answer.get("not_act"):
        raise FormError({"not_act": "该行为应当将案件移送公安机关，只有查明不属于该行为的才可以不移送（法典第一千一百零八条）"})
    if decision == "approve" and found == [CODE_1131]:
        raise FormError({"decision": "禁用农药的案件由农业农村主管部门移送（法典第一千一百三十一条第二款），请不移送并写明移交情况"})
    if decision == "approve" and not d.police:
        raise Conflict("没有找到同级公安机关，请先在组织机构里登记。")
    d.decision, d.decision_reason = decision, reason or None
    d.decided_by, d.decided_at = ctx.actor.shown, ctx.now
    if decision == "return":
        at(ctx, "form")
    elif decision == "approve":
        ctx.clock.start("send", "detention.send", ctx.now)
        detention.answer(ctx, d, "approved", "批准移送公安机关")
        at(ctx, "send")
    else:
        said = f"查明不属于第一千一百零八条的行为：{reason}" if answer.get("not_act") else reason
        detention.answer(ctx, d, "refused", said)
        finish(ctx, "refused")
    return {}


# --- the police answer --------------------------------------------------------------------------------------------------


@handlers.register("detention.take_notice")
def take_notice(ctx: Ctx, data: Data) -> Data:
    """补充、决定抄送、退回: on record; decision and return end the watch over the police's period."""
    m, d = message(data), record(ctx)
    carry.received(ctx, m)
    kind, when = str(m.get("kind") or ""), moment(m.get("decided_at"), ctx.now)
    keep_notice(ctx, d.number, m, kind)
    if kind == "supplement":
        at(ctx, "supply")
        return {}
    if running(ctx, "limit") is not None:
        ctx.clock.meet("limit", when)
    if kind == "decided":
        put_results(ctx, m.get("persons") or [], when.date())
    at(ctx, "copies" if kind == "decided" else "returned")
    ctx.event(f"公安机关：{NOTICES.get(kind, kind)}", {"理由": m["reasons"]} if m.get("reasons") else None)
    return {}


# --- the end ------------------------------------------------------------------------------------------------------------


@handlers.register("detention.copies_filed")
def copies_filed(ctx: Ctx, data: Data) -> Data:
    """file_copies: checked person by person, five to fifteen days (法典1108 and others)."""
    rows = data["answer"]["persons"]
    check_results(ctx, rows, "persons")
    missing = [p.name for p in persons(ctx) if p.name not in {str(row["name"]).strip() for row in rows}]
    if missing:
        raise FormError({"persons": f"还没有填{'、'.join(missing)}的结果"})
    put_results(ctx, rows, local(ctx.now).date())
    finish(ctx, "detained")
    return {}


@handlers.register("detention.closed_returned")
def closed_returned(ctx: Ctx, data: Data) -> Data:
    """close_returned: 收到书面告知及退回的案卷材料后依法结案 (853号第十五条)."""
    d = record(ctx)
    d.close_reason = str(data["answer"]["reason"])
    finish(ctx, "returned")
    return {}


def finish(ctx: Ctx, outcome: str) -> None:
    """The bureau's file comes to its end."""
    d = record(ctx)
    d.outcome, d.outcome_at, d.closed_at, d.state = outcome, ctx.now, ctx.now, "closed"
    lapse(ctx, *SLOTS)
    ctx.update_case(facets={"closed_as": outcome})
    ctx.event(f"办结：{OUTCOMES[outcome]}", {"决定": DECISIONS[d.decision]} if d.decision in DECISIONS else None)
    ctx.session.flush()


@handlers.register("detention.late")
def late(ctx: Ctx, data: Data) -> Data:
    """A step of either file is late: the entry of it, once for each clock."""
    return bureau.late(ctx, data) or {}


# --- letters nobody waits for -------------------------------------------------------------------------------------------


@handlers.register("detention.take_letter")
def take_letter(ctx: Ctx, data: Data) -> Data:
    """The police's period told to the bureau; the bureau's supplement told to the police."""
    letter = carry.received(ctx, data)
    home = ctx.session.get_one(TransferFile, ctx.case.id)
    if data.get("name") == "detention_clock":
        _watch_limit(ctx, data)
    elif data.get("name") == "detention_supplied":
        made = {"package": str(letter.package_id)} if letter is not None and letter.package_id else {}
        body = dict(letter.body) if letter is not None else {}
        keep_notice(ctx, home.transfer_no, {**data, **made, "reasons": body.get("reasons")}, "supplied")
        unit = ctx.case.attrs.get("unit")
        tell(ctx.session, [f"o:{unit}:police_officer"], "note", f"{ctx.case.number}：收到补充材料。", case_id=ctx.case.id)
    return {}


def _watch_limit(ctx: Ctx, data: Data) -> None:
    """The bureau's row of the police's period follows theirs."""
    since, due = moment(data.get("event_at"), ctx.now), data.get("due")
    d = record(ctx)
    if d.closed_at is not None or d.state in ("copies", "returned"):
        return
    clock = running(ctx, "limit")
    if clock is None:
        clock = ctx.clock.start("limit", "detention.limit", since)
    if due and moment(due, ctx.now) != clock.due_at:
        until = moment(due, ctx.now)
        ctx.clock.extend("limit", "上一级公安机关批准延长办理期限", until=until)
        bureau.tell_of(ctx, f"公安机关办理期限延长到 {until:%m-%d %H:%M}。")
