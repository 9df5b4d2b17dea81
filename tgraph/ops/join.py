"""Tensors put together and taken apart: join, stack, split, tile, repeat."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.grad import grad_undefined
from tgraph.graph import Apply, Op, Sized, Variable
from tgraph.kernels import kernel
from tgraph.operators import TensorOperators, as_tensor_variable, offers
from tgraph.ops.assertion import Assert
from tgraph.ops.constants import element_of, get_vector_length, known_scalar
from tgraph.ops.create import alloc, ones
from tgraph.ops.shape import MakeVector, flatten, patternbroadcast, reshape, shape_padaxis
from tgraph.types import (
    DisconnectedType,
    TensorType,
    disconnected_type,
    discrete_dtypes,
    integer_dtypes,
    signed_dtypes,
    upcast,
)

#: dtypes that torch stores but cannot concatenate or repeat everywhere
_HOST_DTYPES = frozenset(("uint16", "uint32", "uint64"))


@kernel
def check_splits(x: torch.Tensor, axis: int, sizes: list[int], count: int) -> None:
    """The sizes of a split must be ``count`` non-negative numbers that sum to the size of the axis."""
    if len(sizes) != count:
        raise ValueError("Split: splits count (" + str(len(sizes)) + ") != expected count (" + str(count)
                         + ").")
    total = 0
    for size in sizes:
        if size < 0:
            raise ValueError("Split: you try to take a negative number (" + str(size) + ") of elements.")
        total += size
    if total != x.size(axis):
        raise ValueError("Split: the splits sums to " + str(total) + ", expected " + str(x.size(axis)) + ".")


@dataclass(frozen=True)
class Join(Sized, Op):
    """Tensors one after the other along an axis: inputs (axis, tensor, tensor, ...).

    ``view`` names a tensor that may be handed through where all others are empty (kept for old graphs).
    Raises TypeError for scalars, tensors of unlike ndim and an axis that is no signed integer; IndexError and
    ValueError for a constant axis out of bounds; ValueError at run time for sizes that do not fit.
    """

    view: int = -1

    def make_node(self, axis: Any, *tensors: Any) -> Apply:
        if not tensors:
            raise ValueError("Cannot join an empty list of tensors")
        ins = [as_tensor_variable(x) for x in tensors]
        dtype = upcast(*[x.type.dtype for x in ins])
        if any(x.type.ndim == 0 for x in ins):
            raise TypeError("Join cannot handle arguments of dimension 0. "
                            "For joining scalar values, see stack")
        ndim = ins[0].type.ndim
        pattern = [False] * ndim
        if len(ins) == 1:
            pattern = list(ins[0].type.broadcastable)
        else:
            number = known_scalar(axis)
            if number is not None:
                pattern = self._pattern(ins, int(number))
                axis = int(number) % ndim
        if any(x.type.ndim != ndim for x in ins):
            raise TypeError("Join() can only join tensors with the same number of dimensions.")
        axis = as_tensor_variable(axis)
        if axis.type.dtype not in signed_dtypes or axis.type.ndim:
            raise TypeError("Axis could not be cast to an integer type", axis, axis.type)
        return Apply(self, [axis, *ins], [TensorType(dtype, pattern)()])

    @staticmethod
    def _pattern(ins: Sequence[Any], axis: int) -> list[bool]:
        # one promise of size 1 is a promise for all: the sizes must agree when it runs
        ndim = ins[0].type.ndim
        if axis < -ndim:
            raise IndexError(f"Join axis {axis} out of bounds [0, {ndim})")
        if axis >= ndim:
            raise ValueError('Join argument "axis" is out of range (given input dimensions)')
        pattern = [False] * ndim
        for x in ins:
            for i, b in enumerate(x.type.broadcastable[:ndim]):
                pattern[i] = pattern[i] or b
        pattern[axis] = False
        return pattern

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (axis, *tensors), (g,) = inputs, output_grads
        undefined = grad_undefined(self, 0, axis)
        if upcast(*[x.type.dtype for x in tensors]) in discrete_dtypes:
            return [undefined, *[x.zeros_like(dtype=config.floatX) for x in tensors]]
        if len(tensors) == 1:
            return [undefined, g]
        number = known_scalar(axis)
        where = axis if number is None else int(number)
        sizes = MakeVector("int64")(*[x.shape[where] for x in tensors])
        parts = Split(len(tensors))(g, axis, sizes)
        return [undefined, *[patternbroadcast(p, x.type.broadcastable)
                             for p, x in zip(parts, tensors, strict=True)]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if any(e is None for e in eval_points[1:]):
            return [None]
        return self(inputs[0], *eval_points[1:], return_list=True)

    def length(self, node: Apply) -> int | None:
        try:
            return sum(get_vector_length(x) for x in node.inputs[1:])
        except (TypeError, ValueError):
            return None

    def element(self, node: Apply, i: int) -> Any:
        for x in node.inputs[1:]:
            try:
                length = get_vector_length(x)
            except (TypeError, ValueError):
                return None
            if 0 <= i < length:
                return element_of(x, i)
            i -= length
        return None

    def compute(self, node: Apply, axis: np.ndarray, *tensors: np.ndarray) -> np.ndarray:
        if len(tensors) == 1:
            return tensors[0]
        if axis < -tensors[0].ndim:
            raise IndexError(f"Join axis {axis} out of bounds [0, {tensors[0].ndim})")
        return np.concatenate(tensors, axis=int(axis)).astype(node.outputs[0].type.dtype, copy=False)

    def lower(self, node: Apply, ctx: Any, axis: Any, *tensors: Any) -> Any:
        dtype = node.outputs[0].type.dtype
        if dtype in _HOST_DTYPES:
            return ctx.host(node, axis, *tensors)
        pieces = [x if v.type.dtype == dtype else ctx.cast(x, dtype)
                  for v, x in zip(node.inputs[1:], tensors, strict=True)]
        # of one tensor the axis is not looked at
        return torch.cat(pieces, ctx.integer(node.inputs[0], axis)) if len(pieces) > 1 else pieces[0]

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        number = known_scalar(node.inputs[0])
        if number is None:
            return self.dims(node, [], ctx.fresh)
        tensors = [ctx.sizes(x) for x in node.inputs[1:]]
        axis = int(number) % len(tensors[0])
        # the other sizes agree only if the join is run; one asked for nothing but its shape may not be
        sizes = [next((t[i] for t in tensors if ctx.find(t[i]) == 1), s) for i, s in enumerate(tensors[0])]
        sizes[axis] = ctx.total([t[axis] for t in tensors])
        return [tuple(sizes)]

    def __str__(self) -> str:
        return "Join" if self.view == -1 else f"Join{{view={self.view}}}"


join_ = Join()


@offers("join")
def join(axis: Any, *tensors_list: Any) -> Any:
    """Tensors of one ndim put together along an axis (an int, or an integer scalar).

    One tensor comes back as it is. The dtype is the promoted one; a dimension is broadcastable where one of
    the tensors says so. Raises TypeError for scalars and unlike numbers of dimensions, ValueError at run time
    for sizes that do not fit.
    """
    return tensors_list[0] if len(tensors_list) == 1 else join_(axis, *tensors_list)


@offers("concatenate")
def concatenate(tensor_list: Any, axis: Any = 0) -> Any:
    """A list of tensors put together along an axis, as ``join``. Raises TypeError for what is not a list."""
    if not isinstance(tensor_list, (tuple, list)):
        raise TypeError("The 'tensors' argument must be either a tuple or a list, make sure you did not "
                        "forget () or [] around arguments of concatenate.", tensor_list)
    return join(axis, *tensor_list)


def _is_scalar(x: Any) -> bool:
    if isinstance(x, Variable):
        return isinstance(x.type, TensorType) and x.type.ndim == 0
    return isinstance(x, (np.number, float, int, complex))


@offers("stack")
def stack(*tensors: Any, **kwargs: Any) -> Any:
    """A list of tensors of one shape along a new axis: ``stack(tensors, axis=0)``; scalars make a vector.

    The old form ``stack(a, b, c)`` still works, with a DeprecationWarning. Raises IndexError for an axis out
    of bounds, TypeError for tensors of unlike ndim.
    """
    if not tensors and not kwargs:
        raise Exception("stack(tensors, axis) must have at least one parameter")
    if not kwargs and not isinstance(tensors[0], (list, tuple)):
        warnings.warn("stack(*tensors) interface is deprecated, use stack(tensors, axis=0) instead.",
                      DeprecationWarning, stacklevel=2)
        items, axis = list(tensors), 0
    elif "tensors" in kwargs:
        items, axis = list(kwargs["tensors"]), kwargs.get("axis", 0)
    else:
        items, axis = list(tensors[0]), tensors[1] if len(tensors) == 2 else kwargs.get("axis", 0)
    if not items:
        raise Exception("tensors is empty. You should at least provide one tensor to stack(tensors, axis).")
    if all(_is_scalar(x) for x in items):
        scalars = [as_tensor_variable(x) for x in items]
        return MakeVector(upcast(*[x.type.dtype for x in scalars]))(*scalars)
    return join(axis, *[shape_padaxis(x, axis) for x in items])


def stacklists(arg: Any) -> Any:
    """Nested lists of tensors as one tensor with a leading axis for each level of lists."""
    # a list is left when its items are done; depth is that of the nesting the caller wrote
    if not isinstance(arg, (tuple, list)):
        return arg
    top: list[Any] = []
    walk: list[tuple[Any, list[Any]]] = [(iter(arg), top)]
    while True:
        items, done = walk[-1]
        for item in items:
            if isinstance(item, (tuple, list)):
                walk.append((iter(item), []))
                break
            done.append(item)
        else:
            walk.pop()
            made = stack(done)
            if not walk:
                return made
            walk[-1][1].append(made)


@dataclass(frozen=True)
class Split(Sized, Op):
    """``x`` cut along an axis into ``len_splits`` pieces: inputs (x, axis, sizes).

    Raises TypeError for sizes that are no signed integer vector; ValueError at run time where they are too
    many or too few, negative, or do not sum to the size of the axis.
    """

    len_splits: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "len_splits", int(self.len_splits))

    def make_node(self, x: Any, axis: Any, splits: Any) -> Apply:
        x, axis, splits = as_tensor_variable(x), as_tensor_variable(axis), as_tensor_variable(splits)
        if splits.type.broadcastable != (False,) or splits.type.dtype not in signed_dtypes:
            raise TypeError("splits must have type tensor.lvector", splits.type)
        if axis.type.ndim or axis.type.dtype not in signed_dtypes:
            raise TypeError("axis must have type lscalar", axis.type)
        return Apply(self, [x, axis, splits], [x.type() for _ in range(self.len_splits)])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, axis, splits = inputs
        if all(isinstance(g.type, DisconnectedType) for g in output_grads):
            back = disconnected_type()
        else:
            outputs = self(x, axis, splits, return_list=True)
            back = join(axis, *[o.zeros_like() if isinstance(g.type, DisconnectedType) else g
                                for o, g in zip(outputs, output_grads, strict=True)])
        return [back, grad_undefined(self, 1, axis), grad_undefined(self, 2, splits)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None for _ in range(self.len_splits)]
        return self(eval_points[0], *inputs[1:], return_list=True)

    def compute(self, node: Apply, x: np.ndarray, axis: np.ndarray, splits: np.ndarray) -> tuple:
        at = int(axis)
        if not -x.ndim <= at < x.ndim:
            raise ValueError(f"Split.perform() with axis=({at}) is invalid for x.shape==({x.shape})")
        if len(splits) != self.len_splits:
            raise ValueError(f"Split: splits count ({len(splits)}) != expected count ({self.len_splits}).")
        if (splits < 0).any():
            raise ValueError("Split: you try to take a negative number of elements.", splits)
        if splits.sum() != x.shape[at]:
            raise ValueError(f"Split: the splits sums to {splits.sum()}, expected {x.shape[at]}.")
        return tuple(np.split(x, np.cumsum(splits)[:-1], axis=at))

    def _places(self, node: Apply) -> list[Any] | None:
        splits = node.inputs[2]
        try:
            if get_vector_length(splits) != self.len_splits:
                return None
        except ValueError:
            return None
        return [element_of(splits, i) for i in range(self.len_splits)]

    def _symbols(self, node: Apply, ctx: Any) -> list[Any] | None:
        places = self._places(node)
        if places is None or any(p is None for p in places):
            return None
        return [ctx.proved_size(p) if isinstance(p, Variable) else int(p) for p in places]

    def lower(self, node: Apply, ctx: Any, x: Any, axis: Any, splits: Any) -> Any:
        sizes = ctx.integers(node.inputs[2], splits)
        at = ctx.integer(node.inputs[1], axis)
        symbols = self._symbols(node, ctx)
        proved = False
        if symbols is not None and None not in symbols and isinstance(at, int):
            ndim = node.inputs[0].type.ndim
            proved = -ndim <= at < ndim and min(s if isinstance(s, int) else 0 for s in symbols) >= 0 \
                and ctx.find(ctx.sizes(node.inputs[0])[at]) == ctx.total(symbols)
        if not proved:
            ctx.call(check_splits, x, at, sizes, self.len_splits)
        outs, start = [], 0
        for i in range(self.len_splits):
            outs.append(ctx.call(torch.narrow, x, at, start, sizes[i]))
            if i + 1 < self.len_splits:
                start = ctx.add_ints(start, sizes[i])
        return tuple(outs)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        number = known_scalar(node.inputs[1])
        sizes = ctx.sizes(node.inputs[0])
        if number is None or not sizes:
            return self.dims(node, [], ctx.fresh)
        symbols = self._symbols(node, ctx) or [None] * self.len_splits
        at = int(number) % len(sizes)
        cut = [ctx.fresh() if s is None else s for s in symbols]
        return [(*sizes[:at], c, *sizes[at + 1:]) for c in cut]

    def __str__(self) -> str:
        return f"Split{{{self.len_splits}}}"


@offers("split")
def split(x: Any, splits_size: Any, n_splits: int, axis: Any = 0) -> Any:
    """``x`` cut along an axis into ``n_splits`` pieces of these sizes (a list, or an integer vector)."""
    return Split(n_splits)(x, axis, splits_size)


def horizontal_stack(*args: Any) -> Any:
    """Matrices side by side."""
    assert len(args) >= 2, "two matrices at least"
    assert all(x.type.ndim == 2 for x in args), "matrices only"
    return concatenate(args, axis=1)


def vertical_stack(*args: Any) -> Any:
    """Matrices one below the other."""
    assert len(args) >= 2, "two matrices at least"
    assert all(x.type.ndim == 2 for x in args), "matrices only"
    return concatenate(args, axis=0)


def _repetitions(x: Any, reps: Any, ndim: int | None) -> list[Any]:
    """The argument of ``tile`` as a list of one entry for each dimension that it names."""
    if isinstance(reps, (list, tuple)):
        if ndim is not None and len(reps) > ndim:
            raise ValueError("len(reps) should be equal or less than ndim")
        for r in reps:
            symbolic = isinstance(r, TensorOperators) and r.type.dtype in discrete_dtypes
            if not (symbolic or isinstance(r, (int, np.integer))):
                raise ValueError("elements of reps must be scalars of integer dtype")
        return list(reps)
    vector = as_tensor_variable(reps)
    if vector.type.dtype not in discrete_dtypes:
        raise ValueError("elements of reps must be integer dtype")
    if vector.type.ndim == 0:
        return [reps]
    if vector.type.ndim > 1:
        raise ValueError("the dimension of reps should not exceed 1")
    if ndim is None:
        raise ValueError("if reps is tensor.vector, you should specify the ndim")
    missing = ndim - vector.shape[0]
    missing = Assert("more repetitions than dimensions")(missing, missing >= 0)
    whole = join(0, ones((missing,), dtype="int64"), vector)
    return [whole[i] for i in range(ndim)]


@offers("tile")
def tile(x: Any, reps: Any, ndim: int | None = None) -> Any:
    """``x`` repeated whole: ``reps`` times along each axis, the last entries of ``reps`` for the last axes.

    ``reps`` is an integer, a list of integers and integer scalars, or an integer vector (then give ``ndim``).
    Raises ValueError for other ``reps`` and an ``ndim`` below that of ``x``.
    """
    x = as_tensor_variable(x)
    if ndim is not None and ndim < x.type.ndim:
        raise ValueError("ndim should be equal or larger than x.ndim")
    times = _repetitions(x, reps, ndim)
    ndim = max(len(times), x.type.ndim) if ndim is None else ndim
    times = [1] * (ndim - len(times)) + times
    sizes = [1] * (ndim - x.type.ndim) + [x.shape[i] for i in range(x.type.ndim)]
    whole = alloc(x, *times, *sizes)
    paired = whole.dimshuffle(*[i for axis in range(ndim) for i in (axis, ndim + axis)])
    return reshape(paired, [s * t for s, t in zip(sizes, times, strict=True)])


@dataclass(frozen=True)
class Tile(Sized, Op):
    """``tile(x, reps, ndim)`` as an op of its own, ``reps`` a vector of ``ndim`` integers: the older form."""

    ndim: int

    def make_node(self, x: Any, reps: Any) -> Apply:
        x, reps = as_tensor_variable(x), as_tensor_variable(reps)
        return Apply(self, [x, reps], [TensorType(x.type.dtype, (False,) * self.ndim)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        # through the sizes of the function of that name, whose graph is differentiated in its place
        (x, reps), (g,) = inputs, output_grads
        sizes = [1] * (self.ndim - x.type.ndim) + [x.shape[i] for i in range(x.type.ndim)]
        pairs = reshape(g, [n for i in range(self.ndim) for n in (reps[i], sizes[i])], ndim=2 * self.ndim)
        back = pairs.sum(axis=list(range(0, 2 * self.ndim, 2)))
        return [reshape(back, x.shape, ndim=x.type.ndim), disconnected_type()]

    def compute(self, node: Apply, x: np.ndarray, reps: np.ndarray) -> np.ndarray:
        result = np.tile(x, reps)
        if result.ndim != self.ndim:
            raise ValueError("Tile.perform: Output has wrong number of dimensions")
        return result


@dataclass(frozen=True)
class RepeatOp(Op):
    """Each element (slice along ``axis``) of x repeated: ``repeats`` is one number or one for each."""

    __props__ = ("axis",)
    axis: int | None = None

    def make_node(self, x: Any, repeats: Any) -> Apply:
        x, repeats = as_tensor_variable(x), as_tensor_variable(repeats)
        if repeats.type.dtype not in integer_dtypes:
            raise TypeError("repeats.dtype must be an integer.")
        if repeats.type.dtype == "uint64":
            raise TypeError("dtype uint64 is not supported for the 'repeats' parameter", repeats.type.dtype)
        pattern = [False]
        if self.axis is not None:
            pattern = list(x.type.broadcastable)
            number = known_scalar(repeats)
            if number is None or int(number) != 1:
                pattern[self.axis] = False
        return Apply(self, [x, repeats], [TensorType(x.type.dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, repeats), (g,) = inputs, output_grads
        if repeats.type.ndim != 0:
            raise NotImplementedError("the gradient of repeat with a vector of repeats is not defined")
        axis = x.type.ndim - 1 if self.axis is None else self.axis % x.type.ndim
        sizes = [x.shape[i] for i in range(x.type.ndim)]
        sizes.insert(axis + 1, repeats)
        return [reshape(g, sizes, ndim=x.type.ndim + 1).sum(axis=axis + 1), disconnected_type()]

    def compute(self, node: Apply, x: np.ndarray, repeats: np.ndarray) -> np.ndarray:
        return np.repeat(x, repeats, axis=self.axis)

    def lower(self, node: Apply, ctx: Any, x: Any, repeats: Any) -> Any:
        if node.inputs[0].type.dtype in _HOST_DTYPES:
            return ctx.host(node, x, repeats)
        counts = repeats if node.inputs[1].type.dtype == "int64" else ctx.cast(repeats, "int64")
        if ctx.device != "cpu" and node.inputs[0].type.dtype not in discrete_dtypes:
            counts = counts.to(ctx.device)
        if node.inputs[0].type.ndim == 0:
            x = torch.reshape(x, [1])
        return torch.repeat_interleave(x, counts, self.axis)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        repeats, sizes = node.inputs[1], list(shapes[0])
        if repeats.type.ndim:
            count = repeats.sum()
        else:
            count = repeats.astype("int64")
            for size in sizes if self.axis is None else [sizes[self.axis]]:
                count = size * count
        if self.axis is None:
            return [(count,)]
        sizes[self.axis] = count
        return [tuple(sizes)]

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        if self.axis is None:
            return [(fresh(),)]
        return [tuple(fresh() if i == self.axis % len(inputs[0]) else s for i, s in enumerate(inputs[0]))]


@offers("repeat")
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element of ``x`` repeated (flattened where ``axis`` is None), or each slice along ``axis``.

    ``repeats`` is one integer, or a vector with one for each. Raises ValueError for more dimensions and an
    axis out of bounds, TypeError for ``repeats`` that are no integers.
    """
    x, repeats = as_tensor_variable(x), as_tensor_variable(repeats)
    if repeats.type.ndim > 1:
        raise ValueError("The dimension of repeats should not exceed 1.")
    if repeats.type.ndim == 1:
        if not repeats.type.broadcastable[0]:
            return RepeatOp(axis)(x, repeats)
        repeats = repeats[0]
    if x.type.dtype == "uint64":
        raise TypeError("repeat does not support dtype uint64")
    if axis is None:
        axis, x = 0, flatten(x)
    elif axis >= x.type.ndim:
        raise ValueError("Axis should not exceed x.ndim-1.")
    elif axis < 0:
        axis += x.type.ndim
    sizes = [x.shape[i] for i in range(x.type.ndim)]
    order: list[Any] = list(range(x.type.ndim))
    order.insert(axis + 1, "x")
    between = [*sizes[: axis + 1], repeats, *sizes[axis + 1:]]
    sizes[axis] = sizes[axis] * repeats
    return reshape(alloc(x.dimshuffle(*order), *between), sizes)


def roll(x: Any, shift: Any, axis: int | None = None) -> Any:
    """The elements moved on by ``shift`` places along an axis, round the end (``axis`` None: flattened)."""
    x = as_tensor_variable(x)
    if axis is None:
        if x.type.ndim > 1:
            return reshape(roll(flatten(x), shift, axis=0), x.shape)
        axis = 0
    if axis < 0:
        axis += x.type.ndim
    shift = shift % x.shape[axis]
    before = (slice(None),) * axis
    return join(axis, x[(*before, slice(-shift, None))], x[(*before, slice(0, -shift))])


__all__ = [
    "Join", "MakeVector", "RepeatOp", "Split", "Tile", "concatenate", "horizontal_stack", "join", "repeat", "roll",
    "split", "stack", "stacklists", "tile", "vertical_stack",
]
