"""``Subtensor``: integers and slices, a view of ``x``; ``IncSubtensor``: ``x`` with such a part set or
increased."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tgraph.config import config
from tgraph.errors import ShapeError
from tgraph.graph import Apply, Constant, Op, Sized, Type, Variable
from tgraph.kernels import fits_for, kernel
from tgraph.operators import TensorConstant, as_tensor_variable, constant, table
from tgraph.ops.constants import element_of, get_vector_length, known_scalar
from tgraph.ops.elemwise import scalar_constant
from tgraph.types import Scalar, TensorType, disconnected_type, discrete_dtypes, integer_dtypes

#: dtypes that torch cannot write into by index
HOST_DTYPES = frozenset(("uint16", "uint32", "uint64"))
_FULL = slice(None, None, None)


class AdvancedIndexingError(TypeError):
    """An index that is neither an integer nor a slice of integers."""


class AdvancedBooleanIndexingError(TypeError):
    """An index that is a boolean mask."""


@kernel
def slice_run(n: int, start: int, stop: int, step: int, given: int) -> tuple[int, int]:
    """(first index, number of elements) of a Python slice of n elements; ``given``: 1 for start, 2 for
    stop."""
    if step == 0:
        raise ValueError("slice step cannot be zero")
    low = 0
    high = n
    first = 0
    last = n
    if step < 0:
        low = -1
        high = n - 1
        first = n - 1
        last = -1
    if given % 2 == 1:
        first = min(max(start + n if start < 0 else start, low), high)
    if given // 2 == 1:
        last = min(max(stop + n if stop < 0 else stop, low), high)
    if step > 0:
        return first, max((last - first + step - 1) // step, 0)
    return first, max((first - last - step - 1) // -step, 0)


@kernel
def slice_axis(x: torch.Tensor, axis: int, start: int, stop: int, step: int, given: int) -> torch.Tensor:
    """``x[.., start:stop:step, ..]`` with any step; ``given`` as in ``slice_run``."""
    first, count = slice_run(x.size(axis), start, stop, step, given)
    if count == 0:
        return torch.narrow(x, axis, 0, 0)
    if step > 0:
        return torch.ops.aten.slice(x, axis, first, first + (count - 1) * step + 1, step)
    return torch.flip(torch.ops.aten.slice(x, axis, first + (count - 1) * step, first + 1, -step), [axis])


@kernel
def put_whole(x: torch.Tensor, y: torch.Tensor, add: bool, own: bool) -> torch.Tensor:
    """``x`` with all elements set to (or increased by) ``y``; written into ``x`` itself where it is our
    ``own``."""
    z = x if own else torch.clone(x)
    if add:
        z.add_(y)
    else:
        z.copy_(y)
    return z


@kernel
def put_slices(x: torch.Tensor, y: torch.Tensor, kinds: list[int], starts: list[int], stops: list[int],
               steps: list[int], add: bool, own: bool) -> torch.Tensor:
    """``x`` with a part set to (or increased by) ``y``; ``own`` as in ``put_whole``. Kind -1: the integer
    ``starts[k]``; else a slice (its ``given``)."""
    z = x if own else torch.clone(x)
    v = z
    flips: list[int] = []
    axis = 0
    for k in range(len(kinds)):
        if kinds[k] < 0:
            v = torch.select(v, axis, starts[k])
        else:
            first, count = slice_run(v.size(axis), starts[k], stops[k], steps[k], kinds[k])
            if count == 0:
                v = torch.narrow(v, axis, 0, 0)
            elif steps[k] > 0:
                v = torch.ops.aten.slice(v, axis, first, first + (count - 1) * steps[k] + 1, steps[k])
            else:
                v = torch.ops.aten.slice(v, axis, first + (count - 1) * steps[k], first + 1, -steps[k])
                flips.append(axis)
            axis += 1
    if len(flips) > 0:
        y = torch.flip(torch.broadcast_to(y, v.size()), flips)
    if add:
        v.add_(y)
    else:
        v.copy_(y)
    return z


@fits_for(put_whole)
def fit_whole(x: torch.Tensor, y: torch.Tensor, add: bool) -> torch.Tensor:
    """What ``put_whole`` writes."""
    return torch.broadcast_to(y, x.size())


@fits_for(put_slices)
def fit_slices(x: torch.Tensor, y: torch.Tensor, kinds: list[int], starts: list[int], stops: list[int],
               steps: list[int], add: bool) -> torch.Tensor:
    """What ``put_slices`` writes."""
    v = x
    axis = 0
    for k in range(len(kinds)):
        if kinds[k] < 0:
            v = torch.select(v, axis, starts[k])
        else:
            v = torch.narrow(v, axis, 0, slice_run(v.size(axis), starts[k], stops[k], steps[k], kinds[k])[1])
            axis += 1
    return torch.broadcast_to(y, v.size())


def convert(entry: Any, slice_ok: bool = True) -> Any:
    """An index as it stands in an ``idx_list``: its type in place of a variable, slices of such.

    Raises TypeError for floats, AdvancedIndexingError for arrays, AdvancedBooleanIndexingError for masks.
    """
    if isinstance(entry, slice) and slice_ok:
        parts = (None if p is None else convert(p, False) for p in (entry.start, entry.stop, entry.step))
        return slice(*parts)
    type = entry.type if isinstance(entry, Variable) else entry
    if isinstance(type, Scalar):
        type = TensorType(type.dtype, ())
    if getattr(type, "dtype", None) == "bool":
        raise AdvancedBooleanIndexingError("a mask is not a basic index", entry)
    if isinstance(type, TensorType) and type.ndim == 0:
        if type.dtype not in integer_dtypes:
            raise TypeError("Expected an integer")
        return TensorType(type.dtype, ())
    if isinstance(entry, (int, np.integer)):
        raise TypeError("an idx_list holds types, not numbers: index the variable, or give T.lscalar")
    raise AdvancedIndexingError("an index that is neither an integer nor a slice of integers", entry)


def collapse(idxs: Sequence[Any], cond: Callable[[Any], bool]) -> list[Any]:
    """The entries for which ``cond`` holds, those inside of slices too, in order."""
    found = []
    for entry in idxs:
        inside = isinstance(entry, slice) and not cond(entry)
        parts = (entry.start, entry.stop, entry.step) if inside else (entry,)
        found.extend(p for p in parts if cond(p))
    return found


def fill(idx_list: Sequence[Any], values: Iterator[Any]) -> list[Any]:
    """An ``idx_list`` with values in the places of its types."""
    filled: list[Any] = []
    for entry in idx_list:
        if isinstance(entry, slice):
            filled.append(slice(*[next(values) if isinstance(p, Type) else p
                                  for p in (entry.start, entry.stop, entry.step)]))
        else:
            filled.append(next(values) if isinstance(entry, Type) else entry)
    return filled


def get_idx_list(inputs: Sequence[Any], idx_list: Sequence[Any], get_count: bool = False) -> Any:
    """The indices of a node whose inputs are ``x`` and the flattened indices; with ``get_count`` how many
    inputs they are."""
    if get_count:
        return len(collapse(idx_list, lambda entry: isinstance(entry, Type)))
    return tuple(fill(idx_list, iter(inputs[1:])))


def number_of(variable: Any) -> int | None:
    """The integer that an index variable is known to hold."""
    value = variable if isinstance(variable, (int, np.integer)) else scalar_constant(variable)
    return None if value is None else int(value)


def slice_size(size: Any, entry: slice) -> Any:
    """The size symbol of ``x[.., entry, ..]`` for a slice of variables; None if nothing is known.

    The name of the result is made of the name of ``size`` and constants, so equal slices of equal sizes are
    equal.
    """
    parts = (entry.start, entry.stop, entry.step)
    known = [None if p is None else number_of(p) for p in parts]
    if any(p is not None and n is None for p, n in zip(parts, known, strict=True)):
        return None
    start, stop, step = known
    if step == 0:
        return None
    if isinstance(size, int):
        return len(range(*slice(start, stop, step).indices(size)))
    if step in (None, 1) and (start is None or start >= 0) and (stop is None or stop < 0):
        gone = (start or 0) - (stop or 0)
        return f"{size}-{gone}" if gone else size
    if step == -1 and start is None and stop is None:
        return size
    return f"{size}[{start}:{stop}:{step}]"


def _choose(condition: Any, then: Any, otherwise: Any) -> Any:
    if not isinstance(condition, Variable):
        return then if condition else otherwise
    return table["switch"](condition, then, otherwise)


def _clamp(value: Any, low: Any, high: Any) -> Any:
    value = _choose(value < low, low, value)
    return _choose(value > high, high, value)


def get_canonical_form_slice(theslice: Any, length: Any) -> tuple[Any, Any]:
    """A slice of ``length`` elements with 0 <= start <= stop and a step above 0, and the direction, 1 or -1,
    to read its result in: ``x[s] == x[canonical][::direction]``. An integer comes back counted from the
    start.

    Numbers give numbers, variables give variables.
    """
    def known(part: Any) -> Any:
        value = None if part is None else number_of(part)
        return part if value is None else value

    length = known(length)
    if not isinstance(theslice, slice):
        index = known(as_index_scalar(theslice))
        return _choose(index < 0, index + length, index), 1
    start, stop = known(theslice.start), known(theslice.stop)
    step = 1 if theslice.step is None else known(theslice.step)
    upward = step > 0
    low, high = _choose(upward, 0, -1), _choose(upward, length, length - 1)
    first, last = _choose(upward, 0, length - 1), _choose(upward, length, -1)
    if start is not None:
        first = _clamp(_choose(start < 0, start + length, start), low, high)
    if stop is not None:
        last = _clamp(_choose(stop < 0, stop + length, stop), low, high)
    size = abs(step)
    gap = _choose(upward, last - first, first - last)
    gap = _choose(gap < 0, 0, gap)
    # read from its far end, a slice that runs down starts at the last element that it would have reached
    bottom = first - _choose(gap > 0, (gap - 1) // size * size, -1)
    return (slice(_choose(upward, first, bottom), _choose(upward, first + gap, first + 1), size),
            _choose(upward, 1, -1))


def slice_keeps_one(entry: slice) -> bool:
    """True where a slice of a dimension of size 1 is known to have size 1."""
    start = 0 if entry.start is None else number_of(entry.start)
    stop = None if entry.stop is None else number_of(entry.stop)
    step = None if entry.step is None else number_of(entry.step)
    if stop is not None and step is not None and step < 0:
        return False  # downwards, an end that is not negative comes before the start
    return start == 0 and (entry.stop is None or (stop is not None and stop > 0))


def is_full(entry: Any) -> bool:
    """True for ``:``."""
    if not isinstance(entry, slice) or entry.start is not None or entry.stop is not None:
        return False
    return entry.step is None or (isinstance(entry.step, int) and entry.step == 1)


def sum_to(y: Any, g: Any) -> Any:
    """A gradient with respect to what ``y`` was broadcast to, summed back to the dimensions of ``y``."""
    extra = g.type.ndim - y.type.ndim
    axes = list(range(extra))
    axes += [i for i in range(extra, g.type.ndim)
             if y.type.broadcastable[i - extra] and not g.type.broadcastable[i]]
    if axes:
        g = g.sum(axis=axes, keepdims=True)
    return g.dimshuffle(*range(extra, g.type.ndim)) if extra else g


def float_zeros(x: Any) -> Any:
    """Zeros like ``x`` in a dtype that a gradient may have."""
    return x.zeros_like(dtype=config.floatX if x.type.dtype in discrete_dtypes else x.type.dtype)


def as_dtype(y: np.ndarray, dtype: Any) -> np.ndarray:
    """Values in the dtype of what they are written into: floats lose their fraction, complex their
    imaginary part."""
    if y.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        y = y.real
    return y.astype(dtype)


def name_of(entry: Any) -> str:
    """An entry of an ``idx_list`` as it prints."""
    if isinstance(entry, slice):
        return ":".join("" if p is None else name_of(p) for p in (entry.start, entry.stop, entry.step))
    return str(getattr(entry, "dtype", entry))


def key_of(entry: Any) -> Any:
    """A hashable stand-in for an entry of an ``idx_list``."""
    return ("slice", entry.start, entry.stop, entry.step) if isinstance(entry, slice) else entry


def as_index_scalar(entry: Any) -> Any:
    """An integer index as a 0-d variable; Python integers become int64 constants."""
    if isinstance(entry, (int, np.integer)) and not isinstance(entry, (bool, np.bool_)):
        # one of its own for each index, where `constant` keeps small numbers: old code tells them apart
        return TensorConstant(TensorType("int64", ()), np.asarray(entry, dtype="int64"))
    return as_tensor_variable(entry, ndim=0)


class _Indexed(Sized, Op):
    """What ``Subtensor`` and ``IncSubtensor`` share: the list of types and its checks."""

    idx_list: tuple[Any, ...]

    def __setstate__(self, state: dict[str, Any]) -> None:
        # in old pickles the indices are numbers that are no tensors
        self.__dict__.update(state, idx_list=tuple(convert(e) for e in state["idx_list"]))

    def _key(self) -> tuple:
        return tuple(key_of(e) for e in self.idx_list)

    def __eq__(self, other: Any) -> bool:
        return type(self) is type(other) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash((type(self), self._key()))

    def _indices(self, x: Any, inputs: Sequence[Any]) -> list[Any]:
        given = [as_index_scalar(i) for i in inputs]
        if len(self.idx_list) > x.type.ndim:
            raise IndexError("too many indices for array")
        wanted = collapse(self.idx_list, lambda entry: isinstance(entry, Type))
        if len(given) != len(wanted):
            raise IndexError("Not enough inputs to fill in the Subtensor template.", given, self.idx_list)
        for i, type in zip(given, wanted, strict=True):
            if i.type != type:
                raise TypeError(f"Wrong type for Subtensor template. Expected {type}, got {i.type}.")
        return given

    def _ints(self, node: Apply, ctx: Any, first: int, xs: Sequence[Any]) -> list[Any]:
        """The entries with ints (or records of ints), full slices at the end left off."""
        ints = iter([ctx.integer(v, p) for v, p in zip(node.inputs[first:], xs, strict=True)])
        entries = fill(self.idx_list, ints)
        while entries and is_full(entries[-1]):
            entries.pop()
        return entries


def ascending(entry: Any) -> bool:
    """True for an entry that torch takes as it is: an integer, or a slice with a known positive step."""
    if not isinstance(entry, slice) or entry.step is None:
        return True
    return isinstance(entry.step, int) and entry.step > 0


def slice_arguments(entry: slice) -> tuple[Any, Any, Any, int]:
    """(start, stop, step, given) as ``slice_run`` takes them."""
    given = (entry.start is not None) + 2 * (entry.stop is not None)
    return (0 if entry.start is None else entry.start, 0 if entry.stop is None else entry.stop,
            1 if entry.step is None else entry.step, given)


class Subtensor(_Indexed):
    """``z = x[i, a:b:c, ..]`` for integers and slices of integers (symbolic, negative, any step); a view in
    Theano.

    ``idx_list`` holds a 0-d integer type for each number, the numbers are the inputs after ``x``. Integers
    out of range raise IndexError when the function runs, slices are cut to what is there.
    """

    view_map = {0: [0]}
    e_indextype = "Invalid index type or slice for Subtensor"
    collapse = staticmethod(collapse)
    convert = staticmethod(convert)

    def __init__(self, idx_list: Sequence[Any]):
        self.idx_list = tuple(convert(e) for e in idx_list)

    def make_node(self, x: Any, *inputs: Any) -> Apply:
        x = as_tensor_variable(x)
        indices = self._indices(x, inputs)
        entries = fill(self.idx_list, iter(indices))
        entries += [_FULL] * (x.type.ndim - len(entries))
        pattern = [b and slice_keeps_one(e) for e, b in zip(entries, x.type.broadcastable, strict=True)
                   if isinstance(e, slice)]
        return Apply(self, [x, *indices], [TensorType(x.type.dtype, pattern)()])

    def get_constant_idx(self, inputs: Sequence[Any], allow_partial: bool = False,
                         only_process_constants: bool = False, elemwise: bool = True) -> list[Any]:
        """The indices with constants as numbers; raises NotScalarConstantError for others unless
        ``allow_partial``.

        ``inputs`` are the inputs of the node, ``x`` first.
        """
        known = []
        for v in inputs[1:]:
            value = known_scalar(v) if not only_process_constants else scalar_constant(v)
            if value is None and not allow_partial:
                value = as_tensor_variable(v).get_scalar_constant_value()
            known.append(v if value is None else int(value))
        return fill(self.idx_list, iter(known))

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        x, *rest = inputs
        first = float_zeros(x)
        if x.type.dtype not in discrete_dtypes:
            first = IncSubtensor(self.idx_list)(first, output_grads[0], *rest)
        return [first] + [disconnected_type() for _ in rest]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None] if eval_points[0] is None else self(eval_points[0], *inputs[1:], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True]] + [[False] for _ in node.inputs[1:]]

    def compute(self, node: Apply, x: np.ndarray, *indices: Any) -> np.ndarray:
        return np.asarray(x[tuple(fill(self.idx_list, iter([int(i) for i in indices])))])

    def lower(self, node: Apply, ctx: Any, x: Any, *xs: Any) -> Any:
        entries = self._ints(node, ctx, 1, xs)
        if node.inputs[0].type.dtype in HOST_DTYPES and not all(ascending(e) for e in entries):
            return ctx.host(node, x, *xs)
        plain = [e if ascending(e) else _FULL for e in entries]
        while plain and is_full(plain[-1]):
            plain.pop()
        if plain:
            x = x[plain[0]] if len(plain) == 1 else x[tuple(plain)]
        axis = 0
        for e in entries:
            if isinstance(e, slice):
                if not ascending(e):
                    x = ctx.call(slice_axis, x, axis, *slice_arguments(e))
                axis += 1
        return x

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        entries = fill(self.idx_list, iter(node.inputs[1:]))
        sizes = []
        for e, size in zip(entries + [_FULL] * (len(inputs[0]) - len(entries)), inputs[0], strict=True):
            if isinstance(e, slice):
                found = size if is_full(e) else slice_size(size, e)
                sizes.append(fresh() if found is None else found)
        return [tuple(1 if b else s for s, b in zip(sizes, node.outputs[0].type.broadcastable, strict=True))]

    # -- what is known of the value while the graph is built (see ops/constants.py) ------------------------

    def _picked(self, node: Apply, i: int | None = None) -> int | None:
        """Which element of a vector ``x`` the output (or its element i) is; None where that is not known."""
        x = node.inputs[0]
        if x.type.ndim != 1 or len(self.idx_list) != 1 or isinstance(self.idx_list[0], slice) == (i is None):
            return None
        try:
            places: Any = range(get_vector_length(x))
        except ValueError:
            return None
        for_slice = self._known_slice(node)
        if i is not None:
            places = None if for_slice is None else places[for_slice]
        else:
            i = number_of(node.inputs[1])
        if places is None or i is None or not -len(places) <= i < len(places):
            return None
        return places[i]

    def _known_slice(self, node: Apply) -> slice | None:
        (entry,) = fill(self.idx_list, iter(node.inputs[1:]))
        if not isinstance(entry, slice):
            return None
        parts = (entry.start, entry.stop, entry.step)
        known = [None if p is None else number_of(p) for p in parts]
        if any(k is None and p is not None for k, p in zip(known, parts, strict=True)) or known[2] == 0:
            return None
        return slice(*known)

    def behind(self, node: Apply) -> Any:
        """The variable or array that this output repeats."""
        x = node.inputs[0]
        if isinstance(x, Constant) and len(self.idx_list) == x.type.ndim > 1:
            entries = fill(self.idx_list, iter(node.inputs[1:]))
            places = [None if isinstance(e, slice) else number_of(e) for e in entries]
            inside = all(p is not None and -n <= p < n for p, n in zip(places, x.data.shape, strict=True))
            return x.data[tuple(places)] if inside else None
        i = self._picked(node)
        return None if i is None else element_of(x, i)

    def element(self, node: Apply, i: int) -> Any:
        """Element i of an output that is a vector."""
        place = self._picked(node, i)
        return None if place is None else element_of(node.inputs[0], place)

    def length(self, node: Apply) -> int | None:
        """The number of elements of an output that is a vector."""
        x = node.inputs[0]
        known = self._known_slice(node) if x.type.ndim == 1 and self.idx_list else None
        if known is None:
            return get_vector_length(x) if x.type.ndim == 1 and not self.idx_list else None
        return len(range(get_vector_length(x))[known])

    def integer_part(self, node: Apply) -> Any:
        """A variable that holds the same integer, or (variable, axis) for a size."""
        place = self._picked(node)
        if place is None:
            return None
        maker = node.inputs[0].owner
        if maker is not None and type(maker.op).__name__ == "Shape":
            return maker.inputs[0], place
        found = element_of(node.inputs[0], place)
        return found if found is None or isinstance(found, Variable) else constant(np.asarray(found))

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{', '.join(name_of(e) for e in self.idx_list)}}}"


class IncSubtensor(_Indexed):
    """``z = x.copy(); z[i, a:b:c, ..] += y`` (``= y`` with ``set_instead_of_inc``), for integers and slices.

    ``y`` is cast to the dtype of ``x`` and broadcast to the part, also where only its size at run time is 1
    (its gradient then has the size of the part, as in Theano). Always a new value: ``inplace`` is kept for
    legacy code that reads it.
    """

    def __init__(self, idx_list: Sequence[Any], inplace: bool = False, set_instead_of_inc: bool = False,
                 destroyhandler_tolerate_aliased: Any = None):
        self.idx_list = tuple(convert(e) for e in idx_list)
        self.inplace = bool(inplace)
        self.set_instead_of_inc = bool(set_instead_of_inc)
        self.destroyhandler_tolerate_aliased = list(destroyhandler_tolerate_aliased or [])

    def _key(self) -> tuple:
        return (self.inplace, self.set_instead_of_inc, *super()._key())

    def make_node(self, x: Any, y: Any, *inputs: Any) -> Apply:
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        if y.type.ndim > x.type.ndim:
            raise ShapeError(f"Trying to increment a {x.type.ndim}-dimensional subtensor with a {y.type.ndim}"
                             "-dimensional value.", fix="drop dimensions of the value")
        return Apply(self, [x, y, *self._indices(x, inputs)], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, y, *rest), (g,) = inputs, output_grads
        if x.type.dtype in discrete_dtypes:
            grads = [float_zeros(x), float_zeros(y)]
        else:
            gx = IncSubtensor(self.idx_list, set_instead_of_inc=True)(g, y.zeros_like(), *rest) \
                if self.set_instead_of_inc else g
            grads = [gx, sum_to(y, Subtensor(self.idx_list)(g, *rest))]
        return grads + [disconnected_type() for _ in rest]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None or eval_points[1] is None:
            return [None]
        return self(eval_points[0], eval_points[1], *inputs[2:], return_list=True)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [True]] + [[False] for _ in node.inputs[2:]]

    def compute(self, node: Apply, x: np.ndarray, y: np.ndarray, *indices: Any) -> np.ndarray:
        z = x.copy()
        key = tuple(fill(self.idx_list, iter([int(i) for i in indices])))
        with np.errstate(all="ignore"):
            y = as_dtype(y, x.dtype)
            if self.set_instead_of_inc:
                z[key] = y
            else:
                z[key] += y
        return z

    def lower(self, node: Apply, ctx: Any, x: Any, y: Any, *xs: Any) -> Any:
        dtype = node.inputs[0].type.dtype
        if HOST_DTYPES.intersection((dtype, node.inputs[1].type.dtype)):
            return ctx.host(node, x, y, *xs)
        if node.inputs[1].type.dtype != dtype:
            y = ctx.cast(y, dtype)
        entries = self._ints(node, ctx, 2, xs)
        if not entries:
            return ctx.call(put_whole, x, y, not self.set_instead_of_inc, False)
        kinds, starts, stops, steps = [], [], [], []
        for e in entries:
            start, stop, step, given = slice_arguments(e) if isinstance(e, slice) else (e, 0, 1, -1)
            kinds.append(given)
            starts.append(start)
            stops.append(stop)
            steps.append(step)
        return ctx.call(put_slices, x, y, kinds, starts, stops, steps, not self.set_instead_of_inc, False)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(inputs[0])]

    def __str__(self) -> str:
        name = ("Inplace" if self.inplace else "") + ("Set" if self.set_instead_of_inc else "Inc")
        return f"{type(self).__name__}{{{name};{', '.join(name_of(e) for e in self.idx_list)}}}"


__all__ = ["AdvancedBooleanIndexingError", "AdvancedIndexingError", "IncSubtensor", "Subtensor",
           "get_canonical_form_slice", "get_idx_list"]
