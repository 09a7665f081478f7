"""What a procedure's area adds to the case page. The page itself knows no petition.

An area implements ``CaseProvider`` (or subclasses ``PlainCase``) and registers it once, when the app is made:

    from app.cases.providers import register
    register(app, "petition", PetitionCase())        # the name is the procedure's folder under bpmn/

Everything returned is already masked for that person: the template prints what it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flask import Flask, current_app

from app.accounts.models import Person
from workflows.tables import Case

_KEY = "case_providers"
_CONTRIBUTORS = "case_contributors"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the strip under the title or of 概况. ``url`` makes the value a link; ``light`` stands before it in the strip."""

    label: str
    value: str
    url: str = ""
    light: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Number, title, state (words; ``state_kind`` is "", "end" or "late"), tags, and the strip of facts."""

    title: str
    number: str
    state: str
    state_kind: str = ""
    tags: Sequence[str] = ()
    strip: Sequence[Fact] = ()
    said: str = ""  # 反映内容: shown above the form, to those who may read it
    said_label: str = "反映内容"


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind the case, as this viewer may see it. With ``reveal_url`` a button asks the reason and posts it there."""

    label: str  # 信访人, 举报人
    shown: str  # 张** 138****1234, or the full name where the viewer may see it
    level: str = "masked"  # full | masked | sealed
    reveal_url: str = ""
    reasons: Sequence[str] = ("电话核实情况", "送达文书", "预约接待")


@dataclass(frozen=True, slots=True)
class Action:
    """A button on the case for those who may: it opens a page (``get``) or posts at once (``post``)."""

    label: str
    url: str
    icon: str = ""
    method: str = "get"


@dataclass(frozen=True, slots=True)
class Related:
    """Another case that belongs to this one, and why."""

    label: str
    url: str
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A block of facts in 概况, with an optional heading and a longer text."""

    facts: Sequence[Fact] = field(default_factory=tuple)
    heading: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What another area says of a case: facts for the strip (the leader who owns it), files that belong to it."""

    strip: Sequence[Fact] = ()
    related: Sequence[Related] = ()


Contributor = Callable[[Case, Person], Contribution]


class CaseProvider(Protocol):
    """What the case page asks an area."""

    def header(self, case: Case, person: Person) -> Header: ...

    def facts(self, case: Case, person: Person) -> Sequence[Section]: ...

    def identity(self, case: Case, person: Person) -> Identity | None: ...

    def actions(self, case: Case, person: Person) -> Sequence[Action]: ...

    def related(self, case: Case, person: Person) -> Sequence[Related]: ...

    def reader(self, case: Case, person: Person) -> Callable[[str], str] | None:
        """How this person reads free text of the trail (names covered); None: its content is sealed for them."""
        ...

    def menu(self, case: Case) -> Sequence[str]:
        """The endpoints of the lists this case is found in: the first that is in the person's menu is marked on its page."""
        ...


class PlainCase:
    """A case of a procedure without an area of its own: what the engine knows."""

    def header(self, case: Case, person: Person) -> Header:
        over = case.status == "closed"
        return Header(case.title, case.number or "未编号", "已归档" if over else "办理中", "end" if over else "", tuple(case.tags))

    def facts(self, case: Case, person: Person) -> Sequence[Section]:
        return ()

    def identity(self, case: Case, person: Person) -> Identity | None:
        return None

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        return ()

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        return ()

    def reader(self, case: Case, person: Person) -> Callable[[str], str] | None:
        return str

    def menu(self, case: Case) -> Sequence[str]:
        return ()


def register(app: Flask, procedure: str, provider: CaseProvider) -> None:
    """Give a procedure's cases their area."""
    app.extensions.setdefault(_KEY, {})[procedure] = provider


def contribute(app: Flask, procedure: str, contributor: Contributor) -> None:
    """Let an area add to the case page of another's procedure; it says only what that person may see."""
    app.extensions.setdefault(_CONTRIBUTORS, {}).setdefault(procedure, []).append(contributor)


def contributions(procedure: str | None, case: Case, person: Person) -> list[Contribution]:
    """What other areas say of this case."""
    known: dict[str, list[Contributor]] = current_app.extensions.get(_CONTRIBUTORS, {})
    return [contributor(case, person) for contributor in known.get(procedure or "", ())]


def provider_for(procedure: str | None) -> CaseProvider:
    """The area of a procedure, or the plain one."""
    known: dict[str, CaseProvider] = current_app.extensions.get(_KEY, {})
    return known.get(procedure or "", PlainCase())
