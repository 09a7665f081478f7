"""The demo months: invented petitions, and which way through the procedure each takes (plans.yaml), by how many days ago it came.

A cluster (clusters.yaml) is several petitions about one source within one month. Where each has got to follows from its age: loading.py
walks them all through the real procedure on a shifted clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from app.demo.organs import COUNTIES
from app.petitions import titles
from workflows.time import ZONE

HERE = Path(__file__).parent
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where it is there
MINUTES = 480  # of a working day: petitions come at any of them


@dataclass(frozen=True)
class DemoCase:
    """One petition of the demo: its text, its way, when it came, and the one it follows upon.

    ``index``: its number in petitions.yaml, or c0, c1 … in the order of clusters.yaml. It came ``age`` days ago, or on a day of the
    month that is ``on[0]`` months before this one.
    """

    index: int | str
    plan: str
    age: int
    spec: dict[str, Any]
    petition: dict[str, Any]
    on: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        return key_of(self.index)

    @property
    def unit(self) -> str:
        return str(self.spec.get("unit") or f"br-{self.petition['county']}")

    @property
    def intake(self) -> str:
        return f"br-{self.petition['county']}" if self.spec.get("intake") == "branch" else "nc-petition"

    @property
    def title(self) -> str:
        return f"{self.petition.get('enterprise') or self.petition['place']}{titles.KINDS[self.petition['kind']]}"

    def started(self, today: datetime) -> datetime:
        """Some hour of that day, never later than an hour before now."""
        minutes = int.from_bytes(sha256(self.key.encode()).digest()[:2]) % MINUTES
        day = on_day(today, *self.on) if self.on else today.date() - timedelta(days=self.age)
        return min(datetime(day.year, day.month, day.day, 8, 30, tzinfo=ZONE) + timedelta(minutes=minutes), today - timedelta(hours=1))


def key_of(index: int | str) -> str:
    """Under which name a petition is remembered."""
    return f"demo-{index:03d}" if isinstance(index, int) else f"demo-{index}"


def on_day(today: datetime, back: int, day: int) -> date:
    """That day of the month ``back`` months before this one; days are 1 … 28."""
    months = today.year * 12 + today.month - 1 - back
    return date(months // 12, months % 12 + 1, day)


@cache
def read(name: str) -> Any:
    """A file of this folder."""
    return yaml.load((HERE / name).read_text(encoding="utf-8"), Loader=QUICK)


def petitions() -> list[dict[str, Any]]:
    """The invented complaints, in the order their numbers count; those of clusters are apart."""
    found: list[dict[str, Any]] = read("petitions.yaml")["petitions"]
    return found


def texts() -> dict[str, Any]:
    """What people write into the forms of the petition."""
    found: dict[str, Any] = read("answers.yaml")
    return found


def cases() -> list[DemoCase]:
    """All of them, those with an age the oldest first: numbers follow the day of registration."""
    plans = read("plans.yaml")["plans"]
    found = [DemoCase(index, name, age, spec, petitions()[index]) for name, spec in plans.items() for index, age in spec["cases"].items()]
    return sorted(found, key=lambda case: (-case.age, case.index)) + _clusters(plans)


def _clusters(plans: dict[str, Any]) -> list[DemoCase]:
    found: list[DemoCase] = []
    for cluster in read("clusters.yaml")["clusters"]:
        marks = [cluster.get("flagged"), *[None] * len(cluster["came"])]
        for day, came, flagged in zip(cluster["when"]["days"], cluster["came"], marks, strict=False):
            petition = {**cluster["of"], **came, **({"flagged": flagged} if flagged else {})}
            on = (cluster["when"]["back"], day)
            found.append(DemoCase(f"c{len(found)}", cluster["plan"], 0, plans[cluster["plan"]], petition, on))
    return found


def party_of(index: int | str) -> str:
    """The enterprise a petition is about."""
    petition = next(case for case in cases() if case.index == index).petition
    return str(petition.get("enterprise") or petition["place"])


def registration(petition: dict[str, Any], key: str) -> dict[str, Any]:
    """The registration form of an invented complaint; a field given as None stays empty."""
    anonymous = "who" not in petition
    out: dict[str, Any] = {
        "channel": petition["channel"],
        "statement": petition["text"],
        "enterprise": petition.get("enterprise"),
        "place": f"{COUNTIES[petition['county']][0]}{petition['place']}",
        "county": petition["county"],
        "kind": petition["kind"],
        "asks": petition["asks"],
        "gravity": petition.get("gravity", "ordinary"),
        "klass": petition.get("klass", "claim"),
        "about": petition.get("about", "enterprise" if petition.get("enterprise") else "none"),
        "complained_unit": petition.get("complained"),
        "in_court": petition.get("in_court", False),
        "anonymous": anonymous,
        **({"name": None, "phone": None, "address": None, "secrecy": None} if anonymous else _petitioner(petition)),
    }
    if petition["channel"] == "visit":
        out |= {"visitors": petition["visitors"], "representatives": _representatives(petition)}
    if petition["channel"] in ("phone", "platform", "transferred", "superior"):
        out["outside_no"] = f"{'NC' if petition['channel'] == 'phone' else 'HJ'}{int(sha256(key.encode()).hexdigest()[:7], 16):09d}"
    if petition.get("flagged"):
        out |= {"flagged": True, "flagged_reason": petition["flagged"]}
    return out


def _petitioner(petition: dict[str, Any]) -> dict[str, Any]:
    """Name, phone and address of an invented person, always the same for the same number."""
    who, data = petition["who"], read("petitions.yaml")
    street = data["streets"][petition["county"]]
    phone = f"1390000{1000 + who * 37:04d}"
    return {"name": data["people"][who], "phone": phone, "address": f"{street} {who * 7 + 3} 号", "secrecy": True}


def _representatives(petition: dict[str, Any]) -> list[dict[str, str]] | None:
    if petition["visitors"] == 1:
        return None
    people = read("petitions.yaml")["people"]
    return [{"name": people[(petition["who"] + n) % len(people)]} for n in range(min(3, petition["visitors"]))]
