"""How a petition is called in lists: what and where, never who."""

from __future__ import annotations

from app.petitions import search
from app.petitions.models import Petition

KINDS = {
    "water": "水污染", "air": "大气污染", "noise": "噪声", "social_noise": "社会生活噪声", "solid": "固体废物", "hazardous": "危险废物",
    "soil": "土壤污染", "radiation": "辐射", "ecology": "生态破坏", "monitoring_data": "监测数据问题", "other": "环境问题",
}  # fmt: skip
LONGEST = 60


def of(p: Petition, given: str = "") -> str:
    """The title: as given (an import's subject), else place and problem. An accusation says nothing but that it is one."""
    if p.sealed:
        return "检举控告事项"
    if given.strip():
        return search.blank(given, secrets(p)).strip()[:LONGEST] or "信访事项"
    where = p.enterprise or p.place or ""
    what = {"suggestion": "建议意见"}.get(p.klass) or KINDS.get(p.kind, "环境问题")
    return search.blank(f"{where[: LONGEST - 12]}{what}", secrets(p)).strip()


def secrets(p: Petition) -> list[str]:
    """Words that may stand in no title and no search column."""
    people = [str(row.get(part) or "") for row in p.representatives for part in ("name", "phone")]
    found = [p.name or "", p.phone or "", p.phone_digits or "", p.address or "", *people]
    return sorted({word.strip() for word in found if len(word.strip()) > 1}, key=len, reverse=True)


def tags(p: Petition) -> list[str]:
    """Marks shown beside the title."""
    marks = {"检举控告": p.sealed, "要求保密": p.secrecy and not p.anonymous and not p.sealed, "匿名": p.anonymous, "重大紧急": p.urgent}
    marks |= {"集体访": p.is_group, "越级": p.irregular, "重复": p.repeats > 1, "重点": p.flagged}
    return [word for word, there in marks.items() if there]
