"""The indicators (统计指标), each once: what it is called, what is divided by what, by which date it is counted, on what it rests.

Pages, workbooks, the report and docs/numbers.md read from here; ``lines.py`` says the same in SQL under the same keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["%", "件", "天", "次"]
Side = Literal["num", "den", "miss"]

HANDLING, RATED, LED, REVIEWED = "受理办理", "评价和化解", "包案和督办", "案卷抽查"
GROUPS = (HANDLING, RATED, LED, REVIEWED)
HOUSE = "本局规定"
LAW = "《信访工作条例》"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One number: a rate or an average divides; a count (件, 次) is its numerator, and ``denominator`` names a part of it."""

    key: str
    label: str
    group: str
    unit: Unit
    numerator: str
    denominator: str
    formula: str
    counted_on: str
    source: str
    better: Literal["up", "down"]
    miss: str = ""  # what is in the denominator and not in the numerator
    note: str = ""
    check: bool = False  # 依据待核

    @property
    def counts(self) -> bool:
        """A plain count, not a quotient."""
        return self.unit in ("件", "次")

    def side(self, side: str) -> str:
        """The words for what stands behind a click."""
        return {"num": self.numerator, "den": self.denominator, "miss": self.miss}.get(side, "")


@dataclass(frozen=True, slots=True)
class Base:
    """A plain number of petitions that rates are read beside."""

    key: str
    label: str
    counted_on: str


BASES = (
    Base("received", "收件", "收到日"),
    Base("finished", "办结", "办结日：答复发出之日；没有答复的（不予受理、告知另提、并案、撤回等），归档之日"),
)

