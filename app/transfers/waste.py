"""认定意见 on hazardous waste in the fixed words of 17号22."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.directory import directory
from app.accounts.models import Person
from app.papers import services as papers
from app.transfers import package
from app.transfers.models import Transfer, TransferPackage, TransferPackageItem
from workflows.time import now

KIND = "危险废物认定意见"


def wording(thing: str, is_waste: bool, code: str) -> str:
    """经认定，…属于\\不属于…危险废物，废物代码…"""
    if is_waste:
        return f"经认定，{thing}属于《国家危险废物名录》所列危险废物，废物代码 {code}。"
    return f"经认定，{thing}不属于危险废物。"


def write(session: Session, person: Person, transfer: Transfer, made: TransferPackage, answer: dict[str, Any]) -> TransferPackageItem:
    """The paper, and the piece of material it is."""
    said = wording(answer["thing"], bool(answer["is_waste"]), str(answer.get("code") or ""))
    lines = [
        ("涉案单位", answer["unit"]), ("案由", answer["act"]), ("涉案物品", answer["thing"]), ("识别认定的理由", answer["reason"]),
        ("认定意见", said), ("认定机关", directory.name(session, transfer.organ)),
    ]  # fmt: skip
    paper = papers.put(session, transfer.case_id, KIND, lines, person.actor(), now())
    item = package.write_paper(session, person, made, paper, "tests")
    item.wording = {"thing": answer["thing"], "is_waste": bool(answer["is_waste"]), "code": answer.get("code"), "text": said}
    session.flush()
    return item
