"""Records of 领导包案."""

from __future__ import annotations
