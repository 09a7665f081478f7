"""What the service tasks of 预警函 do: the bureau's letter, the county's file, the problems. Each is small and never commits."""

from __future__ import annotations

from app.warnings.handlers import county, letter, problems
from workflows.handlers import Handlers

handlers = Handlers()
for _page in (letter, county, problems):
    handlers.update(_page.handlers)
