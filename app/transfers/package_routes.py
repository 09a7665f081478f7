"""Pages of material: the draft of a package, sealed packages for both sides, letters between organs. Thin."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.policy import permission
from app.files import content as file_content
from app.files import queries as file_queries
from app.files import services as file_services
from app.inbox import answers
from app.transfers import carry, forms, leaving, materials, package, paging, rows, services, waste
from app.transfers.models import Transfer, TransferPackage
from workflows.errors import FormError, WorkflowError
from workflows.time import now


def add_to(bp: Blueprint) -> None:
    """Put these pages on the area's blueprint."""
    case, sealed_one = "/transfers/<uuid:case_id>", "/transfers/packages/<uuid:package_id>"
    bp.add_url_rule(f"{case}/material", "material", material, methods=["GET"])
    bp.add_url_rule(f"{case}/material", "material_add", material_add, methods=["POST"])
    bp.add_url_rule(f"{case}/material/<uuid:item_id>/<act>", "material_act", material_act, methods=["POST"])
    bp.add_url_rule(f"{case}/waste", "waste_opinion", waste_opinion, methods=["GET", "POST"])
    bp.add_url_rule(sealed_one, "sealed", sealed, methods=["GET"])
    bp.add_url_rule(f"{sealed_one}/manifest", "manifest_file", manifest_file, methods=["GET"])
    bp.add_url_rule(f"{sealed_one}/<uuid:item_id>", "package_file", package_file, methods=["GET"])
    bp.add_url_rule("/transfers/letters/<uuid:letter_id>", "letter", letter, methods=["GET"])


@permission("transfers.material")
def material(case_id: UUID) -> str:
    """移送材料: the draft of the next package, piece by piece, and what is still missing."""
    transfer = paging.transfer(case_id, "transfers.material")
    return _material(transfer, {}, {})


@permission("transfers.material")
def material_add(case_id: UUID) -> BaseResponse | tuple[str, int]:
    """Add one piece; a file that gives the reporter away is refused."""
    transfer, kind = paging.transfer(case_id, "transfers.material"), _package_kind()
    typed = answers.parse(forms.form("material"), request.form)
    try:
        clean = forms.check("material", typed, forms.material_kinds(kind))
        made = _draft(transfer, kind)
        ids = [UUID(str(one)) for one in clean.get("files") or []]
        file_services.attach(db.session, current_user, ids, case_id)
        package.add(db.session, current_user, made, {**clean, "file_id": ids[0] if ids else None})
    except FormError as error:
        db.session.rollback()
        return _material(transfer, typed, {("files" if k == "file" else k): v for k, v in error.errors.items()}), 422
    except WorkflowError as error:
        db.session.rollback()
        return _material(transfer, typed, {"": error.message}), paging.status(error)
    flash("已添加。", "ok")
    return redirect(_material_url(case_id, kind), 303)


@permission("transfers.material")
def material_act(case_id: UUID, item_id: UUID, act: str) -> BaseResponse:
    """去掉 or 逐件核对没有举报人信息."""
    transfer, kind = paging.transfer(case_id, "transfers.material"), _package_kind()
    made = package.open_draft(db.session, transfer.case_id, kind)
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


@permission("transfers.material")
def waste_opinion(case_id: UUID) -> str | BaseResponse | tuple[str, int]:
    """危险废物认定意见 in the fixed words of 17号22, as a piece of material."""
    transfer, errors, typed = paging.transfer(case_id, "transfers.material"), {}, {}
    if request.method == "POST":
        typed = answers.parse(forms.form("waste"), request.form)
        try:
            waste.write(db.session, current_user, transfer, _draft(transfer, "first"), forms.check("waste", typed, {}))
        except FormError as error:
            db.session.rollback()
            errors = error.errors
        else:
            flash("认定意见已生成，并加入移送材料。", "ok")
            return redirect(_material_url(case_id, "first"), 303)
    typed = typed or {"unit": transfer.party, "act": transfer.act}
    action, back = url_for("transfers.waste_opinion", case_id=case_id), (_material_url(case_id, "first"), "移送材料")
    page = paging.form_page("waste", typed, errors, action, back)
    return (page, 422) if errors else page


