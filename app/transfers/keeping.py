"""What each step's answer leaves on the record: one function per element of a form, registered by the side it belongs to.

    @keeper("sign_receipt")
    def sign_receipt(ctx, answer, data): …

``data`` is the process data of the step. The same for the choices of fields (``chooser``) and what a paper says first (``facts_for``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflows.handlers import Ctx

Keep = Callable[[Ctx, dict[str, Any], Mapping[str, Any]], None]
Choose = Callable[[Session, Any, Mapping[str, Any]], dict[str, str]]  # session, the case (row or record: .id, .attrs), values
Say = Callable[[Ctx], list[tuple[str, str]]]

KEEPERS: dict[str, Keep] = {}
CHOOSERS: dict[str, Choose] = {}
FACTS: dict[str, Say] = {}
WORDS: dict[str, Choose] = {}  # options_from → all values with what they are called, where not all are offered at every moment
NUMBERS: dict[str, str] = {}  # kind of paper → prefix of its document number, e.g. 洪环移函


def keeper(*elements: str) -> Callable[[Keep], Keep]:
    """Store the answer of these steps."""

    def add(fn: Keep) -> Keep:
        for element in elements:
            _once(KEEPERS, element)
            KEEPERS[element] = fn
        return fn

    return add


def chooser(*names: str, words: Mapping[str, str] | Choose | None = None) -> Callable[[Choose], Choose]:
    """The choices of fields with this ``options_from``; ``words``: all its values, where the choice depends on the moment."""

    def add(fn: Choose) -> Choose:
        for name in names:
            _once(CHOOSERS, name)
            CHOOSERS[name] = fn
            WORDS[name] = words if callable(words) else fn if words is None else lambda *_: dict(words)
        return fn

    return add


def facts_for(*kinds: str) -> Callable[[Say], Say]:
    """The lines a paper of this kind begins with."""

    def add(fn: Say) -> Say:
        for kind in kinds:
            _once(FACTS, kind)
            FACTS[kind] = fn
        return fn

    return add


def numbered(**prefixes: str) -> None:
    """Papers with a document number: kind → prefix."""
    for kind, prefix in prefixes.items():
        _once(NUMBERS, kind)
        NUMBERS[kind] = prefix


def _once(known: Mapping[str, Any], name: str) -> None:
    if name in known:
        raise ValueError(f"{name} is registered twice")
