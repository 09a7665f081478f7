"""Choices of the forms of 移送行政拘留 (``options_from``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.transfers.detention_words import POLICE_PROCESS
from app.transfers.keeping import chooser
from app.transfers.models import DetentionPolice
from workflows.tables import Clock

STEPS = {
    "decide": "决定拘留，抄送决定书",
    "return": "说明理由，退回案卷",
    "extend": "报上一级公安机关延长期限",
    "supplement": "书面告知补充材料",
}


@chooser("detention_steps", words=STEPS)
def steps(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """What the police may do now: 告知补充 while its three working days run, an extension until there were two."""
    open_now = ["decide", "return"]
    p = session.get(DetentionPolice, case.id)
    settings = get_engine().library.current(session, POLICE_PROCESS).settings
    if p is not None and p.extensions < int(settings["extensions_most"]["value"]):
        open_now.append("extend")
    running = select(Clock.id).where(Clock.case_id == case.id, Clock.slot == "supplement", Clock.status == "running")
    if session.scalar(running.limit(1)) is not None:
        open_now.append("supplement")
    return {step: STEPS[step] for step in open_now}
