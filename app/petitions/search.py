"""Chinese search: text as bigrams in a tsvector, so that words of two characters are found. Names never go in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, Text, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from app.petitions.models import Petition

_RUN = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+")
LONGEST = 12  # grams asked for: a long question is cut, not refused


def vector(*texts: str | None, without: Iterable[str | None] = ()) -> ColumnElement[object]:
    """SQL value of the search column: the grams of the texts, with the petitioner's name, phone and address taken out first."""
    grams: set[str] = set()
    for text in texts:
        grams.update(_grams(blank(text or "", without)))
    return func.array_to_tsvector(cast(literal(sorted(grams), ARRAY(Text)), ARRAY(Text)))


def blank(text: str, names: Iterable[str | None]) -> str:
    """The text without these words; what is left of and right of them does not grow together."""
    for name in names:
        if name and name.strip():
            text = text.replace(name.strip(), " ")
    return text


def matches(question: str) -> ColumnElement[bool] | None:
    """SQL condition for what somebody typed; None when there is nothing to look for."""
    terms = [f"'{gram}'{':*' if prefix else ''}" for gram, prefix in _terms(question)]
    if not terms:
        return None
    return Petition.search.op("@@")(cast(" & ".join(dict.fromkeys(terms[:LONGEST])), TSQUERY))


def plain(text: str) -> str:
    """Full-width, capitals and compatibility forms made one."""
    return unicodedata.normalize("NFKC", text).lower()


def _runs(text: str) -> Iterator[str]:
    for found in _RUN.finditer(plain(text)):
        yield found.group()


def _grams(text: str) -> Iterator[str]:
    for run in _runs(text):
        if run[0].isascii() or len(run) == 1:
            yield run
        else:
            yield from (run[i : i + 2] for i in range(len(run) - 1))


def _terms(question: str) -> Iterator[tuple[str, bool]]:
    for run in _runs(question):
        if run[0].isascii() or len(run) == 1:
            yield run, True
        else:
            yield from ((run[i : i + 2], False) for i in range(len(run) - 1))
