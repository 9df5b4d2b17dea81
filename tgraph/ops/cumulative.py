"""Sums and products of the elements so far, and differences: cumsum, cumprod, diff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import ShapeError
from tgraph.graph import Apply, Op
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.create import zeros
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, discrete_dtypes
from tgraph.values import TORCH_DTYPES

_HOST = frozenset(("bool", "uint16", "uint32", "uint64"))


class CumOp(Op):
    """z[.., i, ..] = x[.., 0, ..] + ... + x[.., i, ..] along ``axis``, or the product with mode 'mul'.

    ``axis`` None runs through the flattened x and gives a vector. The dtype stays that of x (int8 wraps).
    ValueError for an axis that x does not have.
    """

    __props__ = ("axis", "mode")

    def __init__(self, axis: int | None = None, mode: str = "add"):
        if mode not in ("add", "mul"):
            raise ValueError(f'{type(self).__name__}: Unknown mode "{mode}"')
        self.axis, self.mode = axis, mode

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if self.axis is None:
            return Apply(self, [x], [TensorType(x.type.dtype, (False,))()])
        if not -x.type.ndim <= self.axis < x.type.ndim:
            raise ShapeError(f"axis(={self.axis}) out of bounds", fix=f"x has {x.type.ndim} dimensions")
        return Apply(self, [x], [x.type()])

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        function = np.cumsum if self.mode == "add" else np.cumprod
        with np.errstate(all="ignore"):
            return function(x, axis=self.axis, dtype=x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype = node.inputs[0].type.dtype
        if dtype in _HOST:
            return ctx.host(node, x)
        axis = self.axis
        if axis is None:
            x, axis = torch.reshape(x, [-1]), 0
        return (torch.cumsum if self.mode == "add" else torch.cumprod)(x, axis, dtype=TORCH_DTYPES[dtype])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (z,), (g,) = inputs, outputs, output_grads
        if z.type.dtype in discrete_dtypes:
            return [zero_for(x)]
        axis = 0 if self.axis is None else self.axis % x.type.ndim
        back = (slice(None),) * axis + (slice(None, None, -1),)
        # each x stands in all later sums: sum the gradients from the end
        total = CumOp(axis)((g if self.mode == "add" else z * g)[back])[back]
        if self.axis is None:
            total = total.reshape(x.shape, ndim=x.type.ndim)
        return [total if self.mode == "add" else total / x]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        count = 1
        for size in shapes[0]:
            count = size * count
        return [(count,) if self.axis is None else shapes[0]]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0] if self.axis is not None else (fresh(),)]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.axis}, {self.mode}}}"


class CumsumOp(CumOp):
    """The older name of ``CumOp(axis, 'add')``."""

    def __new__(cls, axis: int | None = None) -> CumOp:
        return CumOp(axis, "add")


class CumprodOp(CumOp):
    """The older name of ``CumOp(axis, 'mul')``."""

    def __new__(cls, axis: int | None = None) -> CumOp:
        return CumOp(axis, "mul")


class DiffOp(Op):
    """z[.., i, ..] = x[.., i + 1, ..] - x[.., i, ..] along ``axis``, ``n`` times over; in the dtype of x.

    For bools z tells where neighbours differ. Raises ValueError at run time for an n below 0.
    """

    __props__ = ("n", "axis")

    def __init__(self, n: int = 1, axis: int = -1):
        self.n, self.axis = n, axis

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if not -x.type.ndim <= self.axis < x.type.ndim:
            raise ShapeError(f"axis {self.axis} is out of bounds", fix=f"x has {x.type.ndim} dimensions")
        pattern = [b and (not self.n or i != self.axis % x.type.ndim) for i, b in enumerate(x.type.broadcastable)]
        return Apply(self, [x], [TensorType(x.type.dtype, pattern)()])

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.diff(x, n=self.n, axis=self.axis)

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if node.inputs[0].type.dtype in _HOST - {"bool"} or self.n < 0:
            return ctx.host(node, x)
        return torch.diff(x, self.n, self.axis) if self.n else x

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            return [zero_for(x)]
        axis = self.axis % x.type.ndim
        edge = zeros([1 if i == axis else x.shape[i] for i in range(x.type.ndim)], dtype=g.type.dtype)
        for _ in range(self.n):
            g = table["concatenate"]([edge, g], axis) - table["concatenate"]([g, edge], axis)
        return [g]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        sizes = list(shapes[0])
        sizes[self.axis] = table["maximum"](sizes[self.axis] - self.n, 0)
        return [tuple(sizes)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        if not self.n:
            return [inputs[0]]
        return [tuple(fresh() if i == self.axis % len(inputs[0]) else s for i, s in enumerate(inputs[0]))]


@offers("cumsum")
def cumsum(x: Any, axis: int | None = None) -> Any:
    """Sums of the elements so far along ``axis`` (None: of the flattened tensor), in the dtype of x."""
    return CumOp(axis, "add")(x)


@offers("cumprod")
def cumprod(x: Any, axis: int | None = None) -> Any:
    """Products of the elements so far along ``axis`` (None: of the flattened tensor), in the dtype of x."""
    return CumOp(axis, "mul")(x)


def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """The ``n``-th differences of neighbours along ``axis``: see ``DiffOp``. Of a scalar: itself, for an ``n`` of 0."""
    x = as_tensor_variable(x)
    return x if n == x.type.ndim == 0 else DiffOp(n=n, axis=axis)(x)


__all__ = ["CumOp", "CumprodOp", "CumsumOp", "DiffOp", "cumprod", "cumsum", "diff"]
