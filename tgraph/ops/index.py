"""Indexing as users write it: ``x[..]``, ``set_subtensor``, ``inc_subtensor``, ``take``, ``nonzero``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Variable
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.advanced import (
    AdvancedBooleanIncSubtensor,
    AdvancedBooleanSubtensor,
    AdvancedIncSubtensor,
    AdvancedIncSubtensor1,
    AdvancedSubtensor,
    AdvancedSubtensor1,
    BaseAdvancedIncSubtensor,
    BaseAdvancedSubtensor,
    advanced_boolean_inc_subtensor,
    advanced_boolean_set_subtensor,
    advanced_boolean_subtensor,
    advanced_inc_subtensor,
    advanced_inc_subtensor1,
    advanced_set_subtensor,
    advanced_set_subtensor1,
    advanced_subtensor,
    advanced_subtensor1,
    inc_form,
)
from tgraph.ops.create import alloc
from tgraph.ops.elemwise import DimShuffle
from tgraph.ops.python_values import SliceType, index_entry
from tgraph.ops.subtensor import (
    HOST_DTYPES,
    AdvancedBooleanIndexingError,
    AdvancedIndexingError,
    IncSubtensor,
    Subtensor,
    as_index_scalar,
    collapse,
    convert,
    get_canonical_form_slice,
    get_idx_list,
    is_full,
)
from tgraph.types import TensorType, disconnected_type

_FULL = slice(None, None, None)
_BOOLS = (
    "TensorType does not support Python bools for indexing, such as tensor[[True, False]]. "
    "To use a boolean mask, convert the mask to a NumPy array first, "
    "e.g., tensor[numpy.array([True, False])]."
)


def _is_array(entry: Any) -> bool:
    return isinstance(entry, (np.ndarray, Variable)) and hasattr(entry, "dtype")


def _refuse_bools(entry: Any) -> None:
    """TypeError for Python and numpy bools, also inside of lists."""
    stack = [entry]
    while stack:
        e = stack.pop()
        if isinstance(e, (bool, np.bool_)) or str(getattr(e, "dtype", "")) == "bool":
            raise TypeError(_BOOLS)
        if not isinstance(e, (Variable, str, bytes, np.ndarray)) and isinstance(e, Iterable):
            stack.extend(e)


def _spread(x: Any, key: Any) -> list[Any]:
    """The entries of an index, the ellipsis written out, numbers as constants.

    Raises IndexError for too many indices or ellipses and TypeError for bools and text.
    """
    is_list_of_slices = isinstance(key, list) and any(isinstance(e, slice) for e in key)
    entries = list(key) if isinstance(key, tuple) or is_list_of_slices else [key]
    entries = [index_entry(e) for e in entries]
    named = 0
    for e in entries:
        if isinstance(e, (str, bytes)):
            raise TypeError(f"cannot index {x.type} with text: {e!r}")
        if e is None or e is Ellipsis:
            continue
        if _is_array(e) and str(e.dtype) == "bool":
            named += e.ndim
            continue
        _refuse_bools(e)
        named += 1
    if named > x.type.ndim:
        raise IndexError("too many indices for array")
    places = [i for i, e in enumerate(entries) if e is Ellipsis]
    if len(places) > 1:
        raise IndexError("an index can only have a single Ellipsis (`...`)")
    for i in places:
        entries[i : i + 1] = [_FULL] * (x.type.ndim - named)
    return [_literal(e) for e in entries]


def _literal(entry: Any) -> Any:
    """Integers as int64 constants, also in slices; an empty list as an index of no elements."""
    if isinstance(entry, slice):
        return slice(*[p if p is None else _bound(p) for p in (entry.start, entry.stop, entry.step)])
    if isinstance(entry, (int, np.integer)):
        return as_index_scalar(entry)
    if isinstance(entry, np.ndarray) and entry.ndim == 0 and entry.dtype.kind in "iu":
        return as_index_scalar(int(entry))
    empty = isinstance(entry, (tuple, list)) and len(entry) == 0
    if empty or (isinstance(entry, np.ndarray) and entry.size == 0 and entry.dtype != "bool"):
        return np.array(entry, dtype="int64")
    return entry


def _bound(part: Any) -> Any:
    if isinstance(part, (float, np.floating)):
        raise TypeError("index must be integers")
    return as_index_scalar(part)


class SliceNumbers(Op):
    """The indices (an int64 vector) that a slice, whose parts only its value tells, takes of n elements."""

    __props__ = ()

    def make_node(self, entry: Any, n: Any) -> Apply:
        return Apply(self, [entry, as_index_scalar(n)], [TensorType("int64", (False,))()])

    def compute(self, node: Apply, entry: slice, n: np.ndarray) -> np.ndarray:
        return np.arange(*entry.indices(int(n)), dtype="int64")

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False], [False]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [disconnected_type(), disconnected_type()]


def _is_slice_node(entry: Any) -> bool:
    return isinstance(entry, Variable) and isinstance(entry.type, SliceType)


def _take_slices(x: Any, entries: list[Any]) -> Any:
    """``x`` after the slices among the entries that are variables; ``:`` stands in their places then."""
    dim = 0
    for i, e in enumerate(entries):
        if _is_slice_node(e):
            x = take(x, SliceNumbers()(e, x.shape[dim]), dim)
            entries[i] = _FULL
        mask = _is_array(e) and str(e.dtype) == "bool"
        dim += 0 if e is None else e.ndim if mask else 1
    return x


@offers("getitem")
def getitem(x: Any, key: Any) -> Any:
    """``x[key]`` by numpy's rules: integers, slices, None, an ellipsis, integer arrays, masks of dtype bool.

    Anything of these may be symbolic; an array of dtype int8 is integers, never a mask. Raises IndexError for
    too many indices and TypeError for floats, text and Python bools.
    """
    entries = _spread(x, key)
    if any(_is_slice_node(e) for e in entries):
        x = _take_slices(x, entries)
        if all(isinstance(e, slice) and is_full(e) for e in entries):
            return x
    arrays: list[int] = []
    masks = False
    for i, e in enumerate(entries):
        try:
            if e is not None:
                convert(e)
        except AdvancedIndexingError:
            arrays.append(i)
        except AdvancedBooleanIndexingError:
            masks = True
    if masks:
        return advanced_boolean_subtensor(x, *entries)
    if arrays:
        (axis, *others) = arrays
        alone = all(isinstance(e, slice) and is_full(e) for i, e in enumerate(entries) if i != axis)
        if not others and alone and isinstance(entries[axis], (np.ndarray, list, Variable)):
            return take(x, entries[axis], axis)
        return advanced_subtensor(x, *entries)
    if any(e is None for e in entries):
        pattern: list[Any] = []
        for e in entries:
            pattern.append("x" if e is None else len(pattern) - pattern.count("x"))
        pattern.extend(range(len(pattern) - pattern.count("x"), x.type.ndim))
        x = DimShuffle(x.type.broadcastable, tuple(pattern))(x)
        entries = [_FULL if e is None else e for e in entries]
        if all(isinstance(e, slice) and is_full(e) for e in entries):
            return x
    return Subtensor(entries)(x, *collapse(entries, lambda e: isinstance(e, Variable)))


def set_subtensor(x: Any, y: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False) -> Any:
    """The tensor that ``x`` is a part of, with that part set to ``y``: ``set_subtensor(a[2:], 0)`` is a new
    ``a``.

    ``x`` is the result of indexing. ``y`` is cast to its dtype (floats lose their fraction in integers) and
    broadcast to its shape; where an index array names a place twice the last value stays. ``inplace`` changes
    nothing: values are never written over. Raises TypeError where ``x`` is not a part of something, and for a
    ``y`` of more dimensions.
    """
    return inc_subtensor(x, y, inplace, True, tolerate_inplace_aliasing)


def inc_subtensor(x: Any, y: Any, inplace: bool = False, set_instead_of_inc: bool = False,
                  tolerate_inplace_aliasing: bool = False) -> Any:
    """As ``set_subtensor``, with ``y`` added; a place that an index array names twice is increased twice."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    # what was done to the part after it was taken, outermost first, is undone on y and done to the result
    after: list[DimShuffle] = []
    while True:
        offset = x.type.ndim - y.type.ndim
        if offset < 0:
            raise TypeError(f"Trying to increment a {x.type.ndim}-dimensional subtensor with a "
                            f"{y.type.ndim}-dimensional value.")
        y = _promise_ones(x, y, offset)
        node = x.owner
        op = None if node is None else node.op
        if isinstance(op, DimShuffle):
            order: list[Any] = ["x"] * node.inputs[0].type.ndim
            for i, axis in enumerate(op.new_order):
                if axis != "x" and i >= offset:
                    order[axis] = i - offset
            lost = [i for i in range(y.type.ndim) if i not in order]
            if any(not y.type.broadcastable[i] for i in lost):
                raise TypeError(f"Trying to increment a {x.type.ndim}-dimensional subtensor with a value "
                                f"that does not fit: {y.type}")
            while order and order[0] == "x":
                order.pop(0)
            y = DimShuffle(y.type.broadcastable, tuple(order))(y)
            after.append(op)
            x = node.inputs[0]
        elif type(op).__name__ in ("Reshape", "Flatten"):
            inner = node.inputs[0]
            if y.type.ndim:
                whole = alloc(y, *[x.shape[i] for i in range(x.type.ndim)])
                y = whole.reshape(inner.shape, ndim=inner.type.ndim)
            x = inner
        else:
            break
    result = _written(x, y, inplace, set_instead_of_inc, tolerate_inplace_aliasing)
    for op in reversed(after):
        result = result.dimshuffle(*op.new_order)
    return result


