"""对账: once a day each side tells the other, for every transfer they share, how far its letters have come and how it stands.

What differs is listed with both sides' words. A letter the partner has lost (it was restored from a backup) is brought again by
itself; one that we have lost cannot be, and is left to people (docs/exchange.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.config import Settings
from app.exchange import outbox
from app.exchange.envelope import FORMAT
from app.exchange.models import Compared, Incoming, Outgoing, Partner, Statement, Stream, Text
from app.transfers import transport
from app.transfers.manifest import canonical
from workflows.time import local, now

AT = time(6)  # our statement of a day is sent from this hour on
OUT, IN = "out", "in"
STORED, COMPARED, SENT = "stored", "compared", "sent"


# --- ours ---------------------------------------------------------------------------------------------------------------


def owed(session: Session, partner_id: str, moment: datetime) -> bool:
    """Is today's statement to this partner still to be sent?"""
    if local(moment).time() < AT:
        return False
    shared = select(Stream.transfer_no).where(Stream.partner_id == partner_id).limit(1)
    today = select(Statement.id).where(Statement.partner_id == partner_id, Statement.day == local(moment).date(), Statement.way == OUT)
    return session.scalar(shared) is not None and session.scalar(today.limit(1)) is None


def write(session: Session, settings: Settings, partner_id: str, moment: datetime) -> str | None:
    """Today's statement, when it is owed."""
    if not owed(session, partner_id, moment):
        return None
    return canonical(statement(session, settings.exchange_id, partner_id, moment))


def statement(session: Session, ours: str, partner_id: str, moment: datetime) -> dict[str, Any]:
    """What we think of every transfer shared with a partner."""
    return {
        "format": FORMAT, "from": ours, "to": partner_id, "day": local(moment).date().isoformat(), "made_at": local(moment).isoformat(),
        "transfers": standing(session, partner_id),
    }  # fmt: skip


def standing(session: Session, partner_id: str) -> dict[str, dict[str, Any]]:
    """{transfer_no: {out_seq, out_digest, signed_seq, stored_seq, in_seq, in_digest, files, clocks}}."""
    streams = list(session.scalars(select(Stream).where(Stream.partner_id == partner_id)))
    signed = _highest(session, Outgoing, partner_id, Outgoing.status == outbox.DELIVERED)
    stored = _highest(session, Incoming, partner_id)
    states = transport.standing(session, [one.transfer_no for one in streams])
    return {
        one.transfer_no: {
            "out_seq": one.out_seq, "out_digest": one.out_digest, "signed_seq": signed.get(one.transfer_no, 0),
            "stored_seq": stored.get(one.transfer_no, 0), "in_seq": one.in_seq, "in_digest": one.in_digest, **states[one.transfer_no],
        }
        for one in streams
    }  # fmt: skip


def _highest(session: Session, table: type[Outgoing] | type[Incoming], partner_id: str, *more: Any) -> dict[str, int]:
    query = select(table.transfer_no, func.max(table.seq)).where(table.partner_id == partner_id, *more).group_by(table.transfer_no)
    return {number: int(seq or 0) for number, seq in session.execute(query)}


def sent(session: Session, partner_id: str, moment: datetime, said: Mapping[str, Any]) -> None:
    """The partner has signed for our statement."""
    row = insert(Statement).values(
        id=uuid7(), partner_id=partner_id, day=local(moment).date(), way=OUT, at=moment, status=SENT, transfers=len(said["transfers"])
    )
    session.execute(row.on_conflict_do_nothing())
    _tidy(session)


def _tidy(session: Session) -> None:
    """Texts no row speaks of any more: statements that another of the same day took the place of."""
    kept = select(Outgoing.id).union_all(select(Incoming.id), select(Statement.id))
    session.execute(delete(Text).where(Text.id.not_in(kept)))


# --- theirs -------------------------------------------------------------------------------------------------------------


