"""Puts 两法衔接 and 移送行政拘留 into the app."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.cases.providers import register
from app.files import services as files
from app.transfers import detention_views, procuratorate_files
from app.transfers.models import TransferPackageItem
from app.transfers.police_view import PoliceView
from app.transfers.procuratorate_provider import ProcuratorView
from app.transfers.provider import BureauView
from app.transfers.views import TransferCase, register_view


def init_app(app: Flask) -> None:
    """The case page asks this area about its cases, whichever organ keeps the file."""
    files.keep(select(TransferPackageItem.sha256))
    for process in ("criminal_transfer", "reverse_linkage", "consultation", "consultation_reply"):
        register_view(process, BureauView())
    register_view("police_case", PoliceView())
    register_view(procuratorate_files.PROCESS, ProcuratorView())
    detention_views.register()
    provider = TransferCase()
    for procedure in ("criminal_transfer", "detention"):
        register(app, procedure, provider)
