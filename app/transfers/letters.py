"""What a letter between organs says. Each side registers, for the messages it throws, a function that reads its own record.

    @contents.register("transfer_receipt")
    def receipt(ctx, kind, payload): return Content({"receipt_no": …}, decided_at=…, lines=[("回执编号", …)])

The diagram throws only the name and the kind; ``carry`` asks here for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.papers import services as papers
from app.papers.services import Paper
from app.transfers import words
from app.transfers.models import TransferLetter as TransferLetter  # what other areas may know of a letter
from workflows.handlers import Ctx

Lines = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Content:
    """``body`` goes into the payload and must be JSON; ``lines`` are what people read; ``files`` are {id, name, sm3}."""

    body: Mapping[str, Any] = field(default_factory=dict)
    lines: Lines = ()
    title: str = ""
    decided_at: datetime | None = None
    in_reply_to: str | None = None
    document_no: str | None = None
    package_id: UUID | None = None
    paper_id: UUID | None = None
    files: Sequence[Mapping[str, Any]] = ()
    copies: Sequence[str] = ()  # further organs the same letter goes to


Writer = Callable[[Ctx, str, dict[str, Any]], Content]


class Contents:
    """The registry of writers by message name, or by ``name:kind`` where the kinds are written by different sides."""

    def __init__(self) -> None:
        self._by_name: dict[str, Writer] = {}

    def register(self, *names: str) -> Callable[[Writer], Writer]:
        def add(fn: Writer) -> Writer:
            for name in names:
                if name in self._by_name:
                    raise ValueError(f"the letter {name} has two writers")
                self._by_name[name] = fn
            return fn

        return add

    def of(self, ctx: Ctx, name: str, kind: str, payload: dict[str, Any]) -> Content:
        writer = self._by_name.get(f"{name}:{kind}") or self._by_name.get(name)
        return writer(ctx, kind, payload) if writer is not None else Content()

    def names(self) -> set[str]:
        return set(self._by_name)


contents = Contents()


def latest_paper(ctx: Ctx, *kinds: str) -> Paper | None:
    """The newest paper of these kinds on the sender's own file: what the letter carries."""
    query = select(Paper).where(Paper.case_id == ctx.case.id, Paper.kind.in_(kinds)).order_by(Paper.made_at.desc(), Paper.id.desc())
    return ctx.session.scalars(query.limit(1)).first()


def with_paper(ctx: Ctx, kind: str, lines: Lines, *, number: str | None = None, **more: Any) -> Content:
    """A letter whose paper is written with it."""
    paper = papers.issue(ctx, kind, lines, number=number)
    return Content(lines=lines, title=kind, document_no=number, paper_id=paper.id, **more)


def title(name: str, kind: str, content: Content) -> str:
    return content.title or words.letter_title(name, kind)
