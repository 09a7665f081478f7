"""What the service tasks of 领导包案 do. One module a stage; each handler is small and never commits."""

from __future__ import annotations

from app.leadership.handlers import carrying, change, closing, monthly, opening, planning
from workflows.handlers import Handlers

handlers = Handlers()
for _stage in (opening, planning, carrying, monthly, change, closing):
    handlers.update(_stage.handlers)
