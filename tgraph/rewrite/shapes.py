"""Shapes without values: the size of what a graph computes, from the sizes of what it is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tgraph.ops.elemwise import scalar_constant
from tgraph.ops.subtensor import Subtensor
from tgraph.rewrite.engine import row_of


def size_of(n: Any) -> tuple[Any, int] | None:
    """(x, axis) where an integer variable is the size of x along an axis, else None."""
    for _ in range(8):
        owner = n.owner
        if owner is None:
            return None
        name = row_of(n)
        if name is not None and name.startswith("convert_to_int"):
            n = owner.inputs[0]
            continue
        kind = type(owner.op).__name__
        if kind == "Shape_i":
            return owner.inputs[0], int(owner.op.i)
        if isinstance(owner.op, Subtensor) and len(owner.op.idx_list) == 1:
            made = owner.inputs[0].owner
            if made is None or type(made.op).__name__ != "Shape":
                return None
            entry = owner.op.idx_list[0]
            if isinstance(entry, slice):
                return None
            value = scalar_constant(owner.inputs[1]) if len(owner.inputs) > 1 else entry
            if value is None:
                return None
            x = made.inputs[0]
            return x, int(value) % max(x.type.ndim, 1)
        return None
    return None


def rows_of(n: Any, candidates: Sequence[Any]) -> bool:
    """True if n is the size along axis 0 of one of the candidates (or of what they are rows of)."""
    found = size_of(n)
    if found is None or found[1] != 0:
        return False
    x = found[0]
    seen: list[Any] = list(candidates)
    for v in seen:
        if v is x:
            return True
        if v.owner is not None and len(seen) < 16 and type(v.owner.op).__name__ in (
            "Softmax", "LogSoftmax", "LogOfSoftmax", "SoftmaxWithBias", "Dot",
        ):
            seen.append(v.owner.inputs[0])
        elif row_of(v) is not None and len(seen) < 16:
            seen.extend(i for i in v.owner.inputs if i.type.ndim and not i.type.broadcastable[0])
    return False


__all__ = ["rows_of", "size_of"]
