"""What may not leave with a warning: who complained. Texts are compared with the petitions behind the items (RULES §9).

``cover`` takes the petitioners' names, phones and addresses out of drafted words, ``naming`` says whether a typed text holds one, and
``public`` writes a text for everybody: also without phone numbers, identity numbers and house numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

HIDDEN = "＊＊"
LEAST = 2  # a single character names nobody
_SPACE = re.compile(r"\s+")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)|(?<!\d)\d{7,}(?!\d)")
# a house number, not 3号线 or 2号炉
_DOOR = re.compile(
    r"[0-9０-９一二三四五六七八九十百]+\s*(?:-\s*[0-9０-９]+\s*)?(号楼|号院|号|栋|幢|单元|室|户)(?!线|井|机|炉|窑|仓|库|车间|厂房|排|罐)"
)


def secrets(found: Iterable[str | None]) -> list[str]:
    """The words to look for, the longest first, without spaces."""
    compact = {_SPACE.sub("", word or "") for word in found}
    return sorted({word for word in compact if len(word) >= LEAST}, key=lambda word: (-len(word), word))


def naming(text: str, words: Sequence[str]) -> bool:
    """Does the text hold a petitioner's name, phone or address?"""
    compact = _SPACE.sub("", text)
    return any(word in compact for word in words)


def cover(text: str, words: Sequence[str]) -> str:
    """The text with those words taken out, also where spaces stand inside them."""
    compact = _SPACE.sub("", text)
    for word in (one for one in words if one in compact):
        pattern = r"\s*".join(map(re.escape, word))
        text = re.sub(pattern, HIDDEN, text)
    return text


def public(text: str, words: Sequence[str]) -> str:
    """The text as everybody may read it."""
    text = cover(text, words)
    for pattern in (_IDENTITY, _PHONE):
        text = pattern.sub(HIDDEN, text)
    return _DOOR.sub(lambda found: HIDDEN + found.group(1), text)
