"""The procuratorate's file on the case page: 移送书, letters and clocks. The material never comes here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Fact, Header, Section
from app.transfers import items, outcomes, progress
from app.transfers import procuratorate_files as files
from app.transfers.models import TransferFollowUp, TransferProcurator, TransferSupervision
from app.transfers.procuratorate_records import RESULTS
from app.transfers.procuratorate_rows import CLOSED_AS, ORIGINS
from app.transfers.views import FileView
from app.transfers.words import CRIMES, OUTCOMES, PROCURATOR_STATES, PROGRESS
from workflows.tables import Case
from workflows.time import local, now

SOURCES = {"proposal": "移送机关建议", "copy": "看抄送后主动监督", "late": "公安机关逾期，主动监督"}


class ProcuratorView(FileView):
    """A file of the procuratorate."""

    def header(self, case: Case, person: Person) -> Header:
        file = db.session.get(TransferProcurator, case.id)
        if file is None:
            return super().header(case, person)
        kind = "end" if case.status == "closed" else "late" if case.overdue_at is not None else ""
        state = CLOSED_AS.get(file.closed_as or "", "已办结") if file.closed_at else PROCURATOR_STATES.get(file.state, file.state)
        return Header(file.title, case.number or file.transfer_no, state, kind, tuple(case.tags), _strip(file))

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        session, file = db.session, db.session.get(TransferProcurator, case.id)
        if file is None:
            return ()
        made = [
            _nontransfer(file),
            _transfer(session, file),
            _decision(file),
            *_rounds(session, file),
            _prosecution(session, file),
            _penalty(file),
            _progress(session, file),
            _reminders(session, file),
        ]
        return [one for one in made if one.facts]


def _facts(*pairs: tuple[str, object]) -> list[Fact]:
    return [Fact(label, str(value)) for label, value in pairs if value not in (None, "", [])]


def _when(at: object) -> str:
    return clockwords.moment(at, now()) if at is not None else ""  # type: ignore[arg-type]


def _strip(file: TransferProcurator) -> list[Fact]:
    return _facts(
        ("移送编号", file.transfer_no),
        ("来源", ORIGINS.get(file.origin, file.origin)),
        ("移送机关", directory.name(db.session, file.bureau)),
        ("公安机关", directory.name(db.session, file.police) if file.police else ""),
        ("罪名", CRIMES.get(file.crime or "", file.crime or "")),
        ("登记", _when(file.registered_at)),
    )


def _nontransfer(file: TransferProcurator) -> Section:
    about = file.nontransfer or {}
    said = "" if file.opine is None else "提出检察意见" if file.opine else "不提检察意见"
    return Section(
        _facts(
            ("案由", about.get("act")),
            ("地点", about.get("place")),
            ("筛查命中", "；".join(items.label(str(one)) for one in about.get("hits") or [])),
            ("发现的情况" if file.origin == "found" else "不移送的理由", about.get("reason")),
            ("决定人", about.get("head")),
            ("审查结论", said),
            ("检察意见" if file.opine else "理由", file.opinion),
            ("文号", file.opinion_no),
            ("提出时间", _when(file.opinion_at)),
        ),
        "不移送的监督",
    )


def _transfer(session: Session, file: TransferProcurator) -> Section:
    """移送书 as it was copied, line by line."""
    letter = next(iter(files.letters_to(session, file.case_id, "transfer_copied")), None)
    if letter is None:
        return Section((), "移送书")
    lines = [Fact(str(label), str(text)) for label, text in letter.body.get("lines") or []]
    return Section([*lines, *_facts(("抄送时间", _when(letter.sent_at)))], "移送书")


def _decision(file: TransferProcurator) -> Section:
    said = "" if file.filed is None else "立案" if file.filed else "不立案（含撤案）"
    return Section(
        _facts(("最近的公安决定", said), ("抄送时间", _when(file.notice_at)), ("移送其他环节", _when(file.moved_at))), "公安决定"
    )


def _rounds(session: Session, file: TransferProcurator) -> list[Section]:
    query = select(TransferSupervision).where(TransferSupervision.case_id == file.case_id).order_by(TransferSupervision.round)
    return [_round(row) for row in session.scalars(query)]


def _round(row: TransferSupervision) -> Section:
    corrections = "；".join(f"{one.get('no') or ''} {one.get('text') or ''}".strip() for one in row.corrections)
    return Section(
        _facts(
            ("起因", SOURCES.get(row.source, row.source)),
            ("监督的事由", row.ground),
            ("建议书", row.proposal_letter),
            ("受理", f"{_when(row.accepted_at)}　{row.accepted_by}" if row.accepted_at else ""),
            ("要求说明理由", f"{row.explain_no}　{_when(row.explain_at)}" if row.explain_no else ""),
            ("公安机关的理由", row.reasons),
            ("说明时间", _when(row.reasons_at)),
            ("审查结论", RESULTS.get(row.result or "", "")),
            ("审查意见", row.opinion),
            ("通知立案", f"{row.must_file_no}　{_when(row.must_file_at)}" if row.must_file_no else ""),
            ("立案时间", _when(row.filed_at)),
            ("纠正的检察意见", corrections),
            ("告知移送机关", row.told_letter),
            ("办结", _when(row.ended_at)),
        ),
        f"立案监督（第 {row.round} 次）",
    )


def _prosecution(session: Session, file: TransferProcurator) -> Section:
    """Party by party."""
    charged, found = set(files.prosecuted(session, file.case_id)), []
    rows = {str(row.party_id or files.WHOLE): row for row in outcomes.of_transfer(session, file.transfer_no) if row.case_id == file.case_id}
    for party, name in files.parties(session, file.case_id).items():
        row = rows.get(party)
        fine = f"，罚金 {row.fine:.2f} 元" if row is not None and row.fine is not None else ""
        said = f"{OUTCOMES[row.kind]}{fine}　{row.document_no or ''}" if row is not None else "已起诉，等裁判" if party in charged else ""
        if said:
            found.append(Fact(name, said.strip()))
    return Section([*found, *_facts(("不起诉的理由", file.prosecution_reason))], "审查起诉和裁判")


def _penalty(file: TransferProcurator) -> Section:
    if file.penalty_opinion_at is None:
        return Section((), "反向衔接")
    return Section(
        _facts(
            ("审查结论", "提出检察意见" if file.penalty_opinion else "不提检察意见"),
            ("检察意见", file.penalty_opinion),
            ("文号", file.penalty_opinion_no),
            ("要求回复", file.reply_by),
            ("处理结果", file.penalty_result),
            ("回复时间", _when(file.replied_at)),
        ),
        "反向衔接",
    )


def _progress(session: Session, file: TransferProcurator) -> Section:
    found = [
        Fact(
            f"{one.happened_on:%Y-%m-%d}　{directory.name(session, one.organ)}",
            "　".join(filter(None, [PROGRESS.get(one.kind, one.kind), one.party or "", one.document_no or "", one.note or ""])),
        )
        for one in progress.of_transfer(session, file.transfer_no)
    ]
    return Section(found, "刑事案件进展")


def _reminders(session: Session, file: TransferProcurator) -> Section:
    query = select(TransferFollowUp).where(TransferFollowUp.case_id == file.case_id).order_by(TransferFollowUp.at)
    return Section(
        [
            Fact(f"{local(one.at):%Y-%m-%d}　{directory.name(session, one.to_organ)}", f"{one.document_no or ''}　{one.text}".strip())
            for one in session.scalars(query)
        ],
        "督促和纠正",
    )
