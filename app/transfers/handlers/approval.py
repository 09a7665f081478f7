"""审批: the team of two, its report, the opinion of legal, the decision of the head himself (310号5, 17号5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person, Post
from app.papers import services as papers
from app.transfers import hold, opening, records, services
from app.transfers.handlers.bureau import finish
from app.transfers.handlers.common import Data, at, record, rounds, running
from app.transfers.models import Transfer
from app.transfers.words import CRIMES, DECISIONS
from workflows.errors import Conflict, FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import now

handlers = Handlers()

TEAM_LEAST = 2  # 310号5: ２名或者２名以上
REASON_LEAST = 20  # characters: why a transfer is refused or sent back
DEPUTY = ("副", "常务副", "党组副")  # how the titles of those begin who may not decide
ACTING = "主持工作"
REPORT = "案件调查报告"


@handlers.register("transfer.team_formed")
def team_formed(ctx: Ctx, data: Data) -> Data:
    """form_team: at least two certified officers without an interest in the case (处罚法42, 43); the first leads."""
    answer, transfer = data["answer"], record(ctx)
    ids = list(dict.fromkeys(str(one) for one in answer["officers"]))
    people = {str(p.id): p for p in ctx.session.scalars(select(Person).where(Person.id.in_([UUID(one) for one in ids])))}
    if len(ids) < TEAM_LEAST or any(one not in people for one in ids):
        raise FormError({"officers": f"专案组至少 {TEAM_LEAST} 名执法人员（310号规定第五条）"})
    uncertified = [p.name for p in people.values() if not p.certificate_no]
    if uncertified:
        raise FormError({"officers": f"{'、'.join(uncertified)}没有执法证，不能进专案组"})
    lead = str(answer.get("lead") or ids[0])
    if lead not in people:
        raise FormError({"lead": "主办人要是专案组成员"})
    order = [lead, *(one for one in ids if one != lead)]
    transfer.team = [{"id": one, "name": people[one].name, "certificate_no": people[one].certificate_no} for one in order]
    transfer.team_at = ctx.now
    ctx.update_case(attrs={"handler": order[0], "officer": order[1]})
    if transfer.origin == "":
        ctx.clock.start("report", "transfer.report", ctx.now)
    at(ctx, "handover" if transfer.origin == "filed" else "report")
    return {}


@handlers.register("transfer.reported")
def reported(ctx: Ctx, data: Data) -> Data:
    """write_report: the team's written report; the head's 3 日 run from it (17号5)."""
    answer, transfer = data["answer"], record(ctx)
    _in_team(ctx, transfer)
    transfer.report = {name: answer.get(name) for name in ("source", "found", "facts", "evidence", "basis", "proposal", "conditions")}
    transfer.report_at, transfer.report_by = ctx.now, ctx.actor.shown
    transfer.crime = answer["crime"]
    transfer.crime_name = answer.get("crime_name") or CRIMES[answer["crime"]]
    opening.put_parties(ctx.session, transfer, answer.get("parties") or [])
    hold.begin(ctx, transfer)
    ctx.update_case(title=transfer.title)
    services.index(ctx.session, transfer)
    papers.issue(ctx, REPORT, [*records.facts(ctx, REPORT), *_said(answer)])
    if running(ctx, "report") is not None:
        ctx.clock.meet("report", ctx.now)
    if transfer.origin == "" and running(ctx, "approve") is None:
        ctx.clock.start("approve", "transfer.approve", ctx.now, round=1 + rounds(ctx, "approve"))
    at(ctx, "legal")
    return {}


def _said(answer: Data) -> list[tuple[str, str]]:
    """The report as its paper says it (17号6(二))."""
    kinds = {"unit": "单位", "person": "个人"}
    parties = [
        "，".join(filter(None, (row["name"], kinds.get(str(row.get("kind"))), row.get("role"), row.get("id_no"))))
        for row in answer["parties"]
    ]
    evidence = [f"{row['name']}（证明{row['proves']}）" for row in answer["evidence"]]
    lines = [
        ("查获情况", answer["found"]), ("涉嫌犯罪的单位、人员", "；".join(parties)), ("涉嫌犯罪的事实", answer["facts"]),
        ("证据", "；".join(evidence)), ("涉嫌的罪名", answer.get("crime_name") or CRIMES[answer["crime"]]),
        ("法律依据", answer["basis"]), ("处理建议", answer["proposal"]),
    ]  # fmt: skip
    return [(label, str(text)) for label, text in lines if text]


def _in_team(ctx: Ctx, transfer: Transfer) -> None:
    """The report is the team's: whoever got the step by 转办 must be one of them."""
    if ctx.actor.id is not None and str(ctx.actor.id) not in {str(one["id"]) for one in transfer.team}:
        raise Conflict("移送报告由专案组成员提出，请先由单位负责人调整专案组。")


@handlers.register("transfer.legal_given")
def legal_given(ctx: Ctx, data: Data) -> Data:
    """legal_opinion: advice, no decision (amendments §5)."""
    answer, transfer = data["answer"], record(ctx)
    transfer.legal_opinion = str(answer["opinion"])
    transfer.legal_by, transfer.legal_at = ctx.actor.shown, ctx.now
    at(ctx, "decide")
    return {}


@handlers.register("transfer.decided")
def decided(ctx: Ctx, data: Data) -> Data:
    """decide: the 正职 or whoever acts for it, nobody else; a refusal says why, after a 检察意见 there is none (17号5, 14)."""
    answer, transfer = data["answer"], record(ctx)
    decision, reason = answer["decision"], str(answer.get("reason") or "").strip()
    transfer.decided_post = post_of(ctx.session, ctx.actor.id, transfer.organ)
    if decision != "approve" and len(reason) < REASON_LEAST:
        raise FormError({"reason": f"{DECISIONS[decision]}的，请用至少 {REASON_LEAST} 个字写明理由（310号规定第五条）"})
    if decision == "refuse" and transfer.opinion_letter:
        raise FormError({"decision": "人民检察院已提出建议移送的检察意见，应当移送，不能不批准（17号第十四条）"})
    transfer.decision, transfer.decision_reason = decision, reason or None
    transfer.decided_at, transfer.decided_by, transfer.decided_id = ctx.now, ctx.actor.shown, ctx.actor.id
    if decision == "return":
        at(ctx, "report")
        return {}
    if running(ctx, "approve") is not None:
        ctx.clock.meet("approve", ctx.now)
    if decision == "approve":
        ctx.clock.start("send", "transfer.send", ctx.now)
        services.answer(ctx, transfer, "approved", reason or "批准移送公安机关")
        at(ctx, "assemble")
    else:
        services.answer(ctx, transfer, "refused", reason)
        hold.end(ctx, transfer, "refused")
        finish(ctx, "refused")
    return {}


def post_of(session: Session, person_id: UUID | None, organ: str) -> str:
    """正职 or 主持工作: the post under which this person decides for the organ that transfers. A deputy is refused."""
    moment = now()
    held = select(Post).where(
        Post.person_id == person_id, Post.organ_id == organ, Post.role == "organ_head", Post.since <= moment,
        (Post.until.is_(None)) | (Post.until > moment),
    )  # fmt: skip
    titles = [post.title or "" for post in session.scalars(held)]
    acting = [title for title in titles if ACTING in title]
    chief = [title for title in titles if not title.startswith(DEPUTY)]
    if acting:
        return ACTING
    if chief:
        return "正职"
    raise Conflict("移送由本机关正职负责人或者主持工作的负责人审批，副职和受委托人不能代批（310号规定第五条）。")
