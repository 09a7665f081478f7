"""The form of the facts outside its drawn step: changed facts of a file, the facts of a penalty case. One form, one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.engine import get_engine
from app.inbox import screen
from app.inbox.screen import Sources
from app.transfers import forms, screening
from workflows.forms import Form

FORM = "enter_facts"


def form(session: Session) -> Form:
    """As it is drawn on a file, with its evidence."""
    return get_engine().library.current(session, screening.PROCESS).form(FORM)


def of_penalty(session: Session) -> Form:
    """As the register asks it: without files, which belong to a case, and without what the register says itself."""
    spec = form(session).spec
    kept = {name: field for name, field in spec["fields"].items() if name not in ("files", "act", "place")}
    return Form.parse(FORM, {**spec, "fields": kept, "submit": "提交筛查"})


def check(form: Form, typed: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as the form takes it. Raises FormError."""
    return form.check(typed, forms.context())


def draw(form: Form, typed: Mapping[str, Any], errors: Mapping[str, str], upload: str = "") -> screen.Screen:
    return screen.draw(form, typed, forms.context(), {k: v for k, v in errors.items() if k}, Sources(upload=upload))
