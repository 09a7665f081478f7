"""What service tasks and forms of 两法衔接 and 移送行政拘留 do. One module a part of the way; together they are the area's handlers."""

from __future__ import annotations

from app.transfers.handlers import (
    approval,
    bureau,
    consultation,
    detention,
    detention_police,
    objection,
    police,
    procuratorate,
    reverse,
    screening,
    sending,
)
from workflows.handlers import Handlers

handlers = Handlers()
BUREAU = (bureau, screening, approval, sending, objection, reverse, consultation)
for _module in (*BUREAU, police, procuratorate, detention, detention_police):
    handlers.update(_module.handlers)
