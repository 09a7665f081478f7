"""What SpiffWorkflow asks for values: the closed evaluator in the library's clothes. Scripts are refused, services go to the step."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine

from .expressions import Refused, evaluate

ServiceCall = Callable[..., Any]


class ClosedEnvironment(BasePythonScriptEngineEnvironment):
    """The rule sits here and not only in the engine, because the library evaluates correlation keys by the environment alone.

    ``service`` is what a service task calls: ``service(data, operation_name=…, operation_params=…, …) -> str``; the runtime sets it.
    """

    def __init__(self, service: ServiceCall | None = None) -> None:
        super().__init__()
        self.service = service

    def evaluate(self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None) -> Any:
        if external_context:
            return evaluate(expression, {**external_context, **context})
        return evaluate(expression, context)

    def execute(self, script: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None) -> Any:
        raise Refused("流程图中不能有脚本")

    def call_service(self, context: Mapping[str, Any], **kwargs: Any) -> Any:
        if self.service is None:
            raise Refused("此处不能执行自动步骤")
        return self.service(context, **kwargs)


class ClosedEngine(PythonScriptEngine):
    """The script engine of every instance."""

    def __init__(self, service: ServiceCall | None = None) -> None:
        super().__init__(ClosedEnvironment(service))

    def validate(self, expression: str) -> None:
        """DMN tells ``5`` from ``> 5`` by this raising SyntaxError; what may run is checked by ``evaluate``."""
        reason = _syntax_error(expression)
        if reason is not None:
            raise SyntaxError(reason)

    def execute(self, task: Any, script: str, external_context: Mapping[str, Any] | None = None) -> Any:
        return self.environment.execute(script, task.data, external_context)

    def call_service(self, task: Any, **kwargs: Any) -> Any:
        """The inherited method hides the real error behind a NameError, so the call is passed on plainly."""
        return self.environment.call_service(task.data, **kwargs)


@lru_cache(maxsize=5000)
def _syntax_error(expression: str) -> str | None:
    """Parsing a decision table's cells again in every step would cost more than deciding it."""
    try:
        ast.parse(expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error) or "not an expression"
    return None
