"""Pages of 预警函: the bureau's (by month and county, 问题清单, public list), the county's own, an answer on paper. Thin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.inbox import answers, screen
from app.inbox.labels import COUNTIES
from app.inbox.screen import Sources
from app.warnings import chips, export, listing, queries, rows, services, words
from app.warnings.listing import Mark, Narrowing
from app.warnings.models import EarlyWarning
from workflows.errors import FormError, WorkflowError
from workflows.tables import Case
from workflows.time import local, now

bp = Blueprint("warnings", __name__)


@bp.get("/warnings")
@permission("warnings.view")
def index() -> str:
    """预警函: the year by county and month, and the list of one month."""
    session, moment = db.session, now()
    years = listing.years(session, current_user) or [moment.year]
    year = _year(years)
    found = listing.of_year(session, current_user, year)
    months = sorted({w.month for w in found}, reverse=True)
    month = request.args.get("month", "")
    month = month if month in months else months[0] if months else ""
    ids = [w.case_id for w in found]
    clocks = listing.clocks_of(session, ids)
    counts = listing.problem_counts(session, ids, local(moment).date())
    return render_template(
        "warnings/index.html", grid=rows.grid(found, clocks, counts, year, moment) if found else [], year=year, month=month, words=words,
        years=[(one, url_for("warnings.index", year=one), one == year) for one in years],
        months=[(words.month(one), url_for("warnings.index", year=year, month=one), one == month) for one in months],
        lines=rows.month_lines(session, [w for w in found if w.month == month], moment), said=clockwords.headline(moment),
        tabs=_tabs("index"), workday=services.workday(session),
    )  # fmt: skip


@bp.get("/warnings/problems")
@permission("warnings.view")
def problems() -> str | Response:
    """问题清单: what is to be done, by the day it is to be done."""
    session, moment, wanted = db.session, now(), Narrowing.read(request.args)
    days = services.warn_days(session)
    if request.args.get("format") == "xlsx":
        found, _ = listing.problems(session, current_user, wanted, moment, days, limit=listing.EXPORT_MOST)
        return export.problems(rows.problem_lines(session, found, moment, days))
    found, after = listing.problems(session, current_user, wanted, moment, days, after=Mark.read(request.args.get("after", "")))
    head = listing.head(session, current_user, replace(wanted, light=""), moment, days)
    return render_template(
        "warnings/problems.html", lines=rows.problem_lines(session, found, moment, days), wanted=wanted,
        chips=chips.of_problems(session, current_user, wanted, head, _problems_address),
        views=[(label, _problems_address(wanted.having(view=key)), key == wanted.view) for key, label in listing.VIEWS.items()],
        next_url=_problems_address({**wanted.having(), "after": str(after)}) if after else "", total=head.total,
        export_url=_problems_address({**wanted.having(), "format": "xlsx"}), said=clockwords.headline(moment), tabs=_tabs("problems"),
    )  # fmt: skip


@bp.get("/warnings/publication")
@permission("warnings.publish")
def publication() -> str | Response:
    """公开清单: what legal cleared, in the words it was cleared in; as a page, an HTML file or a workbook."""
    session = db.session
    kind = request.args.get("kind", "problems")
    kind = kind if kind in words.PUBLICATIONS else "problems"
    county = request.args.get("county", "")
    county = county if county in COUNTIES else ""
    years = queries.published_years(session) or [now().year]
    year = _year(years)
    found = queries.publications(session, kind, year, county)
    lines = [row for one in found for row in one.rows]
    title = f"{year}年{words.county(county) if county else ''}{words.PUBLICATIONS[kind]}"
    wanted = request.args.get("format", "")
    if wanted == "xlsx":
        return export.publication(kind, lines)
    if wanted == "html":
        return export.publication_file(kind, title, lines, services.organ_name(session, current_user))

    def link(**args: Any) -> str:
        return url_for("warnings.publication", **{k: v for k, v in {"kind": kind, "year": year, "county": county, **args}.items() if v})

    return render_template(
        "warnings/publication.html", title=title, columns=export.PUBLIC[kind], found=found, words=words, tabs=_tabs("publication"),
        kinds=[(label, link(kind=key), key == kind) for key, label in words.PUBLICATIONS.items()],
        years=[(str(one), link(year=one)) for one in years], counties=[(name, link(county=code)) for code, name in COUNTIES.items()],
        year=year, county=words.county(county) if county else "", clear=link(county=""), html_url=link(format="html"),
        xlsx_url=link(format="xlsx"), moment=now(),
    )  # fmt: skip


@bp.get("/county")
@permission("warnings.county")
def county() -> str | Response:
    """预警函签收回复: the letters of the person's own government, those that wait for it first."""
    moment, organs = now(), rows.governments_of(current_user)
    lines = rows.letter_lines(db.session, listing.letters_of(db.session, organs), moment)
    if request.args.get("format") == "xlsx":
        return export.letters(lines)
    groups = (("sign", "等签收"), ("answer", "等书面回复"), ("answered", "已回复"), ("replaced", "已由后来的函代替"))
    return render_template(
        "warnings/county.html", groups=[(key, label, [one for one in lines if one.state == key]) for key, label in groups],
        organs=[services.organ(db.session, one) for one in organs], said=clockwords.headline(moment), any=bool(lines),
    )  # fmt: skip


