"""The envelope: one letter as canonical JSON (RFC 8785), what both sides sign and hash. Described in docs/exchange.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.transfers.manifest import canonical
from app.transfers.transport import Blob
from workflows.time import local

FORMAT = "hxt-exchange-1"
SM3 = re.compile(r"[0-9a-f]{64}")


class Malformed(Exception):
    """Not an envelope of this format; the message says where."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file the letter takes along."""

    sm3: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One letter on its way. ``event_at`` of what it tells is the letter's own; ``made_at`` is the sender's clock at numbering."""

    text: str
    sender: str
    receiver: str
    transfer_no: str
    seq: int
    follows: str | None  # digest of the one before in this stream
    made_at: datetime
    letter: Mapping[str, Any]
    package: Mapping[str, Any] | None
    files: tuple[FileLine, ...]

    @property
    def content(self) -> dict[str, Any]:
        return {"letter": self.letter, "package": self.package}


def write(
    sender: str, receiver: str, transfer_no: str, seq: int, follows: str | None, made_at: datetime, content: Mapping[str, Any],
    files: Sequence[Blob],
) -> str:  # fmt: skip
    """The text that is signed."""
    return canonical(
        {
            "format": FORMAT, "from": sender, "to": receiver, "transfer_no": transfer_no, "seq": seq, "follows": follows,
            "made_at": local(made_at).isoformat(), "letter": content["letter"], "package": content["package"],
            "files": [{"sm3": one.sm3, "size": one.size, "name": one.name} for one in files],
        }
    )  # fmt: skip


def read(text: str) -> Envelope:
    """Raises Malformed for anything that ``write`` would not have written."""
    try:
        given = json.loads(text)
        if given["format"] != FORMAT:
            raise Malformed(f"格式 {given['format']!r} 不是 {FORMAT}")
        found = Envelope(
            text, _str(given, "from"), _str(given, "to"), _str(given, "transfer_no"), int(given["seq"]), given["follows"],
            datetime.fromisoformat(_str(given, "made_at")), _letter(given["letter"]), given["package"],
            tuple(_file(one) for one in given["files"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"缺少或者写错了：{error}") from error
    if canonical(given) != text:
        raise Malformed("不是规范的 JSON 文本（RFC 8785）")
    if found.seq < 1 or found.made_at.tzinfo is None:
        raise Malformed("序号或者时间不对")
    listed = {one.sm3 for one in found.files}
    if found.package is not None and any(one.get("sm3") not in {None, *listed} for one in found.package["items"]):
        raise Malformed("材料清单里有文件没有列在 files 中")
    return found


def _letter(given: Any) -> Mapping[str, Any]:
    for name in ("id", "name", "letter_no", "from_organ", "to_organ", "title", "sent_at", "by"):
        _str(given, name)
    return dict(given)


def _file(given: Any) -> FileLine:
    if not SM3.fullmatch(_str(given, "sm3")) or int(given["size"]) < 1:
        raise ValueError("files")
    return FileLine(given["sm3"], int(given["size"]), _str(given, "name"))


def _str(given: Any, name: str) -> str:
    value = given[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value
