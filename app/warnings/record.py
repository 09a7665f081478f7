"""What a completed form leaves on the record of a warning, of a county's file or of a problem. Texts that name a petitioner are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.papers.numbering import document_number
from app.warnings import privacy, queries
from app.warnings.models import CountyLetter, EarlyWarning, Problem, ProblemCheck, WarningItem, WarningLetter
from workflows.errors import FormError, NobodyThere
from workflows.handlers import Ctx
from workflows.time import local

PREFIX = "洪环警"
Answer = dict[str, Any]
ALL = "全部"
_NUMBERS = re.compile(r"\s*[、,，;；\s]\s*")


def warning_of(session: Session, case_id: UUID) -> EarlyWarning:
    return session.get_one(EarlyWarning, case_id)


def problem_of(session: Session, case_id: UUID) -> Problem:
    return session.get_one(Problem, case_id)


def store(ctx: Ctx, element: str, answer: Answer) -> None:
    """Put the answer of a step on its record; raises FormError for what the schema alone cannot see."""
    if element in STORES:
        STORES[element](ctx, answer)
        ctx.session.flush()


# --- the bureau -------------------------------------------------------------------------------------------------------


def _draft(ctx: Ctx, answer: Answer) -> None:
    """The rows the office kept, changed or added. They are counted anew; a row it dropped keeps its figures under number 0."""
    warning, rows = warning_of(ctx.session, ctx.case.id), answer["draft_items"]
    words = queries.secrets_of(ctx.session, warning.case_id)
    _refuse_names("draft_items", words, (f"{row['title']}{row['text']}" for row in rows))
    _refuse_names("draft_demand", words, [answer["draft_demand"]], "要求")
    known = {str(item.no): item for item in queries.items(ctx.session, warning.case_id)}
    for number, row in enumerate(rows, start=1):
        item = known.pop(str(row.get("item", "")), None)
        if item is None:
            item = WarningItem(warning=warning.case_id, kind="hand", reasons=[{"rule": "hand", "text": f"由{ctx.actor.shown}补充"}])
            ctx.session.add(item)
        item.no, item.title, item.text = number, row["title"], row["text"]
        row["item"] = str(number)  # the same list is process data: a returned draft begins with these numbers
    for dropped in known.values():
        dropped.no = 0
    warning.demand, warning.drafted_at, warning.state = answer["draft_demand"], ctx.now, "approve"


def _approve(ctx: Ctx, answer: Answer) -> None:
    warning = warning_of(ctx.session, ctx.case.id)
    if not answer["ok"]:
        warning.state = "draft"
        return
    _someone_signs(ctx, warning)
    warning.approved_at, warning.approved_by = ctx.now, ctx.actor.shown


def _someone_signs(ctx: Ctx, warning: EarlyWarning) -> None:
    """A letter to a government nobody works for would never be signed for."""
    try:
        directory.resolve(ctx.session, "gov_liaison", warning.county_org)
    except NobodyThere as error:
        raise FormError({"ok": f"{error.message}请先由系统管理员设置岗位，再发出预警函。"}) from error


def _judge(ctx: Ctx, answer: Answer) -> None:
    """A complete answer becomes the 问题清单; an incomplete one another letter."""
    warning = warning_of(ctx.session, ctx.case.id)
    warning.judged_at = ctx.now
    if not answer["complete"]:
        warning.state = "report"
        return
    rows, today = answer["problems"], local(ctx.now).date()
    words = queries.secrets_of(ctx.session, warning.case_id)
    _refuse_names("problems", words, (f"{row['problem']}{row['standard']}{row.get('owner', '')}" for row in rows))
    past = [str(n) for n, row in enumerate(rows, start=1) if date.fromisoformat(row["deadline"]) < today]
    if past:
        raise FormError({"problems": f"第 {'、'.join(past)} 个问题的完成时限已经过去，请填写今天以后的日期"})
    warning.problems = [{**row, "no": number, "public": False} for number, row in enumerate(rows, start=1)]
    warning.unit = answer["unit"]


def _report(ctx: Ctx, answer: Answer) -> None:
    """The further letter, numbered as it is signed; its text also says what is still asked."""
    warning = warning_of(ctx.session, ctx.case.id)
    words = queries.secrets_of(ctx.session, warning.case_id)
    for name in ("text", "report"):
        _refuse_names(name, words, [answer[name]], "内容")
    add_letter(ctx, warning, "again", answer["text"], answer["report"])
    warning.reported_at = ctx.now


def add_letter(ctx: Ctx, warning: EarlyWarning, kind: str, text: str, report: str | None = None) -> WarningLetter:
    """A letter of this warning, frozen: number, words, items."""
    items = [{"item": str(i.no), "title": i.title, "text": i.text} for i in queries.items(ctx.session, warning.case_id)]
    number = document_number(ctx.session, PREFIX, local(ctx.now).year)
    letter = WarningLetter(
        warning=warning.case_id, number=number, kind=kind, text=text, report=report, items=items, sent_at=ctx.now, signer=ctx.actor.shown
    )
    ctx.session.add(letter)
    ctx.session.flush()
    warning.letters += 1
    return letter


def _publish(ctx: Ctx, answer: Answer) -> None:
    """Which problems legal cleared for the public."""
    warning, shown = warning_of(ctx.session, ctx.case.id), set(answer.get("shown", []))
    warning.problems = [{**row, "public": str(row["no"]) in shown} for row in warning.problems]


# --- the county's government ------------------------------------------------------------------------------------------


def _sign(ctx: Ctx, answer: Answer) -> None:
    letter = _newest(ctx)
    letter.receipt_at, letter.receipt_by = _moment(answer["at"]), answer["signed_by"]


def _respond(ctx: Ctx, answer: Answer) -> None:
    letter = _newest(ctx)
    letter.response = answered(letter.items, answer["measures"])
    letter.response_at, letter.response_by, letter.note = ctx.now, ctx.actor.shown, answer.get("note")


def answered(items: list[Any], rows: list[Any]) -> list[dict[str, Any]]:
    """One row for each item of the letter, none left out and none invented; a row may answer several (1、3) or all (全部)."""
    asked = [item["item"] for item in items]
    given: dict[str, dict[str, Any]] = {}
    unknown: list[str] = []
    for row in rows:
        text = row["item"].strip()
        for number in asked if text == ALL else _NUMBERS.split(text):
            if number not in asked:
                unknown.append(number)
            elif text != ALL or number not in given:  # what is said of one item goes before what is said of all
                given[number] = {"item": number, **{key: row.get(key) for key in ("measure", "owner", "by")}}
    if unknown:
        raise FormError({"measures": f"函中没有第 {'、'.join(unknown)} 项，请核对项号"})
    if missing := [one for one in asked if one not in given]:
        raise FormError({"measures": f"第 {'、'.join(missing)} 项还没有回复，请每一项都写明措施和完成日期"})
    return [given[number] for number in asked]


def _newest(ctx: Ctx) -> CountyLetter:
    return queries.county_letters(ctx.session, ctx.case.id)[0]


# --- problems ---------------------------------------------------------------------------------------------------------


def _check(ctx: Ctx, answer: Answer) -> None:
    problem = problem_of(ctx.session, ctx.case.id)
    problem.checks, problem.checked_at = problem.checks + 1, ctx.now
    problem.state = {"done": "verify", "late": "supervised"}.get(answer["progress"], "going")
    _row(ctx, "check", answer["progress"], answer["note"], date.fromisoformat(answer["checked_on"]))


def _verify(ctx: Ctx, answer: Answer) -> None:
    problem = problem_of(ctx.session, ctx.case.id)
    if len({row["name"].strip() for row in answer["officers"]}) < len(answer["officers"]):
        raise FormError({"officers": "核查人员有重复，请填写两名以上不同的人"})
    problem.state = "done" if answer["verified"] else "going"
    day = local(_moment(answer["inspected_at"])).date()
    _row(ctx, "verify", "passed" if answer["verified"] else "failed", answer["found"], day, answer["officers"], answer["evidence"])


def _row(ctx: Ctx, kind: str, result: str, note: str, day: date, people: Any = (), evidence: Any = ()) -> None:
    ctx.session.add(
        ProblemCheck(
            case_id=ctx.case.id, kind=kind, result=result, note=note, day=day, people=list(people), evidence=list(evidence),
            by=ctx.actor.shown, at=ctx.now,
        )
    )  # fmt: skip


# --- help -------------------------------------------------------------------------------------------------------------


def _refuse_names(field: str, words: list[str], texts: Iterable[str], what: str = "") -> None:
    """A text that holds a petitioner's name, phone or address does not leave (RULES §9)."""
    bad = [str(number) for number, text in enumerate(texts, start=1) if privacy.naming(text, words)]
    if bad:
        where = what or f"第 {'、'.join(bad)} 项"
        raise FormError({field: f"{where}里有信访人的姓名、电话或住址，请改写后再提交"})


def _moment(value: Any) -> datetime:
    return local(datetime.fromisoformat(str(value)))


STORES: dict[str, Callable[[Ctx, Answer], None]] = {
    "draft": _draft,
    "approve": _approve,
    "judge_response": _judge,
    "write_report": _report,
    "publish": _publish,
    "sign_receipt": _sign,
    "respond": _respond,
    "check": _check,
    "verify": _verify,
}
