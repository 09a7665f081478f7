"""What the bureau's letters of the transfer itself say: 移送书 to the police, its copy, 不移送备案, the answers to requests.

The police's passing on writes the same letters from its own file. The source is a code, never a person.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.transfers import carry, hold, items, letters, materials, package, screening, words
from app.transfers.letters import Content, contents
from app.transfers.models import Transfer, TransferPackage, TransferRequest
from workflows.handlers import Ctx
from workflows.time import local

Data = dict[str, Any]
LETTER = "涉嫌环境犯罪案件移送书"
FIRST, SUPPLEMENT = "first", "supplement"
MATERIAL = ("lines", "file_list", "items", "package", "package_no", "manifest_sm3")  # what a procuratorate does not get


def _record(ctx: Ctx) -> Transfer:
    return ctx.session.get_one(Transfer, ctx.case.id)


def sealed_package(ctx: Ctx, kind: str) -> TransferPackage | None:
    """The newest sealed package of this file."""
    query = select(TransferPackage).where(
        TransferPackage.case_id == ctx.case.id, TransferPackage.kind == kind, TransferPackage.sealed_at.is_not(None)
    )
    return ctx.session.scalars(query.order_by(TransferPackage.seq.desc()).limit(1)).first()


def request(ctx: Ctx, number: str) -> TransferRequest | None:
    return ctx.session.scalars(select(TransferRequest).where(TransferRequest.letter_no == number)).first()


@contents.register("transfer_sent")
def transfer_sent(ctx: Ctx, kind: str, payload: Data) -> Content:
    """移送书 with the package."""
    transfer = _record(ctx)
    made, paper = sealed_package(ctx, FIRST), letters.latest_paper(ctx, LETTER)
    assert made is not None and paper is not None  # assemble made both
    rows = package.items(ctx.session, made.id)
    body = {
        **_about(ctx, transfer), "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3,
        "file_list": package.file_list(rows), "items": [row.name for row in rows if row.kind == "things"],
    }  # fmt: skip
    return Content(
        body, lines=[(str(label), str(text)) for label, text in paper.content], title=LETTER, decided_at=transfer.decided_at,
        document_no=paper.number, package_id=made.id, paper_id=paper.id, files=package.file_list(rows),
    )  # fmt: skip


@contents.register("transfer_sent:passed")
def passed_on(ctx: Ctx, kind: str, payload: Data) -> Content:
    """17号9: the letter that brought the case, for the competent police; the package is shown to them too."""
    first = carry.first_letter(ctx.session, ctx.case.id, "transfer_sent")
    if first is None:
        return Content()
    if first.package_id is not None and payload.get("new_organ"):
        found = package.find(ctx.session, first.package_id)
        if found is not None:
            package.see(ctx.session, found, str(payload["new_organ"]))
    body = {k: v for k, v in first.body.items() if k != "lines"}
    lines = [(str(label), str(text)) for label, text in first.body.get("lines") or []]
    return Content(body, lines=lines, title=words.letter_title("transfer_sent", "passed"), package_id=first.package_id, files=first.files)


def _about(ctx: Ctx, transfer: Transfer) -> Data:
    """What the addressee has to know of the matter; the source is a code, never a person."""
    handler = ctx.session.get(Person, UUID(str(ctx.case.attrs["handler"])))
    parties = [
        {"id": str(p.id), "no": p.no, "name": p.name, "kind": p.kind, "role": p.role or ""}
        for p in hold.parties(ctx.session, transfer.case_id)
    ]
    return {
        "title": transfer.title, "party": transfer.party, "parties": parties, "act": transfer.act, "place": transfer.place or "",
        "crime": transfer.crime or "", "crime_name": transfer.crime_name or "", "unit": transfer.unit, "bureau": transfer.organ,
        "police": transfer.police or "", "procuratorate": transfer.procuratorate or "", "source": transfer.source, "grave": transfer.grave,
        "act_from": transfer.act_from.isoformat() if transfer.act_from else None,
        "act_to": transfer.act_to.isoformat() if transfer.act_to else None, "handler": handler.name if handler else "",
        "phone": handler.phone or "" if handler else "",
    }  # fmt: skip


@contents.register("transfer_copied")
def transfer_copied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The procuratorate gets the 移送书 and nothing of the material (17号6)."""
    transfer = _record(ctx)
    paper = letters.latest_paper(ctx, LETTER)
    assert paper is not None
    lines = [(str(label), str(text)) for label, text in paper.content]
    return Content(_about(ctx, transfer), lines=lines, decided_at=transfer.decided_at, document_no=paper.number, paper_id=paper.id)


@contents.register("transfer_copied:passed")
def copied_on(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The same from the police that pass the case on."""
    first = carry.first_letter(ctx.session, ctx.case.id, "transfer_sent")
    known = first.body if first is not None else {}
    body = {k: v for k, v in known.items() if k not in MATERIAL}
    body["police"] = str(payload.get("new_organ") or body.get("police") or "")
    return Content(body, lines=[(str(label), str(text)) for label, text in known.get("lines") or []])


@contents.register("material_supplied")
def material_supplied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The answer to one request; the files are in their own sealed package."""
    row = request(ctx, str(payload.get("in_reply_to") or ""))
    assert row is not None  # request_answered found it
    made = package.find(ctx.session, row.package_id) if row.package_id else None
    rows = package.items(ctx.session, made.id) if made is not None else []
    lines = [("答复", "补充材料" if row.mode == "supply" else "无法补正"), ("说明", row.explanation or "")]
    lines += [(materials.kind_label(SUPPLEMENT, item.kind), item.name) for item in rows]
    body: dict[str, Any] = {"explanation": row.explanation or "", "file_list": package.file_list(rows)}
    if made is not None:
        body |= {"package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3}
    return Content(
        body, lines=[line for line in lines if line[1]], in_reply_to=row.letter_no, decided_at=row.answered_at,
        package_id=row.package_id, files=package.file_list(rows),
    )  # fmt: skip


@contents.register("nontransfer_recorded")
def nontransfer_recorded(ctx: Ctx, kind: str, payload: Data) -> Content:
    """A refusal is told to the procuratorate with what was hit, who refused and why (house, detention_and_tables §6)."""
    transfer = _record(ctx)
    row = screening.latest(ctx.session, ctx.case.id)
    hits = [*row.hits, *row.added] if row is not None else []
    lines = [
        ("筛查命中", "；".join(items.label(one) for one in hits)), ("决定", "不批准移送"), ("理由", transfer.decision_reason or ""),
        ("决定人", f"{transfer.decided_by or ''}（{transfer.decided_post or ''}）"),
        ("决定时间", f"{local(transfer.decided_at):%Y-%m-%d %H:%M}" if transfer.decided_at else ""),
    ]  # fmt: skip
    about = {k: v for k, v in _about(ctx, transfer).items() if k not in ("handler", "phone")}
    body = {**about, "hits": hits, "reason": transfer.decision_reason or "", "head": transfer.decided_by or ""}
    return Content(body, lines=lines, decided_at=transfer.decided_at)
