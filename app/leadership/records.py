"""What a completed form leaves on the record of an ownership: one function a step, all in the step's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.leadership.models import LeaderCase, LeaderMonth, LeaderOwnerChange, LeaderPromise, LeaderVisit
from workflows.handlers import Ctx
from workflows.time import local

Answer = dict[str, Any]
Keep = Callable[[Ctx, LeaderCase, Answer, Answer], None]  # step, record, answer, process data


def store(ctx: Ctx, element: str, answer: Answer, data: Answer) -> None:
    """Put an answer on the record. ``data``: the process data of the step."""
    keep = STEPS.get(element)
    if keep is not None:
        keep(ctx, ctx.session.get_one(LeaderCase, ctx.case.id), answer, data)
        ctx.session.flush()


def as_date(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def as_moment(value: Any) -> datetime:
    """A form's moment in China's time."""
    return local(datetime.fromisoformat(str(value)))


def moment_of(day: date, now: datetime) -> datetime:
    """When something happened on a day of which no hour is known: now, if that day is today."""
    return now if day == local(now).date() else local(datetime.combine(day, datetime.min.time()))


def _propose_owner(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    lc.owner_id, lc.unit, lc.handler_id = UUID(answer["owner"]), answer["unit"], UUID(answer["handler"])
    lc.proposed_at, lc.proposed_by, lc.proposer_id, lc.proposal = ctx.now, ctx.actor.shown, ctx.actor.id, answer["proposal"]
    lc.status = "proposed"
    ctx.update_case(facets={"unit": answer["unit"]})  # inboxes filter by it


def _assign(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    lc.assigned_by, lc.assign_reason = ctx.actor.shown, answer.get("reason")
    if answer["agreed"]:
        lc.owner_id, lc.returned_reason = UUID(answer["owner"]), None
    else:
        lc.status, lc.returned_reason = "opened", answer.get("reason")


def _analyse(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    lc.met_at, lc.met_place, lc.present = as_moment(answer["held_at"]), answer["place"], answer["present"]
    lc.cause, lc.responsibility, lc.met_recorded_by = answer["cause"], answer["responsibility"], ctx.actor.shown
    lc.status = "analysed"


def _plan(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    lc.measures, lc.plan_deadline, lc.planned_at = answer["measures"], as_date(answer["deadline"]), ctx.now
    lc.status = "planned"


def _sign_plan(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    if answer["plan_ok"]:
        lc.plan_signed_at, lc.plan_signed_by, lc.returned_reason = ctx.now, ctx.actor.shown, None
    else:
        lc.status, lc.returned_reason = "analysed", answer.get("reason")


def _work(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    if answer["work_step"] == "visit":
        _visit(ctx, lc, answer, data)


def _visit(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    """The visit and what was promised; ``leader.log_visit`` enters both in the ledger."""
    visit = LeaderVisit(
        case_id=lc.case_id, instance_id=ctx.instance_id, kind=answer["kind"], held_at=as_moment(answer["held_at"]), place=answer["place"],
        persons=answer["persons"], by_owner=bool(answer["by_owner"]), leader_id=lc.owner_id if answer["by_owner"] else None,
        record=answer["record"], recorded_by=ctx.actor.shown, recorded_at=ctx.now,
    )  # fmt: skip
    ctx.session.add(visit)
    ctx.session.flush()
    for row in answer.get("promises") or []:
        due = as_date(row["by"])
        assert due is not None  # the form requires it
        ctx.session.add(LeaderPromise(case_id=lc.case_id, visit_id=visit.id, what=row["what"], due_on=due))


def _progress(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    month = ctx.session.get_one(LeaderMonth, (lc.case_id, str(data["month"])))
    month.text, month.state, month.reported_at, month.reported_by = answer["text"], answer["state"], ctx.now, ctx.actor.shown


def _keep_promise(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    promise = ctx.session.get_one(LeaderPromise, UUID(str(data["promise_id"])))
    promise.kept_on, promise.evidence = as_date(answer["kept_on"]), answer["evidence"]


def _change_owner(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    """The decision; ``leader.apply_change`` carries it out."""
    if answer["change_ok"] and lc.owner_id is not None:
        change = LeaderOwnerChange(
            case_id=lc.case_id, instance_id=ctx.instance_id, from_id=lc.owner_id, to_id=UUID(answer["new_owner"]), reason=answer["reason"],
            at=ctx.now, by=ctx.actor.shown,
        )  # fmt: skip
        ctx.session.add(change)


def _propose_exit(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    lc.exit_way, lc.exit_document, lc.exit_text = answer["exit_way"], answer.get("exit_document"), answer["exit_text"]
    lc.exit_evidence, lc.satisfaction, lc.exit_proposed_at = answer["evidence"], answer.get("satisfaction"), ctx.now
    lc.status, lc.returned_reason = "exit_proposed", None


def _sign_exit(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    if answer["signed"]:
        lc.exit_signed_at, lc.exit_signed_by, lc.status = ctx.now, ctx.actor.shown, "exit_signed"
    else:
        _back(lc, answer)


def _confirm_exit(ctx: Ctx, lc: LeaderCase, answer: Answer, data: Answer) -> None:
    if answer["confirmed"]:
        lc.asked_on, lc.confirmed_by = as_date(answer["asked_petitioner"]), ctx.actor.shown
    else:
        _back(lc, answer)


def _back(lc: LeaderCase, answer: Answer) -> None:
    """Back to 化解: what the exit said no longer holds."""
    lc.status, lc.returned_reason = "carrying", answer.get("reason")
    lc.exit_way = lc.exit_document = lc.satisfaction = lc.exit_signed_at = lc.exit_signed_by = None


STEPS: dict[str, Keep] = {
    "propose_owner": _propose_owner,
    "assign": _assign,
    "analyse": _analyse,
    "plan": _plan,
    "sign_plan": _sign_plan,
    "work": _work,
    "record_visit": _visit,
    "progress": _progress,
    "keep_promise": _keep_promise,
    "change_owner": _change_owner,
    "propose_exit": _propose_exit,
    "sign_exit": _sign_exit,
    "confirm_exit": _confirm_exit,
}
