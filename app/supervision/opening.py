"""The page of 督办立项: its form, drawn with what was typed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import url_for
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.inbox import screen
from app.inbox.screen import Sources
from app.supervision import options, queries
from workflows.errors import FormError
from workflows.forms import Field, Form
from workflows.library import uuid_or_none

FILE = Path(__file__).with_name("opening.yaml")


@cache
def form() -> Form:
    return Form.parse("open", yaml.safe_load(FILE.read_text(encoding="utf-8"))["open"])


def check(session: Session, person: Person, typed: dict[str, Any]) -> dict[str, Any]:
    """The answer as the form takes it; a case must be one the person may see. Raises FormError."""
    clean = form().check(typed, {})
    errors = {}
    for field in form().fields.values():
        allowed = options.allowed(session, _organ(person), field)
        if allowed is not None and clean.get(field.name) and clean[field.name] not in allowed:
            errors[field.name] = "请从列出的选项中选择"
    if clean.get("subject") and queries.visible(session, person, uuid_or_none(clean["subject"])) is None:
        errors["subject"] = "没有找到这一件，请输入编号查找"
    if errors:
        raise FormError(errors)
    return clean


def draw(session: Session, person: Person, typed: dict[str, Any], errors: dict[str, str]) -> screen.Screen:
    """The form for the template."""

    def choose(field: Field) -> screen.Choices:
        return options.choices(session, _organ(person), field, {})

    def name(value: str) -> str:
        case = queries.visible(session, person, uuid_or_none(value))
        return f"{case.number or ''} {case.title}".strip() if case is not None else ""

    sources = Sources(choose=choose, lookups={"case": url_for("cases.lookup")}, case_name=name)
    return screen.draw(form(), typed, {}, {k: v for k, v in errors.items() if k}, sources)


def _organ(person: Person) -> str:
    """Where the person works: the units offered are those of that bureau."""
    home = person.home()
    return home.id if home is not None else ""
