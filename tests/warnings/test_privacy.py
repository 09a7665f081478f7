"""What is taken out of words that leave."""

from __future__ import annotations

import pytest

from app.warnings import privacy

WORDS = privacy.secrets(["欧阳晚棠", "139 0791 0042", "13907910042", "东湖区鹭洲里 9 号", None, "甲"])


def test_names_phones_and_addresses_are_found_whatever_the_spaces() -> None:
    assert privacy.naming("信访人欧阳 晚棠来电", WORDS)
    assert privacy.naming("电话 139 0791 0042", WORDS)
    assert privacy.naming("住东湖区鹭洲里9号", WORDS)
    assert not privacy.naming("东湖区鹭洲里一带夜间噪声", WORDS)
    assert not privacy.naming("甲醛超标", WORDS)  # one character names nobody


def test_they_are_covered() -> None:
    assert privacy.cover("欧阳 晚棠家具厂，鹭洲里", WORDS) == "＊＊家具厂，鹭洲里"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请联系13812345678", "请联系＊＊"),
        ("电话 0791-86801234", "电话 ＊＊"),
        ("身份证360102199001011234", "身份证＊＊"),
        ("栖塘路 12 号旁", "栖塘路 ＊＊号旁"),
        ("三单元 502 室", "＊＊单元 ＊＊室"),
        ("地铁3号线工地、2号炉、1 号车间", "地铁3号线工地、2号炉、1 号车间"),
        ("2026-12-31 前外排水达标，COD 低于 50", "2026-12-31 前外排水达标，COD 低于 50"),
    ],
)
def test_what_the_public_reads(text: str, shown: str) -> None:
    assert privacy.public(text, WORDS) == shown
