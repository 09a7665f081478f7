"""How the bureau's file is opened: by hand (案源), by the question of a petition, by a penalty case, by a letter of another organ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person, Post
from app.engine import get_engine
from app.petitions import briefs
from app.transfers import hold, routing, screening, services
from app.transfers.facts import OTHER_POLLUTANT, POLLUTANTS, digest
from app.transfers.models import PenaltyCase, Transfer, TransferParty
from app.transfers.words import ACT_KINDS, PROCESS
from workflows.errors import Conflict, FormError
from workflows.handlers import Actor, Ctx
from workflows.step import Step
from workflows.tables import Case, Task
from workflows.time import now

UNKNOWN = "待查明"
FINDINGS = "findings"  # the petition's step that says what was found


def by_hand(session: Session, person: Person, answer: Mapping[str, Any]) -> UUID:
    """案源 opened directly: ``source``, ``party``, ``act``, ``unit``, ``handler``, ``officer`` … (forms.yaml). Raises FormError."""
    unit, handler = str(answer["unit"]), str(answer["handler"])
    officer = str(answer.get("officer") or "")
    if handler == officer:
        raise FormError({"officer": "两名执法人员不能是同一人"})
    penalty = session.get(PenaltyCase, UUID(str(answer["penalty"]))) if answer.get("penalty") else None
    fields = {
        "source": str(answer["source"]), "source_note": answer.get("source_note"), "party": str(answer["party"]).strip(),
        "act": str(answer["act"]).strip(), "place": answer.get("place"), "found_on": _day(answer.get("found_on")),
        "penalty_id": penalty.id if penalty is not None else None,
    }  # fmt: skip
    return _open(session, person.actor(), unit, handler, officer, fields, parties=answer.get("parties") or [])


def by_penalty(session: Session, actor: Actor, penalty: PenaltyCase, hits: Sequence[str]) -> UUID:
    """A penalty case whose facts hit the table: its file, with the facts the register holds; what is complete goes on to legal at once."""
    unit, handler = _who_handles(session, penalty)
    fields = {
        "source": "penalty", "source_note": f"处罚案件 {penalty.number}：{'、'.join(hits)}", "party": penalty.party, "act": penalty.act,
        "penalty_id": penalty.id, "act_from": penalty.act_from, "act_to": penalty.act_to,
    }  # fmt: skip
    return _open(session, actor, unit, handler, "", fields, asked=hits, known=penalty.screening or {})


def _open(
    session: Session, actor: Actor, unit: str, handler: str, officer: str, fields: dict[str, Any], *, parties: Sequence[Any] = (),
    asked: Sequence[Any] = (), known: Mapping[str, Any] | None = None,
) -> UUID:  # fmt: skip
    engine = get_engine()
    organ = transferring(session, unit)
    step = Step.new_case(
        engine,
        session,
        actor,
        title=title_of(fields["party"], suspected=False),
        city=_city(session, organ),
        attrs=attrs_of(session, organ, unit, handler, officer),
    )
    transfer = Transfer(
        case_id=step.case.id, transfer_no="", organ=organ, unit=unit, county=_county(session, organ),
        title=title_of(fields["party"], suspected=False),
        state="facts", opened_at=now(), opened_by=actor.shown, **fields,
    )  # fmt: skip
    session.add(transfer)
    session.flush()
    _add_parties(session, transfer, parties)
    if fields.get("penalty_id"):
        services.ask(session, transfer, penalty_id=fields["penalty_id"], asked=asked, facts=digest(known) if known else None)
    row = screening.keep_known(session, transfer.case_id, known, actor) if known else None
    step.begin(PROCESS, {"screening_id": str(row.id)} if row is not None else {})
    step.save()
    return step.case.id


def by_message(ctx: Ctx, data: Mapping[str, Any]) -> Transfer:
    """The file a message opens: transfer.question of a petition, 检察意见, 立案通知书 without a living file."""
    if data.get("letter_no"):
        return _by_letter(ctx, data)
    ended = ctx.session.get(Transfer, UUID(str(data["from_case"])))
    return _by_question(ctx, data) if ended is None else _again(ctx, ended)


def _again(ctx: Ctx, ended: Transfer) -> Transfer:
    """The facts of a file that has ended changed: a new 案源 on the same matter, with the same people (amendments §5)."""
    old = ctx.session.get_one(Case, ended.case_id)
    fields = {
        **{name: getattr(ended, name) for name in ("source", "party", "act", "place", "found_on", "subject_case", "penalty_id")},
        "source_note": f"{ended.transfer_no} 的案件事实有变化",
    }  # fmt: skip
    transfer = _record(ctx, ended.organ, ended.unit, fields)
    _copy_parties(ctx.session, ended, transfer)
    people = str(old.attrs.get("handler") or ""), str(old.attrs.get("officer") or "")
    ctx.update_case(attrs=dict(attrs_of(ctx.session, ended.organ, ended.unit, *people)))
    return transfer


def _by_question(ctx: Ctx, data: Mapping[str, Any]) -> Transfer:
    session = ctx.session
    asking = session.get_one(Case, UUID(str(data["from_case"])))
    brief = briefs.of(session, [asking.id], None).get(asking.id)
    unit = str(asking.attrs.get("unit") or asking.attrs.get("intake_org") or "")
    handler = str(asking.attrs.get("handler") or "")
    if not unit or not handler:
        raise Conflict("这一件还没有承办单位和承办人，不能提出移送问题。")
    organ = transferring(session, unit)
    party = brief.enterprise if brief is not None and brief.enterprise else UNKNOWN
    act = ACT_KINDS.get(brief.kind if brief is not None else "", "") or "环境违法行为"
    fields = {"source": "petition", "party": party, "act": act, "subject_case": asking.id, "penalty_id": _named_penalty(session, asking.id)}
    transfer = _record(ctx, organ, unit, fields)
    ctx.update_case(attrs=dict(attrs_of(session, organ, unit, handler, "")))
    return transfer


def findings(session: Session, case_id: UUID) -> dict[str, Any]:
    """What the investigation step of an asking petition answered last."""
    done = (Task.case_id == case_id, Task.element == FINDINGS, Task.status == "done")
    return dict(session.scalar(select(Task.answer).where(*done).order_by(Task.closed_at.desc()).limit(1)) or {})


def known_facts(session: Session, case_id: UUID) -> dict[str, Any]:
    """What of it the screening form may begin with: nobody types a measurement twice."""
    rows = [
        {
            "pollutant": row["factor"] if row.get("factor") in POLLUTANTS else OTHER_POLLUTANT, "measured": row.get("value"),
            "standard": row.get("standard"), "unit": row.get("unit") or "",
        }
        for row in findings(session, case_id).get("measurements") or []
    ]  # fmt: skip
    return {"measured": rows} if rows else {}


def asked_items(session: Session, case_id: UUID) -> list[str]:
    """The items the petition's own checklist named (r3 → 1(3))."""
    return [f"1({str(one)[1:]})" for one in findings(session, case_id).get("screening") or [] if str(one).startswith("r")]


