"""What a page of numbers was asked for, read from its address, and written back. What is not understood falls back, it never breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app.numbers.definitions import BY_KEY
from app.numbers.period import Period
from app.numbers.queries import FACETS, SIDES, Narrow
from app.numbers.scope import Scope

CUT_LABELS = {"county": "按属地", "unit": "按单位", "kind": "按类型", "month": "按月"}
FACET_LABELS = {"county": "属地", "unit": "单位", "kind": "类型"}
LONGEST = 60  # characters of a code


@dataclass(frozen=True, slots=True)
class Asked:
    """The period, what it is narrowed to, how it is cut up, and which number is drawn."""

    period: Period
    narrow: Narrow
    cut: str = "county"
    show: str = "answer"
    side: str = "num"

    @classmethod
    def read(cls, args: Mapping[str, str], scope: Scope, today: date) -> Asked:
        facets = {name: args.get(name, "").strip()[:LONGEST] for name in FACETS}
        if facets["county"] and not scope.allows(facets["county"]):
            facets["county"] = ""
        cut, show, side = args.get("by", ""), args.get("show", ""), args.get("side", "")
        return cls(
            Period.read(args, today),
            Narrow(scope, **facets),
            cut if cut in CUT_LABELS else "county",
            show if show in BY_KEY else "answer",
            side if side in SIDES else "num",
        )

    def having(self, **changes: Any) -> Asked:
        return replace(self, **changes)

    def narrowed(self, **facets: str) -> Asked:
        return replace(self, narrow=self.narrow.set(**facets))

    def page(self, endpoint: str = "numbers.index", **more: str) -> str:
        """The address of a page for this question."""
        said = {"by": "" if self.cut == "county" else self.cut, "show": "" if self.show == "answer" else self.show}
        return _address(endpoint, {**self.period.args, **self.narrow.facets, **said, **more})

    def behind(self, key: str, side: str, **more: str) -> str:
        """The address of the cases behind a number."""
        return _address("numbers.cases", {"number": key, "side": side, **self.period.args, **self.narrow.facets, **more})

    def ways(self) -> Callable[[str, str], str]:
        """The same for many numbers of one question: what they share is written once."""
        path = _address("numbers.cases", {**self.period.args, **self.narrow.facets})
        return lambda key, side: f"{path}&number={key}&side={side}"


def _address(endpoint: str, args: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in args.items() if value})
    return f"{url_for(endpoint)}{'?' + query if query else ''}"
