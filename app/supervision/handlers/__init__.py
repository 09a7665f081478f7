"""What the service tasks of 督办 do."""

from __future__ import annotations

from workflows.handlers import Handlers

handlers = Handlers()
