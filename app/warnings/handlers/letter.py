"""The bureau's side: collect, send, take the county's receipt and answer, list the problems, publish."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.files import queries as file_queries
from app.papers import services as papers
from app.warnings import collect as collecting
from app.warnings import lines, publishing, queries, words
from app.warnings.handlers.common import Data, inform, start, warning_of
from app.warnings.models import EarlyWarning, WarningItem, WarningLetter, WarningResponse
from app.warnings.record import add_letter
from workflows.handlers import Ctx, Handlers

handlers = Handlers()

LEADERS = (("leader", "bureau"), ("office", "intake_org"))
COPY = {"letter": "预警函（抄送市政府）", "again": "再次预警函（抄送市政府）"}


@handlers.register("warning.collect")
def collect(ctx: Ctx, data: Data) -> Data:
    """月度排查: the county's concentrated problems by the stated rules; nothing found ends the file, which says so."""
    county, month = data["county"], data["month"]
    found = collecting.items(ctx.session, county, month, _limits(ctx), _kinds(ctx), ctx.now)
    organ = str(ctx.case.attrs["county_org"])
    state = "draft" if found else "nothing"
    ctx.session.add(EarlyWarning(case_id=ctx.case.id, month=month, county=county, county_org=organ, state=state, created_at=ctx.now))
    ctx.session.flush()
    for number, item in enumerate(found, start=1):
        ctx.session.add(_row(ctx, number, item))
    if found:
        start(ctx, "issue", data)
    ctx.event("月度排查", {"需要预警": f"{len(found)} 项"} if found else {"结果": "没有需要预警的集中问题"})
    branch = queries.branch_of(ctx.session, county, ctx.case.city)
    drafted = [{"item": str(n), "title": item.title, "text": item.text} for n, item in enumerate(found, start=1)]
    return {"n_items": len(found), "draft_items": drafted, "branch": branch.id if branch else ""}


def _limits(ctx: Ctx) -> dict[str, int]:
    assert ctx.step.procedure is not None
    return {name: int(row["value"]) for name, row in ctx.step.procedure.settings.items()}


def _kinds(ctx: Ctx) -> dict[str, str]:
    """Kinds of pollution as the registration form calls them."""
    procedure = ctx.engine.library.find(ctx.session, "petition")
    field = procedure.forms["register"].fields["kind"] if procedure else None
    return dict(field.options or {}) if field else {}


def _row(ctx: Ctx, number: int, item: collecting.Item) -> WarningItem:
    return WarningItem(
        warning=ctx.case.id, no=number, kind=item.kind, key=item.key, count=item.count, last_month=item.last_month,
        last_year=item.last_year, repeats=item.repeats, overdue=item.overdue, unresolved=item.unresolved, households=item.households,
        cases=item.cases, reasons=item.reasons, title=item.title, text=item.text,
    )  # fmt: skip


@handlers.register("warning.issue_late")
def issue_late(ctx: Ctx, data: Data) -> Data:
    """The letter is not out in time: once on the record, and the leader is told."""
    warning = warning_of(ctx.session, ctx.case.id)
    if warning.late_at is None:
        warning.late_at = ctx.now
        ctx.event("预警函超期未发出", {"环节": words.STATES[warning.state]})
        inform(ctx, LEADERS, "overdue", f"{words.month(warning.month)}预警函超期未发出，现在{words.STATES[warning.state]}。")
    return {}


@handlers.register("warning.issue")
def issue(ctx: Ctx, data: Data) -> Data:
    """Number and send: the letter to the county, a copy to the city; the county's two periods run from now."""
    warning = warning_of(ctx.session, ctx.case.id)
    letter = add_letter(ctx, warning, "letter", warning.demand or "")
    warning.number, warning.sent_at, warning.state = letter.number, ctx.now, "sent"
    ctx.update_case(number=letter.number)
    ctx.clock.meet("issue", ctx.now)
    for slot in ("receipt", "response"):
        start(ctx, slot, data, letter.number)
    _papers(ctx, warning, letter)
    return {"letter_kind": letter.kind, "letter": letter.number}


def _papers(ctx: Ctx, warning: EarlyWarning, letter: WarningLetter) -> None:
    """Two papers: what the county gets, and the copy with what the city is told beside it."""
    city = queries.city_government(ctx.session, ctx.case.city)
    body = lines.letter(ctx.session, letter, warning.county_org, warning.month)
    papers.issue(ctx, words.LETTERS[letter.kind], body, number=letter.number)
    copied = [("抄送", city.name if city else "市人民政府"), *([("报告", letter.report)] if letter.report else []), *body]
    papers.issue(ctx, COPY[letter.kind], copied, number=letter.number)


