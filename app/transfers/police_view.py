"""A police file on the case page: the strip, what the transfer says, receipt, examination, decisions, challenges, progress."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Action, Fact, Header, Related, Section
from app.transfers import police_file, progress
from app.transfers.models import TransferPolice
from app.transfers.police_words import (
    ANSWERS,
    CHALLENGES,
    DECISIONS,
    JURISDICTIONS,
    MODES,
    REQUESTS,
    TERMS,
    state,
)
from app.transfers.views import FileView
from app.transfers.words import PROGRESS
from workflows.tables import Case
from workflows.time import now


class PoliceView(FileView):
    """The police's file of a transfer."""

    def header(self, case: Case, person: Person) -> Header:
        row = db.session.get(TransferPolice, case.id)
        if row is None:
            return super().header(case, person)
        over = case.status == "closed"
        kind = "end" if over else "late" if case.overdue_at is not None else ""
        return Header(row.title, case.number or row.transfer_no, state(row, closed=over), kind, tuple(case.tags), _strip(row))

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        row = db.session.get(TransferPolice, case.id)
        if row is None:
            return ()
        made = [
            _matter(db.session, row),
            _accepted(row),
            _examined(db.session, row),
            _decided(db.session, row),
            _challenged(db.session, row),
            _progress(db.session, row),
        ]
        return [one for one in made if one.facts]

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        if not policy.can(person, "police.view") or db.session.get(TransferPolice, case.id) is None:
            return ()
        return [
            Action("材料和校验", url_for("transfers.police_material", case_id=case.id), "bi-box-seam"),
            Action("移送到案", url_for("transfers.police_desk", open=case.id), "bi-inbox"),
        ]

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        return ()


def _facts(*pairs: tuple[str, object]) -> list[Fact]:
    return [Fact(label, str(value)) for label, value in pairs if value not in (None, "", [])]


def _when(at: datetime | None) -> str:
    return clockwords.moment(at, now())


def _strip(row: TransferPolice) -> list[Fact]:
    name = directory.name
    return _facts(
        ("移送编号", row.transfer_no),
        ("移送机关", name(db.session, row.bureau)),
        ("转来", name(db.session, row.from_organ) if row.from_organ != row.bureau else ""),
        ("罪名", row.crime),
        ("回执", row.receipt_no),
        ("立案编号", row.police_no),
        ("检察院", name(db.session, row.procuratorate) if row.procuratorate else ""),
    )


def _matter(session: Session, row: TransferPolice) -> Section:
    said = police_file.about(session, row.case_id)
    named = police_file.parties(session, row.case_id)
    return Section(
        _facts(
            ("涉案单位、人员", "；".join(f"{one.name}（{one.role}）" if one.role else one.name for one in named) or row.party),
            ("案由", said.get("act")),
            ("违法地点", said.get("place")),
            ("行为时间", " 至 ".join(str(said[one]) for one in ("act_from", "act_to") if said.get(one))),
            ("主办人", "　".join(str(said[one]) for one in ("handler", "phone") if said.get(one))),
            ("到案", _when(row.arrived_at)),
        ),
        "移送的案件",
    )


def _accepted(row: TransferPolice) -> Section:
    return Section(
        _facts(
            ("回执编号", row.receipt_no),
            ("接受时间", _when(row.accepted_at)),
            ("签收人", row.accepted_by),
            ("材料校验", f"{police_file.check_words(row)}（{_when(row.hashes_at)}）" if row.hashes_at else ""),
            ("管辖", JURISDICTIONS.get(row.juris or "", "")),
            ("转送到", directory.name(db.session, row.juris_organ) if row.juris_organ else ""),
            ("理由", row.juris_reason),
        ),
        "受理",
    )


def _examined(session: Session, row: TransferPolice) -> Section:
    found = _facts(
        ("审查期限", TERMS.get(row.term, "") if row.accepted_at else ""),
        ("延长的理由" if row.term_at else "报请延长的理由", row.term_ground),
        ("批准人", f"{row.term_by}，{_when(row.term_at)}" if row.term_by else ""),
    )
    for one in police_file.requests(session, row.case_id):
        late = f"，晚 {one.late_by_hours} 小时" if one.late_by_hours else ""
        wanted = "、".join(str(w.get("name") or "") for w in one.wanted)
        answered = f"；{MODES.get(one.mode or '', '已答复')}（{_when(one.answered_at)}）" if one.answered_at else "；尚未反馈"
        found.append(Fact(f"{REQUESTS[one.kind]} {_when(one.asked_at)}", f"{wanted}{late}{answered}"))
    return Section(found, "审查")


def _decided(session: Session, row: TransferPolice) -> Section:
    found = []
    for one in police_file.decisions(session, row.case_id):
        result = "" if one.kind in ("withdraw", "prosecute") else "立案　" if one.filed else "不予立案　"
        said = "　".join(filter(None, [f"{result}{one.document_no or ''}".strip(), one.by, one.reasons]))
        found.append(Fact(f"{DECISIONS.get(one.kind, one.kind)} {_when(one.decided_at)}", said))
    found += _facts(("通知送达", _when(row.served_at)), ("留卷自", _when(row.window_from) if not row.filed else ""))
    return Section(found, "决定")


def _challenged(session: Session, row: TransferPolice) -> Section:
    found = []
    for one in police_file.challenges(session, row.case_id):
        answer = f"{ANSWERS.get(one.answer, one.answer)}　{one.answered_by}　{_when(one.answered_at)}" if one.answer else "待答复"
        label = f"{CHALLENGES.get(one.kind, one.kind)} {_when(one.received_at)}"
        found.append(Fact(label, "　".join(filter(None, [directory.name(session, one.from_organ), answer]))))
    return Section(found, "复议、监督")


def _progress(session: Session, row: TransferPolice) -> Section:
    found = [
        Fact(
            f"{one.happened_on:%Y-%m-%d}　{directory.name(session, one.organ)}",
            "　".join(filter(None, [PROGRESS.get(one.kind, one.kind), one.party or "", one.document_no or "", one.note or ""])),
        )
        for one in progress.of_transfer(session, row.transfer_no)
    ]
    found += _facts(("侦查结果", {"prosecute": "移送审查起诉", "withdraw": "撤销案件"}.get(row.outcome or "", "")))
    return Section(found, "侦查进展")
