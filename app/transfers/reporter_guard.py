"""A reporter's identity never leaves with a transfer (条例30, 法典146, amendments §7).

What a petitioner left of name, phone and address is compared with every generated text and with the text layer of every upload. Scans,
pictures and recordings have no text: a member of the team looks at each and says so, and that is logged.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from uuid import UUID

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from app.papers import queries as papers
from app.petitions import briefs
from workflows.errors import Conflict

PHONE_LEAST = 7  # digits that tell one phone from another
NAME_MOST = 6  # characters: what is longer among the secrets is an address
# asked for every letter and every piece of material, so in one query
_REPORTED = sql("""
WITH file AS (
    SELECT cast(:case AS uuid) AS id
    UNION SELECT about_case FROM consultation WHERE case_id = :case
    UNION SELECT transfer_case FROM detention WHERE case_id = :case
)
SELECT subject_case FROM transfer WHERE case_id IN (SELECT id FROM file)
UNION SELECT from_case FROM transfer_question WHERE case_id IN (SELECT id FROM file)
UNION SELECT subject_case FROM detention WHERE case_id IN (SELECT id FROM file)""")


@dataclass(frozen=True, slots=True)
class Read:
    """``text`` of a file; ``whole``: all of it is text, nothing is left that only eyes can read."""

    text: str
    whole: bool


def secrets_of(session: Session, case_id: UUID) -> list[str]:
    """Names, phones and addresses of whoever reported what a file of the bureau is about: transfer, consultation or detention."""
    found = briefs.of(session, reported(session, case_id), None).values()
    return sorted({word for brief in found for word in brief.secrets}, key=len, reverse=True)


def reported(session: Session, case_id: UUID) -> list[UUID]:
    """The petitions behind a file, also those that only asked later."""
    return sorted(one for one in session.scalars(_REPORTED, {"case": case_id}) if one is not None)


def found_in(text: str, secrets: Sequence[str]) -> list[str]:
    """Which kinds of identity a text gives away: 姓名, 电话, 住址. Never the words themselves."""
    plain, digits = _plain(text), _digits(text)
    kinds = []
    for secret in secrets:
        number = "".join(c for c in _plain(secret) if c.isdigit())
        if len(number) >= PHONE_LEAST and len(number) >= len(_plain(secret)) - 1:
            kinds += ["电话"] if number in digits else []
        elif len(secret) > NAME_MOST:
            kinds += ["住址"] if _plain(secret) in plain else []
        else:
            kinds += ["姓名"] if _plain(secret) in plain else []
    return list(dict.fromkeys(kinds))


def refuse(session: Session, case_id: UUID, texts: Iterable[str]) -> None:
    """Stop a letter or paper that names the reporter. Raises Conflict, which does not repeat the words."""
    secrets = secrets_of(session, case_id)
    kinds = found_in("\n".join(texts), secrets) if secrets else []
    if kinds:
        raise Conflict(f"内容里有举报人的{'、'.join(kinds)}，不能发给其他机关，请删去后再提交（法典第一百四十六条）。")


def reporter_papers(session: Session, case_ids: Iterable[UUID]) -> set[UUID]:
    """Papers that carry a petitioner's identity: none of them may be taken along."""
    return {paper.id for case_id in case_ids for paper in papers.of_case(session, case_id) if paper.reporter or paper.sealed}


def read(stream: IO[bytes], mime: str, name: str) -> Read:
    """The text layer of an upload."""
    kind = mime.split("/")[0]
    data = stream.read() if kind not in ("image", "audio", "video") else b""
    if mime == "application/pdf":
        return _pdf(data)
    if mime.endswith(("wordprocessingml.document", "spreadsheetml.sheet")):
        return _package(data)
    if kind == "text":
        return Read(_decoded(data), True)
    return Read("", False)


def _pdf(data: bytes) -> Read:
    """Pages, notes and properties; a page without text, or with pictures, is one to look at."""
    try:
        reader = PdfReader(BytesIO(data))
        texts = [str(value) for value in (reader.metadata or {}).values()]
        whole = True
        for page in reader.pages:
            text = page.extract_text() or ""
            notes = [str(note.get_object().get("/Contents") or "") for note in page.get("/Annots") or []]
            whole = whole and bool(text.strip()) and not page.images
            texts += [text, *notes]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        return Read("", False)  # what cannot be read is looked at
    return Read("\n".join(texts), whole)


def _package(data: bytes) -> Read:
    """docx and xlsx: all parts, also headers, comments, hidden sheets and properties; a picture inside is one to look at."""
    texts, whole = [], True
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            for name in package.namelist():
                if name.endswith((".xml", ".rels")):
                    texts.append(_xml_text(package.read(name)))
                elif not name.endswith("/"):
                    whole = False
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Read("", False)
    text = "\n".join(texts)
    return Read(text, whole and bool(text.strip()))


def _xml_text(data: bytes) -> str:
    """All text of a part without its tags: a name split over runs is one again."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False))
    except etree.XMLSyntaxError:
        return data.decode("utf-8", "replace")
    words = ["".join(str(part) for part in root.itertext())]
    words += [str(value) for node in root.iter() if isinstance(node.tag, str) for value in node.attrib.values()]
    return "\n".join(words)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """Full-width made half, spaces and punctuation out, capitals small: 张　三 and 张·三 are 张三."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def _digits(text: str) -> str:
    """The digits of a text with what separates the digits of one number taken out, other words kept as a break."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[^\d]+", " ", re.sub(r"(?<=\d)[\s\-–—()（）.·]+(?=\d)", "", text))
