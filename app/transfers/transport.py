"""A letter as it travels between two installations: what it takes along, and how it is put down at the other end.

Letter, package and items keep their ids and numbers, so that both sides speak of the same thing. Nothing of the sender's case, people
or sources goes along but what the letter itself says (amendments §7, 8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.engine import get_engine
from app.transfers import arriving, carry, circle, leaving, manifest, package, platform, procuratorate_notes, routing
from app.transfers.models import TransferFile, TransferLetter, TransferPackage, TransferPackageItem
from workflows.errors import WorkflowError
from workflows.handlers import Actor
from workflows.tables import Clock
from workflows.time import local

LETTER = ("name", "kind", "letter_no", "from_organ", "to_organ", "in_reply_to", "document_no", "title", "body", "files", "by")
PACKAGE = ("number", "kind", "seq", "from_organ", "to_organ")
SEAL = ("manifest", "manifest_sm3", "sealed_by")
ITEM = ("seq", "kind", "name", "maker", "file_name", "size", "sm3", "on_paper", "copies", "missing_reason", "wording")
# process data a letter may set; whatever else of it bears the name of a variable stays in the letter (its row keeps everything)
SAYS = frozenset(
    {
        *("transfer_no", "name", "kind", "letter_no", "in_reply_to", "organ", "to_organ", "by", "decided_at", "sent_at", "event_at"),
        *("due", "due_at", "rule", "parties", "consult_kind", "will_attend"),
    }
)
WATCHED = ("receipt", "decide", "notify", "complete", "supplement", "handover", "reconsider_decide", "explain", "file", "limit")


class Unfit(WorkflowError):
    """What came cannot be put down here; ``message`` says why. The same thing sent again would fail again."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One file of a package: its SM3 in the manifest, and where this installation keeps the bytes."""

    sm3: str
    sha256: str
    size: int
    name: str
    mime: str


# --- out ----------------------------------------------------------------------------------------------------------------


def export(session: Session, letter_id: UUID) -> dict[str, Any]:
    """What the other installation gets: ``letter`` and, where it brings one, ``package`` with its items. Plain values only."""
    letter = session.get_one(TransferLetter, letter_id)
    found: dict[str, Any] = {name: getattr(letter, name) for name in LETTER}
    found |= {"id": str(letter.id), "decided_at": _iso(letter.decided_at), "sent_at": _iso(letter.sent_at)}
    made = session.get(TransferPackage, letter.package_id) if letter.package_id else None
    return {"letter": found, "package": _exported(session, made) if made is not None else None}


def _exported(session: Session, made: TransferPackage) -> dict[str, Any]:
    found: dict[str, Any] = {name: getattr(made, name) for name in (*PACKAGE, *SEAL)}
    items = [
        {"id": str(one.id), "made_on": one.made_on.isoformat() if one.made_on else None, **{name: getattr(one, name) for name in ITEM}}
        for one in package.items(session, made.id)
    ]
    return {"id": str(made.id), "sealed_at": _iso(made.sealed_at), **found, "items": items}


def blobs(session: Session, letter_id: UUID) -> list[Blob]:
    """The files a letter takes along, each once."""
    letter = session.get_one(TransferLetter, letter_id)
    rows = package.items(session, letter.package_id) if letter.package_id else []
    found = {
        one.sm3: Blob(one.sm3, one.sha256, one.size or 0, one.file_name or "", one.mime or "") for one in rows if one.sm3 and one.sha256
    }
    return list(found.values())


def delivered(session: Session, letter_id: UUID, at: datetime) -> None:
    """The other installation has signed for a letter: its moment, and the decision it told is entered there (17号34)."""
    letter = session.get_one(TransferLetter, letter_id)
    letter.received_at = letter.received_at or at
    session.flush()
    platform.met_by_receipt(session, letter.letter_no, at)


# --- in -----------------------------------------------------------------------------------------------------------------


