"""Loading the demo: the petitions of the last months and what came of them, once. Dates count back from today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person
from app.demo import month, penalties
from app.demo.beside import Beside
from app.demo.month import DemoCase
from app.demo.transfers import Transfers
from app.demo.ways import PetitionWay
from app.demo.world import DAILY, MONTHLY, Act, World, do_calendar
from app.imports.models import Imported
from workflows import time as clock_time

SOURCE = "演示"  # under which the loaded petitions are remembered, so that loading again adds only what is missing
CALENDAR_MONTHS = 2  # the monthly work of the calendar begins with the month so many before this one


def load(today: datetime) -> Iterator[datetime]:
    """Live through the months before today with what is not there yet; yields the moments at which something happened."""
    there = _loaded()
    first, world = not there, World(today)
    beside, transfers = Beside(world, there), Transfers(world, there)
    missing = [case for case in month.cases() if case.key not in there]
    for number, case in enumerate(missing):
        world.at(case.started(today), _coming(world, case, number, there))
    beside.plan()
    transfers.plan()
    since = min((case.started(today) for case in missing), default=today).date()
    world.mornings(since, lambda: _morning(world, (beside.look, transfers.look), calendar=first))
    yield from world.run()
    if first:
        with clock_time.frozen(today):
            while do_calendar(today):
                world.settle()


def days(today: datetime) -> int:
    """How many days lie between the first petition of the demo and today."""
    return (today - min(case.started(today) for case in month.cases())).days


def _coming(world: World, case: DemoCase, number: int, there: dict[str, UUID]) -> Act:
    def come() -> None:
        way = PetitionWay(case, number, world.today, penalties.number_of(case.key, world.today))
        if "after" in case.spec:
            way.known["$prior"] = str(there[f"demo-{case.spec['after']:03d}"])
        there[case.key] = way.register()
        with db.transaction() as session:
            _remember(session, case, there[case.key])
        world.follow(way)

    return come


def _morning(world: World, looks: tuple[Act, ...], *, calendar: bool) -> None:
    """The calendar's work, what follows from it, and a look at the files that have opened."""
    now = clock_time.now()
    if calendar:
        monthly = now.date() >= month.on_day(world.today, CALENDAR_MONTHS, 1)
        if do_calendar(now, DAILY + (MONTHLY if monthly else ())):
            world.settle()
    for look in looks:
        look()


def _loaded() -> dict[str, UUID]:
    with db.transaction() as session:
        query = select(Imported.outside_no, Imported.case_id).where(Imported.source == SOURCE)
        return {key: case_id for key, case_id in session.execute(query) if case_id is not None}


def _remember(session: Session, case: DemoCase, case_id: UUID) -> None:
    somebody = session.scalars(select(Person.id).order_by(Person.id).limit(1)).one()
    session.add(
        Imported(
            source=SOURCE, outside_no=case.key, case_id=case_id, subject=case.title, submitted_at=clock_time.now(), suggested={},
            historic=None, file_name="petitions.yaml", row_no=case.index if isinstance(case.index, int) else 0, imported_by=somebody,
        )
    )  # fmt: skip
