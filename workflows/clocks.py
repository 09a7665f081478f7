"""Clocks of a case: rows that start, pause, move and end. The library's timers are never asked.

A clock names a slot of the case (``answer``) and the rule that fills it (``petition.handle``). Several clocks may run in one
slot; the one due first is shown. Ends are met, lapsed (the duty no longer applies), superseded (a new round) or cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from . import store
from .errors import Conflict
from .library import Slot
from .store import CaseRow, ClockRow
from .tables import Clock

if TYPE_CHECKING:
    from .calendar import Calendar
    from .deadlines import Rule, Rules
    from .handlers import Actor
    from .runtime import Engine

RUNNING, PAUSED = "running", "paused"
Teller = Callable[[str, str, dict[str, Any]], None]


class CaseClocks:
    """The living clocks of one case inside a step; changes are written when the step is saved."""

    def __init__(
        self, case: CaseRow, rows: list[ClockRow], rules: Rules, calendar: Calendar, now: datetime, warn_days: int, tell: Teller
    ) -> None:
        self._case, self.rows, self._rules, self._calendar = case, rows, rules, calendar
        self._now, self._warn_days, self._tell = now, warn_days, tell
        self.moved: set[str] = set()  # slots whose shown moment may have changed: open tasks carry a copy
        self.slots: dict[str, Slot] = {}  # of the procedure at work: what is chased, what is a right

    def shown(self, slot: str | None, letter: str | None = None) -> ClockRow | None:
        """The clock of the slot that is due first; a paused one only when none runs.

        ``letter``: an instance about one letter (month, promise) asks for that letter's clock; where the slot has none of its own,
        for those that belong to the case as a whole.
        """
        found = [c for c in self.rows if c.slot == slot and c.status in (RUNNING, PAUSED)]
        if letter:
            found = [c for c in found if c.letter == letter] or [c for c in found if c.letter is None]
        return min(found, key=lambda c: (c.status == PAUSED, c.due_at), default=None)

    def running(self, slot: str | None = None, letter: str | None = None) -> list[ClockRow]:
        return [
            c
            for c in self.rows
            if c.status in (RUNNING, PAUSED) and (slot is None or c.slot == slot) and (letter is None or c.letter == letter)
        ]

    def start(
        self,
        slot: str,
        rule: str,
        from_at: datetime,
        *,
        round: int = 1,
        letter: str | None = None,
        days: int | None = None,
        until: datetime | None = None,
        clock_id: UUID | None = None,
        quiet: bool = False,
    ) -> ClockRow:
        """Start a clock: ``days`` sets the amount of a rule without one of its own, ``until`` the end of the day it is due.

        Raises NotFound for a rule that is not in force on the day of ``from_at``.
        """
        law = self._rules.get(rule, from_at.date())
        raw, due = (until, until) if until is not None else self._due(law, from_at, days)
        row = ClockRow(clock_id or store.new_id(), self._case.id, slot, rule, round, letter, RUNNING, from_at, raw, due, fresh=True)
        row.warn_at = self._warn(law, row)
        self._next(row)
        self.rows.append(row)
        if not quiet:
            self.moved.add(slot)
            self._tell("clock.started", law.label, {"slot": slot, "rule": rule, "from": from_at, "due": due})
        return row

    def meet(self, slot: str, at: datetime, *, rule: str | None = None, letter: str | None = None, quiet: bool = False) -> int:
        """The duty is done at ``at`` (the event's moment, which may lie before now); returns how many clocks ended."""
        return self._end(slot, "met", at, rule, letter, quiet=quiet)

    def lapse(self, slot: str, at: datetime | None = None, *, letter: str | None = None, note: str | None = None) -> int:
        """The duty no longer applies: neither met nor late, not counted."""
        return self._end(slot, "lapsed", at or self._now, None, letter, note=note)

    def supersede(self, slot: str) -> int:
        """A new round or a new letter takes the place of this clock."""
        return self._end(slot, "superseded", self._now, None, None)

    def cancel_all(self, note: str, *, slots: set[str] | None = None) -> int:
        """End every living clock of the case (withdrawal, merging)."""
        names = {c.slot for c in self.running()} if slots is None else slots
        return sum(self._end(s, "cancelled", self._now, None, None, note=note) for s in names)

    def pause(self, slot: str, at: datetime, reason: str, approver: str) -> None:
        """Stop the clock where a text allows it; raises Conflict when none runs or its rule knows no pause."""
        for c in self._living(slot):
            law = self._rules.get(c.rule, c.from_at.date())
            if not law.pausable_by:
                raise Conflict(f"“{law.label}”依法不能暂停（{law.citation}）。")
            if c.status == PAUSED:
                raise Conflict(f"“{law.label}”已经暂停。")
            c.status, c.paused_at, c.next_at = PAUSED, at, None
            c.pauses = [*c.pauses, {"from": at.isoformat(), "reason": reason, "by": approver}]
            self._changed(c, "clock.paused", {"reason": reason, "by": approver})

    def resume(self, slot: str, at: datetime) -> None:
        """Run on; the pause is added to the period and the new end rolled over holidays."""
        for c in self._living(slot):
            if c.status != PAUSED or c.paused_at is None:
                continue
            law, before = self._rules.get(c.rule, c.from_at.date()), c.due_at
            c.raw_due, c.due_at = self._calendar.resume_due(c.raw_due, c.paused_at, at, law.unit)
            c.pauses = [*c.pauses[:-1], {**c.pauses[-1], "to": at.isoformat()}]
            c.status, c.paused_at, c.warn_at = RUNNING, None, self._warn(law, c)
            self._next(c)
            self._changed(c, "clock.resumed", {"from": before, "to": c.due_at})

    def extend(
        self, slot: str, reason: str, *, days: int | None = None, until: datetime | None = None, rule: str | None = None
    ) -> ClockRow:
        """Move the clock of a slot: ``days`` of the extension rule counted from the unrolled end, or ``until``; says old → new."""
        found = list(self._living(slot))
        if not found:
            raise Conflict("没有在计时的期限，不能延期。")
        c = min(found, key=lambda x: x.due_at)
        law, before = self._rules.get(c.rule, c.from_at.date()), c.due_at
        if until is not None:
            c.raw_due = c.due_at = until
        else:
            by = self._rules.get(rule, c.from_at.date()) if rule else law
            # the last day of the period is the event day the extension counts from: its end is 24:00, shown as the next day's 00:00
            c.raw_due, c.due_at = self._due(by, c.raw_due - timedelta(seconds=1), days)
        c.warn_at = self._warn(law, c)
        if c.due_at > self._now:
            c.overdue_at = c.chase_at = None
            c.warned_at = None if c.warn_at and c.warn_at > self._now else c.warned_at
        self._next(c)
        self._changed(c, "clock.extended", {"slot": slot, "from": before, "to": c.due_at, "reason": reason})
        return c

    def recompute(self, c: ClockRow, reason: str) -> bool:
        """A new calendar: the end rolled (days, months) or counted (working days) again; True when it moved, old → new in the trail."""
        law = self._rules.get(c.rule, c.from_at.date())
        if c.status != RUNNING or c.overdue_at is not None or (law.unit == "workday" and c.pauses):
            return False
        if law.unit in ("day", "month"):
            raw, due = self._calendar.resume_due(c.raw_due, self._now, self._now, law.unit)
        elif law.unit == "workday" and law.amount is not None:
            raw, due = self._due(law, c.from_at, None)
        else:
            return False
        if due == c.due_at:
            return False
        before, c.raw_due, c.due_at = c.due_at, raw, due
        c.warn_at = self._warn(law, c)
        self._next(c)
        self._changed(c, "clock.recomputed", {"slot": c.slot, "from": before, "to": due, "reason": reason})
        return True

    def step(self, c: ClockRow) -> str | None:
        """What the passing of time does to one clock: ``warned``, ``overdue``, ``lapsed`` or ``chase``; None when nothing is due."""
        if c.status != RUNNING or c.next_at is None or c.next_at > self._now:
            return None
        slot = self.slots.get(c.slot)
        if slot is not None and slot.right and self.fires_at(c) <= self._now:
            c.status, c.ended_at, what = "lapsed", c.due_at, "lapsed"
            self.moved.add(c.slot)
        elif c.overdue_at is None and c.due_at <= self._now and not (slot is not None and slot.right):
            c.overdue_at, c.warned_at = c.due_at, c.warned_at or c.warn_at
            c.chase_at = c.due_at if slot is not None and slot.chase else None
            what = "overdue"
            self._case.overdue_at = self._case.overdue_at or c.due_at
            self._case.dirty = True
        elif c.overdue_at is not None and c.chase_at is not None and c.chase_at <= self._now:
            c.chase_at = self._chase_after(slot, c.chase_at)
            what = "chase"
        elif c.warned_at is None and c.warn_at is not None and c.warn_at <= self._now:
            c.warned_at, what = c.warn_at, "warned"
        else:
            self._next(c)
            c.dirty = True
            return None
        self._next(c)
        c.dirty = True
        law = self._rules.get(c.rule, c.from_at.date())
        self._tell(f"clock.{what}", law.label, {"slot": c.slot, "rule": c.rule, "due": c.due_at})
        return what

    def fires_at(self, c: ClockRow) -> datetime:
        """When a timer of the diagram that waits for ``due`` fires: the due moment, for a right with grace that much later."""
        slot = self.slots.get(c.slot)
        if slot is None or slot.grace is None:
            return c.due_at
        return self._due(self._rules.get(slot.grace, c.from_at.date()), c.due_at - timedelta(seconds=1), None)[1]

    def _chase_after(self, slot: Slot | None, before: datetime) -> datetime | None:
        """The next chase: counted from the day of the one before."""
        if slot is None or slot.chase is None:
            return None
        return self._calendar.again(self._rules.get(slot.chase, self._now.date()), before)

    def _living(self, slot: str) -> Iterator[ClockRow]:
        found = self.running(slot)
        if not found:
            raise Conflict("没有在计时的期限。")
        yield from found

    def _end(
        self, slot: str, status: str, at: datetime, rule: str | None, letter: str | None, *, quiet: bool = False, note: str | None = None
    ) -> int:
        ended = 0
        for c in self.running(slot, letter):
            if rule is not None and c.rule != rule:
                continue
            c.status, c.ended_at, c.next_at, c.note = status, at, None, note or c.note
            if status == "met" and c.overdue_at is None and at >= c.due_at:
                c.overdue_at = c.due_at
            c.dirty = True
            ended += 1
            if not quiet:
                self.moved.add(slot)
                law = self._rules.get(c.rule, c.from_at.date())
                late = status == "met" and at >= c.due_at
                self._tell(f"clock.{status}", law.label, {"slot": slot, "rule": c.rule, "at": at, "due": c.due_at, "late": late})
        return ended

    def _due(self, law: Rule, from_at: datetime, days: int | None) -> tuple[datetime, datetime]:
        due = self._calendar.due(law, from_at, amount=days)
        return due.raw, due.due

    def _warn(self, law: Rule, c: ClockRow) -> datetime | None:
        days = law.warn_days if law.warn_days is not None else self._warn_days
        return self._calendar.warn_at(law, c.from_at, c.due_at, days)

    def _next(self, c: ClockRow) -> None:
        """The next moment the worker has to look at this clock."""
        if c.status != RUNNING:
            c.next_at = None
        elif c.overdue_at is not None:
            c.next_at = c.chase_at
        elif c.warned_at is None and c.warn_at is not None and c.warn_at < c.due_at:
            c.next_at = c.warn_at
        else:
            c.next_at = self.fires_at(c)

    def _changed(self, c: ClockRow, kind: str, detail: dict[str, Any]) -> None:
        c.dirty = True
        self.moved.add(c.slot)
        self._tell(kind, self._rules.get(c.rule, c.from_at.date()).label, detail)


class Clocks:
    """``engine.clocks``: the same acts from outside a step, each under the lock of the case."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def on(self, session: Session, case_id: UUID, actor: Actor) -> Iterator[CaseClocks]:
        """The clocks of a case under its lock; saved at the end of the block."""
        from .step import Step

        step = Step.on_case(self._engine, session, case_id, actor)
        yield step.clocks
        step.save()

    def start(self, session: Session, case_id: UUID, slot: str, rule: str, from_at: datetime, actor: Actor, **kw: Any) -> ClockRow:
        with self.on(session, case_id, actor) as clocks:
            return clocks.start(slot, rule, from_at, **kw)

    def meet(self, session: Session, case_id: UUID, slot: str, at: datetime, actor: Actor, **kw: Any) -> int:
        with self.on(session, case_id, actor) as clocks:
            return clocks.meet(slot, at, **kw)

    def pause(self, session: Session, case_id: UUID, slot: str, at: datetime, reason: str, actor: Actor) -> None:
        with self.on(session, case_id, actor) as clocks:
            clocks.pause(slot, at, reason, actor.shown)

    def resume(self, session: Session, case_id: UUID, slot: str, at: datetime, actor: Actor) -> None:
        with self.on(session, case_id, actor) as clocks:
            clocks.resume(slot, at)

    def extend(self, session: Session, case_id: UUID, slot: str, reason: str, actor: Actor, **kw: Any) -> ClockRow:
        with self.on(session, case_id, actor) as clocks:
            return clocks.extend(slot, reason, **kw)

    def cancel_all(self, session: Session, case_id: UUID, note: str, actor: Actor) -> int:
        with self.on(session, case_id, actor) as clocks:
            return clocks.cancel_all(note)

    def running(self, session: Session, case_id: UUID) -> list[Clock]:
        """The living clocks of a case, most urgent first, for reading."""
        found = select(Clock).where(Clock.case_id == case_id, Clock.status.in_((RUNNING, PAUSED))).order_by(Clock.due_at)
        return list(session.scalars(found, execution_options={"populate_existing": True}))

    def all(self, session: Session, case_id: UUID) -> list[Clock]:
        """Every clock the case ever had: living ones first, most urgent first, then ended ones, newest first."""
        rows = session.scalars(select(Clock).where(Clock.case_id == case_id), execution_options={"populate_existing": True})
        living: list[Clock] = []
        ended: list[Clock] = []
        for c in rows:
            (living if c.status in (RUNNING, PAUSED) else ended).append(c)
        return sorted(living, key=lambda c: c.due_at) + sorted(ended, key=lambda c: c.ended_at or c.due_at, reverse=True)

    def recompute_all(self, session: Session, reason: str, actor: Actor) -> int:
        """After a change of the calendar: every running clock counted again; returns how many moved."""
        ids = session.scalars(select(Clock.case_id).where(Clock.status == RUNNING).distinct()).all()
        moved = 0
        for case_id in ids:
            with self.on(session, case_id, actor) as clocks:
                moved += sum(clocks.recompute(c, reason) for c in list(clocks.rows))
        return moved
