"""Products: dot, tensordot, batched_dot, outer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.errors import ShapeError
from tgraph.graph import Apply, Op
from tgraph.operators import as_tensor_variable, offers
from tgraph.types import TensorType, upcast


@dataclass(frozen=True)
class Dot(Op):
    """z[i, j] = sum_k x[i, k] * y[k, j], each of x and y a matrix or a vector."""

    def make_node(self, x: Any, y: Any) -> Apply:
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        if x.type.ndim not in (1, 2) or y.type.ndim not in (1, 2):
            raise ShapeError(f"dot wants vectors or matrices, got {x.type} and {y.type}", fix="use tensordot")
        pattern = x.type.broadcastable[:-1] + y.type.broadcastable[1:]
        return Apply(self, [x, y], [TensorType(upcast(x.type.dtype, y.type.dtype), pattern)()])

    def grad(self, inputs: Any, output_grads: Any) -> list[Any]:
        (x, y), (g,) = inputs, output_grads
        if g.type.ndim == 0:
            return [g * y, g * x]
        if x.type.ndim == 1:
            return [dot(g, y.T), x.dimshuffle(0, "x") * g.dimshuffle("x", 0)]
        if y.type.ndim == 1:
            return [g.dimshuffle(0, "x") * y.dimshuffle("x", 0), dot(x.T, g)]
        return [dot(g, y.T), dot(x.T, g)]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray) -> Any:
        return np.asarray(np.dot(x, y))

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        x, y = (v if i.type.dtype == dtype else ctx.cast(v, dtype)
                for v, i in zip((x, y), node.inputs, strict=True))
        return torch.matmul(x, y)

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [(*inputs[0][:-1], *inputs[1][1:])]


_dot = Dot()


@offers("dot")
def dot(a: Any, b: Any) -> Any:
    """The product of two matrices or vectors."""
    return _dot(a, b)


@offers("transpose")
def transpose(x: Any, axes: Any = None) -> Any:
    """Axes permuted; all reversed where ``axes`` is None."""
    x = as_tensor_variable(x)
    return x.dimshuffle(*(range(x.type.ndim)[::-1] if axes is None else axes))

__all__ = ["Dot", "dot", "transpose"]
