"""移送行政拘留, the bureau's side (公治〔2014〕853号): facts and grounds, 前置核对, 审批单, originals, supplements, results, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app.files import queries as file_queries
from app.files import services as files
from app.inbox.services import tell
from app.papers import services as papers
from app.transfers import (
    carry,
    circle,
    detention,
    detention_grounds,
    detention_options,
    detention_ready,
    letters,
    materials,
    numbering,
    package,
    services,
)
from app.transfers import detention_papers as papers_of
from app.transfers.detention_words import CODE_1108, CODE_1131, DECISIONS, NOTICES, OUTCOMES, ROLES
from app.transfers.handlers import bureau
from app.transfers.handlers.common import Data, day, lapse, message, moment, running, setting
from app.transfers.handlers.sending import person_of
from app.transfers.letters import Content, contents
from app.transfers.models import Detention, DetentionNotice, DetentionPerson, TransferFile, TransferPackage
from workflows.errors import Conflict, FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()
__all__ = ["detention_options", "handlers"]  # imported here so that the choices are registered

LETTER, REPORT, LIST = papers_of.LETTER, papers_of.REPORT, papers_of.LIST
FIRST, SUPPLEMENT = "detention", "detention_supplement"
SLOTS = ("send", "limit")


def record(ctx: Ctx) -> Detention:
    """The bureau's record of the case at work."""
    return ctx.session.get_one(Detention, ctx.case.id)


def persons(ctx: Ctx) -> list[DetentionPerson]:
    return papers_of.persons(ctx.session, ctx.case.id)


def _at(ctx: Ctx, state: str) -> None:
    record(ctx).state = state
    ctx.session.flush()


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
    _whole(answer)
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
        ctx.event("比对拘留事由", {"命中": "；".join(detention_grounds.ground(item) for item in found.items)})
        _at(ctx, "wait")
    return values


def _whole(answer: Mapping[str, Any]) -> None:
    entered = detention_grounds.anything(answer)
    if not entered and not answer.get("none"):
        raise FormError({"none": "没有填任何情形的，请确认已逐项核对、均不涉及"})
    if entered and answer.get("none"):
        raise FormError({"none": "已经填了情形，不能同时选均不涉及"})


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
        _at(ctx, "form" if found.state == "ready" else "wait")
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
    _at(ctx, "decide")
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
        _at(ctx, "form")
    elif decision == "approve":
        ctx.clock.start("send", "detention.send", ctx.now)
        detention.answer(ctx, d, "approved", "批准移送公安机关")
        _at(ctx, "send")
    else:
        said = f"查明不属于第一千一百零八条的行为：{reason}" if answer.get("not_act") else reason
        detention.answer(ctx, d, "refused", said)
        finish(ctx, "refused")
    return {}


# --- originals ----------------------------------------------------------------------------------------------------------


@handlers.register("detention.originals_sent")
def originals_sent(ctx: Ctx, data: Data) -> Data:
    """copy_originals: 853号11 is whole, copies are kept; sealed and sent within three working days (12)."""
    answer, d = data["answer"], record(ctx)
    made = _package(ctx, FIRST, answer)
    for kind, name in (("letter", LETTER), ("report", REPORT)):
        paper = letters.latest_paper(ctx, name)
        assert paper is not None  # the form issues it
        package.write_paper(ctx.session, person_of(ctx), made, paper, kind)
    lines = papers_of.material_list(ctx.session, made)
    package.write_paper(ctx.session, person_of(ctx), made, papers.issue(ctx, LIST, lines), "list")
    _seal(ctx, made)
    d.copies, d.sent_at = True, ctx.now
    ctx.clock.meet("send", ctx.now)
    _at(ctx, "police")
    return {}


