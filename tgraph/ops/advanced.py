"""Indexing by integer arrays and masks: rows of ``x`` (``AdvancedSubtensor1``), anything else that numpy
allows (``AdvancedSubtensor``, ``AdvancedBooleanSubtensor``), and their set and inc forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch

from tgraph.graph import Apply, Op, Sized, Type
from tgraph.kernels import fits_for, fresh_kernel, kernel
from tgraph.operators import as_tensor_variable, table
from tgraph.ops.python_values import SliceType, index_entry
from tgraph.ops.subtensor import (
    HOST_DTYPES,
    as_dtype,
    as_index_scalar,
    ascending,
    collapse,
    fill,
    float_zeros,
    is_full,
    key_of,
    slice_arguments,
    slice_axis,
    slice_keeps_one,
    slice_run,
    slice_size,
    sum_to,
)
from tgraph.types import TensorType, disconnected_type, discrete_dtypes, integer_dtypes

_FULL = slice(None, None, None)


@kernel
def check_index(i: torch.Tensor, n: int) -> torch.Tensor:
    """``i`` itself, all of it within -n .. n - 1. CUDA would end the process' use of the device instead."""
    if i.numel() > 0:
        low, high = torch.aminmax(i)
        if int(low) < -n or int(high) >= n:
            bad = int(low) if int(low) < -n else int(high)
            raise IndexError("index " + str(bad) + " is out of bounds for axis with size " + str(n))
    return i


@kernel
def row_numbers(i: torch.Tensor, n: int) -> torch.Tensor:
    """Row numbers counted from the start: negative ones count from the end of n rows."""
    if i.numel() > 0:
        low = int(i.min())
        high = int(i.max())
        if low < -n or high >= n:
            bad = low if low < -n else high
            raise IndexError("index " + str(bad) + " is out of bounds for axis 0 with size " + str(n))
        if low < 0:
            return torch.where(i < 0, i + n, i)
    return i


