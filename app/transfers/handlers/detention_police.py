"""移送行政拘留, the police's side: acceptance, examination, supplements, decision copied, return, the period and its extensions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.transfers import carry, circle, letters, routing, services
from app.transfers.handlers.common import Data, lapse, moment, running, setting
from app.transfers.handlers.detention_common import check_results, keep_notice, newest
from app.transfers.letters import Content, contents
from app.transfers.models import DetentionPolice
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers
from workflows.time import local

handlers = Handlers()

SUPPLEMENT, DECIDED, RETURNED = "补充证据材料告知书", "行政拘留决定抄告", "不予拘留、退回案卷告知书"
PAPERS = {"supplement": SUPPLEMENT, "decided": DECIDED, "returned": RETURNED}
SLOTS = ("supplement", "return_back", "limit", "copy")


def record(ctx: Ctx) -> DetentionPolice:
    return ctx.session.get_one(DetentionPolice, ctx.case.id)


@handlers.register("detention.open_police")
def open_police(ctx: Ctx, data: Data) -> Data:
    """The transfer arrived: the police's own file, seen by that organ alone."""
    organ, bureau, number = str(data["to_organ"]), str(data["organ"]), str(data["transfer_no"])
    ctx.update_case(
        title=str(data.get("title") or number), number=f"{number}·公安",
        attrs={"unit": organ, "above": routing.above(ctx.session, organ) or organ, "bureau": bureau},
    )  # fmt: skip
    circle.confine(ctx, organ)
    letter = carry.received(ctx, data)  # before the file is registered: what is received does not wait for it
    services.register_file(ctx, number, organ, seen_by=[bureau])
    ctx.session.add(
        DetentionPolice(
            case_id=ctx.case.id, number=number, organ=organ, bureau=bureau, bureau_case=letter.from_case if letter is not None else None,
            letter_no=str(data.get("letter_no") or ""), package_id=UUID(str(data["package"])) if data.get("package") else None,
            title=str(data.get("title") or number), party=str(data.get("party") or ""), state="arrived", arrived_at=ctx.now,
            persons=list(data.get("persons") or []),
        )
    )  # fmt: skip
    ctx.session.flush()
    return {}


@handlers.register("detention.accepted")
def accepted(ctx: Ctx, data: Data) -> Data:
    """受案: 补充 three and 退回 five working days, 办案 thirty days, all from here (853号第十三、十五条，治安法118)."""
    answer, p = data["answer"], record(ctx)
    at = moment(answer["accepted_at"], ctx.now)
    if at.replace(second=59) < p.arrived_at:
        raise FormError({"accepted_at": "受案时间不能早于收到移送的时间"})
    p.accepted_no, p.accepted_at, p.accepted_by, p.state = str(answer["accepted_no"]), at, ctx.actor.shown, "examine"
    ctx.clock.start("supplement", "detention.supplement", at)
    ctx.clock.start("return_back", "detention.return", at)
    ctx.clock.start("limit", "detention.limit", at)
    ctx.session.flush()
    return {}


