"""Where a person registers from: the organisation of the first desk or office post."""

from __future__ import annotations

from app.accounts.models import Person
from workflows.errors import WorkflowError


def intake_org(person: Person) -> str:
    """The organisation a registration belongs to; raises WorkflowError for who may not register."""
    for post in person.posts:
        if post.role in ("desk", "office"):
            return post.organ_id
    raise WorkflowError(f"{person.name} 没有窗口登记员或信访科经办的岗位，不能登记。")


def city_of(person: Person) -> str:
    home = person.home()
    return home.city if home else ""
