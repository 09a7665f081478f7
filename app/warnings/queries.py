"""What the area of early warnings reads. Petitions are read here only, and only what may be counted and never named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Organ, Person
from app.accounts.policy import visible_cases
from app.warnings import privacy
from app.warnings.models import CountyLetter, EarlyWarning, Problem, ProblemCheck, Publication, WarningItem, WarningLetter, WarningResponse
from workflows.tables import Case, Instance

if TYPE_CHECKING:
    from app.warnings.collect import Window

# Sealed petitions and accusations never count; a petition without a number is not registered yet.
_GROUPS = text("""
WITH found AS (
  SELECT p.case_id, p.kind, p.enterprise_id, p.enterprise, p.place_key, p.place, p.household, p.received_at, p.repeats > 1 AS again,
         p.received_at >= :month_from AS fresh,
         p.received_at >= :last_from AND p.received_at < :last_until AS before,
         p.received_at >= :year_from AND p.received_at < :year_until AS year_ago,
         c.status = 'open' AND p.received_at < :old AS old,
         c.status = 'open' AND EXISTS (
           SELECT 1 FROM wf_clock k
            WHERE k.case_id = c.id AND k.overdue_at IS NOT NULL AND k.status IN ('running', 'paused')) AS late
    FROM petition p JOIN wf_case c ON c.id = p.case_id
   WHERE p.county = :county AND NOT p.sealed AND p.klass <> 'accusation' AND p.number IS NOT NULL AND p.received_at < :month_until
     AND (p.received_at >= :last_from OR p.received_at >= :year_from AND p.received_at < :year_until OR c.status = 'open'))
SELECT g.kind, g.key, coalesce((array_agg(g.name ORDER BY f.received_at DESC))[1], '') AS name,
       count(*) FILTER (WHERE f.fresh) AS count,
       count(*) FILTER (WHERE f.before) AS last_month,
       count(*) FILTER (WHERE f.year_ago) AS last_year,
       count(*) FILTER (WHERE f.fresh AND f.again) AS repeats,
       count(*) FILTER (WHERE f.late) AS overdue,
       count(*) FILTER (WHERE f.old) AS unresolved,
       count(DISTINCT f.household) FILTER (WHERE f.fresh) AS households,
       array_agg(f.case_id ORDER BY f.received_at, f.case_id) FILTER (WHERE f.fresh OR f.late OR f.old) AS cases
  FROM found f
 CROSS JOIN LATERAL (VALUES
   ('kind', f.kind, NULL),
   ('source', CAST(f.enterprise_id AS text), f.enterprise),
   ('place', CASE WHEN f.enterprise_id IS NULL THEN f.place_key END, f.place)) AS g(kind, key, name)
 WHERE g.key IS NOT NULL
 GROUP BY g.kind, g.key
HAVING bool_or(f.fresh OR f.late OR f.old)
 ORDER BY g.kind, g.key""")

_SECRETS = text("""
SELECT p.name, p.phone, p.phone_digits, p.address, r.value ->> 'name' AS r_name, r.value ->> 'phone' AS r_phone
  FROM petition p LEFT JOIN LATERAL jsonb_array_elements(p.representatives) r ON true
 WHERE p.case_id = ANY(CAST(:cases AS uuid[]))""")


def groups(session: Session, county: str, window: Window, old: datetime) -> list[dict[str, Any]]:
    """The figures of every kind, polluter and place of a county; ``old``: what was received before is unresolved for long."""
    given = {
        "county": county, "old": old, "month_from": window.month[0], "month_until": window.month[1], "last_from": window.last_month[0],
        "last_until": window.last_month[1], "year_from": window.last_year[0], "year_until": window.last_year[1],
    }  # fmt: skip
    return [dict(row) for row in session.execute(_GROUPS, given).mappings()]


def secrets(session: Session, cases: Sequence[UUID]) -> list[str]:
    """Names, phones and addresses of those who brought these petitions: what no letter and no list may hold."""
    if not cases:
        return []
    rows = session.execute(_SECRETS, {"cases": [str(case) for case in cases]})
    return privacy.secrets(word for row in rows for word in row)


def secrets_of(session: Session, warning: UUID) -> list[str]:
    """The same for all petitions behind a warning."""
    found = session.scalars(select(WarningItem.cases).where(WarningItem.warning == warning))
    return secrets(session, [case for cases in found for case in cases])


# --- organisations ----------------------------------------------------------------------------------------------------


def governments(session: Session) -> list[Organ]:
    """The governments of counties, by code."""
    query = select(Organ).where(Organ.kind == "government", Organ.active, Organ.county.is_not(None))
    return list(session.scalars(query.order_by(Organ.county, Organ.id)))


def bureau_of(session: Session, city: str) -> Organ | None:
    """The bureau that writes to the governments of a city."""
    return session.scalars(select(Organ).where(Organ.kind == "bureau", Organ.active, Organ.city == city).order_by(Organ.id)).first()


def branch_of(session: Session, county: str, city: str) -> Organ | None:
    """The bureau's branch in a county."""
    query = select(Organ).where(Organ.kind == "branch", Organ.active, Organ.county == county, Organ.city == city)
    return session.scalars(query.order_by(Organ.id)).first()


def city_government(session: Session, city: str) -> Organ | None:
    """To whom every letter is copied."""
    query = select(Organ).where(Organ.kind == "government", Organ.active, Organ.city == city, Organ.county.is_(None))
    return session.scalars(query.order_by(Organ.id)).first()


def short_names(session: Session, organs: Collection[str]) -> dict[str, str]:
    """Organisations as lists call them."""
    return {row.id: row.short for row in session.execute(select(Organ.id, Organ.short).where(Organ.id.in_(organs)))}


