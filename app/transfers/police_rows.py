"""A police file as its desk draws it: the way of the transfer in six steps with every period, who is late, what is to be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.clockwords import ClockView
from app.petitions.rows import clock as clock_view
from app.transfers import package, police_file, police_steps, police_words
from app.transfers.police_listing import GROUPS, Line, Wanted
from app.transfers.police_steps import Party, Step

OVER = ClockView("met", "已办结")
# what the button of the desk says, by the step that waits
ACTS = {
    "sign_receipt": "签收并出具回执",
    "jurisdiction": "查管辖",
    "examine": "立案审查",
    "approve_term": "批准延长",
    "decide_filing": "决定是否立案",
    "notify": "制作通知书",
    "investigate": "记进展、结果",
    "reconsider": "复议",
    "explain": "说明理由",
    "file_ordered": "按通知立案",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One transfer on the desk or in the list."""

    id: UUID
    url: str
    number: str
    title: str
    state: str
    crime: str
    said: str
    tags: Sequence[str]
    clock: ClockView
    steps: Sequence[Step]
    who: Sequence[Party]
    act: str
    act_url: str
    material_url: str
    material: int
    arrived: str
    decided: str
    outcome: str
    police_no: str


def rows(session: Session, person: Person, lines: Sequence[Line], moment: datetime) -> list[Row]:
    return [_row(session, person, line, moment) for line in lines]


def _row(session: Session, person: Person, line: Line, moment: datetime) -> Row:
    row, case, task = line.row, line.case, line.task
    over = case.status == "closed"
    mine = task is not None and policy.can(person, "task.complete", task)
    said = line.letter.body if line.letter is not None else {}
    handler = f"主办人 {said['handler']}" if said.get("handler") else ""
    copied = f"同案抄送{directory.name(session, row.procuratorate)}" if row.procuratorate else ""
    return Row(
        id=case.id, url=url_for("cases.show", case_id=case.id), number=row.transfer_no, title=row.title,
        state=police_words.state(row, closed=over), crime=row.crime or "",
        said="　".join(filter(None, [directory.name(session, row.bureau), handler, copied])), tags=list(case.tags or ()),
        clock=OVER if over else _clock(line, moment), steps=police_steps.steps(line, moment), who=police_steps.who(line, moment),
        act=ACTS.get(task.element, task.label) if mine and task is not None else "",
        act_url=url_for("inbox.task", task_id=task.id) if mine and task is not None else "",
        material_url=url_for("transfers.police_material", case_id=case.id), material=len(said.get("file_list") or []),
        arrived=clockwords.moment(row.arrived_at, moment), decided=clockwords.moment(row.decided_at, moment),
        outcome=police_steps.outcome(line), police_no=row.police_no or "",
    )  # fmt: skip


def _clock(line: Line, moment: datetime) -> ClockView:
    """待签收 says how long it has lain here: the law wants it at once."""
    found = clock_view(line.running(), moment)
    if line.row.state != "arrived" or found.due is None or found.light == "red":
        return found
    since = line.letter.sent_at if line.letter is not None else line.row.arrived_at
    gone = clockwords.span(max(moment - since, timedelta()))
    return ClockView(found.light, f"到达 {gone}，应立即签收", found.label, found.due, "立即", found.counted, found.citation, found.check)


# --- chips, material ----------------------------------------------------------------------------------------------------

Address = Callable[[dict[str, str]], str]


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    here: bool
    count: int
    light: str = ""


def chips(wanted: Wanted, counted: Mapping[str, int], address: Address) -> list[Chip]:
    """未办结 first, then what waits for whom; a chip that is set leads back."""
    first = "未办结" if wanted.desk else "全部"
    found = [Chip(first, address(wanted.having(group="", late="")), not wanted.group and not wanted.late, counted["total"])]
    for name, (label, _) in GROUPS.items():
        here = wanted.group == name
        if counted[name] or here or name in ("sign", "examine", "notify"):
            found.append(Chip(label, address(wanted.having(group="" if here else name)), here, counted[name]))
    late = bool(wanted.late)
    found.append(Chip("有一方超期", address(wanted.having(late="" if late else "1")), late, counted["late"], "red"))
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of material: its light, name, address, size and what stands under it."""

    light: str
    name: str
    url: str
    size: str
    maker: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Packet:
    """A sealed package that came with a letter to this file."""

    number: str
    url: str
    sealed: str
    pieces: Sequence[Piece]
    light: str
    words: str


def packets(session: Session, line: Line, moment: datetime) -> list[Packet]:
    """What was sent to this file and nothing else: the first package, then the supplements, in their order."""
    ids = [line.row.package_id, *(one.package_id for one in line.requests)]
    found = [package.find(session, one) for one in dict.fromkeys(ids) if one is not None]
    return [_packet(session, line, made, moment) for made in found if made is not None and made.sealed_at is not None]


def _packet(session: Session, line: Line, made: Any, moment: datetime) -> Packet:
    checked = {str(one.get("item")): bool(one.get("agrees")) for one in line.row.hashes}
    first = made.id == line.row.package_id
    pieces = [_piece(made.id, item, checked.get(str(item.id)), moment) for item in package.items(session, made.id)]
    if first:
        light = {True: "met", False: "red", None: "grey"}[line.row.hashes_ok]
        words = police_file.check_words(line.row)
    else:
        light, words = ("met", "清单摘要一致") if package.manifest_agrees(made) else ("red", "清单与封存时的摘要不一致")
    url = url_for("transfers.sealed", package_id=made.id)
    return Packet(made.number, url, clockwords.moment(made.sealed_at, moment), pieces, light, words)


def _piece(package_id: UUID, item: Any, agrees: bool | None, moment: datetime) -> Piece:
    if item.sm3 is None:
        light, under = "grey", item.missing_reason or ("原件随案移送" if item.on_paper else "")
        return Piece(light, item.name, "", "无" if item.missing_reason else "", under, "")
    light = {True: "met", False: "red", None: "grey"}[agrees]
    made_on = f"{item.made_on:%m-%d}" if item.made_on is not None and item.made_on.year == moment.year else str(item.made_on or "")
    maker = "　".join(filter(None, [item.maker or "", made_on]))
    url = url_for("transfers.package_file", package_id=package_id, item_id=item.id)
    return Piece(light, item.name, url, size(item.size or 0), maker, f"{item.sm3[:4]}…{item.sm3[-4:]}")


def size(count: int) -> str:
    """412 kB, 1.8 MB."""
    for unit, one in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if count >= one:
            return f"{count / one:.1f} {unit}" if count < 10 * one and unit != "kB" else f"{count // one} {unit}"
    return f"{count} B"
