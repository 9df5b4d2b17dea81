"""Looking for values: ``searchsorted``, ``unique``, ``bincount``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.advanced import advanced_inc_subtensor1, check_index
from tgraph.ops.assertion import Assert
from tgraph.ops.create import zeros
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, complex_dtypes, disconnected_type, int_dtypes, upcast

_HOST = frozenset(("uint16", "uint32", "uint64"))


@kernel
def find_places(x: torch.Tensor, v: torch.Tensor, right: bool, sorter: Optional[torch.Tensor]) -> torch.Tensor:  # noqa: UP045
    """Where to put the elements of v into a sorted vector x (NaN last) so that it stays sorted."""
    if sorter is not None:
        if sorter.numel() != x.numel():
            raise ValueError("sorter.size must equal x.size")
        x = torch.index_select(x, 0, check_index(sorter, x.numel()).to(x.device))
    v = v.to(x.device)
    if not x.is_floating_point():
        return torch.searchsorted(x.contiguous(), v.contiguous(), right=right)
    numbers = x.numel() - int(torch.isnan(x).sum())
    found = torch.searchsorted(torch.narrow(x, 0, 0, numbers).contiguous(), v.contiguous(), right=right)
    return torch.where(torch.isnan(v), torch.full_like(found, x.numel() if right else numbers), found)


class SearchsortedOp(Sized, Op):
    """z[..] = where to insert v[..] into the sorted vector x: before equal elements (``side`` 'left') or after
    them ('right'); int64, in the shape of v. ``sorter``: integers that would sort x.

    Raises ValueError for another ``side`` or an x that is no vector, TypeError for a ``sorter`` that is no
    vector of signed integers.
    """

    __props__ = ("side",)

    def __init__(self, side: str = "left"):
        if side not in ("left", "right"):
            raise ValueError(f"'{side}' is an invalid value for keyword 'side'")
        self.side = side

    def make_node(self, x: Any, v: Any, sorter: Any = None) -> Apply:
        x, v = as_tensor_variable(x, ndim=1), as_tensor_variable(v)
        inputs = [x, v]
        if sorter is not None:
            sorter = as_tensor_variable(sorter, ndim=1)
            if sorter.type.dtype not in int_dtypes:
                raise TypeError("sorter must be an integer vector", sorter.type)
            inputs.append(sorter)
        return Apply(self, inputs, [v.type.clone(dtype="int64")()])

    def compute(self, node: Apply, x: np.ndarray, v: np.ndarray, sorter: Any = None) -> np.ndarray:
        side: Any = self.side
        return np.asarray(np.searchsorted(x, v, side=side, sorter=sorter), dtype="int64")

    def lower(self, node: Apply, ctx: Any, x: Any, v: Any, sorter: Any = None) -> Any:
        xs = (x, v) if sorter is None else (x, v, sorter)
        dtype = upcast(node.inputs[0].type.dtype, node.inputs[1].type.dtype)
        if _HOST.intersection(i.type.dtype for i in node.inputs) or dtype in (*complex_dtypes, "float16"):
            return ctx.host(node, *xs)
        dtype = "uint8" if dtype == "bool" else dtype
        if sorter is not None and node.inputs[2].type.dtype != "int64":
            sorter = ctx.cast(sorter, "int64")
        return ctx.call(find_places, ctx.cast(x, dtype), ctx.cast(v, dtype), self.side == "right", sorter)

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [zero_for(inputs[0]), zero_for(inputs[1]), *[disconnected_type() for _ in inputs[2:]]]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]][: len(node.inputs)]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[1]]


@offers("searchsorted")
def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where to insert ``v`` into a sorted vector: see ``SearchsortedOp``."""
    return SearchsortedOp(side=side)(x, v, sorter)


