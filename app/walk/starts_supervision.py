"""How scenarios of this area begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.walk.play import Play

STARTS: dict[str, Callable[[Play, dict[str, Any]], None]] = {}
