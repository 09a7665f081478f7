"""What the words of a complaint suggest for its registration, by the table in keywords.yaml. Suggestions, never decisions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

KEYWORDS = Path(__file__).with_name("keywords.yaml")
Words = dict[str, dict[str, dict[str, int]]]


@lru_cache(maxsize=1)
def table() -> Words:
    """field → value → word → weight."""
    raw = yaml.safe_load(KEYWORDS.read_text(encoding="utf-8"))
    return {
        field: {value: dict(pair for word in words for pair in _weighted(word)) for value, words in values.items()}
        for field, values in raw.items()
    }


def _weighted(word: str | Mapping[str, int]) -> list[tuple[str, int]]:
    return list(word.items()) if isinstance(word, Mapping) else [(str(word), 1)]


def suggest(text: str) -> dict[str, str]:
    """Field → the value whose words the text holds most often; fields without a hit are left out."""
    found: dict[str, str] = {}
    for field, values in table().items():
        scores = {value: sum(weight * text.count(word) for word, weight in words.items()) for value, words in values.items()}
        best = max(scores, key=lambda value: scores[value])
        if scores[best]:
            found[field] = best
    return found
