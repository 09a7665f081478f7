"""What the service tasks of 预警函 do."""

from __future__ import annotations

from workflows.handlers import Handlers

handlers = Handlers()