INDICATORS = (
    Indicator(
        "notify", "及时受理率", HANDLING, "%", "按期告知", "应告知", "按期书面告知信访人的件数 ÷ 应当书面告知的件数", "告知期限届满日",
        f"{LAW}第二十三条；算法：{HOUSE}", "up", "未按期告知",
        "姓名（名称）、住址不清的不应告知，不计。收到机关和承办单位都应告知的，都按期才算按期，按最后一次的届满日计；有一次逾期的，按逾期那次的届满日计。"
        "尚未届满又未告知的，告知或者届满后才计。",
    ),
    Indicator(
        "answer", "按期办结率", HANDLING, "%", "按期办结", "到期", "期限内发出答复的件数 ÷ 办理期限到期的件数",
        "办理期限届满日（批准延期的，为延长后的届满日）",
        f"{LAW}第二十二条、第三十四条；查处违法的，《行政诉讼法》第四十七条；算法：{HOUSE}", "up", "未按期办结",
        "发出之日不晚于届满日即为按期。期满前已发出的，仍在届满日所在的时段计。经复查、复核责令重新办理的，只计第一轮。撤回、并入他件的不计。",
    ),
    Indicator(
        "days", "平均办理天数", HANDLING, "天", "办理天数合计", "已答复", "从收到之日的次日起到答复发出之日止的天数之和 ÷ 已答复的件数",
        "答复发出日",
        f"天数为自然日；算法：{HOUSE}", "down", "",
        "收到当日答复的为 0 天。经责令重新办理的，只计第一轮。",
    ),
    Indicator(
        "late", "超期数", HANDLING, "件", "发生超期", "现在仍超期", "有任何一项办理职责过了期限的信访事项件数", "最早一次超期的期限届满日",
        f"期限见《时限依据》；算法：{HOUSE}", "down", "",
        "告知、答复、上级交办、反馈、复查复核、执行、批示、会签、紧急报告的期限都算；一件有几项超期只计一件。补办以后仍计入发生超期，不再计入现在仍超期。",
    ),
    Indicator(
        "bounce", "退单次数", HANDLING, "次", "交还", "其中由领导裁定", "承办单位提出异议后交还的次数（含报领导裁定的）", "提出异议日",
        f"{LAW}第二十三条第三款、第二十四条；算法：{HOUSE}", "down", "",
        "每交还一次计一次，计入交还的单位。异议不成立、由原单位继续办理的不计。",
    ),
    Indicator(
        "satisfied", "满意率", RATED, "%", "满意和基本满意", "参评", "评价为满意或者基本满意的件数 ÷ 已评价的件数", "评价日",
        f"国信发〔2022〕11号；算法：{HOUSE}", "up", "不满意",
        "对受理机关、办理机关分别评价，有一项不满意即为不满意。重新办理后再评价的，只计第一次。", True,
    ),
    Indicator(
        "rated", "参评率", RATED, "%", "参评", "邀请评价", "评价期内作出评价的件数 ÷ 邀请评价的件数", "评价期届满日",
        f"国信发〔2022〕11号；算法：{HOUSE}", "up", "未评价",
        "初次登记、可以公开、能联系到信访人的事项才邀请评价。评价期未满又未评价的，评价或者期满后才计。", True,
    ),
    Indicator(
        "repeat", "重复信访率", RATED, "%", "重复", "收件", "同一人就同一事项再次提出的件数 ÷ 收件数", "收到日",
        f"算法：{HOUSE}", "down", "初次",
        "同一电话，或者姓名和住址相同的，为同一人；同一污染源，没有污染源的同一地点，都没有的同一属地同类问题，为同一事项。",
    ),
    Indicator(
        "settled", "一次性化解率", RATED, "%", "一次化解", "初次信访已答复",
        "答复后未再信访、未请求复查、未评价不满意的件数 ÷ 初次信访中已答复的件数", "答复发出日",
        f"算法：{HOUSE}", "up", "未一次化解",
        "看到统计时刻为止：同一人就同一事项又来的，改计为未一次化解。",
    ),
    Indicator(
        "led", "包案化解率", LED, "%", "已结案", "包案", "已经结案（息诉息访、依法终结）的包案件数 ÷ 确定包案领导的件数",
        "包案日期（确定包案领导之日）",
        f"{LAW}第十八条第二款；算法：{HOUSE}", "up", "未结案",
        "看到统计时刻为止。更换包案领导不另计。",
    ),
    Indicator(
        "replied", "督办回复率", LED, "%", "按期回复", "应回复", "期限内书面回复的督办文书件数 ÷ 应当回复的督办文书件数", "回复期限届满日",
        f"{LAW}第四十条、《生态环境法典》第一千零八十四条；期限和算法：{HOUSE}", "up", "未按期回复",
        "催办通知书、督办函、改进建议书、约谈、通报、追责建议，每发一件计一件，计入被督办的单位。期限未满又未回复的，回复或者期满后才计。",
    ),
    Indicator(
        "sampled", "抽查占比", REVIEWED, "%", "已抽查", "归档", "抽中复查案卷的件数 ÷ 归档的件数", "归档日",
        f"抽取比例和算法：{HOUSE}", "up", "未抽查",
        "次月从上月归档的案卷中按单位随机抽取，所以当月的数要到次月才有。检举控告不抽查，不计。",
    ),
    Indicator(
        "passed", "抽查通过率", REVIEWED, "%", "通过", "已评分", "评分通过的案卷件数 ÷ 已评分的案卷件数", "评分完成日",
        f"评分标准和算法：{HOUSE}", "up", "未通过",
        "计入办理该案的单位。",
    ),
)  # fmt: skip

BY_KEY: dict[str, Indicator] = {i.key: i for i in INDICATORS}
BASE_KEYS = tuple(b.key for b in BASES)
KEYS = tuple(BY_KEY)


def value(indicator: Indicator, num: int, den: int) -> float | None:
    """The number itself: a rate in percent, an average, a count. None where nothing can be divided."""
    if indicator.counts:
        return float(num)
    if not den:
        return None
    return 100 * num / den if indicator.unit == "%" else num / den


def shown(indicator: Indicator, number: float | None) -> str:
    """98.4, 12.0, 3, or — where there is nothing to divide."""
    if number is None:
        return "—"
    return f"{number:.0f}" if indicator.counts else f"{number:.1f}"


def change(indicator: Indicator, now: float | None, before: float | None) -> tuple[str, str]:
    """How it moved and whether that is good: (+1.2, good | bad | same | none)."""
    if now is None or before is None:
        return "", "none"
    moved = round(now - before, 1)
    if not moved:
        return "持平", "same"
    text = f"{moved:+.0f}" if indicator.counts else f"{moved:+.1f}"
    return text.replace("-", "−"), "good" if (moved > 0) == (indicator.better == "up") else "bad"
