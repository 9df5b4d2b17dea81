"""Places in a tensor as numbers of its flat form: ``unravel_index``, ``ravel_multi_index``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable
from tgraph.ops.constants import get_vector_length
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, int_dtypes


def _integers(x: Any) -> Any:
    x = as_tensor_variable(x)
    if x.type.dtype not in int_dtypes:
        raise TypeError(f"'{x.type.dtype}' object cannot be interpreted as an index")
    return x


def _dims(dims: Any) -> Any:
    dims = _integers(dims)
    if dims.type.ndim != 1:
        raise TypeError("dims must be a 1D array")
    return dims


@kernel
def split_places(places: torch.Tensor, dims: list[int], ndim: int) -> torch.Tensor:
    """z[d, ..] = the index in dimension d of an element of a C-ordered tensor, given its number."""
    if len(dims) != ndim:
        raise AssertionError("dims has " + str(len(dims)) + " elements, not " + str(ndim))
    size = 1
    for d in dims:
        size = size * d
    if places.numel() > 0:
        low, high = torch.aminmax(places)
        if int(low) < 0 or int(high) >= size:
            bad = int(low) if int(low) < 0 else int(high)
            raise ValueError("index " + str(bad) + " is out of bounds for array with size " + str(size))
    found: list[torch.Tensor] = []
    for k in range(ndim):
        d = max(dims[ndim - 1 - k], 1)
        found.append(torch.remainder(places, d))
        places = torch.div(places, d, rounding_mode="floor")
    return torch.flip(torch.stack(found), [0])


class UnravelIndex(Sized, Op):
    """``ndim`` index tensors (int64, in the shape of ``indices``): where in a C-ordered tensor of sizes ``dims``
    the elements of these numbers stand.

    ``order`` is kept for legacy code that reads it: Theano itself counted in C order whatever it was. Raises
    TypeError for indices or sizes that are no signed integers, ValueError at run time for numbers out of range.
    """

    __props__ = ("ndim", "order")

    def __init__(self, ndim: int, order: str = "C"):
        assert order in ("C", "F")
        if not isinstance(ndim, int) or ndim < 1:
            raise ValueError("ndim must be an integer greater than 0")
        self.ndim, self.order = int(ndim), order

    def make_node(self, indices: Any, dims: Any) -> Apply:
        indices, dims = _integers(indices), _dims(dims)
        kind = TensorType("int64", (False,) * indices.type.ndim)
        return Apply(self, [indices, dims], [kind() for _ in range(self.ndim)])

    def compute(self, node: Apply, indices: np.ndarray, dims: np.ndarray) -> Any:
        found = np.unravel_index(indices, [int(d) for d in dims])
        assert len(found) == self.ndim, f"dims has {len(found)} elements, not {self.ndim}"
        return tuple(np.array(f, dtype="int64") for f in found)

    def lower(self, node: Apply, ctx: Any, indices: Any, dims: Any) -> Any:
        sizes = ctx.integers(node.inputs[1], dims)
        found = ctx.call(split_places, ctx.cast(indices, "int64"), sizes, self.ndim)
        return tuple(found[i] for i in range(self.ndim))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [zero_for(x) for x in inputs]

    def dims(self, node: Apply, inputs: Any, fresh: Any) -> list[Any]:
        return [inputs[0]] * self.ndim


def unravel_index(indices: Any, dims: Any, order: str = "C", ndim: int | None = None) -> tuple[Any, ...]:
    """A tuple of index tensors for numbers of elements: see ``UnravelIndex``.

    ``ndim`` is needed where the length of ``dims`` is not known from the graph (ValueError).
    """
    if ndim is None:
        try:
            ndim = get_vector_length(as_tensor_variable(dims))
        except ValueError as error:
            raise ValueError(
                f"The length of the provided dimension list ({dims}) cannot be automatically determined. "
                "You can provide the 'ndim' keyword argument to 'unravel_index' to avoid this "
                "problem."
            ) from error
    return tuple(UnravelIndex(ndim=ndim, order=order)(indices, dims, return_list=True))


@kernel
def join_places(indices: list[torch.Tensor], dims: list[int], mode: str, fortran: bool) -> torch.Tensor:
    """The number of the elements at indices[0], indices[1], .. of a tensor of sizes ``dims``."""
    if len(dims) != len(indices):
        raise ValueError("parameter multi_index must be a sequence of length " + str(len(dims)))
    place = torch.zeros_like(indices[0])
    stride = 1
    for k in range(len(dims)):
        d = k if fortran else len(dims) - 1 - k
        i = indices[d].to(place.device)
        if mode == "wrap":
            i = torch.remainder(i, max(dims[d], 1))
        elif mode == "clip":
            i = torch.clamp(i, 0, dims[d] - 1)
        elif i.numel() > 0:
            low, high = torch.aminmax(i)
            if int(low) < 0 or int(high) >= dims[d]:
                raise ValueError("invalid entry in coordinates array")
        place = place + i * stride
        stride = stride * dims[d]
    return place


class RavelMultiIndex(Op):
    """The numbers (int64) of the elements at given indices: ``op(i, j, .., dims)``, one integer tensor for each
    of the sizes ``dims``.

    ``mode``: 'raise' (ValueError for an index out of range at run time), 'wrap' or 'clip'; ``order``: whether the
    last index counts fastest ('C') or the first ('F'). Raises TypeError for what is no signed integer.
    """

    __props__ = ("mode", "order")

    def __init__(self, mode: str = "raise", order: str = "C"):
        assert mode in ("raise", "wrap", "clip")
        assert order in ("C", "F")
        self.mode, self.order = mode, order

    def make_node(self, *inp: Any) -> Apply:
        indices, dims = [_integers(i) for i in inp[:-1]], inp[-1]
        dims = _dims(dims)
        return Apply(self, [*indices, dims], [TensorType("int64", (False,) * indices[0].type.ndim)()])

    def compute(self, node: Apply, *inputs: np.ndarray) -> np.ndarray:
        *indices, dims = inputs
        sizes = tuple(int(d) for d in dims)
        return np.asarray(np.ravel_multi_index(tuple(indices), sizes, self.mode, self.order), dtype="int64")

    def lower(self, node: Apply, ctx: Any, *inputs: Any) -> Any:
        *indices, dims = inputs
        sizes = ctx.integers(node.inputs[-1], dims)
        return ctx.call(join_places, [ctx.cast(i, "int64") for i in indices], sizes, self.mode, self.order == "F")

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [zero_for(x) for x in inputs]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        return [shapes[0]]


def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "raise", order: str = "C") -> Any:
    """The numbers of the elements at a tuple of index tensors: see ``RavelMultiIndex``. TypeError for no tuple."""
    if not isinstance(multi_index, (tuple, list)):
        raise TypeError("multi_index must be a tuple or a list.")
    return RavelMultiIndex(mode=mode, order=order)(*multi_index, dims)


__all__ = ["RavelMultiIndex", "UnravelIndex", "ravel_multi_index", "unravel_index"]
