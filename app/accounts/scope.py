"""For which organs a request acts in the database (row-level security): those of the posts of whoever is logged in.

A post in a department (内设机构) acts for the organ above it that acts in its own name, too. Nothing here comes from the request, and
the policy of the app (``policy.py``) decides on its own: this holds when a query has forgotten it.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db
from workflows.time import now

_ENTER = text("""
with recursive acting as (
    select o.id, o.parent_id, o.kind from post p join organ o on o.id = p.organ_id
     where p.person_id = :person and p.since <= :now and (p.until is null or p.until > :now) and o.active
    union
    select o.id, o.parent_id, o.kind from acting a join organ o on o.id = a.parent_id where a.kind = 'department')
select set_config('hxt.organs', coalesce(string_agg(id, ',' order by id), ''), true) from acting""")
_LEND = text("""
select set_config('hxt.organs', coalesce(array_to_string(wf_confined_of(:case_id), ','), current_setting('hxt.organs', true), ''), true)""")


def enter(session: Session, person_id: UUID) -> None:
    """The request acts for this person's organs from now on: in the transaction of ``session``, by one statement, and in later ones."""
    db.act_for(session.scalar(_ENTER, {"person": person_id, "now": now()}) or "")


def lend(session: Session, case_id: UUID) -> None:
    """For this transaction, the organs of the case: an operator repeats what somebody of these organs did, and reads nothing of it."""
    session.execute(_LEND, {"case_id": case_id})
