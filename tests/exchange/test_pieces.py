"""Files on their way in: in pieces, resumed, checked by size, hash and content."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.exchange.models import Piece
from app.transfers.manifest import sm3_of
from tests.exchange.signed import ask, bring, written
from tests.exchange.two import Side

ROOT = Path(__file__).parents[2]


# --- files --------------------------------------------------------------------------------------------------------------


def piece(to: Side, by: Side, sm3: str, size: int, offset: int, data: bytes, name: str = "a.txt") -> TestResponse:
    return ask(to, by, "PUT", f"/files/{sm3}?offset={offset}&size={size}&name={name}", data)


def test_a_file_comes_in_pieces_and_goes_on_where_it_broke_off(two: tuple[Side, Side]) -> None:
    a, b = two
    data = "现场检查笔录".encode() * 500
    sm3 = sm3_of(data)
    assert piece(b, a, sm3, len(data), 0, data[:4000]).json == {"got": 4000, "complete": False}
    wrong = piece(b, a, sm3, len(data), 0, data[:4000])
    assert wrong.status_code == 409 and wrong.json == {"message": "接续的位置不对", "got": 4000}
    assert ask(b, a, "GET", f"/files/{sm3}").json == {"got": 4000, "complete": False}
    files = [{"sm3": sm3, "size": len(data), "name": "笔录.txt"}]
    missing = bring(b, a, written(files=files))
    assert missing.status_code == 409 and missing.json["missing"] == [sm3]  # type: ignore[index]
    assert piece(b, a, sm3, len(data), 4000, data[4000:]).json == {"got": len(data), "complete": True}
    assert piece(b, a, sm3, len(data), 0, data).json == {"got": len(data), "complete": True}  # known: nothing is written again
    assert bring(b, a, written(files=files)).status_code == 200
    assert not list((b.settings.instance / "exchange" / "parts").rglob(sm3))


@pytest.mark.parametrize(
    ("data", "size", "said"),
    [
        (b"hello", 6, ""),  # not yet whole
        (b"hello", 4, "超过申报的大小"),
        (b"MZ\x90\x00" + b"\0" * 60, 64, ""),  # a program
        (b"<html><script>alert(1)</script></html>", 38, "网页或程序"),
        (b"hello", 60 << 20, "超过 50 MB"),
    ],
)
def test_files_are_checked_by_size_and_content(two: tuple[Side, Side], data: bytes, size: int, said: str) -> None:
    a, b = two
    answer = piece(b, a, sm3_of(data), size, 0, data)
    if said:
        assert answer.status_code == 422 and said in answer.json["message"]  # type: ignore[index]
    else:
        assert answer.status_code == (422 if data.startswith(b"MZ") else 200)
    with b.work() as session:
        assert session.scalar(select(func.count()).select_from(Piece).where(Piece.complete_at.is_not(None))) == 0


def test_a_file_with_another_hash_is_thrown_away_and_may_come_again(two: tuple[Side, Side]) -> None:
    a, b = two
    data = b"plain text"
    assert piece(b, a, sm3_of(b"other text"), len(data), 0, data).status_code == 422
    assert ask(b, a, "GET", f"/files/{sm3_of(b'other text')}").json == {"got": 0, "complete": False}
    for sm3 in ("..", "0" * 63, "G" * 64, "0" * 65):
        assert ask(b, a, "GET", f"/files/{sm3}").status_code in (404, 422)
    for query in ("", "?offset=0", "?offset=x&size=1&name=a", "?offset=0&size=-1&name=a.txt", "?offset=0&size=1&name="):
        assert ask(b, a, "PUT", f"/files/{'0' * 64}{query}", b"x").status_code == 422
