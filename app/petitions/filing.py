"""Files handed in with a step belong to it from then on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.accounts.models import Person
from app.files import services as files
from workflows.forms import Form
from workflows.handlers import Ctx


def attach(ctx: Ctx, form: Form, answer: dict[str, Any]) -> None:
    """Tie the files named in the answer to the case and the step."""
    ids = [UUID(str(one)) for f in form.fields.values() if f.widget == "files" for one in answer.get(f.name, [])]
    person = ctx.session.get(Person, ctx.actor.id) if ids and ctx.actor.id else None
    if person is not None:
        files.attach(ctx.session, person, ids, ctx.case.id, ctx.task_id)
