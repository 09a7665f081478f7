"""The closed evaluator inside the library: no scripts, the real error of a service, decision cells told apart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from workflows.expressions import EvalError, Refused
from workflows.script_engine import ClosedEngine, ClosedEnvironment


def task(**data: Any) -> Any:
    return SimpleNamespace(data=data)


def test_scripts_are_refused() -> None:
    engine = ClosedEngine()
    with pytest.raises(Refused, match="脚本"):
        engine.execute(task(), "x = 1")
    with pytest.raises(Refused, match="脚本"):
        engine.environment.execute("x = 1", {})


def test_the_environment_alone_is_closed_too() -> None:
    environment = ClosedEnvironment()
    assert environment.evaluate("n + 1", {"n": 1}) == 2
    with pytest.raises(Refused):
        environment.evaluate("__import__('os')", {})
    with pytest.raises(EvalError):
        environment.evaluate("n", {})


def test_data_wins_over_what_the_library_adds() -> None:
    environment = ClosedEnvironment()
    assert environment.evaluate("n + m", {"n": 1}, {"n": 5, "m": 10}) == 11
    assert environment.evaluate("4 in [dmninputexpr]", {}, {"dmninputexpr": 4}) is True


def test_a_service_gets_the_data_and_its_error_is_not_hidden() -> None:
    def service(data: dict[str, Any], **kwargs: Any) -> str:
        if kwargs["operation_name"] == "fail":
            raise ConnectionError("no line")
        return f"{data['n']} {kwargs['operation_name']}"

    engine = ClosedEngine(service)
    assert engine.call_service(task(n=1), operation_name="do") == "1 do"
    with pytest.raises(ConnectionError, match="no line"):
        engine.call_service(task(n=1), operation_name="fail")
    with pytest.raises(Refused):
        ClosedEngine().call_service(task(), operation_name="do")


@pytest.mark.parametrize(("cell", "value"), [("5", True), ("'a'", True), ("? in [1]", False), ("> 5", False), ("!= 3", False)])
def test_validate_tells_a_value_from_a_test(cell: str, value: bool) -> None:
    engine = ClosedEngine()
    for _ in range(2):  # the second time from the cache
        if value:
            engine.validate(cell)
        else:
            with pytest.raises(SyntaxError):
                engine.validate(cell)
