"""``function()``: build -> rewrite -> lower -> run, the only place where the pipeline is spelled out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Variable, late, replace
from tgraph.graph import inputs as leaves_of
from tgraph.lowering import python_engine
from tgraph.lowering.to_fx import lower
from tgraph.operators import as_tensor_variable
from tgraph.rewrite import rewrite
from tgraph.shared import SharedVariable, device_of
from tgraph.values import to_numpy, to_value


class Function:
    """A compiled graph: call it with the values of its inputs."""

    def __init__(self, inputs: list[Any], run: Callable[..., tuple], shareds: list[Any], updates: list[Any],
                 single: bool, n_outputs: int):
        self.inputs, self.run, self.shareds, self.updates = inputs, run, shareds, updates
        self.single, self.n_outputs = single, n_outputs

    def __call__(self, *args: Any) -> Any:
        values = [to_value(x.type.filter(a), device_of(x.type)) for x, a in zip(self.inputs, args, strict=True)]
        held = [s.container.storage[0] for s in self.shareds]
        results = self.run(*values, *held)
        outs = [np.array(to_numpy(r)) if isinstance(r, torch.Tensor) else r for r in results[: self.n_outputs]]
        for s, new in zip(self.updates, results[self.n_outputs:], strict=True):
            s.container.storage[0] = new
        return outs[0] if self.single else outs


def function(inputs: Sequence[Any], outputs: Any = None, updates: Any = None, givens: Any = None) -> Function:
    """Compile a graph."""
    single = isinstance(outputs, Variable)
    outs = [] if outputs is None else [outputs] if single else list(outputs)
    outs = [as_tensor_variable(o) for o in outs]
    pairs = list(updates.items()) if hasattr(updates, "items") else list(updates or [])
    finals = outs + [s.filter_update(u) for s, u in pairs]
    finals = replace(finals, dict(givens.items() if hasattr(givens, "items") else givens or []))
    finals = rewrite(finals)
    shareds = [v for v in leaves_of(finals) if isinstance(v, SharedVariable)]
    program = lower([*inputs, *shareds], finals)
    run = python_engine.build(program)
    return Function(list(inputs), run, shareds, [s for s, _ in pairs], single, len(outs))


def _eval(variable: Any, values: dict[Any, Any] | None = None) -> Any:
    values = values or {}
    return function(list(values), variable)(*values.values())


late["eval"] = _eval
late["function"] = function
