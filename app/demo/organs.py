"""The organisations of Nanchang (南昌市): bureau, departments, branches, and those it works with."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organ

CITY = "360100"

# code → district, the branch's pinyin (for account names), the body that governs it
COUNTIES: dict[str, tuple[str, str, str]] = {
    "360102": ("东湖区", "donghu", "东湖区人民政府"),
    "360103": ("西湖区", "xihu", "西湖区人民政府"),
    "360104": ("青云谱区", "qingyunpu", "青云谱区人民政府"),
    "360111": ("青山湖区", "qingshanhu", "青山湖区人民政府"),
    "360112": ("新建区", "xinjian", "新建区人民政府"),
    "360113": ("红谷滩区", "honggutan", "红谷滩区人民政府"),
    "360121": ("南昌县", "nanchangxian", "南昌县人民政府"),
    "360123": ("安义县", "anyi", "安义县人民政府"),
    "360124": ("进贤县", "jinxian", "进贤县人民政府"),
    "jkq": ("经开区", "jingkai", "南昌经济技术开发区管理委员会"),
    "gxq": ("高新区", "gaoxin", "南昌高新技术产业开发区管理委员会"),
    "wl": ("湾里", "wanli", "湾里管理局"),
}

DEPARTMENTS: dict[str, tuple[str, str]] = {
    "nc-office": ("局办公室", "局办公室"),
    "nc-petition": ("信访科", "信访科"),
    "nc-legal": ("宣传法规处", "法规处"),
    "nc-inspect": ("市环境监察支队", "监察支队"),
    "nc-solid": ("固废管理中心", "固废中心"),
    "nc-info": ("环境信息中心", "信息中心"),
    "nc-monitor": ("监测站", "监测站"),
    "nc-archive": ("档案室", "档案室"),
}


def organs() -> list[Organ]:
    """All of them, parents before children."""
    return [*_own(), *_partners()]


def _own() -> list[Organ]:
    province = Organ(id="jx", name="江西省生态环境厅", short="省厅", kind="superior", city="360000", active=True)
    bureau = Organ(id="nc", name="南昌市生态环境局", short="市局", kind="bureau", appeal_id="jx", city=CITY, active=True)
    departments = [
        Organ(id=key, name=name, short=short, kind="department", parent_id="nc", city=CITY, active=True)
        for key, (name, short) in DEPARTMENTS.items()
    ]
    return [province, bureau, *departments, *(_branch(code, place) for code, (place, _, _) in COUNTIES.items())]


def _branch(code: str, place: str) -> Organ:
    short = f"{place if len(place) == 2 else place.removesuffix('区').removesuffix('县')}分局"
    if place == "南昌县":
        short = "南昌县分局"
    return Organ(
        id=f"br-{code}",
        name=f"南昌市{place}生态环境分局",
        short=short,
        kind="branch",
        parent_id="nc",
        appeal_id="nc",
        county=code,
        city=CITY,
        active=True,
    )


def _partners() -> list[Organ]:
    made = [
        Organ(id="gov-360100", name="南昌市人民政府", short="市政府", kind="government", city=CITY, active=True),
        Organ(id="ps-360100", name="南昌市公安局", short="市公安局", kind="police", city=CITY, active=True),
        Organ(id="pp-360100", name="南昌市人民检察院", short="市检察院", kind="procuratorate", city=CITY, active=True),
    ]
    for code, (place, _, government) in COUNTIES.items():
        made.append(_partner("gov", "government", code, government, government[:16]))
        if code.isdigit():
            police = f"{place}公安局" if place.endswith("县") else f"南昌市公安局{place}分局"
            made.append(_partner("ps", "police", code, police, f"{place}公安"))
            made.append(_partner("pp", "procuratorate", code, f"{place}人民检察院", f"{place}检察院"))
    return made


def _partner(prefix: str, kind: str, code: str, name: str, short: str) -> Organ:
    return Organ(
        id=f"{prefix}-{code}", name=name, short=short, kind=kind, parent_id=f"{prefix}-360100", county=code, city=CITY, active=True
    )


def seed_organisation(session: Session) -> int:
    """Add the organisations that are not there yet; what an administrator changed stays. Returns how many were added."""
    there = set(session.scalars(select(Organ.id)))
    added = 0
    for organ in organs():
        if organ.id not in there:
            session.add(organ)
            session.flush()  # parents before children, whatever the order the unit of work would choose
            added += 1
    return added
