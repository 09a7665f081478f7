"""The bureau's files on the case page: 案源 and transfer, 反向衔接, 会商."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from app import clockwords, db
from app.accounts import policy
from app.accounts.directory import directory
from app.accounts.models import Person
from app.cases.providers import Action, Fact, Header, Related, Section
from app.transfers import consulting, hold, items, progress, screening, services
from app.transfers.models import Consultation, PenaltyCase, Transfer, TransferScreening
from app.transfers.views import FileView
from app.transfers.words import (
    ANSWERS,
    CLOSED_AS,
    CONSULTS,
    DECISIONS,
    HOLD_ENDS,
    NOTICES,
    OUTCOMES,
    PROGRESS,
    SOURCES,
    STATES,
)
from workflows.tables import Case
from workflows.time import local, now


def _facts(*pairs: tuple[str, object]) -> list[Fact]:
    return [Fact(label, str(value)) for label, value in pairs if value not in (None, "", [])]


class BureauView(FileView):
    """A file of the bureau."""

    def header(self, case: Case, person: Person) -> Header:
        t = db.session.get(Transfer, case.id)
        if t is None:
            return super().header(case, person)
        kind = "end" if case.status == "closed" else "late" if case.overdue_at is not None else ""
        state = CLOSED_AS.get(t.closed_as or "", "已办结") if t.closed_at else STATES.get(t.state, t.state)
        return Header(t.title, case.number or t.transfer_no, state, kind, tuple(case.tags), self._strip(case, t))

    def _strip(self, case: Case, t: Transfer) -> list[Fact]:
        handler = case.attrs.get("handler")
        person = db.session.get(Person, UUID(str(handler))) if handler else None
        row = screening.latest(db.session, t.case_id)
        found = _facts(
            ("移送编号", t.transfer_no),
            ("案源", SOURCES.get(t.source, t.source)),
            ("承办单位", directory.name(db.session, t.unit)),
            ("主办人", person.name if person is not None else ""),
            ("公安机关", directory.name(db.session, t.police) if t.police else ""),
            ("检察院", directory.name(db.session, t.procuratorate) if t.procuratorate else ""),
        )
        if row is not None and row.confirmed_at is not None:
            hits = "、".join(items.short(one) for one in [*row.hits, *row.added]) or "未命中"
            found.append(Fact("筛查", hits, url_for("transfers.screening_page", case_id=t.case_id)))
        return found

    def sections(self, case: Case, person: Person) -> Sequence[Section]:
        session = db.session
        if (asked := session.get(Consultation, case.id)) is not None:
            return [_consultation(asked)]
        t = session.get(Transfer, case.id)
        if t is None:
            return ()
        made = [
            _question(session, t),
            _screening(session, t),
            _approval(t),
            _police(t),
            _parties(session, t),
            _hold(session, t),
            _progress(session, t),
        ]
        return [one for one in made if one.facts]

    def actions(self, case: Case, person: Person) -> Sequence[Action]:
        t = db.session.get(Transfer, case.id)
        if t is None or not policy.can(person, "transfers.view"):
            return ()
        found = [Action("筛查结果", url_for("transfers.screening_page", case_id=case.id), "bi-clipboard-check")]
        if case.status == "open" and policy.can(person, "transfers.material", case):
            found.append(Action("移送材料", url_for("transfers.material", case_id=case.id), "bi-box-seam"))
        if policy.can(person, "transfers.material", case):  # of an ended file too: new facts open the question again
            found.append(Action("事实有变化", url_for("transfers.rescreen", case_id=case.id), "bi-arrow-repeat"))
        if case.status == "open" and policy.can(person, "transfers.consult", case):
            found.append(Action("会商、提前介入", url_for("transfers.consult", case_id=case.id), "bi-chat-square-text"))
        return found

    def related(self, case: Case, person: Person) -> Sequence[Related]:
        session = db.session
        t = session.get(Transfer, case.id)
        if t is None:
            return ()
        found = []
        asked = [(t.subject_case, "提出移送问题的事项")] if t.subject_case else []
        asked += [(one.case_id, CONSULTS[one.kind]) for one in consulting.of_file(session, t.case_id)]
        for other_id, note in asked:
            other = session.get(Case, other_id)
            if other is not None and policy.can(person, "case.see", other):
                label = f"{other.number or ''} {other.title}".strip()
                found.append(
                    Related(label, url_for("cases.show", case_id=other.id), "已办结" if other.status == "closed" else "在办", note)
                )
        if t.penalty_id and policy.can(person, "penalties.view"):
            penalty = session.get(PenaltyCase, t.penalty_id)
            if penalty is not None:
                url = url_for("transfers.penalty", penalty_id=penalty.id)
                found.append(
                    Related(f"{penalty.number} {penalty.party}", url, "已决定" if penalty.decided_on else "未决定", "行政处罚案件")
                )
        return found


def _when(at: object) -> str:
    return clockwords.moment(at, now()) if at is not None else ""  # type: ignore[arg-type]


def _question(session: Session, t: Transfer) -> Section:
    asked = [one for question in services.questions(session, t.case_id) for one in question.asked]
    return Section(
        _facts(
            ("提出时核对的情形", "；".join(items.label(one) for one in dict.fromkeys(asked))),
            ("移送问题", ANSWERS.get(t.answer or "", "尚未答复")),
            ("答复人", t.answered_by),
            ("答复时间", _when(t.answered_at)),
            ("理由", t.answer_reason),
        ),
        "移送问题",
    )


def _screening(session: Session, t: Transfer) -> Section:
    row: TransferScreening | None = screening.latest(session, t.case_id)
    if row is None:
        return Section((), "筛查")
    return Section(
        _facts(
            ("行为时间", f"{row.act_from or ''} 至 {row.act_to or ''}"),
            ("法律适用", row.law_text),
            ("命中", "；".join(items.label(one) for one in row.hits)),
            ("读法待核", "；".join(row.unsure)),
            ("法规增加", "；".join(items.label(one) for one in row.added)),
            ("复核结论", "" if row.suspected is None else "涉嫌犯罪" if row.suspected else "不涉嫌犯罪"),
            ("复核人", row.confirmed_by),
            ("复核时间", _when(row.confirmed_at)),
            ("筛查表版本", row.table_version),
        ),
        "筛查",
    )


def _approval(t: Transfer) -> Section:
    return Section(
        _facts(
            ("专案组", "、".join(str(one["name"]) for one in t.team)),
            ("报告时间", _when(t.report_at)),
            ("涉嫌的罪名", t.crime_name),
            ("法规审核", f"{t.legal_opinion}（{t.legal_by}）" if t.legal_opinion else ""),
            ("决定", DECISIONS.get(t.decision or "", "")),
            ("决定人", f"{t.decided_by}（{t.decided_post}）" if t.decided_by else ""),
            ("决定时间", _when(t.decided_at)),
            ("理由", t.decision_reason),
            ("检察意见", t.opinion_letter),
        ),
        "审批",
    )


def _police(t: Transfer) -> Section:
    return Section(
        _facts(
            ("移送时间", _when(t.sent_at)),
            ("回执", t.receipt_no),
            ("接受时间", _when(t.accepted_at)),
            ("公安通知", NOTICES.get(t.notice or "", "")),
            ("通知时间", _when(t.notice_at)),
            ("公安的理由", t.notice_reason),
            ("退回后的处理", t.returned_to),
            ("刑事结果", OUTCOMES.get(t.outcome or "", "")),
        ),
        "移送与公安决定",
    )


def _parties(session: Session, t: Transfer) -> Section:
    found = []
    for party in hold.parties(session, t.case_id):
        fine = f"，罚金 {party.fine:.2f} 元" if party.fine else ""
        said = OUTCOMES.get(party.outcome or "", "尚无结果")
        found.append(Fact(f"{party.name}{f'（{party.role}）' if party.role else ''}", f"{said}{fine}"))
    return Section(found, "涉案单位、人员")


def _hold(session: Session, t: Transfer) -> Section:
    names = {party.id: party.name for party in hold.parties(session, t.case_id)}
    found = []
    for one in hold.all_of(session, t.case_id):
        ended = f"，{_when(one.until)} 解除：{HOLD_ENDS.get(one.ended_as or '', one.ended_as or '')}" if one.until else "，罚款暂不决定"
        found.append(Fact(names.get(one.party_id, t.party) if one.party_id else t.party, f"{_when(one.since)} 起{ended}"))
    return Section(found, "罚款限制（17号第十六条）")


def _progress(session: Session, t: Transfer) -> Section:
    found = [
        Fact(
            f"{one.happened_on:%Y-%m-%d}　{directory.name(session, one.organ)}",
            "　".join(filter(None, [PROGRESS.get(one.kind, one.kind), one.party or "", one.document_no or "", one.note or ""])),
        )
        for one in progress.of_transfer(session, t.transfer_no)
    ]
    return Section(found, "刑事案件进展")


def _consultation(c: Consultation) -> Section:
    people = "；".join(f"{one.get('organ', '')} {one.get('name', '')}" for one in c.present)
    return Section(
        _facts(
            ("种类", CONSULTS[c.kind]),
            ("编号", c.number),
            ("关联移送", c.transfer_no),
            ("提出人", c.asked_by),
            ("提出时间", _when(c.asked_at)),
            ("内容", c.question),
            ("答复", c.answer),
            ("答复人", c.answered_by),
            ("答复时间", _when(c.answered_at)),
            ("是否参加", "" if c.will_attend is None else "参加" if c.will_attend else "不参加"),
            ("会商时间", f"{local(c.held_at):%Y-%m-%d %H:%M}" if c.held_at else ""),
            ("参加人", people),
            ("对方意见", c.advice),
            ("商定事项", c.agreed),
            ("要固定的证据", c.evidence_to_fix),
        ),
        "会商、提前介入",
    )
