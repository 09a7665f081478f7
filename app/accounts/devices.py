"""A browser's long description of itself, in the two words by which a person knows the machine."""

from __future__ import annotations

import re

# The order matters: every browser also claims to be the ones after it.
_BROWSERS = (("Edg", "Edge"), ("MicroMessenger", "微信"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Version", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def device(agent: str | None) -> str:
    """``Chrome 120，Windows``; what is not known is shown as it came."""
    if not agent:
        return "没有说明的设备"
    browser = next((f"{name} {found[1]}" for key, name in _BROWSERS if (found := re.search(rf"{key}\w*/(\d+)", agent))), None)
    system = next((name for key, name in _SYSTEMS if key in agent), None)
    return "，".join(word for word in (browser, system) if word) or agent
