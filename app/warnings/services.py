"""What is done with warnings outside a drawn step: the month's work for one county, an answer that came on paper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Organ, Person
from app.engine import get_engine
from app.files import services as files
from app.warnings import lines, queries, record, words
from workflows import Engine
from workflows.effects import moments
from workflows.errors import Conflict, FormError, NotFound
from workflows.forms import Form
from workflows.handlers import Actor
from workflows.tables import Case
from workflows.time import end_of_day, local, now

PROCESS = "early_warning"
ANSWER = "warning_response"
ACTOR = Actor.system("月度排查")


def begin(session: Session, government: Organ, month: str) -> UUID:
    """Open the file of a county's month and collect; raises what the engine raises (nobody at the petition office, already there)."""
    bureau = queries.bureau_of(session, government.city)
    if bureau is None or government.county is None:
        raise NotFound(f"{government.name}没有对应的生态环境局，不能拟预警函。")
    office = directory.resolve(session, "office", bureau.id).split(":")[1]
    attrs = {"intake_org": office, "bureau": bureau.id, "county_org": government.id}
    title = f"{words.county(government.county)}{words.month(month)}预警"
    started = get_engine().start(
        session, PROCESS, ACTOR, title=title, city=government.city, attrs=attrs, facets={"county": government.county, "month": month},
        data={"county": government.county, "month": month},
    )  # fmt: skip
    return started.case_id


def paper_form(session: Session) -> Form:
    """What the petition office types of an answer that came on paper: the county's own form, and the day it came."""
    spec = get_engine().library.current(session, "county_response").form("respond").spec
    day = {"type": "string", "format": "date", "label": "收到日期", "width": 3, "required": True, "default": "today", "latest": "now"}
    fields = {"received_on": {**day, "error": "收到日期不能晚于今天"}, **spec["fields"]}
    words = {
        "label": "代录区县纸质回复",
        "submit": "代录回复",
        "help": f"区县以纸质函件回复的，照原件逐项录入，原件扫描后上传。{spec['help']}",
    }
    return Form.parse("paper_answer", {**words, "fields": fields})


def waits_for_answer(session: Session, warning: UUID) -> bool:
    return bool(get_engine().waiting_for(session, warning, f"msg:{ANSWER}"))


def paper_context(session: Session, warning: UUID) -> dict[str, Any]:
    """What that form begins with: the items of the newest letter."""
    letter = queries.newest_letter(session, warning)
    return {"letter_items": lines.asked(letter.items) if letter is not None else [], **moments(now())}


def enter_answer(session: Session, person: Person, warning: UUID, answer: dict[str, Any]) -> None:
    """代录: the answer goes to the warning as if the county had sent it; the county's own file, if one is open, ends with it.

    Raises FormError, Conflict. The county's file is locked before the warning, here and nowhere else both.
    """
    engine, actor = get_engine(), person.actor()
    clean = paper_form(session).check(answer, paper_context(session, warning))
    letter = queries.newest_letter(session, warning)
    if letter is None or not waits_for_answer(session, warning):
        raise Conflict("现在没有在等区县的回复，请刷新页面。")
    day = date.fromisoformat(clean["received_on"])
    if day < local(letter.sent_at).date():
        raise FormError({"received_on": "收到日期不能早于发函日期"})
    at = min(now(), end_of_day(day))
    copy = queries.copy_of(session, warning, letter.number)
    if copy is None:
        raise Conflict("预警函还没有送达区县，请稍后再录。")
    session.execute(select(Case.id).where(Case.id == copy.case_id).with_for_update())  # the county may be answering at this moment
    session.refresh(copy)
    if copy.response_at is not None:
        raise Conflict("区县已经回复，请刷新页面。")
    copy.response, copy.note = record.answered(letter.items, clean["measures"]), clean.get("note")
    copy.response_at, copy.response_by = at, f"纸质函件，{actor.shown}代录"
    copy.receipt_at, copy.receipt_by = copy.receipt_at or at, copy.receipt_by or "纸质函件"
    _end_county_file(session, engine, copy.case_id, at, actor)
    files.attach(session, person, [UUID(one) for one in clean.get("files", [])], warning)
    engine.send(session, warning, ANSWER, {"warning_case": str(warning), "letter": letter.number}, actor)


def _end_county_file(session: Session, engine: Engine, case_id: UUID, at: datetime, actor: Actor) -> None:
    """Nothing is owed there any more: its periods are met by the paper, its steps are withdrawn."""
    if session.get_one(Case, case_id).status != "open":
        return
    with engine.clocks.on(session, case_id, actor) as clocks:
        clocks.meet("receipt", at)
        clocks.meet("response", at)
    for instance_id in queries.running_instances(session, case_id):
        engine.cancel(session, instance_id, actor, "区县以纸质函件回复，由市局信访科代录")


# --- settings and names the pages show --------------------------------------------------------------------------------


def _setting(session: Session, name: str) -> int:
    """A number of settings.yaml as deployed."""
    return int(get_engine().library.current(session, PROCESS).settings[name]["value"])


def workday(session: Session) -> int:
    """On which working day of the month the month before is looked at."""
    return _setting(session, "start_workday")


def warn_days(session: Session) -> int:
    """How many days before its date a problem turns amber."""
    return _setting(session, "deadline_days")


def organ(session: Session, organ_id: str) -> str:
    return directory.name(session, organ_id)


def organ_name(session: Session, person: Person) -> str:
    """The bureau in whose name the list is published."""
    home = person.home()
    bureau = queries.bureau_of(session, home.city) if home is not None else None
    return bureau.name if bureau is not None else ""
