"""`PdbBreakpoint`: the debugger, when a condition holds inside of a function."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.graph import Apply, Op
from tgraph.operators import as_tensor_variable
from tgraph.types import disconnected_type

__all__ = ["PdbBreakpoint"]


class PdbBreakpoint(Op):
    """`x, y = PdbBreakpoint("too big")(condition, x, y)`: the same values, and a debugger wherever the condition (a
    scalar) is true: pudb, ipdb or pdb, whichever is there first.

    In the debugger the list `monitored` holds the values as arrays; what is put into it is used further on. At
    least one of the outputs has to be used.
    """

    __props__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def make_node(self, condition: Any, *monitored_vars: Any) -> Apply:
        condition = as_tensor_variable(condition)
        assert condition.ndim == 0, "the condition is a scalar"
        op = type(self)(self.name)
        op.view_map = {i: [i + 1] for i in range(len(monitored_vars))}
        op.inp_types = [x.type for x in monitored_vars]
        return Apply(op, [condition, *monitored_vars], [x.type() for x in monitored_vars])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list]) -> None:
        values = list(inputs[1:])
        if inputs[0]:
            monitored = [np.asarray(x) for x in values]
            sys.stdout.write(
                f"\n\nConditional breakpoint '{self.name}' activated\n\nThe monitored variables are, in order, in the "
                "list 'monitored', as arrays.\nWhat you put into it is used when execution goes on.\n"
            )
            _debugger().set_trace()
            values = [t.filter(x) for t, x in zip(self.inp_types, monitored, strict=True)]
        for cell, value in zip(output_storage, values, strict=True):
            cell[0] = value

    def grad(self, inputs: Sequence[Any], output_gradients: Sequence[Any]) -> list[Any]:
        return [disconnected_type(), *output_gradients]

    def infer_shape(self, node: Apply, input_shapes: Sequence[Any]) -> Sequence[Any]:
        return input_shapes[1:]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        outputs = range(len(node.inputs) - 1)
        return [[out == i - 1 for out in outputs] for i in range(len(node.inputs))]


def _debugger() -> Any:
    for name in ("pudb", "ipdb", "pdb"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ImportError("no debugger is there")
