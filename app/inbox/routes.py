"""Pages of the inbox: 待办, 超期, 已办, 我登记的, 关注, 待阅; the counts of the menu; acts on several chosen tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts import queries as accounts
from app.accounts.directory import directory
from app.accounts.login import safe_next
from app.accounts.policy import permission
from app.engine import get_engine
from app.inbox import export, lists, queries, services, task_queries, task_routes
from app.inbox.filters import Filter, Place
from workflows.errors import WorkflowError
from workflows.tables import Case, Task
from workflows.time import local, now

bp = Blueprint("inbox", __name__)
task_routes.add_to(bp)

HEADS = ("unit_head", "leader", "organ_head", "office")  # who sees what is late in the whole unit
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/inbox")
@permission("inbox.view")
def todo() -> str | Response:
    """待办: what waits for me and for the pools of my posts, most urgent first."""
    return _open_list("inbox.todo", "待办", sorted(current_user.holder_keys()))


@bp.get("/inbox/overdue")
@permission("inbox.view")
def overdue() -> str | Response:
    """超期: mine, and for heads everything late in the organisations under them."""
    organs = [post.organ_id for post in current_user.posts if post.role in HEADS]
    holders = set(current_user.holder_keys())
    if organs:
        holders |= set(queries.holders_under(db.session, directory.below(db.session, organs), now()))
    return _open_list("inbox.overdue", "超期", sorted(holders), light="red")


def _open_list(endpoint: str, title: str, holders: list[str], light: str = "") -> str | Response:
    moment = now()
    wanted = Filter.read({**request.args, **({"light": light} if light else {})})
    if request.args.get("format") == "xlsx":
        page = queries.open_page(db.session, holders, wanted, moment, limit=queries.EXPORT_MOST)
        return _workbook(title, lists.open_lines(db.session, current_user, page, moment, _task_url))
    page = queries.open_page(db.session, holders, wanted, moment, after=_place("after"), before=_place("before"))
    narrowed = wanted != Filter(light=light)
    whole = _numbers(holders, light, moment)

    def link(args: Mapping[str, str]) -> str:
        return _address(endpoint, {k: v for k, v in args.items() if not (light and k == "light")})

    return render_template(
        "inbox/todo.html",
        title=title,
        endpoint=endpoint,
        said=_headline(whole, moment),
        lines=lists.open_lines(db.session, current_user, page, moment, _task_url),
        chips=lists.chips(wanted, whole, db.session, link, accounts.units(db.session)),
        views=[] if light else _views(wanted, whole, link),
        wanted=wanted,
        head=whole,
        pager=lists.pager(page, "" if narrowed else lists.capped(whole.total), link, wanted.having(), moment),
        export_url=link({**wanted.having(), "format": "xlsx"}),
        colleagues=task_queries.colleagues(db.session, task_queries.home_organs(current_user), current_user.id) if page.rows else [],
        acting=policy.can(current_user, "task.claim"),
        registering=policy.can(current_user, "petition.register"),
        light=light,
    )


def _numbers(holders: list[str], light: str, moment: datetime) -> queries.Head:
    """The numbers over the whole list; of one that shows late tasks only, just how many."""
    if not light:
        return queries.head(db.session, holders, Filter(), moment)
    late = queries.count(db.session, holders, Filter(light=light), moment)
    return queries.Head(total=late, red=late, capped=late >= queries.CAP)


def _views(wanted: Filter, head: queries.Head, link: lists.Link) -> list[lists.Choice]:
    """Ready-made narrowings above the list."""
    week, pool = {"week": "1"}, {"pool": "1"}
    return [
        lists.Choice("全部待办", link({}), not wanted, "999+" if head.capped else str(head.total)),
        lists.Choice("本周到期", link(week), wanted.having() == week, lists.capped(head.week)),
        lists.Choice("待认领", link(pool), wanted.having() == pool, lists.capped(head.pool)),
    ]


def _headline(head: queries.Head, moment: datetime) -> str:
    late = f"超期 {lists.capped(head.red)} 件" if head.red else "没有超期"
    today = f"，24 点前到期 {head.today} 件" if head.today else ""
    return f"{clockwords.headline(moment)}　{late}{today}"


@bp.get("/inbox/done")
@permission("inbox.view")
def done() -> str | Response:
    """已办: the steps I did, latest first, with where the case is now."""
    return _done_list("inbox.done", "已办", "")


@bp.get("/inbox/registered")
@permission("inbox.view")
def registered() -> str | Response:
    """我登记的: the cases I registered."""
    return _done_list("inbox.registered", "我登记的", "register")


def _done_list(endpoint: str, title: str, element: str) -> str | Response:
    moment, wanted = now(), Filter.read({k: v for k, v in request.args.items() if k not in ("light", "week", "pool")})
    most = queries.EXPORT_MOST if request.args.get("format") == "xlsx" else queries.PAGE
    page = queries.done_page(
        db.session, current_user.id, wanted, moment, element=element, after=_place("after"), before=_place("before"), limit=most
    )
    lines = lists.done_lines(db.session, page, moment, _case_url)
    if request.args.get("format") == "xlsx":
        return _workbook(title, lines)

    def link(args: Mapping[str, str]) -> str:
        return _address(endpoint, args)

    return render_template(
        "inbox/done.html",
        title=title,
        endpoint=endpoint,
        element=element,
        said=clockwords.headline(moment),
        lines=lines,
        chips=lists.chips(wanted, queries.Head(), db.session, link, accounts.units(db.session)),
        wanted=wanted,
        pager=lists.pager(page, "", link, wanted.having(), moment, by_due=False),
        export_url=link({**wanted.having(), "format": "xlsx"}),
    )


@bp.get("/inbox/followed")
@permission("inbox.view")
def followed() -> str:
    """关注: cases I keep an eye on, with their most urgent open step."""
    moment = now()
    rows = queries.followed(db.session, current_user.id)
    names = queries.holder_names(db.session, {r.holder for r in rows if r.holder})
    clocks = {r.case_id: clockwords.view(r.due_at, r.warn_at, moment, r.label or "") for r in rows}
    return render_template("inbox/followed.html", title="关注", rows=rows, names=names, clocks=clocks, said=clockwords.headline(moment))


@bp.get("/notices")
@permission("notice.see")
def notices() -> str:
    """待阅: what the clocks and other cases told me."""
    every = request.args.get("all") == "1"
    place = _place("after")
    page = queries.notice_page(db.session, current_user.holder_keys(), unread=not every, after=place.id if place else None)
    moment = now()
    return render_template(
        "inbox/notices.html",
        title="待阅",
        rows=page.rows,
        every=every,
        when={r.id: clockwords.moment(r.at, moment) for r in page.rows},
        next_url=_address("inbox.notices", {"after": str(page.after), **({"all": "1"} if every else {})}) if page.after else "",
        said=clockwords.headline(moment),
    )


@bp.post("/notices/<uuid:notice_id>/read")
@permission("notice.read")
def read_notice(notice_id: UUID) -> BaseResponse:
    """Mark one as read; with a case, go on to it."""
    if not services.read_notice(db.session, notice_id, current_user.id, current_user.holder_keys()):
        abort(404)
    return redirect(safe_next(request.form.get("next", "")) or url_for("inbox.notices"), 303)


@bp.post("/notices/read")
@permission("notice.read")
def read_all() -> BaseResponse:
    count = services.read_all(db.session, current_user.id, current_user.holder_keys())
    flash(f"{count} 条已标为已阅。" if count else "没有未读的通知。", "ok")
    return redirect(url_for("inbox.notices"), 303)


@bp.get("/inbox/counts")
@permission("inbox.counts")
def counts() -> Response:
    """The numbers of the menu, as a fragment that htmx puts in place."""
    todo_count, late, unread = queries.menu_counts(db.session, current_user.holder_keys(), now())
    working = policy.can(current_user, "inbox.view")  # whoever has no inbox has no number of it in the menu
    body = render_template("inbox/_counts.html", todo=todo_count, late=late, unread=unread, working=working, shown=lists.capped)
    response = make_response(body)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/cases/<uuid:case_id>/follow")
@permission("inbox.view")
def follow(case_id: UUID) -> BaseResponse:
    """Follow a case, or stop: a list of one's own, the case is not touched."""
    case = db.session.get(Case, case_id)
    policy.require("case.see", case)
    if request.form.get("off"):
        services.unfollow(db.session, current_user.id, case_id)
    else:
        services.follow(db.session, current_user.id, case_id)
    return redirect(safe_next(request.form.get("next", "")) or _case_url(case_id), 303)


