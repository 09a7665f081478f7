"""The register of penalty cases (行政处罚登记): entered, changed, decided. A decision that the transfer question forbids is refused here.

The block stands in this one place for the page, the import and every other caller; an attempt is audited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.engine import get_engine
from app.petitions.identity import enterprise_key
from app.transfers import circle, detention, facts, hold, items, screening, services
from app.transfers import penalty_question as question
from app.transfers.models import PenaltyCase, Transfer, TransferHold
from app.transfers.penalty_question import Refusal
from app.transfers.words import ACT_KINDS, PENALTIES, UNSURE_UNDER_HOLD
from workflows.calendar import last_day
from workflows.errors import Conflict, FormError
from workflows.time import local, now, start_of_day

DAYS = (
    "act_from",
    "act_to",
    "filed_on",
    "decided_on",
    "served_on",
    "effective_on",
    "paid_on",
    "rectify_by",
    "rectified_checked_on",
    "recheck_on",
    "closed_on",
)
MONEY = ("amount", "confiscated", "paid_amount")
TEXTS = ("act", "decision_no", "rectify_order", "rectified_checked_by", "recheck_result", "note")
DECIDING = ("decided_on", "decision_no", "kinds", "amount", "confiscated")  # only by ``decide``


def find(session: Session, penalty_id: UUID) -> PenaltyCase | None:
    return session.get(PenaltyCase, penalty_id)


def by_number(session: Session, number: str) -> PenaltyCase | None:
    return session.scalars(select(PenaltyCase).where(PenaltyCase.number == number.strip())).first()


def register(session: Session, person: Person, given: Mapping[str, Any], *, imported: str | None = None) -> PenaltyCase:
    """Enter a penalty case at its 立案. Raises FormError; a decision that comes with it goes the way of ``decide``."""
    values = _typed(given)
    number, party = str(given.get("number") or "").strip(), str(given.get("party") or "").strip()
    organ = str(given.get("organ") or "") or organ_of(session, person)
    errors = _errors(session, number, party, organ, values, given)
    if errors:
        raise FormError(errors)
    home = session.get_one(Organ, organ)
    penalty = PenaltyCase(
        number=number, organ=organ, county=home.county, party=party, party_key=enterprise_key(party), act_kind=str(given["act_kind"]),
        decide_by=decide_by(values["filed_on"]), entered_by=person.name, entered_at=now(), imported=imported,
        confined=circle.organs(session, organ), **{k: v for k, v in values.items() if k not in DECIDING},
    )  # fmt: skip
    session.add(penalty)
    session.flush()
    if values.get("decided_on"):
        refusal = decide(session, person, penalty, given, past=imported is not None)
        if refusal is not None:
            raise Conflict(refusal.reason)
    _note(session, person, penalty, "登记行政处罚案件")
    return penalty


def change(session: Session, person: Person, penalty: PenaltyCase, given: Mapping[str, Any]) -> None:
    """Service, payment, rectification, recheck. Closing asks the transfer question once more."""
    values = {k: v for k, v in _typed(given).items() if k in given and k not in (*DECIDING, "filed_on", "screening")}
    if values.get("closed_on") and penalty.closed_on is None:
        _closing(session, person, penalty)
    if values.get("served_on") and not values.get("effective_on"):
        values["effective_on"] = penalty.effective_on or values["served_on"]  # a penalty takes effect with its service
    for name, value in values.items():
        setattr(penalty, name, value)
    penalty.changed_by, penalty.changed_at = person.name, now()
    session.flush()
    _note(session, person, penalty, "更新行政处罚案件", sorted(values))
    detention.changed(session, person.actor(), penalty_id=penalty.id, subject_case=penalty.subject_case)


def screen(session: Session, person: Person, penalty: PenaltyCase, answer: Mapping[str, Any]) -> str:
    """涉罪筛查: keep the facts, ask the table, put the question they raise. Returns what to say; raises FormError."""
    screening.require_confirmed(answer)
    before, penalty.screening = penalty.screening, dict(answer)
    penalty.changed_by, penalty.changed_at = person.name, now()
    session.flush()
    said = screening.ask(session, facts.inputs(answer))
    found = said.hits
    detail = {"案号": penalty.number, "事实": [_told(before), _told(answer)], "命中": "、".join(found), "筛查表版本": said.version}
    get_engine().note(session, penalty.subject_case, person.actor(), "transfer.penalty", "涉罪筛查", detail)
    case_id = question.put_now(session, person.actor(), penalty)
    detention.changed(session, person.actor(), penalty_id=penalty.id, subject_case=penalty.subject_case)
    if not found:
        return "已筛查，没有命中涉嫌犯罪的情形。"
    named = "、".join(items.short(one) for one in found)
    return f"已筛查，命中{named}，{'已转入移送审查' if case_id is not None else '移送问题已经答复过'}。"


def _told(answer: Mapping[str, Any] | None) -> str:
    """The facts of a screening in one line of the audit, measured values and days of the act included."""
    if answer is None:
        return "未筛查"
    said = [f"{answer.get('act_from')} 至 {answer.get('act_to')}", *(f"{label} {value}" for label, value in facts.lines(answer))]
    return "；".join(said) if len(said) > 1 else f"{said[0]}，均不涉及"


def known_facts(penalty: PenaltyCase) -> dict[str, Any]:
    """What the screening form begins with."""
    act = {name: day.isoformat() for name in ("act_from", "act_to") if (day := getattr(penalty, name))}
    return {**act, **(penalty.screening or {})}


def decide(session: Session, person: Person, penalty: PenaltyCase, given: Mapping[str, Any], *, past: bool = False) -> Refusal | None:
    """Record the decision; None when it was taken. A refusal leaves everything as it was, but for the file it may open.

    ``past``: taken over from an older register.
    """
    values = _typed(given)
    kinds = [str(kind) for kind in given.get("kinds") or []]
    if errors := _decision_errors(penalty, values, kinds, given):
        raise FormError(errors)
    if isinstance(given.get("screening"), Mapping):
        penalty.screening = dict(given["screening"])
        session.flush()
    refusal = question.why_not(session, person.actor(), penalty, kinds, past=past)
    if refusal is not None:
        return refusal
    for name in DECIDING:
        setattr(penalty, name, kinds if name == "kinds" else values.get(name))
    if UNSURE_UNDER_HOLD & set(kinds) and hold.held(session, penalty.id):
        penalty.note = f"{penalty.note or ''} 移送期间新作出的警告，依据待核（17号第十六条）。".strip()
    penalty.changed_by, penalty.changed_at = person.name, now()
    session.flush()
    _note(session, person, penalty, "作出行政处罚决定", kinds)
    if not (past and values.get("closed_on")):  # what ended before the register was kept here asks nobody any more
        detention.by_penalty(session, person.actor(), penalty)
    return None


def _closing(session: Session, person: Person, penalty: PenaltyCase) -> None:
    """A penalty case is closed when its facts are answered for (criminal_transfer.md §7)."""
    refusal = question.why_open(session, penalty)
    if refusal is not None:
        services.audit(refusal.case_id, person.actor(), f"处罚案件结案被拦下：{penalty.number}", {"原因": refusal.reason})
        raise Conflict(refusal.reason)


# --- details ------------------------------------------------------------------------------------------------------------


def organ_of(session: Session, person: Person) -> str:
    """In whose name a person's office penalises: the bureau or the branch (法典53)."""
    home = person.home()
    if home is None:
        raise Conflict("没有在任岗位，不能登记。")
    return directory.signer_org(session, home.id)


