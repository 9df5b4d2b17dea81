"""Sorting along an axis: sort, argsort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Constant, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers
from tgraph.ops.rows import zero_for
from tgraph.types import complex_dtypes, discrete_dtypes

_HOST = frozenset(("bool", "uint16", "uint32", "uint64"))


@kernel
def sorted_values(x: torch.Tensor, axis: int) -> torch.Tensor:
    """x sorted along an axis, NaN last."""
    return torch.sort(x, dim=axis)[0]


@kernel
def sorted_places(x: torch.Tensor, axis: int) -> torch.Tensor:
    """Indices that sort x along an axis, NaN last; equal elements keep their order."""
    return torch.sort(x, stable=True, dim=axis)[1]


def _axis_value(axis: Any) -> int | None:
    """The number of a constant axis, else None (and where it is no integer, which the numpy form refuses)."""
    known = isinstance(axis, Constant) and axis.data == int(axis.data)
    return int(axis.data) if known else None


def _as_axis(axis: np.ndarray) -> int:
    """A symbolic axis as an int; ValueError where it has a fraction."""
    if axis != int(axis):
        raise ValueError("sort axis must be an integer or None")
    return int(axis)


class SortOp(Sized, Op):
    """x sorted along ``axis`` (a number, may be symbolic; ValueError at run time for a fraction), NaN last."""

    __props__ = ("kind", "order")

    def __init__(self, kind: str = "quicksort", order: Any = None):
        self.kind, self.order = kind, order

    def make_node(self, x: Any, axis: Any = -1) -> Apply:
        x, axis = as_tensor_variable(x), as_tensor_variable(axis)
        return Apply(self, [x, axis], [self._out(x)()])

    def _out(self, x: Any) -> Any:
        return x.type

    def compute(self, node: Apply, x: np.ndarray, axis: np.ndarray) -> Any:
        return np.sort(x, axis=_as_axis(axis))

    def lower(self, node: Apply, ctx: Any, x: Any, axis: Any) -> Any:
        number, dtype = _axis_value(node.inputs[1]), node.inputs[0].type.dtype
        if number is None or dtype in _HOST or dtype in complex_dtypes:
            return ctx.host(node, x, axis)
        return ctx.call(self._kernel(), x, number)

    def _kernel(self) -> Any:
        return sorted_values

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, axis), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            return [zero_for(x), zero_for(axis)]
        # where each element of x went
        places = argsort_op(argsort_op(x, axis), axis)
        return [reorder_op(g, places, axis), zero_for(axis)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.kind}, {self.order}}}"


class ArgSortOp(SortOp):
    """Indices (int64) that sort x along ``axis``. The gradient is zero."""

    def _out(self, x: Any) -> Any:
        return x.type.clone(dtype="int64")

    def compute(self, node: Apply, x: np.ndarray, axis: np.ndarray) -> Any:
        return np.argsort(x, axis=_as_axis(axis), kind="stable")

    def _kernel(self) -> Any:
        return sorted_places

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [zero_for(x) for x in inputs]


class Reorder(Op):
    """z = x with its elements along ``axis`` taken in the order of a permutation ``places`` of x's shape."""

    __props__ = ()

    def make_node(self, x: Any, places: Any, axis: Any) -> Apply:
        x, places, axis = (as_tensor_variable(v) for v in (x, places, axis))
        return Apply(self, [x, places, axis], [x.type()])

    def compute(self, node: Apply, x: np.ndarray, places: np.ndarray, axis: np.ndarray) -> Any:
        return np.take_along_axis(x, places, _as_axis(axis))

    def lower(self, node: Apply, ctx: Any, x: Any, places: Any, axis: Any) -> Any:
        number = _axis_value(node.inputs[2])
        return ctx.host(node, x, places, axis) if number is None else torch.gather(x, number, places)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, places, axis), (g,) = inputs, output_grads
        return [self(g, argsort_op(places, axis), axis), zero_for(places), zero_for(axis)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


argsort_op = ArgSortOp()
reorder_op = Reorder()


@offers("sort")
def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """The elements sorted along ``axis`` (None: of the flattened tensor), NaN last."""
    a = as_tensor_variable(a)
    return SortOp(kind, order)(a.flatten(), 0) if axis is None else SortOp(kind, order)(a, axis)


@offers("argsort")
def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """Indices (int64) that sort along ``axis`` (None: the flattened tensor); equal elements stay in order."""
    a = as_tensor_variable(a)
    return ArgSortOp(kind, order)(a.flatten(), 0) if axis is None else ArgSortOp(kind, order)(a, axis)


__all__ = ["ArgSortOp", "SortOp", "argsort", "sort"]