def take(session: Session, transfer_no: str, given: Mapping[str, Any], files: Mapping[str, Blob]) -> str:
    """Put down a letter from another installation: its row, its package, and the message to the file it belongs to, or opens.

    ``files``: SM3 → the bytes that came. Returns the letter's number; one that is here already is left alone. Raises Unfit.
    """
    said = given["letter"]
    known = carry.by_number(session, str(said["letter_no"]))
    if known is not None:
        return known.letter_no
    if session.get(Organ, said["from_organ"]) is None or session.get(Organ, said["to_organ"]) is None:
        raise Unfit(f"本平台没有登记机构 {said['from_organ']} 或者 {said['to_organ']}，请先在组织机构里登记。")
    letter = _letter(session, transfer_no, said)
    _put_down(session, letter, given.get("package"), files)
    session.flush()
    return letter.letter_no


def _letter(session: Session, transfer_no: str, said: Mapping[str, Any]) -> TransferLetter:
    number = str(said["letter_no"])
    values = {name: said.get(name) for name in LETTER} | {"body": dict(said.get("body") or {}), "files": list(said.get("files") or [])}
    return TransferLetter(
        id=UUID(str(said["id"])), transfer_no=transfer_no, seq=int(number.rpartition("-")[2]), decided_at=_moment(said.get("decided_at")),
        sent_at=_moment(said["sent_at"]), via=leaving.EXCHANGE,
        confined=circle.organs(session, str(said["from_organ"]), str(said["to_organ"])), **values,
    )  # fmt: skip


def _put_down(session: Session, letter: TransferLetter, sealed: Mapping[str, Any] | None, files: Mapping[str, Blob]) -> None:
    """To its file: opened by it, or the one there is; a letter nobody keeps a file for waits as its row (carry.waiting_for)."""
    engine, home = get_engine(), session.get_one(Organ, letter.to_organ)
    actor = Actor.system(directory.name(session, letter.from_organ))
    name = carry.name_here(session, letter)

    def prepare(case_id: UUID) -> None:
        if sealed is not None:
            letter.package_id = _package(session, case_id, letter, sealed, files)
        session.add(letter)
        session.flush()
        arriving.arrived(session, letter, case_id)

    opens = engine.library.starting(session, name)
    if opens is not None and opens.own_file:
        engine.open_from_outside(session, name, said_of(session, letter, name), actor, city=home.city, prepare=prepare)
        return
    kinds = {**routing.FILES, **procuratorate_notes.FILES}.get(name, ())
    case_id = routing.file_of(session, letter.transfer_no, letter.to_organ, *kinds)
    if case_id is None:
        if sealed is not None:
            raise Unfit("随附材料的案卷还没有立卷，不能入卷。")
        session.add(letter)
        return
    letter.to_case = case_id
    prepare(case_id)
    if name in procuratorate_notes.FILES:
        procuratorate_notes.lay(session, letter, actor)
    else:
        engine.send(session, case_id, name, said_of(session, letter, name), actor)


def said_of(session: Session, letter: TransferLetter, name: str) -> dict[str, Any]:
    """What the diagram here gets of a letter from elsewhere: never a decision of this side, never a case or link of this database."""
    library = get_engine().library
    rule = library.starting(session, name)
    started = library.find(session, rule.starts) if rule is not None and rule.starts else None
    if rule is None or started is None:
        return carry.payload_of(letter)  # caught by a step: it lies in ``m`` and sets nothing
    ours = set(started.variables) - SAYS - set(rule.payload)
    return {key: value for key, value in carry.payload_of(letter).items() if key not in ours}