@handlers.register("warning.receipt_late")
def receipt_late(ctx: Ctx, data: Data) -> Data:
    """The county has not signed for it in time."""
    warning = warning_of(ctx.session, ctx.case.id)
    if warning.receipt_late_at is None:
        warning.receipt_late_at = ctx.now
        ctx.event("区县政府超期未签收")
        inform(ctx, LEADERS, "overdue", f"{words.county(warning.county)}超期未签收，请联系区县政府。")
    return {}


@handlers.register("warning.take_receipt")
def take_receipt(ctx: Ctx, data: Data) -> Data:
    """The receipt counts from the moment the county signed."""
    warning = warning_of(ctx.session, ctx.case.id)
    copy = queries.receipts(ctx.session, warning.case_id).get(str(data["letter"]))
    warning.receipt_at = copy.receipt_at if copy is not None and copy.receipt_at else ctx.now
    warning.state = "received"
    ctx.clock.meet("receipt", warning.receipt_at)
    ctx.event("区县政府已签收", {"签收人": copy.receipt_by} if copy is not None and copy.receipt_by else None)
    return {}


@handlers.register("warning.take_response")
def take_response(ctx: Ctx, data: Data) -> Data:
    """The county's answer, copied to our side; the rows of the 问题清单 are suggested from it."""
    warning = warning_of(ctx.session, ctx.case.id)
    copy = queries.answered_letter(ctx.session, warning.case_id)
    at = copy.response_at if copy is not None and copy.response_at else ctx.now
    warning.response_at, warning.state = at, "answered"
    ctx.clock.meet("receipt", at)  # an answer is a receipt too
    ctx.clock.meet("response", at)
    given = copy.response if copy is not None else []
    for row in given:
        ctx.session.add(_response(ctx, copy.number if copy is not None else "", row))
    if copy is not None:
        _files(ctx, copy.case_id)
    ctx.session.flush()
    papers.issue(ctx, "区县书面回复", lines.answer(given, copy.items if copy is not None else [], copy.note if copy is not None else None))
    return {"problem_hint": lines.suggested(queries.items(ctx.session, warning.case_id), given)}


def _files(ctx: Ctx, county_case: UUID) -> None:
    """What the county handed in with its answer lies on our file too: another row over the same bytes."""
    there = {file.sha256 for file in file_queries.of_case(ctx.session, ctx.case.id)}
    for file in file_queries.of_case(ctx.session, county_case):
        if file.task_id is not None and file.sha256 not in there:
            same = {
                name: getattr(file, name) for name in ("task_id", "name", "size", "mime", "kind", "sha256", "uploaded_by", "uploaded_name")
            }
            ctx.session.add(type(file)(case_id=ctx.case.id, uploaded_at=file.uploaded_at, **same))


def _response(ctx: Ctx, number: str, row: Data) -> WarningResponse:
    day = date.fromisoformat(row["by"]) if row.get("by") else None
    return WarningResponse(
        warning=ctx.case.id, letter_no=number, item=row["item"], measure=row["measure"], owner=row.get("owner"), by=day, received_at=ctx.now
    )


@handlers.register("warning.reissue")
def reissue(ctx: Ctx, data: Data) -> Data:
    """再次预警函: the period of the answer begins anew; what ran for the letter before is taken over by this one."""
    warning = warning_of(ctx.session, ctx.case.id)
    letter = queries.newest_letter(ctx.session, warning.case_id)
    assert letter is not None  # written by the form that led here
    for slot in ("receipt", "response"):
        ctx.clock.supersede(slot)
    start(ctx, "response", data, letter.number)
    warning.state = "received"
    _papers(ctx, warning, letter)
    ctx.event("再次发函，报市政府", {"文号": letter.number})
    return {"letter_kind": letter.kind, "letter": letter.number, "complete": False}


@handlers.register("warning.open_items")
def open_items(ctx: Ctx, data: Data) -> Data:
    """建问题清单: each problem gets a file of its own."""
    warning = warning_of(ctx.session, ctx.case.id)
    for row in warning.problems:
        ctx.send("warning.problem", {"warning_case": str(ctx.case.id), "problem_no": row["no"]})
    papers.issue(ctx, "问题清单", lines.problems(warning.problems))
    warning.state = "listed"
    ctx.event("建立问题清单", {"问题": f"{len(warning.problems)} 个"})
    return {}


@handlers.register("warning.published")
def published(ctx: Ctx, data: Data) -> Data:
    """What legal cleared goes on the public list, in the words it was cleared in."""
    warning = warning_of(ctx.session, ctx.case.id)
    publishing.problems(ctx, warning)
    warning.state, warning.published_at = "published", ctx.now
    return {}
