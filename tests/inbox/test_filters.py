"""Filters and places come from the address: nothing typed there may break a page or reach the SQL as text."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.inbox.filters import Filter, Place, conditions, end_of_week
from workflows.time import ZONE

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=ZONE)
ID = UUID("01890000-0000-7000-8000-000000000001")


def test_unknown_lights_are_dropped_and_long_texts_cut() -> None:
    wanted = Filter.read({"light": "purple", "q": "x" * 500, "nonsense": "1"})
    assert wanted.light == "" and len(wanted.q) == 60


def test_links_keep_what_is_set() -> None:
    wanted = Filter.read({"light": "red", "county": "360111"})
    assert wanted.having(light="") == {"county": "360111"}
    assert wanted.having(channel="phone") == {"light": "red", "county": "360111", "channel": "phone"}
    assert not Filter() and wanted


def test_values_are_parameters_never_sql() -> None:
    nasty = "'; drop table wf_task; --%_"
    where, params = conditions(Filter(q=nasty, county=nasty, unit=nasty, stage=nasty), NOW)
    assert nasty not in " ".join(where)
    assert params["county"] == params["unit"] == params["stage"] == nasty
    assert params["q"] == r"%'; drop table wf\_task; --\%\_%"


def test_places_survive_the_address() -> None:
    place = Place.of(NOW, ID)
    assert Place.read(str(place)) == place
    assert Place.read(str(Place.of(None, ID))) == Place("infinity", ID)


@given(st.text(max_size=80))
def test_a_broken_place_is_no_place(text: str) -> None:
    place = Place.read(text)
    assert place is None or place.due == "infinity" or datetime.fromisoformat(place.due)


def test_the_week_ends_on_sunday_night() -> None:
    assert end_of_week(NOW) == datetime(2026, 11, 30, tzinfo=ZONE)
    assert end_of_week(datetime(2026, 11, 29, 23, 59, tzinfo=ZONE)) == datetime(2026, 11, 30, tzinfo=ZONE)
