"""What the service tasks of the petition procedure do. One module a page of the diagram; each handler is small and never commits."""

from __future__ import annotations

from app.petitions.handlers import appeal, archive, assign, beside, feedback, handling, intake, main, reception, registration, remedy
from workflows.handlers import Handlers

handlers = Handlers()
for _page in (registration, intake, assign, reception, handling, feedback, remedy, appeal, archive, beside, main):
    handlers.update(_page.handlers)
