"""前置核对 (853号第二条): no crime, a penalty decided, and for a refused order its service and the refusal found."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.transfers import penalty_question
from app.transfers.detention_grounds import needs_order
from app.transfers.models import Detention, PenaltyCase, Transfer

OVER = ("penalty",)  # the criminal way is over and the penalty goes on


@dataclass(slots=True)
class Checked:
    """``state``: ready, crime or wait; ``why``: what is still missing, or why it is a crime."""

    state: str
    why: list[str] = field(default_factory=list)


def check(session: Session, d: Detention) -> Checked:
    """Everything that must be there before the form is filled."""
    penalty = penalty_of(session, d)
    crime, why = _criminal(session, d, penalty)
    if crime:
        return Checked("crime", why)
    why += _penalty(penalty)
    if needs_order([str(row["item"]) for row in [*d.grounds, *d.other_law]]):
        why += _order(d, penalty)
    return Checked("wait" if why else "ready", why)


def penalty_of(session: Session, d: Detention) -> PenaltyCase | None:
    """The penalty for the same act; one registered later for the same petition is found by that."""
    if d.penalty_id is None and d.subject_case is not None:
        query = select(PenaltyCase).where(PenaltyCase.subject_case == d.subject_case).order_by(PenaltyCase.filed_on.desc())
        found = session.scalars(query.limit(1)).first()
        d.penalty_id = found.id if found is not None else None
    return session.get(PenaltyCase, d.penalty_id) if d.penalty_id else None


def transfers_of(session: Session, d: Detention) -> list[Transfer]:
    """The bureau's files on the criminal question of the same act, the newest first."""
    ways = [Transfer.case_id == d.transfer_case] if d.transfer_case else []
    ways += [Transfer.penalty_id == d.penalty_id] if d.penalty_id else []
    ways += [Transfer.subject_case == d.subject_case] if d.subject_case else []
    return list(session.scalars(select(Transfer).where(or_(*ways)).order_by(Transfer.opened_at.desc()))) if ways else []


def _criminal(session: Session, d: Detention, penalty: PenaltyCase | None) -> tuple[bool, list[str]]:
    """(is it a crime or on the way to be found one, what keeps the question open)."""
    found = transfers_of(session, d)
    for one in found:
        if _under_way(one):
            return True, [f"{one.transfer_no} 已移送公安机关或者已立案"]
    waiting = [f"{one.transfer_no} 移送问题还没有答复" for one in found if one.answer is None and one.closed_at is None]
    if found or waiting:
        d.transfer_case = d.transfer_case or found[0].case_id
        return False, waiting
    if penalty is not None and (hits := penalty_question.screened(session, penalty)):
        return False, [f"案件事实符合涉嫌犯罪的情形（{'、'.join(hits)}），请先答复移送问题"]
    if not d.facts.get("no_crime"):
        return False, ["是否涉嫌犯罪还没有答复，请先作涉罪筛查"]
    return False, []


def _under_way(t: Transfer) -> bool:
    """Approved and not come back: under transfer, filed, or judged. An end that leads back to the penalty is no crime."""
    if t.notice == "filed" and t.closed_at is None and t.state not in OVER:
        return True
    if t.answer not in ("approved", "other_organ"):
        return False
    if t.closed_at is not None:
        return t.closed_as in ("convicted", "other_organ")
    return t.state not in OVER


def _penalty(penalty: PenaltyCase | None) -> list[str]:
    if penalty is None:
        return ["行政处罚案件还没有登记"]
    return [] if penalty.decided_on is not None else [f"{penalty.number} 还没有作出处罚决定"]


def _order(d: Detention, penalty: PenaltyCase | None) -> list[str]:
    """853号第三、四、八条: the order served, then the refusal found; from the facts or from the register."""
    facts = d.facts
    served = facts.get("order_served_on") or (penalty.served_on if penalty is not None and penalty.rectify_order else None)
    refused = (facts.get("refusal_on") and facts.get("refusal")) or (
        penalty.recheck_on if penalty is not None and penalty.recheck_result == "refused" else None
    )
    why = [] if served else ["责令决定还没有送达"]
    return why if refused else [*why, "还没有再次检查发现拒不执行"]
