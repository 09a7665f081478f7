"""The part of 督办 on the case page: header, facts, the case it is about, its other matters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import url_for
from sqlalchemy import select

from app import clockwords, db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Fact, Header, PlainCase, Related, Section
from app.petitions import masking
from app.supervision import facts, queries, record
from app.supervision.models import Matter, MatterLetter
from app.supervision.rows import days
from app.supervision.words import KINDS, STEPS, TRIGGERS, WAYS
from workflows.tables import Case, Task
from workflows.time import now


class SupervisionCase(PlainCase):
    """A case of 督办. It names no petitioner; what people typed is still read as the subject's file would be."""

    def header(self, case: Case, person: Person) -> Header:
        matter = db.session.get(Matter, case.id)
        if matter is None:
            return super().header(case, person)
        late = case.overdue_at is not None and matter.closed_at is None
        said, label = _said(matter, queries.is_inside(db.session, person, matter))
        return Header(
            case.title, matter.number, _state(matter), "end" if matter.closed_at else "late" if late else "", tuple(case.tags),
            _strip(matter), said, label,
        )  # fmt: skip

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        matter = db.session.get(Matter, case.id)
        return facts.sections(db.session, matter, person) if matter is not None else ()

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        matter = db.session.get(Matter, case.id)
        if matter is None or matter.subject_case is None:
            return ()
        found = []
        subject = queries.visible(db.session, person, matter.subject_case)
        if subject is not None:
            name = f"{subject.number or ''} {subject.title}".strip()
            found.append(Related(name, url_for("cases.show", case_id=subject.id), _case_state(subject), "被督办的事项"))
        for other in queries.of_subject(db.session, matter.subject_case, case.id):
            if queries.visible(db.session, person, other.case_id) is not None:
                note = f"同一事项的督办，{TRIGGERS[other.trigger]}"
                found.append(Related(other.number, url_for("cases.show", case_id=other.case_id), _state(other), note))
        return found

    def menu(self, case: Case) -> Sequence[str]:
        return ("supervision.board",)

    def reader(self, case: Case, person: Person) -> Callable[[str], str] | None:
        """Names of the petitioner behind the matter are covered, should somebody have typed them."""
        matter = db.session.get(Matter, case.id)
        if matter is None or matter.subject_case is None:
            return str
        return masking.of_case(db.session, person, matter.subject_case)[1]


def _state(matter: Matter) -> str:
    """Where the matter is: the step that waits for people, else the rung it stands on."""
    if matter.closed_at is not None:
        return WAYS.get(matter.way or "", "已销号")
    waiting = select(Task.label).where(Task.case_id == matter.case_id, Task.status == "open").order_by(Task.opened_at.desc(), Task.id)
    return str(db.session.scalar(waiting.limit(1)) or STEPS.get(matter.step or "", "督办中"))


def _case_state(case: Case) -> str:
    return "已归档" if case.status == "closed" else "在办"


def _strip(matter: Matter) -> list[Fact]:
    moment = now()
    found = [
        Fact("责任单位", directory.name(db.session, matter.unit)),
        Fact("层级", STEPS.get(matter.step or "", "待定")),
        Fact("事由", TRIGGERS[matter.trigger]),
        Fact("立项", clockwords.moment(matter.opened_at, moment)),
        Fact("已办", f"{days(matter, moment)} 天"),
    ]
    subject = db.session.get(Case, matter.subject_case) if matter.subject_case else None
    return [*found, Fact("事项", subject.number or subject.title)] if subject is not None else found


def _said(matter: Matter, inside: bool) -> tuple[str, str]:
    """What stands above the form: the letter that waits for its signature, what the unit answered last, or the letter it has to answer."""
    rows = [row for row in record.letters(db.session, matter.case_id) if row.sent_at is not None or (inside and row.step)]
    if not rows or matter.closed_at is not None:
        return "", ""
    last = rows[-1]
    if last.replied_at is not None:
        return "　".join(text for text in (last.situation, last.reason, last.plan, last.result) if text), "责任单位的回复"
    return _text(last), f"拟发的{KINDS[last.step]}" if last.sent_at is None else KINDS[last.step]


def _text(row: MatterLetter) -> str:
    pairs = (("事由", row.facts), ("违反", row.breach), ("要求", row.demand), ("建议", row.advice), ("通报范围", row.scope))
    return "　".join(f"{label}：{text}" for label, text in pairs if text)
