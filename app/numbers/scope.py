"""Whose numbers a person sees: of the whole city for posts at the bureau, of its own county for those at a branch."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.models import Person

ASKED = ("office", "supervisor", "unit_head", "leader", "organ_head", "secretary")  # the roles numbers.view is given to
WHOLE = ("bureau", "department")


@dataclass(frozen=True, slots=True)
class Scope:
    """``counties`` None: all of them."""

    counties: tuple[str, ...] | None = None

    def allows(self, county: str) -> bool:
        return self.counties is None or county in self.counties


def of(person: Person) -> Scope:
    """What the posts of this person let them count."""
    if person.has_role("auditor"):
        return Scope()
    organs = [post.organ for post in person.posts if post.role in ASKED]
    if any(organ.kind in WHOLE for organ in organs):
        return Scope()
    return Scope(tuple(sorted({organ.county for organ in organs if organ.county})))