@bp.get("/cases/<uuid:case_id>/warning-answer")
@permission("case.supplement")
def paper_answer(case_id: UUID) -> str | BaseResponse:
    """代录区县纸质回复: the form. Entered by the office of the case, as what comes on paper always is."""
    case = _waiting(case_id)
    if not services.waits_for_answer(db.session, case.id):
        flash("现在没有在等区县的回复。", "error")
        return redirect(url_for("cases.show", case_id=case_id), 303)
    known = services.paper_context(db.session, case.id)
    return _paper_page(case, services.paper_form(db.session).defaults(known), {})


@bp.post("/cases/<uuid:case_id>/warning-answer")
@permission("case.supplement")
def paper_answer_post(case_id: UUID) -> BaseResponse | tuple[str, int]:
    """Enter it; a refusal comes back with what was typed."""
    case = _waiting(case_id)
    typed = answers.parse(services.paper_form(db.session), request.form)
    try:
        services.enter_answer(db.session, current_user, case.id, typed)
    except FormError as error:
        db.session.rollback()
        return _paper_page(case, typed, error.errors), 422
    except WorkflowError as error:
        db.session.rollback()
        return _paper_page(case, typed, {"": error.message}), 409
    flash("已代录，转审核。", "ok")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _waiting(case_id: UUID) -> Case:
    """The case of a warning, for the office that writes its letters; 404 and 403 for everybody else."""
    case = db.session.get(Case, case_id)
    policy.require("case.supplement", case)
    if case is None or db.session.get(EarlyWarning, case_id) is None:
        abort(404)
    return case


def _paper_page(case: Case, values: dict[str, Any], errors: dict[str, str]) -> str:
    form = services.paper_form(db.session)
    shown = {name: text for name, text in errors.items() if name}
    sources = Sources(upload=url_for("files.add_to_case", case_id=case.id))
    drawn = screen.draw(form, values, services.paper_context(db.session, case.id), shown, sources)
    return render_template("warnings/paper_answer.html", case=case, form=form, screen=drawn, error=errors.get("", ""))


def _year(years: list[int]) -> int:
    given = request.args.get("year", "")
    return int(given) if given.isdigit() and int(given) in years else years[0]


def _tabs(here: str) -> list[tuple[str, str, bool]]:
    """The pages of the area this person may open."""
    pages = (
        ("index", "预警函", "warnings.view"),
        ("problems", "问题清单", "warnings.view"),
        ("publication", "公开清单", "warnings.publish"),
    )
    return [(label, url_for(f"warnings.{name}"), name == here) for name, label, action in pages if policy.can(current_user, action)]


def _problems_address(args: dict[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v})
    return f"{url_for('warnings.problems')}{'?' + query if query else ''}"