@fresh_kernel
def take_rows(x: torch.Tensor, i: torch.Tensor) -> torch.Tensor:
    """``z[k, ..] = x[i[k], ..]`` for int64 ``i``. Indexing checks and counts from the end by itself;
    index_select does not, but copies whole rows."""
    size = i.numel() * (x.numel() // max(x.size(0), 1))
    # rows without elements are not looked for in torch, and their numbers not checked
    if not x.is_cuda and (x.dim() == 1 or (size > 0 and size < 4096)):
        return x[i]
    return torch.index_select(x, 0, row_numbers(i, x.size(0)).to(x.device))


@kernel
def last_writers(i: torch.Tensor, n: int) -> torch.Tensor:
    """For each k the largest m with ``i[m] == i[k]``: whose value stays where a place in 0 .. n - 1 is set
    twice."""
    order = torch.arange(i.numel(), device=i.device)
    winners = torch.full([n], -1, dtype=torch.int64, device=i.device)
    winners.scatter_reduce_(0, i, order, "amax")
    return torch.index_select(winners, 0, i)


@kernel
def put_rows(x: torch.Tensor, y: torch.Tensor, i: torch.Tensor, add: bool, own: bool) -> torch.Tensor:
    """``x`` with rows ``i`` set to ``y`` (of several writes the last stays) or increased by it (all
    count)."""
    z = x if own else torch.clone(x)
    y = y.to(x.device)
    size = i.numel() * (x.numel() // max(x.size(0), 1))
    if not x.is_cuda and size > 0 and size < 2048:
        torch.index_put_(z, [i], y, add)
        return z
    i = row_numbers(i, x.size(0)).to(x.device)
    if add or y.numel() == 1:
        if not add:
            torch.index_put_(z, [i], y, False)
            return z
        z.index_add_(0, i, torch.broadcast_to(y, [i.size(0)] + list(x.size())[1:]))
        return z
    if y.dim() == x.dim() and y.size(0) == i.size(0):
        y = torch.index_select(y, 0, last_writers(i, x.size(0)))
    torch.index_put_(z, [i], y, False)
    return z


@fits_for(put_rows)
def fit_rows(x: torch.Tensor, y: torch.Tensor, i: torch.Tensor, add: bool) -> torch.Tensor:
    """What ``put_rows`` writes."""
    row_numbers(i, x.size(0))
    return torch.broadcast_to(y.to(x.device), [i.size(0)] + list(x.size())[1:])


@kernel
def settle(v: torch.Tensor, y: torch.Tensor,
           keys: list[Optional[torch.Tensor]]) -> torch.Tensor:  # noqa: UP045
    """Values for ``v[keys] = y`` such that all writes to one place carry the value of the last."""
    places = torch.ops.aten.index(torch.arange(v.numel(), device=v.device).reshape(v.size()), keys)
    values = torch.broadcast_to(y, places.size()).reshape([-1])
    flat = places.reshape([-1])
    return torch.index_select(values, 0, last_writers(flat, v.numel())).reshape(places.size())


@kernel
def count_writes(v: torch.Tensor, axes: list[int], indices: list[torch.Tensor]) -> int:
    """At most how many elements ``v[.., indices, ..] = y`` writes."""
    most = 1
    product = 1
    rest = v.numel()
    masked = 0
    flat = True
    for k in range(len(axes)):
        i = indices[k]
        dims = i.dim() if i.dtype == torch.bool else 1
        for d in range(dims):
            rest = rest // max(v.size(axes[k] + masked + d), 1)
        masked += dims - 1
        flat = flat and i.dim() == 1
        most = max(most, i.numel())
        product *= i.numel()
    return rest * (most if flat else product)


@kernel
def keys_of(axes: list[int], indices: list[torch.Tensor], z: torch.Tensor) -> list[Optional[torch.Tensor]]:  # noqa: UP045
    """Index tensors at their dimensions, None for the others."""
    keys: list[Optional[torch.Tensor]] = []  # noqa: UP045
    while len(keys) <= axes[-1]:
        keys.append(None)
    for k in range(len(axes)):
        keys[axes[k]] = indices[k].to(z.device)
    return keys


@kernel
def put_keys(z: torch.Tensor, v: torch.Tensor, y: torch.Tensor, axes: list[int], indices: list[torch.Tensor],
             add: bool) -> torch.Tensor:
    """``z``, after ``v[.., indices, ..] = y`` (or ``+= y``) in its view ``v``."""
    keys = keys_of(axes, indices, z)
    y = y.to(z.device)
    if not add and y.numel() > 1 and (z.is_cuda or count_writes(v, axes, indices) > 30000):
        # many writes are done by several threads, in no order
        y = settle(v, y, keys)
    torch.ops.aten.index_put_(v, keys, y, add)
    return z


@kernel
def put_at(x: torch.Tensor, y: torch.Tensor, axes: list[int], indices: list[torch.Tensor],
           add: bool, own: bool) -> torch.Tensor:
    """``x`` with the elements at index arrays (or masks) set to or increased by ``y``."""
    z = x if own else torch.clone(x)
    return put_keys(z, z, y, axes, indices, add)


@fits_for(put_at)
def fit_at(x: torch.Tensor, y: torch.Tensor, axes: list[int], indices: list[torch.Tensor],
           add: bool) -> torch.Tensor:
    """What ``put_at`` writes. (Reading the places checks the indices.)"""
    places = torch.ops.aten.index(x, keys_of(axes, indices, x))
    return torch.broadcast_to(y.to(x.device), places.size())


@kernel
def part_within(z: torch.Tensor, kinds: list[int], starts: list[int], stops: list[int],
                steps: list[int]) -> torch.Tensor:
    """A view of ``z``: kind -2 adds an axis, others are slices with a positive step."""
    v = z
    for k in range(len(kinds)):
        if kinds[k] == -2:
            v = torch.unsqueeze(v, k)
        else:
            first, count = slice_run(v.size(k), starts[k], stops[k], steps[k], kinds[k])
            v = torch.ops.aten.slice(v, k, first, first + max((count - 1) * steps[k] + 1, 0), steps[k])
    return v


@kernel
def put_within(x: torch.Tensor, y: torch.Tensor, kinds: list[int], starts: list[int], stops: list[int],
               steps: list[int], axes: list[int], indices: list[torch.Tensor], add: bool,
               own: bool) -> torch.Tensor:
    """As ``put_at`` in a part of ``x``, as ``part_within`` takes it."""
    z = x if own else torch.clone(x)
    return put_keys(z, part_within(z, kinds, starts, stops, steps), y, axes, indices, add)


@fits_for(put_within)
def fit_within(x: torch.Tensor, y: torch.Tensor, kinds: list[int], starts: list[int], stops: list[int],
               steps: list[int], axes: list[int], indices: list[torch.Tensor], add: bool) -> torch.Tensor:
    """What ``put_within`` writes."""
    places = torch.ops.aten.index(part_within(x, kinds, starts, stops, steps), keys_of(axes, indices, x))
    return torch.broadcast_to(y.to(x.device), places.size())


def as_index_variable(entry: Any) -> Any:
    """An integer array, a mask or a number as a variable; TypeError for other dtypes."""
    if isinstance(entry, (int, np.integer)) and not isinstance(entry, (bool, np.bool_)):
        return as_index_scalar(entry)
    variable = as_tensor_variable(entry)
    if variable.type.dtype not in discrete_dtypes:
        raise TypeError("index must be integers or a boolean mask")
    return variable


def _vector_of_rows(ilist: Any) -> Any:
    ilist = as_tensor_variable(ilist)
    if ilist.type.dtype not in integer_dtypes:
        raise TypeError("index must be integers")
    if ilist.type.ndim != 1:
        raise TypeError("index must be vector")
    return ilist


def _host_indices(variables: Sequence[Any]) -> bool:
    return any(v.type.dtype in ("uint64",) for v in variables)


def _as_int64(ctx: Any, variable: Any, i: Any) -> Any:
    return i if variable.type.dtype in ("int64", "bool") else ctx.cast(i, "int64")


def intp(i: np.ndarray) -> np.ndarray:
    """Integers as numpy indexes with them; IndexError for what does not fit."""
    if i.dtype == "uint64" and (i > np.iinfo("int64").max).any():
        raise IndexError("index contains values that are bigger than the maximum array size on this system.",
                         i)
    return i.astype(np.intp)


class AdvancedSubtensor1(Sized, Op):
    """``z[k, ..] = x[i[k], ..]`` for a vector ``i`` of integers.

    Raises IndexError where an index is out of range. ``sparse_grad``: the gradient for a matrix is a sparse one.
    """

    def __init__(self, sparse_grad: bool = False):
        self.sparse_grad = sparse_grad

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def make_node(self, x: Any, ilist: Any) -> Apply:
        x, ilist = as_tensor_variable(x), _vector_of_rows(ilist)
        if x.type.ndim == 0:
            raise TypeError("cannot index into a scalar")
        pattern = (ilist.type.broadcastable[0], *x.type.broadcastable[1:])
        return Apply(self, [x, ilist], [TensorType(x.type.dtype, pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, ilist = inputs
        if self.sparse_grad:
            if x.type.ndim != 2:
                raise TypeError(
                    f"AdvancedSubtensor1: you can't take the sparse grad from a tensor with ndim != 2. ndim is "
                    f"{x.type.ndim}"
                )
            return [table["sparse.from_rows"](x, output_grads[0], ilist), disconnected_type()]
        gx = float_zeros(x)
        if x.type.dtype not in discrete_dtypes:
            gx = advanced_inc_subtensor1(gx, output_grads[0], ilist)
        return [gx, disconnected_type()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None] if eval_points[0] is None else self(eval_points[0], inputs[1], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def compute(self, node: Apply, x: np.ndarray, i: np.ndarray) -> np.ndarray:
        return x.take(intp(i), axis=0)

    def lower(self, node: Apply, ctx: Any, x: Any, i: Any) -> Any:
        if _host_indices(node.inputs[1:]):
            return ctx.host(node, x, i)
        return ctx.call(take_rows, x, _as_int64(ctx, node.inputs[1], i))

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [(inputs[1][0], *inputs[0][1:])]


class AdvancedIncSubtensor1(Sized, Op):
    """``z = x.copy(); z[i[k], ..] += y[k, ..]`` for each k, so rows that are named twice are increased
    twice; or with ``set_instead_of_inc`` ``= y[k, ..]``, of which the last stays. ``y`` is cast and
    broadcast."""

    __props__ = ("inplace", "set_instead_of_inc")

    def __init__(self, inplace: bool = False, set_instead_of_inc: bool = False):
        self.inplace, self.set_instead_of_inc = bool(inplace), bool(set_instead_of_inc)

    def clone_inplace(self) -> AdvancedIncSubtensor1:
        """The same with ``inplace`` set."""
        return type(self)(inplace=True, set_instead_of_inc=self.set_instead_of_inc)

    def make_node(self, x: Any, y: Any, ilist: Any) -> Apply:
        x, y, ilist = as_tensor_variable(x), as_tensor_variable(y), _vector_of_rows(ilist)
        if x.type.ndim == 0:
            raise TypeError("cannot index into a scalar")
        if y.type.ndim > x.type.ndim:
            verb = "set" if self.set_instead_of_inc else "increment"
            raise TypeError(f"cannot {verb} x subtensor with ndim={x.type.ndim} by y with ndim={y.type.ndim}")
        return Apply(self, [x, y, ilist], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y, ilist), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            return [float_zeros(x), float_zeros(y), disconnected_type()]
        gx = advanced_set_subtensor1(g, y.zeros_like(), ilist) if self.set_instead_of_inc else g
        return [gx, sum_to(y, advanced_subtensor1(g, ilist)), disconnected_type()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None or eval_points[1] is None:
            return [None]
        return self(eval_points[0], eval_points[1], inputs[2], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True], [False]]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, i: np.ndarray) -> np.ndarray:
        return write(x, y, (intp(i),), self.set_instead_of_inc)

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any, i: Any) -> Any:
        dtype = node.inputs[0].type.dtype
        if HOST_DTYPES.intersection((dtype, node.inputs[1].type.dtype)) or _host_indices(node.inputs[2:]):
            return ctx.host(node, x, y, i)
        if node.inputs[1].type.dtype != dtype:
            y = ctx.cast(y, dtype)
        return ctx.call(put_rows, x, y, _as_int64(ctx, node.inputs[2], i), not self.set_instead_of_inc, False)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(inputs[0])]

    def __str__(self) -> str:
        return (f"{type(self).__name__}{{{'inplace' if self.inplace else 'no_inplace'},"
                f"{'set' if self.set_instead_of_inc else 'inc'}}}")


def write(x: np.ndarray, y: np.ndarray, key: tuple, set_instead_of_inc: bool) -> np.ndarray:
    """A copy of ``x`` with ``y`` written or added at ``key``, every index of it counting."""
    z = x.copy()
    with np.errstate(all="ignore"):
        y = as_dtype(y, x.dtype)
        if set_instead_of_inc:
            z[key] = y
        else:
            # broadcast by hand: numpy 2 reads past the end of a vector that it should repeat
            np.add.at(z, key, np.broadcast_to(y, z[key].shape))
    return z


def parse(index: Sequence[Any]) -> tuple[tuple[Any, ...], list[Any]]:
    """An index as (types with slices and None, the variables of it in order)."""
    entries: list[Any] = []
    found: list[Any] = []
    for entry in map(index_entry, index):
        if entry is None:
            entries.append(None)
        elif isinstance(entry, slice):
            parts = []
            for p in (entry.start, entry.stop, entry.step):
                if p is not None:
                    p = as_index_scalar(p)
                    if p.type.dtype not in integer_dtypes:
                        raise TypeError("Expected an integer")
                    found.append(p)
                    p = p.type
                parts.append(p)
            entries.append(slice(*parts))
        else:
            variable = as_index_variable(entry)
            found.append(variable)
            entries.append(variable.type)
    return tuple(entries), found


class _Advanced(Sized, Op):
    """What the general forms share: the template ``idx_list`` (None for an op that takes any index as
    arguments, and whose nodes then carry one that is bound) and how the result is laid out.

    Numpy's rule: index arrays, masks (as the arrays of their nonzero places) and numbers among them broadcast
    to one block of dimensions, which stands where they stood if they stood together, and first otherwise.
    """

    idx_list: tuple[Any, ...] | None = None
    #: number of inputs before the indices
    _lead = 1

    def _options(self) -> dict[str, Any]:
        return {}

    def _key(self) -> tuple:
        entries = None if self.idx_list is None else tuple(key_of(e) for e in self.idx_list)
        return (entries, *self._options().values())

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def _bind(self, ndim: int, index: Sequence[Any]) -> tuple[Any, list[Any]]:
        """(the op for this index, the variables of the index)."""
        if self.idx_list is None:
            entries, found = parse(index)
            op = type(self)(**self._options())
            op.idx_list = entries
        else:
            op, found = self, list(index)
            wanted = collapse(self.idx_list, lambda e: isinstance(e, Type))
            if len(wanted) != len(found):
                raise IndexError("Not enough inputs to fill in the Subtensor template.", found, self.idx_list)
            found = [as_tensor_variable(v) for v in found]
            pairs = zip(found, wanted, strict=True)
            if any(v.type.ndim != t.ndim or v.type.dtype != t.dtype for v, t in pairs):
                op, found = type(self)(**self._options())._bind(ndim, fill(self.idx_list, iter(found)))
        assert op.idx_list is not None
        if op._consumed() > ndim:
            raise IndexError("too many indices for array")
        return op, found

    def adopt(self, node: Apply) -> None:
        """Bind the index of a node of an old pickle, where slices and None are inputs."""
        if self.idx_list is None:
            lead, index = node.inputs[: self._lead], node.inputs[self._lead :]
            node.op, found = self._bind(lead[0].type.ndim, index)
            node.inputs = [*lead, *found]

    def _consumed(self) -> int:
        assert self.idx_list is not None
        return sum(0 if e is None else e.ndim if isinstance(e, Type) and e.dtype == "bool" else 1
                   for e in self.idx_list)

    def _layout(self, kept: Sequence[Any], block: Sequence[Any]) -> list[Any]:
        """Properties of the result's dimensions: those kept by slices and None (one for each, in order,
        then those of the dimensions not named) with those of the block put in its place."""
        assert self.idx_list is not None
        arrays = [k for k, e in enumerate(self.idx_list) if isinstance(e, Type)]
        together = bool(arrays) and arrays == list(range(arrays[0], arrays[-1] + 1))
        place = arrays[0] if together else 0
        return [*kept[:place], *block, *kept[place:]]

    def _block_ndim(self) -> int:
        assert self.idx_list is not None
        arrays = [e for e in self.idx_list if isinstance(e, Type)]
        return max((1 if e.dtype == "bool" else e.ndim for e in arrays), default=0)

    def _pattern(self, x: Any, variables: Sequence[Any]) -> list[bool]:
        assert self.idx_list is not None
        kept: list[bool] = []
        block = [True] * self._block_ndim()
        dim = 0
        for e in fill(self.idx_list, iter(variables)):
            if e is None:
                kept.append(True)
            elif isinstance(e, slice):
                kept.append(x.type.broadcastable[dim] and slice_keeps_one(e))
                dim += 1
            else:
                mask = e.type.dtype == "bool"
                pattern = (False,) if mask else e.type.broadcastable
                for k, b in enumerate(reversed(pattern)):
                    block[-1 - k] &= b
                dim += e.type.ndim if mask else 1
        return self._layout([*kept, *x.type.broadcastable[dim:]], block)

    def _sizes(self, node: Apply, x: Sequence[Any], indices: Sequence[Sequence[Any]],
               fresh: Any) -> list[Any]:
        """Size symbols of the part of x that is indexed."""
        assert self.idx_list is not None
        kept: list[Any] = []
        found: list[set[Any]] = [set() for _ in range(self._block_ndim())]
        dim, rest = 0, iter(zip(node.inputs[self._lead:], indices, strict=True))
        variables = list(node.inputs[self._lead:])
        for t, e in zip(self.idx_list, fill(self.idx_list, iter(variables)), strict=True):
            if e is None:
                kept.append(1)
            elif isinstance(e, slice):
                for _ in collapse([t], lambda p: isinstance(p, Type)):
                    next(rest)
                size = slice_size(x[dim], e)
                kept.append(fresh() if size is None else size)
                dim += 1
            else:
                variable, symbols = next(rest)
                mask = variable.type.dtype == "bool"
                for k, s in enumerate(reversed([fresh()] if mask else symbols)):
                    found[-1 - k].add(s)
                dim += variable.type.ndim if mask else 1
        block = [next(iter(f - {1} or f)) if len(f - {1}) < 2 else fresh() for f in found]
        return self._layout([*kept, *x[dim:]], block)

    def _numpy_key(self, x: np.ndarray, arrays: Sequence[np.ndarray]) -> tuple:
        assert self.idx_list is not None
        key: list[Any] = []
        dim = 0
        for e in fill(self.idx_list, iter(arrays)):
            if isinstance(e, slice):
                e = slice(*[None if p is None else int(p) for p in (e.start, e.stop, e.step)])
                dim += 1
            elif e is not None and e.dtype == "bool":
                dim += e.ndim
            elif e is not None:
                e = intp(e)
                dim += 1
            key.append(e)
        check_advanced_indexing_dimensions(x, key)
        return tuple(key)

    def _host(self, node: Apply) -> bool:
        """True for indices that torch does not take: no index array at all, 64-bit unsigned, a mask of one
        bool."""
        assert self.idx_list is not None
        arrays = [e for e in self.idx_list if isinstance(e, Type)]
        return (self._block_ndim() == 0 or _host_indices(node.inputs[self._lead:])
                or any(e.dtype == "bool" and e.ndim == 0 for e in arrays))

    def _lowered(self, node: Apply, ctx: Any, x: Any, xs: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """(for each dimension of the indexed view a slice, None or ``:``; index tensors at their
        dimensions)."""
        assert self.idx_list is not None
        basic: list[Any] = []
        arrays: list[Any] = []
        dim = 0
        values = iter(zip(node.inputs[self._lead:], xs, strict=True))
        for e in self.idx_list:
            if e is None:
                basic.append(None)
                arrays.append(None)
            elif isinstance(e, slice):
                parts = [None if p is None else ctx.integer(*next(values)) for p in (e.start, e.stop, e.step)]
                basic.append(slice(*parts))
                arrays.append(None)
                dim += 1
            else:
                variable, i = next(values)
                i = _as_int64(ctx, variable, i)
                if not variable.type.ndim:
                    # torch would apply a number before the arrays, numpy takes it for one of them
                    i = torch.unsqueeze(i, 0)
                mask = variable.type.dtype == "bool"
                if ctx.device != "cpu" and not mask:
                    i = ctx.call(check_index, i, x.size(dim))
                basic.extend([_FULL] * (variable.type.ndim if mask else 1))
                arrays.append(i)
                dim += variable.type.ndim if mask else 1
        while basic and basic[-1] is not None and is_full(basic[-1]):
            basic.pop()
        while arrays and arrays[-1] is None:
            arrays.pop()
        return basic, arrays


class BaseAdvancedSubtensor(_Advanced):
    """``z = x[index]`` with index arrays, masks, numbers, slices and None in any mixture (numpy's rules)."""

    def __init__(self, idx_list: Sequence[Any] | None = None):
        self.idx_list = None if idx_list is None else tuple(idx_list)

    def make_node(self, x: Any, *index: Any) -> Apply:
        x = as_tensor_variable(x)
        op, variables = self._bind(x.type.ndim, index)
        return Apply(op, [x, *variables], [TensorType(x.type.dtype, op._pattern(x, variables))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, *rest = inputs
        gx = float_zeros(x)
        if x.type.dtype not in discrete_dtypes:
            gx = inc_form(self)(gx, output_grads[0], *rest)
        return [gx] + [disconnected_type() for _ in rest]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None] if eval_points[0] is None else self(eval_points[0], *inputs[1:], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]] + [[False] for _ in node.inputs[1:]]

    def compute(self, node: Apply, x: np.ndarray, *indices: np.ndarray) -> np.ndarray:
        return np.array(x[self._numpy_key(x, indices)])

    def lower(self, node: Apply, ctx: Any, x: Any, *xs: Any) -> Any:
        if self._host(node):
            return ctx.host(node, x, *xs)
        basic, arrays = self._lowered(node, ctx, x, xs)
        plain = [e if e is None or ascending(e) else _FULL for e in basic]
        if node.inputs[0].type.dtype in HOST_DTYPES and any(e is not None and not ascending(e) for e in basic):
            return ctx.host(node, x, *xs)
        while plain and plain[-1] is not None and is_full(plain[-1]):
            plain.pop()
        if plain:
            x = x[plain[0]] if len(plain) == 1 else x[tuple(plain)]
        for axis, e in enumerate(basic):
            if e is not None and not ascending(e):
                x = ctx.call(slice_axis, x, axis, *slice_arguments(e))
        key = [_FULL if i is None else i for i in arrays]
        return x[key[0]] if len(key) == 1 else x[tuple(key)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Of the block that the index arrays make; what only values or slices tell is not listed."""
        assert self.idx_list is not None
        arrays = [(v, s) for v, s in zip(node.inputs[1:], shapes[1:], strict=True)]
        places = iter(arrays)
        block: list[Any] = [None] * self._block_ndim()
        kept = 0
        for t in self.idx_list:
            given = [next(places) for _ in collapse([t], lambda p: isinstance(p, Type))]
            kept += not isinstance(t, Type)
            for v, sizes in given if isinstance(t, Type) else ():
                if v.type.dtype == "bool":
                    return [[None] * node.outputs[0].type.ndim]
                for k, (size, one) in enumerate(zip(reversed(sizes), reversed(v.type.broadcastable), strict=True)):
                    if not one:
                        known = block[-1 - k]
                        block[-1 - k] = size if known is None else table["switch"](table["eq"](known, 1), size, known)
        rest = node.inputs[0].type.ndim - self._consumed()
        return [self._layout([None] * (kept + rest), block)]

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        sizes = self._sizes(node, inputs[0], inputs[1:], fresh)
        return [tuple(1 if b else s for s, b in zip(sizes, node.outputs[0].type.broadcastable, strict=True))]

    def __str__(self) -> str:
        return type(self).__name__


class AdvancedSubtensor(BaseAdvancedSubtensor):
    """``z = x[index]`` with at least one integer array."""

    def make_node(self, x: Any, *index: Any) -> Apply:
        check_and_reject_bool(index)
        return super().make_node(x, *index)


class AdvancedBooleanSubtensor(BaseAdvancedSubtensor):
    """``z = x[index]`` with at least one mask: an array of dtype bool, whose sizes must be those of the
    dimensions that it stands for (IndexError when the function runs)."""


def check_and_reject_bool(args_el: Any) -> None:
    """TypeError for a mask or a Python bool, also inside of lists."""
    stack = [args_el]
    while stack:
        entry = stack.pop()
        if isinstance(entry, (bool, np.bool_)) or str(getattr(entry, "dtype", "")) == "bool":
            raise TypeError("AdvancedSubtensor does not support boolean masks for indexing. Use "
                            "AdvancedBooleanSubtensor instead. ")
        if isinstance(entry, (list, tuple)):
            stack.extend(entry)


def check_advanced_indexing_dimensions(input: np.ndarray, idx_list: Sequence[Any]) -> None:
    """IndexError for a mask among the entries of an index whose sizes are not those of the array that it is for."""
    dim = 0
    for entry in idx_list:
        if not isinstance(entry, np.ndarray) or entry.dtype != "bool":
            dim += entry is not None
            continue
        for size in entry.shape:
            if input.shape[dim] != size:
                raise IndexError(f"boolean index did not match indexed array along dimension {dim}; dimension is "
                                 f"{input.shape[dim]} but corresponding boolean dimension is {size}")
            dim += 1


def adv_index_broadcastable_pattern(a: Any, idx: Sequence[Any]) -> tuple[bool, ...]:
    """Which dimensions of ``a[idx]`` are known to have size 1, for an index of variables, slices and None."""
    entries = [_FULL if isinstance(getattr(e, "type", None), SliceType) else e for e in idx]
    op, variables = AdvancedBooleanSubtensor()._bind(a.type.ndim, entries)
    return tuple(op._pattern(a, variables))


class BaseAdvancedIncSubtensor(_Advanced):
    """``z = x.copy(); z[index] += y``, every index counting; ``= y`` with ``set_instead_of_inc``, the last
    one stays. ``y`` is cast to the dtype of ``x`` and broadcast."""

    _lead = 2

    def __init__(self, inplace: bool = False, set_instead_of_inc: bool = False,
                 idx_list: Sequence[Any] | None = None):
        self.inplace, self.set_instead_of_inc = inplace, set_instead_of_inc
        self.idx_list = None if idx_list is None else tuple(idx_list)
        if inplace:
            raise NotImplementedError("In place computation is not implemented")

    def _options(self) -> dict[str, Any]:
        return {"set_instead_of_inc": self.set_instead_of_inc}

    def make_node(self, x: Any, y: Any, *index: Any) -> Apply:
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        op, variables = self._bind(x.type.ndim, index)
        return Apply(op, [x, y, *variables], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y, *rest), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            grads = [float_zeros(x), float_zeros(y)]
        else:
            gx = self(g, y.zeros_like(), *rest) if self.set_instead_of_inc else g
            grads = [gx, sum_to(y, get_form(self)(g, *rest))]
        return grads + [disconnected_type() for _ in rest]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None or eval_points[1] is None:
            return [None]
        return self(eval_points[0], eval_points[1], *inputs[2:], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True]] + [[False] for _ in node.inputs[2:]]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, *indices: np.ndarray) -> np.ndarray:
        return write(x, y, self._numpy_key(x, indices), self.set_instead_of_inc)

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any, *xs: Any) -> Any:
        dtype = node.inputs[0].type.dtype
        dtypes = (dtype, node.inputs[1].type.dtype)
        if HOST_DTYPES.intersection(dtypes) or self._host(node) or self._backwards():
            return ctx.host(node, x, y, *xs)
        if node.inputs[1].type.dtype != dtype:
            y = ctx.cast(y, dtype)
        basic, arrays = self._lowered(node, ctx, x, xs)
        axes = [k for k, i in enumerate(arrays) if i is not None]
        indices = [i for i in arrays if i is not None]
        add = not self.set_instead_of_inc
        if not basic:
            return ctx.call(put_at, x, y, axes, indices, add, False)
        parts = [(0, 0, 1, -2) if e is None else slice_arguments(e) for e in basic]
        starts, stops, steps, kinds = (list(p) for p in zip(*parts, strict=True))
        return ctx.call(put_within, x, y, kinds, starts, stops, steps, axes, indices, add, False)

    def _backwards(self) -> bool:
        """True if a slice has a step: a view of torch never runs backwards."""
        assert self.idx_list is not None
        return any(isinstance(e, slice) and e.step is not None for e in self.idx_list)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(inputs[0])]

    def __str__(self) -> str:
        return (f"{type(self).__name__}{{inplace={self.inplace},  "
                f"set_instead_of_inc={self.set_instead_of_inc}}}")


class AdvancedIncSubtensor(BaseAdvancedIncSubtensor):
    """The set and inc form of ``AdvancedSubtensor``."""

    def make_node(self, x: Any, y: Any, *index: Any) -> Apply:
        check_and_reject_bool(index)
        return super().make_node(x, y, *index)


class AdvancedBooleanIncSubtensor(BaseAdvancedIncSubtensor):
    """The set and inc form of ``AdvancedBooleanSubtensor``."""


def inc_form(op: BaseAdvancedSubtensor, set_instead_of_inc: bool = False) -> BaseAdvancedIncSubtensor:
    """The op that writes where ``op`` reads."""
    cls = AdvancedBooleanIncSubtensor if isinstance(op, AdvancedBooleanSubtensor) else AdvancedIncSubtensor
    return cls(set_instead_of_inc=set_instead_of_inc, idx_list=op.idx_list)


def get_form(op: BaseAdvancedIncSubtensor) -> BaseAdvancedSubtensor:
    """The op that reads where ``op`` writes."""
    cls = AdvancedBooleanSubtensor if isinstance(op, AdvancedBooleanIncSubtensor) else AdvancedSubtensor
    return cls(op.idx_list)


advanced_subtensor1 = AdvancedSubtensor1()
advanced_inc_subtensor1 = AdvancedIncSubtensor1()
advanced_set_subtensor1 = AdvancedIncSubtensor1(set_instead_of_inc=True)
advanced_subtensor = AdvancedSubtensor()
advanced_inc_subtensor = AdvancedIncSubtensor()
advanced_set_subtensor = AdvancedIncSubtensor(set_instead_of_inc=True)
advanced_boolean_subtensor = AdvancedBooleanSubtensor()
advanced_boolean_inc_subtensor = AdvancedBooleanIncSubtensor()
advanced_boolean_set_subtensor = AdvancedBooleanIncSubtensor(set_instead_of_inc=True)

__all__ = [
    "AdvancedBooleanIncSubtensor", "AdvancedBooleanSubtensor", "AdvancedIncSubtensor",
    "AdvancedIncSubtensor1", "AdvancedSubtensor", "AdvancedSubtensor1", "BaseAdvancedIncSubtensor",
    "BaseAdvancedSubtensor", "adv_index_broadcastable_pattern", "advanced_boolean_inc_subtensor",
    "advanced_boolean_set_subtensor", "advanced_boolean_subtensor", "advanced_inc_subtensor",
    "advanced_inc_subtensor1", "advanced_set_subtensor", "advanced_set_subtensor1", "advanced_subtensor",
    "advanced_subtensor1", "check_advanced_indexing_dimensions", "check_and_reject_bool",
]
