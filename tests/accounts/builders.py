"""Cases and tasks by hand, for tests of who may see and do what."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from workflows.tables import Case, Definition, Instance, Task
from workflows.time import now

NOBODY = "o:gov-360100:office"


def make_case(session: Session, **attrs: Any) -> Case:
    case = Case(
        id=uuid7(), city="360100", title="某厂夜间排放废气", attrs={k: str(v) for k, v in attrs.items()}, facets={}, created_at=now()
    )
    session.add(case)
    session.flush()
    return case


def make_task(
    session: Session, case: Case, holder: str, *, pool: str | None = None, status: str = "open", element: str = "plan",
    version: str = "v1", **more: Any,
) -> Task:  # fmt: skip
    if version == "v1" and session.get(Definition, "v1") is None:
        session.add(Definition(version="v1", name="petition", files={}, deployed_at=now(), current=True))
        session.flush()
    instance = Instance(
        id=uuid7(), case_id=case.id, process="petition", version=version, status="running", waits=[], visited={}, started_at=now()
    )
    session.add(instance)
    session.flush()
    task = Task(
        id=uuid7(),
        case_id=case.id,
        instance_id=instance.id,
        node=1,
        process="petition",
        element=element,
        label="制定办理方案",
        role="handler",
        holder=holder,
        pool=pool or holder,
        status=status,
        opened_at=now(),
        title=case.title,
        facets={},
        **more,
    )
    session.add(task)
    session.flush()
    return task
