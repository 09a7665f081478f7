"""What the pages of the area share: the record behind a page, a page that is one form, how a refusal is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import abort, render_template, url_for

from app import db
from app.accounts import policy
from app.inbox.screen import Screen
from app.transfers import forms
from app.transfers.models import Transfer
from workflows.errors import FormError, HandlerFailed, WorkflowError
from workflows.forms import Form
from workflows.tables import Case

T = TypeVar("T")
Back = tuple[str, str]  # address and words of the way back
LIST: Back = ("/transfers", "移送案件")
REGISTER: Back = ("/penalties", "行政处罚登记")


def transfer(case_id: UUID, action: str) -> Transfer:
    """The bureau's record of a case the person may see and act on; 404 and 403 for everybody else."""
    policy.require(action, db.session.get(Case, case_id))
    found = db.session.get(Transfer, case_id)
    if found is None:
        abort(404)
    return found


def to_case(case_id: UUID) -> Back:
    return url_for("cases.show", case_id=case_id), "返回案件"


def form_page(
    name: str, typed: Mapping[str, Any], errors: Mapping[str, str], action: str, back: Back, *, offered: forms.Choices | None = None,
    title: str = "", multipart: bool = False,
) -> str:  # fmt: skip
    """A page with one form of forms.yaml."""
    drawn = forms.draw(name, typed, errors, offered or {})
    return drawn_page(forms.form(name), drawn, errors, action, back, title=title)


def drawn_page(
    form: Form, drawn: Screen, errors: Mapping[str, str], action: str, back: Back, *, title: str = "", submit: str = ""
) -> str:  # fmt: skip
    return render_template(
        "transfers/form.html", form=form, screen=drawn, error=errors.get("", ""), action=action, back=back[0], back_label=back[1],
        title=title or form.label, submit=submit or form.submit,
    )  # fmt: skip


def tried(act: Callable[[], T]) -> tuple[T | None, dict[str, str]]:
    """The one service call of a form's page. What it refuses comes back as the form's errors, and nothing of the attempt stays."""
    try:
        return act(), {}
    except FormError as error:
        errors = error.errors
    except WorkflowError as error:
        errors = {"": error.message}
    db.session.rollback()
    return None, errors


def status(error: WorkflowError) -> int:
    return 500 if isinstance(error, HandlerFailed) else 409
