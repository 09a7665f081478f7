"""The menu: what a person may open, as data. An item whose page is not installed or not permitted is left out.

``shell_view`` feeds base.html. It does no query of its own: the counts come by htmx from /inbox/counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g, request, url_for
from flask_login import current_user

from app.accounts import policy
from app.accounts.roles import PARTNERS


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu: the page it opens, the action that allows it, the count shown beside it."""

    label: str
    icon: str
    endpoint: str
    action: str | None = None
    count: str = ""
    also: tuple[str, ...] = ()  # endpoints under which the entry is marked as "here"


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    icon: str
    url: str
    here: bool
    count: str = ""


@dataclass(slots=True)
class Group:
    label: str
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Shell:
    """Everything base.html needs around the page."""

    person: str = ""
    place: str = ""
    organ: str = ""
    home: str = "/"
    search: str = ""
    register: str = ""
    notices: str = ""
    counts: str = ""
    logout: str = ""
    groups: list[Group] = field(default_factory=list)
    tabs: list[Item] = field(default_factory=list)
    account: list[Item] = field(default_factory=list)


_STEPS = ("inbox.task", "inbox.complete")  # a step, and the step that was refused
_RECEPTIONS = ("leadership.reception", "leadership.reception_new", "leadership.reception_edit", "leadership.visitor")
_SUPERVISION = ("supervision.index", "supervision.new", "supervision.scores", "supervision.score_cases")
_WARNINGS = ("warnings.problems", "warnings.publication")
_SHARED = ("transfers.sealed", "transfers.letter", "transfers.entries")  # pages of both sides
_TRANSFERS = (
    "transfers.new", "transfers.new_post", "transfers.screening_page", "transfers.rescreen", "transfers.rescreen_post",
    "transfers.material", "transfers.material_add", "transfers.waste_opinion", "transfers.consult", *_SHARED,
)  # fmt: skip
_DETENTIONS = ("transfers.detention_new", "transfers.detention_grounds", "transfers.detention_order", "transfers.detention_material")
_PENALTIES = (
    "transfers.penalty", "transfers.penalty_new", "transfers.penalty_import", "transfers.penalty_decide", "transfers.penalty_progress",
)  # fmt: skip

MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "我的工作",
        (
            Entry("待办", "bi-inbox", "inbox.todo", "inbox.view", "todo", _STEPS),
            Entry("超期", "bi-exclamation-octagon", "inbox.overdue", "inbox.view", "overdue"),
            Entry("已办", "bi-check2-square", "inbox.done", "inbox.view"),
            Entry("待阅", "bi-eye", "inbox.notices", "notice.see", "notices"),
            Entry("我登记的", "bi-send", "inbox.registered", "inbox.view"),
            Entry("关注", "bi-star", "inbox.followed", "inbox.view"),
        ),
    ),
    (
        "业务",
        (
            Entry("信访事项", "bi-folder2-open", "petitions.index", "petition.list"),
            Entry("登记", "bi-pencil-square", "petitions.register", "petition.register"),
            Entry("待确认登记", "bi-file-earmark-arrow-down", "petitions.pending", "petition.register"),
            Entry("历史记录", "bi-archive", "imports.history", "petition.import", also=("imports.record",)),
        ),
    ),
    (
        "领导与督办",
        (
            Entry("领导工作台", "bi-person-workspace", "leadership.desk", "leadership.desk", also=("leadership.prepare",)),
            Entry("领导接访日", "bi-calendar3", "leadership.receptions", "leadership.reception", also=_RECEPTIONS),
            Entry("包案台账", "bi-table", "leadership.ledger", "leadership.view", also=("leadership.new", "leadership.ledger_print")),
            Entry("督办", "bi-flag", "supervision.board", "supervision.view", also=_SUPERVISION),
            Entry("案卷抽查", "bi-search-heart", "supervision.reviews", "review.view"),
            Entry("预警函", "bi-envelope-exclamation", "warnings.index", "warnings.view", also=_WARNINGS),
            Entry("预警函签收回复", "bi-envelope-exclamation", "warnings.county", "warnings.county"),
            Entry("统计指标", "bi-bar-chart", "numbers.index", "numbers.view", also=("numbers.cases", "numbers.report")),
        ),
    ),
    (
        "两法衔接",
        (
            Entry("移送案件", "bi-shield-exclamation", "transfers.index", "transfers.view", also=_TRANSFERS),
            Entry("移送行政拘留", "bi-person-lock", "transfers.detentions", "transfers.view", also=_DETENTIONS),
            Entry("行政处罚登记", "bi-receipt", "transfers.penalties", "penalties.view", also=_PENALTIES),
            Entry("两法衔接看板", "bi-ui-checks", "transfers.boards", "transfers.boards", also=("transfers.board",)),
            Entry(
                "联席会议统计", "bi-clipboard-data", "transfers.statistics", "transfers.statistics", also=("transfers.statistics_cases",)
            ),
            Entry("移送到案", "bi-inboxes", "transfers.police_desk", "police.view", also=("transfers.police_material", *_SHARED)),
            Entry("全部案件", "bi-folder2-open", "transfers.police_files", "police.view"),
            Entry(
                "移送监督",
                "bi-bank",
                "transfers.procuratorate",
                "transfers.procuratorate",
                also=("transfers.procuratorate_found", *_SHARED),
            ),
        ),
    ),
    (
        "依据与管理",
        (
            Entry("时限依据", "bi-journal-text", "cases.rules_page", "clocks.view"),
            Entry("组织机构", "bi-diagram-3", "admin.organs", "admin.organs"),
            Entry("人员岗位", "bi-people", "admin.people", "admin.people"),
            Entry("审计", "bi-clipboard-data", "admin.audit", "audit.view"),
            Entry("运维", "bi-wrench-adjustable", "ops.incidents", "ops.see", also=("ops.incident",)),
            Entry("数据交换", "bi-arrow-left-right", "exchange_ops.index", "ops.see"),
        ),
    ),
)