def take_in(session: Session, partner: Partner, said: Mapping[str, Any], text: str) -> None:
    """A partner's statement has come: kept for the worker, which may read what it has to compare. A second one of a day takes its place."""
    day = datetime.fromisoformat(str(said["made_at"])).date()
    row_id = uuid7()
    row = insert(Statement).values(
        id=row_id, partner_id=partner.id, day=day, way=IN, at=now(), status=STORED, transfers=len(said["transfers"])
    )
    again = {"id": row_id, "at": now(), "status": STORED, "transfers": len(said["transfers"]), "differences": 0}
    session.execute(delete(Statement).where(Statement.partner_id == partner.id, Statement.day == day, Statement.way == IN))
    session.execute(row.on_conflict_do_update(index_elements=["partner_id", "day", "way"], set_=again))
    session.add(Text(id=row_id, text=text))
    session.flush()


def compare_next(session: Session, settings: Settings) -> bool:
    """Compare one statement that came; False when there is none."""
    query = select(Statement).where(Statement.way == IN, Statement.status == STORED).order_by(Statement.at).limit(1)
    row = session.scalars(query.with_for_update(skip_locked=True)).first()
    kept = session.get(Text, row.id) if row is not None else None
    if row is None or kept is None:
        return False
    theirs, ours = json.loads(kept.text)["transfers"], standing(session, row.partner_id)
    for number in sorted({*theirs, *ours}):
        found = differences(ours.get(number), theirs.get(number))
        _restore(session, row.partner_id, number, ours.get(number), theirs.get(number))
        if found:
            session.add(
                Compared(
                    statement_id=row.id, transfer_no=number, ours=ours.get(number) or {}, theirs=theirs.get(number) or {}, differs=found,
                    confined=transport.seen_by(session, number),
                )
            )  # fmt: skip
            row.differences += 1
    row.status = COMPARED
    session.delete(kept)
    session.flush()
    return True


def differences(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> list[str]:
    """What does not agree, as sentences. Letters still on their way are no difference: they come by themselves."""
    if not ours:
        return ["对方有这件移送，本平台没有"] if theirs and (theirs["out_seq"] or theirs["stored_seq"]) else []
    if not theirs:
        return ["本平台有这件移送，对方没有"] if ours["signed_seq"] or ours["stored_seq"] else []
    found = []
    if theirs["stored_seq"] < ours["signed_seq"]:
        found.append(f"我方第 {ours['signed_seq']} 号对方签收过，对方现在只有第 {theirs['stored_seq']} 号，已自动重发")
    if theirs["stored_seq"] > ours["out_seq"]:
        found.append(f"对方收到我方第 {theirs['stored_seq']} 号，我方的记录只到第 {ours['out_seq']} 号")
    if ours["stored_seq"] > theirs["out_seq"]:
        found.append(f"我方收到对方第 {ours['stored_seq']} 号，对方的记录只到第 {theirs['out_seq']} 号")
    if theirs["in_seq"] == ours["out_seq"] and ours["out_seq"] and theirs["in_digest"] != ours["out_digest"]:
        found.append(f"我方第 {ours['out_seq']} 号与对方所存的内容不同")
    if ours["in_seq"] == theirs["out_seq"] and ours["in_seq"] and ours["in_digest"] != theirs["out_digest"]:
        found.append(f"对方第 {ours['in_seq']} 号与我方所存的内容不同")
    if theirs["in_seq"] < theirs["stored_seq"]:
        found.append(f"对方收到第 {theirs['stored_seq']} 号，只入卷到第 {theirs['in_seq']} 号")
    if ours["in_seq"] < ours["stored_seq"]:
        found.append(f"我方收到第 {ours['stored_seq']} 号，只入卷到第 {ours['in_seq']} 号")
    return found + _clocks(ours, theirs)


def _clocks(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """The same period running on both sides with another end."""
    if (ours["out_seq"], ours["in_seq"]) != (theirs["in_seq"], theirs["out_seq"]):
        return []  # the letter that moves it may be on its way
    there = {one["rule"]: one["due"] for one in theirs["clocks"] if not one["letter"]}
    return [
        f"期限 {one['rule']}：我方 {one['due']}，对方 {there[one['rule']]}"
        for one in ours["clocks"]
        if not one["letter"] and there.get(one["rule"], one["due"]) != one["due"]
    ]


def _restore(session: Session, partner_id: str, number: str, ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> None:
    """A partner that has lost letters it signed for gets them again."""
    have = int(theirs["stored_seq"]) if theirs else 0
    if ours and have < ours["signed_seq"]:
        outbox.again(session, partner_id, number, have + 1)
