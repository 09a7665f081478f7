"""The way of a transfer through the police in six steps, with every period and what came of it; and who is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import clockwords
from app.engine import get_engine
from app.transfers import police_words
from app.transfers.police_listing import Line
from workflows.tables import Clock

DONE, LATE_DONE, NOW, LATE, AHEAD = "is-done", "is-done was-late", "is-now", "is-late", "is-todo"
MARKS = {
    DONE: "bi-check-circle-fill",
    LATE_DONE: "bi-exclamation-octagon-fill",
    NOW: "bi-record-circle",
    LATE: "bi-exclamation-octagon-fill",
    AHEAD: "bi-circle",
}
GONE = {"other_police": "已转送", "not_police": "已退回"}
BUREAU, POLICE, PROCURATORATE = "环境局", "公安", "检察院"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: how it stands, whose it is, when, and the result."""

    name: str
    organ: str
    kind: str
    when: str = ""
    result: str = ""

    @property
    def mark(self) -> str:
        return MARKS[self.kind]


@dataclass(frozen=True, slots=True)
class Party:
    """How one organ stands: a light and words."""

    light: str
    words: str


def outcome(line: Line) -> str:
    row = line.row
    if row.outcome:
        return {"prosecute": police_words.PROSECUTED, "withdraw": police_words.WITHDRAWN}[row.outcome]
    if row.juris in GONE:
        return police_words.JURISDICTIONS[row.juris]
    return ("立案" if row.filed else "不予立案") if row.decided else ""


# --- the six steps ------------------------------------------------------------------------------------------------------


def steps(line: Line, moment: datetime) -> list[Step]:
    """移送 → 回执 → 补正 → 立案审查 → 决定 → 通知, each with its period and what came of it."""
    return [
        _sent(line, moment),
        _receipt(line, moment),
        _completed(line, moment),
        _examined(line, moment),
        _decided(line, moment),
        _told(line, moment),
    ]


def _sent(line: Line, moment: datetime) -> Step:
    letter = line.letter
    if letter is None:
        return Step("移送", BUREAU, DONE, clockwords.moment(line.row.arrived_at, moment))
    organ = BUREAU if line.row.passed_from is None else "转送"
    used = ""
    if letter.decided_at is not None and organ == BUREAU and letter.sent_at > letter.decided_at:
        used = f"用时 {clockwords.span(letter.sent_at - letter.decided_at)}"
    late = _sent_late(line)
    return Step("移送", organ, LATE_DONE if late else DONE, clockwords.moment(letter.sent_at, moment), late or used)


def _sent_late(line: Line) -> str:
    """The bureau's 24 小时 from its approval (17号6)."""
    letter = line.letter
    if letter is None or letter.decided_at is None or line.row.passed_from is not None:
        return ""
    engine = get_engine()
    due = engine.calendar.due(engine.rules.get("transfer.send", letter.decided_at.date()), letter.decided_at).due
    return f"晚 {clockwords.span(letter.sent_at - due)}" if letter.sent_at > due else ""


def _receipt(line: Line, moment: datetime) -> Step:
    row, clock = line.row, line.newest("receipt")
    if row.accepted_at is None:
        late = clock is not None and clock.due_at <= moment
        return Step(
            "回执", POLICE, LATE if late else NOW, "立即", clockwords.words(clock.due_at, moment) if clock and late else "等我方签收"
        )
    since = line.letter.sent_at if line.letter is not None else row.arrived_at
    kind = LATE_DONE if clock is not None and clock.overdue_at is not None else DONE
    return Step("回执", POLICE, kind, clockwords.moment(row.accepted_at, moment), clockwords.span(row.accepted_at - since))


def _completed(line: Line, moment: datetime) -> Step:
    asked = next((one for one in line.requests if one.kind == "complete"), None) or next(iter(line.requests), None)
    if asked is None:
        notice = line.newest("complete_notice")
        if line.row.accepted_at is None:
            return Step("补正", POLICE, AHEAD, f"签收后 {_period('transfer.complete_notice', moment)}内告知")
        if notice is not None and notice.status == "running" and not line.row.decided:
            return Step("补正", POLICE, AHEAD, f"应 {clockwords.short(notice.due_at, moment)} 前告知")
        return Step("补正", "—", DONE, "没有要求补正", "不需要")
    when = f"{clockwords.moment(asked.asked_at, moment)} {police_words.REQUESTS[asked.kind]}"
    if asked.late_by_hours:
        return Step("补正", POLICE, LATE_DONE, when, f"晚 {asked.late_by_hours} 小时")
    if asked.answered_at is not None:
        return Step("补正", BUREAU, DONE, when, police_words.MODES.get(asked.mode or "", "已答复"))
    late = asked.due_at is not None and asked.due_at <= moment
    return Step("补正", BUREAU, LATE if late else NOW, when, clockwords.words(asked.due_at, moment))


