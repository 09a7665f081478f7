"""What a person may read of a paper."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.papers.models import Paper
from app.petitions import masking

HIDDEN = "（已遮盖）"


def lines(session: Session, person: Person, paper: Paper) -> list[tuple[str, str]]:
    """The lines of the paper. Sealed: only that it exists. Masked: names taken out of every line, personal ones covered."""
    level, read = masking.of_case(session, person, paper.case_id)
    if level == "sealed":
        return [("内容", "密封，由指定人员查看")]
    content = [(label, read(text)) for label, text in _pairs(paper.content)]
    personal = _pairs(paper.personal)
    return [*(personal if level == "full" else [(label, HIDDEN) for label, _ in personal]), *content]


def _pairs(stored: list[list[str]]) -> list[tuple[str, str]]:
    return [(str(line[0]), str(line[1])) for line in stored]
