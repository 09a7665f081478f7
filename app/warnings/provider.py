"""The case page of a warning, of a county's file, of a problem: one procedure, so one provider that looks which record the case has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Action, Fact, Header, PlainCase, Related, Section
from app.warnings import facts, queries, services, words
from app.warnings.models import EarlyWarning, Problem
from workflows.tables import Case
from workflows.time import now


class WarningCase(PlainCase):
    """A county's file says what was sent to the county and what it answered; of petitions nobody sees more than they may."""

    def header(self, case: Case, person: Person) -> Header:
        session = db.session
        if (warning := session.get(EarlyWarning, case.id)) is not None:
            return _of_warning(session, case, warning)
        if (problem := session.get(Problem, case.id)) is not None:
            return _of_problem(session, case, problem)
        return _of_county(session, case)

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        session = db.session
        if (warning := session.get(EarlyWarning, case.id)) is not None:
            return facts.of_warning(session, warning, person)
        if (problem := session.get(Problem, case.id)) is not None:
            return facts.of_problem(session, problem)
        return facts.of_county(session, case.id)

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        waits = db.session.get(EarlyWarning, case.id) is not None and services.waits_for_answer(db.session, case.id)
        if not waits or not policy.can(person, "case.supplement", case):
            return ()
        return (Action("代录区县纸质回复", url_for("warnings.paper_answer", case_id=case.id), "bi-envelope-paper"),)

    def menu(self, case: Case) -> Sequence[str]:
        return ("warnings.index", "warnings.county")

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        """A warning and its problems lead to each other; a county's file leads nowhere."""
        session = db.session
        if session.get(EarlyWarning, case.id) is not None:
            found = queries.problems_of(session, case.id)
            return [_link(p.case_id, f"{p.number} {p.title}", words.PROBLEM_STATES[p.state], "问题清单") for p in found if _sees(person, p)]
        problem = session.get(Problem, case.id)
        warning = session.get(EarlyWarning, problem.warning) if problem is not None else None
        if warning is None or not _sees(person, warning):
            return ()
        title = f"{warning.number or ''} {words.county(warning.county)}{words.month(warning.month)}预警".strip()
        return [_link(warning.case_id, title, words.STATES[warning.state], "预警函")]


def _sees(person: Person, record: EarlyWarning | Problem) -> bool:
    return policy.can(person, "case.see", record.case_id)


def _link(case_id: object, label: str, state: str, note: str) -> Related:
    return Related(label, url_for("cases.show", case_id=case_id), state, note)


def _kind(case: Case) -> str:
    """How the state is coloured."""
    return "end" if case.status == "closed" else "late" if case.overdue_at is not None else ""


def _of_warning(session: Session, case: Case, w: EarlyWarning) -> Header:
    moment = now()
    items = queries.items(session, w.case_id)
    strip = [
        Fact("属地", words.county(w.county)),
        Fact("月份", words.month(w.month)),
        Fact("主送", directory.name(session, w.county_org)),
        Fact("问题", f"{len(items)} 项"),
        *_moments((("发出", w.sent_at), ("签收", w.receipt_at), ("回复", w.response_at)), moment),
    ]
    said = "　".join(f"{i.no}. {i.title}：{i.text}" for i in items) + (f"　要求：{w.demand}" if w.demand else "")
    said = "" if w.state == "draft" else said  # the form itself holds them then
    return Header(case.title, w.number or "未编号", words.STATES[w.state], _kind(case), tuple(case.tags), strip, said, "预警的问题")


def _of_problem(session: Session, case: Case, p: Problem) -> Header:
    strip = [
        Fact("属地", words.county(p.county)),
        Fact("完成时限", p.deadline.isoformat()),
        Fact("责任单位", p.owner or "未写明"),
        Fact("核查单位", directory.name(session, p.unit)),
        Fact("调度", f"{p.checks} 次" + (f"，督办 {p.escalations} 次" if p.escalations else "")),
    ]
    return Header(case.title, p.number, words.PROBLEM_STATES[p.state], _kind(case), tuple(case.tags), strip, p.standard, "完成标准")


def _of_county(session: Session, case: Case) -> Header:
    letters = queries.county_letters(session, case.id)
    if not letters:
        return Header(case.title, case.number or "未编号", "来函", tags=tuple(case.tags))
    letter = letters[0]
    state = "已回复" if letter.response_at else "待回复" if letter.receipt_at else "待签收"
    strip = [
        Fact("来函", letter.number),
        Fact("月份", words.month(letter.month)),
        Fact("问题", f"{len(letter.items)} 项"),
        *_moments((("收到", letter.received_at), ("签收", letter.receipt_at), ("回复", letter.response_at)), now()),
    ]
    said = "\n".join(f"{row['item']}. {row['title']}：{row['text']}" for row in letter.items)
    return Header(
        case.title, case.number or "未编号", state, _kind(case), tuple(case.tags), strip, f"{said}\n要求：{letter.text}", "来函内容"
    )


def _moments(pairs: Sequence[tuple[str, datetime | None]], moment: datetime) -> list[Fact]:
    return [Fact(label, clockwords.moment(at, moment)) for label, at in pairs if at is not None]