def _examined(line: Line, moment: datetime) -> Step:
    row, clock = line.row, line.newest("decide")
    if row.juris in GONE:
        return Step(
            "立案审查", POLICE, DONE, clockwords.moment(row.juris_at, moment), "已转送" if row.juris == "other_police" else "已退回"
        )
    if row.accepted_at is None or clock is None:
        return Step("立案审查", POLICE, AHEAD, f"签收起 {_period('transfer.decide', moment)}")
    term = "" if row.term == min(police_words.TERMS) else f"限{police_words.TERMS[row.term]}"
    if row.decided:
        used = f"用时 {clockwords.span(_first_decision(line) - row.accepted_at)}"
        return Step("立案审查", POLICE, LATE_DONE if clock.overdue_at else DONE, term or f"限 {_period('transfer.decide', moment)}", used)
    late = clock.due_at <= moment
    when = f"{clockwords.short(clock.due_at, moment)} 到期"
    return Step("立案审查", POLICE, LATE if late else NOW, f"{when} {term}".strip(), clockwords.words(clock.due_at, moment))


def _first_decision(line: Line) -> datetime:
    """When the period of examination ended."""
    clock, row = line.newest("decide"), line.row
    ended = clock.ended_at if clock is not None and clock.status == "met" else None
    found = ended or row.decided_at or row.arrived_at
    return found


def _decided(line: Line, moment: datetime) -> Step:
    row, clock = line.row, line.newest("decide")
    if row.decided and row.decided_at is not None:
        return Step("决定", POLICE, DONE, clockwords.day(row.decided_at, moment), outcome(line))
    if clock is None or row.juris in GONE:
        return Step("决定", POLICE, AHEAD, "" if row.juris else f"签收起 {_period('transfer.decide', moment)}内")
    return Step("决定", POLICE, AHEAD, f"最迟 {clockwords.day(clock.due_at - timedelta(seconds=1), moment)}")


def _told(line: Line, moment: datetime) -> Step:
    row, clock = line.row, line.newest("notify")
    if clock is None:
        return Step("通知", POLICE, AHEAD, "" if row.juris in GONE else f"决定后 {_period('transfer.notify', moment)}")
    if clock.status == "running":
        late = clock.due_at <= moment
        when = f"{clockwords.short(clock.due_at, moment)} 到期"
        return Step("通知", POLICE, LATE if late else NOW, when, clockwords.words(clock.due_at, moment))
    return Step("通知", POLICE, LATE_DONE if clock.overdue_at else DONE, clockwords.moment(row.served_at, moment), "已送达")


# --- who is late --------------------------------------------------------------------------------------------------------


def who(line: Line, moment: datetime) -> list[Party]:
    return [_bureau(line, moment), _police(line, moment), _procuratorate(line)]


def _bureau(line: Line, moment: datetime) -> Party:
    asked = line.unanswered
    if asked is not None and asked.due_at is not None:
        late = asked.due_at <= moment
        words = clockwords.words(asked.due_at, moment)
        return Party("red" if late else "amber", f"{BUREAU} {police_words.REQUESTS[asked.kind]}{words}")
    late_words = _sent_late(line)
    return Party("red", f"{BUREAU} 移送{late_words}") if late_words else Party("met", f"{BUREAU} 按期")


def _police(line: Line, moment: datetime) -> Party:
    clock = line.running()
    if clock is not None and clock.due_at <= moment:
        return Party("red", f"{POLICE} {_label(clock)}{clockwords.words(clock.due_at, moment)}")
    if line.row.state == "arrived":
        return Party("amber", f"{POLICE} 等签收")
    noticed = next((one for one in line.requests if one.late_by_hours), None)
    if noticed is not None:
        return Party("red", f"{POLICE} 补正告知晚 {noticed.late_by_hours} 小时")
    return Party("met", f"{POLICE} 按期")


def _procuratorate(line: Line) -> Party:
    if not line.row.decided:
        return Party("met", f"{PROCURATORATE} 同案抄送") if line.row.procuratorate else Party("grey", f"{PROCURATORATE} —")
    if line.copied is None:
        return Party("grey", f"{PROCURATORATE} 未收到决定抄送")
    return Party("met", f"{PROCURATORATE} {'已收' if line.copied.received_at else '已送'}决定抄送")


def _label(clock: Clock) -> str:
    rule = get_engine().rules.get(clock.rule, clock.from_at.date())
    return str(rule.label)


def _period(rule: str, moment: datetime) -> str:
    """3 日, 24 小时: as the table of periods has it."""
    return str(get_engine().rules.get(rule, moment.date()).period)
