"""What becomes known after the facts were entered: the order served, the refusal found. The waiting file looks again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.transfers.detention_words import READY
from app.transfers.models import Detention
from workflows.errors import Conflict

FIELDS = ("order_no", "order_served_on", "refusal", "refusal_on")


def record(session: Session, person: Person, d: Detention, answer: Mapping[str, Any]) -> None:
    """Raises Conflict where nothing waits for it."""
    if d.state != "wait":
        raise Conflict("这一件已经过了前置核对，不能再补录。")
    d.facts = {**d.facts, **{name: answer[name] for name in FIELDS if answer.get(name)}}
    session.flush()
    get_engine().note(
        session, d.case_id, person.actor(), "detention.order", "补录责令决定和拒不执行", {"文号": answer.get("order_no") or ""}
    )
    get_engine().send(session, d.case_id, READY, {"case_id": str(d.case_id)}, person.actor())
