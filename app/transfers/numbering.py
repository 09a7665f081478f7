"""Numbers of transfers: one series a year for each kind of file and paper (papers.numbering keeps the counters)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.papers.numbering import document_number
from app.transfers.models import TransferFile
from workflows.time import local, now

TRANSFER, DETENTION, CONSULTATION = "洪环移", "洪环拘移", "洪环商"
FOUND = "环监"  # a matter a procuratorate found itself: after its own name, for it may number in an installation of its own
# papers of the bureau with a document number of their own
PAPERS = {
    "涉嫌环境犯罪案件移送书": "洪环移函",
    "复议申请书": "洪环复议",
    "立案监督建议书": "洪环监建",
    "会商函": "洪环商函",
    "处罚结果告知书": "洪环罚告",
    "行政拘留案件移送书": "洪环拘函",
}


def new(session: Session, prefix: str) -> str:
    """The next number, e.g. 洪环移〔2026〕3号."""
    return document_number(session, prefix, local(now()).year)


def case_number(session: Session, transfer_no: str, organ: str) -> str:
    """The number of a file: that of the transfer; a second file of the same organ about it is told apart."""
    query = select(func.count()).where(TransferFile.transfer_no == transfer_no, TransferFile.organ == organ)
    before = session.scalar(query) or 0
    return transfer_no if before == 0 else f"{transfer_no}（之{'一二三四五六七八九十'[min(before, 9)]}）"