def _named_penalty(session: Session, case_id: UUID) -> UUID | None:
    number = str(findings(session, case_id).get("penalty_case") or "").strip()
    return session.scalar(select(PenaltyCase.id).where(PenaltyCase.number == number)) if number else None


def _by_letter(ctx: Ctx, data: Mapping[str, Any]) -> Transfer:
    """The matter is known from the file before, or from the letter itself."""
    session, organ = ctx.session, str(data.get("to_organ") or "")
    before = session.scalars(
        select(Transfer).where(Transfer.transfer_no == str(data.get("transfer_no"))).order_by(Transfer.opened_at.desc()).limit(1)
    ).first()
    kind = str(data.get("kind") or "")
    fields: dict[str, Any] = {"source": kind if kind in ("opinion", "filed") else "clue", "transfer_no": str(data.get("transfer_no") or "")}
    if before is not None:
        unit, old = before.unit, session.get_one(Case, before.case_id)
        handler, officer = str(old.attrs.get("handler") or ""), str(old.attrs.get("officer") or "")
        fields |= {
            "party": before.party, "act": before.act, "place": before.place, "subject_case": before.subject_case,
            "penalty_id": before.penalty_id, "act_from": before.act_from, "act_to": before.act_to, "crime": before.crime,
            "crime_name": before.crime_name, "team": before.team, "police": before.police, "procuratorate": before.procuratorate,
        }  # fmt: skip
    else:
        unit, handler = _acting_unit(session, organ)
        officer = ""
        fields |= {"party": str(data.get("party") or UNKNOWN), "act": str(data.get("act") or "环境违法行为"), "place": data.get("place")}
    transfer = _record(ctx, organ, unit, fields)
    if before is not None:
        _copy_parties(session, before, transfer)
    ctx.update_case(attrs=dict(attrs_of(session, organ, unit, handler, officer)))
    return transfer


