"""Reductions over axes: sum, prod, max, min, argmax, all, any and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op
from tgraph.operators import as_tensor_variable, offers
from tgraph.ops.elemwise import DimShuffle, elemwise
from tgraph.ops.rows import rows
from tgraph.types import TensorType
from tgraph.values import TORCH_DTYPES


@dataclass(frozen=True)
class Sum(Op):
    """z[kept] = sum over ``axis`` (a tuple, or None for all) of x."""

    axis: tuple[int, ...] | None = None
    dtype: str | None = None
    acc_dtype: str | None = None

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        axes = range(x.type.ndim) if self.axis is None else self.axis
        pattern = [b for i, b in enumerate(x.type.broadcastable) if i not in axes]
        dtype = self.dtype or x.type.dtype
        if self.dtype is None and x.type.dtype in ("bool", "int8", "int16", "int32"):
            dtype = "int64"
        if self.dtype is None and x.type.dtype in ("uint8", "uint16", "uint32"):
            dtype = "uint64"
        return Apply(self, [x], [TensorType(dtype, pattern)()])

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        axes = range(x.type.ndim) if self.axis is None else self.axis
        order: list[Any] = []
        k = 0
        for i in range(x.type.ndim):
            if i in axes:
                order.append("x")
            else:
                order.append(k)
                k += 1
        return [elemwise(rows["second"])(x, DimShuffle(g.type.broadcastable, tuple(order))(g))]

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        return np.asarray(x.sum(axis=self.axis, dtype=node.outputs[0].type.dtype))

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        axes = list(range(node.inputs[0].type.ndim)) if self.axis is None else list(self.axis)
        return torch.sum(x, axes, dtype=TORCH_DTYPES[node.outputs[0].type.dtype])

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        axes = range(node.inputs[0].type.ndim) if self.axis is None else self.axis
        return [tuple(s for i, s in enumerate(inputs[0]) if i not in axes)]


@offers("sum")
def sum(x: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
    """Sum over ``axis`` (an int, a list of ints, or None for all)."""
    x = as_tensor_variable(x)
    if isinstance(axis, (int, np.integer)):
        axis = [axis]
    axes = None if axis is None else tuple(sorted(int(a) % x.type.ndim for a in axis))
    out = Sum(axes, dtype, acc_dtype)(x)
    if keepdims:
        reduced = range(x.type.ndim) if axes is None else axes
        kept = iter(range(out.type.ndim))
        out = out.dimshuffle(*["x" if i in reduced else next(kept) for i in range(x.type.ndim)])
    return out

__all__ = ["Sum", "sum"]
