"""Rows of the lists as templates and the workbook show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.clockwords import ClockView
from app.inbox import clock_views, labels
from app.inbox.lists import Line, short_channel
from app.inbox.queries import holder_names
from app.petitions import letters, listing
from workflows.tables import Case, Clock

OVER = ClockView("met", "已归档")
NONE = ClockView("grey", "无时限")


def lines(session: Session, found: Sequence[Any], now: datetime) -> list[Line]:
    """Petitions as rows; a fixed number of queries for the page, none per row."""
    cases = [row.Case.id for row in found]
    clocks, steps = listing.clocks_of(session, cases), listing.steps_of(session, cases)
    names = holder_names(session, {holder for _, holder in steps.values()})
    words = labels.facet_labels(session)
    made = []
    for row in found:
        petition, case = row.Petition, row.Case
        step, holder = steps.get(case.id, ("", ""))
        made.append(
            Line(
                id=None, case_id=case.id, number=petition.number or "未编号", title=case.title, tags=case.tags or (),
                clock=OVER if case.status == "closed" else clock(clocks.get(case.id), now),
                step=letters.CLOSED.get(petition.closed_as or "", "已归档") if case.status == "closed" else step or _between(petition),
                area=labels.label(words, "county", petition.county),
                channel=short_channel(labels.label(words, "channel", petition.channel)), kind=labels.label(words, "kind", petition.kind),
                day=clockwords.day(petition.received_at, now),
                holder=names.get(holder) or ("待认领" if holder.startswith("o:") else ""), url=url_for("cases.show", case_id=case.id),
            )
        )  # fmt: skip
    return made


def _between(petition: Any) -> str:
    """What a case without an open step waits for."""
    return "已答复，等待期满" if petition.sent_on else "自动办理中"


def clock(row: Clock | None, now: datetime) -> ClockView:
    """The light of a case: its most urgent running duty."""
    if row is None:
        return NONE
    rule = clock_views.rule_of(row.rule, row.from_at)
    return clockwords.view(
        row.due_at, row.warn_at, now, rule.label if rule else "时限", counted=clock_views.counted(rule, row.from_at),
        citation=f"{rule.citation}：{rule.text}" if rule else "", check=rule is not None and rule.status == "check",
    )  # fmt: skip


def pending(session: Session, found: Sequence[Any], now: datetime) -> list[dict[str, Any]]:
    """Imported registrations with what was suggested for them; no names."""
    words = labels.facet_labels(session)
    made = []
    for task, imported in found:
        draft = task.draft or {}
        case = session.get_one(Case, task.case_id)
        made.append(
            {
                "id": task.id,
                "url": url_for("inbox.task", task_id=task.id),
                "title": case.title,
                "outside_no": imported.outside_no,
                "written": clockwords.day(imported.submitted_at, now),
                "county": labels.label(words, "county", draft.get("county")),
                "kind": labels.label(words, "kind", draft.get("kind")),
                "suggested": sorted(imported.suggested),
                "complete": bool(draft.get("county") and draft.get("kind")),
            }
        )
    return made
