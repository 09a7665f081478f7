"""What several handlers need: the record, the rule that fills a clock, settings, instances to end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.petitions.models import Petition
from app.petitions.record import petition_of
from workflows.errors import WorkflowError
from workflows.forms import Condition
from workflows.handlers import Ctx
from workflows.library import Procedure
from workflows.step import Step
from workflows.tables import Instance

Data = dict[str, Any]


def record(ctx: Ctx) -> Petition:
    """The petition the step works on."""
    return petition_of(ctx.session, ctx.case.id)


def procedure(ctx: Ctx) -> Procedure:
    """The version of the procedure this instance runs on; outside an instance the current one."""
    return ctx.step.procedure or ctx.engine.library.current(ctx.session, "petition")


def setting(ctx: Ctx, name: str) -> int:
    """A number of settings.yaml."""
    return int(procedure(ctx).settings[name]["value"])


def rule_of(ctx: Ctx, slot: str, data: Data) -> str:
    """The rule clocks.yaml chooses for a slot: the first whose condition holds."""
    for row in procedure(ctx).slots[slot].rules:
        condition = Condition.of(row.get("when", True))
        if condition is True or (isinstance(condition, Condition) and condition.holds(data)):
            return str(row["rule"])
    raise WorkflowError(f"没有适用的期限规则（{slot}），请检查办理途径。")


def answer_from(ctx: Ctx, data: Data) -> datetime:
    """What the answer period counts from: receipt where our duty is to act (31(5)), else acceptance."""
    petition = record(ctx)
    if data.get("track") == "5" and not data.get("simple"):
        return petition.received_at
    return petition.accepted_at or ctx.now


def end_instances(ctx: Ctx, processes: tuple[str, ...], reason: str) -> list[str]:
    """End living instances of this case beside the main path; their links close with the reason. The case is locked already."""
    living = select(Instance.id, Instance.process).where(
        Instance.case_id == ctx.case.id, Instance.process.in_(processes), Instance.status.in_(("running", "suspended"))
    )
    ended = []
    for instance_id, process in ctx.session.execute(living).all():
        inner = Step.on_instance(ctx.engine, ctx.session, instance_id, ctx.actor)
        ctx.engine.cancel_in(inner, reason)
        inner.save()
        ended.append(process)
    return ended
