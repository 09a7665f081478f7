"""What the procuratorate writes to another organ without moving its diagram: a correction, a reminder. On both files, with a notice."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.directory import directory
from app.inbox.services import tell
from app.papers.services import Paper
from app.transfers import carry, circle, routing
from app.transfers.models import TransferLetter
from workflows.errors import NobodyThere
from workflows.handlers import Ctx

# the kinds of file it lies on at the addressee
FILES = {"correction": routing.OF_POLICE, "reminder": routing.OF_BUREAU}


def put_before(ctx: Ctx, organ: str, roles: Sequence[str], name: str, paper: Paper, lines: Sequence[tuple[str, str]]) -> TransferLetter:
    """Put a paper on the file the other organ keeps, and tell those roles of it."""
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
    said = f"{home.transfer_no}：{directory.name(session, home.organ)}发来{paper.kind}（{paper.number}），请办理。"
    tell(session, [key for role in roles if (key := _holder(ctx, role, organ))], "note", said, case_id=letter.to_case)
    ctx.event(
        f"发出：{paper.kind}", {"文号": paper.number, "发往": directory.name(session, organ), "letter": str(letter.id)}, kind="letter"
    )
    return letter


def _holder(ctx: Ctx, role: str, organ: str) -> str | None:
    try:
        return directory.resolve(ctx.session, role, organ)
    except NobodyThere:
        return None
