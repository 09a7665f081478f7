"""Puts the exchange into the app: letters leave through it, partners' requests need no form token, stored pieces are kept."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.exchange.models import Piece
from app.exchange.outbox import Box
from app.files import services as files
from app.transfers import leaving

BOX = Box()


def init_app(app: Flask) -> None:
    leaving.register(BOX)
    files.keep(select(Piece.sha256))
