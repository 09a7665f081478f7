"""The part of 领导包案 on the case page: header, facts, the petitions it owns, what may be done beside the drawn path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import url_for
from sqlalchemy import select

from app import db
from app.accounts import policy
from app.accounts.models import Person
from app.cases.providers import Action, Contribution, Fact, Header, PlainCase, Related, Section
from app.leadership import candidates, duties, facts, services
from app.leadership.models import LeaderCase, LeaderCasePetition
from app.leadership.options import STATUS
from app.petitions import briefs
from app.petitions.briefs import Brief
from workflows.tables import Case

Members = list[tuple[Brief, str]]


class LeadershipCase(PlainCase):
    """A case of 领导包案. Everything here is masked for the person who looks."""

    def header(self, case: Case, person: Person) -> Header:
        lc = db.session.get(LeaderCase, case.id)
        if lc is None:
            return super().header(case, person)
        late = case.overdue_at is not None and case.status == "open"
        kind = "end" if lc.ended_at is not None else "late" if late else ""
        return Header(lc.title, lc.number or "未编号", STATUS.get(lc.status, lc.status), kind, tuple(case.tags), self._strip(case, lc))

    def _strip(self, case: Case, lc: LeaderCase) -> Sequence[Fact]:
        row = services.names_of(db.session, lc)
        pairs = (
            ("包案领导" if lc.assigned_on else "拟定的包案领导", row.owner),
            ("责任单位", row.unit),
            ("责任人", row.handler),
            ("包案日期", facts.said(lc.assigned_on) if lc.assigned_on else ""),
            ("化解时限", facts.said(lc.plan_deadline) if lc.plan_signed_at else ""),
            ("入库理由", candidates.labels(lc.reasons)),
        )
        return [Fact(label, text) for label, text in pairs if text]

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        lc = db.session.get(LeaderCase, case.id)
        if lc is None:
            return ()
        members = self._members(case, person)
        return facts.sections(db.session, lc, members, briefs.reader(brief for brief, _ in members), duties.missing(db.session, lc))

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        found = []
        if policy.can(person, "leadership.visit", case) and services.why_no_visit(db.session, case) is None:
            found.append(Action("接访下访登记", url_for("leadership.visit", case_id=case.id), "bi-people", "post"))
        if policy.can(person, "leadership.change", case) and services.why_no_change(db.session, case) is None:
            found.append(Action("更换包案领导", url_for("leadership.change", case_id=case.id), "bi-arrow-left-right", "post"))
        return found

    def menu(self, case: Case) -> Sequence[str]:
        return ("leadership.ledger", "leadership.desk")

    def reader(self, case: Case, person: Person) -> Callable[[str], str] | None:
        """Names of every petitioner covered in what others wrote; with a sealed petition in the file, no content at all."""
        return briefs.reader(brief for brief, _ in self._members(case, person))

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        """The petitions of the file that this person may open."""
        members = self._members(case, person)
        seen = set(db.session.scalars(select(Case.id).where(Case.id.in_([b.case_id for b, _ in members]), policy.visible_cases(person))))
        return [
            Related(f"{brief.number} {brief.title}", url_for("cases.show", case_id=brief.case_id), self._state(brief), "包案的信访事项")
            for brief, _ in members
            if brief.case_id in seen
        ]

    def _state(self, brief: Brief) -> str:
        if not brief.open:
            return "已归档"
        return "已答复" if brief.answered else "在办"

    def _members(self, case: Case, person: Person) -> Members:
        """The petitions of the file with the reason why each is here, the oldest first."""
        query = select(LeaderCasePetition.petition_id, LeaderCasePetition.why).where(LeaderCasePetition.case_id == case.id)
        why = dict(db.session.execute(query).all())
        return [(brief, why[case_id]) for case_id, brief in briefs.of(db.session, why, person).items()]


def owner_of_petition(case: Case, person: Person) -> Contribution:
    """On a petition's page: the leader who owns it, with the owner's light, and the file for those who see it."""
    found = services.ownership_of(db.session, case.id)
    if found is None or not found.owner:
        return Contribution()
    file = db.session.get(Case, found.case_id)
    url = url_for("cases.show", case_id=found.case_id) if file is not None and policy.can(person, "case.see", file) else ""
    said = f"{found.owner}（{found.clock.words}）" if not found.closed else f"{found.owner}（已结案）"
    fact = Fact("包案领导", said, url, found.clock.light)
    related = [Related(f"{found.number} {found.title}".strip(), url, found.status_label, f"领导包案，{found.unit}")] if url else []
    return Contribution([fact], related)
