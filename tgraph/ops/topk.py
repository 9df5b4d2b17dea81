"""The k largest or smallest elements along an axis: ``topk``, ``argtopk``, ``topk_and_argtopk``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.create import arange
from tgraph.ops.index import set_subtensor
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, complex_dtypes, discrete_dtypes, integer_dtypes

_HOST = frozenset(("bool", "uint16", "uint32", "uint64"))


@kernel
def top_places(x: torch.Tensor, k: int, axis: int) -> torch.Tensor:
    """Indices of the k largest elements along an axis (of the -k smallest where k is negative): the smaller
    elements first, NaN last; all of them in their own order."""
    n = x.size(axis)
    if k == 0:
        raise ValueError("topk: kth cannot be zero")
    if k > n:
        raise ValueError("topk: kth cannot be larger than the size of specified axis " + str(axis))
    if -k > n:
        raise ValueError("kth(=" + str(-k) + ") out of bounds (" + str(n) + ")")
    if k == 1:
        return torch.argmax(x, axis, True)
    if k == -1:
        return torch.argmin(x, axis, True)
    if abs(k) == n:
        shape = [1] * x.dim()
        shape[axis] = n
        return torch.arange(n, device=x.device).reshape(shape).expand(x.size())
    places = torch.topk(x, abs(k), axis, k > 0, True)[1]
    return torch.flip(places, [axis]) if k > 0 else places


def _places(x: np.ndarray, k: int, axis: int) -> np.ndarray:
    """The numpy form of ``top_places``."""
    n = x.shape[axis]
    if k == 0:
        raise ValueError("topk: kth cannot be zero")
    if k > n:
        raise ValueError(f"topk: kth cannot be larger than the size of specified axis {axis}")
    if -k > n:
        raise ValueError(f"kth(={-k}) out of bounds ({n})")
    if abs(k) == 1:
        return np.expand_dims((np.argmax if k > 0 else np.argmin)(x, axis=axis), axis)
    if abs(k) == n:
        return np.broadcast_to(np.arange(n).reshape([-1 if i == axis else 1 for i in range(x.ndim)]), x.shape)
    order = np.argsort(x, axis=axis, kind="stable")
    return np.take(order, np.arange(n)[slice(-k, None) if k > 0 else slice(-k)], axis=axis)


class TopKOp(Op):
    """(values, indices) of the k largest elements along ``axis``; of the -k smallest where k is negative.

    Of which elements the outputs consist is defined, their order is not: here the smaller ones come first,
    and all elements of an axis stay where they are. With k of 1 or -1 a NaN wins, else it is the largest.
    Raises TypeError for an axis or ``idx_dtype`` that is no integer, NotImplementedError for ``sorted``,
    IndexError for an axis out of range, ValueError for scalars; at run time ValueError for a k of 0 or more
    than there are. The gradient goes to the elements that were found.
    """

    __props__ = ("axis", "sorted", "return_values", "return_indices", "idx_dtype")

    def __init__(
        self,
        axis: int = -1,
        sorted: bool = True,
        idx_dtype: str = "int64",
        return_values: bool = True,
        return_indices: bool = True,
    ):
        if not isinstance(axis, int):
            raise TypeError(f'"axis" parameter must be integer, got "{type(axis)}"')
        if sorted:
            raise NotImplementedError("The sorted parameter is not yet implemented. Use sorted=False for now.")
        if idx_dtype not in integer_dtypes:
            raise TypeError(f'"idx_dtype" parameter must be an integer dtype, got "{idx_dtype}"')
        if not (return_indices or return_values):
            raise ValueError("Neither return_values nor return_indices is True, this isn't allowed")
        self.axis, self.sorted, self.idx_dtype = axis, sorted, idx_dtype
        self.return_values, self.return_indices = return_values, return_indices

    def make_node(self, inp: Any, kth: Any) -> Apply:
        x, k = as_tensor_variable(inp), as_tensor_variable(kth)
        ndim = x.type.ndim
        if ndim == 0:
            raise ValueError("Cannot take scalar as input")
        if not -ndim <= self.axis < ndim:
            raise IndexError(f'"axis" parameter out of range, expected integer within [{-ndim}, {ndim - 1}]')
        if k.type.ndim:
            raise ValueError(f"{k} is expected to be 0d tensor, got {k.type.ndim}")
        outs = [x.type()] if self.return_values else []
        if self.return_indices:
            outs.append(TensorType(self.idx_dtype, x.type.broadcastable)())
        return Apply(self, [x, k], outs)

    def _found(self, values: Any, places: Any) -> Any:
        found = ([values] if self.return_values else []) + ([places] if self.return_indices else [])
        return tuple(found) if len(found) > 1 else found[0]

    def compute(self, node: Apply, x: np.ndarray, k: np.ndarray) -> Any:
        axis = self.axis % x.ndim
        places = _places(x, int(k), axis)
        return self._found(np.take_along_axis(x, places, axis), places.astype(self.idx_dtype))

    def lower(self, node: Apply, ctx: Any, x: Any, k: Any) -> Any:
        x_type, k_type = node.inputs[0].type, node.inputs[1].type
        if x_type.dtype in _HOST or x_type.dtype in complex_dtypes or k_type.dtype not in integer_dtypes:
            return ctx.host(node, x, k)
        axis = self.axis % x_type.ndim
        places = ctx.call(top_places, x, ctx.integer(node.inputs[1], k), axis)
        values = torch.gather(x, axis, places) if self.return_values else None
        return self._found(values, places if self.idx_dtype == "int64" else ctx.cast(places, self.idx_dtype))

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, k), g = inputs, output_grads[0]
        if not self.return_values or x.type.dtype in discrete_dtypes:
            return [zero_for(x), grad_undefined(self, 1, k)]
        ndim, axis = x.type.ndim, self.axis % x.type.ndim
        places = outputs[-1] if self.return_indices else topk_and_argtopk(x, k, axis, False)[1]
        where = [
            places if i == axis else arange(x.shape[i]).dimshuffle(0, *["x"] * (ndim - i - 1)) for i in range(ndim)
        ]
        zeros = table["zeros_like"](x, dtype=g.type.dtype)
        return [set_subtensor(zeros[tuple(where)], g), grad_undefined(self, 1, k)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        sizes = list(shapes[0])
        sizes[self.axis] = abs(node.inputs[1])
        return [tuple(sizes) for _ in node.outputs]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        axis = self.axis % len(inputs[0])
        k = fresh()
        return [tuple(k if i == axis else s for i, s in enumerate(inputs[0])) for _ in node.outputs]

    def __str__(self) -> str:
        return f"{type(self).__name__}{{axis={self.axis}, sorted={self.sorted}}}"


def topk_and_argtopk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: str = "int64") -> list[Any]:
    """[values, indices] of the ``kth`` largest elements along ``axis`` (None: of the flattened tensor), of the
    ``-kth`` smallest where that is negative. ``sorted`` has to be False; see ``TopKOp`` for the order."""
    if axis is None:
        x, axis = as_tensor_variable(x).flatten(), 0
    return TopKOp(axis=axis, sorted=sorted, idx_dtype=idx_dtype)(x, kth)


def topk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: str = "int64") -> Any:
    """The values of ``topk_and_argtopk``."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[0]


def argtopk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: str = "int64") -> Any:
    """The indices of ``topk_and_argtopk``."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[1]


__all__ = ["TopKOp", "argtopk", "topk", "topk_and_argtopk"]