def _package_kind() -> str:
    kind = request.values.get("package", "first")
    return kind if kind in materials.SETS else "first"


def _material_url(case_id: UUID, kind: str) -> str:
    return url_for("transfers.material", case_id=case_id, package=None if kind == "first" else kind)


def _draft(transfer: Transfer, kind: str) -> TransferPackage:
    home = services.home(db.session, transfer.case_id)
    return package.draft(db.session, home, kind, transfer.police or transfer.organ, current_user.name)


def _material(transfer: Transfer, typed: dict[str, Any], errors: dict[str, str]) -> str:
    session, kind = db.session, _package_kind()
    made = package.open_draft(session, transfer.case_id, kind)
    names = {str(f.id): f.name for f in file_queries.of_case(session, transfer.case_id)}
    drawn = forms.draw("material", typed, errors, forms.material_kinds(kind), files=names, case_id=transfer.case_id)
    return render_template(
        "transfers/material.html", transfer=transfer, package=made, kind=kind, screen=drawn, form=forms.form("material"),
        groups=rows.groups(session, made, kind, penalised=services.penalised(session, transfer)), error=errors.get("", ""),
        sealed=[one for one in package.of_transfer(session, transfer.transfer_no) if one.sealed_at and one.case_id == transfer.case_id],
        materials=materials,
    )  # fmt: skip


@permission("transfers.package")
def sealed(package_id: UUID) -> str:
    """A sealed package with its manifest; ``verify`` reads every file again."""
    one = _package(package_id)
    checked = {c.item.id: c for c in package.verify(db.session, one)} if request.args.get("verify") else {}
    name = directory.name
    return render_template(
        "transfers/package.html", package=one, items=package.items(db.session, one.id), checked=checked, materials=materials,
        manifest_agrees=package.manifest_agrees(one), sender=name(db.session, one.from_organ), to=name(db.session, one.to_organ),
        letters=rows.letters_of(db.session, current_user, one),
    )  # fmt: skip


@permission("transfers.package")
def manifest_file(package_id: UUID) -> Response:
    """The manifest as it was hashed."""
    one = _package(package_id)
    response = Response(one.manifest or "", content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(one.number, safe='')}.json"
    return response


@permission("transfers.package")
def package_file(package_id: UUID, item_id: UUID) -> Response:
    """One file of a package, for both sides."""
    one = _package(package_id)
    item = package.item_of(db.session, one.id, item_id)
    if item.sha256 is None:
        abort(404)
    shown = file_content.by_mime(item.mime or "")
    inline = shown is not None and shown.inline and "download" not in request.args
    response = send_file(file_services.storage().open(item.sha256), mimetype=item.mime, conditional=True, etag=item.sha256, max_age=0)
    response.headers["Content-Disposition"] = (
        f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(item.file_name or '', safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    if item.mime != "application/pdf":
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _package(package_id: UUID) -> TransferPackage:
    one = package.find(db.session, package_id)
    policy.require("transfers.package", one)
    assert one is not None  # nothing is not seen by anybody
    return one


@permission("transfers.letter")
def letter(letter_id: UUID) -> Response:
    """One letter between organs, for both of them."""
    one = services.letter(db.session, letter_id)
    policy.require("transfers.letter", one)
    assert one is not None  # nothing is not seen by anybody
    body = render_template(
        "transfers/letter.html", letter=one, sender=directory.name(db.session, one.from_organ), to=directory.name(db.session, one.to_organ),
        answers=[x for x in carry.answers_to(db.session, one.letter_no) if policy.can(current_user, "transfers.letter", x)], moment=now(),
        home=rows.case_of(db.session, current_user, one), clockwords=clockwords, way=leaving.on_its_way(db.session, one),
    )  # fmt: skip
    return Response(body, headers={"Cache-Control": "private, no-store"})
