"""The boards' rules about files: clues, transfers, police, procuratorate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Text, and_, column, exists, func, or_, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as SqlUUID
from sqlalchemy.orm import aliased

from app.transfers.boards import MOST, Finding, Look, period, rule
from app.transfers.models import (
    PenaltyCase,
    Transfer,
    TransferFile,
    TransferPackage,
    TransferPackageItem,
    TransferProcurator,
    TransferProgress,
    TransferScreening,
    TransferSupervision,
)
from workflows.tables import Case, Clock, Task

OURS = ("handler", "unit_head")
HEAD = ("organ_head", "legal")
POLICE = ("police_head", "police_officer")
# which file of a transfer a board opens, where a person sees several
BEST = {"criminal_transfer": 0, "reverse_linkage": 1, "procuratorate_case": 2, "police_case": 3}
INCOMPLETE = ("材料", "补正", "不全", "不齐")  # words of a return that is none of 17号9
TWO_NAMES = "[、，,；; ]|和|及"  # what stands between two makers of a record
# the petition's own row: only what a board asks (its area keeps it)
petition = table(
    "petition",
    column("case_id", SqlUUID(as_uuid=True)),
    column("violation", Boolean),
    column("penalty_case", Text),
    column("screening", JSONB),
)


def late(
    at: Look, slots: Sequence[str], name: str, what: str, roles: tuple[str, ...], *, by_police: bool = False, extra: Any = None
) -> list[Finding]:
    """Files on which a clock of these slots runs past its end; of several organs' files of one transfer the first of ``BEST``."""
    query = (
        select(Clock.due_at, Case.id, Case.title, Case.attrs, TransferFile.transfer_no, TransferFile.process)
        .join(Case, Case.id == Clock.case_id)
        .join(TransferFile, TransferFile.case_id == Case.id)
        .where(Clock.slot.in_(slots), Clock.status == "running", Clock.due_at <= at.now, TransferFile.process.in_(BEST), at.files())
        .order_by(Clock.due_at)
    )
    if extra is not None:
        query = query.join(Transfer, Transfer.case_id == Case.id).where(extra)
    best: dict[str, Any] = {}
    for row in at.session.execute(query.limit(MOST * len(BEST))):
        if row.transfer_no not in best or BEST.get(row.process, 9) < BEST.get(best[row.transfer_no].process, 9):
            best[row.transfer_no] = row
    return [
        Finding(
            rule=name, key=row.id, number=row.transfer_no, title=row.title,
            organ=_police(row) if by_police else str(row.attrs.get("unit") or ""), roles=roles,
            since=row.due_at, what=what, case_id=row.id, transfer_no=row.transfer_no,
        )
        for row in best.values()
    ]  # fmt: skip


def _police(row: Any) -> str:
    """Who must act: the police the file names; on the police's own file its organ."""
    return str(row.attrs.get("unit" if row.process == "police_case" else "police") or "")


def _of(at: Look, found: Iterable[Transfer], name: str, what: str, roles: tuple[str, ...], since: Any, organ: Any = None) -> list[Finding]:
    return [
        Finding(
            rule=name, key=t.case_id, number=t.transfer_no, title=t.title, organ=organ(t) if organ is not None else t.unit, roles=roles,
            since=since(t), what=what, case_id=t.case_id, transfer_no=t.transfer_no,
        )
        for t in found
    ]  # fmt: skip


def _transfers(at: Look, *conditions: Any) -> list[Transfer]:
    query = select(Transfer).join(Case, Case.id == Transfer.case_id).where(at.files(), *conditions)
    return list(at.session.scalars(query.order_by(Transfer.opened_at).limit(MOST)))


def _newer() -> Any:
    """Is there a newer screening of the same file than the one looked at?"""
    other = aliased(TransferScreening)
    return exists().where(other.case_id == TransferScreening.case_id, other.seq > TransferScreening.seq)


# --- 有案不立 -----------------------------------------------------------------------------------------------------------


