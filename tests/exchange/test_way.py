"""Transfers between two installations through the real procedures of both: what the one does the other knows, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.engine import get_engine
from app.exchange.models import Incoming, Outgoing
from app.transfers import consulting, procuratorate_opening, progress
from app.transfers.models import (
    Consultation,
    Detention,
    DetentionNotice,
    PlatformEntry,
    Transfer,
    TransferFile,
    TransferLetter,
    TransferPackage,
    TransferPolice,
    TransferProcurator,
    TransferRequest,
)
from app.walk.starts import usual
from app.worker import work_once
from tests.exchange.two import Side, both, logged_in
from tests.transfer import test_detention as detention
from tests.transfer.bureau_builders import CITY, at, case, clock, do, go, no_clock_left, person, source, step, to_sent, transfer
from tests.transfer.police_builders import OTHER, POLICE, REASONS
from workflows import time as clock_time
from workflows.tables import Task

Do = Callable[..., None]
UNIT, PROCURATORATE = "br-360111", "pp-360111"
SENT: dict[str, Any] = json.loads(json.dumps(usual("detention", "copy_originals"), default=str).replace("2026-09-25", "2026-09-20"))
REFUSAL = "经研究，现有证据不足以认定涉嫌犯罪，决定不移送公安机关。"


class Play:
    """Steps of both sides; after each, both workers until nothing moves."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b = a, b

    def bureau(self, case_id: UUID, *elements: str, **given: Any) -> None:
        self._do(self.a, case_id, elements, given)

    def there(self, case_id: UUID, *elements: str, **given: Any) -> None:
        self._do(self.b, case_id, elements, given)

    def _do(self, side: Side, case_id: UUID, elements: tuple[str, ...], given: dict[str, Any]) -> None:
        for element in elements:
            with side.work() as session:
                do(session, case_id, element, **given)
            both(self.a, self.b)

    def sent(self) -> tuple[UUID, UUID, UUID]:
        """A transfer that all three keep a file of: bureau's, police's, procuratorate's case."""
        with self.a.work() as session:
            case_id = source(session)
            to_sent(session, case_id)
        both(self.a, self.b)
        with self.b.work() as session:
            return case_id, file_at(session, POLICE, "police_case"), file_at(session, PROCURATORATE, "procuratorate_case")

    def accepted(self) -> tuple[UUID, UUID, UUID]:
        files = self.sent()
        self.there(files[1], "sign_receipt")
        self.there(files[1], "jurisdiction", juris="ours")
        return files

    def ruled(self, police: UUID, *, filed: bool) -> None:
        self.there(police, "examine", step="decide", proposed=filed)
        self.there(police, "decide_filing", filed=filed, reasons=None if filed else REASONS)
        self.there(police, "notify", file_returned=None if filed else True)


@pytest.fixture
def play(two: tuple[Side, Side]) -> Play:
    return Play(*two)


def file_at(session: Session, organ: str, process: str) -> UUID:
    """The newest file an organ keeps in this installation."""
    query = select(TransferFile.case_id).where(TransferFile.organ == organ, TransferFile.process == process)
    return session.scalars(query.order_by(TransferFile.started_at.desc(), TransferFile.case_id.desc())).first() or pytest.fail(process)


def open_at(session: Session, case_id: UUID) -> list[Task]:
    return list(session.scalars(select(Task).where(Task.case_id == case_id, Task.status == "open")))


def parties_at(session: Session, case_id: UUID) -> list[str]:
    return list(get_engine().task_data(session, step(session, case_id, "decide_prosecution"))["parties"])


def ended(side: Side, *cases: UUID) -> None:
    with side.work() as session:
        for one in cases:
            assert case(session, one).status == "closed"
            no_clock_left(session, one)


def agree(play: Play) -> None:
    """Every letter that left arrived once, under the same number, and is on file; every decision told is entered."""
    with play.a.work() as ours, play.b.work() as theirs:
        for here, there in ((ours, theirs), (theirs, ours)):
            out = list(here.scalars(select(Outgoing).order_by(Outgoing.transfer_no, Outgoing.seq)))
            came = list(there.scalars(select(Incoming).order_by(Incoming.transfer_no, Incoming.seq)))
            assert [(o.transfer_no, o.seq, o.digest, o.status) for o in out] == [
                (i.transfer_no, i.seq, i.digest, "delivered") for i in came
            ]
            assert all(one.status == "applied" for one in came)
            letters = {one.letter_no: one for one in there.scalars(select(TransferLetter).where(TransferLetter.from_case.is_(None)))}
            assert set(letters) == {here.get_one(TransferLetter, one.letter_id).letter_no for one in out}
            assert all(one.received_at for one in letters.values())
            assert here.scalar(select(func.count()).select_from(PlatformEntry).where(PlatformEntry.entered_at.is_(None))) == 0


