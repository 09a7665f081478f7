"""Every table of engine and app, for migrations and tests: ``metadata()`` is the whole database."""

from __future__ import annotations

from sqlalchemy import MetaData

from app import areas
from workflows.tables import Base


def metadata() -> MetaData:
    areas.load_models()
    return Base.metadata
