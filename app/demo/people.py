"""Demo people: every role at the bureau and at each branch. Names are invented; all share one password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db
from app.accounts.models import Person, Post, Secretary
from app.accounts.passwords import hash_password
from app.accounts.roles import LABELS
from app.demo.organs import CITY, COUNTIES, seed_organisation
from workflows.time import ZONE

__all__ = ["DEMO_PASSWORD", "accounts", "seed_organisation", "seed_people"]

DEMO_PASSWORD = "Hongzhou-2026"  # one for all, for trying out; a real installation has no demo people
SINCE = datetime(2020, 1, 1, tzinfo=ZONE)  # before any demo petition, whatever the shifted clock says


@dataclass(frozen=True)
class Demo:
    """One person: ``roles`` are held at ``organ``; a handler has a certificate (执法证)."""

    account: str
    name: str
    organ: str
    title: str
    roles: str
    certificate: str | None = None


_CITY = (
    Demo("juzhang", "程砚秋", "nc", "局长", "organ_head signer leader"),
    Demo("fenguan", "龚致远", "nc", "副局长", "leader signer"),
    Demo("fuchaling", "万书恒", "nc", "副局长", "appeal_head"),
    Demo("shenji", "邹明鉴", "nc", "内审专员", "auditor"),
    Demo("yunwei", "甘启航", "nc", "运维工程师", "operator"),
    Demo("admin", "闵守正", "nc", "系统管理员", "admin"),
    Demo("chuangkou", "涂静川", "nc-petition", "窗口登记员", "desk"),
    Demo("xinfang", "邬晓岚", "nc-petition", "科员", "office desk"),
    Demo("xinfang2", "胡沛然", "nc-petition", "科员", "office unit_clerk handler co_handler"),
    Demo("xinfangkezhang", "裘建安", "nc-petition", "科长", "unit_head office supervisor"),
    Demo("faguichuzhang", "熊以宁", "nc-legal", "处长", "unit_head hearing_host legal"),
    Demo("fagui", "舒文瑾", "nc-legal", "主任科员", "legal unit_clerk co_handler"),
    Demo("bangongshi", "雷知夏", "nc-office", "科员", "unit_clerk co_handler appeal_clerk"),
    Demo("fucha", "蔡明哲", "nc-office", "主任科员", "appeal_handler"),
    Demo("bangongzhuren", "徐怀远", "nc-office", "主任", "unit_head supervisor"),
    Demo("mishu", "卞知微", "nc-office", "秘书", "secretary"),
    Demo("zhiduineiqin", "喻小满", "nc-inspect", "内勤", "unit_clerk"),
    Demo("zhiduizhang", "章伯钧", "nc-inspect", "支队长", "unit_head co_handler", "赣环执洪001"),
    Demo("zhidui1", "罗劲松", "nc-inspect", "执法员", "handler co_handler", "赣环执洪011"),
    Demo("zhidui2", "魏子昂", "nc-inspect", "执法员", "handler co_handler", "赣环执洪012"),
    Demo("gufei", "聂青禾", "nc-solid", "工程师", "unit_clerk handler co_handler", "赣环执洪021"),
    Demo("gufeizhuren", "余世清", "nc-solid", "主任", "unit_head co_handler", "赣环执洪022"),
    Demo("xinxi", "揭云帆", "nc-info", "工程师", "unit_clerk handler co_handler"),
    Demo("xinxizhuren", "傅立群", "nc-info", "主任", "unit_head co_handler"),
    Demo("jiance", "洪映雪", "nc-monitor", "工程师", "unit_clerk handler co_handler"),
    Demo("jiancezhan", "江永年", "nc-monitor", "站长", "unit_head co_handler"),
    Demo("dangan", "欧阳静", "nc-archive", "档案员", "archivist unit_clerk"),
    Demo("danganzhuren", "廖敬亭", "nc-archive", "主任", "unit_head archivist"),
    Demo("shengting1", "段若谷", "jx", "复核处主任科员", "appeal_clerk appeal_handler"),
    Demo("shengting2", "祝长庚", "jx", "复核处处长", "appeal_head hearing_host"),
)

# One line for each branch: its head, the section head, two handlers' worth of certificates, the clerk at the counter.
_BRANCH_NAMES: dict[str, tuple[str, str, str, str]] = {
    "360102": ("汪致和", "黎国栋", "沈亦舟", "夏晚晴"),
    "360103": ("陶行简", "饶志坚", "葛云飞", "姜雨桐"),
    "360104": ("凌振邦", "占海涛", "尹思源", "戚美玲"),
    "360111": ("严正南", "柳承业", "贺兰溪", "桂小雅"),
    "360112": ("樊守业", "艾建新", "谌子健", "况佳慧"),
    "360113": ("孟广成", "吕修远", "童望舒", "卢可心"),
    "360121": ("史定国", "钟毓秀", "晏平川", "易素芬"),
    "360123": ("翁德厚", "简志诚", "侯立冬", "习文婷"),
    "360124": ("齐家和", "左建华", "焦一鸣", "康巧云"),
    "jkq": ("庄严明", "骆东升", "游思齐", "毕春燕"),
    "gxq": ("单国梁", "阮学林", "苗天宇", "宁诗涵"),
    "wl": ("管仲文", "温如海", "牛青山", "殷月娥"),
}


def demo_people() -> Iterator[Demo]:
    """The bureau's people, then four at each branch and its government's one, then police and procuratorates."""
    yield from _CITY
    for number, (code, names) in enumerate(_BRANCH_NAMES.items(), start=1):
        organ, pinyin = f"br-{code}", COUNTIES[code][1]
        head, section, officer, clerk = names
        yield Demo(f"{pinyin}-juzhang", head, organ, "分局局长", "organ_head signer leader")
        yield Demo(f"{pinyin}-guzhang", section, organ, "股长", "unit_head hearing_host co_handler", f"赣环执洪{number}01")
        yield Demo(f"{pinyin}-jingban", officer, organ, "执法员", "handler co_handler", f"赣环执洪{number}02")
        yield Demo(f"{pinyin}-chuangkou", clerk, organ, "综合岗", "desk office unit_clerk")
        yield Demo(f"{pinyin}-zhengfu", _LIAISONS[code], f"gov-{code}", "政府办联络员", "gov_liaison")
    for code, given in _JUSTICE_NAMES.items():
        yield from _justice(code, "shi" if code == CITY else COUNTIES[code][1], given)


def _justice(code: str, place: str, names: str) -> Iterator[Demo]:
    """Those at police and procuratorate who answer transfers: three and two, by the names of their posts."""
    police, procuratorate = f"ps-{code}", f"pp-{code}"
    officer, head, legal, prosecutor, admin = names.split()
    yield Demo(f"{place}-gongan", officer, police, "联络民警", "police_officer")
    yield Demo(f"{place}-gongan-juzhang", head, police, "副局长", "police_head")
    yield Demo(f"{place}-gongan-fazhi", legal, police, "法制大队民警", "police_legal")
    yield Demo(f"{place}-jiancha", prosecutor, procuratorate, "刑事检察官", "prosecutor")
    yield Demo(f"{place}-jiancha-xingzheng", admin, procuratorate, "行政检察官", "prosecutor_admin")


SECRETARIES = {"mishu": ("juzhang", "fenguan")}  # who prepares for whom

# 区县政府 liaison officers, one each: they sign for and answer 预警函
_LIAISONS = {
    "360102": "龙启文", "360103": "金素秋", "360104": "梅承志", "360111": "岳小川", "360112": "池文昭", "360113": "白景行",
    "360121": "佟怀瑾", "360123": "邢书瑶", "360124": "路远山", "jkq": "莫青岚", "gxq": "褚云开", "wl": "阎若水",
}  # fmt: skip

# 公安、检察: police officer, its head, its legal officer, criminal and administrative prosecutor; the new districts have the city's
_JUSTICE_NAMES: dict[str, str] = {
    CITY: "关山越 鲍正平 蓝若溪 冉明哲 辛如玉",
    "360102": "翟海波 常胜军 米书琴 郎致中 巫清扬",
    "360103": "车子明 房国安 计文婕 都思远 季云舒",
    "360104": "乔立新 裴长河 沙静宜 尚廷玉 农以安",
    "360111": "边锐锋 戴卫东 桑语桐 卓明澈 祁书慧",
    "360112": "伍志强 韦定邦 解心怡 项景文 柏若兰",
    "360113": "井然之 强建国 班雅文 竺修齐 幸知秋",
    "360121": "成少峰 岑伟民 仇云清 闻天佑 应采薇",
    "360123": "费晓阳 谷振华 年思雨 印子谦 元慕青",
    "360124": "詹一凡 祖安国 满如意 明德之 颜若初",
}


def seed_people(session: Session) -> int:
    """Add the demo people that are not there yet. Returns how many were added."""
    there = set(session.scalars(select(Person.account)))
    shared = hash_password(DEMO_PASSWORD)  # one hash for all: the password is printed anyway, and 140 hashes take seconds
    missing = [demo for demo in demo_people() if demo.account not in there]
    for demo in missing:
        session.add(_person(demo, shared))
    session.flush()
    _seed_secretaries(session)
    return len(missing)


def _seed_secretaries(session: Session) -> None:
    people = {p.account: p for p in session.scalars(select(Person).where(Person.account.in_({"mishu", "juzhang", "fenguan"})))}
    there = {(row.person_id, row.leader_id) for row in session.execute(select(Secretary.person_id, Secretary.leader_id))}
    for account, leaders in SECRETARIES.items():
        for leader in leaders:
            pair = (people[account].id, people[leader].id)
            if pair not in there:
                session.add(Secretary(person_id=pair[0], leader_id=pair[1], since=SINCE))
    session.flush()


def _person(demo: Demo, password: str) -> Person:
    posts = [Post(organ_id=demo.organ, role=role, title=demo.title, since=SINCE) for role in demo.roles.split()]
    return Person(
        account=demo.account,
        name=demo.name,
        password=password,
        must_change=False,
        certificate_no=demo.certificate,
        active=True,
        all_posts=posts,
    )


def lines() -> Iterator[str]:
    """The demo accounts by role, one line a role, the bureau's first."""
    by_role: dict[str, list[str]] = {}
    for demo in demo_people():
        for role in demo.roles.split():
            by_role.setdefault(role, []).append(demo.account)
    for role, label in LABELS.items():
        held = by_role.get(role, [])
        more = f" 等 {len(held)} 人" if len(held) > 4 else ""
        yield f"  {label}：{'、'.join(held[:4])}{more}"
    yield f"  分局账户以分局拼音开头，如 {'、'.join(pinyin for _, pinyin, _ in COUNTIES.values())}"
    yield "  公安、检察账户如 donghu-gongan（-juzhang、-fazhi）、donghu-jiancha（-xingzheng）；市一级以 shi 开头"
    yield f"  演示密码（所有账户相同）：{DEMO_PASSWORD}"


@click.command("accounts")
@with_appcontext
def accounts() -> None:
    """Put the organisations and the demo people in, and list the accounts by role."""
    with db.transaction() as session:
        organs, people = seed_organisation(session), seed_people(session)
    click.echo(f"机构新增 {organs} 个，人员新增 {people} 人。演示账户：")
    for line in lines():
        click.echo(line)
