"""Links (关联事项): what holds the closing of a case — an instance of its own, or an open item that a person closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from . import store
from .errors import Conflict, NotFound
from .tables import Link

if TYPE_CHECKING:
    from .library import MessageRule
    from .step import Step


class Links:
    """The links of the case a step works on. Rows are written at once, so a handler that counts them sees them."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def open(
        self, kind: str, label: str, *, holds: bool, closable_by: str | None = None, detail: dict[str, Any] | None = None,
        instance_id: UUID | None = None,
    ) -> Link:  # fmt: skip
        step = self._step
        link = Link(
            id=store.new_id(), case_id=step.case.id, kind=kind, label=label, holds=holds, status="open", instance_id=instance_id,
            closable_by=closable_by, detail=detail or {}, opened_at=step.now, closed_at=None, closed_by=None, closed_name=None, result=None,
            confined=step.confined,
        )  # fmt: skip
        step.session.add(link)
        step.session.flush()
        step.tell("link.opened", label, {"kind": kind, "holds": holds})
        return link

    def for_message(self, rule: MessageRule, payload: dict[str, Any]) -> Link | None:
        """The row written with the throw of a message that holds closing, or that is an open item until its procedure exists."""
        runs = self._step.engine.library.starting(self._step.session, rule.name) is not None
        if not rule.holds and (runs or rule.item_label is None):
            return None
        label = rule.label if runs else (rule.item_label or rule.label)
        detail = {k: v for k, v in payload.items() if k != "case_id"}
        if rule.joins and (living := self._open_of(rule.name)) is not None:
            living.detail = {**living.detail, "more": [*living.detail.get("more", []), {**detail, "at": self._step.now.isoformat()}]}
            self._step.session.flush()
            self._step.tell("link.joined", living.label, {"kind": rule.name, **detail})
            return living
        return self.open(rule.name, label, holds=rule.holds, closable_by=None if runs else rule.closable_by, detail=detail)

    def _open_of(self, kind: str) -> Link | None:
        """The open item of that kind, which a further request joins instead of opening another."""
        found = select(Link).where(Link.case_id == self._step.case.id, Link.kind == kind, Link.status == "open")
        return self._step.session.scalars(found.order_by(Link.opened_at).limit(1)).first()

    def close(self, link_id: UUID, result: dict[str, Any] | None = None) -> Link | None:
        """Close a link; None when it was closed before (a message may arrive twice, the effect only once)."""
        step = self._step
        link = step.session.get(Link, link_id, populate_existing=True)
        if link is None or link.case_id != step.case.id:
            raise NotFound("没有这个关联事项。")
        if link.status == "closed":
            return None
        link.status, link.closed_at, link.result = "closed", step.now, result
        link.closed_by, link.closed_name = step.actor.id, step.actor.shown
        step.session.flush()
        step.tell("link.closed", link.label, {"kind": link.kind, **({"result": result} if result else {})})
        return link

    def close_by_person(self, link_id: UUID, result: dict[str, Any], wake: str) -> Link:
        """A person closes an open item: the row and the message ``wake`` that lets a waiting closing count again."""
        link = self.close(link_id, result)
        if link is None:
            raise Conflict("这个事项已经办结。")
        if link.closable_by is None:
            raise Conflict("这个事项由它自己的流程办结，不能手工关闭。")
        self._step.send(wake, {"case_id": str(link.case_id), "link_id": str(link.id)})
        return link