@rule(
    "not_filed",
    "violation",
    lambda n: f"调查认定有违法行为或者触及追诉条款，满 {n.not_filed_days} 天还没有处罚立案，也没有移送案卷",
    "本局规定",
)
def violation(at: Look) -> list[Finding]:
    """A petition whose findings say there is a violation, and nothing was opened for it. That it was screened is no case yet."""
    answered = Transfer.answer.in_(("approved", "other_organ"))
    transferred = exists().where(
        Transfer.subject_case == Case.id, or_(answered, and_(Transfer.answer.is_(None), Transfer.suspected.is_(True)))
    )
    done = (
        select(Task.case_id, func.max(Task.closed_at).label("at"))
        .where(Task.element == "findings", Task.status == "done")
        .group_by(Task.case_id)
        .subquery()
    )
    hit = func.jsonb_array_length(petition.c.screening) > 0
    query = (
        select(Case.id, Case.number, Case.title, Case.attrs, done.c.at)
        .join(petition, petition.c.case_id == Case.id)
        .join(done, done.c.case_id == Case.id)
        .where(
            or_(petition.c.violation.is_(True), hit), func.coalesce(petition.c.penalty_case, "") == "",
            ~exists().where(PenaltyCase.subject_case == Case.id), ~transferred,
            done.c.at <= at.ago(at.numbers.not_filed_days), at.cases(),
        )
        .order_by(done.c.at)
        .limit(MOST)
    )  # fmt: skip
    return [
        Finding(
            rule="not_filed.violation", key=row.id, number=row.number or "", title=row.title,
            organ=str(row.attrs.get("unit") or row.attrs.get("intake_org") or ""), roles=("unit_head",), since=row.at,
            what="立案，或者移送，或者写明不立案的理由", case_id=row.id,
        )
        for row in at.session.execute(query)
    ]  # fmt: skip


@rule(
    "not_filed",
    "undecided",
    lambda n: (
        f"公安机关接受案件后，超过期限（{period('transfer.decide')}，查证的 {period('transfer.decide_verify')}，"
        f"重大疑难复杂的 {period('transfer.decide_complex')}）没有决定立案或者不立案"
    ),
    "17号第九条",
)
def undecided(at: Look) -> list[Finding]:
    return late(at, ("decide",), "not_filed.undecided", "作出立案或者不立案的决定", POLICE, by_police=True)


@rule(
    "not_filed",
    "not_obeyed",
    lambda n: f"检察机关通知立案后，超过 {period('supervise_filing.file')}没有立案",
    "人民检察院办理移送案件的规定第十条",
)
def not_obeyed(at: Look) -> list[Finding]:
    return late(at, ("file",), "not_filed.not_obeyed", "按通知立案", POLICE, by_police=True)


@rule("not_filed", "ordered", "公安机关不予立案，检察机关审查认为理由不成立并通知立案，还没有立案", "17号第十五条")
def ordered(at: Look) -> list[Finding]:
    """The procuratorate has found that the refusal was wrong."""
    query = (
        select(TransferSupervision, TransferProcurator, Case.id)
        .join(TransferProcurator, TransferProcurator.case_id == TransferSupervision.case_id)
        .join(Case, Case.id == TransferSupervision.case_id)
        .where(
            TransferSupervision.must_file_at.is_not(None), TransferSupervision.filed_at.is_(None), TransferSupervision.ended_at.is_(None),
            at.files(),
        )
        .order_by(TransferSupervision.must_file_at)
        .limit(MOST)
    )  # fmt: skip
    return [
        Finding(
            rule="not_filed.ordered", key=file.case_id, number=file.transfer_no, title=file.title, organ=file.police or "", roles=POLICE,
            since=row.must_file_at, what="按通知立案", case_id=file.case_id, transfer_no=file.transfer_no,
        )
        for row, file, _ in at.session.execute(query)
        if row.must_file_at is not None
    ]  # fmt: skip


# --- 有案不移 -----------------------------------------------------------------------------------------------------------


