"""How the same person, the same household, the same source and the same place are recognised."""

from __future__ import annotations

import re

from app.petitions.search import plain

_NOISE = re.compile(r"[\s\W_]+")
_COMPANY = ("有限责任公司", "股份有限公司", "有限公司", "公司")
PHONE_LEAST = 7  # fewer digits are no telephone number
KEY_LEAST = 4  # a place of fewer characters names a street, not a spot


def key(text: str | None) -> str:
    """A name without spaces and punctuation, full-width made plain."""
    return _NOISE.sub("", plain(text or ""))


def enterprise_key(name: str | None) -> str:
    """沁澜厂（有限公司） and 沁澜厂有限公司 are one."""
    found = key(name)
    for ending in _COMPANY:
        if found.endswith(ending) and len(found) > len(ending) + 1:
            return found.removesuffix(ending)
    return found


def phone_digits(phone: str | None) -> str | None:
    """The digits of a phone number, without the country's +86."""
    digits = re.sub(r"\D", "", plain(phone or ""))
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    return digits if len(digits) >= PHONE_LEAST else None


def household(name: str | None, phone: str | None, address: str | None) -> str | None:
    """What tells households apart: the address; without one the phone; without either the name."""
    if found := key(address):
        return f"a:{found}"
    if digits := phone_digits(phone):
        return f"p:{digits}"
    return f"n:{found}" if (found := key(name)) else None


def place_key(place: str | None) -> str | None:
    found = key(place)
    return found if len(found) >= KEY_LEAST else None
