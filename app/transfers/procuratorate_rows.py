"""A file of the procuratorate as its desk draws it: the six steps of the transfer, who of the three is late, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords
from app.accounts.directory import directory
from app.clockwords import ClockView
from app.inbox.queries import holder_names
from app.petitions.rows import clock as clock_view
from app.transfers.procuratorate_listing import GROUPS, Line, Wanted
from app.transfers.procuratorate_records import RESULTS
from app.transfers.words import CRIMES, OUTCOMES, PROCURATOR_STATES
from workflows.tables import Clock

BUREAU, POLICE, OURS = "环境局", "公安", "检察院"
# whose duty a clock of this file is, and what it is called in a few words
DUTIES: dict[str, tuple[str, str]] = {
    "procurator_opinion": (BUREAU, "按检察意见移送"), "reply": (BUREAU, "回复处理结果"),
    "receipt": (POLICE, "出具回执"), "decide": (POLICE, "决定是否立案"), "notify": (POLICE, "通知决定"),
    "explain": (POLICE, "说明不立案理由"), "file": (POLICE, "按通知立案"),
    "review": (OURS, "审查要否处罚"), "nonprosecution": (OURS, "告知不起诉"), "platform_entry": (OURS, "录入共享平台"),
}  # fmt: skip
CLOSED_AS = {
    "no_opinion": "不提检察意见",
    "returned": "公安机关退回",
    "passed": "已转其他公安机关",
    "window": "异议期满结卷",
    "concluded": "刑事和处罚都已办结",
}
ORIGINS = {"copied": "抄送移送书", "nontransfer": "不移送备案", "found": "检察机关自行发现"}
MARKS = {
    "done": "bi-check-circle-fill", "was-late": "bi-exclamation-octagon-fill", "late": "bi-exclamation-octagon-fill",
    "now": "bi-record-circle", "todo": "bi-circle",
}  # fmt: skip
CLASSES = {"done": "is-done", "was-late": "is-done was-late", "late": "is-late", "now": "is-now", "todo": "is-todo"}
NONE = ClockView("grey", "无时限")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the joint clock."""

    name: str
    organ: str
    kind: str  # done | was-late | now | late | todo
    when: str = ""
    said: str = ""

    @property
    def mark(self) -> str:
        return MARKS[self.kind]

    @property
    def css(self) -> str:
        return CLASSES[self.kind]


@dataclass(frozen=True, slots=True)
class Side:
    """How one of the three stands."""

    organ: str
    light: str
    said: str


@dataclass(frozen=True, slots=True)
class View:
    """One article of the desk."""

    url: str
    number: str
    title: str
    state: str
    crime: str
    note: str
    clock: ClockView
    steps: Sequence[Step]
    sides: Sequence[Side]
    task: str
    task_url: str
    holder: str
    open: bool


def views(session: Session, found: Sequence[Line], keys: frozenset[str] | set[str], moment: datetime) -> list[View]:
    names = holder_names(session, {line.task.holder for line in found if line.task is not None})
    return [_view(session, line, names, keys, moment) for line in found]


def _view(session: Session, line: Line, names: Mapping[str, str], keys: frozenset[str] | set[str], moment: datetime) -> View:
    file, task = line.file, line.task
    mine = task is not None and (task.holder in keys or task.pool in keys)
    held = [directory.name(session, file.bureau), directory.name(session, file.police) if file.police else ""]
    return View(
        url=url_for("cases.show", case_id=file.case_id), number=file.transfer_no, title=file.title,
        state=CLOSED_AS.get(file.closed_as or "", "已办结") if file.closed_at else PROCURATOR_STATES.get(file.state, file.state),
        crime=CRIMES.get(file.crime or "", "").partition("（")[0], note="　".join([*filter(None, held), ORIGINS.get(file.origin, "")]),
        clock=clock_view(_urgent(line.clocks), moment) if file.closed_at is None else NONE, steps=steps(line, moment),
        sides=sides(line, moment), task=task.label if task is not None else "", open=file.closed_at is None,
        task_url=url_for("inbox.task", task_id=task.id) if task is not None and mine else "",
        holder=(names.get(task.holder) or "待认领") if task is not None else "",
    )  # fmt: skip


def _urgent(clocks: Sequence[Clock]) -> Clock | None:
    running = [c for c in clocks if c.status == "running" and c.slot in DUTIES]
    return min(running, key=lambda c: c.due_at, default=None)


def newest(clocks: Sequence[Clock], *slots: str) -> Clock | None:
    """The last clock of these slots that still says something."""
    return next((c for c in reversed(clocks) if c.slot in slots and c.status not in ("superseded", "cancelled")), None)


def steps(line: Line, moment: datetime) -> list[Step]:
    """移送 回执 立案审查 通知 立案监督 起诉和处罚."""
    file, clocks = line.file, line.clocks
    return [
        _sent(line, moment),
        _by_clock("回执", POLICE, newest(clocks, "receipt"), moment),
        _by_clock("立案审查", POLICE, newest(clocks, "decide"), moment, _decision(line)),
        _by_clock("通知", POLICE, newest(clocks, "notify"), moment) if not file.notice_at else _noticed(line, moment),
        _supervised(line, moment),
        _concluded(line, moment),
    ]


