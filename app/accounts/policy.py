"""Who may do what. Every decision is made here; what is not listed is denied.

A rule asks three things: the role, whether the act changes anything (an auditor changes nothing), and the person's part
in the case. ``can(person, action)`` without an object answers for the role alone (menus, the guard of a route); a view that
has the object calls ``require(action, obj)``, which answers 404 to those who may not know that the case exists and 403 to
those who may see it but not act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from flask import abort
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session, object_session
from werkzeug.local import LocalProxy

from app.accounts import secretaries
from app.accounts.directory import directory, post_holder
from app.accounts.models import Organ, Person
from app.accounts.roles import CASEWORK, PARTNERS, ROLES
from workflows.errors import NobodyThere
from workflows.handlers import Actor
from workflows.tables import Case, Link, Task

View = TypeVar("View", bound=Callable[..., Any])
Part = Callable[[Person, Any], bool]

# Case attributes whose organisation takes part as a whole; of intake_org only the desk and the petition office do.
UNIT_ATTRS: Final = ("unit", "signer_org", "sender_org", "execute_org", "appeal_org", "consult_org")
ORGAN_ATTRS: Final = ("intake_org", "desk_org", *UNIT_ATTRS)
DESK_ATTRS: Final = {"intake_org": ("desk", "office"), "desk_org": ("supervisor",)}  # seen there by those roles only
PERSON_ATTRS: Final = ("handler", "officer", "leader", "owner")
# Of a confined case (a transfer) an organisation takes part through these; a colleague who is not in it learns nothing of it.
CONFINED_TO: Final = ("unit_head", "legal", "leader", "organ_head", *PARTNERS)
TRANSFERRING: Final = ("bureau", "branch")  # kinds of organ whose boards and figures an auditor reads
IN_CHARGE: Final = ("leader", "organ_head")
NO_OBJECT: Final = object()


@dataclass(frozen=True)
class Rule:
    """``roles`` None: everybody who is logged in. ``passive``: polled by pages, so it does not count as activity."""

    roles: frozenset[str] | None
    part: Part | None = None
    changes: bool = True
    passive: bool = False


# --- part in the case -------------------------------------------------------------------------------------------------


def visible_cases(person: Person) -> ColumnElement[bool]:
    """SQL condition on ``wf_case``: the cases this person may see. The only definition of "part in the case"."""
    person = _plain(person)
    if person.has_role("auditor"):
        return true()
    posts = [post for post in person.posts if post.role in CASEWORK]
    if not posts:
        return false()
    mine = {post.organ_id for post in posts}
    charge = directory.below(_session(person), [post.organ_id for post in posts if post.role in IN_CHARGE])
    ways = [
        *(Case.attrs[name].astext == str(person.id) for name in PERSON_ATTRS),
        *(and_(Case.confined.is_(None), Case.attrs[name].astext.in_(sorted(mine))) for name in UNIT_ATTRS),
        _has_task(person, mine),
    ]
    if close := {post.organ_id for post in posts if post.role in CONFINED_TO}:
        ways.extend(Case.attrs[name].astext.in_(sorted(close)) for name in UNIT_ATTRS)
    for name, roles in DESK_ATTRS.items():
        if desks := {post.organ_id for post in posts if post.role in roles}:
            ways.append(Case.attrs[name].astext.in_(sorted(desks)))
    if person.has_role("secretary"):
        ways.extend(_prepared(leader) for leader in secretaries.leaders_of(_session(person), person))
    if charge:
        ways.extend(Case.attrs[name].astext.in_(sorted(charge)) for name in ORGAN_ATTRS)
    return or_(*ways)


def _has_task(person: Person, organs: set[str]) -> ColumnElement[bool]:
    """A task of the case is or was the person's, waits in a pool of theirs, or asks their unit to take part (协办)."""
    keys = sorted(person.holder_keys() | {post_holder(organ, "co_handler") for organ in organs})
    return (
        exists()
        .where(Task.case_id == Case.id, or_(Task.holder.in_(keys), Task.pool.in_(keys), Task.closed_by == person.id))
        .correlate(Case)
    )


def _prepared(leader: Person) -> ColumnElement[bool]:
    """What a secretary sees for a leader: the cases the leader owns or leads, and those with a step waiting for the leader."""
    waits = exists().where(Task.case_id == Case.id, Task.status == "open", Task.holder.in_(sorted(leader.holder_keys()))).correlate(Case)
    return or_(waits, *(Case.attrs[name].astext == str(leader.id) for name in ("leader", "owner")))