def _package(ctx: Ctx, kind: str, answer: Data) -> TransferPackage:
    """The draft with what the form adds to it: files, or originals on paper."""
    d, person = record(ctx), person_of(ctx)
    made = package.draft(ctx.session, carry.home_of(ctx), kind, d.police or d.organ, ctx.actor.shown)
    have = {str(item.file_id) for item in package.items(ctx.session, made.id) if item.file_id}
    for row in answer.get("materials") or []:
        ids = [str(one) for one in row.get("files") or [] if str(one) not in have]
        files.attach(ctx.session, person, [UUID(one) for one in ids], ctx.case.id, ctx.task_id)
        names = file_queries.by_ids(ctx.session, [UUID(one) for one in ids])
        for one in ids:
            name = row["name"] if len(ids) == 1 else f"{row['name']}：{names[UUID(one)].name}"
            package.add(ctx.session, person, made, {**row, "name": name, "file_id": one, "on_paper": True, "missing_reason": None})
        if not row.get("files"):
            package.add(ctx.session, person, made, {**row, "on_paper": bool(row.get("copies"))})
    return made


def _seal(ctx: Ctx, made: TransferPackage) -> None:
    """Sealed, or refused with everything that is missing beside the field."""
    found = package.problems(ctx.session, made)
    if found:
        raise FormError({"materials": "材料不齐，不能移送：" + "；".join(f"{one.label}：{one.say}" for one in found)})
    package.seal(ctx, made)


def sealed(ctx: Ctx, kind: str) -> TransferPackage | None:
    """The newest sealed package of this file."""
    query = select(TransferPackage).where(
        TransferPackage.case_id == ctx.case.id, TransferPackage.kind == kind, TransferPackage.sealed_at.is_not(None)
    )
    return ctx.session.scalars(query.order_by(TransferPackage.seq.desc()).limit(1)).first()


@contents.register("detention_sent")
def detention_sent(ctx: Ctx, kind: str, payload: Data) -> Content:
    """案件移送书 with the package; the persons proposed."""
    d, made, paper = record(ctx), sealed(ctx, FIRST), letters.latest_paper(ctx, LETTER)
    assert made is not None and paper is not None  # originals_sent made both
    rows = package.items(ctx.session, made.id)
    proposed = [{"name": p.name, "result": "", "role": ROLES.get(p.role, p.role), "act": p.act} for p in persons(ctx)]
    body = {
        "title": d.title, "party": d.party, "act": d.act, "bureau": d.organ, "police": d.police or "", "persons": proposed,
        "proposed": [{"name": one["name"]} for one in proposed],
        "ground_lines": [papers_of.ground_line(row) for row in [*d.grounds, *d.other_law]],
        "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3, "file_list": package.file_list(rows),
    }  # fmt: skip
    return Content(
        body, lines=[(str(label), str(text)) for label, text in paper.content], title=LETTER, decided_at=d.decided_at,
        document_no=paper.number, package_id=made.id, paper_id=paper.id, files=package.file_list(rows),
    )  # fmt: skip


# --- the police answer --------------------------------------------------------------------------------------------------


@handlers.register("detention.take_notice")
def take_notice(ctx: Ctx, data: Data) -> Data:
    """补充、决定抄送、退回: on record; decision and return end the watch over the police's period."""
    m, d = message(data), record(ctx)
    carry.received(ctx, m)
    kind, when = str(m.get("kind") or ""), moment(m.get("decided_at"), ctx.now)
    keep_notice(ctx, d.number, m, kind)
    if kind == "supplement":
        _at(ctx, "supply")
        return {}
    if running(ctx, "limit") is not None:
        ctx.clock.meet("limit", when)
    if kind == "decided":
        _results(ctx, m.get("persons") or [], when.date())
    _at(ctx, "copies" if kind == "decided" else "returned")
    ctx.event(f"公安机关：{NOTICES.get(kind, kind)}", {"理由": m["reasons"]} if m.get("reasons") else None)
    return {}


