"""Pages of the numbers: the indicators, the cases behind each, the report. Thin: read the question, count, draw."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask_login import current_user

from app import clockwords, db
from app.accounts.policy import permission
from app.numbers import case_lines, export, figures, queries, report, scope, services
from app.numbers.asked import CUT_LABELS, Asked
from app.numbers.cli import add_to
from app.numbers.controls import chips, steps, views
from app.numbers.definitions import BY_KEY, INDICATORS
from app.numbers.export import XLSX
from app.numbers.lines import LINES
from app.numbers.period import Period
from app.numbers.queries import At, Narrow
from workflows.time import local, now

bp = Blueprint("numbers", __name__)
add_to(bp)

PANEL = ("late", "notify", "answer", "satisfied")


def _asked() -> Asked:
    return Asked.read(request.args, scope.of(current_user), local(now()).date())


@bp.get("/numbers")
@permission("numbers.view")
def index() -> str | Response:
    """统计指标: every indicator of a period, by county, unit, kind or month."""
    session, asked = db.session, _asked()
    as_of = services.as_of(session)
    sums = queries.sums(session, figures.ALL_KEYS, asked.period, asked.cut, asked.narrow)
    bases, shown = figures.totals(session, asked, sums)
    rows = figures.rows(session, asked, sums)
    if request.args.get("format") == "xlsx":
        book = export.Workbook()
        note = f"{asked.period.label}　{_narrowed(asked)}　{_as_of(as_of)}"
        export.indicators(book, bases, shown, note)
        export.spread(book, CUT_LABELS[asked.cut], rows, note)
        return _file(book.done(), "numbers")
    months, course = figures.trend(session, asked, ("received", "finished", asked.show))
    return render_template(
        "numbers/index.html",
        asked=asked, bases=bases, figures=shown, groups=figures.by_group(shown), rows=rows, as_of=_as_of(as_of),
        charts={chart["id"]: chart for chart in figures.charts(asked, rows, months, course)},
        chosen=next(f for f in shown if f.indicator.key == asked.show),
        views=views(asked), steps=steps(asked), chips=chips(session, asked), cuts=CUT_LABELS, indicators=INDICATORS,
        unfinished=asked.period.until > local(as_of).date(),
        before="上期" if asked.period.kind == "range" else asked.period.moved(-1).label,
    )  # fmt: skip


@bp.get("/numbers/panel")
@permission("numbers.view")
def panel() -> str:
    """本月指标: the few numbers a desk shows, as a part of its page."""
    session, asked = db.session, Asked(Period.around("month", local(now()).date()), Narrow(scope.of(current_user)))
    services.as_of(session)
    sums = queries.sums(session, PANEL, asked.period, "all", asked.narrow)
    chosen = [figures.figure(asked.ways(), BY_KEY[key], sums.get((key, ""), (0, 0))) for key in PANEL]
    return render_template("numbers/_panel.html", figures=chosen, page=asked.page())


@bp.get("/numbers/cases")
@permission("numbers.view")
def cases() -> str | Response:
    """The cases behind a number; the same lines that were added up."""
    session, asked, key = db.session, _asked(), request.args.get("number", "")
    if key not in LINES:
        abort(404)
    as_of = services.as_of(session)
    num, den = figures.whole(queries.sums(session, (key,), asked.period, "all", asked.narrow)).get((key, ""), (0, 0))
    sides = case_lines.sides(key, num, den)
    side, words, total = next((s for s in sides if s[0] == asked.side), sides[0])
    if request.args.get("format") == "xlsx":
        found = queries.cases(session, key, side, asked.period, asked.narrow, limit=queries.EXPORT_MOST)
        lines = case_lines.lines(session, current_user, key, found.rows)
        return _file(case_lines.workbook(asked, key, words, lines, total), f"numbers-{key}")
    after, before = At.read(request.args.get("after", "")), At.read(request.args.get("before", ""))
    page = queries.cases(session, key, side, asked.period, asked.narrow, after=after, before=before)
    return render_template(
        "numbers/cases.html",
        asked=asked, key=key, side=side, words=words, total=total, label=case_lines.label(key), on=case_lines.counted_on(key),
        indicator=next((i for i in INDICATORS if i.key == key), None), narrowed=_narrowed(asked), as_of=_as_of(as_of),
        lines=case_lines.lines(session, current_user, key, page.rows),
        sides=[(label, count, asked.behind(key, one), one == side) for one, label, count in sides],
        prev_url=asked.behind(key, side, before=str(page.before)) if page.before else "",
        next_url=asked.behind(key, side, after=str(page.after)) if page.after else "",
        export_url=asked.behind(key, side, format="xlsx"), chips=chips(session, asked, lambda a: a.behind(key, side)),
    )  # fmt: skip


@bp.get("/numbers/report", endpoint="report")
@permission("numbers.view")
def report_page() -> str | Response:
    """月报、年报 (条例41): as a page that prints, and as a workbook."""
    session, asked = db.session, _asked()
    if asked.period.kind not in ("month", "year"):
        abort(404)
    as_of = services.as_of(session)
    made = report.make(session, asked)
    if request.args.get("format") == "xlsx":
        return _file(report.workbook(made, _as_of(as_of)), f"report-{asked.period.code}")
    return render_template(
        "numbers/report.html",
        report=made, asked=asked, steps=steps(asked, "numbers.report"), narrowed=_narrowed(asked), as_of=_as_of(as_of),
    )  # fmt: skip


def _narrowed(asked: Asked) -> str:
    """What the numbers are of, in words."""
    words = figures.names(db.session)
    chosen = [words[facet].get(code, code) for facet, code in asked.narrow.facets.items()]
    counties = asked.narrow.scope.counties
    if not asked.narrow.county and counties is not None:
        chosen.insert(0, "、".join(words["county"].get(c, c) for c in counties) or "无属地")
    return "　".join(chosen) or "全市"


def _as_of(moment: datetime) -> str:
    return f"统计截至 {clockwords.moment(moment, now())}"


def _file(content: bytes, name: str) -> Response:
    response = Response(content, mimetype=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{now():%Y%m%d-%H%M}.xlsx"
    response.headers["Cache-Control"] = "private, no-store"
    return response
