"""Uploads and downloads. A file is always fetched through here, with the permission of its case."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app.accounts import policy
from app.db import session
from app.files import content, services
from app.files.models import File
from app.petitions import masking
from workflows.errors import WorkflowError
from workflows.tables import Case

bp = Blueprint("files", __name__)


@bp.post("/cases/<uuid:case_id>/files")
@policy.permission("file.add")
def add_to_case(case_id: UUID) -> Response | tuple[Response, int]:
    """Files for a case, several at once; each is taken or refused on its own."""
    policy.require("file.add", session.get(Case, case_id))
    return _take(case_id)


@bp.post("/files")
@policy.permission("petition.register")
def add_loose() -> Response | tuple[Response, int]:
    """Files for a registration that is being typed; they belong to the case once it is registered."""
    return _take(None)


@bp.get("/files/<uuid:file_id>")
@policy.permission("file.see")
def download(file_id: UUID) -> Response:
    file = _visible(file_id)
    shown = content.by_mime(file.mime)
    inline = shown is not None and shown.inline and "download" not in request.args
    response = send_file(services.storage().open(file.sha256), mimetype=file.mime, conditional=True, etag=file.sha256, max_age=0)
    read = masking.of_case(session, current_user, file.case_id)[1] if file.case_id else str  # a name may name the petitioner
    response.headers["Content-Disposition"] = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(read(file.name), safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    if file.kind != "pdf":  # the browser's own PDF viewer cannot work inside a sandbox
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.post("/files/<uuid:file_id>/remove")
@policy.permission("file.add")
def remove(file_id: UUID) -> tuple[str, int]:
    """Take out a file uploaded by mistake."""
    file = _visible(file_id)
    if file.case_id is not None:
        policy.require("file.add", file)
    services.remove(session, current_user, file)
    return "", 200


def _visible(file_id: UUID) -> File:
    """The file, or 404 for whoever may not see its case; a loose one is its uploader's alone."""
    file = session.get(File, file_id)
    if file is None or file.removed_at is not None:
        abort(404)
    if file.case_id is None:
        if file.uploaded_by != current_user.id:
            abort(404)
    else:
        policy.require("file.see", file)
        if masking.sealed_from(session, current_user, file.case_id):
            abort(404)
    return file


def _take(case_id: UUID | None) -> Response | tuple[Response, int]:
    sent = [upload for upload in request.files.getlist("file") + request.files.getlist("files") if upload.filename]
    taken, refused = [], []
    for upload in sent:
        try:
            taken.append(services.add_file(session, current_user, upload.stream, upload.filename or "", case_id=case_id))
        except WorkflowError as error:
            name = content.clean_name(upload.filename or "")
            refused.append((upload, error.message if name in error.message else f"“{name}”：{error.message}"))
    if not sent:
        refused.append((FileStorage(), "请先选择文件。"))
    return _answer(taken, refused)


def _answer(taken: list[File], refused: list[tuple[FileStorage, str]]) -> Response | tuple[Response, int]:
    """The new rows, and what was refused beside them; 422 in plain words when nothing was taken."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        body = {"files": [_json(file) for file in taken], "refused": [{"name": u.filename, "message": why} for u, why in refused]}
        return jsonify(body), 200 if taken else 422
    if not taken:
        return Response("\n".join(why for _, why in refused), content_type="text/plain; charset=utf-8"), 422
    return Response(render_template("files/_rows.html", files=taken, refused=[why for _, why in refused], labels=content.LABELS))


def _json(file: File) -> dict[str, object]:
    return {"id": str(file.id), "name": file.name, "size": file.size, "kind": file.kind, "mime": file.mime, "sha256": file.sha256}
