"""The narrowing of a page of numbers as links: kind of period, the one before and after, facets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.inbox.lists import Chips, Choice
from app.numbers import queries
from app.numbers.asked import FACET_LABELS, Asked
from app.numbers.figures import names
from app.numbers.period import Period

KINDS = {"month": "月", "quarter": "季度", "year": "年"}


@dataclass(frozen=True, slots=True)
class Steps:
    """The period with the ways to its neighbours."""

    label: str
    earlier: str
    later: str


def views(asked: Asked) -> list[Choice]:
    """Month, quarter or year around the end of the present period; or days."""
    made = [
        Choice(label, asked.having(period=Period.around(kind, asked.period.last)).page(), asked.period.kind == kind)  # type: ignore[arg-type]
        for kind, label in KINDS.items()
    ]
    days = Period("range", asked.period.since, asked.period.until)
    return [*made, Choice("起止日期", asked.having(period=days).page(), asked.period.kind == "range")]


def steps(asked: Asked, endpoint: str = "numbers.index") -> Steps:
    earlier, later = (asked.having(period=asked.period.moved(by)).page(endpoint) for by in (-1, 1))
    return Steps(asked.period.label, earlier, later)


def _in_sight(session: Session, asked: Asked, facet: str, words: dict[str, str]) -> dict[str, str]:
    """What may be chosen: of another county nothing."""
    if facet == "unit":
        return queries.organs(session, asked.narrow.scope)
    return {code: word for code, word in words.items() if facet != "county" or asked.narrow.scope.allows(code)}


def chips(session: Session, asked: Asked, link: Callable[[Asked], str] | None = None) -> Chips:
    """One menu a facet, and what is set with a link that takes it off."""
    to = link or (lambda one: one.page())
    made = Chips(clear=to(asked.narrowed(county="", unit="", kind="")))
    words = names(session)
    for facet, title in FACET_LABELS.items():
        chosen = getattr(asked.narrow, facet)
        if chosen:
            made.set.append(Choice(f"{title}：{words[facet].get(chosen, chosen)}", to(asked.narrowed(**{facet: ""})), True))
            continue
        options = _in_sight(session, asked, facet, words[facet])
        if len(options) > 1:
            made.menus.append((title, [Choice(w, to(asked.narrowed(**{facet: c}))) for c, w in options.items()]))
    return made
