"""The petition's part of the case page: header, facts, identity as this viewer may see it, actions, related cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import url_for

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Action, Fact, Header, Identity, PlainCase, Related, Section
from app.inbox import labels
from app.petitions import actions, facts, masking, queries
from app.petitions.models import Petition
from workflows.tables import Case
from workflows.time import now


class PetitionCase(PlainCase):
    """Everything here is masked for the person who looks."""

    def header(self, case: Case, person: Person) -> Header:
        petition = db.session.get(Petition, case.id)
        if petition is None:
            return Header(case.title or "待登记", "未编号", "待确认登记", tags=tuple(case.tags))
        level = masking.visible(db.session, person, petition, case)
        late = case.overdue_at is not None and case.status == "open"
        state = queries.state(db.session, case, petition)
        return Header(
            case.title, petition.number or "未编号", state, "end" if case.status == "closed" else "late" if late else "", tuple(case.tags),
            self._strip(case, petition), masking.statement(petition, level),
        )  # fmt: skip

    def _strip(self, case: Case, petition: Petition) -> Sequence[Fact]:
        words = labels.facet_labels(db.session)
        unit, handler = case.attrs.get("unit"), case.attrs.get("handler")
        found = [
            Fact("来源", labels.label(words, "channel", petition.channel)),
            Fact("收到", clockwords.moment(petition.received_at, now())),
            Fact("属地", labels.label(words, "county", petition.county)),
            Fact("类型", labels.label(words, "kind", petition.kind)),
        ]
        if unit:
            found.append(Fact("承办单位", directory.name(db.session, str(unit))))
        if handler:
            found.append(Fact("承办人", queries.person_name(db.session, str(handler))))
        if petition.enterprise and not petition.sealed:
            found.append(Fact("被反映单位", petition.enterprise, url_for("petitions.index", q=petition.enterprise, state="all")))
        return found

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        petition = db.session.get(Petition, case.id)
        if petition is None:
            return ()
        level = masking.visible(db.session, person, petition, case)
        return facts.sections(db.session, case, petition, level)

    def identity(self, case: Case, person: Person) -> Identity | None:
        petition = db.session.get(Petition, case.id)
        if petition is None:
            return None
        level = masking.visible(db.session, person, petition, case)
        may = level == "masked" and bool(petition.name or petition.phone) and policy.can(person, "identity.reveal", case)
        reveal = url_for("petitions.reveal", case_id=case.id) if may else ""
        label = "举报人" if petition.sealed else "信访人"
        return Identity(label, masking.identity(petition, level), level, reveal)

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        return [
            Action(action.label, url_for("petitions.act", case_id=case.id, name=action.name), action.icon)
            for action in actions.offered(db.session, person, case)
        ]

    def menu(self, case: Case) -> Sequence[str]:
        return ("petitions.index",)

    def reader(self, case: Case, person: Person) -> Callable[[str], str] | None:
        """Names covered in what others wrote; a sealed accusation shows no content at all."""
        level, read = masking.of_case(db.session, person, case.id)
        return None if level == "sealed" else read

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        petition = db.session.get(Petition, case.id)
        if petition is None:
            return ()
        return [
            Related(f"{other.number or ''} {other_case.title}".strip(), url_for("cases.show", case_id=other.case_id), state, note)
            for other, other_case, note, state in queries.related(db.session, person, petition)
        ]
