"""Permutations of the last axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.create import arange
from tgraph.ops.reduce import makeKeepDims
from tgraph.ops.reduce import sum as sum_over
from tgraph.ops.rows import zero_for
from tgraph.ops.shape import shape_padleft
from tgraph.types import TensorType, disconnected_type, discrete_dtypes, integer_dtypes


@kernel
def permute_rows(x: torch.Tensor, y: torch.Tensor, may_grow: list[list[bool]], inverse: bool) -> torch.Tensor:
    """x[.., y[.., i]], or what this undoes; ``may_grow`` tells which axes of x and y may be broadcast."""
    shape: list[int] = []
    for i in range(x.dim()):
        a = x.size(i)
        b = y.size(i)
        last = i == x.dim() - 1
        if a != b and not (a == 1 and may_grow[0][i] and not last) and not (b == 1 and may_grow[1][i] and not last):
            raise ValueError("Dimension mismatch: " + str(a) + ", " + str(b))
        shape.append(b if a == 1 else a)
    n = shape[len(shape) - 1]
    x = x.expand(shape)
    y = torch.where(y < 0, y + n, y).expand(shape)
    if y.numel() > 0:
        low = int(y.min())
        high = int(y.max())
        if low < 0 or high >= n:
            wrong = high if high >= n else low - n
            raise IndexError("index " + str(wrong) + " is out of bounds for axis 0 with size " + str(n))
    if inverse:
        return torch.scatter(x, x.dim() - 1, y, x)
    return torch.gather(x, x.dim() - 1, y)


@dataclass(frozen=True)
class PermuteRowElements(Sized, Op):
    """z[.., i] = x[.., y[.., i]], or z[.., y[.., i]] = x[.., i] where ``inverse`` is not 0.

    ``x`` and ``y`` (integers) get broadcastable axes on the left until they have as many dimensions; the others
    broadcast by type. AssertionError for a ``y`` that is no integers, ValueError at run time for sizes that
    do not fit.
    """

    def make_node(self, x: Any, y: Any, inverse: Any) -> Apply:
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        inverse = as_tensor_variable(1 if inverse else 0)
        assert y.type.dtype in integer_dtypes, "a permutation is made of integers"
        x = shape_padleft(x, max(0, y.type.ndim - x.type.ndim))
        y = shape_padleft(y, max(0, x.type.ndim - y.type.ndim))
        pattern = [a and b for a, b in zip(x.type.broadcastable, y.type.broadcastable, strict=True)]
        return Apply(self, [x, y, inverse], [TensorType(x.type.dtype, pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y, inverse), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            gx = zero_for(x)
        else:
            gx = PermuteRowElements()(g, y, not inverse.data)
            axes = [
                i
                for i, (mine, theirs) in enumerate(zip(x.type.broadcastable, gx.type.broadcastable, strict=True))
                if mine and not theirs
            ]
            if axes:
                gx = makeKeepDims(gx, sum_over(gx, axis=axes), axes)
        return [gx, disconnected_type(), disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False], [False]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return [PermuteRowElements()(eval_points[0], inputs[1], inputs[2].data)]

    def _may_grow(self, node: Apply) -> list[list[bool]]:
        return [list(v.type.broadcastable) for v in node.inputs[:2]]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, inverse: np.ndarray) -> np.ndarray:
        def raw(a: np.ndarray) -> torch.Tensor:
            # only bits move: torch moves them as integers of that size
            bits = {1: "int8", 2: "int16", 4: "int32", 8: "int64", 16: "complex128"}[a.dtype.itemsize]
            return torch.from_numpy(np.ascontiguousarray(a).view(bits))

        places = torch.from_numpy(y.astype("int64"))
        return permute_rows(raw(x), places, self._may_grow(node), bool(inverse)).numpy().view(x.dtype)

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any, inverse: Any) -> Any:
        if node.inputs[0].type.dtype in ("uint16", "uint32", "uint64"):
            return ctx.host(node, x, y, inverse)
        y = y if node.inputs[1].type.dtype == "int64" else ctx.cast(y, "int64")
        if ctx.device != "cpu" and node.inputs[0].type.dtype not in discrete_dtypes:
            y = y.to(ctx.device)
        return ctx.call(permute_rows, x, y, self._may_grow(node), bool(node.inputs[2].data))

    def __str__(self) -> str:
        return "PermuteRowElements"


def permute_row_elements(x: Any, y: Any, inverse: Any = 0) -> Any:
    """Each row of ``x`` in the order ``y``: z[.., i] = x[.., y[.., i]]; with ``inverse`` the way back."""
    return PermuteRowElements()(x, y, inverse)


def inverse_permutation(perm: Any) -> Any:
    """The permutation that undoes ``perm`` (along the last axis)."""
    perm = as_tensor_variable(perm)
    return permute_row_elements(arange(perm.shape[-1], dtype=perm.type.dtype), perm, inverse=True)


__all__ = ["PermuteRowElements", "inverse_permutation", "permute_row_elements"]
