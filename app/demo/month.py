"""The demo month: invented petitions brought to every stage by running the real procedure on a shifted clock.

Which petition goes which way, and how old it is, stands in plans.yaml; where it has got to follows. Dates count back from today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.demo.organs import COUNTIES
from app.demo.pictures import scene
from app.engine import get_engine
from app.files import services as files
from app.imports.models import Imported
from app.petitions import titles
from app.walk.scenarios import Scenario, moves
from app.walk.timeline import Timeline
from workflows import time as clock_time

HERE = Path(__file__).parent
SOURCE = "演示"  # under which the loaded petitions are remembered, so that loading again adds only what is missing


@dataclass(frozen=True)
class DemoCase:
    """One petition of the month: its text, its way, its age, and the one it follows upon."""

    index: int
    plan: str
    age: int
    spec: dict[str, Any]
    petition: dict[str, Any]

    @property
    def key(self) -> str:
        return f"demo-{self.index:03d}"

    @property
    def unit(self) -> str:
        return str(self.spec.get("unit") or f"br-{self.petition['county']}")

    @property
    def intake(self) -> str:
        return f"br-{self.petition['county']}" if self.spec.get("intake") == "branch" else "nc-petition"


class WithPictures(Timeline):
    """Every third petitioner sends a picture, which the clerk adds to the file."""

    def _register(self) -> None:
        super()._register()
        if self.number is None or self.number % 3:
            return
        with self.begin() as session:
            clerk = self._somebody(session, directory.resolve(session, "desk", self.intake))
            files.add_file(session, clerk, BytesIO(scene(self.plan.name)), "现场照片.png", case_id=self.case)


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return found


def petitions() -> list[dict[str, Any]]:
    """The invented complaints, in the order their numbers count."""
    found: list[dict[str, Any]] = _read("petitions.yaml")["petitions"]
    return found


def texts() -> dict[str, Any]:
    return _read("answers.yaml")


def cases() -> list[DemoCase]:
    """All of the month, the oldest first: numbers follow the day of registration."""
    found = [
        DemoCase(index, name, age, spec, petitions()[index])
        for name, spec in _read("plans.yaml")["plans"].items()
        for index, age in spec["cases"].items()
    ]
    return sorted(found, key=lambda case: (-case.age, case.index))


def load(today: datetime) -> Iterator[DemoCase]:
    """Bring each petition that is not there yet to where it stands today; yields it when done."""
    there = _loaded()
    for case in cases():
        if case.key not in there:
            with clock_time.frozen(today):
                there[case.key] = _bring(case, today, there)
        yield case


def _bring(case: DemoCase, today: datetime, there: dict[str, UUID]) -> UUID:
    plan = Scenario(case.key, _title(case.petition), _start(case, today), registration(case.petition, case.key), [], {}, _way(case), {})
    facts = {"place": case.petition["place"], "enterprise": case.petition.get("enterprise", "被反映单位"), "unit": case.unit}
    drive = WithPictures(get_engine(), db.transaction, plan, until=today, texts=texts(), facts=facts)
    drive.intake = case.intake
    drive.known = {"$unit": case.unit, "$county": case.petition["county"]}
    if "after" in case.spec:
        drive.known["$prior"] = str(there[f"demo-{case.spec['after']:03d}"])
    case_id = drive.run()
    with db.transaction() as session:
        _remember(session, case, case_id, plan.at)
    return case_id


def _way(case: DemoCase) -> list[Any]:
    return moves(case.spec["steps"], _read("plans.yaml")["parts"])


def _start(case: DemoCase, today: datetime) -> datetime:
    """Some hour of the day so many days ago, never later than an hour before now."""
    minutes = int.from_bytes(sha256(case.key.encode()).digest()[:2]) % 480
    day = (today - timedelta(days=case.age)).replace(hour=8, minute=30, second=0, microsecond=0)
    return min(day + timedelta(minutes=minutes), today - timedelta(hours=1))


def registration(petition: dict[str, Any], key: str) -> dict[str, Any]:
    """The registration form of an invented complaint; a field given as None stays empty."""
    anonymous = "who" not in petition
    out: dict[str, Any] = {
        "channel": petition["channel"],
        "statement": petition["text"],
        "enterprise": petition.get("enterprise"),
        "place": f"{COUNTIES[petition['county']][0]}{petition['place']}",
        "county": petition["county"],
        "kind": petition["kind"],
        "asks": petition["asks"],
        "gravity": petition.get("gravity", "ordinary"),
        "klass": petition.get("klass", "claim"),
        "about": petition.get("about", "enterprise" if petition.get("enterprise") else "none"),
        "complained_unit": petition.get("complained"),
        "in_court": petition.get("in_court", False),
        "anonymous": anonymous,
        **({"name": None, "phone": None, "address": None, "secrecy": None} if anonymous else _petitioner(petition)),
    }
    if petition["channel"] == "visit":
        out |= {"visitors": petition["visitors"], "representatives": _representatives(petition)}
    if petition["channel"] in ("phone", "platform", "transferred", "superior"):
        out["outside_no"] = f"{'NC' if petition['channel'] == 'phone' else 'HJ'}{int(sha256(key.encode()).hexdigest()[:7], 16):09d}"
    if petition.get("flagged"):
        out |= {"flagged": True, "flagged_reason": petition["flagged"]}
    return out


def _petitioner(petition: dict[str, Any]) -> dict[str, Any]:
    """Name, phone and address of an invented person, always the same for the same number."""
    who, data = petition["who"], _read("petitions.yaml")
    street = data["streets"][petition["county"]]
    phone = f"1390000{1000 + who * 37:04d}"
    return {"name": data["people"][who], "phone": phone, "address": f"{street} {who * 7 + 3} 号", "secrecy": True}


def _representatives(petition: dict[str, Any]) -> list[dict[str, str]] | None:
    if petition["visitors"] == 1:
        return None
    people = _read("petitions.yaml")["people"]
    return [{"name": people[(petition["who"] + n) % len(people)]} for n in range(min(3, petition["visitors"]))]


def _title(petition: dict[str, Any]) -> str:
    return f"{petition.get('enterprise') or petition['place']}{titles.KINDS[petition['kind']]}"


def _loaded() -> dict[str, UUID]:
    with db.transaction() as session:
        query = select(Imported.outside_no, Imported.case_id).where(Imported.source == SOURCE)
        return {key: case_id for key, case_id in session.execute(query) if case_id is not None}


def _remember(session: Session, case: DemoCase, case_id: UUID, at: datetime) -> None:
    somebody = session.scalars(select(Person.id).order_by(Person.id).limit(1)).one()
    session.add(
        Imported(
            source=SOURCE, outside_no=case.key, case_id=case_id, subject=_title(case.petition), submitted_at=at, suggested={},
            historic=None, file_name="petitions.yaml", row_no=case.index, imported_by=somebody,
        )
    )  # fmt: skip
