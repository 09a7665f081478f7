"""有案不立、有案不移、有案不接、有案不查、以罚代管、以罚代刑: what each board looks for, in words and as a query.

A rule finds what is so at a moment. Its numbers are settings.yaml's and deadlines.yaml's; its words say them. A page asks with a person
(who sees what their organs see), the nightly check without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import Session

from app.accounts import policy
from app.accounts.models import Person
from app.engine import get_engine
from app.transfers.words import PROCESS
from workflows.deadlines import Rule as Law
from workflows.tables import Case
from workflows.time import local

BOARDS = {
    "not_filed": "有案不立",
    "not_sent": "有案不移",
    "not_taken": "有案不接",
    "not_looked_into": "有案不查",
    "fine_for_control": "以罚代管",
    "fine_for_crime": "以罚代刑",
}
OURS = ("bureau", "branch")
MOST = 500  # what one rule lists; a board with more says so


@dataclass(frozen=True, slots=True)
class Numbers:
    """The settings of the boards, by their names in settings.yaml."""

    not_filed_days: int
    not_inspected_days: int
    facts_open_days: int
    no_progress_days: int
    receipt_late_hours: int
    fines_months: int
    fines_least: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One case on a board. ``since``: from when it has been so. ``organ`` must act, in ``roles``; ``key`` is what it is told once for."""

    rule: str
    key: UUID
    number: str
    title: str
    organ: str
    roles: tuple[str, ...]
    since: datetime
    what: str = ""
    case_id: UUID | None = None
    penalty_id: UUID | None = None
    transfer_no: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the boards: when, with which numbers, and through whose eyes."""

    session: Session
    now: datetime
    numbers: Numbers
    person: Person | None = None

    def cases(self) -> ColumnElement[bool]:
        """Condition on wf_case: what this person may open."""
        return policy.visible_cases(self.person) if self.person is not None else true()

    def files(self) -> ColumnElement[bool]:
        """The same for files of a transfer: whoever keeps the board counts every file of the organs in reach, also those not theirs."""
        if self.person is None:
            return true()
        return or_(policy.visible_cases(self.person), Case.attrs["bureau"].astext.in_(policy.organs_answered_for(self.person)))

    def register(self) -> list[str] | None:
        """The organs whose penalty register this person reads; None: all."""
        if self.person is None:
            return None
        if not policy.can(self.person, "penalties.view"):
            return []
        return policy.organs_answered_for(self.person)

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    @property
    def today(self) -> date:
        return local(self.now).date()


@dataclass(frozen=True, slots=True)
class BoardRule:
    """One rule of a board. ``say``: the rule in words; ``law``: where it comes from."""

    id: str
    board: str
    say: Callable[[Numbers], str]
    law: str
    find: Callable[[Look], list[Finding]]


RULES: dict[str, BoardRule] = {}


def rule(board: str, name: str, say: str | Callable[[Numbers], str], law: str) -> Callable[..., Callable[[Look], list[Finding]]]:
    """Register a query as a rule of a board."""

    def add(find: Callable[[Look], list[Finding]]) -> Callable[[Look], list[Finding]]:
        known = f"{board}.{name}"
        if known in RULES:
            raise ValueError(f"{known} is registered twice")
        RULES[known] = BoardRule(known, board, say if callable(say) else (lambda _: say), law, find)
        return find

    return add


def numbers(session: Session) -> Numbers:
    """The settings in force."""
    found = get_engine().library.current(session, PROCESS).settings
    return Numbers(**{name: int(found[name]["value"]) for name in Numbers.__dataclass_fields__})


def look(session: Session, moment: datetime, person: Person | None = None) -> Look:
    return Look(session, moment, numbers(session), person)


def rules(board: str = "") -> list[BoardRule]:
    """All rules, in the order of the boards."""
    from app.transfers import boards_cases, boards_penalties  # noqa: F401  they register themselves

    order = list(BOARDS)
    found = sorted(RULES.values(), key=lambda one: order.index(one.board))
    return [one for one in found if not board or one.board == board]


def findings(at: Look, board: str = "") -> Iterator[tuple[BoardRule, list[Finding]]]:
    """Each rule with what it finds, the longest standing first; a rule without any gives an empty list."""
    for one in rules(board):
        yield one, sorted(one.find(at), key=lambda f: (f.since, f.number))


def period(rule_id: str) -> str:
    """A period of deadlines.yaml in words: 3 日, 24 小时."""
    law: Law = get_engine().rules.versions(rule_id)[-1]
    return law.period
