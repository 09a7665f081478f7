"""Pages of 领导包案: the leader's desk, reception days, the ledger, opening by hand. Each group is in a file of its own."""

from __future__ import annotations

from flask import Blueprint

from app.leadership import actions, desk_routes, ledger_page_routes, reception_routes

bp = Blueprint("leadership", __name__)
desk_routes.add_to(bp)
reception_routes.add_to(bp)
ledger_page_routes.add_to(bp)
actions.add_to(bp)