TABS: tuple[Entry, ...] = (
    Entry("工作台", "bi-person-workspace", "leadership.desk", "leadership.desk"),
    Entry("待办", "bi-inbox", "inbox.todo", "inbox.view", "todo", _STEPS),
    Entry("登记", "bi-pencil-square", "petitions.register", "petition.register"),
    Entry("事项", "bi-folder2-open", "petitions.index", "petition.list"),
    Entry("预警函", "bi-envelope-exclamation", "warnings.county", "warnings.county"),
    Entry("到案", "bi-inboxes", "transfers.police_desk", "police.view"),
    Entry("监督", "bi-bank", "transfers.procuratorate", "transfers.procuratorate"),
    Entry("待阅", "bi-eye", "inbox.notices", "notice.see", "notices"),
    Entry("我的", "bi-person", "accounts.me", "account.self"),
)

ACCOUNT: tuple[Entry, ...] = (
    Entry("我的账户", "bi-person", "accounts.me"),
    Entry("修改密码", "bi-key", "accounts.change_password"),
    Entry("登录设备", "bi-laptop", "accounts.sessions"),
)


def shell_view() -> Shell:
    """What surrounds the page for whoever is signed in; only the name of the product for everybody else."""
    if not current_user.is_authenticated:
        return Shell(organ=current_app.config.get("ORGAN_NAME", "南昌市生态环境局"))
    posts = getattr(current_user, "posts", [])
    return Shell(
        person=current_user.name,
        place=_place(posts),
        organ=_organ(posts),
        search=_url("petitions.index", "petition.list"),
        register=_url("petitions.register", "petition.register"),
        notices=_url("inbox.notices", "notice.see"),
        counts=_url("inbox.counts", "inbox.counts"),
        logout=_url("accounts.logout"),
        groups=[group for group in (Group(label, _items(entries)) for label, entries in MENU) if group.items],
        tabs=_items(TABS),
        account=_items(ACCOUNT),
    )


def _items(entries: Sequence[Entry]) -> list[Item]:
    items: list[Item] = []
    for entry in entries:
        url = _url(entry.endpoint, entry.action)
        if url:
            here = _is_here(entry) and not any(item.here for item in items)
            items.append(Item(entry.label, entry.icon, url, here, entry.count))
    return items


def _is_here(entry: Entry) -> bool:
    """Is the page one of this line's? A case belongs to the list its area finds it in."""
    if request.endpoint == "cases.show":
        return entry.endpoint in g.get("menu", ())
    return request.endpoint == entry.endpoint or request.endpoint in entry.also


def _url(endpoint: str, action: str | None = None) -> str:
    """The address of an installed page the person may open, else an empty string."""
    if endpoint not in current_app.view_functions:
        return ""
    if action is not None and not policy.can(current_user, action):
        return ""
    return url_for(endpoint)


def _organ(posts: Sequence[Any]) -> str:
    """Whose name stands over the page: a partner's own, else the installation's."""
    if posts and all(post.role in PARTNERS for post in posts):
        return str(posts[0].organ.name)
    return str(current_app.config.get("ORGAN_NAME", "南昌市生态环境局"))


def _place(posts: Sequence[Any]) -> str:
    """Where the person sits: the organisation of the first post."""
    if not posts:
        return ""
    organ = getattr(posts[0], "organ", None)
    return str(getattr(organ, "short", "") or getattr(organ, "name", "") or "")
