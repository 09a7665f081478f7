"""What a browser posts → a typed answer. Empty is absent; what cannot be read as its type stays as typed, for the form to refuse."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from workflows.forms import Form
from workflows.time import local

_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]+(\d{1,2})[:：](\d{2})(?::\d{2})?)?")


def parse(form: Form, posted: MultiDict[str, str]) -> dict[str, Any]:
    """The answer to ``form``: values by field name, of the type its schema says."""
    answer = {}
    for field in form.fields.values():
        value = _value(field.name, {**field.spec, **field.schema}, posted)
        if value not in (None, "", []):
            answer[field.name] = value
    return answer


def _value(name: str, schema: Mapping[str, Any], posted: MultiDict[str, str]) -> Any:
    """One field's value; ``name`` is its name in the page."""
    kind = schema.get("type")
    if kind == "array":
        return _array(name, schema.get("items") or {}, schema, posted)
    typed = posted.get(name, "").replace("\r\n", "\n").strip()
    if not typed:
        return None
    if kind == "boolean":
        return {"true": True, "on": True, "1": True, "false": False, "0": False}.get(typed.lower(), typed)
    if kind in ("integer", "number"):
        return _number(typed, kind)
    if schema.get("format") in ("date", "date-time"):
        return _moment(typed, schema["format"])
    return typed


def _array(name: str, items: Mapping[str, Any], schema: Mapping[str, Any], posted: MultiDict[str, str]) -> list[Any]:
    if items.get("type") == "object":
        return _rows(name, items.get("properties") or {}, posted)
    given = [text.strip() for text in posted.getlist(name) if text.strip()]
    if not (schema.get("options") or schema.get("options_from") or schema.get("widget") == "files" or items.get("format") == "uuid"):
        given = [line.strip() for text in given for line in text.splitlines() if line.strip()]
    if items.get("type") in ("integer", "number"):
        return [_number(text, items["type"]) for text in given]
    return list(dict.fromkeys(given))


def _rows(name: str, properties: Mapping[str, Any], posted: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Rows come as ``field-3-column``; a row with nothing in it is no row."""
    pattern = re.compile(re.escape(name) + r"-(\d+)-")
    numbers = sorted({int(found.group(1)) for key in posted if (found := pattern.match(key))})
    rows = []
    for number in numbers:
        cells = {column: _value(f"{name}-{number}-{column}", schema, posted) for column, schema in properties.items()}
        row = {column: value for column, value in cells.items() if value not in (None, "", [])}
        if row:
            rows.append(row)
    return rows


def _number(typed: str, kind: str) -> Any:
    """Full-width digits, spaces and thousands separators are what people paste."""
    text = unicodedata.normalize("NFKC", typed).replace(",", "").replace(" ", "")
    if _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    return typed


def _moment(typed: str, form: str) -> str:
    """2026-11-19, 2026年11月19日 23:10 … → ISO text; a moment is China's."""
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", typed))
    if not found:
        return typed
    year, month, day, hour, minute = (int(part) if part else 0 for part in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute)
    except ValueError:
        return typed
    return moment.date().isoformat() if form == "date" else local(moment).isoformat()