# --- the way ------------------------------------------------------------------------------------------------------------


def test_supplemented_refused_supervised_ordered_not_prosecuted_penalised(play: Play) -> None:
    bureau, police, procurator = play.accepted()
    with play.b.work() as session:
        row = session.get_one(TransferPolice, police)
        made = session.get_one(TransferPackage, row.package_id)
        assert row.hashes_ok is True and made.sealed_at is not None and made.case_id == police
        assert clock(session, procurator, "decide").status == "running"
    with play.a.work() as session:
        assert transfer(session, bureau).receipt_no and clock(session, bureau, "receipt").status == "met"
        assert session.get_one(TransferPackage, made.id).manifest_sm3 == made.manifest_sm3
    play.there(police, "examine", step="ask", ask_kind="complete", wanted=[{"name": "监测报告盖章页", "why": "缺章"}])
    with play.a.work() as session:
        request = session.scalars(select(TransferRequest)).one()
        assert request.bureau_case == bureau and clock(session, bureau, "complete").letter == request.letter_no
        assert request.wanted == [{"name": "监测报告盖章页", "why": "缺章"}]
    play.bureau(
        bureau,
        "answer_request",
        mode="supply",
        materials=[{"kind": "other", "name": "监测报告盖章页", "missing_reason": "只有复印件，原件已送交公安机关查验"}],
    )
    with play.b.work() as session:
        asked = session.scalars(select(TransferRequest)).one()
        assert asked.mode == "supply" and asked.seen_at is not None and asked.package_id is not None
    play.ruled(police, filed=False)
    with play.a.work() as session:
        assert transfer(session, bureau).notice == "refused" and clock(session, bureau, "decide").status == "met"
    play.there(procurator, "look_copy", supervise=False)
    play.bureau(bureau, "choose_way", way="supervise")
    play.bureau(bureau, "write_proposal", "review_proposal", "sign_proposal")
    play.there(procurator, "accept_proposal", settled=False)
    play.there(police, "explain", filed=False, reasons=REASONS)
    play.there(procurator, "review", result="not_stand")
    play.there(police, "file_ordered", police_no="青公（刑）立字〔2026〕88号")
    play.there(police, "notify")
    play.bureau(bureau, "handover")
    play.there(procurator, "look_copy", supervise=False)
    play.there(police, "investigate", inv_step="outcome", outcome="prosecute", reasons=REASONS)
    with play.b.work() as session:
        suspects = [str(one) for one in parties_at(session, procurator)]
    play.there(procurator, "decide_prosecution", parties_prosecuted=None, parties_not=suspects)
    play.there(procurator, "review_penalty", opine=True, reply_by="2026-12-01")
    play.bureau(bureau, "decide_penalty", penalty="fine")
    with play.a.work() as session:
        assert session.get_one(Transfer, bureau).closed_as == "replied"
    ended(play.a, bureau)
    ended(play.b, police, procurator)
    agree(play)


def test_passed_on_filed_progress_is_seen_convicted(play: Play) -> None:
    bureau, first, _ = play.sent()
    play.there(first, "sign_receipt")
    play.there(first, "jurisdiction", juris="other_police", new_organ=OTHER, reason="主要犯罪地在南昌县，移送管辖")
    with play.b.work() as session:
        second = file_at(session, OTHER, "police_case")
        assert second != first and session.get_one(TransferPolice, second).hashes_ok is True
    with play.a.work() as session:
        assert transfer(session, bureau).police == OTHER and clock(session, bureau, "receipt").status == "running"
    play.there(second, "sign_receipt")
    play.there(second, "jurisdiction", juris="ours")
    play.ruled(second, filed=True)
    play.bureau(bureau, "handover")
    play.there(
        second,
        "investigate",
        inv_step="entry",
        entry_kind="arrest_asked",
        happened_on="2026-09-21",
        parties=None,
        document_no="南公提捕〔2026〕3号",
    )
    with play.a.work() as session:
        seen = progress.of_transfer(session, transfer(session, bureau).transfer_no)
        assert [(one.kind, one.document_no, one.organ) for one in seen] == [("arrest_asked", "南公提捕〔2026〕3号", OTHER)]
    play.there(second, "investigate", inv_step="outcome", outcome="prosecute", parties=None, document_no="南公诉〔2026〕9号")
    with play.b.work() as session:
        procurator = file_at(session, "pp-360121", "procuratorate_case")
        copies = [t.element for t in open_at(session, procurator) if t.element == "look_copy"]
    for element in copies:
        play.there(procurator, element, supervise=False)
    with play.b.work() as session:
        suspects = [str(one) for one in parties_at(session, procurator)]
    play.there(procurator, "decide_prosecution", parties_prosecuted=suspects, parties_not=None)
    while True:
        with play.b.work() as session:
            if session.get_one(TransferProcurator, procurator).closed_at is not None:
                break
        play.there(procurator, "record_verdict", verdict="convicted", fine=20000)
    with play.a.work() as session:
        assert transfer(session, bureau).closed_as == "convicted"
    ended(play.a, bureau)
    agree(play)