def keep_notice(ctx: Ctx, number: str, m: Mapping[str, Any], kind: str) -> DetentionNotice:
    """One row on the file that keeps it."""
    row = DetentionNotice(
        case_id=ctx.case.id, number=number, letter_no=str(m.get("letter_no") or ""), kind=kind, wanted=list(m.get("wanted") or []),
        reasons=m.get("reasons"), persons=list(m.get("persons") or []),
        package_id=UUID(str(m["package"])) if m.get("package") else None, at=moment(m.get("decided_at"), ctx.now),
        by=str(m.get("by") or ctx.actor.shown),
    )  # fmt: skip
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _results(ctx: Ctx, rows: Sequence[Mapping[str, Any]], on: date) -> None:
    """What was decided on each person; somebody the police added is put on record too."""
    known = {p.name: p for p in persons(ctx)}
    for row in rows:
        name = str(row["name"]).strip()
        person = known.get(name)
        if person is None:
            person = DetentionPerson(case_id=ctx.case.id, no=len(known) + 1, name=name, role="other", act="由公安机关查明")
            known[name] = person
            ctx.session.add(person)
        detained = row.get("result") == "detained"
        person.detained, person.days = detained, int(row["days"]) if detained and row.get("days") else None
        person.decision_no, person.decided_on = row.get("decision_no") or None, day(row.get("decided_on")) or on
    ctx.session.flush()


@handlers.register("detention.material_supplied")
def material_supplied(ctx: Ctx, data: Data) -> Data:
    """supply: a numbered supplement is sealed (853号第十三条)."""
    answer, d = data["answer"], record(ctx)
    made = _package(ctx, SUPPLEMENT, answer)
    _seal(ctx, made)
    m = {"kind": "supplied", "reasons": answer["explanation"], "package": str(made.id)}
    keep_notice(ctx, d.number, m, "supplied")
    _at(ctx, "police")
    return {}


@contents.register("detention_supplied")
def detention_supplied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The supplement with its own package."""
    made, row = sealed(ctx, SUPPLEMENT), newest(ctx, "supplied")
    assert made is not None and row is not None  # material_supplied made both
    rows = package.items(ctx.session, made.id)
    lines = [("说明", row.reasons or ""), *((materials.kind_label(SUPPLEMENT, item.kind), item.name) for item in rows)]
    body = {"reasons": row.reasons or "", "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3}
    asked = newest(ctx, "supplement")
    return Content(
        body, lines=lines, in_reply_to=asked.letter_no if asked is not None else None, decided_at=row.at, package_id=made.id,
        files=package.file_list(rows),
    )  # fmt: skip


def newest(ctx: Ctx, kind: str) -> DetentionNotice | None:
    """The last notice of a kind on this file."""
    query = select(DetentionNotice).where(DetentionNotice.case_id == ctx.case.id, DetentionNotice.kind == kind)
    return ctx.session.scalars(query.order_by(DetentionNotice.at.desc(), DetentionNotice.id.desc()).limit(1)).first()


# --- the end ------------------------------------------------------------------------------------------------------------


@handlers.register("detention.copies_filed")
def copies_filed(ctx: Ctx, data: Data) -> Data:
    """file_copies: checked person by person, five to fifteen days (法典1108 and others)."""
    rows = data["answer"]["persons"]
    check_results(ctx, rows, "persons")
    missing = [p.name for p in persons(ctx) if p.name not in {str(row["name"]).strip() for row in rows}]
    if missing:
        raise FormError({"persons": f"还没有填{'、'.join(missing)}的结果"})
    _results(ctx, rows, local(ctx.now).date())
    finish(ctx, "detained")
    return {}


def check_results(ctx: Ctx, rows: Sequence[Mapping[str, Any]], field: str) -> None:
    """Each person detained has days within the law and a decision with its number."""
    least, most = setting(ctx, "detained_least"), setting(ctx, "detained_most")
    for row in rows:
        if row.get("result") != "detained":
            continue
        if not row.get("days") or not least <= int(row["days"]) <= most:
            raise FormError({field: f"{row['name']}的拘留日数应当是 {least} 日以上 {most} 日以下"})
        if not row.get("decision_no"):
            raise FormError({field: f"请填写{row['name']}的拘留决定书文号"})


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
