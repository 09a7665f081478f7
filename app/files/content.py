"""What a file is, read from its content. The name is never believed: it is put right or the file is refused."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

import filetype

from workflows.errors import WorkflowError

HEAD = 1 << 16
NAME_LENGTH = 120

LABELS = {"pdf": "PDF", "image": "图片", "office": "文档", "text": "文本", "audio": "录音", "video": "录像"}
ACCEPTED = "PDF、图片、Word（docx）、Excel（xlsx）、文本（txt、csv）、录音和录像"


class Unwanted(WorkflowError):
    """A file that is not taken in; ``message`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    kind: str
    mime: str
    ext: str
    inline: bool = False


def _all(kind: str, *pairs: tuple[str, str], inline: bool = False) -> dict[str, Content]:
    return {ext: Content(kind, mime, ext, inline) for ext, mime in pairs}


_BY_EXT: dict[str, Content] = {
    **_all("pdf", ("pdf", "application/pdf"), inline=True),
    **_all("image", ("jpg", "image/jpeg"), ("png", "image/png"), ("gif", "image/gif"), ("webp", "image/webp"), inline=True),
    **_all("image", ("bmp", "image/bmp"), ("tif", "image/tiff"), ("heic", "image/heic")),
    **_all(
        "office",
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ),
    **_all("text", ("txt", "text/plain"), ("csv", "text/csv")),
    **_all("audio", ("mp3", "audio/mpeg"), ("m4a", "audio/mp4"), ("wav", "audio/x-wav"), ("amr", "audio/amr")),
    **_all("audio", ("ogg", "audio/ogg"), ("flac", "audio/flac"), ("aac", "audio/aac")),
    **_all("video", ("mp4", "video/mp4"), ("mov", "video/quicktime"), ("avi", "video/x-msvideo"), ("mkv", "video/x-matroska")),
    **_all("video", ("webm", "video/webm"), ("3gp", "video/3gpp"), ("wmv", "video/x-ms-wmv"), ("mpg", "video/mpeg")),
}
_SAME = {"jpeg": "jpg", "jpe": "jpg", "tiff": "tif", "heif": "heic", "m4v": "mp4", "asf": "wmv", "mpeg": "mpg", "log": "txt", "apng": "png"}
_TEXT = ("txt", "csv")
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<svg", b"<script", b"<iframe", b"<?xml", b"<?php", b"<%")


def identify(stream: IO[bytes], name: str) -> tuple[Content, str]:
    """What the stream holds, and the name it will carry. Raises Unwanted; leaves the stream at its start."""
    name = clean_name(name)
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    if not head:
        raise Unwanted(f"“{name}”是空文件，请重新选择。")
    plain = _extension(name) in _TEXT and _decodes(head)  # so that a text beginning with "BM" is no picture
    content = _BY_EXT[(None if plain else _signature(head, stream)) or _text(head, name)]
    stream.seek(0)
    return content, _named(name, content)


def clean_name(name: str) -> str:
    """The last part of the name without folders, control characters, direction marks or leading dots."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    if len(name) > NAME_LENGTH:
        ext = PurePath(name).suffix[:10]
        name = name[: NAME_LENGTH - len(ext)].rstrip() + ext
    return name or "未命名"


def by_mime(mime: str) -> Content | None:
    return next((content for content in _BY_EXT.values() if content.mime == mime), None)


def _signature(head: bytes, stream: IO[bytes]) -> str | None:
    """The kind a signature shows, None for text; anything else with a signature is refused."""
    if head.startswith(b"PK\x03\x04"):
        return _package(stream)
    found = filetype.guess(head)
    if found is None:
        return None
    ext: str = _SAME.get(found.extension, found.extension)
    if ext not in _BY_EXT:
        raise Unwanted(f"不接收这种文件（{found.extension}）。可以上传：{ACCEPTED}。")
    return ext


def _package(stream: IO[bytes]) -> str:
    """docx and xlsx are zip packages; other packages, and those with macros, are refused."""
    try:
        with zipfile.ZipFile(stream) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unwanted("文件已损坏，打不开，请重新导出后再传。") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unwanted("带宏的文档不接收，请另存为不带宏的 docx 或 xlsx。")
    for part, ext in _OFFICE.items():
        if part in names:
            return ext
    raise Unwanted(f"不接收压缩包，请解开后逐个上传。可以上传：{ACCEPTED}。")


def _text(head: bytes, name: str) -> str:
    """Plain text under a plain name; pages, drawings with script and programs are not plain text."""
    ext = _extension(name)
    if not _decodes(head):
        raise Unwanted(f"“{name}”的内容认不出来。可以上传：{ACCEPTED}。")
    lower = head.lower().lstrip(b"\xef\xbb\xbf \t\r\n")
    if lower.startswith(b"#!") or any(mark in lower for mark in _MARKUP):
        raise Unwanted(f"“{name}”是网页或程序文件，不接收。请截图或转成 PDF 后上传。")
    if ext not in _TEXT:
        raise Unwanted(f"“{name}”的内容是文字，与名称“.{ext}”不符。请确认文件是否选对。可以上传：{ACCEPTED}。")
    return ext


def _decodes(head: bytes) -> bool:
    """Does it read as text, in UTF-8 or in the encoding of older Chinese systems?"""
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):  # the last character may be cut in two
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return not any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in text)
    return False


def _extension(name: str) -> str:
    ext = PurePath(name).suffix.lower().lstrip(".")
    return _SAME.get(ext, ext)


def _named(name: str, content: Content) -> str:
    """The name with the extension its content has."""
    ext = _extension(name)
    if ext == content.ext:
        return name
    stem = name[: -len(PurePath(name).suffix)] if ext in _BY_EXT else name
    return f"{stem}.{content.ext}"
