"""What the service tasks of 督办 do."""

from __future__ import annotations

from app.supervision.handlers import answering, closing, opening, review, sending
from workflows.handlers import Handlers

handlers = Handlers()
for module in (opening, sending, answering, closing, review):
    handlers.update(module.handlers)
