"""Steps that leave a row of their own: transfers, receptions, appeals, extensions … One function a step, found by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.petitions.record import as_date, as_moment, petition_of
from app.petitions.records import Appeal, Execution, Extension, Instruction, Rating, Reception, Stop, Supplement, Transfer
from workflows.handlers import Ctx

Answer = dict[str, Any]
Keep = Callable[[Ctx, Answer], None]
Row = TypeVar("Row", Transfer, Supplement, Reception, Appeal)
Own = TypeVar("Own", Extension, Stop, Instruction)


def newest(ctx: Ctx, table: type[Row]) -> Row:
    """The last row of the case: the transfer, reception or appeal under way."""
    return ctx.session.scalars(select(table).where(table.case_id == ctx.case.id).order_by(table.id.desc()).limit(1)).one()


def own(ctx: Ctx, table: type[Own]) -> Own:
    """The row of the instance at work."""
    return ctx.session.scalars(select(table).where(table.instance_id == ctx.instance_id)).one()


def keep(ctx: Ctx, element: str, answer: Answer) -> None:
    """Write the rows of a completed step, if it has any."""
    if element in ROWS:
        ROWS[element](ctx, answer)
        ctx.session.flush()


def _approve_refusal(ctx: Ctx, a: Answer) -> None:
    petition_of(ctx.session, ctx.case.id).refused_by = ctx.actor.shown if a["refusal_decision"] == "approve" else None


def _request_supplement(ctx: Ctx, a: Answer) -> None:
    ctx.session.add(Supplement(case_id=ctx.case.id, missing=a["missing_rows"], sent_on=as_date(a["sent_at"])))


def _unit_intake(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Transfer)
    row.signed_at, row.signed_by = ctx.now, a.get("signed_by") or ctx.actor.shown
    row.objection, row.competent_unit = a.get("reason"), a.get("competent_unit")


def _decide_objection(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Transfer)
    row.decision, row.decision_reason = a["objection_decision"], a["reason"]


def _arbitrate(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Transfer)
    row.decision, row.decision_reason = "arbitrated", a["reason"]


def _unit_notice(ctx: Ctx, a: Answer) -> None:
    newest(ctx, Transfer).notified_on = as_date(a["served_at"])


def _arrange(ctx: Ctx, a: Answer) -> None:
    row = Reception(case_id=ctx.case.id, host=a["reception_host"], arranged_at=as_moment(a["arranged_at"]), place=a["place"])
    row.partners = a.get("partners")
    ctx.session.add(row)


def _reception(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Reception)
    row.result, row.held_at, row.held_by = a["reception_result"], as_moment(a["held_at"]), ctx.actor.shown
    row.attendees, row.statement = a.get("attendees", []), a.get("statement")
    row.promises, row.note = a.get("promises"), a.get("note")


def _sign_answer(ctx: Ctx, a: Answer) -> None:
    if a["check_decision"] == "pass":
        petition = petition_of(ctx.session, ctx.case.id)
        petition.signed_at, petition.signed_by = ctx.now, ctx.actor.shown


def _appeal_intake(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Appeal)
    if a["appeal_outcome"] == "refused":
        row.outcome, row.refused_ground, row.opinion = "refused", a["refused_ground"], a["reason"]


def _appeal_work(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Appeal)
    row.reviewed, row.proposal, row.opinion = a["reviewed"], a["proposal"], a["opinion"]


def _appeal_hearing(ctx: Ctx, a: Answer) -> None:
    newest(ctx, Appeal).heard_at = as_moment(a["held_at"])


def _appeal_sign(ctx: Ctx, a: Answer) -> None:
    if a["appeal_decision"] == "ok":
        newest(ctx, Appeal).outcome = a["appeal_outcome"]


def _appeal_deliver(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Appeal)
    row.sent_on, row.delivered_on = as_date(a["sent_at"]), as_date(a["received_at"])


def _deliver_refusal(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Appeal)
    row.sent_on = row.delivered_on = as_date(a["served_at"])
    row.ended_at = ctx.now


def _record_external(ctx: Ctx, a: Answer) -> None:
    row = newest(ctx, Appeal)
    row.organ, row.opinion_no, row.outcome, row.opinion = a["organ"], a.get("opinion_no"), a["appeal_outcome"], a["opinion"]
    row.sent_on, row.delivered_on = as_date(a["made_at"]), as_date(a["received_at"])


def _request_extension(ctx: Ctx, a: Answer) -> None:
    ctx.session.add(Extension(case_id=ctx.case.id, instance_id=ctx.instance_id, days=a["days"], reason=a["reason"]))


def _approve_extension(ctx: Ctx, a: Answer) -> None:
    row = own(ctx, Extension)
    row.decided_at, row.decided_by, row.decision_reason = ctx.now, ctx.actor.shown, a.get("reason")


def _deliver_extension(ctx: Ctx, a: Answer) -> None:
    own(ctx, Extension).served_on = as_date(a.get("served_at"))


def _verify_stop(ctx: Ctx, a: Answer) -> None:
    row = Stop(case_id=ctx.case.id, instance_id=ctx.instance_id, kind=a["stop_kind"], note=a["note"], verified_by=ctx.actor.shown)
    row.keep_clue = bool(a.get("keep_clue"))
    row.merge_target = UUID(a["merge_target"]) if a.get("merge_target") else None
    ctx.session.add(row)


def _approve_stop(ctx: Ctx, a: Answer) -> None:
    row = own(ctx, Stop)
    row.decision, row.decided_by, row.decision_reason = a["stop_decision"], ctx.actor.shown, a.get("reason")


def _register_instruction(ctx: Ctx, a: Answer) -> None:
    ctx.session.add(
        Instruction(
            case_id=ctx.case.id, instance_id=ctx.instance_id, leader_id=UUID(a["leader"]), text=a["instruction"],
            instructed_on=as_date(a["instructed_at"]), due_on=as_date(a["due_on"]),
        )
    )  # fmt: skip


def _carry_out(ctx: Ctx, a: Answer) -> None:
    own(ctx, Instruction).measures = a["measures"]


def _read_report(ctx: Ctx, a: Answer) -> None:
    row = own(ctx, Instruction)
    row.returned_reason = a.get("reason")
    row.read_at = ctx.now if a["report_decision"] == "ok" else None


def _call_back(ctx: Ctx, a: Answer) -> None:
    row = ctx.session.scalars(select(Rating).where(Rating.instance_id == ctx.instance_id)).one()
    row.call_back, row.called_at = a["call_back_result"], as_moment(a["called_at"])


def _execute(ctx: Ctx, a: Answer) -> None:
    ctx.session.add(Execution(case_id=ctx.case.id, instance_id=ctx.instance_id, done_on=as_date(a["done_at"]), measures=a["measures"]))


def _verify_execution(ctx: Ctx, a: Answer) -> None:
    mine = select(Execution).where(Execution.instance_id == ctx.instance_id).order_by(Execution.id.desc()).limit(1)
    row = ctx.session.scalars(mine).one()
    row.verdict, row.verdict_reason = a["verify_decision"], a.get("reason")


def _counsel(ctx: Ctx, a: Answer) -> None:
    row = Execution(case_id=ctx.case.id, instance_id=ctx.instance_id, done_on=as_date(a["counselled_at"]), counsel=a["record"])
    row.aid = a.get("aid_note")
    ctx.session.add(row)


ROWS: dict[str, Keep] = {
    "approve_refusal": _approve_refusal,
    "request_supplement": _request_supplement,
    "unit_intake": _unit_intake,
    "decide_objection": _decide_objection,
    "arbitrate": _arbitrate,
    "unit_notice": _unit_notice,
    "arrange": _arrange,
    "hold_reception": _reception,
    "leader_reception": _reception,
    "sign_answer": _sign_answer,
    "appeal_intake": _appeal_intake,
    "appeal_work": _appeal_work,
    "appeal_hearing": _appeal_hearing,
    "appeal_sign": _appeal_sign,
    "appeal_deliver": _appeal_deliver,
    "deliver_refusal": _deliver_refusal,
    "record_external": _record_external,
    "request_extension": _request_extension,
    "approve_extension": _approve_extension,
    "deliver_extension": _deliver_extension,
    "verify_stop": _verify_stop,
    "approve_stop": _approve_stop,
    "register_instruction": _register_instruction,
    "carry_out": _carry_out,
    "read_report": _read_report,
    "call_back": _call_back,
    "execute": _execute,
    "verify_execution": _verify_execution,
    "counsel": _counsel,
}