def test_refused_by_the_head_the_procuratorate_obliges(play: Play) -> None:
    with play.a.work() as session:
        before = source(session)
        go(session, before, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion")
        do(session, before, "decide", decision="refuse", reason=REFUSAL)
    both(play.a, play.b)
    with play.b.work() as session:
        procurator = file_at(session, PROCURATORATE, "procuratorate_case")
        assert session.get_one(TransferProcurator, procurator).nontransfer["reason"] == REFUSAL  # type: ignore[index]
    play.there(procurator, "check_nontransfer", opine=True)
    with play.a.work() as session:
        bureau = file_at(session, UNIT, "criminal_transfer")
        assert bureau != before and clock(session, bureau, "procurator_opinion").status == "running"
    play.bureau(bureau, "form_team", "write_report", "legal_opinion")
    play.bureau(bureau, "decide", decision="approve")
    play.bureau(bureau, "assemble")
    with play.b.work() as session:
        file_at(session, POLICE, "police_case")
        assert clock(session, procurator, "procurator_opinion").status == "met"
    agree(play)


def test_a_matter_the_procuratorate_found_opens_the_bureaus_file(play: Play) -> None:
    with play.b.work() as session:
        typed = {
            "bureau": UNIT, "party": "沁澜金属表面处理厂", "act": "通过暗管排放含铬废水，长期没有移送", "place": "栖塘路西侧水渠",
            "reason": "群众来信反映该厂多次被罚款而没有移送公安机关，调取卷宗发现暗管排放重金属。",
        }  # fmt: skip
        procurator = procuratorate_opening.open_found(session, person(session, "qingshanhu-jiancha"), typed)
    play.there(procurator, "check_nontransfer", opine=True)
    with play.a.work() as session:
        bureau = file_at(session, UNIT, "criminal_transfer")
        found = transfer(session, bureau)
        assert found.origin == "opinion" and "环监" in found.transfer_no
    agree(play)


def test_filed_after_the_bureau_had_closed_its_file(play: Play) -> None:
    before, police, procurator = play.accepted()
    play.ruled(police, filed=False)
    play.there(procurator, "look_copy", supervise=True)
    play.bureau(before, "choose_way", way="accept", reason="公安机关理由成立，不再提出异议")
    play.bureau(before, "accept_way", agreed=True, reason="经研究，公安机关不予立案的理由成立，决定不提出异议")
    play.bureau(before, "decide_penalty", penalty="none")
    ended(play.a, before)
    clock_time.freeze(clock_time.now() + timedelta(minutes=15))
    with play.a.app.app_context():
        while work_once():  # the decision on the penalty is told by no letter of the procedure: it gets one of its own
            pass
    both(play.a, play.b)
    with play.b.work() as session:
        told = session.scalars(select(TransferLetter).where(TransferLetter.name == "platform_entry")).all()
        assert {one.to_organ for one in told} == {POLICE, PROCURATORATE} and all(one.to_case for one in told)
    play.there(procurator, "accept_proposal", settled=False)
    play.there(police, "explain", filed=False, reasons=REASONS)
    play.there(procurator, "review", result="not_stand")
    play.there(police, "file_ordered", police_no="青公（刑）立字〔2026〕88号")
    play.there(police, "notify")
    with play.a.work() as session:
        bureau = file_at(session, UNIT, "criminal_transfer")
        assert bureau != before
    play.bureau(bureau, "form_team", "handover")
    agree(play)


def test_a_consultation_is_asked_and_answered(play: Play) -> None:
    with play.a.work() as session:
        about = source(session)
        do(session, about, "enter_facts")
        asked = consulting.begin(session, person(session, "fagui"), transfer(session, about), "consult", "police")
    play.bureau(asked, "ask", question="暗管排放的取样点怎样固定，是否需要提前介入？")
    with play.b.work() as session:
        reply = file_at(session, POLICE, "consultation_reply")
    play.there(reply, "answer_police", answer="请先固定排放口的视频和采样记录。", will_attend=True)
    with play.a.work() as session:
        row = session.get_one(Consultation, asked)
        assert row.answer == "请先固定排放口的视频和采样记录。" and row.will_attend
        assert clock(session, asked, "consult").status == "met"
    agree(play)


def test_detention_is_supplemented_extended_and_decided(play: Play) -> None:
    with play.a.work() as session:
        penalty = detention.penalty_of(session)
        bureau = detention.opened(session, penalty)
        detention.do(session, bureau, "enter_facts_d", **detention.FACTS)
        from app.transfers import penalties

        penalties.decide(session, detention.officers(session)[0], penalty, detention.DECISION)
        detention.work(session)
        detention.do(session, bureau, "fill_form", **detention.FORM)
        for element in detention.open_steps(session, bureau):
            detention.do(session, bureau, element)
        detention.do(session, bureau, "copy_originals", **SENT)
    both(play.a, play.b)
    with play.b.work() as session:
        police = file_at(session, POLICE, "police_detention")
        detention.do(session, police, "accept_detention")
    both(play.a, play.b)
    with play.b.work() as session:
        due = clock(session, police, "limit").due_at
        detention.do(
            session, police, "examine_detention", step="supplement", wanted=[{"name": "询问笔录"}], reason="事实不清，请补充询问笔录。"
        )
    both(play.a, play.b)
    with play.a.work() as session:
        assert clock(session, bureau, "limit").due_at == due
        row = {"kind": "evidence", "name": "补充询问笔录", "maker": "执法人员", "made_on": "2026-09-20", "copies": 1}
        detention.do(session, bureau, "supply", explanation="补充一份笔录。", materials=[row])
    both(play.a, play.b)
    with play.b.work() as session:
        kept = session.scalars(select(DetentionNotice.kind).where(DetentionNotice.case_id == police)).all()
        assert sorted(kept) == ["supplement", "supplied"]
        at(clock_time.now() + timedelta(days=2), session)
        result = [{"name": "邓某", "result": "detained", "days": 8, "decision_no": "青公行罚决字〔2026〕21号"}]
        detention.do(session, police, "examine_detention", step="decide", persons=result)
    both(play.a, play.b)
    with play.a.work() as session:
        detention.do(session, bureau, "file_copies", copies=True)
        assert session.get_one(Detention, bureau).outcome == "detained"
    ended(play.a, bureau)
    ended(play.b, police)
    agree(play)


def test_nothing_of_the_bureaus_own_goes_along(play: Play) -> None:
    """The source, the penalty, the petition and the team's accounts stay; the letter says what 17号6 asks and no more."""
    bureau, _, _ = play.sent()
    with play.b.work() as session:
        assert session.scalar(select(func.count()).select_from(Transfer)) == 0
        text = str([one.body for one in session.scalars(select(TransferLetter))])
        with play.a.work() as ours:
            row = transfer(ours, bureau)
            for secret in (row.team[0]["id"], str(row.case_id), str(row.subject_case or "-none-")):
                assert secret not in text
    assert CITY


def test_what_is_told_on_paper_is_typed_in(play: Play) -> None:
    """The other side is away for a week: the letter goes on paper, the liaison officer enters it, the clock is met (17号34)."""
    with play.a.work() as session:
        case_id = source(session)
        to_sent(session, case_id)
        entry = session.scalars(select(PlatformEntry).where(PlatformEntry.case_id == case_id)).one()
        assert clock(session, case_id, "platform_entry").status == "running" and entry.letter_no is not None
        team = person_of(session, case_id)
    client, path = logged_in(play.a, team), f"/transfers/{case_id}/entries"
    assert "信息共享" in client.get(f"/cases/{case_id}").text and f"等对方平台签收 {entry.letter_no}" in client.get(path).text
    refused = client.post(f"{path}/{entry.id}", data={"note": "已送"})
    assert refused.status_code == 422 and "请写明文书号" in refused.text and 'value="已送"' in refused.text
    assert client.post(f"{path}/{UUID(int=1)}", data={"note": "洪环移函〔2026〕1号，9月25日送达"}).status_code == 404
    assert client.post(f"{path}/{entry.id}", data={"note": "洪环移函〔2026〕1号，9月25日送达"}).status_code == 303
    assert "纸质告知，代录" in client.get(path).text
    with play.a.work() as session:
        assert clock(session, case_id, "platform_entry").status == "met"
    both(play.a, play.b)  # the receipt that comes after all changes nothing
    with play.a.work() as session:
        assert session.get_one(PlatformEntry, entry.id).how == "by_liaison"


def person_of(session: Session, case_id: UUID) -> str:
    return session.get_one(Person, UUID(str(case(session, case_id).attrs["handler"]))).account
