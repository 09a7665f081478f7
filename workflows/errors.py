"""What can go wrong in a step, in words a person can act on. The app shows ``message`` as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any


class WorkflowError(Exception):
    """Base of all. ``message`` is Chinese and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(WorkflowError):
    """There is no such task, case, instance or definition."""


class Conflict(WorkflowError):
    """The step is not possible in the present state (suspended, already claimed …)."""


class Refused(WorkflowError):
    """A procedure folder that the engine will not load; ``findings`` say where and why."""

    def __init__(self, findings: list[Any]) -> None:
        lines = "\n".join(f"{f.file}:{f.line} {f.element}: {f.why}" for f in findings)
        super().__init__(f"流程定义有 {len(findings)} 处不能运行：\n{lines}")
        self.findings = findings


class FormError(WorkflowError):
    """The answer does not fit the form: field name → what to enter."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"有 {len(errors)} 处要改")
        self.errors = errors


class TaskClosed(WorkflowError):
    """Somebody was quicker, or the step is no longer needed."""

    def __init__(self, who: str | None, at: datetime | None, cancelled: bool = False) -> None:
        self.who, self.at, self.cancelled = who, at, cancelled
        when = at.strftime("%m-%d %H:%M") if at else ""
        text = f"这一步已于 {when} 取消，不需要再办理。" if cancelled else f"这一步已由 {who or '他人'} 于 {when} 办理。"
        super().__init__(text)


class NobodyThere(WorkflowError):
    """No active post of that role at the organisation or above it."""

    def __init__(self, role: str, org: str) -> None:
        self.role, self.org = role, org
        super().__init__(f"{org} 及其上级没有人担任“{role}”，请管理员先设置该岗位。")


class HandlerFailed(WorkflowError):
    """A service task's handler raised. The step is rolled back; the caller keeps an incident with what was typed."""

    def __init__(self, operation: str, cause: BaseException) -> None:
        self.operation, self.cause = operation, cause
        super().__init__("系统在自动处理这一步时出错，案件没有改动，您填写的内容已保留，运维人员会收到提示。")
