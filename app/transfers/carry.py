"""Carries letters between organs: writes the row, completes the payload, sends it to the addressee's file, here or elsewhere.

A letter for an organ that keeps no file of the transfer yet waits as its row; ``services.register_file`` takes what waits. Where an organ
runs its own installation, the letter leaves in the same transaction (``leaving``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ
from app.db import dump_json
from app.papers.numbering import next_in
from app.transfers import circle, leaving, letters, reporter_guard, routing
from app.transfers.letters import Content
from app.transfers.models import TransferFile, TransferLetter
from workflows.errors import WorkflowError
from workflows.handlers import Ctx
from workflows.library import MessageRule

NOTICE, NOTICE_ALONE = "police_notice", "police_notice_alone"


def carry(ctx: Ctx, rule: MessageRule, payload: dict[str, Any]) -> None:
    """The hook: a diagram threw a message whose carrier is the app."""
    name, kind = rule.name, str(payload.get("kind") or "")
    content = letters.contents.of(ctx, name, kind, payload)
    named = {**ctx.case.attrs, **payload, "new_procuratorate": _of_new_police(ctx.session, payload)}
    named["asked"] = ctx.case.attrs.get(str(payload.get("asked") or ""))  # a 会商 names police or procuratorate
    for organ in dict.fromkeys([*routing.addressees(named, name, kind), *content.copies]):
        deliver_to(ctx, name, kind, organ, content, transfer_no=str(payload.get("transfer_no") or ""), extra=payload)


def _of_new_police(session: Session, payload: dict[str, Any]) -> str | None:
    """The procuratorate of the police a case is passed on to."""
    new = str(payload.get("new_organ") or "")
    return routing.procuratorate_of(session, new) if new else None


def deliver_to(
    ctx: Ctx, name: str, kind: str, organ: str, content: Content, *, transfer_no: str = "", extra: dict[str, Any] | None = None
) -> TransferLetter:  # fmt: skip
    """Write one letter to one organ and send it. ``extra``: what the diagram said; a number it allotted before is kept."""
    home, drawn = home_of(ctx), {k: v for k, v in (extra or {}).items() if k not in ("case_id", "link_id", "to_organ")}
    letter = _write(ctx, name, kind, home, organ, content, transfer_no or home.transfer_no, drawn)
    payload = payload_of(letter)
    if not leaving.leave(ctx, letter, payload):
        send_here(ctx, letter, payload)
    return letter


def send_here(ctx: Ctx, letter: TransferLetter, payload: dict[str, Any]) -> None:
    """Give a letter to the file its addressee keeps in this installation, or let it open one."""
    name = name_here(ctx.session, letter)
    opens = ctx.engine.library.starting(ctx.session, name)
    if opens is not None and opens.own_file:
        ctx.send(name, payload)
        return
    letter.to_case = routing.file_of(ctx.session, letter.transfer_no, letter.to_organ, *routing.FILES.get(name, ()))
    if letter.to_case is not None:
        ctx.send(name, payload, to_case=letter.to_case)


def name_here(session: Session, letter: TransferLetter) -> str:
    """The message a letter is at its addressee: to a file that has ended only 立案 opens a new one."""
    if letter.name != NOTICE or letter.kind != "filed":
        return letter.name
    living = routing.living_file(session, letter.transfer_no, letter.to_organ, *routing.FILES[NOTICE])
    return NOTICE if living is not None else NOTICE_ALONE


def home_of(ctx: Ctx) -> TransferFile:
    """The file this step works on, as its first service task registered it."""
    home = ctx.session.get(TransferFile, ctx.case.id)
    if home is None:
        raise WorkflowError("这个案卷还没有登记移送编号，不能发函。")
    return home


def allot(session: Session, transfer_no: str, organ: str) -> str:
    """The next letter number of an organ in a transfer, e.g. 洪环移〔2026〕3号-市局-2."""
    seq = next_in(session, f"letters:{transfer_no}:{organ}", 0)
    return f"{transfer_no}-{session.get_one(Organ, organ).short}-{seq}"


def _write(
    ctx: Ctx, name: str, kind: str, home: TransferFile, organ: str, content: Content, transfer_no: str, drawn: dict[str, Any]
) -> TransferLetter:  # fmt: skip
    session = ctx.session
    number = str(drawn.pop("letter_no", "") or "") or allot(session, transfer_no, home.organ)
    if by_number(session, number) is not None:  # the same letter to a second organ
        number = allot(session, transfer_no, home.organ)
    drawn = {k: v for k, v in drawn.items() if k not in ("transfer_no", "kind", "in_reply_to")} | _answered(content, drawn)
    reporter_guard.refuse(session, ctx.case.id, [*(text for line in content.lines for text in line), dump_json(content.body)])
    letter = TransferLetter(
        transfer_no=transfer_no, letter_no=number, seq=int(number.rpartition("-")[2]), name=name, kind=kind, from_organ=home.organ,
        to_organ=organ, from_case=ctx.case.id, in_reply_to=drawn.pop("in_reply_to", None) or None, document_no=content.document_no,
        title=letters.title(name, kind, content), body={**drawn, **content.body, "lines": [list(line) for line in content.lines]},
        package_id=content.package_id, paper_id=content.paper_id, files=[dict(one) for one in content.files],
        decided_at=content.decided_at or ctx.now, sent_at=ctx.now, by=ctx.actor.shown, confined=circle.organs(session, home.organ, organ),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    detail = {"文号": letter.letter_no, "发往": directory.name(session, organ), "letter": str(letter.id)}
    ctx.event(f"发出：{letter.title}", detail, kind="letter")
    return letter


def _answered(content: Content, drawn: dict[str, Any]) -> dict[str, Any]:
    """The letter this one answers: as its writer says, else as the diagram drew it."""
    return {"in_reply_to": content.in_reply_to or drawn.get("in_reply_to") or ""}


def payload_of(letter: TransferLetter) -> dict[str, Any]:
    """What the addressee's diagram gets (its variable ``m``)."""
    body = {k: v for k, v in letter.body.items() if k != "lines"}
    return {
        **body, "name": letter.name, "transfer_no": letter.transfer_no, "letter_no": letter.letter_no, "kind": letter.kind,
        "organ": letter.from_organ,
        "to_organ": letter.to_organ, "by": letter.by, "decided_at": _iso(letter.decided_at), "sent_at": _iso(letter.sent_at),
        "in_reply_to": letter.in_reply_to or "",
    }  # fmt: skip


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def received(ctx: Ctx, m: dict[str, Any] | None) -> TransferLetter | None:
    """The service task that takes a letter says so: when it came, on which file. None for what is no letter."""
    letter = by_number(ctx.session, str((m or {}).get("letter_no") or ""))
    if letter is None:
        return None
    letter.received_at = letter.received_at or ctx.now
    letter.to_case = ctx.case.id
    ctx.session.flush()
    sender = directory.name(ctx.session, letter.from_organ)
    ctx.event(f"收到：{letter.title}", {"文号": letter.letter_no, "来自": sender, "letter": str(letter.id)}, kind="letter")
    return letter


