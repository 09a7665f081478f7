"""What the installation remembers about itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from workflows.tables import Base
from workflows.time import now


class Note(Base):
    """A fact about this installation under a name, e.g. how far the demo month has come."""

    __tablename__ = "installation_note"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