def office_of(session: Session, warning: UUID) -> str | None:
    """The department that drafts a warning's letters."""
    case = session.get(Case, warning)
    return case.attrs.get("intake_org") if case is not None else None


def bureau_writing(session: Session, warning: UUID) -> str | None:
    """The bureau in whose name they go out."""
    case = session.get(Case, warning)
    return case.attrs.get("bureau") if case is not None else None


# --- one warning ------------------------------------------------------------------------------------------------------


def items(session: Session, warning: UUID, *, kept: bool = True) -> list[WarningItem]:
    """The items of a warning in the letter's order; ``kept`` off: also those the office took out, at the end."""
    query = select(WarningItem).where(WarningItem.warning == warning)
    if kept:
        query = query.where(WarningItem.no > 0)
    return list(session.scalars(query.order_by(WarningItem.no == 0, WarningItem.no, WarningItem.id)))


def letters(session: Session, warning: UUID) -> list[WarningLetter]:
    """The letters sent, the first first."""
    query = select(WarningLetter).where(WarningLetter.warning == warning)
    return list(session.scalars(query.order_by(WarningLetter.sent_at, WarningLetter.id)))


def letter(session: Session, warning: UUID, number: str) -> WarningLetter | None:
    return session.scalars(select(WarningLetter).where(WarningLetter.warning == warning, WarningLetter.number == number)).first()


def newest_letter(session: Session, warning: UUID) -> WarningLetter | None:
    query = select(WarningLetter).where(WarningLetter.warning == warning)
    return session.scalars(query.order_by(WarningLetter.sent_at.desc(), WarningLetter.id.desc()).limit(1)).first()


def responses(session: Session, warning: UUID) -> list[WarningResponse]:
    """What was answered, the newest answer first, its items in order."""
    query = select(WarningResponse).where(WarningResponse.warning == warning)
    return list(session.scalars(query.order_by(WarningResponse.received_at.desc(), WarningResponse.id)))


def visible_petitions(session: Session, person: Person, ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Of the petitions behind an item those this person may see."""
    found = session.scalars(select(Case).where(Case.id.in_(ids), visible_cases(person)))
    return {case.id: case for case in found}


# --- the county's side ------------------------------------------------------------------------------------------------


def living_file(session: Session, warning: UUID) -> UUID | None:
    """The county's file about a warning that is still open."""
    query = select(CountyLetter.case_id).join(Case, Case.id == CountyLetter.case_id)
    query = query.where(CountyLetter.warning == warning, Case.status == "open")
    return session.scalar(query.order_by(CountyLetter.received_at.desc()).limit(1))


def county_letters(session: Session, case_id: UUID) -> list[CountyLetter]:
    """The letters on a county's file, the newest first."""
    query = select(CountyLetter).where(CountyLetter.case_id == case_id)
    return list(session.scalars(query.order_by(CountyLetter.received_at.desc(), CountyLetter.id.desc())))


def copy_of(session: Session, warning: UUID, number: str) -> CountyLetter | None:
    """The county's copy of one letter."""
    return session.scalars(select(CountyLetter).where(CountyLetter.warning == warning, CountyLetter.number == number)).first()


def running_instances(session: Session, case_id: UUID) -> list[UUID]:
    return list(session.scalars(select(Instance.id).where(Instance.case_id == case_id, Instance.status == "running")))


def answered_letter(session: Session, warning: UUID) -> CountyLetter | None:
    """The county's newest letter with an answer."""
    query = select(CountyLetter).where(CountyLetter.warning == warning, CountyLetter.response_at.is_not(None))
    return session.scalars(query.order_by(CountyLetter.response_at.desc(), CountyLetter.id.desc()).limit(1)).first()


def receipts(session: Session, warning: UUID) -> dict[str, CountyLetter]:
    """Letter number → the county's copy of it."""
    query = select(CountyLetter).where(CountyLetter.warning == warning)
    return {letter.number: letter for letter in session.scalars(query.order_by(CountyLetter.received_at))}


# --- problems ---------------------------------------------------------------------------------------------------------


def problems_of(session: Session, warning: UUID) -> list[Problem]:
    return list(session.scalars(select(Problem).where(Problem.warning == warning).order_by(Problem.no)))


def checks(session: Session, case_id: UUID) -> list[ProblemCheck]:
    """Every 调度 and 核查 of a problem, the newest first."""
    query = select(ProblemCheck).where(ProblemCheck.case_id == case_id)
    return list(session.scalars(query.order_by(ProblemCheck.at.desc(), ProblemCheck.id.desc())))


def warning_of(session: Session, case_id: UUID) -> EarlyWarning | None:
    return session.get(EarlyWarning, case_id)


# --- what was published -----------------------------------------------------------------------------------------------


def cleared_row(session: Session, warning: UUID, no: int) -> tuple[dict[str, Any], str] | None:
    """A problem as it stands on the published list, and who cleared it."""
    query = select(Publication).where(Publication.kind == "problems", Publication.case_id == warning)
    found = session.scalars(query).first()
    row = next((row for row in found.rows if row["no"] == no), None) if found is not None else None
    return (row, found.approved_by) if found is not None and row is not None else None


def publications(session: Session, kind: str, year: int, county: str = "") -> list[Publication]:
    """The lists of a year, the newest period first."""
    query = select(Publication).where(Publication.kind == kind, Publication.period.startswith(f"{year}-"))
    if county:
        query = query.where(Publication.county == county)
    return list(session.scalars(query.order_by(Publication.period.desc(), Publication.county, Publication.approved_at, Publication.id)))


def published_years(session: Session) -> list[int]:
    """Years there is something published of, the newest first."""
    found = session.scalars(select(func.substr(Publication.period, 1, 4)).distinct())
    return sorted((int(year) for year in found), reverse=True)