def sees(person: Person, obj: Any) -> bool:
    """May the person see a case this object belongs to?"""
    query = select(Case.id).where(Case.id.in_(cases_of(obj)), visible_cases(person))
    return _session(person).scalar(query.limit(1)) is not None


def cases_of(obj: Any) -> list[UUID]:
    """The cases an object belongs to. What travels between organs (a letter, a package) names them itself: its sender's, its receivers'."""
    return obj.in_cases() if hasattr(obj, "in_cases") else [_case_id_of(obj)]


def _case_id_of(obj: Any) -> UUID:
    if isinstance(obj, UUID):
        return obj
    return obj.id if isinstance(obj, Case) else obj.case_id


def organs_answered_for(person: Person) -> list[str]:
    """The organs that transfer in whose name this person's posts act, and those below: whose register, boards and figures they read."""
    person, session = _plain(person), _session(person)
    if person.has_role("auditor"):
        return list(session.scalars(select(Organ.id).where(Organ.kind.in_(TRANSFERRING))))
    posts = [post for post in person.posts if post.role not in PARTNERS]
    return directory.below(session, sorted({directory.signer_org(session, post.organ_id) for post in posts}))


def _in_register(person: Person, obj: Any) -> bool:
    return obj.organ in organs_answered_for(person)


# --- part in one step -------------------------------------------------------------------------------------------------


def _holds(person: Person, task: Task) -> bool:
    """The task is the person's to do. One that is closed still answers: the engine then says who was quicker, and when."""
    keys = person.holder_keys()
    return (task.holder in keys or (task.status != "open" and task.pool in keys)) and not _is_anothers(person, task)


def _completes(person: Person, task: Task) -> bool:
    """The holder does; of a leader's steps also the secretary those that the procedure leaves to one (``secretary: true``)."""
    if _holds(person, task):
        return True
    if not _prepares(person, task):
        return False
    from app.engine import get_engine  # the engine is built with this module's directory

    return bool(get_engine().form(_session(person), task).spec.get("secretary"))


def _drafts(person: Person, task: Task) -> bool:
    """The holder does; a secretary prepares whatever waits for the leader."""
    return _holds(person, task) or _prepares(person, task)


def _prepares(person: Person, task: Task) -> bool:
    """Is the step a leader's for whom this person is the secretary? Nothing sealed: that is the named person's."""
    if not person.has_role("secretary") or _case(person, task).attrs.get("named"):
        return False
    return any(_holds(leader, task) for leader in secretaries.leaders_of(_session(person), person))


def acting(person: Person, task: Task) -> Actor:
    """Under whose name this person acts on the step: their own, or 甲代乙 for a leader they prepare for."""
    person = _plain(person)
    leaders = secretaries.leaders_of(_session(person), person) if person.has_role("secretary") else []
    return secretaries.on_behalf(leaders, person, task.holder)


def _in_pool(person: Person, task: Task) -> bool:
    """The task waits, or was claimed from, a pool of the person's."""
    keys = person.holder_keys()
    return (task.pool in keys or task.holder in keys) and not _is_anothers(person, task)


def _is_anothers(person: Person, task: Task) -> bool:
    """A sealed case (检举控告) names one person: what waits in the pool of their post is theirs alone, while they hold that post."""
    named = _case(person, task).attrs.get("named")
    if not named or named == str(person.id) or task.holder == f"p:{person.id}":
        return False
    other = _session(person).get(Person, UUID(str(named)))
    return other is not None and other.active and task.pool in other.holder_keys()


def _may_delegate(person: Person, task: Task) -> bool:
    """The holder hands on; so does the head of the unit, when the holder is away."""
    return _holds(person, task) or (task.org is not None and person.has_role("unit_head", task.org))


def _office(person: Person, obj: Any) -> bool:
    """The petition office that serves the organisation where the case was registered."""
    return _serves(person, "office", _case(person, obj).attrs.get("intake_org"))


def _handler(person: Person, obj: Any) -> bool:
    return bool(_case(person, obj).attrs.get("handler") == str(person.id))


def _team(person: Person, obj: Any) -> bool:
    """The officers of a transfer, and the head of the unit that handles it."""
    attrs = _case(person, obj).attrs
    return str(person.id) in (attrs.get("handler"), attrs.get("officer")) or person.has_role("unit_head", attrs.get("unit"))


