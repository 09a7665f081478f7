"""Records of 督办."""

from __future__ import annotations
