"""Papers a completed form names (``paper:`` in forms.yaml), for any procedure; the petition has its own in app/petitions/papers.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.inbox.screen import Words, shown_values
from app.papers import services
from app.papers.services import Paper
from workflows.forms import Form
from workflows.handlers import Ctx

Facts = Iterable[tuple[str, str]]


def by_form(
    ctx: Ctx, form: Form, answer: Mapping[str, Any], known: Mapping[str, Any], *, facts: Callable[[str], Facts] | None = None,
    number: Callable[[str], str | None] | None = None, words: Words | None = None,
) -> list[Paper]:  # fmt: skip
    """Make the papers the form of a completed step names.

    ``known``: process data, attributes and the answer, for the conditions. ``facts(kind)``: lines from the record before the
    answer's own; ``number(kind)``: its document number, if that kind has one; ``words``: see ``shown_values``.
    """
    made = []
    for rule in form.papers:
        kind = rule.kind_for(known)
        if not kind:
            continue
        before = list(facts(kind)) if facts is not None else []
        made.append(
            services.issue(
                ctx, kind, [*before, *shown_values(form, dict(answer), words=words)], number=number(kind) if number is not None else None,
                sealed=bool(rule.spec.get("sealed")),
            )
        )  # fmt: skip
    return made
