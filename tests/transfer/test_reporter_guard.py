"""A reporter's identity never leaves: planted in generated papers, letters, uploads of every kind, split, spaced and hidden."""

from __future__ import annotations

import zipfile
from io import BytesIO
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import get_engine
from app.files import services as files
from app.papers.models import Paper
from app.transfers import consulting, package, reporter_guard, services
from app.transfers.models import Transfer, TransferPackage
from tests.petitions.builders import register
from tests.transfer.bureau_builders import MISSING, UNIT, Elsewhere, do, go, officers, person, transfer, work
from workflows.errors import Conflict, FormError
from workflows.step import Step
from workflows.time import now

NAME, PHONE, ADDRESS = "欧阳晚棠", "13907910042", "东湖区鹭洲里九号院二单元"
SECRETS = (NAME, PHONE, ADDRESS)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


# --- reading and comparing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"举报人{NAME}反映", ["姓名"]),
        ("欧 阳　晚·棠", ["姓名"]),
        ("联系电话：139-0791-0042。", ["电话"]),
        ("１３９０７９１００４２", ["电话"]),
        ("139 0791 0042", ["电话"]),
        ("住东湖区鹭洲里九号院 二单元", ["住址"]),
        ("金额139，编号0791，第0042号", []),
        ("欧阳先生", []),
        (f"{NAME}，{PHONE}", ["姓名", "电话"]),
    ],
)
def test_what_gives_the_reporter_away(text: str, kinds: list[str]) -> None:
    assert sorted(reporter_guard.found_in(text, SECRETS)) == sorted(kinds)


