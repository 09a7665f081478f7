"""What the pages of 督办 read beside the lists: units by name, bounces of a petition, who may see drafts and proposals of liability."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.directory import directory
from app.accounts.models import Person
from app.accounts.policy import visible_cases
from app.supervision.models import Matter, MatterReferral
from workflows.tables import Case

SIGNERS = ("leader", "organ_head")


def unit_names(session: Session) -> dict[str, str]:
    """Organisation → short name, for the units a list may be narrowed to."""
    return dict(accounts.units(session))


def visible(session: Session, person: Person, case_id: UUID | None) -> Case | None:
    """The case, if there is one and the person may see it."""
    if case_id is None:
        return None
    return session.scalar(select(Case).where(Case.id == case_id, visible_cases(person)))


def bounces(session: Session, case_id: UUID) -> int:
    """How often units objected to handling a petition (退单次数)."""
    sql = text("SELECT count(*) FROM petition_transfer WHERE case_id = :case AND objection IS NOT NULL")
    return int(session.scalar(sql, {"case": case_id}) or 0)


def of_subject(session: Session, subject: UUID, but: UUID) -> list[Matter]:
    """Other matters about the same case, the newest first."""
    query = select(Matter).where(Matter.subject_case == subject, Matter.case_id != but)
    return list(session.scalars(query.order_by(Matter.opened_at.desc())))


def referrals(session: Session, case_id: UUID) -> list[MatterReferral]:
    """Proposals of liability made in a matter, the oldest first."""
    return list(session.scalars(select(MatterReferral).where(MatterReferral.case_id == case_id).order_by(MatterReferral.id)))


def is_inside(session: Session, person: Person, matter: Matter) -> bool:
    """Who sees drafts and proposals of liability: leaders of the bureau, the desk that works on the matter, auditors; never the
    supervised unit (条例30)."""
    bureau = directory.signer_org(session, matter.desk_org)
    for post in person.posts:
        if post.organ_id == matter.unit and post.organ_id != bureau:
            return False
        if post.role == "auditor":
            return True
    return any(
        (post.role in SIGNERS and post.organ_id == bureau) or (post.role == "supervisor" and post.organ_id == matter.desk_org)
        for post in person.posts
    )
