"""What the case page shows of a file of 两法衔接: each kind of file has its view, registered by the side that keeps it.

register_view("police_case", PoliceView())
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.cases.providers import Action, Fact, Header, PlainCase, Related, Section
from app.transfers import carry, package, platform
from app.transfers.models import TransferFile
from workflows.tables import Case
from workflows.time import now

DESKS = {"police": "transfers.police_desk", "procuratorate": "transfers.procuratorate"}


class FileView:
    """A file of which nothing special is known."""

    def header(self, case: Case, person: Person) -> Header:
        return PlainCase().header(case, person)

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        return ()

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        return ()

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        return ()


_VIEWS: dict[str, FileView] = {}
_PLAIN = FileView()


def register_view(process: str, view: FileView) -> None:
    """Let ``view`` show the files of a process."""
    _VIEWS[process] = view


def view_of(process: str) -> FileView:
    return _VIEWS.get(process, _PLAIN)


def letters(session: Session, home: TransferFile, person: Person) -> list[Section]:
    """往来文书: what was sent and received, the oldest first, each with its page."""
    moment, facts = now(), []
    for one in carry.of_case(session, home.case_id):
        if not policy.can(person, "transfers.letter", one):
            continue
        ours = one.from_case == home.case_id
        other = directory.name(session, one.to_organ if ours else one.from_organ)
        when = clockwords.moment(one.sent_at if ours else one.received_at or one.sent_at, moment)
        number = f"{one.document_no}　" if one.document_no else ""
        facts.append(
            Fact(one.title, f"{'发往' if ours else '来自'} {other}　{number}{when}", url_for("transfers.letter", letter_id=one.id))
        )
    return [Section(facts, "往来文书")] if facts else []


def packages(session: Session, home: TransferFile, person: Person) -> list[Section]:
    """移送材料: each sealed package with its number, how many pieces and the digest of its manifest."""
    facts = []
    for one in package.of_transfer(session, home.transfer_no):
        if one.sealed_at is None or not policy.can(person, "transfers.package", one):
            continue
        rows = package.items(session, one.id)
        said = f"{len(rows)} 件，{clockwords.moment(one.sealed_at, now())} 封存，SM3 {(one.manifest_sm3 or '')[:8]}…"
        facts.append(Fact(one.number, said, url_for("transfers.sealed", package_id=one.id)))
    return [Section(facts, "移送材料")] if facts else []


class TransferCase(PlainCase):
    """The provider of both procedures: it looks which file the case is."""

    def header(self, case: Case, person: Person) -> Header:
        home = db.session.get(TransferFile, case.id)
        return view_of(home.process if home is not None else "").header(case, person)

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        home = db.session.get(TransferFile, case.id)
        if home is None:
            return view_of("").sections(case, person)
        own = view_of(home.process).sections(case, person)
        return [*own, *packages(db.session, home, person), *letters(db.session, home, person)]

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        home = db.session.get(TransferFile, case.id)
        found = list(view_of(home.process if home is not None else "").actions(case, person))
        if policy.can(person, "transfers.letter", case) and platform.of_case(db.session, case.id):
            found.append(Action("信息共享", url_for("transfers.entries", case_id=case.id), "bi-share"))
        return found

    def menu(self, case: Case) -> Sequence[str]:
        """The partners' own desks; the bureau's list of transfers or of detentions."""
        home = db.session.get(TransferFile, case.id)
        organ = db.session.get(Organ, home.organ) if home is not None else None
        if home is None or organ is None:
            return ()
        desk = DESKS.get(organ.kind)
        return (desk,) if desk else ("transfers.detentions",) if home.process == "detention" else ("transfers.index",)

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        home = db.session.get(TransferFile, case.id)
        return view_of(home.process if home is not None else "").related(case, person)
