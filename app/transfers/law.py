"""Which law an act is judged by: the law of the day it ended, the new one where it is lighter (法典1057 从旧兼从轻)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CODE_FROM = date(2026, 8, 15)  # 生态环境法典 in force (法典1242)
INTERPRETATION_FROM = date(2023, 8, 15)  # 法释〔2023〕7号 in force (解释20)


@dataclass(frozen=True, slots=True)
class Law:
    """``id``: by_hand (before the Interpretation), before (the old laws), code. ``text`` is shown with the screening."""

    id: str
    label: str
    text: str


BY_HAND = Law(
    "by_hand", "解释施行前", "行为终了于2023年8月15日以前，不适用法释〔2023〕7号的数额标准，由法规处按当时的规定判断，并比较新旧规定孰轻。"
)
BEFORE = Law(
    "before",
    "法典施行前",
    "行为终了于2026年8月15日以前，适用《中华人民共和国环境保护法》等当时的法律；法典处罚较轻或者不认为违法的，适用法典（法典第一千零五十七条）。",
)
CODE = Law("code", "法典施行后", "行为终了于2026年8月15日以后，适用《中华人民共和国生态环境法典》。")
LAWS = {law.id: law for law in (BY_HAND, BEFORE, CODE)}


def of(act_from: date | None, act_to: date | None) -> Law:
    """The law of an act; a continuing act counts by its end."""
    last = act_to or act_from
    if last is None or last >= CODE_FROM:
        return CODE
    return BEFORE if last >= INTERPRETATION_FROM else BY_HAND


def crosses(act_from: date | None, act_to: date | None) -> bool:
    """Began under the old law and ended under the new one."""
    return act_from is not None and act_to is not None and act_from < CODE_FROM <= act_to
