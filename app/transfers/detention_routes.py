"""Pages of 移送行政拘留, the bureau's side: the list, opening by hand, grounds, material, what comes later of an order. Thin.

``add_to(bp)`` puts them on the area's blueprint.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import yaml
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.policy import permission
from app.files import queries as file_queries
from app.files import services as file_services
from app.inbox import answers, screen
from app.inbox.screen import Sources
from app.transfers import detention, detention_grounds, detention_listing, detention_orders, forms, package, paging, rows, services
from app.transfers.detention_listing import GROUPS, PAGE, STATES, Wanted
from app.transfers.models import Detention, TransferPackage
from workflows.errors import FormError, WorkflowError
from workflows.forms import Form
from workflows.tables import Case
from workflows.time import now

FILE = Path(__file__).with_name("detention_forms.yaml")
LIST: paging.Back = ("/transfers/detentions", "移送行政拘留")
KINDS = ("detention", "detention_supplement")


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    base, case = "/transfers/detentions", "/transfers/detentions/<uuid:case_id>"
    bp.add_url_rule(base, "detentions", index, methods=["GET"])
    bp.add_url_rule(f"{base}/new", "detention_new", new, methods=["GET", "POST"])
    bp.add_url_rule(f"{base}/table.dmn", "detention_table", table, methods=["GET"])
    bp.add_url_rule(f"{case}/grounds", "detention_grounds", grounds, methods=["GET"])
    bp.add_url_rule(f"{case}/order", "detention_order", order, methods=["GET", "POST"])
    bp.add_url_rule(f"{case}/material", "detention_material", material, methods=["GET", "POST"])
    bp.add_url_rule(f"{case}/material/<uuid:item_id>/<act>", "detention_material_act", material_act, methods=["POST"])


@cache
def form(name: str) -> Form:
    return Form.parse(name, yaml.safe_load(FILE.read_text(encoding="utf-8"))[name])


@permission("transfers.view")
def index() -> str:
    """移送行政拘留: the files the person may see, the most urgent first."""
    moment, wanted = now(), Wanted.read(request.args)
    found, total, counted = detention_listing.page(db.session, current_user, wanted, moment)
    chips = [
        (label, _address(wanted.having(group="" if wanted.group == name else name)), wanted.group == name, counted[name])
        for name, (label, _) in GROUPS.items()
    ]
    here = wanted.having()
    return render_template(
        "transfers/detention/index.html", lines=found, wanted=wanted, total=total, chips=chips, said=clockwords.headline(moment),
        views=[(label, _address({"state": key if key != "open" else ""}), key == wanted.state) for key, label in STATES.items()],
        next_url=_address({**here, "page": str(wanted.page + 1)}) if (wanted.page + 1) * PAGE < total else "",
        prev_url=_address({**here, "page": str(wanted.page - 1)}) if wanted.page else "",
    )  # fmt: skip


def _address(args: dict[str, str]) -> str:
    query = urlencode({k: v for k, v in args.items() if v and (k, v) != ("page", "0")})
    return f"{url_for('transfers.detentions')}{'?' + query if query else ''}"


@permission("transfers.open")
def new() -> str | BaseResponse | tuple[str, int]:
    """查处 with a ground: opened by an officer, for a penalty case or before one is registered."""
    posted = request.method == "POST"
    typed: dict[str, Any] = answers.parse(form("open"), request.form) if posted else {"penalty": request.args.get("penalty")}
    errors: dict[str, str] = {}
    offered = forms.opening_choices(db.session, current_user, str(typed.get("unit") or ""))
    if posted:
        case_id, errors = paging.tried(lambda: detention.by_hand(db.session, current_user, _check("open", typed, offered)))
        if case_id is not None:
            flash("已建档，请填写违法事实。", "ok")
            return redirect(url_for("cases.show", case_id=case_id), 303)
    page = _form_page("open", typed, errors, url_for("transfers.detention_new"), LIST, offered)
    return (page, 422) if errors else page


def _check(name: str, typed: dict[str, Any], offered: forms.Choices) -> dict[str, Any]:
    """The answer as the form takes it; what is not offered is refused."""
    clean = form(name).check(typed, forms.context())
    errors = {
        f.name: "请从列出的选项中选择"
        for f in form(name).fields.values()
        if f.options_from in offered and clean.get(f.name) and str(clean[f.name]) not in offered[f.options_from]
    }
    if errors:
        raise FormError(errors)
    return clean


def _draw(name: str, typed: dict[str, Any], errors: dict[str, str], offered: forms.Choices) -> screen.Screen:
    picked = Sources(choose=lambda f: list(offered.get(f.options_from or "", {}).items()))
    return screen.draw(form(name), typed, forms.context(), {k: v for k, v in errors.items() if k}, picked)


def _form_page(
    name: str, typed: dict[str, Any], errors: dict[str, str], action: str, back: paging.Back, offered: forms.Choices
) -> str:  # fmt: skip
    return render_template(
        "transfers/detention/form.html", form=form(name), screen=_draw(name, typed, errors, offered), error=errors.get("", ""),
        action=action, back=back[0], back_label=back[1], title=form(name).label, submit=form(name).submit,
    )  # fmt: skip


# --- one file -----------------------------------------------------------------------------------------------------------


def _record(case_id: UUID, action: str) -> Detention:
    """The record of a case the person may see and act on; 404 and 403 for everybody else."""
    policy.require(action, db.session.get(Case, case_id))
    found = detention.of(db.session, case_id)
    if found is None:
        abort(404)
    return found


@permission("transfers.view")
def table() -> Response:
    """The table of grounds as it is deployed, for the viewer."""
    response = Response(detention_grounds.table(db.session), content_type="application/xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@permission("transfers.view")
def grounds(case_id: UUID) -> str:
    """Facts, the rows found with their length and what is 待核, both laws for an old act decided now; the table beside."""
    d = _record(case_id, "case.see")
    return render_template(
        "transfers/detention/grounds.html", d=d, facts=detention_grounds.lines(d.facts) if d.facts else [], back=paging.to_case(case_id),
        rules=detention_grounds.rules(db.session), hit=set(detention_grounds.items([*d.grounds, *d.other_law])),
    )  # fmt: skip


@permission("transfers.material")
def order(case_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """The order was served, the refusal found: entered later, then the file looks again (853号第三、四、八条)."""
    d = _record(case_id, "transfers.material")
    typed: dict[str, Any] = answers.parse(form("order"), request.form) if request.method == "POST" else {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            detention_orders.record(db.session, current_user, d, _check("order", typed, {}))
        except FormError as error:
            db.session.rollback()
            errors = error.errors
        except WorkflowError as error:
            db.session.rollback()
            errors = {"": error.message}
        else:
            flash("已保存，系统重新核对前置条件。", "ok")
            return redirect(url_for("cases.show", case_id=case_id), 303)
    typed = typed or {name: d.facts.get(name) for name in form("order").fields}
    page = _form_page("order", typed, errors, url_for("transfers.detention_order", case_id=case_id), paging.to_case(case_id), {})
    return (page, 422) if errors else page


# --- material -----------------------------------------------------------------------------------------------------------


@permission("transfers.material")
def material(case_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """移送材料: the draft of the next package, piece by piece, and what is still missing."""
    d, kind = _record(case_id, "transfers.material"), _kind()
    if request.method == "GET":
        return _material(d, kind, {}, {})
    typed = answers.parse(forms.form("material"), request.form)
    try:
        clean = forms.check("material", typed, forms.material_kinds(kind))
        made = _draft(d, kind)
        ids = [UUID(str(one)) for one in clean.get("files") or []]
        file_services.attach(db.session, current_user, ids, case_id)
        package.add(db.session, current_user, made, {**clean, "file_id": ids[0] if ids else None})
    except FormError as error:
        db.session.rollback()
        return _material(d, kind, typed, {("files" if k == "file" else k): v for k, v in error.errors.items()}), 422
    except WorkflowError as error:
        db.session.rollback()
        return _material(d, kind, typed, {"": error.message}), paging.status(error)
    flash("已添加。", "ok")
    return redirect(_material_url(case_id, kind), 303)


@permission("transfers.material")
def material_act(case_id: UUID, item_id: UUID, act: str) -> BaseResponse:
    """去掉 or 逐件核对没有举报人信息."""
    d, kind = _record(case_id, "transfers.material"), _kind()
    made = package.open_draft(db.session, d.case_id, kind)
    if made is None or act not in ("drop", "tick"):
        abort(404)
    item = package.item_of(db.session, made.id, item_id)
    if act == "drop":
        package.drop(db.session, made, item)
        flash("已去掉。", "ok")
    else:
        package.tick(db.session, current_user, made, item)
        flash("已记录核对。", "ok")
    return redirect(_material_url(case_id, kind), 303)


def _kind() -> str:
    kind = request.values.get("package", KINDS[0])
    return kind if kind in KINDS else KINDS[0]


def _material_url(case_id: UUID, kind: str) -> str:
    return url_for("transfers.detention_material", case_id=case_id, package=kind if kind != KINDS[0] else None)


def _draft(d: Detention, kind: str) -> TransferPackage:
    return package.draft(db.session, services.home(db.session, d.case_id), kind, d.police or d.organ, current_user.name)


def _material(d: Detention, kind: str, typed: dict[str, Any], errors: dict[str, str]) -> str:
    session = db.session
    d = session.get_one(Detention, d.case_id)
    made = package.open_draft(session, d.case_id, kind)
    names = {str(f.id): f.name for f in file_queries.of_case(session, d.case_id)}
    drawn = forms.draw("material", typed, errors, forms.material_kinds(kind), files=names, case_id=d.case_id)
    return render_template(
        "transfers/detention/material.html", d=d, package=made, kind=kind, screen=drawn, form=forms.form("material"),
        groups=[g for g in rows.groups(session, made, kind, penalised=False) if g.kind.id != "list"], error=errors.get("", ""),
        sealed=[one for one in package.of_transfer(session, d.number) if one.sealed_at and one.case_id == d.case_id],
        action=_material_url(d.case_id, kind), back=paging.to_case(d.case_id),
    )  # fmt: skip
