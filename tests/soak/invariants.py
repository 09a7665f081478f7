"""What must be true of the database at every moment, whoever was killed in the middle of what."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from SpiffWorkflow.task import TaskState
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflows import Engine, codec
from workflows.tables import Case, Clock, Event, Instance, Link, Message, Task

LIVING = ("open", "held")
LIVES = ("running", "suspended")


def broken(engine: Engine, session: Session) -> list[str]:
    """Everything that is not as it must be, in words."""
    return [
        *_tasks_against_states(engine, session),
        *_ended_instances(session),
        *_trail(session),
        *_links(session),
        *_closed_cases(session),
        *_numbers(session),
    ]


def not_done(session: Session, acknowledged: set[UUID]) -> list[str]:
    """Steps somebody was told are done, and are not."""
    found = set(session.scalars(select(Task.id).where(Task.status == "done")))
    return [f"told as done and lost: {task}" for task in acknowledged - found]


def _tasks_against_states(engine: Engine, session: Session) -> list[str]:
    """The open rows of a running instance are exactly the people's steps its stored state waits at."""
    wrong = []
    rows = session.execute(select(Task.instance_id, Task.node).where(Task.status.in_(LIVING))).all()
    opened: dict[UUID, Counter[int]] = {}
    for instance_id, node in rows:
        opened.setdefault(instance_id, Counter())[node] += 1
    for instance in session.scalars(select(Instance).where(Instance.status.in_(("running", "suspended")))):
        if instance.state is None:
            wrong.append(f"{instance.process} {instance.id} runs without a state")
            continue
        spec, subspecs = engine.library.version(session, instance.version).specs(instance.process)
        workflow = codec.load(codec.unpack(instance.state), spec, subspecs, None)
        flows = [workflow, *(sub for sub in workflow.subprocesses.values() if not sub.completed)]
        waits = Counter(t.id for flow in flows for t in flow.tasks.values() if t.state == TaskState.READY and t.task_spec.manual)
        if waits != opened.get(instance.id, Counter()):
            wrong.append(f"{instance.process} {instance.id}: state waits at {dict(waits)}, rows say {dict(opened.get(instance.id, {}))}")
    return wrong


def _ended_instances(session: Session) -> list[str]:
    ended = Instance.status.in_(("completed", "cancelled"))
    kept = session.scalar(select(func.count()).where(ended, Instance.state.is_not(None))) or 0
    query = select(func.count()).select_from(Task).join(Instance, Instance.id == Task.instance_id).where(ended, Task.status.in_(LIVING))
    left = session.scalar(query) or 0
    return [f"{kept} ended instances keep their state"] * bool(kept) + [f"{left} open steps of ended instances"] * bool(left)


def _trail(session: Session) -> list[str]:
    """Each done step has one line saying so, and each such line a done step."""
    done = Counter(session.scalars(select(Task.id).where(Task.status == "done")))
    told = Counter(session.scalars(select(Event.task_id).where(Event.kind == "done", Event.task_id.is_not(None))))
    return [] if done == told else [f"steps and trail differ: {sorted(map(str, (done - told) + (told - done)))}"]


def _links(session: Session) -> list[str]:
    """A message that starts something has started it once."""
    twice = session.scalars(
        select(Instance.link_id).where(Instance.link_id.is_not(None)).group_by(Instance.link_id).having(func.count() > 1)
    ).all()
    starts = ("petition.rate", "petition.execute", "urgent.report")
    query = (
        select(func.count())
        .select_from(Message)
        .join(Link, Link.id == func.cast(Message.payload["link_id"].astext, Link.id.type))
        .where(Message.name.in_(starts), Message.status == "delivered", Link.instance_id.is_(None))
    )
    lost = session.scalar(query) or 0
    return [f"started twice: {link}" for link in twice] + [f"{lost} delivered messages started nothing"] * bool(lost)


def _closed_cases(session: Session) -> list[str]:
    query = select(func.count()).select_from(Clock).join(Case, Case.id == Clock.case_id)
    beside = select(Instance.id).where(Instance.case_id == Case.id, Instance.status.in_(LIVES)).exists()  # a review of an archived case
    left = session.scalar(query.where(Case.status == "closed", Clock.status.in_(("running", "paused")), ~beside)) or 0
    return [f"{left} clocks run on closed cases"] * bool(left)


def _numbers(session: Session) -> list[str]:
    """Numbers of petitions have no gap and no double: one that was rolled back is given again."""
    given = session.scalar(text("SELECT count(*) FROM petition WHERE number LIKE '洪环信%'")) or 0
    last = session.scalar(text("SELECT sum(last) FROM number_counter WHERE series = 'petition'")) or 0
    return [] if given == last else [f"{given} numbered petitions, counters say {last}"]
