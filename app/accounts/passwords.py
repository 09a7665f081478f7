"""Passwords: argon2id, what a good one is, and the first one an administrator hands out."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 128  # longer input costs time to hash and helps nobody
RULE = f"至少 {MIN_LENGTH} 位，同时有字母和数字，不含账户名和姓名，不用常见密码"

# No 0/O, 1/l/I: a first password is read aloud or copied from a slip.
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"
_COMMON = ("password", "qwerty", "1qaz2wsx", "abc123", "123456", "nanchang", "huanbao", "admin", "iloveyou", "woaini")


@cache
def _hasher() -> PasswordHasher:
    """argon2id with the library's RFC 9106 low-memory profile."""
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to check against when the account does not exist, so that both answers take the same time."""
    return _hasher().hash(secrets.token_urlsafe())


def hash_password(plain: str) -> str:
    return _hasher().hash(plain)


def matches(hashed: str | None, plain: str) -> bool:
    """Is this the password? Takes as long for an account that does not exist (``hashed`` None)."""
    try:
        _hasher().verify(hashed or _nobody(), plain[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def is_outdated(hashed: str) -> bool:
    """Was it hashed with weaker parameters than today's?"""
    return _hasher().check_needs_rehash(hashed)


def problem_with(plain: str, account: str, name: str) -> str | None:
    """What is wrong with a new password, as what to do about it; None if nothing."""
    low = plain.lower()
    if len(plain) < MIN_LENGTH:
        return f"密码至少 {MIN_LENGTH} 位，现在是 {len(plain)} 位。"
    if len(plain) > MAX_LENGTH:
        return f"密码不超过 {MAX_LENGTH} 位。"
    if not any(c.isalpha() for c in plain) or not any(c.isdigit() for c in plain):
        return "密码要同时有字母和数字。"
    if account.lower() in low or (name and name.lower() in low):
        return "密码不要包含账户名或姓名。"
    if len(set(plain)) < 5 or any(word in low for word in _COMMON):
        return "这个密码太常见，容易被猜到，请换一个。"
    return None


def first_password() -> str:
    """A random password that is easy to read aloud: three groups of letters and digits."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(4)) + secrets.choice(_DIGITS) for _ in range(3)]
    return "-".join(groups)
