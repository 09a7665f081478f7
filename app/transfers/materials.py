"""Which material a transfer needs (17号6; 853号11 for detention) and what of it is still missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.transfers.models import TransferPackageItem

REASON_LEAST = 10  # characters: why something cannot be sent


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of material. ``owed``: always, or only where the record says so (``when_penalised``)."""

    id: str
    item: str  # the number in the article
    label: str
    holds: str
    owed: bool = True
    excusable: bool = True  # may be missing with a stated reason
    when_penalised: bool = False


CRIMINAL: tuple[Kind, ...] = (
    Kind("letter", "（一）", "案件移送书和材料清单", "移送机关、罪名和主要依据、主办人和联系方式，加盖公章", excusable=False),
    Kind("report", "（二）", "案件调查报告", "来源、查获情况、嫌疑人情况、事实、证据和法律依据、处理建议", excusable=False),
    Kind("records", "（三）", "检查、询问笔录和勘验图、采样记录", "现场检查（勘察）笔录、调查询问笔录、现场勘验图、采样记录单等"),
    Kind("things", "（四）", "涉案物品清单", "已查封、扣押物品的名称、数量、特征、存放地，附强制措施和来源材料"),
    Kind("photos", "（五）", "照片、录音录像和清单", "证明的事实对象、拍摄人、拍摄时间、拍摄地点"),
    Kind("tests", "（六）", "监测、检验报告和认定意见", "监测、检验报告、突发环境事件调查报告、认定意见；危险废物用第二十二条的固定用语"),
    Kind("other", "（七）", "其他有关材料", "其他有关涉嫌犯罪的材料", owed=False),
    Kind("penalty", "（七）", "行政处罚决定书", "已经作出行政处罚决定的，应当附上", owed=False, excusable=False, when_penalised=True),
)
DETENTION: tuple[Kind, ...] = (
    Kind("list", "（一）", "移送材料清单", "全部材料的目录", excusable=False),
    Kind("letter", "（二）", "案件移送书", "案情、违法事实和移送理由", excusable=False),
    Kind("report", "（三）", "案件调查报告", "来源、调查经过、事实、证据和处理建议", excusable=False),
    Kind("evidence", "（四）", "涉案证据材料", "笔录、照片、监测报告等"),
    Kind("things", "（五）", "涉案物品清单", "名称、数量、特征、存放地"),
    Kind("penalty", "（六）", "行政处罚决定等材料", "处罚决定、送达回证等", excusable=False),
    Kind("other", "（七）", "其他有关材料", "其他有关涉案材料", owed=False),
)
SETS: dict[str, tuple[Kind, ...]] = {"first": CRIMINAL, "detention": DETENTION, "supplement": CRIMINAL, "detention_supplement": DETENTION}


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a package from being sealed: the kind, the item if there is one, and what to do."""

    kind: str
    label: str
    say: str
    item_id: str = ""


def kinds(package_kind: str) -> tuple[Kind, ...]:
    return SETS.get(package_kind, CRIMINAL)


def kind_label(package_kind: str, kind: str) -> str:
    return next((f"{k.item}{k.label}" for k in kinds(package_kind) if k.id == kind), kind)


def missing(package_kind: str, items: Sequence[TransferPackageItem], *, penalised: bool = False) -> list[Missing]:
    """What is owed and not there. A supplement owes nothing but what it names."""
    found = []
    for kind in kinds(package_kind):
        have = [item for item in items if item.kind == kind.id]
        found += [Missing(kind.id, f"{kind.item}{kind.label}", say, str(item.id)) for item in have for say in _lacks(kind, item)]
        if have or package_kind.endswith("supplement"):
            continue
        if kind.owed or (kind.when_penalised and penalised):
            excuse = "，没有的要写明理由" if kind.excusable else ""
            found.append(Missing(kind.id, f"{kind.item}{kind.label}", f"还没有材料{excuse}"))
    if package_kind.endswith("supplement") and not items:
        found.append(Missing("other", "补充材料", "还没有材料"))
    return found


def _lacks(kind: Kind, item: TransferPackageItem) -> Iterable[str]:
    """What one item lacks: file and hash, maker, date; or a reason where it is missing."""
    if item.missing_reason:
        if not kind.excusable:
            yield f"“{item.name}”是法定必附材料，不能只写理由"
        elif len(item.missing_reason.strip()) < REASON_LEAST:
            yield f"“{item.name}”没有附上的理由要写清楚"
        return
    if not item.sm3 and not (item.on_paper and item.copies):
        yield f"“{item.name}”没有文件"
    if not item.maker:
        yield f"“{item.name}”没有填制作人"
    if not item.made_on:
        yield f"“{item.name}”没有填制作日期"


def complete(package_kind: str, items: Sequence[TransferPackageItem], *, penalised: bool = False) -> bool:
    return not missing(package_kind, items, penalised=penalised)
