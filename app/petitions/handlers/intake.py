"""受理: what a decision needs to be lawful, acceptance and its clocks, supplements, merging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.petitions import registering, search, titles
from app.petitions.handlers.common import Data, answer_from, record, rule_of
from app.petitions.models import Petition
from app.petitions.record import as_date, event_moment
from app.petitions.record_rows import newest
from app.petitions.records import Appeal, Supplement
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.tables import Case

handlers = Handlers()

TRACK_TAGS = {"5": "查处违法", "6": "信访处理意见", "29": "建议意见"}


@handlers.register("petition.screened")
def screened(ctx: Ctx, data: Data) -> Data:
    """The screening decision against the record of the earlier item (条例19(3), 36(3)); sealing when it turns out an accusation (30)."""
    petition = record(ctx)
    answer: dict[str, Any] = data.get("answer", {})
    _check_prior(ctx, petition, answer)
    petition.screened_at = ctx.now
    if petition.klass == "accusation" and not petition.sealed:
        _seal(ctx, petition)
    if petition.sealed and petition.sealed_person is None:
        petition.sealed_person = ctx.actor.id
        ctx.set_attr("named", str(ctx.actor.id) if ctx.actor.id else None)  # the office's further steps are this person's alone
    ctx.update_case(facets={"klass": petition.klass, "track": petition.track, "outcome": petition.intake_outcome})
    return {}


def _seal(ctx: Ctx, petition: Petition) -> None:
    """It turned out an accusation: what lists, search and typeahead know of it is taken back."""
    petition.sealed = petition.secrecy = True
    petition.title = titles.of(petition)
    registering.forget_enterprise(ctx.session, petition)
    petition.search = search.vector(petition.number, petition.outside_no, without=titles.secrets(petition))
    tags = [*ctx.case.tags, *(tag for tag in titles.tags(petition) if tag not in ctx.case.tags)]
    ctx.update_case(title=petition.title, tags=tags)


def _check_prior(ctx: Ctx, petition: Petition, answer: dict[str, Any]) -> None:
    """What the form says of the earlier item must agree with what is on file."""
    if not answer.get("prior_case"):
        return
    prior_id = UUID(str(answer["prior_case"]))
    case, prior = ctx.session.get(Case, prior_id), ctx.session.get(Petition, prior_id)
    if prior_id == ctx.case.id or case is None or prior is None:
        raise FormError({"prior_case": "请选择另一件已登记的信访事项"})
    outcome = answer.get("intake_outcome")
    if outcome == "merge" and (case.status == "closed" or prior.closed_as or prior.signed_at):
        raise FormError({"prior_case": "这一件已经办结，不能并入；请按新件办理或选择其他审查结果"})
    if outcome == "not_accept" and (case.status == "closed" or prior.sent_on):
        raise FormError({"prior_case": "这一件已经办结，不在期限内，不能据此不予受理（条例第十九条第三款）"})
    if outcome == "no_longer" and not _rechecked(ctx, prior_id):
        raise FormError({"prior_case": "这一件没有经过复核，不能不再受理（条例第三十六条第三款）"})


def _rechecked(ctx: Ctx, case_id: UUID) -> bool:
    done = (Appeal.case_id == case_id, Appeal.stage == "recheck", Appeal.outcome.in_(("uphold", "change")))
    return ctx.session.scalar(select(Appeal.id).where(*done).limit(1)) is not None


@handlers.register("petition.take_supplement")
def take_supplement(ctx: Ctx, data: Data) -> Data:
    """The petitioner completed the item (house: asked once, pauses nothing)."""
    came = data.get("supplement_in") or {}
    row = newest(ctx, Supplement)
    row.supplied_on, row.document = as_date(came.get("supplied_at")) or ctx.now.date(), came.get("doc")
    ctx.clock.meet("supplement", event_moment(row.supplied_on, ctx.now))
    ctx.event("收到补正材料", {"日期": row.supplied_on.isoformat()})
    return {"supplement_asked": True}


@handlers.register("petition.no_supplement")
def no_supplement(ctx: Ctx, data: Data) -> Data:
    """Nothing came in time: decide with what is there."""
    newest(ctx, Supplement).lapsed_at = ctx.now
    ctx.clock.lapse("supplement", note="期满未补正")
    ctx.event("补正期满，未收到补正材料")
    return {"supplement_asked": True}


@handlers.register("petition.merge_into")
def merge_into(ctx: Ctx, data: Data) -> Data:
    """A repeat by the same person of an open item is merged, not refused (RULES §2)."""
    petition = record(ctx)
    petition.merge_target = petition.prior_case
    number = ctx.session.scalar(select(Case.number).where(Case.id == petition.prior_case))
    ctx.event("并入在办件", {"并入": number or ""})
    return {}


@handlers.register("petition.accept")
def accept(ctx: Ctx, data: Data) -> Data:
    """Acceptance: the answer period by track (条例34; 行政诉讼法47 for 31(5); 29; 简易 国信办发〔2022〕17号); 简易 is told sooner."""
    petition = record(ctx)
    petition.accepted_at = petition.accepted_at or ctx.now
    if data.get("simple") and ctx.clock.running("notify"):
        ctx.clock.supersede("notify")
        ctx.clock.start("notify", rule_of(ctx, "notify", data), petition.received_at)
    ctx.clock.start("answer", rule_of(ctx, "answer", data), answer_from(ctx, data))
    if data.get("simple"):
        ctx.tag("简易办理")
    return {"simple_result": ""}
