"""What a file is comes from its content; names are put right, tricks are refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from app.files.content import Unwanted, clean_name, identify

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


def package(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind", "becomes"),
    [
        (PDF, "举报信.pdf", "pdf", "举报信.pdf"),
        (PNG, "现场.PNG", "image", "现场.PNG"),
        (PNG, "现场.jpg", "image", "现场.png"),
        (PNG, "现场", "image", "现场.png"),
        (PDF, "报告.exe", "pdf", "报告.exe.pdf"),
        (package("[Content_Types].xml", "word/document.xml"), "笔录.docx", "office", "笔录.docx"),
        (package("[Content_Types].xml", "xl/workbook.xml"), "台账.zip", "office", "台账.zip.xlsx"),
        ("编号,内容\n1,晚上冒烟\n".encode("gb18030"), "名单.csv", "text", "名单.csv"),
        ("﻿噪声很大".encode(), "说明.txt", "text", "说明.txt"),
        (b"BM is how this note begins", "note.txt", "text", "note.txt"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 64, "电话.mp3", "audio", "电话.mp3"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 64, "排口.mp4", "video", "排口.mp4"),
    ],
)
def test_taken_by_content(data: bytes, name: str, kind: str, becomes: str) -> None:
    content, called = identify(io.BytesIO(data), name)
    assert (content.kind, called) == (kind, becomes)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "空.pdf", "空文件"),
        (EXE, "照片.jpg", "不接收"),
        (b"<html><script>alert(1)</script>", "信.txt", "网页或程序"),
        (b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "图.png", "网页或程序"),
        (b"a,b\n<ScRiPt src=x></script>", "表.csv", "网页或程序"),
        (b"#!/bin/sh\nrm -rf /", "说明.txt", "网页或程序"),
        ("就是一段文字，没有图。".encode(), "照片.jpg", "不符"),
        (package("a.txt"), "材料.docx", "压缩包"),
        (package("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "笔录.docx", "宏"),
        (b"PK\x03\x04broken", "笔录.docx", "损坏"),
        (b"\x7fELF" + b"\x00" * 100, "附件", "不接收"),
        (b"\x01\x02\x03\x04garbage\x00", "附件.txt", "认不出"),
    ],
)
def test_refused(data: bytes, name: str, says: str) -> None:
    with pytest.raises(Unwanted) as refused:
        identify(io.BytesIO(data), name)
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\用户\\桌面\\照片.jpg", "照片.jpg"),
        ("照片\u202egpj.exe", "照片gpj.exe"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
        ("..", "未命名"),
        (".htaccess", "htaccess"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
    ],
)
def test_names_carry_no_tricks(given: str, kept: str) -> None:
    assert clean_name(given) == kept
