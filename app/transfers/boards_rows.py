"""The boards as pages and workbooks show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.accounts.roles import LABELS
from app.transfers import boards as rules
from app.transfers.boards import BOARDS, MOST, BoardRule, Finding, Look
from workflows.tables import Case
from workflows.time import local

Columns = tuple[tuple[str, int], ...]
COLUMNS: Columns = (
    ("规则", 60), ("依据", 30), ("编号", 24), ("案件", 40), ("应当办理的机关", 26), ("由谁办", 24),
    ("要办的事", 36), ("从何时起", 18), ("已经", 16),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a rule."""

    url: str
    number: str
    title: str
    organ: str
    roles: str
    what: str
    since: str
    gone: str


@dataclass(frozen=True, slots=True)
class RuleView:
    say: str
    law: str
    lines: Sequence[Line]

    @property
    def count(self) -> str:
        return f"{MOST}+" if len(self.lines) >= MOST else str(len(self.lines))


@dataclass(frozen=True, slots=True)
class BoardView:
    id: str
    label: str
    url: str
    rules: Sequence[RuleView]

    @property
    def total(self) -> int:
        return sum(len(one.lines) for one in self.rules)


def boards(session: Session, at: Look, board: str = "") -> list[BoardView]:
    """All boards, or one, with rules and cases."""
    made: dict[str, list[RuleView]] = {key: [] for key in BOARDS if not board or key == board}
    for rule, found in rules.findings(at, board):
        made[rule.board].append(_rule(session, at, rule, found))
    return [BoardView(key, BOARDS[key], url_for("transfers.board", board=key), views) for key, views in made.items()]


def _rule(session: Session, at: Look, rule: BoardRule, found: Sequence[Finding]) -> RuleView:
    may = opens(session, at.person, [one.case_id for one in found if one.case_id])
    return RuleView(rule.say(at.numbers), rule.law, [_line(session, at, one, may) for one in found])


def opens(session: Session, person: Person | None, cases: Iterable[UUID]) -> set[UUID]:
    """Those of these cases that the person may open; the others are counted and named, not linked."""
    ids = list(cases)
    if person is None or not ids:
        return set(ids)
    return set(session.scalars(select(Case.id).where(Case.id.in_(ids), policy.visible_cases(person))))


def _line(session: Session, at: Look, one: Finding, may: set[UUID]) -> Line:
    url = url_for("transfers.penalty", penalty_id=one.penalty_id) if one.penalty_id else ""
    if one.case_id in may:
        url = url_for("cases.show", case_id=one.case_id)
    return Line(
        url=url, number=one.number, title=one.title, organ=directory.name(session, one.organ) if one.organ else "",
        roles="、".join(LABELS.get(role, role) for role in one.roles), what=one.what, since=clockwords.day(one.since, at.now),
        gone=clockwords.span(max(at.now - local(one.since), at.now - at.now)),
    )  # fmt: skip


def cells(board: BoardView) -> list[tuple[str, ...]]:
    """Lines of the workbook; a rule without cases keeps its line, so that zero is seen."""
    made: list[tuple[str, ...]] = []
    for rule in board.rules:
        for x in rule.lines:
            made.append((rule.say, rule.law, x.number, x.title, x.organ, x.roles, x.what, x.since, x.gone))
        if not rule.lines:
            made.append((rule.say, rule.law, "0 件", *[""] * (len(COLUMNS) - 3)))
    return made
