"""What a finished answer says where its form takes the choices from elsewhere: names of people and organs, else the words of the area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.inbox.screen import Words
from workflows.forms import Field, Form

_NAMES = text(
    "SELECT id, short FROM organ WHERE id = ANY(:ids)"
    " UNION ALL SELECT CAST(id AS text), name FROM person WHERE CAST(id AS text) = ANY(:ids)"
)


def words(session: Session, form: Form, answer: Mapping[str, Any], said: Words) -> Words:
    """``said``: what the area calls the values of a field; what it does not know may be a person or an organ."""
    fields = [one for one in form.fields.values() if one.options_from and answer.get(one.name)]
    ids = sorted({str(value) for one in fields for value in _each(answer[one.name])})
    names = {row[0]: row[1] for row in session.execute(_NAMES, {"ids": ids})} if ids else {}

    def called(field: Field) -> Mapping[str, str]:
        return {**names, **said(field)}

    return called


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