@contents.register("detention_clock")
def clock_told(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The police's period as it runs now."""
    p, clock = record(ctx), running(ctx, "limit")
    due = clock.due_at if clock is not None else ctx.now
    title = "受案回执和办理期限告知" if kind == "started" else "办理期限告知"
    last = p.extension_log[-1] if p.extension_log and kind == "moved" else {}
    said = "" if "granted" not in last else "同意延长" if last["granted"] else "不同意延长"
    lines = [
        ("受案登记号", p.accepted_no or ""), ("受案时间", f"{local(p.accepted_at):%Y-%m-%d %H:%M}" if p.accepted_at else ""),
        ("延长", said), ("办理期限至", f"{local(due):%Y-%m-%d %H:%M}"),
    ]  # fmt: skip
    body = {"event_at": (p.accepted_at or ctx.now).isoformat(), "due": due.isoformat(), "accepted_no": p.accepted_no or ""}
    return Content(body, lines=[line for line in lines if line[1]], title=title, decided_at=p.accepted_at)


@handlers.register("detention.examined")
def examined(ctx: Ctx, data: Data) -> Data:
    """examine_detention: one of supplement, extend, decide, return."""
    answer, p = data["answer"], record(ctx)
    step = answer["step"]
    if step == "supplement":
        _supplement(ctx, p, answer)
    elif step == "extend":
        _ask_extension(ctx, p, answer)
    elif step == "decide":
        _decide(ctx, p, answer)
    else:
        _return(ctx, p, answer)
    ctx.session.flush()
    return {}


def _supplement(ctx: Ctx, p: DetentionPolice, answer: Data) -> None:
    """853号第十三条: within three working days of the acceptance; afterwards the police investigate themselves."""
    if running(ctx, "supplement") is None:
        raise FormError({"step": "受案后三个工作日内可以告知补充，现在已过期限或者已经告知过，请按规定自行调查取证（853号第十三条）"})
    ctx.clock.meet("supplement", ctx.now)
    wanted = [{"name": str(row["name"]), "why": str(row.get("why") or "")} for row in answer["wanted"]]
    keep_notice(ctx, p.number, {"wanted": wanted, "reasons": answer["reason"]}, "supplement")


def _ask_extension(ctx: Ctx, p: DetentionPolice, answer: Data) -> None:
    """治安法118: twice at most; the next higher organ sees the file while it decides."""
    if p.extensions >= setting(ctx, "extensions_most"):
        raise FormError({"step": f"办理期限已经延长 {p.extensions} 次，不能再延长（治安管理处罚法第一百一十八条）"})
    p.extension_log = [*p.extension_log, {"asked": ctx.now.isoformat(), "by": ctx.actor.shown, "reason": answer["reason"]}]
    p.state = "extend"
    circle.confine(ctx, p.organ, str(ctx.case.attrs["above"]))


@handlers.register("detention.extension_decided")
def extension_decided(ctx: Ctx, data: Data) -> Data:
    """approve_extension: thirty days more from the end that was, or none."""
    answer, p = data["answer"], record(ctx)
    granted = bool(answer["granted"])
    if granted:
        ctx.clock.extend("limit", f"上一级公安机关批准延长（{answer['approval_no']}）", rule="detention.limit_extension")
        p.extensions += 1
    clock = running(ctx, "limit")
    entry = {
        **p.extension_log[-1], "granted": granted, "decided": ctx.now.isoformat(), "decider": ctx.actor.shown,
        "approval_no": answer.get("approval_no"), "opinion": answer["opinion"], "due": clock.due_at.isoformat() if clock else None,
    }  # fmt: skip
    p.extension_log = [*p.extension_log[:-1], entry]
    p.state = "examine"
    circle.confine(ctx, p.organ)
    ctx.session.flush()
    return {}


def _decide(ctx: Ctx, p: DetentionPolice, answer: Data) -> None:
    """853号第十四条: the decision is copied within three working days of it."""
    at = moment(answer["decided_at"], ctx.now)
    if p.accepted_at is not None and at < p.accepted_at.replace(second=0, microsecond=0):
        raise FormError({"decided_at": "决定时间不能早于受案时间"})
    check_results(ctx, answer["persons"], "persons")
    if not any(row.get("result") == "detained" for row in answer["persons"]):
        raise FormError({"persons": "没有人被拘留的，请选择说明理由、退回案卷（853号第十五条）"})
    p.persons = [{**row, "decided_on": local(at).date().isoformat()} for row in answer["persons"]]
    _end(ctx, p, "decided", at, None)
    lapse(ctx, "supplement", "return_back")
    ctx.clock.meet("limit", at)
    ctx.clock.start("copy", "detention.copy", at)
    ctx.clock.meet("copy", ctx.now)
    keep_notice(ctx, p.number, {"persons": p.persons, "decided_at": at.isoformat()}, "decided")


def _return(ctx: Ctx, p: DetentionPolice, answer: Data) -> None:
    """853号第十五条: reasons in writing and the material back, within five working days of the acceptance."""
    late = running(ctx, "return_back") is None
    _end(ctx, p, "returned", ctx.now, str(answer["reason"]))
    if not late:
        ctx.clock.meet("return_back", ctx.now)
    lapse(ctx, "supplement", "limit")
    keep_notice(ctx, p.number, {"reasons": answer["reason"]}, "returned")
    if late:
        ctx.event("退回案卷：已过受案后五个工作日（853号第十五条）")


def _end(ctx: Ctx, p: DetentionPolice, decision: str, at: datetime, reasons: str | None) -> None:
    p.decision, p.state, p.reasons = decision, decision, reasons
    p.decided_at, p.decided_by, p.closed_at = at, ctx.actor.shown, ctx.now


@contents.register("detention_notice")
def notice(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The police's letter: what to supply, what was decided on each person, or why the case comes back."""
    paper = letters.latest_paper(ctx, PAPERS[kind])
    assert paper is not None  # the form issues it
    p, row = record(ctx), newest(ctx, kind)
    assert row is not None  # examined keeps it
    body: dict[str, Any] = {"reasons": row.reasons or "", "wanted": list(row.wanted), "persons": list(row.persons)}
    at = p.decided_at if kind != "supplement" else row.at
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(body, lines=lines, title=paper.kind, decided_at=at, document_no=paper.number, paper_id=paper.id)
