"""移送行政拘留: the originals sealed and sent, and what is supplied afterwards (853号第十一至十三条)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.files import queries as file_queries
from app.files import services as files
from app.papers import services as papers
from app.transfers import carry, letters, materials, package
from app.transfers import detention_papers as papers_of
from app.transfers.detention_papers import LETTER, LIST, REPORT
from app.transfers.detention_words import ROLES
from app.transfers.handlers.common import Data
from app.transfers.handlers.detention_common import at, keep_notice, newest, persons, record
from app.transfers.handlers.sending import person_of
from app.transfers.letters import Content, contents
from app.transfers.models import TransferPackage
from workflows.errors import FormError
from workflows.handlers import Ctx, Handlers

handlers = Handlers()

FIRST, SUPPLEMENT = "detention", "detention_supplement"


@handlers.register("detention.originals_sent")
def originals_sent(ctx: Ctx, data: Data) -> Data:
    """copy_originals: 853号11 is whole, copies are kept; sealed and sent within three working days (12)."""
    answer, d = data["answer"], record(ctx)
    made = _package(ctx, FIRST, answer)
    for kind, name in (("letter", LETTER), ("report", REPORT)):
        paper = letters.latest_paper(ctx, name)
        assert paper is not None  # the form issues it
        package.write_paper(ctx.session, person_of(ctx), made, paper, kind)
    lines = papers_of.material_list(ctx.session, made)
    package.write_paper(ctx.session, person_of(ctx), made, papers.issue(ctx, LIST, lines), "list")
    _seal(ctx, made)
    d.copies, d.sent_at = True, ctx.now
    ctx.clock.meet("send", ctx.now)
    at(ctx, "police")
    return {}


def _package(ctx: Ctx, kind: str, answer: Data) -> TransferPackage:
    """The draft with what the form adds to it: files, or originals on paper."""
    d, person = record(ctx), person_of(ctx)
    made = package.draft(ctx.session, carry.home_of(ctx), kind, d.police or d.organ, ctx.actor.shown)
    have = {str(item.file_id) for item in package.items(ctx.session, made.id) if item.file_id}
    for row in answer.get("materials") or []:
        ids = [str(one) for one in row.get("files") or [] if str(one) not in have]
        files.attach(ctx.session, person, [UUID(one) for one in ids], ctx.case.id, ctx.task_id)
        names = file_queries.by_ids(ctx.session, [UUID(one) for one in ids])
        for one in ids:
            name = row["name"] if len(ids) == 1 else f"{row['name']}：{names[UUID(one)].name}"
            package.add(ctx.session, person, made, {**row, "name": name, "file_id": one, "on_paper": True, "missing_reason": None})
        if not row.get("files"):
            package.add(ctx.session, person, made, {**row, "on_paper": bool(row.get("copies"))})
    return made


def _seal(ctx: Ctx, made: TransferPackage) -> None:
    """Sealed, or refused with everything that is missing beside the field."""
    found = package.problems(ctx.session, made)
    if found:
        raise FormError({"materials": "材料不齐，不能移送：" + "；".join(f"{one.label}：{one.say}" for one in found)})
    package.seal(ctx, made)


def sealed(ctx: Ctx, kind: str) -> TransferPackage | None:
    """The newest sealed package of this file."""
    query = select(TransferPackage).where(
        TransferPackage.case_id == ctx.case.id, TransferPackage.kind == kind, TransferPackage.sealed_at.is_not(None)
    )
    return ctx.session.scalars(query.order_by(TransferPackage.seq.desc()).limit(1)).first()


@contents.register("detention_sent")
def detention_sent(ctx: Ctx, kind: str, payload: Data) -> Content:
    """案件移送书 with the package; the persons proposed."""
    d, made, paper = record(ctx), sealed(ctx, FIRST), letters.latest_paper(ctx, LETTER)
    assert made is not None and paper is not None  # originals_sent made both
    rows = package.items(ctx.session, made.id)
    proposed = [{"name": p.name, "result": "", "role": ROLES.get(p.role, p.role), "act": p.act} for p in persons(ctx)]
    body = {
        "title": d.title, "party": d.party, "act": d.act, "bureau": d.organ, "police": d.police or "", "persons": proposed,
        "proposed": [{"name": one["name"]} for one in proposed],
        "ground_lines": [papers_of.ground_line(row) for row in [*d.grounds, *d.other_law]],
        "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3, "file_list": package.file_list(rows),
    }  # fmt: skip
    return Content(
        body, lines=[(str(label), str(text)) for label, text in paper.content], title=LETTER, decided_at=d.decided_at,
        document_no=paper.number, package_id=made.id, paper_id=paper.id, files=package.file_list(rows),
    )  # fmt: skip


@handlers.register("detention.material_supplied")
def material_supplied(ctx: Ctx, data: Data) -> Data:
    """supply: a numbered supplement is sealed (853号第十三条)."""
    answer, d = data["answer"], record(ctx)
    made = _package(ctx, SUPPLEMENT, answer)
    _seal(ctx, made)
    m = {"kind": "supplied", "reasons": answer["explanation"], "package": str(made.id)}
    keep_notice(ctx, d.number, m, "supplied")
    at(ctx, "police")
    return {}


@contents.register("detention_supplied")
def detention_supplied(ctx: Ctx, kind: str, payload: Data) -> Content:
    """The supplement with its own package."""
    made, row = sealed(ctx, SUPPLEMENT), newest(ctx, "supplied")
    assert made is not None and row is not None  # material_supplied made both
    rows = package.items(ctx.session, made.id)
    lines = [("说明", row.reasons or ""), *((materials.kind_label(SUPPLEMENT, item.kind), item.name) for item in rows)]
    body = {"reasons": row.reasons or "", "package": str(made.id), "package_no": made.number, "manifest_sm3": made.manifest_sm3}
    asked = newest(ctx, "supplement")
    return Content(
        body, lines=lines, in_reply_to=asked.letter_no if asked is not None else None, decided_at=row.at, package_id=made.id,
        files=package.file_list(rows),
    )  # fmt: skip