@bp.post("/inbox/bulk")
@permission("task.claim")
def bulk() -> BaseResponse:
    """Claim, hand on or follow several chosen tasks. Decisions are taken one by one, so they are not here."""
    ids = [UUID(text) for text in request.form.getlist("ids") if _is_uuid(text)]
    action = request.form.get("action", "")
    back = redirect(safe_next(request.form.get("next", "")) or url_for("inbox.todo"), 303)
    if not ids or action not in ("claim", "delegate", "follow"):
        flash("请先选中要处理的事项。", "error")
        return back
    to, reason = request.form.get("to", ""), request.form.get("reason", "").strip()
    if action == "delegate" and (problem := _bad_delegation(to, reason)):
        flash(problem, "error")
        return back
    outcome = services.each(db.session, ids, lambda task: _act(task, action, to, reason))
    words = {"claim": "已认领", "delegate": "已转办", "follow": "已关注"}[action]
    if outcome.done:
        flash(f"{words} {outcome.done} 件。", "ok")
    for refused in outcome.refused[:5]:
        flash(refused, "error")
    return back


def _bad_delegation(to: str, reason: str) -> str:
    allowed = dict(task_queries.colleagues(db.session, task_queries.home_organs(current_user)))
    if to not in allowed:
        return "请选择转给本单位的谁。"
    return "" if len(reason) >= task_routes.REASON_LEAST else "请写明转办理由。"


def _act(task: Task, action: str, to: str, reason: str) -> None:
    engine, actor = get_engine(), current_user.actor()
    if action == "follow":
        if not policy.can(current_user, "case.see", task):
            raise WorkflowError("没有权限查看。")
        services.follow(db.session, current_user.id, task.case_id)
        return
    if not policy.can(current_user, f"task.{action}", task):
        raise WorkflowError("不在您的岗位，不能办理。")
    if action == "claim":
        engine.claim(db.session, task.id, actor)
    else:
        engine.delegate(db.session, task.id, actor, to, reason)


def _address(endpoint: str, args: Mapping[str, str]) -> str:
    """A page with these arguments in its address."""
    return f"{url_for(endpoint)}?{urlencode(args)}" if args else url_for(endpoint)


def _task_url(task_id: UUID) -> str:
    return f"/tasks/{task_id}"  # written out: url_for for each row of a page costs more than the query


def _case_url(case_id: UUID) -> str:
    return f"/cases/{case_id}"


def _place(name: str) -> Place | None:
    return Place.read(request.args.get(name, ""))


def _workbook(title: str, lines: list[lists.Line]) -> Response:
    response = make_response(export.workbook(title, lines))
    response.headers["Content-Type"] = XLSX
    name = f"{title}-{local(now()):%Y%m%d-%H%M}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
