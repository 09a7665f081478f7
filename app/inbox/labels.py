"""Codes → words for lists and filters: what a facet's value is called. Kinds and channels come from the deployed forms themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from workflows.library import uuid_or_none
from workflows.tables import Case

STAGES = ("受理", "接待", "办理", "督办", "反馈", "归档")
COUNTIES = {
    "360102": "东湖区", "360103": "西湖区", "360104": "青云谱区", "360111": "青山湖区", "360112": "新建区", "360113": "红谷滩区",
    "360121": "南昌县", "360123": "安义县", "360124": "进贤县", "jkq": "经开区", "gxq": "高新区", "wl": "湾里",
}  # fmt: skip
_KEY = "facet_labels"


def facet_labels(session: Session) -> Mapping[str, Mapping[str, str]]:
    """facet → code → label. Read once per version of the procedures and kept in the app."""
    kept: dict[str, Any] = current_app.extensions.setdefault(_KEY, {})
    engine = current_app.extensions.get("engine")
    if engine is None:
        return {"county": COUNTIES, "kind": {}, "channel": {}}
    try:
        procedure = engine.library.current(session, "petition")
    except Exception:  # nothing deployed yet: codes are shown as they are
        return {"county": COUNTIES, "kind": {}, "channel": {}}
    if kept.get("version") != procedure.version:
        fields = procedure.forms["register"].fields if "register" in procedure.forms else {}
        kept["labels"] = {
            "county": COUNTIES,
            **{name: dict(fields[name].options or {}) if name in fields else {} for name in ("kind", "channel")},
        }
        kept["version"] = procedure.version
    labels: Mapping[str, Mapping[str, str]] = kept["labels"]
    return labels


def label(labels: Mapping[str, Mapping[str, str]], facet: str, code: Any) -> str:
    """The word for a code; a code without one is shown as it is."""
    return labels.get(facet, {}).get(str(code), str(code)) if code not in (None, "") else ""


def named(session: Session, value: str) -> str:
    """A person, an organisation, a county or a case by its name; a word that is none of them as it is."""
    if (found := uuid_or_none(value)) is not None:
        person = session.get(Person, found)
        if person is not None:
            return person.name
        case = session.get(Case, found)
        return (case.number or case.title) if case is not None else value
    return COUNTIES.get(value) or directory.name(session, value)
