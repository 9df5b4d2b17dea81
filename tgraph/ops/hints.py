"""What is known of matrices, noted in the graph: symmetric, positive semi-definite. Nothing is computed with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tgraph.errors import NotScalarConstantError
from tgraph.graph import Apply, Op
from tgraph.ops.constants import get_scalar_constant_value
from tgraph.ops.elemwise import Elemwise
from tgraph.ops.rows import rows


class Hint(Op):
    """x itself, with ``hints`` about it: ``Hint(psd=True)(x)``."""

    __props__ = ("hints",)
    view_map = {0: [0]}

    def __init__(self, **hints: Any):
        self.hints = tuple(hints.items())

    def make_node(self, x: Any) -> Apply:
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return x

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return x

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return list(output_grads)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


def is_hint_node(node: Apply | None) -> bool:
    """True for an apply node of ``Hint``."""
    return node is not None and isinstance(node.op, Hint)


def hints(variable: Any) -> dict[str, Any]:
    """The hints that were put on a variable itself."""
    owner = variable.owner
    return dict(owner.op.hints) if is_hint_node(owner) else {}


def psd(v: Any) -> Any:
    """v, noted as symmetric and positive semi-definite."""
    return Hint(psd=True, symmetric=True)(v)


def is_psd(v: Any) -> bool:
    """True for what ``psd`` gave."""
    return hints(v).get("psd", False)


def is_symmetric(v: Any) -> bool:
    """True for what is noted as symmetric."""
    return hints(v).get("symmetric", False)


def is_positive(v: Any) -> bool:
    """True for what is noted as positive, and for even powers."""
    if hints(v).get("positive", False):
        return True
    owner = v.owner
    if owner is None or not isinstance(owner.op, Elemwise) or type(owner.op.scalar_op) is not type(rows["pow"]):
        return False
    try:
        return bool(get_scalar_constant_value(owner.inputs[1]) % 2 == 0)
    except NotScalarConstantError:
        return False


__all__ = ["Hint", "hints", "is_hint_node", "is_positive", "is_psd", "is_symmetric", "psd"]
