"""Pictures for the demo's files: a drawn scene of sky, ground and a plume, different for each petition. No photograph of anything."""

from __future__ import annotations

import struct
import zlib
from random import Random

WIDTH, HEIGHT, HORIZON = 320, 200, 130
SKY, GROUND, PLUME = (176, 196, 212), (112, 118, 96), (92, 92, 98)


def scene(seed: str) -> bytes:
    """A small PNG, always the same for the same seed."""
    dice = Random(seed)
    chimney, lean, width = dice.randrange(60, 260), dice.uniform(-0.8, 0.8), dice.uniform(6, 16)
    rows = b"".join(b"\0" + bytes(_row(y, chimney, lean, width, dice)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 6)) + _chunk(b"IEND", b"")


def _row(y: int, chimney: int, lean: float, width: float, dice: Random) -> list[int]:
    """One line of pixels: what stands in front covers what is behind."""
    out: list[int] = []
    for x in range(WIDTH):
        colour = SKY if y < HORIZON else GROUND
        if 60 < y < HORIZON and abs(x - chimney) < 7:
            colour = (128, 84, 74)
        elif y <= 60 and abs(x - chimney - lean * (60 - y)) < width + (60 - y) * 0.35:
            colour = PLUME
        shade = dice.randrange(-9, 10)
        out += [max(0, min(255, part + shade)) for part in colour]
    return out


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