def _promise_ones(x: Any, y: Any, offset: int) -> Any:
    pattern = [b or x.type.broadcastable[i + offset] for i, b in enumerate(y.type.broadcastable)]
    if pattern == list(y.type.broadcastable):
        return y
    return table["addbroadcast"](y, *[i for i, b in enumerate(pattern) if b and not y.type.broadcastable[i]])


def _written(x: Any, y: Any, inplace: bool, set_instead_of_inc: bool, aliasing: bool) -> Any:
    op = None if x.owner is None else x.owner.op
    if isinstance(op, Subtensor):
        real, *rest = x.owner.inputs
        write = IncSubtensor(op.idx_list, inplace, set_instead_of_inc, [[0, 1]] if aliasing else [])
        return write(real, y, *rest)
    if isinstance(op, AdvancedSubtensor1):
        real, ilist = x.owner.inputs
        return AdvancedIncSubtensor1(inplace, set_instead_of_inc)(real, y, ilist)
    if isinstance(op, BaseAdvancedSubtensor):
        real, *rest = x.owner.inputs
        if inplace:
            raise NotImplementedError("In place computation is not implemented")
        return inc_form(op, set_instead_of_inc)(real, y, *rest)
    raise TypeError("x must be the result of a subtensor operation")


@offers("take")
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Elements of ``a`` at ``indices`` along an axis: shape ``a.shape[:axis] + indices.shape + a.shape[axis +
    1:]``.

    Without an axis ``a`` is flattened first. ``mode``: 'raise' (IndexError for indices out of range), 'wrap'
    or 'clip'. Raises IndexError for an axis that ``a`` does not have.
    """
    a, indices = as_tensor_variable(a), as_tensor_variable(indices)
    if axis is None:
        a, axis, flat = a.flatten(), 0, True
    else:
        flat = False
        if not -a.type.ndim <= axis < a.type.ndim:
            raise IndexError(f"axis {axis} is out of bounds for a tensor of {a.type.ndim} dimensions")
        axis = int(axis) % a.type.ndim
    rows = indices if indices.type.ndim == 1 else indices.flatten()
    if mode == "clip":
        rows = table["clip"](rows, 0, a.shape[axis] - 1)
    elif mode == "wrap":
        rows = rows % a.shape[axis]
    elif mode != "raise":
        raise ValueError(f"mode is {mode!r}, not 'raise', 'wrap' or 'clip'")
    if axis == 0:
        taken = advanced_subtensor1(a, rows)
    else:
        order = list(range(a.type.ndim))
        order[0], order[axis] = axis, 0
        taken = advanced_subtensor1(a.dimshuffle(*order), rows).dimshuffle(*order)
    if indices.type.ndim == 1:
        return taken
    inner = [indices.shape[i] for i in range(indices.type.ndim)]
    if flat:
        shape = inner
    else:
        outer = [a.shape[i] for i in range(a.type.ndim)]
        shape = [*outer[:axis], *inner, *outer[axis + 1 :]]
    if not shape:
        return taken.reshape(np.zeros(0, dtype="int64"), ndim=0)
    return taken.reshape(shape, ndim=len(shape))


@offers("compress")
def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The slices of ``x`` along an axis (elements of the flattened ``x`` without one) where a vector is
    nonzero."""
    return take(x, flatnonzero(condition), axis)


