"""The package: complete by rule, hashed with SM3, sealed for ever; supplements are packages of their own."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.files import services as files
from app.transfers import manifest, materials, package, services, waste
from app.transfers.models import TransferPackage, TransferPackageItem
from tests.transfer.bureau_builders import MISSING, Elsewhere, do, go, officers, source, step, to_sent, transfer
from workflows.errors import Conflict, FormError

BYTES = "现场检查（勘察）笔录：暗管一处。".encode()


def item(**given: Any) -> TransferPackageItem:
    fields = {"id": uuid4(), "package_id": uuid4(), "seq": 1, "kind": "records", "name": "笔录", "added_by": "甲", "on_paper": False}
    return TransferPackageItem(**{**fields, **given})


# --- hashes and canonical text ------------------------------------------------------------------------------------------


def test_sm3_is_that_of_the_standard() -> None:
    assert manifest.sm3_of(b"abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert manifest.sm3_of(b"abcd" * 16) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert manifest.sm3_of(BytesIO(b"x" * (3 << 20))) == manifest.sm3_of(b"x" * (3 << 20))


def test_canonical_json_is_rfc_8785() -> None:
    assert manifest.canonical({"b": 1, "a": [True, None, "é"], "€": "x", "\U0001f600": 1}) == '{"a":[true,null,"é"],"b":1,"€":"x","😀":1}'
    assert manifest.canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"😀":2,"\ufb33":1}'  # by UTF-16 units, not by code points
    assert manifest.canonical('\x1f\n"\\') == '"\\u001f\\n\\"\\\\"'
    assert manifest.canonical({"a": 1.50, "b": 1e21}) == '{"a":1.5,"b":1e+21}'


# --- completeness -------------------------------------------------------------------------------------------------------


def full(kind: str, **given: Any) -> TransferPackageItem:
    return item(kind=kind, maker="甲", made_on=date(2026, 9, 20), sm3="0" * 64, **given)


def test_every_kind_of_17_6_is_owed() -> None:
    rows = [full(kind.id) for kind in materials.CRIMINAL if kind.owed]
    assert materials.complete("first", rows)
    for owed in (kind for kind in materials.CRIMINAL if kind.owed):
        left = [row for row in rows if row.kind != owed.id]
        assert [m.kind for m in materials.missing("first", left)] == [owed.id]
    assert [m.kind for m in materials.missing("first", rows, penalised=True)] == ["penalty"]


@pytest.mark.parametrize("lacking", ["maker", "made_on", "sm3"])
def test_each_piece_needs_file_maker_date_and_hash(lacking: str) -> None:
    row = full("records")
    setattr(row, lacking, None)
    assert len(materials.missing("supplement", [row])) == 1


def test_what_is_missing_needs_a_reason_and_the_letter_none() -> None:
    assert not materials.missing("supplement", [item(missing_reason="现场没有查封、扣押物品")])
    assert materials.missing("supplement", [item(missing_reason="没有")])
    assert materials.missing("first", [item(kind="letter", missing_reason="现场没有查封、扣押物品")])


# --- sealing ------------------------------------------------------------------------------------------------------------


def at_assemble(session: Session) -> UUID:
    case_id = source(session)
    go(session, case_id, "enter_facts", "confirm", "form_team", "write_report", "legal_opinion", "decide")
    return case_id


def drafted(session: Session, case_id: UUID) -> TransferPackage:
    t = transfer(session, case_id)
    return package.draft(session, services.home(session, case_id), "first", t.police or "", "甲")


def upload(session: Session, case_id: UUID, data: bytes = BYTES, name: str = "笔录.txt") -> UUID:
    return files.add_file(session, officers(session)[0], BytesIO(data), name, case_id=case_id).id


def test_nothing_leaves_while_something_is_missing(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = at_assemble(bureau_work)
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "assemble", materials=MISSING[:2])
    said = error.value.errors["materials"]
    assert "照片、录音录像和清单" in said and "监测、检验报告" in said and "检查、询问笔录" not in said
    assert not elsewhere.sent


def test_the_manifest_names_each_file_with_its_hash(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = at_assemble(bureau_work)
    made = drafted(bureau_work, case_id)
    file_id = upload(bureau_work, case_id)
    given = {"kind": "records", "name": "现场检查笔录", "maker": "罗劲松", "made_on": "2026-09-20", "file_id": file_id}
    package.add(bureau_work, officers(bureau_work)[0], made, given)
    do(bureau_work, case_id, "assemble", materials=MISSING[1:])
    assert made.sealed_at is not None and made.number == "洪环移〔2026〕1号-材料1"
    assert manifest.sm3_of(BYTES) in (made.manifest or "") and package.manifest_agrees(made)
    kinds = [one.kind for one in package.items(bureau_work, made.id)]
    assert {"letter", "report", "records"} <= set(kinds)
    assert all(one.agrees for one in package.verify(bureau_work, made))
    sent = elsewhere.last("transfer_sent")
    assert sent["manifest_sm3"] == made.manifest_sm3 and len(sent["file_list"]) == sum(1 for k in kinds if k) - 3


def test_a_sealed_package_cannot_be_changed_by_anybody(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    made = package.of_transfer(bureau_work, transfer(bureau_work, case_id).transfer_no)[0]
    with pytest.raises(Conflict, match="已封存"):
        package.add(bureau_work, officers(bureau_work)[0], made, {"kind": "other", "name": "补一份"})
    bureau_work.commit()
    file_id = next(one.file_id for one in package.items(bureau_work, made.id) if one.file_id)
    for sql in (
        "update transfer_package set manifest = '' where id = :id",
        "delete from transfer_package_item where package_id = :id",
        "update transfer_package_item set name = 'x' where package_id = :id",
        "insert into transfer_package_item (id, package_id, seq, kind, name, on_paper, added_by, added_at)"
        " values (gen_random_uuid(), :id, 99, 'other', 'x', false, 'x', now())",
        "update file set removed_at = now() where id = :file",
    ):
        with pytest.raises(DatabaseError), bureau_work.begin_nested():
            bureau_work.execute(text(sql), {"id": made.id, "file": file_id} if ":file" in sql else {"id": made.id})
    bureau_work.execute(text("update transfer_package set confined = confined where id = :id"), {"id": made.id})


def test_a_file_of_another_case_is_refused(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id, other = at_assemble(bureau_work), source(bureau_work)
    with pytest.raises(FormError, match="要改"):
        package.add(
            bureau_work, officers(bureau_work)[0], drafted(bureau_work, case_id),
            {"kind": "records", "name": "笔录", "file_id": upload(bureau_work, other)},
        )  # fmt: skip


def test_a_changed_file_is_found_when_it_is_read_again(bureau_work: Session, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    made = package.of_transfer(bureau_work, transfer(bureau_work, case_id).transfer_no)[0]
    monkeypatch.setattr(files, "storage", lambda: SimpleNamespace(open=lambda sha: BytesIO(b"other")))
    assert not any(one.agrees for one in package.verify(bureau_work, made))


def test_the_opinion_on_waste_has_the_words_of_17_22(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = at_assemble(bureau_work)
    answer = {
        "unit": "沁澜厂",
        "act": "私设暗管",
        "thing": "电镀污泥",
        "reason": "依据《国家危险废物名录》和生产工艺判断",
        "is_waste": True,
        "code": "336-064-17",
    }
    made = drafted(bureau_work, case_id)
    piece = waste.write(bureau_work, officers(bureau_work)[0], transfer(bureau_work, case_id), made, answer)
    assert piece.kind == "tests" and piece.wording is not None
    assert piece.wording["text"] == "经认定，电镀污泥属于《国家危险废物名录》所列危险废物，废物代码 336-064-17。"
    assert waste.wording("废水", False, "") == "经认定，废水不属于危险废物。"
    assert step(bureau_work, case_id, "assemble")
