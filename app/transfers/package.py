"""The package of material of a transfer: gathered, checked, sealed with its manifest, never changed afterwards.

Before sealing it is a draft of the bureau; the database itself refuses any change to a sealed one (migration 0008). What police or
procuratorate receive is read through here, with the hash of each file computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import Person
from app.engine import get_engine
from app.files import queries as file_queries
from app.files import services as files
from app.papers.services import Paper
from app.transfers import circle, manifest, materials, reporter_guard
from app.transfers.materials import Missing
from app.transfers.models import TransferFile, TransferPackage, TransferPackageItem
from workflows.errors import Conflict, FormError, NotFound
from workflows.handlers import Ctx
from workflows.time import local, now

NAME_MOST = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of a sealed package: the hash in the manifest, the hash of the bytes now."""

    item: TransferPackageItem
    found: str
    agrees: bool


# --- reading ------------------------------------------------------------------------------------------------------------


def find(session: Session, package_id: UUID) -> TransferPackage | None:
    return session.get(TransferPackage, package_id)


def items(session: Session, package_id: UUID) -> list[TransferPackageItem]:
    query = select(TransferPackageItem).where(TransferPackageItem.package_id == package_id)
    return list(session.scalars(query.order_by(TransferPackageItem.seq)))


def of_transfer(session: Session, transfer_no: str) -> list[TransferPackage]:
    """Its packages in order, drafts too; others' drafts are not visible to who asks."""
    query = select(TransferPackage).where(TransferPackage.transfer_no == transfer_no)
    return list(session.scalars(query.order_by(TransferPackage.seq, TransferPackage.made_at)))


def open_draft(session: Session, case_id: UUID, kind: str) -> TransferPackage | None:
    query = select(TransferPackage).where(
        TransferPackage.case_id == case_id, TransferPackage.kind == kind, TransferPackage.sealed_at.is_(None)
    )
    return session.scalars(query).first()


def verify(session: Session, package: TransferPackage) -> list[Checked]:
    """Every file read again and its SM3 compared with the manifest's."""
    checked = []
    for item in items(session, package.id):
        if item.sm3 is None or item.sha256 is None:
            continue
        try:
            with files.storage().open(item.sha256) as stream:
                found = manifest.sm3_of(stream)
        except FileNotFoundError:
            found = ""
        checked.append(Checked(item, found, found == item.sm3))
    return checked


def manifest_agrees(package: TransferPackage) -> bool:
    """Is the manifest the text that was hashed?"""
    return package.manifest is not None and manifest.sm3_of(package.manifest.encode()) == package.manifest_sm3


# --- gathering ----------------------------------------------------------------------------------------------------------