def _records_visits(person: Person, obj: Any) -> bool:
    """Who writes down a 接访 or 下访: the leader who owns the case, that leader's secretary, the named handler."""
    attrs = _case(person, obj).attrs
    mine = {str(person.id)}
    if person.has_role("secretary"):
        mine |= {str(leader.id) for leader in secretaries.leaders_of(_session(person), person)}
    return attrs.get("owner") in mine or attrs.get("handler") == str(person.id)


def _closes(person: Person, link: Link) -> bool:
    """An open item names who closes it: role@case.attribute or role@organ."""
    if not link.closable_by:
        return False
    role, _, place = link.closable_by.partition("@")
    attrs = _case(person, link).attrs
    return _serves(person, role, attrs.get(place.removeprefix("case.")) if place.startswith("case.") else place)


def _serves(person: Person, role: str, organ: str | None) -> bool:
    if not organ:
        return False
    try:
        return directory.resolve(_session(person), role, organ) in person.holder_keys()
    except NobodyThere:
        return False


# --- the rules --------------------------------------------------------------------------------------------------------

_OURS = CASEWORK - PARTNERS
_READERS = _OURS | {"auditor"}
_PARTAKERS = CASEWORK | {"auditor"}
_LEADERS = ("leader", "organ_head", "secretary")
_POLICE = ("police_officer", "police_head", "police_legal")
_PROSECUTORS = ("prosecutor", "prosecutor_admin")


def _roles(*names: str) -> frozenset[str]:
    unknown = set(names) - set(ROLES)
    if unknown:
        raise LookupError(f"unknown roles {sorted(unknown)}")
    return frozenset(names)


def _read(roles: frozenset[str] | None = _READERS, part: Part | None = None, passive: bool = False) -> Rule:
    return Rule(roles, part, changes=False, passive=passive)


RULES: dict[str, Rule] = {
    # everybody who is logged in, about themselves
    "account.self": _read(None),
    "inbox.counts": _read(None, passive=True),
    "notice.see": _read(None),
    "notice.read": _read(None),
    "procedure.see": _read(None),
    "clocks.view": _read(None),
    # petitions
    "inbox.view": _read(CASEWORK),
    "petition.register": Rule(_roles("desk", "office")),
    "petition.import": Rule(_roles("desk", "office")),
    "petition.list": _read(),
    "petition.search": _read(),
    "petition.export": _read(),
    # a case and what hangs on it
    "case.see": _read(_PARTAKERS, sees),
    "paper.see": _read(_PARTAKERS, sees),
    "file.see": _read(_PARTAKERS, sees),
    "file.add": Rule(CASEWORK, sees),
    "identity.reveal": _read(part=sees),
    **dict.fromkeys(
        ("case.rate", "case.review_request", "case.recheck_request", "case.supplement", "case.stop", "case.instruction"),
        Rule(_roles("office"), _office),
    ),
    "case.extension": Rule(_roles("handler"), _handler),
    "case.consult": Rule(_roles("handler"), _handler),
    "link.close": Rule(CASEWORK, _closes),
    # a step
    "task.see": _read(_PARTAKERS, sees),
    "task.complete": Rule(CASEWORK, _completes),
    "task.draft": Rule(CASEWORK, _drafts),
    "task.claim": Rule(CASEWORK, _in_pool),
    "task.release": Rule(CASEWORK, _holds),
    "task.delegate": Rule(CASEWORK, _may_delegate),
    # 督办, 抽查
    "supervision.view": _read(
        _roles("supervisor", "office", "leader", "organ_head", "unit_head", "unit_clerk", "handler", "secretary", "auditor")
    ),
    "supervision.open": Rule(_roles("supervisor", "office", "leader", "organ_head")),
    "review.view": _read(_roles("supervisor", "office", "leader", "organ_head", "unit_head", "auditor")),
    # 领导包案
    "leadership.view": _read(_roles("office", "unit_head", "handler", "auditor", *_LEADERS)),
    "leadership.desk": _read(_roles(*_LEADERS)),
    "leadership.reception": Rule(_roles("office", *_LEADERS)),
    "leadership.open": Rule(_roles("office")),
    "leadership.export": _read(_roles("office", "unit_head", "handler", "auditor", *_LEADERS)),
    "leadership.visit": Rule(_roles("handler", *_LEADERS), _records_visits),
    "leadership.change": Rule(_roles("office"), _office),
    # 预警函
    "warnings.view": _read(_roles("office", "legal", "leader", "organ_head", "secretary", "auditor")),
    "warnings.county": _read(_roles("gov_liaison")),
    "warnings.publish": Rule(_roles("legal", "office")),
    # 两法衔接, 移送行政拘留
    "transfers.view": _read(_roles("handler", "unit_head", "legal", "leader", "organ_head", "supervisor", "auditor")),
    "transfers.open": Rule(_roles("handler", "unit_head", "legal")),
    "transfers.material": Rule(_roles("handler", "unit_head"), _team),
    "transfers.consult": Rule(_roles("handler", "unit_head", "legal"), sees),
    "transfers.package": _read(_PARTAKERS, sees),
    "transfers.letter": _read(_PARTAKERS, sees),
    "transfers.enter": Rule(_roles("handler", "unit_head", "legal", *_POLICE, *_PROSECUTORS), sees),
    "transfers.boards": _read(_roles("unit_head", "legal", "leader", "organ_head", "supervisor", "auditor", *_PROSECUTORS)),
    "transfers.statistics": _read(_roles("unit_head", "legal", "leader", "organ_head", "supervisor", "auditor")),
    "penalties.view": _read(_roles("handler", "unit_head", "legal", "leader", "organ_head", "auditor"), _in_register),
    "penalties.edit": Rule(_roles("handler", "unit_head", "legal"), _in_register),
    "police.view": _read(_roles(*_POLICE)),
    "police.check": Rule(_roles(*_POLICE), sees),
    "transfers.procuratorate": _read(_roles(*_PROSECUTORS, "auditor")),
    "transfers.found": Rule(_roles(*_PROSECUTORS)),
    # 统计
    "numbers.view": _read(_roles("office", "supervisor", "unit_head", "leader", "organ_head", "secretary", "auditor")),
    # running the system
    **dict.fromkeys(("admin.organs", "admin.people", "admin.posts"), Rule(_roles("admin"))),
    "audit.view": _read(_roles("auditor")),
    "ops.see": _read(_roles("operator")),
    "ops.incidents": Rule(_roles("operator")),
}

