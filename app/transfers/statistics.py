"""联席会议月度统计 (17号第二十六条起): per organ that transfers, of the transfers sent in a month. Every number keeps its cases.

A transfer counts in the month it was first sent. What happened to it counts as known now, also when it happened in a later month: the
shares then stand for the transfers of that month, not for the letters of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Organ, Person
from app.transfers import boards
from app.transfers.models import Transfer, TransferLetter
from workflows.time import local, start_of_day

HOUR = timedelta(hours=1)
MONTHS = 24  # how far back the page offers


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of the table: what is counted over what."""

    id: str
    label: str
    formula: str
    unit: str = "件"


MEASURES = (
    Measure("sent", "移送数", "当月首次移送公安机关的案件数"),
    Measure("accepted", "接受率", "其中公安机关已出具回执的 ÷ 移送数", "%"),
    Measure("filed", "立案率", "其中公安机关已立案的 ÷ 移送数", "%"),
    Measure("decided", "平均用时", "从移送到公安机关首次决定立案或者不予立案的小时数之和 ÷ 已作决定的案件数", "小时"),
    Measure("returned", "退回数", "其中公安机关退回过的案件数"),
    Measure("supervised", "监督数", "其中检察机关立案监督过（建议监督或者主动监督）的案件数，括号内为监督后立案的"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One transfer of the month with what became of it."""

    transfer_no: str
    case_id: UUID
    organ: str
    title: str
    sent_at: datetime
    accepted_at: datetime | None
    decided_at: datetime | None
    filed: bool
    returned: bool
    supervised: bool
    corrected: bool

    @property
    def hours(self) -> float:
        return (self.decided_at - self.sent_at) / HOUR if self.decided_at is not None else 0.0

    def counts(self, measure: str) -> bool:
        """Is this one of the cases behind the number?"""
        return {
            "sent": True, "accepted": self.accepted_at is not None, "filed": self.filed, "decided": self.decided_at is not None,
            "returned": self.returned, "supervised": self.supervised,
        }[measure]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with numerator and denominator; ``value`` None where there is nothing to divide by."""

    measure: str
    above: float
    below: int | None = None
    note: int | None = None  # of 监督数: how many were filed after it

    @property
    def value(self) -> float | None:
        if self.below is None:
            return self.above
        return self.above / self.below if self.below else None

    @property
    def words(self) -> str:
        """As the table shows it: 3 · 66.7% · 18.5 · 2（1）."""
        if self.measure in ("accepted", "filed"):
            return f"{self.value * 100:.1f}%" if self.value is not None else "—"
        if self.measure == "decided":
            return f"{self.value:.1f}" if self.value is not None else "—"
        return f"{self.above:g}（{self.note}）" if self.note is not None else f"{self.above:g}"

    @property
    def share(self) -> str:
        """Numerator and denominator: 2/3."""
        return (
            f"{self.above:.1f}/{self.below}"
            if self.measure == "decided"
            else f"{self.above:g}/{self.below}"
            if self.below is not None
            else ""
        )


@dataclass(frozen=True, slots=True)
class Row:
    organ: str
    name: str
    figures: Sequence[Figure]


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """2026-09 → its first moment and that of the next month. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    return start_of_day(first), start_of_day((first + timedelta(days=31)).replace(day=1))


def months(now: datetime) -> list[str]:
    """The months the page offers, the newest first."""
    found: list[str] = []
    day = local(now).date().replace(day=1)
    while len(found) < MONTHS:
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def organs(session: Session, person: Person) -> dict[str, str]:
    """The organs that transfer, as far as this person's reach goes: the bureau sees its branches too; an auditor all."""
    mine = policy.organs_answered_for(person)
    query = select(Organ.id, Organ.short).where(Organ.kind.in_(boards.OURS), Organ.active, Organ.id.in_(mine))
    return {row[0]: row[1] for row in session.execute(query.order_by(Organ.kind.desc(), Organ.id))}


def sent_in(session: Session, month: str, reach: Iterable[str]) -> list[Sent]:
    """The transfers first sent in a month by these organs, with what became of them."""
    start, end = month_bounds(month)
    first = (
        select(TransferLetter.transfer_no, func.min(TransferLetter.sent_at).label("sent_at"))
        .where(TransferLetter.name == "transfer_sent", TransferLetter.kind == "", TransferLetter.from_organ.in_(list(reach)))
        .group_by(TransferLetter.transfer_no)
        .having(func.min(TransferLetter.sent_at) >= start, func.min(TransferLetter.sent_at) < end)
        .subquery()
    )
    query = (
        select(Transfer, first.c.sent_at)
        .join(first, first.c.transfer_no == Transfer.transfer_no)
        .where(Transfer.sent_at.is_not(None), Transfer.organ.in_(list(reach)))
        .order_by(Transfer.transfer_no, Transfer.opened_at)
    )
    newest = {t.transfer_no: (t, sent_at) for t, sent_at in session.execute(query)}
    said = _letters(session, list(newest))
    made = [_sent(t, sent_at, said.get(number, [])) for number, (t, sent_at) in newest.items()]
    return sorted(made, key=lambda one: (one.sent_at, one.transfer_no))


def _letters(session: Session, numbers: list[str]) -> dict[str, list[TransferLetter]]:
    """Notices and results of these transfers, in their order."""
    query = select(TransferLetter).where(
        TransferLetter.transfer_no.in_(numbers), TransferLetter.name.in_(("police_notice", "supervision_proposed", "supervision_result"))
    )
    found: dict[str, list[TransferLetter]] = {}
    for letter in session.scalars(query.order_by(TransferLetter.sent_at, TransferLetter.id)):
        found.setdefault(letter.transfer_no, []).append(letter)
    return found


def _sent(t: Transfer, sent_at: datetime, said: list[TransferLetter]) -> Sent:
    notices = [one for one in said if one.name == "police_notice"]
    decided = next((one for one in notices if one.kind in ("filed", "refused")), None)
    supervised = [one for one in said if one.name.startswith("supervision_")]
    return Sent(
        transfer_no=t.transfer_no, case_id=t.case_id, organ=t.organ, title=t.title, sent_at=sent_at, accepted_at=t.accepted_at,
        decided_at=(decided.decided_at or decided.sent_at) if decided is not None else None,
        filed=any(one.kind == "filed" for one in notices), returned=any(one.kind == "returned" for one in notices),
        supervised=bool(supervised), corrected=any(one.kind == "corrected" for one in supervised),
    )  # fmt: skip


def figures(found: Sequence[Sent]) -> list[Figure]:
    """The six numbers of some transfers."""
    total = len(found)
    made = []
    for measure in MEASURES:
        counted = [one for one in found if one.counts(measure.id)]
        if measure.id in ("accepted", "filed"):
            made.append(Figure(measure.id, len(counted), total))
        elif measure.id == "decided":
            made.append(Figure(measure.id, sum(one.hours for one in counted), len(counted)))
        elif measure.id == "supervised":
            made.append(Figure(measure.id, len(counted), note=sum(one.corrected for one in counted)))
        else:
            made.append(Figure(measure.id, len(counted)))
    return made


def table(found: Sequence[Sent], reach: dict[str, str]) -> list[Row]:
    """A row for each organ, also where nothing was sent, and the sum."""
    rows = [Row(organ, name, figures([one for one in found if one.organ == organ])) for organ, name in reach.items()]
    return [*rows, Row("", "合计", figures(found))]