def _record(ctx: Ctx, organ: str, unit: str, fields: dict[str, Any]) -> Transfer:
    transfer = Transfer(
        **{"transfer_no": "", **fields}, case_id=ctx.case.id, organ=organ, unit=unit, county=_county(ctx.session, organ), state="facts",
        title=title_of(fields["party"], suspected=fields["source"] in ("opinion", "filed")), opened_at=ctx.now, opened_by=ctx.actor.shown,
    )  # fmt: skip
    ctx.session.add(transfer)
    ctx.session.flush()
    return transfer


def _add_parties(session: Session, transfer: Transfer, rows: Sequence[Any]) -> None:
    """The main party first; further ones as they were entered."""
    names = [{"name": transfer.party, "kind": "unit"}, *(row for row in rows if row.get("name") and row.get("name") != transfer.party)]
    for no, row in enumerate(names, start=1):
        session.add(
            TransferParty(
                transfer_no=transfer.transfer_no, case_id=transfer.case_id, no=no, name=str(row["name"]),
                kind=str(row.get("kind") or "person"),
                role=row.get("role"), id_no=row.get("id_no"), phone=row.get("phone"), address=row.get("address"),
            )
        )  # fmt: skip
    session.flush()


def _copy_parties(session: Session, before: Transfer, transfer: Transfer) -> None:
    for old in hold.parties(session, before.case_id):
        session.add(
            TransferParty(
                transfer_no=transfer.transfer_no, case_id=transfer.case_id, no=old.no, name=old.name, kind=old.kind, role=old.role,
                id_no=old.id_no, phone=old.phone, address=old.address,
            )
        )  # fmt: skip
    session.flush()


def ensure_parties(session: Session, transfer: Transfer) -> list[TransferParty]:
    """A file always names at least one party: outcomes and holds go by party."""
    found = hold.parties(session, transfer.case_id)
    if not found:
        _add_parties(session, transfer, [])
        found = hold.parties(session, transfer.case_id)
    for party in found:
        party.transfer_no = transfer.transfer_no
    session.flush()
    return found


def put_parties(session: Session, transfer: Transfer, rows: Sequence[Mapping[str, Any]]) -> None:
    """What the report says of the parties: the first is the main one; none that has an outcome is lost."""
    have = {party.no: party for party in hold.parties(session, transfer.case_id)}
    for no, row in enumerate(rows, start=1):
        party = have.get(no) or TransferParty(transfer_no=transfer.transfer_no, case_id=transfer.case_id, no=no, name="", kind="person")
        party.name, party.kind = str(row["name"]).strip(), str(row.get("kind") or party.kind)
        party.role, party.id_no, party.phone, party.address = (row.get(name) for name in ("role", "id_no", "phone", "address"))
        session.add(party)
    if rows:
        transfer.party = str(rows[0]["name"]).strip()
        transfer.title = title_of(transfer.party)
    session.flush()