def docx(*texts: str, media: bool = False, **parts: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        runs = "".join(f"<w:r><w:t>{t}</w:t></w:r>" for t in texts)
        head = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("word/document.xml", f"<w:document {head}><w:body><w:p>{runs}</w:p></w:body></w:document>")
        for name, value in parts.items():
            z.writestr(f"word/{name}.xml", f"<w:x {head}><w:t>{value}</w:t></w:x>")
        if media:
            z.writestr("word/media/image1.png", PNG)
    return out.getvalue()


def pdf(text: str) -> bytes:
    """One page with one line of Latin text in a base font."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + b"".join(f"{p:010} 00000 n \n".encode() for p in places)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


def xlsx(value: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "监测"  # type: ignore[union-attr]
    hidden = book.create_sheet("备注")
    hidden.sheet_state = "hidden"
    hidden["A1"] = value
    out = BytesIO()
    book.save(out)
    return out.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (f"笔录：{NAME}".encode(), "text/plain"),
        (f"笔录：{NAME}".encode("gb18030"), "text/csv"),
        (docx("欧阳", "晚棠"), DOCX),
        (docx("正文", comments=f"批注 {PHONE}"), DOCX),
        (docx("正文", header1=NAME), DOCX),
        (xlsx(PHONE), XLSX),
        (pdf("Tel 139-0791-0042"), "application/pdf"),
    ],
)
def test_the_text_layer_of_uploads_is_read(data: bytes, mime: str) -> None:
    read = reporter_guard.read(BytesIO(data), mime, "材料")
    assert reporter_guard.found_in(read.text, SECRETS)


@pytest.mark.parametrize(
    ("data", "mime", "whole"),
    [
        (PNG, "image/png", False),
        (docx("正文", media=True), DOCX, False),
        (docx("正文"), DOCX, True),
        (pdf("report"), "application/pdf", True),
        (pdf(" "), "application/pdf", False),
        (b"%PDF-1.4 broken", "application/pdf", False),
        (b"not a zip", DOCX, False),
    ],
)
def test_what_only_eyes_can_read_is_known(data: bytes, mime: str, whole: bool) -> None:
    assert reporter_guard.read(BytesIO(data), mime, "材料").whole is whole


# --- on a file ----------------------------------------------------------------------------------------------------------


def reported(session: Session) -> UUID:
    """A bureau's file asked for by a named report, at the step before the sending."""
    subject = register(
        session,
        name=NAME,
        phone=PHONE,
        address=ADDRESS,
        received_at="2026-09-18T09:00:00+08:00",
        statement="厂区夜间向水渠排放黄色废水，气味刺鼻，已经持续一个多月，请查处。",
    )
    handler = officers(session)[0]
    get_engine().update_case(session, subject, person(session, "xinfang").actor(), attrs={"unit": UNIT, "handler": str(handler.id)})
    step = Step.on_case(get_engine(), session, subject, handler.actor())
    link = step.links.open("transfer.question", "移送问题", holds=True)
    step.send("transfer.question", {"case_id": str(subject), "link_id": str(link.id)})
    step.save()
    work(session)
    case_id = session.scalars(select(Transfer.case_id).where(Transfer.subject_case == subject)).one()
    go(session, case_id, "enter_facts", "confirm", "form_team")
    return case_id


def to_assemble(session: Session, case_id: UUID, **report: object) -> None:
    do(session, case_id, "write_report", **report)
    go(session, case_id, "legal_opinion", "decide")


def draft(session: Session, case_id: UUID) -> TransferPackage:
    return package.draft(session, services.home(session, case_id), "first", transfer(session, case_id).police or "", "甲")


def put(session: Session, case_id: UUID, data: bytes, name: str) -> None:
    file = files.add_file(session, officers(session)[0], BytesIO(data), name, case_id=case_id)
    given = {"kind": "records", "name": "笔录", "maker": "罗劲松", "made_on": "2026-09-20", "file_id": file.id}
    package.add(session, officers(session)[0], draft(session, case_id), given)


def test_planted_uploads_are_refused_without_repeating_the_words(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    to_assemble(bureau_work, case_id)
    for data, name in ((f"笔录，{NAME}到场".encode(), "笔录.txt"), (docx("欧阳", "晚棠"), "笔录.docx"), (b"ok text file", f"{NAME}.txt")):
        with pytest.raises(FormError) as error:
            put(bureau_work, case_id, data, name)
        assert "举报人的姓名" in error.value.errors["file"] and NAME not in error.value.errors["file"]
    with pytest.raises(FormError):
        package.add(bureau_work, officers(bureau_work)[0], draft(bureau_work, case_id), {"kind": "records", "name": f"{NAME}的笔录"})


def test_a_generated_paper_that_names_the_reporter_stops_the_sending(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    to_assemble(bureau_work, case_id, facts=f"经{NAME}举报，执法人员到现场检查，发现暗管一处，正在排放废水。")
    with pytest.raises(FormError, match="要改"):
        do(bureau_work, case_id, "assemble")
    assert not elsewhere.sent


def test_a_letter_that_names_the_reporter_is_not_sent(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    do(bureau_work, case_id, "write_report")
    do(bureau_work, case_id, "legal_opinion")
    with pytest.raises(Conflict, match="举报人的姓名"):
        do(bureau_work, case_id, "decide", decision="refuse", reason=f"举报人{NAME}已经撤回举报，违法事实也显著轻微，不予移送")
    assert not elsewhere.sent


def test_scans_are_ticked_one_by_one_and_logged(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    to_assemble(bureau_work, case_id)
    put(bureau_work, case_id, PNG, "笔录扫描.png")
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "assemble", materials=MISSING[1:])
    assert "没有文字层" in error.value.errors["materials"]
    made = draft(bureau_work, case_id)
    scan = next(one for one in package.items(bureau_work, made.id) if one.text_layer is False)
    package.tick(bureau_work, officers(bureau_work)[0], made, scan)
    do(bureau_work, case_id, "assemble", materials=MISSING[1:])
    assert elsewhere.names() == ["transfer_sent", "transfer_copied"]
    ticked = [e for e in get_engine().trail(bureau_work, case_id) if e.kind == "transfer.reporter_checked"]
    assert len(ticked) == 1 and ticked[0].actor_id == officers(bureau_work)[0].id


def test_a_reporter_who_becomes_known_later_still_stops_the_sending(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    to_assemble(bureau_work, case_id)
    put(bureau_work, case_id, "证人祁连山的询问笔录".encode(), "笔录.txt")
    second = register(
        bureau_work, name="祁连山", phone="13700000001", address="高新区艾溪湖北路九百号", received_at="2026-09-19T09:00:00+08:00"
    )
    services.ask(bureau_work, transfer(bureau_work, case_id), from_case=second)
    with pytest.raises(FormError, match="要改"):
        do(bureau_work, case_id, "assemble", materials=MISSING[1:])


def test_a_paper_that_carries_an_identity_cannot_be_taken(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    to_assemble(bureau_work, case_id)
    paper = Paper(case_id=case_id, kind="信访事项登记表", content=[], maker="甲", made_at=now(), reporter=True)
    bureau_work.add(paper)
    bureau_work.flush()
    with pytest.raises(Conflict, match="举报人"):
        package.write_paper(bureau_work, officers(bureau_work)[0], draft(bureau_work, case_id), paper, "other")


def test_a_consultation_names_no_reporter_either(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = reported(bureau_work)
    asked = consulting.begin(bureau_work, officers(bureau_work)[0], transfer(bureau_work, case_id), "consult", "police")
    with pytest.raises(Conflict, match="举报人"):
        do(bureau_work, asked, "ask", question=f"据{NAME}反映，暗管排放含铬废水，请研究立案标准和证据固定。")
    assert not elsewhere.sent
