"""From what people enter to what the table asks: ratios, earlier penalties, the law by the date of the act, legal's part."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.transfers import facts, law, rescreening, screening
from app.transfers.models import Consultation
from tests.transfer.bureau_builders import Elsewhere, case, do, go, officers, source, to_sent, transfer
from workflows.errors import FormError

LEGAL = "按照当时有效的司法解释判断，暗管排放含铬废水已达到入罪标准，依法应当移送"


def hits(session: Session, **answer: Any) -> list[str]:
    return screening.ask(session, facts.inputs(answer)).hits


# --- inputs -------------------------------------------------------------------------------------------------------------


def test_measured_and_standard_are_kept_and_divided() -> None:
    rows = [{"pollutant": "铬", "measured": 4.5, "standard": 1.5}, {"pollutant": "镍", "measured": 9.9, "standard": 1.0}]
    assert [r["ratio"] for r in facts.with_ratios(rows)] == [3.0, 9.9]
    assert (facts.inputs({"measured": rows})["r_a"], facts.inputs({"measured": rows})["r_b"]) == (3.0, 9.9)
    assert facts.inputs({"measured": [{"pollutant": "其他", "measured": 90, "standard": 1}]})["r_a"] == 0


@pytest.mark.parametrize(
    ("measured", "standard", "expected"),
    [(4.5, 1.5, ["1(3)"]), (4.4999, 1.5, []), (6.0, 1.5, ["1(3)"]), (5.9, 1.5, ["1(3)"])],
)
def test_three_times_is_a_hit_at_the_figure_itself(bureau_work: Session, measured: float, standard: float, expected: list[str]) -> None:
    answer = {"measured": [{"pollutant": "铅", "measured": measured, "standard": standard}]}
    found = screening.ask(bureau_work, facts.inputs(answer))
    assert found.hits == expected
    assert bool(found.marks) is (bool(expected) and measured / standard < 4)  # 倍数读法待核 between three and four


@pytest.mark.parametrize(("value", "hit"), [(2.999, False), (3, True)])
def test_three_tons_of_hazardous_waste(bureau_work: Session, value: float, hit: bool) -> None:
    assert ("1(2)" in hits(bureau_work, hw_t=value)) is hit


@pytest.mark.parametrize(
    ("days", "act", "count"),
    [
        (["2024-09-20", "2025-03-01"], "2026-09-20", 2),  # two years to the day
        (["2024-09-19", "2025-03-01"], "2026-09-20", 1),  # the first lies outside, so the second is the first
        (["2024-09-19", "2025-03-01", "2026-01-01"], "2026-09-20", 2),
        (["2026-09-21"], "2026-09-20", 0),  # after the act
        (["2024-02-29", "2024-03-01"], "2026-02-28", 2),
    ],
)
def test_two_years_run_from_the_effect_of_the_first_penalty(days: list[str], act: str, count: int) -> None:
    rows = [{"kind": "toxic", "number": "罚", "effective_on": day} for day in days]
    assert facts.inputs({"penalties": rows, "act_from": act})["toxic_pen"] == count
    assert facts.inputs({"penalties": rows, "act_from": act})["air_pen"] == 0


def test_boxes_and_figures_become_inputs() -> None:
    found = facts.inputs({"situations": ["zone", "waste_import"], "toxic_kinds": ["pop"], "basic_mu": 6, "public_mu": 4})
    assert found["zone"] and found["waste_import"] and found["toxic"] and not found["river"]
    assert (found["basic_mu"], found["basic_or_public_mu"]) == (6, 10)
    assert not facts.anything({"flags": ["obstructed"]}) and facts.anything({"light": 1})


# --- the law ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2026, 8, 1), date(2026, 8, 14), "before"),
        (date(2026, 8, 1), date(2026, 8, 15), "code"),
        (date(2023, 8, 1), date(2023, 8, 14), "by_hand"),
        (date(2023, 8, 1), date(2023, 8, 15), "before"),
        (None, None, "code"),
    ],
)
def test_the_law_is_that_of_the_day_the_act_ended(first: date | None, last: date | None, expected: str) -> None:
    assert law.of(first, last).id == expected
    assert law.crosses(first, last) is (last == date(2026, 8, 15))


# --- on a file ----------------------------------------------------------------------------------------------------------


def test_everything_is_kept_with_the_case(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    rows = [{"pollutant": "铬", "measured": 5.0, "standard": 1.5, "unit": "mg/L", "report": "洪环监〔2026〕9号"}]
    do(bureau_work, case_id, "enter_facts", act_to="2026-08-14", act_from="2026-08-01", measured=rows, flags=["near_people"])
    do(bureau_work, case_id, "confirm")
    row = screening.latest(bureau_work, case_id)
    assert row is not None and row.hits == ["1(3)", "1(5)"] and row.unsure == ["倍数读法待核"] and row.flags == ["near_people"]
    assert row.measured[0]["measured"] == 5.0 and row.measured[0]["standard"] == 1.5 and row.measured[0]["ratio"] == 3.3333
    assert row.law == "before" and "第一千零五十七条" in row.law_text and len(row.table_version) == 12
    assert row.confirmed_by and row.suspected


def test_nothing_is_skipped_and_nothing_contradicts(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    for wrong in ({"toxic_kinds": None, "ways": None}, {"none": True}):
        with pytest.raises(FormError) as error:
            do(bureau_work, case_id, "enter_facts", **wrong)
        assert "none" in error.value.errors


def test_legal_adds_with_a_reason_and_never_strikes(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts")
    for wrong, field in (
        ({"suspected": False}, "suspected"),
        ({"added": ["1(11)"]}, "reason"),
        ({"complete": False}, "reason"),
    ):
        with pytest.raises(FormError) as error:
            do(bureau_work, case_id, "confirm", **wrong)
        assert field in error.value.errors
    do(bureau_work, case_id, "confirm", added=["1(11)"], reason=LEGAL)
    row = screening.latest(bureau_work, case_id)
    assert row is not None and row.added == ["1(11)"] and transfer(bureau_work, case_id).state == "team"


def test_suspected_without_a_hit_needs_the_item_and_the_reason(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    do(bureau_work, case_id, "enter_facts", toxic_kinds=None, ways=None, none=True)
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "confirm", suspected=True)
    assert "added" in error.value.errors
    do(bureau_work, case_id, "confirm", suspected=True, added=["1(11)"], reason=LEGAL)
    assert transfer(bureau_work, case_id).suspected


def test_acts_before_the_interpretation_are_judged_by_hand(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    do(bureau_work, case_id, "enter_facts", act_from="2023-08-01", act_to="2023-08-14")
    with pytest.raises(FormError) as error:
        do(bureau_work, case_id, "confirm")
    assert "reason" in error.value.errors
    do(bureau_work, case_id, "confirm", reason=LEGAL)
    row = screening.latest(bureau_work, case_id)
    assert row is not None and row.by_hand and row.legal_reason == LEGAL


def test_a_grave_hit_proposes_early_joint_work(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    do(bureau_work, case_id, "enter_facts", hw_t=100)
    do(bureau_work, case_id, "confirm")
    assert transfer(bureau_work, case_id).grave and "情节严重" in case(bureau_work, case_id).tags
    rows = bureau_work.query(Consultation).order_by(Consultation.other).all()
    assert [(r.kind, r.other) for r in rows] == [("early_notice", "pp-360111"), ("early_notice", "ps-360111")]
    do(bureau_work, rows[1].case_id, "ask", question=rows[1].question)
    assert elsewhere.last("consult_requested")["kind"] == "early_notice"


def test_changed_facts_are_screened_again(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts")
    answer = {**rescreening.before(bureau_work, case_id), "hw_t": 3, "situations": []}
    with pytest.raises(FormError):
        rescreening.again(bureau_work, officers(bureau_work)[0], transfer(bureau_work, case_id), answer)
    do(bureau_work, case_id, "confirm")
    go(bureau_work, case_id, "form_team", "write_report", "legal_opinion", "decide", "assemble")
    said = rescreening.again(bureau_work, officers(bureau_work)[0], transfer(bureau_work, case_id), answer)
    assert "解释1(2)" in said
    assert [r.hits for r in screening.all_of(bureau_work, case_id)] == [["1(2)", "1(5)"], ["1(5)"]]


def test_the_team_has_two_certified_officers(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    go(bureau_work, case_id, "enter_facts", "confirm")
    first = str(officers(bureau_work)[0].id)
    for wrong, field in (
        ({"officers": [first]}, "officers"),
        ({"officers": [first, first]}, "officers"),
        ({"no_interest": False}, "no_interest"),
    ):
        with pytest.raises(FormError) as error:
            do(bureau_work, case_id, "form_team", **wrong)
        assert field in error.value.errors
    do(bureau_work, case_id, "form_team")
    found = transfer(bureau_work, case_id)
    assert len(found.team) == 2 and case(bureau_work, case_id).attrs["officer"] == found.team[1]["id"]


def test_a_source_needs_two_different_officers(bureau_work: Session) -> None:
    first = str(officers(bureau_work)[0].id)
    with pytest.raises(FormError):
        source(bureau_work, handler=first, officer=first)


def test_the_way_to_the_sending_asks_in_order(bureau_work: Session, elsewhere: Elsewhere) -> None:
    case_id = source(bureau_work)
    to_sent(bureau_work, case_id)
    found = transfer(bureau_work, case_id)
    assert found.report_at and found.legal_at and found.decided_at and found.sent_at
    assert found.report_at < found.legal_at < found.decided_at < found.sent_at
