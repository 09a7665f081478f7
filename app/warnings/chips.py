"""The filter row of the 问题清单: lights with counts, a menu for each other narrowing, and what is set with a link that takes it off."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.inbox.filters import LIGHTS
from app.inbox.labels import COUNTIES
from app.inbox.lists import Chips, Choice
from app.inbox.queries import Head
from app.warnings import listing
from app.warnings.listing import Narrowing
from app.warnings.words import PROBLEM_STATES

MENUS = (("county", "属地"), ("unit", "核查单位"), ("state", "状态"))


def of_problems(session: Session, person: Person, wanted: Narrowing, head: Head, link: Callable[[dict[str, str]], str]) -> Chips:
    made = Chips(clear=link(wanted.having(light="", county="", unit="", state="", q="")))
    if wanted.view != "done":
        for key in listing.LIGHTS:
            here = wanted.light == key
            made.lights.append(Choice(LIGHTS[key], link(wanted.having(light="" if here else key)), here, str(getattr(head, key)), key))
    options: dict[str, Mapping[str, str]] = {
        "county": COUNTIES, "unit": dict(listing.units_of(session, person)), "state": PROBLEM_STATES,
    }  # fmt: skip
    for name, title in MENUS:
        chosen, known = getattr(wanted, name), options[name]
        if chosen:
            made.set.append(Choice(f"{title}：{known.get(chosen, chosen)}", link(wanted.having(**{name: ""})), True))
        elif known:
            made.menus.append((title, [Choice(text, link(wanted.having(**{name: code}))) for code, text in known.items()]))
    if wanted.q:
        made.set.append(Choice(f"含“{wanted.q}”", link(wanted.having(q="")), True))
    return made
