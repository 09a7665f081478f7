"""Records of the numbers."""

from __future__ import annotations