class Nonzero(Op):
    """``z[d, k]``: index in dimension d of the k-th nonzero element of ``x``, as a (ndim, number) matrix
    of int64."""

    __props__ = ()

    def make_node(self, a: Any) -> Apply:
        a = as_tensor_variable(a)
        if a.type.ndim == 0:
            raise ValueError("Nonzero only supports non-scalar arrays.")
        return Apply(self, [a], [TensorType("int64", (False, False))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [grad_undefined(self, 0, inputs[0])]

    def compute(self, node: Apply, a: np.ndarray) -> np.ndarray:
        return np.stack(np.nonzero(a)).astype("int64")

    def lower(self, node: Apply, ctx: Any, a: Any) -> Any:
        if node.inputs[0].type.dtype in HOST_DTYPES:
            return ctx.host(node, a)
        return torch.permute(torch.nonzero(a), [1, 0])

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [(len(inputs[0]), fresh())]


_nonzero = Nonzero()


@offers("nonzero")
def nonzero(a: Any, return_matrix: bool = False) -> Any:
    """Indices of the nonzero elements: a tuple of int64 vectors, one for each dimension, or one (ndim, n)
    matrix.

    Raises ValueError for a scalar.
    """
    a = as_tensor_variable(a)
    found = _nonzero(a)
    return found if return_matrix else tuple(found[i] for i in range(a.type.ndim))


def flatnonzero(a: Any) -> Any:
    """Indices of the nonzero elements of the flattened tensor, an int64 vector. Raises ValueError for a
    scalar."""
    a = as_tensor_variable(a)
    if a.type.ndim == 0:
        raise ValueError("Nonzero only supports non-scalar arrays.")
    return nonzero(a.flatten(), return_matrix=True)[0]


@offers("nonzero_values")
def nonzero_values(a: Any) -> Any:
    """The nonzero elements, a vector. Raises ValueError for a scalar."""
    a = as_tensor_variable(a)
    return a.flatten()[flatnonzero(a)]


__all__ = [
    "AdvancedBooleanIncSubtensor", "AdvancedBooleanIndexingError", "AdvancedBooleanSubtensor",
    "AdvancedIncSubtensor", "AdvancedIncSubtensor1", "AdvancedIndexingError", "AdvancedSubtensor",
    "AdvancedSubtensor1", "BaseAdvancedIncSubtensor", "BaseAdvancedSubtensor", "IncSubtensor", "Nonzero",
    "Subtensor", "advanced_boolean_inc_subtensor", "advanced_boolean_set_subtensor",
    "advanced_boolean_subtensor", "advanced_inc_subtensor", "advanced_inc_subtensor1",
    "advanced_set_subtensor", "advanced_set_subtensor1", "advanced_subtensor", "advanced_subtensor1",
    "compress", "flatnonzero", "get_canonical_form_slice", "get_idx_list", "getitem", "inc_subtensor",
    "nonzero", "nonzero_values", "set_subtensor", "take",
]
