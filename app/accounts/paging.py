"""Pages by key, both ways: page 1000 is as quick as page 1, and what is added meanwhile shifts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import url_for

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in the order shown; whether there are others before and after them."""

    rows: list[Row]
    more_before: bool
    more_after: bool

    @classmethod
    def of(cls, fetched: list[Row], size: int, *, backwards: bool, moved: bool) -> Page[Row]:
        """From up to ``size`` + 1 rows, fetched away from the key: reversed when paging back; ``moved``: not the first page."""
        more = len(fetched) > size
        rows = fetched[:size]
        if backwards:
            return cls(rows[::-1], more, True)
        return cls(rows, moved, more)


@dataclass(frozen=True)
class Pager:
    """What the ``pager`` macro shows under a list."""

    said: str
    prev_url: str | None = None
    next_url: str | None = None
    next_note: str = ""


def pager(endpoint: str, args: Mapping[str, str], page: Page[Any], keys: tuple[str, str], of: str, said: str) -> Pager:
    """Links that keep the filters in ``args``. ``keys``: the parameters for back and on; ``of``: the attribute they carry."""
    back, on = keys
    kept = {name: value for name, value in args.items() if name not in keys and value}

    def link(key: str, row: Any) -> str:
        values: dict[str, Any] = {**kept, key: getattr(row, of)}
        return url_for(endpoint, **values)

    before = link(back, page.rows[0]) if page.more_before and page.rows else None
    after = link(on, page.rows[-1]) if page.more_after and page.rows else None
    return Pager(said, before, after)
