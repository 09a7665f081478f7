"""The letters of 督办 as papers: what each says, its number. No petitioner's name is ever among the lines."""

from __future__ import annotations

from app.accounts.directory import directory
from app.papers import services as papers
from app.papers.numbering import document_number
from app.papers.services import Paper
from app.petitions.letters import said
from app.supervision.models import Matter, MatterLetter
from app.supervision.words import KINDS, LETTER_PREFIX, MATTER_PREFIX
from workflows.calendar import last_day
from workflows.handlers import Ctx
from workflows.tables import Case
from workflows.time import local

Lines = list[tuple[str, str]]


def matter_number(ctx: Ctx) -> str:
    """洪环督〔2026〕3号."""
    return document_number(ctx.session, MATTER_PREFIX, local(ctx.now).year)


def letter_number(ctx: Ctx) -> str:
    """洪环督函〔2026〕5号."""
    return document_number(ctx.session, LETTER_PREFIX, local(ctx.now).year)


def basis(ctx: Ctx) -> str:
    """What a letter cites: the bureau's document and 法典1084; 条例40 names the petition offices of Party and government."""
    procedure = ctx.step.procedure or ctx.engine.library.current(ctx.session, "supervision")
    return str(procedure.settings["basis"]["value"])


def issue(ctx: Ctx, matter: Matter, row: MatterLetter) -> Paper:
    """Number the letter and write it as a paper."""
    row.number = letter_number(ctx)
    paper = papers.issue(ctx, KINDS[row.step], lines(ctx, matter, row), number=row.number)
    row.paper_id = paper.id
    return paper


def lines(ctx: Ctx, matter: Matter, row: MatterLetter) -> Lines:
    """The letter line by line; empty ones are left out."""
    subject = ctx.session.get(Case, matter.subject_case) if matter.subject_case else None
    about = f"{subject.number or ''} {subject.title}".strip() if subject is not None else ""
    wanted = said(last_day(row.reply_by)) if row.reply_by else ""
    found = [
        ("发往", directory.name(ctx.session, matter.unit)),
        ("督办编号", matter.number),
        ("事项", about),
        ("事由", row.facts or ""),
        ("违反的规定或超过的期限", row.breach or ""),
        ("要求", row.demand or ""),
        ("改进工作的建议", row.advice or ""),
        ("约谈时间", said(row.meet_at)),
        ("约谈地点", row.meet_place or ""),
        ("通报范围", row.scope or ""),
        ("书面回复期限", wanted),
        ("依据", basis(ctx)),
        ("签发", row.signed_by or ""),
    ]
    return [(label, text) for label, text in found if text]
