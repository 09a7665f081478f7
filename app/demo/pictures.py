"""Pictures for the demo's files: a drawn scene of sky, ground and a plume, different for each petition. No photograph of anything."""

from __future__ import annotations

import struct
import zlib
from random import Random

WIDTH, HEIGHT, HORIZON = 320, 200, 130
SKY, GROUND, PLUME, CHIMNEY = (176, 196, 212), (112, 118, 96), (92, 92, 98), (128, 84, 74)


def scene(seed: str) -> bytes:
    """A small PNG, always the same for the same seed."""
    dice = Random(seed)
    chimney, lean, width = dice.randrange(60, 260), dice.uniform(-0.8, 0.8), dice.uniform(6, 16)
    rows = b"".join(b"\0" + _row(y, chimney, lean, width, dice.randrange(-9, 10)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 6)) + _chunk(b"IEND", b"")


def _row(y: int, chimney: int, lean: float, width: float, shade: int) -> bytes:
    """One line of pixels, each line a little lighter or darker: behind, and what stands in front of it from ``left`` to ``right``."""
    behind, front, left, right = SKY if y < HORIZON else GROUND, None, 0, 0
    if 60 < y < HORIZON:
        front, left, right = CHIMNEY, chimney - 6, chimney + 7
    elif y <= 60:
        middle, half = chimney + lean * (60 - y), width + (60 - y) * 0.35
        front, left, right = PLUME, int(middle - half), int(middle + half)
    left, right = max(0, left), max(0, min(WIDTH, right))
    if front is None or right <= left:
        return _shaded(behind, shade) * WIDTH
    return _shaded(behind, shade) * left + _shaded(front, shade) * (right - left) + _shaded(behind, shade) * (WIDTH - right)


def _shaded(colour: tuple[int, int, int], shade: int) -> bytes:
    return bytes(max(0, min(255, part + shade)) for part in colour)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
