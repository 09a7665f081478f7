"""The menu: what a person may open, as data. An item whose page is not installed or not permitted is left out.

``shell_view`` feeds base.html. It does no query of its own: the counts come by htmx from /inbox/counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, request, url_for
from flask_login import current_user

from app.accounts import policy


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


_SUPERVISION = ("supervision.index", "supervision.new", "supervision.scores")
_WARNINGS = ("warnings.problems", "warnings.publication")

MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "我的工作",
        (
            Entry("待办", "bi-inbox", "inbox.todo", "inbox.view", "todo", ("inbox.task",)),
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
            Entry("信访事项", "bi-folder2-open", "petitions.index", "petition.list", also=("cases.show",)),
            Entry("登记", "bi-pencil-square", "petitions.register", "petition.register"),
            Entry("待确认登记", "bi-file-earmark-arrow-down", "petitions.pending", "petition.register"),
            Entry("历史记录", "bi-archive", "imports.history", "petition.import", also=("imports.record",)),
        ),
    ),
    (
        "领导与督办",
        (
            Entry("领导工作台", "bi-person-workspace", "leadership.desk", "leadership.desk"),
            Entry("领导接访日", "bi-calendar3", "leadership.receptions", "leadership.reception"),
            Entry("包案台账", "bi-table", "leadership.ledger", "leadership.view", also=("leadership.new",)),
            Entry(
                "督办",
                "bi-flag",
                "supervision.board",
                "supervision.view",
                also=("supervision.index", "supervision.new", "supervision.scores"),
            ),
            Entry("案卷抽查", "bi-search-heart", "supervision.reviews", "review.view"),
            Entry(
                "预警函", "bi-envelope-exclamation", "warnings.index", "warnings.view", also=("warnings.problems", "warnings.publication")
            ),
            Entry("预警函签收回复", "bi-envelope-exclamation", "warnings.county", "warnings.county"),
            Entry("统计指标", "bi-bar-chart", "numbers.index", "numbers.view", also=("numbers.cases", "numbers.report")),
        ),
    ),
    (
        "依据与管理",
        (
            Entry("时限依据", "bi-journal-text", "cases.rules_page", "clocks.view"),
            Entry("组织机构", "bi-diagram-3", "admin.organs", "admin.organs"),
            Entry("人员岗位", "bi-people", "admin.people", "admin.people"),
            Entry("审计", "bi-clipboard-data", "admin.audit", "audit.view"),
            Entry("运维", "bi-wrench-adjustable", "ops.incidents", "ops.see"),
        ),
    ),
)

TABS: tuple[Entry, ...] = (
    Entry("工作台", "bi-person-workspace", "leadership.desk", "leadership.desk"),
    Entry("待办", "bi-inbox", "inbox.todo", "inbox.view", "todo", ("inbox.task",)),
    Entry("登记", "bi-pencil-square", "petitions.register", "petition.register"),
    Entry("事项", "bi-folder2-open", "petitions.index", "petition.list", also=("cases.show",)),
    Entry("预警函", "bi-envelope-exclamation", "warnings.county", "warnings.county"),
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
        organ=current_app.config.get("ORGAN_NAME", "南昌市生态环境局"),
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
    items = []
    for entry in entries:
        url = _url(entry.endpoint, entry.action)
        if url:
            here = request.endpoint == entry.endpoint or request.endpoint in entry.also
            items.append(Item(entry.label, entry.icon, url, here, entry.count))
    return items


def _url(endpoint: str, action: str | None = None) -> str:
    """The address of an installed page the person may open, else an empty string."""
    if endpoint not in current_app.view_functions:
        return ""
    if action is not None and not policy.can(current_user, action):
        return ""
    return url_for(endpoint)


def _place(posts: Sequence[Any]) -> str:
    """Where the person sits: the organisation of the first post."""
    if not posts:
        return ""
    organ = getattr(posts[0], "organ", None)
    return str(getattr(organ, "short", "") or getattr(organ, "name", "") or "")