def by_number(session: Session, letter_no: str) -> TransferLetter | None:
    return session.scalars(select(TransferLetter).where(TransferLetter.letter_no == letter_no)).first() if letter_no else None


def waiting_for(session: Session, transfer_no: str, organ: str, names: set[str]) -> list[TransferLetter]:
    """Letters that came for an organ before it kept a file of the transfer, in their order."""
    query = select(TransferLetter).where(
        TransferLetter.transfer_no == transfer_no, TransferLetter.to_organ == organ, TransferLetter.to_case.is_(None),
        TransferLetter.received_at.is_(None), TransferLetter.name.in_(sorted(names)),
        (TransferLetter.via == leaving.HERE) | TransferLetter.from_case.is_(None),  # not what left for another installation
    )  # fmt: skip
    return list(session.scalars(query.order_by(TransferLetter.sent_at, TransferLetter.id)))


def of_case(session: Session, case_id: UUID) -> list[TransferLetter]:
    """Letters a file sent and received, in their order."""
    either = (TransferLetter.from_case == case_id) | (TransferLetter.to_case == case_id)
    return list(session.scalars(select(TransferLetter).where(either).order_by(TransferLetter.sent_at, TransferLetter.id)))


def first_letter(session: Session, case_id: UUID, name: str) -> TransferLetter | None:
    """The letter of that name that brought a file its matter."""
    query = select(TransferLetter).where(TransferLetter.to_case == case_id, TransferLetter.name == name)
    return session.scalars(query.order_by(TransferLetter.sent_at).limit(1)).first()


def answers_to(session: Session, letter_no: str) -> list[TransferLetter]:
    """The letters that answer one."""
    query = select(TransferLetter).where(TransferLetter.in_reply_to == letter_no)
    return list(session.scalars(query.order_by(TransferLetter.sent_at)))
