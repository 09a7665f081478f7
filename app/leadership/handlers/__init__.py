"""What the service tasks of 领导包案 do."""

from __future__ import annotations

from workflows.handlers import Handlers

handlers = Handlers()