def _package(session: Session, case_id: UUID, letter: TransferLetter, sealed: Mapping[str, Any], files: Mapping[str, Blob]) -> UUID:
    """The sealed package as it was sealed: items first, then the seal. One that is here already is shown to the addressee, too."""
    known = package.find(session, UUID(str(sealed["id"])))
    if known is not None:
        if known.manifest_sm3 != sealed["manifest_sm3"]:
            raise Unfit(f"材料 {sealed['number']} 与本平台已有的同一份材料不一致。")
        package.see(session, known, letter.from_organ, letter.to_organ)
        return known.id
    made = TransferPackage(
        id=UUID(str(sealed["id"])), transfer_no=letter.transfer_no, case_id=case_id, size=sum(int(i["size"] or 0) for i in sealed["items"]),
        made_at=_moment(sealed["sealed_at"]), made_by=str(sealed["sealed_by"]),
        confined=circle.organs(session, letter.from_organ, letter.to_organ), **{name: sealed[name] for name in PACKAGE},
    )  # fmt: skip
    session.add(made)
    session.flush()
    rows = [_item(session, made, one, files) for one in sealed["items"]]
    _as_sealed(sealed, rows)
    made.manifest, made.manifest_sm3, made.sealed_by = sealed["manifest"], sealed["manifest_sm3"], sealed["sealed_by"]
    made.sealed_at = _moment(sealed["sealed_at"])
    session.flush()
    return made.id


def _item(session: Session, made: TransferPackage, one: Mapping[str, Any], files: Mapping[str, Blob]) -> TransferPackageItem:
    blob = files.get(str(one["sm3"])) if one.get("sm3") else None
    if one.get("sm3") and blob is None:
        raise Unfit(f"第 {one['seq']} 项材料的文件没有收到。")
    row = TransferPackageItem(
        id=UUID(str(one["id"])), package_id=made.id, made_on=date.fromisoformat(one["made_on"]) if one.get("made_on") else None,
        sha256=blob.sha256 if blob else None, mime=blob.mime if blob else None, added_by=made.made_by, added_at=made.made_at,
        confined=made.confined, **{name: one.get(name) for name in ITEM},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _as_sealed(sealed: Mapping[str, Any], rows: Sequence[TransferPackageItem]) -> None:
    """The manifest is the text that was hashed, and names just these items with these hashes."""
    text = str(sealed["manifest"])
    if manifest.sm3_of(text.encode()) != sealed["manifest_sm3"]:
        raise Unfit(f"材料 {sealed['number']} 的清单与封存时的摘要不一致。")
    if manifest.canonical([manifest.item_line(row) for row in rows]) != manifest.canonical(manifest.items_of(text)):
        raise Unfit(f"材料 {sealed['number']} 的内容与清单不一致。")


# --- compared -----------------------------------------------------------------------------------------------------------


def standing(session: Session, numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Per transfer what this side thinks, for the daily comparison: its files, and the clocks that run on them.

    {number: {"files": [{organ, process, ended}], "clocks": [{rule, letter, due}]}}; only what both sides may know (amendments §8).
    """
    found: dict[str, dict[str, Any]] = {number: {"files": [], "clocks": []} for number in numbers}
    files = select(TransferFile).where(TransferFile.transfer_no.in_(numbers)).order_by(TransferFile.started_at, TransferFile.case_id)
    of_case: dict[UUID, str] = {}
    for one in session.scalars(files):
        of_case[one.case_id] = one.transfer_no
        found[one.transfer_no]["files"].append({"organ": one.organ, "process": one.process, "ended": one.ended_at is not None})
    clocks = select(Clock).where(Clock.case_id.in_(list(of_case)), Clock.status == "running", Clock.slot.in_(WATCHED))
    for clock in session.scalars(clocks.order_by(Clock.rule, Clock.due_at)):
        found[of_case[clock.case_id]]["clocks"].append({"rule": clock.rule, "letter": clock.letter, "due": _iso(clock.due_at)})
    return found


def seen_by(session: Session, transfer_no: str) -> list[str]:
    """The organs of this transfer, as far as this installation knows: who may read how it compares."""
    letters = select(TransferLetter.from_organ, TransferLetter.to_organ).where(TransferLetter.transfer_no == transfer_no)
    return circle.organs(session, *(organ for pair in session.execute(letters) for organ in pair))


def _iso(at: datetime | None) -> str | None:
    return local(at).isoformat() if at is not None else None


def _moment(value: Any) -> datetime | None:
    return local(datetime.fromisoformat(str(value))) if value else None