# What an auditor may POST: their own account, and a reveal (which is a logged reading). Nothing else, whatever the route.
AUDITOR_POSTS: Final = frozenset({"account.self", "notice.read", "identity.reveal"})


def can(person: Any, action: str, obj: Any = NO_OBJECT) -> bool:
    """May this person do that (with this object)? Unknown actions, persons without a login and missing objects: no."""
    person = _plain(person)
    rule = RULES.get(action)
    if rule is None or obj is None or not isinstance(person, Person) or not person.active:
        return False
    held = {post.role for post in person.posts}
    if rule.changes and "auditor" in held:
        return False
    if rule.roles is not None and not held & rule.roles:
        return False
    return obj is NO_OBJECT or rule.part is None or rule.part(person, obj)


def require(action: str, obj: Any = NO_OBJECT) -> None:
    """Go on, or 404 for those who may not know of it, 403 for those who may not do it."""
    person = _plain(current_user)
    if can(person, action, obj):
        return
    if obj is None:
        abort(404)
    rule = RULES.get(action)
    if rule is not None and rule.part is not None and obj is not NO_OBJECT and not can(person, "case.see", obj):
        abort(404)
    abort(403)


def may_send(person: Person, action: str, method: str) -> bool:
    """The guard's question for a route: the role, and for an auditor that nothing is changed."""
    if method not in ("GET", "HEAD", "OPTIONS") and _plain(person).has_role("auditor") and action not in AUDITOR_POSTS:
        return False
    return can(person, action)


def permission(action: str) -> Callable[[View], View]:
    """Say on a route which action it is. The guard of ``login.py`` refuses every route that says nothing."""
    if action not in RULES:
        raise LookupError(f"no rule for action {action!r} in app/accounts/policy.py")

    def mark(view: View) -> View:
        view.permission = action  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Say that a route is for everybody, logged in or not."""
    view.public = True  # type: ignore[attr-defined]
    return view


def _plain(person: Any) -> Any:
    """The person behind Flask-Login's proxy."""
    return person._get_current_object() if isinstance(person, LocalProxy) else person


def _session(person: Person) -> Session:
    session = object_session(_plain(person))
    if session is None:
        raise RuntimeError("permissions are decided inside the session the person was loaded in")
    return session


def _case(person: Person, obj: Any) -> Case:
    return obj if isinstance(obj, Case) else _session(person).get_one(Case, _case_id_of(obj))
