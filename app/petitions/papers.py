"""Papers of petitions: what a step issues by its form, and the letters service tasks write."""

from __future__ import annotations

from typing import Any

from app.inbox import naming
from app.inbox.screen import shown_values
from app.papers import services
from app.papers.services import Paper
from app.petitions import letters, numbering, options
from app.petitions.models import Petition
from workflows.forms import Form, PaperRule
from workflows.handlers import Ctx
from workflows.tables import Link
from workflows.time import local

SETTLED = "关联事项办结记录"
SETTLED_OF = {"supervision_requested": "督办办结记录", "transfer.question": "移送问题决定", "leader_case.propose": "提请包案办结记录"}
REGISTRATION = "信访事项登记表"
ANSWERS = ("处理意见书", "答复书")
NUMBERED = frozenset({"接收（受理）告知书", "不予受理告知书", "不再受理告知书", "告知另提书", "延期办理告知书", "复查意见书", "复核意见书"})
# a step that serves what an earlier one made: step → kinds
SERVES = {"deliver": ANSWERS}


def by_form(ctx: Ctx, petition: Petition | None, form: Form, answer: dict[str, Any], known: dict[str, Any]) -> None:
    """Make the papers the form of a completed step names. ``known``: process data, attributes and the answer."""
    for rule in form.papers:
        for row in _rows(rule, answer):
            kind = rule.kind_for({**known, **row})
            if kind:
                _make(ctx, petition, form, rule, kind, answer, row)
    if form.element in SERVES and petition is not None:
        services.record_delivery(ctx.session, ctx.case.id, SERVES[form.element], _delivered(answer) or {})


def _rows(rule: PaperRule, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """One paper for each row of the list ``each`` names; without one, a single paper."""
    each = rule.spec.get("each")
    return [dict(row) for row in answer.get(each, [])] if each else [{}]


def _make(ctx: Ctx, petition: Petition | None, form: Form, rule: PaperRule, kind: str, answer: dict[str, Any], row: dict[str, Any]) -> None:
    """One paper: the record's lines, then the form's; personal fields apart."""
    shown, personal = _lines(ctx, form, answer)
    if row:
        shown = [("材料名称", str(row.get("kind", ""))), ("来历说明", str(row.get("note", "")))]
    services.issue(
        ctx, kind, [*letters.facts(petition, kind), *shown], personal=[*letters.personal(petition, kind), *personal],
        number=numbering.letter_number(ctx.session, local(ctx.now).year) if kind in NUMBERED else None,
        round=petition.round_no if petition else 1, sealed=bool(rule.spec.get("sealed")) or bool(petition and petition.sealed),
        delivered=_delivered(answer),
    )  # fmt: skip


def _lines(ctx: Ctx, form: Form, answer: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The answer as lines: what everybody with a part in the case may read, and what names the petitioner."""
    secret = {f.name for f in form.fields.values() if f.personal}
    open_part = {name: value for name, value in answer.items() if name not in secret}
    closed_part = {name: value for name, value in answer.items() if name in secret}
    words = naming.words(ctx.session, form, answer, options.said)
    return shown_values(form, open_part, words=words), shown_values(form, closed_part, personal=True)


def _delivered(answer: dict[str, Any]) -> dict[str, Any] | None:
    """How and when a paper was served, where the form asks for it."""
    sent = answer.get("served_at") or answer.get("sent_at")
    if not answer.get("way") or not sent:
        return None
    return {"way": answer["way"], "sent": sent, "received": answer.get("received_at") or answer.get("served_at")}


def letter(
    ctx: Ctx, petition: Petition, kind: str, lines: list[tuple[str, str]], *, numbered: bool = False, ref: str | None = None
) -> Paper:
    """A letter a service task writes."""
    number = numbering.letter_number(ctx.session, local(ctx.now).year) if numbered else None
    return services.issue(
        ctx, kind, [*letters.facts(petition, kind), *lines], personal=letters.personal(petition, kind), number=number,
        round=petition.round_no, sealed=petition.sealed, ref=ref,
    )  # fmt: skip


def settled(ctx: Ctx, link: Link) -> None:
    """The record of how an open item ended: result, reason, who closed it or confirmed its end."""
    result = link.result or {}
    said = [("事项", link.label), ("办理结果", str(result.get("result", ""))), ("理由", str(result.get("reason", "")))]
    lines = [(label, text) for label, text in said if text]
    services.issue(ctx, SETTLED_OF.get(link.kind, SETTLED), [*lines, ("办结人", ctx.actor.shown)])
