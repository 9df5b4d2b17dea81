"""Diagonals set to a value: ``fill_diagonal``, ``fill_diagonal_offset``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.rows import zero_for
from tgraph.ops.subtensor import HOST_DTYPES, slice_run
from tgraph.types import discrete_dtypes, integer_dtypes, upcast


@kernel
def offset_run(height: int, width: int, offset: int) -> tuple[int, int, int]:
    """(start, stop, step) of the slice of a flat matrix that holds its diagonal ``offset``.

    An offset beyond the matrix gives what these formulas give, as they did in Theano.
    """
    start = offset if offset >= 0 else -offset * width
    count = min(min(width, height), width - offset if offset >= 0 else height + offset)
    return start, start + (width + 1) * count, width + 1


@kernel
def fill_run(x: torch.Tensor, value: torch.Tensor, start: int, stop: int, step: int) -> torch.Tensor:
    """``x`` with ``value`` in places start:stop:step of its flat form."""
    z = x.clone(memory_format=torch.contiguous_format)
    flat = z.view([-1])
    first, count = slice_run(flat.size(0), start, stop, step, 3)
    if count > 0:
        torch.as_strided(flat, [count], [step], flat.storage_offset() + first).copy_(value)
    return z


@kernel
def fill_main(x: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """``x`` with ``value`` at all places x[i, i, .., i]."""
    if x.dim() == 2:
        return fill_run(x, value, 0, x.size(1) * x.size(1), x.size(1) + 1)
    step = 1
    for i in range(x.dim() - 1):
        if x.size(i) != x.size(-1):
            raise ValueError("All dimensions of input must be of equal length")
        step = step * x.size(-1) + 1
    return fill_run(x, value, 0, x.numel(), step)


@kernel
def fill_offset(x: torch.Tensor, value: torch.Tensor, offset: int) -> torch.Tensor:
    """``x`` with ``value`` at all places x[i, i + offset]."""
    start, stop, step = offset_run(x.size(0), x.size(1), offset)
    return fill_run(x, value, start, stop, step)


class _Filled(Sized, Op):
    """What the two ops share: the checks of the matrix and the value."""

    __props__: tuple[str, ...] = ()

    def _checked(self, a: Any, val: Any) -> tuple[Any, Any]:
        """The tensor and the value in its dtype. TypeError for a value that is no scalar or needs more."""
        val = as_tensor_variable(val)
        name = type(self).__name__
        if val.type.ndim != 0:
            raise TypeError(f"{name}: second parameter must be a scalar")
        val = val.astype(upcast(a.type.dtype, val.type.dtype))
        if val.type.dtype != a.type.dtype:
            raise TypeError(f"{name}: type of second parameter must be the same as the first's")
        return a, val

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class FillDiagonal(_Filled):
    """``a`` with a scalar in all places a[i, i, .., i].

    Two dimensions of any sizes, or more dimensions of one size (ValueError at run time). Raises TypeError for
    fewer than two dimensions and for a value that ``a`` cannot hold.
    """

    def make_node(self, a: Any, val: Any) -> Apply:
        a = as_tensor_variable(a)
        if a.type.ndim < 2:
            raise TypeError(f"{type(self).__name__}: first parameter must have at least two dimensions")
        a, val = self._checked(a, val)
        return Apply(self, [a, val], [a.type()])

    def compute(self, node: Apply, a: np.ndarray, val: np.ndarray) -> np.ndarray:
        z = np.array(a, order="C")
        if a.ndim == 2:
            z.reshape(-1)[: a.shape[1] * a.shape[1] : a.shape[1] + 1] = val
        else:
            np.fill_diagonal(z, val)
        return z

    def lower(self, node: Apply, ctx: Any, a: Any, val: Any) -> Any:
        return ctx.host(node, a, val) if node.inputs[0].type.dtype in HOST_DTYPES else ctx.call(fill_main, a, val)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (a, val), (g,) = inputs, output_grads
        if a.type.dtype in discrete_dtypes:
            return [zero_for(a), zero_for(val)]
        if a.type.ndim == 2:
            found = table["diagonal"](g)
        else:
            n = g.shape[0]
            step = 1
            for _ in range(a.type.ndim - 1):
                step = step * n + 1
            found = g.flatten()[::step]
        return [self(g, 0), found.sum()]


class FillDiagonalOffset(_Filled):
    """A matrix with a scalar in all places a[i, i + offset].

    Raises TypeError for other than two dimensions, for a value that ``a`` cannot hold, and for an offset that
    is no integer scalar.
    """

    def make_node(self, a: Any, val: Any, offset: Any) -> Apply:
        a, offset = as_tensor_variable(a), as_tensor_variable(offset)
        name = type(self).__name__
        if a.type.ndim != 2:
            raise TypeError(f"{name}: first parameter must have exactly two dimensions")
        a, val = self._checked(a, val)
        if offset.type.ndim != 0:
            raise TypeError(f"{name}: third parameter must be a scalar")
        if offset.type.dtype not in integer_dtypes:
            raise TypeError(f"{name}: type of third parameter must be an integer: tensor.cast(offset, 'int64')")
        return Apply(self, [a, val, offset], [a.type()])

    def compute(self, node: Apply, a: np.ndarray, val: np.ndarray, offset: np.ndarray) -> np.ndarray:
        z = np.array(a, order="C")
        z.reshape(-1)[slice(*offset_run(a.shape[0], a.shape[1], int(offset)))] = val
        return z

    def lower(self, node: Apply, ctx: Any, a: Any, val: Any, offset: Any) -> Any:
        if node.inputs[0].type.dtype in HOST_DTYPES:
            return ctx.host(node, a, val, offset)
        return ctx.call(fill_offset, a, val, ctx.integer(node.inputs[2], offset))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (a, val, offset), (g,) = inputs, output_grads
        undefined = grad_undefined(self, 2, offset, "the offset of a diagonal is an integer")
        if a.type.dtype in discrete_dtypes:
            return [zero_for(a), zero_for(val), undefined]
        height, width = g.shape[0], g.shape[1]
        start = table["switch"](offset >= 0, offset, -offset * width)
        side = table["switch"](offset >= 0, width - offset, height + offset)
        stop = start + (width + 1) * table["minimum"](table["minimum"](width, height), side)
        return [self(g, 0, offset), g.flatten()[start : stop : width + 1].sum(), undefined]


fill_diagonal_ = FillDiagonal()
fill_diagonal_offset_ = FillDiagonalOffset()


def fill_diagonal(a: Any, val: Any) -> Any:
    """``a`` with a scalar on its main diagonal: see ``FillDiagonal``."""
    return fill_diagonal_(a, val)


def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Any:
    """A matrix with a scalar on the diagonal ``offset``: see ``FillDiagonalOffset``."""
    return fill_diagonal_offset_(a, val, offset)


__all__ = [
    "FillDiagonal",
    "FillDiagonalOffset",
    "fill_diagonal",
    "fill_diagonal_",
    "fill_diagonal_offset",
    "fill_diagonal_offset_",
]
