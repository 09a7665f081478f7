"""What the choices of the procuratorate's forms come from, and what its papers say before the form's own lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.transfers import procuratorate_files as files
from app.transfers.keeping import chooser, facts_for, numbered
from app.transfers.models import TransferProcurator
from app.transfers.words import CRIMES
from workflows.handlers import Ctx

OPINION, PENALTY_OPINION = "检察意见书（建议移送）", "检察意见书（建议处罚）"
DEMAND, ORDER = "要求说明不立案理由通知书", "通知立案书"
CORRECTION, REMINDER, RESULT = "检察意见书（纠正不立案）", "督促回复函", "立案监督结果告知书"
NO_PROSECUTION, VERDICT = "不起诉决定告知书", "裁判结果告知书"

numbered(
    **{
        OPINION: "洪检移意", PENALTY_OPINION: "洪检罚意", DEMAND: "洪检要说", ORDER: "洪检通立", CORRECTION: "洪检纠意",
        REMINDER: "洪检督函", RESULT: "洪检监告", NO_PROSECUTION: "洪检不诉告", VERDICT: "洪检判告",
    }
)  # fmt: skip

RESULTS = {"corrected": "公安机关已立案", "stands": "不立案理由成立", "not_stand": "理由不成立，通知立案", "more": "继续等公安机关说明理由"}


@chooser("filing_review_results", words=RESULTS)
def review_results(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """已立案 only when filed by now; 成立 only when the police decided; 继续等 only after a copy, while the reasons are still owed."""
    if files.filed_by_now(session, case.id):
        return {"corrected": RESULTS["corrected"]}
    found = {"stands": RESULTS["stands"]} if files.decided_by_now(session, case.id) else {}
    found["not_stand"] = RESULTS["not_stand"]
    if waits_for_reasons(session, case.id, values):
        found["more"] = RESULTS["more"]
    return found


def waits_for_reasons(session: Session, case_id: Any, values: Mapping[str, Any]) -> bool:
    """A copy interrupted the waiting: the demand is unanswered, nothing is ordered yet, and its 7 日 are not over."""
    m, row = values.get("m"), files.current(session, case_id)
    if row is None or not isinstance(m, Mapping) or m.get("name") != files.COPIES:
        return False
    answered = any(letter.in_reply_to == row.explain_letter for letter in files.letters_to(session, case_id, "reasons_given"))
    return not answered and row.must_file_letter is None and not files.overdue(session, case_id, "explain")


@chooser("parties_to_decide")
def parties_to_decide(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    """Who was sent for prosecution."""
    named, wanted = files.parties(session, case.id), [str(one) for one in values.get("parties") or []]
    return {one: named.get(one, one) for one in wanted} if wanted else named


@chooser("parties_without_verdict", words=parties_to_decide)
def parties_without_verdict(session: Session, case: Any, values: Mapping[str, Any]) -> dict[str, str]:
    named = files.parties(session, case.id)
    return {one: named.get(one, one) for one in files.without_verdict(session, case.id)}


def matter(ctx: Ctx) -> list[tuple[str, str]]:
    """The matter as every paper of the procuratorate names it first."""
    found = ctx.session.get_one(TransferProcurator, ctx.case.id)
    lines = [
        ("移送编号", found.transfer_no), ("移送机关", directory.name(ctx.session, found.bureau)),
        ("公安机关", directory.name(ctx.session, found.police) if found.police else ""), ("涉案单位（人员）", found.party),
        ("涉嫌的罪名", CRIMES.get(found.crime or "", found.crime or "")),
    ]  # fmt: skip
    return [line for line in lines if line[1]]


@facts_for(OPINION, PENALTY_OPINION)
def opinion_facts(ctx: Ctx) -> list[tuple[str, str]]:
    """检察意见 goes to the bureau."""
    found = ctx.session.get_one(TransferProcurator, ctx.case.id)
    return [("主送", directory.name(ctx.session, found.bureau)), *matter(ctx)]
