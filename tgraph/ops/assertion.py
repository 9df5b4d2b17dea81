"""Conditions that must hold when a function runs: ``Assert``, ``Raise``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.errors import names
from tgraph.graph import Apply, Op, Sized, Variable
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import known_scalar
from tgraph.types import TensorType, disconnected_type


@kernel
def check_that(condition: torch.Tensor, message: str) -> None:
    """A condition that must hold."""
    if not bool(condition):
        raise AssertionError(message)


class Assert(Sized, Op):
    """``Assert(msg)(x, condition, ...)`` is x; AssertionError with the message where a condition is zero.

    The conditions are scalars. A result that is not used is not computed, and its conditions are not looked at.
    """

    __props__: tuple[str, ...] = ("msg",)
    view_map = {0: [0]}

    def __init__(self, msg: str | None = None):
        self.msg = f"{names['package'].title()} Assert failed!" if msg is None else msg

    def make_node(self, value: Any, *conds: Any) -> Apply:
        if not isinstance(value, Variable):
            value = as_tensor_variable(value)
        conditions = [as_tensor_variable(c) for c in conds]
        assert all(c.type.ndim == 0 for c in conditions), "conditions are scalars"
        return Apply(self, [value, *conditions], [value.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [*output_grads, *[disconnected_type() for _ in inputs[1:]]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], *[[False] for _ in node.inputs[1:]]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [eval_points[0]]

    def behind(self, node: Apply) -> Any:
        # the value is known only where the conditions are known to hold
        known = [known_scalar(c) for c in node.inputs[1:]]
        return node.inputs[0] if all(k is not None and k.all() for k in known) else None

    def compute(self, node: Apply, value: Any, *conds: Any) -> Any:
        assert np.all(conds), self.msg
        return value

    def lower(self, node: Apply, ctx: Any, value: Any, *conds: Any) -> Any:
        if not isinstance(node.inputs[0].type, TensorType):
            return ctx.host(node, value, *conds)
        for variable, condition in zip(node.inputs[1:], conds, strict=True):
            known = known_scalar(variable)
            if known is None or not known.all():
                ctx.call(check_that, condition, self.msg)
        return value

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [inputs[0]]


def assert_op(value: Any, *conds: Any) -> Any:
    """``value``; AssertionError when it is computed and a condition is zero."""
    return Assert()(value, *conds)


assert_ = assert_op


@dataclass(frozen=True)
class Raise(Op):
    """An op that raises ``exc(msg)`` when it runs; its result has the type of its input."""

    msg: str = ""
    exc: type[BaseException] = NotImplementedError

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: Any) -> Any:
        raise self.exc(self.msg)

    def do_constant_folding(self, node: Apply) -> bool:
        """Never: it is for the call to raise."""
        return False

    def __str__(self) -> str:
        return f"Raise{{{self.exc}({self.msg})}}"


__all__ = ["Assert", "Raise", "assert_", "assert_op"]
