"""How the demo's transfers are walked: one way leads through the files of all three organs, each played by its own people."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.demo import month
from app.demo.pictures import scene
from app.demo.ways import FileWay, Group
from app.files import services as files
from app.transfers import consulting, opening, package
from app.transfers.models import Consultation, Detention, Transfer, TransferFile, TransferProcurator
from app.walk.play import NotOpen, Play, allow
from app.walk.scenarios import Move, Scenario, moves
from app.walk.starts import STARTS
from app.walk.starts_transfers import Known
from app.walk.timeline import TimeIsUp
from workflows import time as clock_time
from workflows.tables import Case, Task

PAUSE = timedelta(minutes=1)  # between two acts: much falls on the last days
ACTED = (38, 6)  # the act began and ended so many days before the file was opened
NOBODY = "现场负责人陈某"


def spec(name: str) -> Any:
    """One of the files of this area."""
    return month.read(name)


class TransferWay(FileWay):
    """A transfer or a detention file; ``_here`` are the files of every organ under its number, and its consultations."""

    under = ""  # the number of the transfer
    _files: list[UUID] | None = None  # until somebody acts

    def __init__(self, key: str, opened: datetime, line: Mapping[str, Any], today: datetime) -> None:
        steps = moves(list(line.get("steps") or []), spec("transfers.yaml")["parts"])
        plan = Scenario(key, key, opened, dict(line.get("begin") or {}), [], {}, steps, {})
        words = spec("transfers_words.yaml")
        super().__init__(plan, today, words["words"], {})
        self.line, self.matter = line, words["matters"].get(line.get("matter", ""), {})
        self.facts: dict[str, str] = {}
        self.verbs |= {"consult": self._consult}

    # -- the files ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the file as a scenario of the walk does."""
        (name, args), *_ = self.plan.register.items()
        STARTS[name](self, self._words(dict(args)))
        self._settle()

    def take_up(self, case_id: UUID) -> None:
        """Follow a file from here on: its number, the people on it, what its words may name."""
        self.case_id = case_id
        self.known = Known(self)
        with self.begin() as session:
            row = session.get(Transfer, case_id) or session.get(TransferProcurator, case_id) or session.get_one(Detention, case_id)
            self.under = row.number if isinstance(row, Detention) else row.transfer_no
            self.facts = self._facts(session, row)

    def _here(self) -> list[UUID]:
        if self._files is None:
            with self.begin() as session:
                asked = select(Consultation.case_id, Consultation.number).where(Consultation.transfer_no == self.under).cte()
                named = TransferFile.transfer_no.in_(select(asked.c.number)) | (TransferFile.transfer_no == self.under)
                found = session.scalars(union(select(TransferFile.case_id).where(named), select(asked.c.case_id))).all()
                self._files = list(dict.fromkeys([self.case, *found]))
        return self._files

    def family(self) -> list[UUID]:
        return self._here()

    # -- words ----------------------------------------------------------------------------------------------------

    def _facts(self, session: Session, row: Transfer | TransferProcurator | Detention) -> dict[str, str]:
        opened, said = clock_time.local(self.plan.at).date(), getattr(row, "nontransfer", None) or {}
        first, last = (opened - timedelta(days=days) for days in self.line.get("acted", ACTED))
        draw = self._dice % 390 + 11
        facts = {
            "party": row.party, "act": getattr(row, "act", "") or str(said.get("act") or ""), "person": NOBODY,
            "place": getattr(row, "place", None) or str(said.get("place") or "厂区外排口"),
            "act_from": first.isoformat(), "act_to": last.isoformat(), "since": _said(first), "till": _said(last),
            "month_found": f"{opened.year}年{opened.month}月", "year": str(opened.year), "draw": str(draw), "tail": f"{draw:04d}",
        }  # fmt: skip
        return {**facts, **self._people(session, row), **(self.line.get("facts") or {})}

    def _people(self, session: Session, row: Transfer | TransferProcurator | Detention) -> dict[str, str]:
        """Names of the two officers and of the police's, and the number by which the county's court is known."""
        attrs = session.get_one(Case, row.case_id).attrs
        organ = row.bureau if isinstance(row, TransferProcurator) else row.organ
        officers = [one for one in (attrs.get("handler"), attrs.get("officer")) if one]
        two = [session.get_one(Person, UUID(str(one))) for one in officers] or opening.certified(session, [organ])
        two += [one for one in opening.certified(session, [getattr(row, "unit", organ)]) if one.id != two[0].id][: 2 - len(two)]
        self.known |= {"$lead": str(two[0].id), "$second": str(two[1].id)}
        police = directory.people(session, directory.resolve(session, "police_officer", str(row.police)))
        officer = session.get_one(Person, police[0]).name if police else "联络民警"
        county = session.get_one(Organ, organ).county or ""
        return {"lead": two[0].name, "second": two[1].name, "officer": officer, "court": county[2:] if county.isdigit() else "01"}

    def _usual(self, element: str) -> dict[str, Any]:
        return {**(self.texts.get(element) or {}), **(self.matter.get(element) or {})}

    def _words(self, value: Any) -> Any:
        """Besides what a file knows: what it is about put into texts, and one of several texts."""
        if isinstance(value, dict) and set(value) == {"any"}:
            return self._words(value["any"][self._dice % len(value["any"])])
        return super()._words(value.format_map(self.facts) if isinstance(value, str) and "{" in value else value)

    # -- acts -----------------------------------------------------------------------------------------------------

    def _make(self, move: Move) -> None:
        """Straight on, without asking first what is open: a step that is not is left out."""
        if clock_time.now() >= self.until:
            raise TimeIsUp
        with suppress(NotOpen):
            Play._make(self, move)

    def do(self, group: Group) -> bool:
        self._files = None  # since the last group others have acted
        return super().do(group)

    def is_open(self, element: str) -> bool:
        self._files = None
        return super().is_open(element)

    def _settle(self) -> None:
        self._files = None
        self._drain()
        clock_time.freeze(min(clock_time.now() + PAUSE, self.until))

    def _complete(self, element: str, given: dict[str, Any], **more: Any) -> None:
        if element == "assemble":
            self._gather()
        super()._complete(element, given, **more)

    def _usual_in(self, session: Session, task: Task) -> dict[str, Any]:
        usual = super()._usual_in(session, task)
        if task.element == "assemble":  # what _gather put there need not be excused
            usual.pop("materials", None)
            if not usual.get("things"):
                usual["materials"] = [{"kind": "things", "name": "涉案物品清单", "missing_reason": "现场没有查封、扣押的物品，故没有清单"}]
        return usual

    def _gather(self) -> None:
        """The page 移送材料: records, report and a picture, which has no text and is looked at for a reporter's traces."""
        with self.begin() as session:
            task = self._open(session, "assemble")
            person, home = self._somebody(session, task.holder), session.get_one(TransferFile, task.case_id)
            allow(person, "transfers.material", session.get_one(Case, task.case_id))
            made = package.draft(session, home, "first", str(session.get_one(Transfer, task.case_id).police), person.name)
            for line in self._words(spec("transfers_words.yaml")["evidence"]):
                text = line.pop("text", None)
                body, name = (text.encode(), f"{line['name']}.txt") if text else (scene(self.plan.name), f"{line['name']}.png")
                file = files.add_file(session, person, BytesIO(body), name, case_id=task.case_id)
                piece = package.add(session, person, made, {**line, "made_on": self._made_on(), "file_id": file.id})
                if not text:
                    package.tick(session, person, made, piece)

    def _made_on(self) -> str:
        return min(date.fromisoformat(self.facts["act_to"]) + timedelta(days=2), clock_time.now().date()).isoformat()

    def _consult(self, move: Move) -> None:
        """The button 会商、提前介入, by the head of the unit."""
        with self.begin() as session:
            transfer = session.get_one(Transfer, self.case)
            head = self._somebody(session, directory.resolve(session, "unit_head", transfer.unit))
            allow(head, "transfers.consult", session.get_one(Case, self.case))
            consulting.begin(session, head, transfer, move.about["kind"], move.about["asked"])
        self._settle()


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
