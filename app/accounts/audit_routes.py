"""The audit view: who did what, when, before → after. For the auditor; it shows and changes nothing."""

from __future__ import annotations

from datetime import date

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import db
from app.accounts import queries
from app.accounts.admin_routes import bp
from app.accounts.paging import pager
from app.accounts.policy import permission

__all__ = ["bp"]

LAST_ROW = 2**63 - 1  # what a bigint holds


@bp.get("/audit")
@permission("audit.view")
def audit() -> ResponseReturnValue:
    args = request.args
    errors: dict[str, str] = {}
    chosen = queries.AuditFilter(
        person=args.get("person", "").strip(),
        group=args.get("group", ""),
        since=_day("since", errors),
        until=_day("until", errors),
        number=args.get("number", "").strip(),
    )
    page = queries.audit_page(db.session, chosen, _row("before"), _row("after"))
    shown = render_template(
        "accounts/audit.html",
        lines=page.rows,
        chosen=chosen,
        typed=args,
        groups=queries.GROUPS,
        errors=errors,
        case_pages="cases.show" in current_app.view_functions,
        filtered=any(args.get(name) for name in ("person", "group", "since", "until", "number")),
        pager=pager("admin.audit", args, page, ("after", "before"), "id", f"本页 {len(page.rows)} 条，由近到远"),
    )
    return shown, 422 if errors else 200


def _row(name: str) -> int | None:
    """The number of a line in an address; what cannot be one is as good as none."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= LAST_ROW else None


def _day(name: str, errors: dict[str, str]) -> date | None:
    typed = request.args.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        errors[name] = "日期写成 2026-12-31 这样。"
        return None