# --- who ----------------------------------------------------------------------------------------------------------------


def transferring(session: Session, unit: str) -> str:
    """The organ that transfers: the one a unit belongs to; the bureau for a branch where branches do not in their own name."""
    organ = directory.signer_org(session, unit)
    home = session.get_one(Organ, organ)
    if home.kind == "branch" and not branch_transfers(session) and home.parent_id:
        return home.parent_id
    return organ


def branch_transfers(session: Session) -> bool:
    """A setting: 法典53 lets branches penalise in their own name and does not speak of transfer (待核)."""
    settings = get_engine().library.current(session, PROCESS).settings
    return bool(settings.get("branch_transfers", {}).get("value", True))


def attrs_of(session: Session, organ: str, unit: str, handler: str, officer: str) -> dict[str, str]:
    """The attributes tasks and letters of a bureau's file are addressed by."""
    found = {
        "unit": unit, "handler": handler, "officer": officer, "bureau": organ, "police": routing.police_of(session, organ) or "",
        "procuratorate": routing.procuratorate_of(session, organ) or "",
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def title_of(party: str, *, suspected: bool = True) -> str:
    """Nobody is called suspect before legal has confirmed it (or police or procuratorate said so)."""
    if party == UNKNOWN:
        return "涉嫌环境犯罪线索" if suspected else "涉罪筛查（当事人待查明）"
    return f"{party}{'涉嫌环境犯罪' if suspected else '涉罪筛查'}"


def certified(session: Session, organs: Sequence[str]) -> list[Person]:
    """Officers with an enforcement certificate at these organisations and below (处罚法42)."""
    below = directory.below(session, list(organs))
    moment = now()
    held = exists().where(
        Post.person_id == Person.id, Post.organ_id.in_(below), Post.role.in_(("handler", "co_handler", "unit_head")),
        Post.since <= moment, (Post.until.is_(None)) | (Post.until > moment),
    )  # fmt: skip
    query = select(Person).where(Person.active, Person.certificate_no.is_not(None), held)
    return list(session.scalars(query.order_by(Person.name, Person.id)))


def _who_handles(session: Session, penalty: PenaltyCase) -> tuple[str, str]:
    """The unit and officer of the petition a penalty came from, else those of the organ."""
    case = session.get(Case, penalty.subject_case) if penalty.subject_case else None
    if case is not None and case.attrs.get("unit") and case.attrs.get("handler"):
        return str(case.attrs["unit"]), str(case.attrs["handler"])
    return _acting_unit(session, penalty.organ)


def acting_unit(session: Session, organ: str) -> tuple[str, list[Person]]:
    """The unit that works in an organ's own name, none of a branch under it: it has a head and certified officers, handlers first."""
    moment = now()
    heads = select(Post.organ_id).where(
        Post.organ_id.in_(directory.below(session, [organ])), Post.role == "unit_head", Post.since <= moment,
        (Post.until.is_(None)) | (Post.until > moment),
    )  # fmt: skip
    own = {unit for unit in session.scalars(heads) if directory.signer_org(session, unit) == organ}
    for unit in sorted(own, key=lambda one: (one != organ, one)):
        officers = sorted(certified(session, [unit]), key=lambda person: not person.has_role("handler"))
        if officers and officers[0].has_role("handler"):
            return unit, officers
    raise Conflict("没有找到有执法证的承办人，请先在人员岗位里登记。")


def _acting_unit(session: Session, organ: str) -> tuple[str, str]:
    unit, officers = acting_unit(session, organ)
    return unit, str(officers[0].id)


def _city(session: Session, organ: str) -> str:
    return session.get_one(Organ, organ).city


def _county(session: Session, organ: str) -> str | None:
    return session.get_one(Organ, organ).county


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
