"""The closed list of roles (角色). What each may do is decided in ``policy.py``; here are names and kinds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """One role.

    ``shared``: one department of an organ serves the whole organ in this role, so it is also sought in the departments
    of each organ on the way up (legal → 宣传法规处, office → 信访科). ``casework``: takes part in cases at all.
    ``partner``: works for another organ; sees its own files and nothing of the bureau's lists.
    """

    id: str
    label: str
    does: str
    shared: bool = False
    casework: bool = True
    partner: bool = False


_ALL = (
    Role("desk", "窗口登记员", "登记来信、来访、来电和网上信访，确认导入的事项", shared=True),
    Role("office", "信访科经办", "审查、分办、告知、审核办结、回访，登记评价和复查复核请求", shared=True),
    Role("unit_clerk", "收件岗", "代表本单位签收、提出异议、送达告知"),
    Role("unit_head", "单位负责人", "指定承办人，审核本单位的处理意见"),
    Role("handler", "承办人", "调查、接访、拟处理意见、送达答复、补齐材料"),
    Role("co_handler", "协办人", "协办调查、会签"),
    Role("hearing_host", "听证主持人", "主持听证", shared=True),
    Role("legal", "法规审核", "对处理意见作法制审核", shared=True),
    Role("signer", "签发人", "签发处理意见书和答复书", shared=True),
    Role("leader", "分管局领导", "审批、裁定承办单位、接访、批示", shared=True),
    Role("organ_head", "机关负责人", "局长、分局局长：批准延期，决定是否移送", shared=True),
    Role("appeal_clerk", "复查复核收件岗", "收复查、复核请求，送达意见书", shared=True),
    Role("appeal_handler", "复查复核承办人", "审理复查、复核", shared=True),
    Role("appeal_head", "复查复核负责人", "签发复查、复核意见书", shared=True),
    Role("secretary", "领导秘书", "替所服务的领导整理材料、记录接访；决定由领导本人作出"),
    Role("supervisor", "督办岗", "督办拖延的事项：拟函、审核回复、核实销号；不在被督办的单位", shared=True),
    Role("gov_liaison", "区县政府联络员", "代表区县政府签收预警函、书面回复；只看得到发给本区县的", partner=True),
    Role("police_officer", "公安联络民警", "签收移送、审查、补正告知、送达决定、登记侦查进展；只看得到移送给本机关的", partner=True),
    Role("police_head", "公安机关负责人", "批准延长审查期限，决定立案、不予立案，决定延长办案期限", partner=True),
    Role("police_legal", "公安法制", "复议", partner=True),
    Role("prosecutor", "刑事检察官", "立案监督、审查起诉；看得到本级全部移送的文书和时限", partner=True),
    Role("prosecutor_admin", "行政检察官", "审查是否提出处罚的检察意见", partner=True),
    Role("archivist", "档案员", "立卷归档", shared=True),
    Role("admin", "系统管理员", "管理机构、人员和岗位，不看信访内容", casework=False),
    Role("operator", "运维", "处理系统异常，不参与办理", casework=False),
    Role("auditor", "审计", "查看全部，不能改动任何内容", casework=False),
)

ROLES: dict[str, Role] = {role.id: role for role in _ALL}
LABELS: dict[str, str] = {role.id: role.label for role in _ALL}
SHARED: frozenset[str] = frozenset(role.id for role in _ALL if role.shared)
CASEWORK: frozenset[str] = frozenset(role.id for role in _ALL if role.casework)
PARTNERS: frozenset[str] = frozenset(role.id for role in _ALL if role.partner)

# 三员分立: who watches does not act, who gives out posts does not watch or repair.
SEPARATE: dict[str, frozenset[str]] = {
    "auditor": frozenset(ROLES) - {"auditor"},
    "admin": frozenset({"auditor", "operator"}) | CASEWORK,
    "operator": frozenset({"auditor", "admin"}) | CASEWORK,
}


def clashes(role: str, held: set[str]) -> str | None:
    """A role already held that the same person may not hold beside ``role``; None if all is well."""
    for other in sorted(held):
        if other in SEPARATE.get(role, ()) or role in SEPARATE.get(other, ()):
            return other
    return None