def draft(session: Session, home: TransferFile, kind: str, to_organ: str, maker: str) -> TransferPackage:
    """The open package of a kind, made when there is none."""
    found = open_draft(session, home.case_id, kind)
    if found is not None:
        return found
    query = select(func.coalesce(func.max(TransferPackage.seq), 0)).where(TransferPackage.transfer_no == home.transfer_no)
    seq = (session.scalar(query) or 0) + 1
    made = TransferPackage(
        id=uuid7(), transfer_no=home.transfer_no, case_id=home.case_id, seq=seq, number=f"{home.transfer_no}-材料{seq}", kind=kind,
        from_organ=home.organ, to_organ=to_organ, made_by=maker, made_at=now(), confined=circle.organs(session, home.organ),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def add(session: Session, person: Person, package: TransferPackage, given: Mapping[str, Any]) -> TransferPackageItem:
    """One piece of material. ``given``: kind, name, maker, made_on, file_id, on_paper, copies, missing_reason, wording.

    Raises FormError, also where a file gives the reporter away.
    """
    _is_draft(package)
    item = TransferPackageItem(id=uuid7(), package_id=package.id, seq=_next(session, package), added_by=person.name, added_at=now())
    _fill(session, package, item, given)
    session.add(item)
    session.flush()
    return item


def change(session: Session, package: TransferPackage, item: TransferPackageItem, given: Mapping[str, Any]) -> None:
    """Put an item right; another file has to be looked at anew."""
    _is_draft(package)
    _fill(session, package, item, given)
    session.flush()


def drop(session: Session, package: TransferPackage, item: TransferPackageItem) -> None:
    _is_draft(package)
    session.delete(item)
    session.flush()


def tick(session: Session, person: Person, package: TransferPackage, item: TransferPackageItem) -> None:
    """A member of the team looked at a file that has no text and found nothing of a reporter in it. Logged."""
    _is_draft(package)
    item.reporter_checked_by, item.reporter_checked_id, item.reporter_checked_at = person.name, person.id, now()
    session.flush()
    detail = {"材料": item.name, "item": str(item.id), "sm3": item.sm3}
    get_engine().note(session, package.case_id, person.actor(), "transfer.reporter_checked", "逐件核对：没有举报人信息", detail)


def _fill(session: Session, package: TransferPackage, item: TransferPackageItem, given: Mapping[str, Any]) -> None:
    kinds = {kind.id for kind in materials.kinds(package.kind)}
    item.kind, item.name = str(given.get("kind") or ""), str(given.get("name") or "").strip()[:NAME_MOST]
    errors = {}
    if item.kind not in kinds:
        errors["kind"] = "请选择材料属于哪一项"
    if not item.name:
        errors["name"] = "请填写材料名称"
    item.maker, item.made_on = str(given.get("maker") or "").strip() or None, _day(given.get("made_on"))
    if item.made_on is not None and item.made_on > local(now()).date():
        errors["made_on"] = "制作日期不能晚于今天"
    item.on_paper, item.copies = bool(given.get("on_paper")), given.get("copies")
    item.missing_reason = str(given.get("missing_reason") or "").strip() or None
    item.wording = given.get("wording") or None
    if errors:
        raise FormError(errors)
    _attach(session, package, item, given.get("file_id"))
    _no_reporter(session, package, item.name, item.maker or "", item.missing_reason or "")


def _attach(session: Session, package: TransferPackage, item: TransferPackageItem, file_id: Any) -> None:
    """Take a file of the bureau's own file in: its hash, its text. Files of the petition never come here."""
    wanted = UUID(str(file_id)) if file_id else None
    if wanted is not None and wanted == item.file_id:
        return
    item.reporter_checked_by = item.reporter_checked_id = item.reporter_checked_at = None
    item.file_id, item.file_name, item.mime, item.size, item.sm3, item.sha256, item.text_layer = wanted, None, None, None, None, None, None
    if wanted is None:
        return
    file = file_queries.by_ids(session, [wanted]).get(wanted)
    if file is None or file.case_id != package.case_id:
        raise FormError({"file": "只能选本移送案卷里的文件；信访案卷的材料不能进入移送材料，请另行制作后上传"})
    with files.storage().open(file.sha256) as stream:
        item.sm3 = manifest.sm3_of(stream)
    with files.storage().open(file.sha256) as stream:
        read = reporter_guard.read(stream, file.mime, file.name)
    item.file_name, item.mime, item.size, item.sha256, item.text_layer = file.name, file.mime, file.size, file.sha256, read.whole
    _no_reporter(session, package, file.name, read.text)


def _no_reporter(session: Session, package: TransferPackage, *texts: str) -> None:
    kinds = reporter_guard.found_in("\n".join(texts), reporter_guard.secrets_of(session, package.case_id))
    if kinds:
        raise FormError({"file": f"这件材料里有举报人的{'、'.join(kinds)}，不能进入移送材料（法典第一百四十六条），请处理后重新上传"})


def _next(session: Session, package: TransferPackage) -> int:
    query = select(func.coalesce(func.max(TransferPackageItem.seq), 0)).where(TransferPackageItem.package_id == package.id)
    return (session.scalar(query) or 0) + 1


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _is_draft(package: TransferPackage) -> None:
    if package.sealed_at is not None:
        raise Conflict(f"{package.number} 已封存，不能改动；补充材料请另行编号移送。")


# --- sealing ------------------------------------------------------------------------------------------------------------


def write_paper(session: Session, person: Person, package: TransferPackage, paper: Paper, kind: str) -> TransferPackageItem:
    """A paper of the bureau as a file of the package. One that names a petitioner is refused."""
    if paper.reporter or paper.sealed:
        raise Conflict(f"{paper.kind}载有举报人信息，不能进入移送材料。")
    for old in [item for item in items(session, package.id) if item.paper_id is not None and item.name == paper.kind]:
        drop(session, package, old)
    file = files.add_file(session, person, BytesIO(paper_text(paper).encode()), f"{paper.kind}.txt", case_id=package.case_id)
    made_on = local(paper.made_at).date()
    item = add(session, person, package, {"kind": kind, "name": paper.kind, "maker": paper.maker, "made_on": made_on, "file_id": file.id})
    item.paper_id = paper.id
    session.flush()
    return item


def paper_text(paper: Paper) -> str:
    """A paper as plain text, as it is hashed and sent."""
    head = [paper.kind, paper.number or "", ""]
    lines = [f"{label}：{text}" for label, text in paper.content]
    return "\n".join([*head, *lines, "", paper.maker, f"{local(paper.made_at):%Y年%-m月%-d日}"]) + "\n"


def problems(session: Session, package: TransferPackage, *, penalised: bool = False) -> list[Missing]:
    """Everything that keeps a draft from being sealed."""
    rows = items(session, package.id)
    found = materials.missing(package.kind, rows, penalised=penalised)
    secrets = reporter_guard.secrets_of(session, package.case_id)
    for item in rows:
        label = materials.kind_label(package.kind, item.kind)
        if item.sm3 and item.text_layer is False and item.reporter_checked_at is None:
            found.append(Missing(item.kind, label, f"“{item.name}”没有文字层，请逐件核对没有举报人信息后确认", str(item.id)))
        elif item.sha256 and (kinds := reporter_guard.found_in(_text_of(item), secrets)):
            found.append(Missing(item.kind, label, f"“{item.name}”里有举报人的{'、'.join(kinds)}，不能移送", str(item.id)))
    return found


def _text_of(item: TransferPackageItem) -> str:
    """All text of an item, read again: who reported may have become known after it was added."""
    assert item.sha256 is not None
    with files.storage().open(item.sha256) as stream:
        read = reporter_guard.read(stream, item.mime or "", item.file_name or "")
    return "\n".join([read.text, item.file_name or "", item.name, item.maker or ""])


def seal(ctx: Ctx, package: TransferPackage, *, penalised: bool = False) -> TransferPackage:
    """Close a package for ever. Raises Conflict naming everything that is missing."""
    session = ctx.session
    _is_draft(package)
    if found := problems(session, package, penalised=penalised):
        raise Conflict("移送材料不齐，不能移送：" + "；".join(f"{one.label}：{one.say}" for one in found) + "。")
    rows = items(session, package.id)
    package.size = sum(item.size or 0 for item in rows)
    package.manifest = manifest.canonical(manifest.of(package, rows, sealed_at=ctx.now, follows=_before(session, package)))
    package.manifest_sm3 = manifest.sm3_of(package.manifest.encode())
    package.confined = circle.organs(session, package.from_organ, package.to_organ)
    package.sealed_at, package.sealed_by = ctx.now, ctx.actor.shown
    session.flush()
    ctx.event(f"材料封存：{package.number}", {"件数": len(rows), "清单摘要（SM3）": package.manifest_sm3}, kind="package")
    return package


def _before(session: Session, package: TransferPackage) -> str | None:
    """The hash of the package sealed before this one, of the same transfer."""
    query = select(TransferPackage.manifest_sm3).where(
        TransferPackage.transfer_no == package.transfer_no, TransferPackage.sealed_at.is_not(None), TransferPackage.seq < package.seq
    )
    return session.scalar(query.order_by(TransferPackage.seq.desc()).limit(1))


def see(session: Session, package: TransferPackage, *organs: str) -> None:
    """Show a sealed package to further organs (passed on); who saw it before still does."""
    package.confined = list(dict.fromkeys([*(package.confined or []), *circle.organs(session, *organs)]))
    session.flush()


def item_of(session: Session, package_id: UUID, item_id: UUID) -> TransferPackageItem:
    item = session.get(TransferPackageItem, item_id)
    if item is None or item.package_id != package_id:
        raise NotFound("没有这件材料。")
    return item


def file_list(rows: Sequence[TransferPackageItem]) -> list[dict[str, Any]]:
    """What a letter says of the files it brings: id, name, hash."""
    return [{"id": str(item.id), "name": item.name, "sm3": item.sm3} for item in rows if item.sm3]