def _sent(line: Line, moment: datetime) -> Step:
    owed = newest(line.clocks, "procurator_opinion")
    if owed is not None and owed.status == "running":
        return _by_clock("移送", BUREAU, owed, moment)
    if line.file.origin != "copied" and owed is None:
        return Step("移送", BUREAU, "todo", said="没有移送")
    return Step("移送", BUREAU, "done", clockwords.moment(line.file.registered_at, moment), "已抄送")


def _decision(line: Line) -> str:
    return "" if line.file.filed is None else "立案" if line.file.filed else "不立案"


def _noticed(line: Line, moment: datetime) -> Step:
    owed = newest(line.clocks, "notify")
    late = owed is not None and owed.overdue_at is not None
    return Step("通知", POLICE, "was-late" if late else "done", clockwords.moment(line.file.notice_at, moment), _decision(line))


def _by_clock(name: str, organ: str, clock: Clock | None, moment: datetime, said: str = "") -> Step:
    """A step whose clock tells how it stands."""
    if clock is None or clock.status == "lapsed":
        return Step(name, organ, "todo")
    if clock.status == "running":
        kind = "late" if clock.due_at <= moment else "now"
        return Step(name, organ, kind, f"{clockwords.short(clock.due_at, moment)} 到期", clockwords.words(clock.due_at, moment))
    late = clock.overdue_at is not None and clock.ended_at is not None
    gone = f"晚 {clockwords.span(clock.ended_at - clock.due_at)}" if late and clock.ended_at else said
    return Step(name, organ, "was-late" if late else "done", clockwords.moment(clock.ended_at, moment), gone or "按期")


def _supervised(line: Line, moment: datetime) -> Step:
    row, owed = line.supervision, newest(line.clocks, "explain", "file")
    if row is None:
        return Step("立案监督", OURS, "todo")
    if row.ended_at is not None:
        return Step("立案监督", OURS, "done", clockwords.moment(row.ended_at, moment), RESULTS.get(row.result or "", "已办结"))
    if owed is not None and owed.status == "running":
        return _by_clock("立案监督", POLICE, owed, moment)
    return Step("立案监督", OURS, "now", f"第 {row.round} 次", "待审查")


def _concluded(line: Line, moment: datetime) -> Step:
    file, owed = line.file, newest(line.clocks, "reply", "review")
    if owed is not None and owed.status == "running":
        return _by_clock("起诉和处罚", DUTIES[owed.slot][0], owed, moment)
    if file.closed_as == "concluded":
        said = OUTCOMES.get(file.verdict or "", "") or (file.penalty_result or "不起诉")
        return Step("起诉和处罚", OURS, "done", clockwords.moment(file.closed_at, moment), said)
    if file.moved_at is not None and file.closed_at is None:
        return Step("起诉和处罚", OURS, "now", clockwords.moment(file.prosecution_at, moment), PROCURATOR_STATES.get(file.state, ""))
    return Step("起诉和处罚", OURS, "todo")


def sides(line: Line, moment: datetime) -> list[Side]:
    """环境局 按期 · 公安 决定是否立案 超期 1 天 · 检察院 待审查."""
    made = []
    for organ in (BUREAU, POLICE, OURS):
        mine = [c for c in line.clocks if c.status == "running" and DUTIES.get(c.slot, ("", ""))[0] == organ]
        worst = min(mine, key=lambda c: c.due_at, default=None)
        if worst is not None:
            said = f"{DUTIES[worst.slot][1]}{clockwords.words(worst.due_at, moment)}"
            made.append(Side(organ, clockwords.light(worst.due_at, worst.warn_at, moment), said))
        elif organ == OURS and line.task is not None:
            made.append(Side(organ, "amber", f"待办：{line.task.label}"))
        else:
            made.append(Side(organ, "green", "按期"))
    return made


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    url: str
    here: bool
    count: int
    light: str = ""


def chips(wanted: Wanted, counted: Mapping[str, int], address: Callable[[dict[str, str]], str]) -> list[Chip]:
    """The filter row; a chip that is set leads back."""
    return [
        Chip(label, address(wanted.having(group="" if wanted.group == name else name)), wanted.group == name, counted[name],
             "red" if name == "late" else "")
        for name, label in GROUPS.items()
    ]  # fmt: skip


COLUMNS = (
    ("移送编号", 24), ("案件", 40), ("状态", 16), ("罪名", 24), ("移送机关、公安机关", 36), ("时限", 18), ("到期", 26),
    ("环境局", 24), ("公安", 30), ("检察院", 30), ("等谁办", 16), ("办到哪一步", 24),
)  # fmt: skip


def cells(view: View) -> tuple[str, ...]:
    """A line of the workbook."""
    return (
        view.number, view.title, view.state, view.crime, view.note, view.clock.words, view.clock.exact, *(side.said for side in view.sides),
        view.holder, view.task,
    )  # fmt: skip
