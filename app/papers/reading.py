"""What a person may read of a paper."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.papers.models import Paper
from app.petitions import masking
from app.petitions.models import Petition
from workflows.tables import Case

Level = Literal["full", "masked", "sealed"]
HIDDEN = "（已遮盖）"


def level(session: Session, person: Person, paper: Paper) -> Level:
    """As much as the person sees of the petitioner; papers of cases without a petition name nobody."""
    petition = session.get(Petition, paper.case_id)
    if petition is None:
        return "full"
    return masking.visible(session, person, petition, session.get_one(Case, paper.case_id))


def lines(session: Session, paper: Paper, seen: Level) -> list[tuple[str, str]]:
    """The lines of the paper. Sealed: only that it exists. Masked: names taken out of every line, personal ones covered."""
    if seen == "sealed" and (paper.sealed or paper.reporter):
        return [("内容", "密封，由指定人员查看")]
    if seen == "full":
        return [*_pairs(paper.personal), *_pairs(paper.content)]
    petition = session.get(Petition, paper.case_id)
    open_part = _pairs(paper.content)
    if petition is not None:
        open_part = [(label, masking.hide(petition, text)) for label, text in open_part]
    return [*((label, HIDDEN) for label, _ in _pairs(paper.personal)), *open_part]


def _pairs(stored: list[list[str]]) -> list[tuple[str, str]]:
    return [(str(line[0]), str(line[1])) for line in stored]
