"""The manifest of a package: what is in it, with the SM3 of each file, in one canonical text (RFC 8785) that is hashed itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any

import rfc8785
from cryptography.hazmat.primitives import hashes

from app.transfers.models import TransferPackage, TransferPackageItem
from workflows.time import local

CHUNK = 1 << 20
FORMAT = "hxt-manifest-1"


def sm3_of(source: bytes | IO[bytes]) -> str:
    """SM3 (GB/T 32905) in hex, of bytes or of a stream read in pieces."""
    digest = hashes.Hash(hashes.SM3())
    if isinstance(source, bytes):
        digest.update(source)
    else:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.finalize().hex()


def canonical(value: Any) -> str:
    """JSON in the one form that can be hashed (RFC 8785)."""
    return rfc8785.dumps(value).decode()


def items_of(text: str) -> list[Any]:
    """The lines of a manifest as it was sealed."""
    found = json.loads(text)
    return list(found["items"])


def of(package: TransferPackage, items: Iterable[TransferPackageItem], *, sealed_at: Any, follows: str | None) -> dict[str, Any]:
    """What is sealed. ``follows``: the hash of the package before, so that none can be left out unseen."""
    return {
        "format": FORMAT,
        "transfer_no": package.transfer_no,
        "number": package.number,
        "kind": package.kind,
        "from": package.from_organ,
        "to": package.to_organ,
        "sealed_at": local(sealed_at).isoformat(timespec="seconds"),
        "follows": follows,
        "items": [item_line(item) for item in items],
    }


def item_line(item: TransferPackageItem) -> dict[str, Any]:
    """One item as the manifest names it."""
    return {
        "id": str(item.id),
        "seq": item.seq,
        "kind": item.kind,
        "name": item.name,
        "maker": item.maker,
        "made_on": item.made_on.isoformat() if item.made_on else None,
        "file": item.file_name,
        "size": item.size,
        "sm3": item.sm3,
        "on_paper": item.on_paper,
        "missing_reason": item.missing_reason,
    }
