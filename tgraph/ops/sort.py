"""Sorting and cumulative ops: sort, argsort, cumsum, cumprod."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.errors import ShapeError
from tgraph.graph import Apply, Constant, Op
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, complex_dtypes, discrete_dtypes, integer_dtypes
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

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0] if self.axis is not None else (fresh(),)]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.axis}, {self.mode}}}"


def CumsumOp(axis: int | None = None) -> CumOp:
    """The older name of ``CumOp(axis, 'add')``."""
    return CumOp(axis, "add")


def CumprodOp(axis: int | None = None) -> CumOp:
    """The older name of ``CumOp(axis, 'mul')``."""
    return CumOp(axis, "mul")


@kernel
def sorted_values(x: torch.Tensor, axis: int) -> torch.Tensor:
    """x sorted along an axis, NaN last."""
    return torch.sort(x, dim=axis)[0]


@kernel
def sorted_places(x: torch.Tensor, axis: int) -> torch.Tensor:
    """Indices that sort x along an axis, NaN last; equal elements keep their order."""
    return torch.sort(x, stable=True, dim=axis)[1]


def _axis_value(axis: Any) -> int | None:
    """The number of a constant axis, else None."""
    return int(axis.data) if isinstance(axis, Constant) else None


class SortOp(Op):
    """x sorted along ``axis`` (an integer, may be symbolic), NaN last."""

    __props__ = ("kind", "order")

    def __init__(self, kind: str = "quicksort", order: Any = None):
        self.kind, self.order = kind, order

    def make_node(self, x: Any, axis: Any = -1) -> Apply:
        x, axis = as_tensor_variable(x), as_tensor_variable(axis)
        if axis.type.ndim or axis.type.dtype not in integer_dtypes:
            raise TypeError(f"the axis to sort along must be an integer, not {axis.type}")
        return Apply(self, [x, axis], [self._out(x)()])

    def _out(self, x: Any) -> Any:
        return x.type

    def compute(self, node: Apply, x: np.ndarray, axis: np.ndarray) -> Any:
        return np.sort(x, axis=int(axis))

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
        return np.argsort(x, axis=int(axis), kind="stable")

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
        return np.take_along_axis(x, places, int(axis))

    def lower(self, node: Apply, ctx: Any, x: Any, places: Any, axis: Any) -> Any:
        number = _axis_value(node.inputs[2])
        return ctx.host(node, x, places, axis) if number is None else torch.gather(x, number, places)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (_, places, axis), (g,) = inputs, output_grads
        return [self(g, argsort_op(places, axis), axis), zero_for(places), zero_for(axis)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]]


class Unique(Op):
    """The sorted distinct elements of x; on request where each stood first, how x is made of them, how many.

    What is asked for is int64. With ``axis`` the distinct slices along it, else those of the flattened x.
    """

    __props__ = ("return_index", "return_inverse", "return_counts", "axis")

    def __init__(
        self,
        return_index: bool = False,
        return_inverse: bool = False,
        return_counts: bool = False,
        axis: int | None = None,
    ):
        self.return_index = return_index
        self.return_inverse = return_inverse
        self.return_counts = return_counts
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if self.axis is not None and not -x.type.ndim <= self.axis < x.type.ndim:
            raise ShapeError(f"axis {self.axis} is out of bounds", fix=f"x has {x.type.ndim} dimensions")
        pattern = [False]
        if self.axis is not None:
            pattern = [b and i != self.axis % x.type.ndim for i, b in enumerate(x.type.broadcastable)]
        outputs = [TensorType(x.type.dtype, pattern)()]
        for asked in (self.return_index, self.return_inverse, self.return_counts):
            if asked:
                outputs.append(TensorType("int64", (False,))())
        return Apply(self, [x], outputs)

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        found = np.unique(x, return_index=self.return_index, return_inverse=self.return_inverse,
                          return_counts=self.return_counts, axis=self.axis)
        parts = found if isinstance(found, tuple) else (found,)
        return (parts[0], *(np.asarray(p).reshape(-1).astype("int64") for p in parts[1:]))


@offers("unique")
def unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
           axis: int | None = None) -> Any:
    """The sorted distinct elements, and what else is asked for: see ``Unique``."""
    return Unique(return_index, return_inverse, return_counts, axis)(ar)


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


@offers("cumsum")
def cumsum(x: Any, axis: int | None = None) -> Any:
    """Sums of the elements so far along ``axis`` (None: of the flattened tensor), in the dtype of x."""
    return CumOp(axis, "add")(x)


@offers("cumprod")
def cumprod(x: Any, axis: int | None = None) -> Any:
    """Products of the elements so far along ``axis`` (None: of the flattened tensor), in the dtype of x."""
    return CumOp(axis, "mul")(x)


__all__ = [
    "ArgSortOp", "CumOp", "CumprodOp", "CumsumOp", "SortOp", "Unique", "argsort", "cumprod", "cumsum", "sort",
    "unique",
]