@rule(
    "not_sent",
    "unanswered",
    lambda n: f"涉嫌犯罪，专案组报告（{period('transfer.report')}）或者负责人审批（{period('transfer.approve')}）超期，移送问题没有答复",
    "310号规定第五条，17号第五条",
)
def unanswered(at: Look) -> list[Finding]:
    open_one = and_(Transfer.suspected.is_(True), Transfer.answer.is_(None))
    return late(at, ("report", "approve"), "not_sent.unanswered", "提出报告、决定是否移送", (*OURS, *HEAD), extra=open_one)


@rule("not_sent", "unsent", lambda n: f"批准移送后超过 {period('transfer.send')}没有移送公安机关", "17号第六条")
def unsent(at: Look) -> list[Finding]:
    return late(at, ("send",), "not_sent.unsent", "整卷移送", OURS)


@rule("not_sent", "opinion", lambda n: f"收到检察意见后超过 {period('transfer.procurator_opinion')}没有移送", "17号第十四条")
def opinion(at: Look) -> list[Finding]:
    """The bureau must act, whoever's file shows it."""
    found = late(at, ("procurator_opinion",), "not_sent.opinion", "按检察意见移送", HEAD)
    return [_at_bureau(at, one) for one in found]


def _at_bureau(at: Look, one: Finding) -> Finding:
    attrs = at.session.scalar(select(Case.attrs).where(Case.id == one.case_id)) or {}
    return replace(one, organ=str(attrs.get("bureau") or one.organ))


@rule("not_sent", "refused", "负责人不批准移送，而筛查命中的情形仍在，之后也没有再移送", "17号第五条，310号规定第十四条")
def refused(at: Look) -> list[Finding]:
    """A later file of the same number that was approved takes it off."""
    later = aliased(Transfer)
    sent = exists().where(later.transfer_no == Transfer.transfer_no, later.answer == "approved", later.opened_at > Transfer.opened_at)
    hit = exists().where(
        TransferScreening.case_id == Transfer.case_id, ~_newer(), TransferScreening.suspected.is_not(False),
        or_(func.jsonb_array_length(TransferScreening.hits) > 0, func.jsonb_array_length(TransferScreening.added) > 0),
    )  # fmt: skip
    found = _transfers(at, Transfer.answer == "refused", hit, ~sent)
    return _of(at, found, "not_sent.refused", "复核不移送的决定", HEAD, lambda t: t.answered_at, lambda t: t.organ)


# --- 有案不接 -----------------------------------------------------------------------------------------------------------


@rule("not_taken", "no_receipt", lambda n: f"移送后超过 {period('transfer.receipt')}没有出具接受案件回执", "17号第七条")
def no_receipt(at: Look) -> list[Finding]:
    return late(at, ("receipt",), "not_taken.no_receipt", "接受案件、出具回执", POLICE, by_police=True)


@rule(
    "not_taken",
    "returned",
    lambda n: f"以材料不全为由退回。材料不全应当先接受，再在 {period('transfer.complete_notice')}内告知补正",
    "17号第七条、第八条",
)
def returned(at: Look) -> list[Finding]:
    said = or_(*(Transfer.notice_reason.contains(word) for word in INCOMPLETE))
    found = _transfers(at, Transfer.notice == "returned", said, Transfer.closed_at.is_(None))
    return _of(at, found, "not_taken.returned", "接受案件", POLICE, lambda t: t.notice_at, lambda t: t.police or "")


@rule("not_taken", "late_receipt", lambda n: f"出具了回执，但是晚于移送 {n.receipt_late_hours} 小时；办结前列出", "17号第七条")
def late_receipt(at: Look) -> list[Finding]:
    """More than the house's hours between sending and acceptance."""
    hours = timedelta(hours=at.numbers.receipt_late_hours)
    found = _transfers(at, Transfer.accepted_at - Transfer.sent_at > hours, Transfer.closed_at.is_(None))
    return _of(at, found, "not_taken.late_receipt", "说明迟延的原因", POLICE, lambda t: t.sent_at + hours, lambda t: t.police or "")