@kernel
def distinct(x: torch.Tensor, axis: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """(the sorted distinct slices of x along an axis, where each stood first, of which x is made, how many)."""
    n = x.size(axis)
    if x.numel() == 0:
        # slices without elements are all equal
        count = min(n, 1)
        nothing = torch.zeros([n], dtype=torch.int64, device=x.device)
        return (
            torch.narrow(x, axis, 0, count),
            nothing[:count],
            nothing,
            torch.full([count], n, dtype=torch.int64, device=x.device),
        )
    if x.dim() == 1:
        values, inverse, counts = torch.ops.aten._unique2(x, True, True, True)
    else:
        values, inverse, counts = torch.ops.aten.unique_dim(x, axis, True, True, True)
    first = torch.full_like(counts, n).scatter_reduce_(0, inverse, torch.arange(n, device=x.device), "amin")
    return values, first, inverse, counts


class Unique(Op):
    """The sorted distinct elements of x; on request where each stood first, how x is made of them, how many.

    What is asked for is an int64 vector each. With ``axis`` the distinct slices along it (RuntimeError for one
    that x does not have), else the elements of the flattened x. Every NaN is distinct.
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

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"axis": None, **state})

    def _asked(self) -> list[bool]:
        return [self.return_index, self.return_inverse, self.return_counts]

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        ndim = x.type.ndim
        if self.axis is not None and not -ndim <= self.axis < ndim:
            raise RuntimeError(f"Unique axis `{self.axis}` is outside of input ndim = {ndim}.")
        pattern = [False]
        if self.axis is not None:
            pattern = [b and i != self.axis % ndim for i, b in enumerate(x.type.broadcastable)]
        outputs = [TensorType(x.type.dtype, pattern)()]
        outputs += [TensorType("int64", (False,))() for asked in self._asked() if asked]
        return Apply(self, [x], outputs)

    def compute(self, node: Apply, x: np.ndarray) -> Any:
        asked: Any = self._asked()
        found = np.unique(x, *asked, axis=self.axis, equal_nan=False)
        parts = found if isinstance(found, tuple) else (found,)
        return (parts[0], *(np.asarray(p).reshape(-1).astype("int64") for p in parts[1:]))

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        dtype, ndim = node.inputs[0].type.dtype, node.inputs[0].type.ndim
        if dtype in _HOST or dtype in (*complex_dtypes, "float16"):
            return ctx.host(node, x)
        axis = 0 if self.axis is None else self.axis % ndim
        found = ctx.call(distinct, torch.reshape(x, [-1]) if self.axis is None else x, axis)
        return (found[0], *(found[i + 1] for i, asked in enumerate(self._asked()) if asked))

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        # how many are distinct only the values tell: what has that size is not listed
        known: list[Any] = [None] * len(node.outputs)
        if self.return_inverse:
            (sizes,) = shapes
            count = 1
            for s in sizes if self.axis is None else [sizes[self.axis]]:
                count = s * count
            known[1 + self.return_index] = (count,)
        return known

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        (sizes,), number = inputs, fresh()
        others = [
            (number,) if name != "return_inverse" else (fresh(),) if self.axis is None else (sizes[self.axis],)
            for name in ("return_index", "return_inverse", "return_counts")
            if getattr(self, name)
        ]
        if self.axis is None:
            return [(number,), *others]
        return [tuple(number if i == self.axis % len(sizes) else s for i, s in enumerate(sizes)), *others]


@offers("unique")
def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Any:
    """The sorted distinct elements, and what else is asked for: see ``Unique``."""
    return Unique(return_index, return_inverse, return_counts, axis)(ar)


@offers("bincount")
def bincount(x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False) -> Any:
    """z[i] = how often i stands in the integer vector x, in the dtype of x; or the sum of its ``weights``, in theirs.

    As many elements as the largest of x tells, at least ``minlength``; a negative number counts at the end.
    ``assert_nonneg``: AssertionError for those. Raises TypeError for other than vectors.
    """
    if x.ndim != 1:
        raise TypeError("Inputs must be of dimension 1.")
    x = as_tensor_variable(x)
    if assert_nonneg:
        x = Assert("Input to bincount has negative values!")(x, table["all"](x >= 0))
    count = (x.max() + 1).astype("int64")
    if minlength is not None:
        count = table["maximum"](count, minlength)
    if weights is None:
        return advanced_inc_subtensor1(zeros([count], dtype=x.type.dtype), 1, x)
    return advanced_inc_subtensor1(zeros([count], dtype=weights.dtype), weights, x)


__all__ = ["SearchsortedOp", "Unique", "bincount", "searchsorted", "unique"]