def decide_by(filed_on: date) -> date:
    """处罚法60, from the table of periods."""
    engine = get_engine()
    law = engine.rules.get(hold.RULE, filed_on)
    return last_day(engine.calendar.due(law, start_of_day(filed_on)).due)


def _typed(given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {name: date.fromisoformat(str(given[name])[:10]) if given.get(name) else None for name in DAYS}
    values |= {name: money(given.get(name)) for name in MONEY}
    values |= {name: str(given.get(name) or "").strip() or None for name in TEXTS}
    if isinstance(given.get("screening"), Mapping):
        values["screening"] = dict(given["screening"])
    if given.get("subject_case"):
        values["subject_case"] = UUID(str(given["subject_case"]))
    return values


def money(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise FormError({"amount": "金额请填写数字"}) from error


def _errors(
    session: Session, number: str, party: str, organ: str, values: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, str]:  # fmt: skip
    errors = {}
    if not number:
        errors["number"] = "请填写立案号"
    elif by_number(session, number) is not None:
        errors["number"] = f"{number} 已登记过"
    if not party:
        errors["party"] = "请填写当事人"
    if not values.get("act"):
        errors["act"] = "请填写案由"
    if given.get("act_kind") not in ACT_KINDS:
        errors["act_kind"] = "请选择违法行为的种类"
    if session.get(Organ, organ) is None:
        errors["organ"] = "请选择立案的机关"
    today = local(now()).date()
    if not values.get("filed_on") or values["filed_on"] > today:
        errors["filed_on"] = "请填写立案日期，不能晚于今天"
    if values.get("act_from") and values.get("act_to") and values["act_from"] > values["act_to"]:
        errors["act_to"] = "行为终了日期不能早于开始日期"
    return errors


def _decision_errors(penalty: PenaltyCase, values: Mapping[str, Any], kinds: Sequence[str], given: Mapping[str, Any]) -> dict[str, str]:
    errors = {}
    if penalty.decided_on is not None:
        errors["decided_on"] = f"{penalty.number} 已于 {penalty.decided_on} 作出决定"
    decided, today = values.get("decided_on"), local(now()).date()
    if not decided or decided > today or decided < penalty.filed_on:
        errors["decided_on"] = "请填写决定日期：不早于立案，不晚于今天"
    if not values.get("decision_no"):
        errors["decision_no"] = "请填写处罚决定书文号"
    if not kinds or any(kind not in PENALTIES for kind in kinds):
        errors["kinds"] = "请选择处罚种类"
    if "fine" in kinds and not values.get("amount"):
        errors["amount"] = "有罚款的，请填写金额"
    return errors


def _note(session: Session, person: Person, penalty: PenaltyCase, label: str, about: Sequence[str] = ()) -> None:
    detail = {"案号": penalty.number, **({"内容": "、".join(about)} if about else {})}
    get_engine().note(session, penalty.subject_case, person.actor(), "transfer.penalty", label, detail)


def holds_of(session: Session, penalty: PenaltyCase) -> list[tuple[TransferHold, Transfer | None]]:
    """The transfers that hold or held fines of this case."""
    found = select(TransferHold).where(TransferHold.penalty_id == penalty.id).order_by(TransferHold.since)
    return [(one, session.get(Transfer, one.case_id)) for one in session.scalars(found)]
