"""What one organ writes to another without moving its diagram: a correction, a reminder, an entry. On both files, with a notice."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.engine import get_engine
from app.inbox.services import tell
from app.papers.services import Paper
from app.transfers import carry, circle, leaving, routing
from app.transfers.models import TransferLetter
from workflows.errors import NobodyThere
from workflows.handlers import Actor, Ctx
from workflows.time import now

# the kinds of file it lies on at the addressee, and who is told of it there as far as the posts are held
ANY = (*routing.OF_BUREAU, *routing.OF_POLICE, *routing.OF_PROCURATORATE, "detention", "police_detention")
FILES = {"correction": routing.OF_POLICE, "reminder": routing.OF_BUREAU, "platform_entry": ANY}
TOLD = {
    "correction": ("police_head", "police_officer"),
    "reminder": ("legal", "unit_head", "organ_head"),
    "platform_entry": ("legal", "police_officer", "prosecutor"),
}
TO_READ = ("platform_entry",)  # nothing has to be done about it


def put_before(ctx: Ctx, organ: str, name: str, paper: Paper, lines: Sequence[tuple[str, str]]) -> TransferLetter:
    """Put a paper on the file the other organ keeps, here or in its own installation, and tell those who have to act."""
    session, home = ctx.session, carry.home_of(ctx)
    number = carry.allot(session, home.transfer_no, home.organ)
    letter = TransferLetter(
        transfer_no=home.transfer_no, letter_no=number, seq=int(number.rpartition("-")[2]), name=name, from_organ=home.organ,
        to_organ=organ, from_case=ctx.case.id, to_case=routing.file_of(session, home.transfer_no, organ, *FILES[name]),
        document_no=paper.number, title=paper.kind, body={"lines": [list(line) for line in lines]}, paper_id=paper.id,
        decided_at=ctx.now, sent_at=ctx.now, by=ctx.actor.shown, confined=circle.organs(session, home.organ, organ),
    )  # fmt: skip
    session.add(letter)
    session.flush()
    if not leaving.leave(ctx, letter, carry.payload_of(letter)):
        tell_of(session, letter)
    ctx.event(
        f"发出：{paper.kind}", {"文号": paper.number, "发往": directory.name(session, organ), "letter": str(letter.id)}, kind="letter"
    )
    return letter


def tell_of(session: Session, letter: TransferLetter) -> None:
    """Put the paper before those at the addressee who have to act on it."""
    number = f"（{letter.document_no}）" if letter.document_no else ""
    asked = "请阅" if letter.name in TO_READ else "请办理"
    said = f"{letter.transfer_no}：{directory.name(session, letter.from_organ)}发来{letter.title}{number}，{asked}。"
    holders = [key for role in TOLD[letter.name] if (key := _holder(session, role, letter.to_organ))]
    tell(session, holders, "note", said, case_id=letter.to_case)


def lay(session: Session, letter: TransferLetter, actor: Actor) -> None:
    """A paper from another installation on the file it is for: received, in the trail, told."""
    assert letter.to_case is not None
    letter.received_at = now()
    detail = {"文号": letter.letter_no, "来自": directory.name(session, letter.from_organ), "letter": str(letter.id)}
    get_engine().note(session, letter.to_case, actor, "letter", f"收到：{letter.title}", detail)
    tell_of(session, letter)


def _holder(session: Session, role: str, organ: str) -> str | None:
    try:
        return directory.resolve(session, role, organ)
    except NobodyThere:
        return None