# --- 有案不查 -----------------------------------------------------------------------------------------------------------


@rule(
    "not_looked_into",
    "not_inspected",
    lambda n: f"线索建档满 {n.not_inspected_days} 天，没有填写事实，也没有两名以上执法人员的检查、勘察笔录",
    "行政处罚法第四十二条，本局规定",
)
def not_inspected(at: Look) -> list[Finding]:
    by_two = (
        exists()
        .where(
            TransferPackage.case_id == Transfer.case_id, TransferPackageItem.package_id == TransferPackage.id,
            TransferPackageItem.kind == "records", TransferPackageItem.missing_reason.is_(None),
            func.btrim(TransferPackageItem.maker).regexp_match(TWO_NAMES),
        )
    )  # fmt: skip
    facts = exists().where(TransferScreening.case_id == Transfer.case_id)
    found = _transfers(
        at, Transfer.state == "facts", Transfer.closed_at.is_(None), ~facts, ~by_two,
        Transfer.opened_at <= at.ago(at.numbers.not_inspected_days),
    )  # fmt: skip
    days = timedelta(days=at.numbers.not_inspected_days)
    return _of(at, found, "not_looked_into.not_inspected", "现场检查，填写事实", OURS, lambda t: t.opened_at + days)


@rule("not_looked_into", "facts_open", lambda n: f"法制复核认为事实不清退回，满 {n.facts_open_days} 天没有补齐", "本局规定")
def facts_open(at: Look) -> list[Finding]:
    returned_at = (
        select(TransferScreening.confirmed_at)
        .where(TransferScreening.case_id == Transfer.case_id, ~_newer(), TransferScreening.complete.is_(False))
        .scalar_subquery()
    )
    found = _transfers(at, Transfer.closed_at.is_(None), returned_at <= at.ago(at.numbers.facts_open_days))
    when = _returned(at, [t.case_id for t in found])
    days = timedelta(days=at.numbers.facts_open_days)
    return _of(at, found, "not_looked_into.facts_open", "补齐事实", OURS, lambda t: when[t.case_id] + days)


def _returned(at: Look, ids: list[UUID]) -> dict[UUID, datetime]:
    query = select(TransferScreening.case_id, func.max(TransferScreening.confirmed_at)).where(
        TransferScreening.case_id.in_(ids), TransferScreening.complete.is_(False)
    )
    return {row[0]: row[1] for row in at.session.execute(query.group_by(TransferScreening.case_id)) if row[1] is not None}


@rule(
    "not_looked_into",
    "no_progress",
    lambda n: f"公安机关立案后，{n.no_progress_days} 天没有刑事结果，也没有登记进展",
    "17号第三十四条，本局规定",
)
def no_progress(at: Look) -> list[Finding]:
    """Counted from the notice or the last entry of the police or the procuratorate."""
    entered = select(func.max(TransferProgress.entered_at)).where(TransferProgress.transfer_no == Transfer.transfer_no).scalar_subquery()
    last = func.greatest(Transfer.notice_at, entered)
    query = (
        select(Transfer, last.label("last"))
        .join(Case, Case.id == Transfer.case_id)
        .where(at.files(), Transfer.notice == "filed", Transfer.outcome.is_(None), Transfer.closed_at.is_(None))
        .where(last <= at.ago(at.numbers.no_progress_days))
        .order_by(last)
        .limit(MOST)
    )
    rows = at.session.execute(query).all()
    when = {row.Transfer.case_id: row.last + timedelta(days=at.numbers.no_progress_days) for row in rows}
    found = [row.Transfer for row in rows]
    return _of(at, found, "not_looked_into.no_progress", "侦查并登记进展", POLICE, lambda t: when[t.case_id], lambda t: t.police or "")


@rule("not_looked_into", "supplement", "公安机关要求补充调查，到了要求的日期没有补充也没有说明", "17号第八条")
def supplement(at: Look) -> list[Finding]:
    return late(at, ("supplement",), "not_looked_into.supplement", "补充调查或者书面说明", OURS)
