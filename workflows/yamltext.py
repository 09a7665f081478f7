"""YAML of procedures, read by the parser in C: the forms of a large procedure take a twentieth of the time."""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a PyYAML built without libyaml has no CSafeLoader


def load(text: str) -> Any:
    """The plain values of a text; raises yaml.YAMLError."""
    return yaml.load(text, Loader=LOADER)
