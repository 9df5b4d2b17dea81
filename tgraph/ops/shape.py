"""Shapes: the shape of a tensor, its elements in another shape, broadcast patterns, axes, diagonals."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from tgraph.config import warn
from tgraph.errors import ShapeError
from tgraph.graph import Apply, Constant, Op, Sized, Variable
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, offers, table
from tgraph.ops.constants import element_of, get_vector_length, known_scalar
from tgraph.ops.elemwise import DimShuffle
from tgraph.ops.rows import zero_for
from tgraph.types import TensorType, disconnected_type, discrete_dtypes, int_dtypes, integer_dtypes, upcast
from tgraph.values import TORCH_DTYPES

#: dtypes that torch stores but cannot scatter
_HOST_DTYPES = frozenset(("uint16", "uint32", "uint64"))


@kernel
def check_one(x: torch.Tensor, axis: int) -> None:
    """A dimension that is promised to have size 1 must have it."""
    if x.size(axis) != 1:
        raise ValueError("Dimension " + str(axis) + " in Rebroadcast's input was supposed to be 1 (got "
                         + str(x.size(axis)) + " instead)")


@kernel
def check_sizes(x: torch.Tensor, shape: list[int]) -> None:
    """A tensor must have the shape that was specified."""
    ok = x.dim() == len(shape)
    if ok:
        for i in range(len(shape)):
            ok = ok and x.size(i) == shape[i]
    if not ok:
        raise AssertionError("got shape " + str(x.size()) + " expected " + str(shape))


@kernel
def reshape_by(x: torch.Tensor, shape: list[int], ndim: int) -> torch.Tensor:
    """``x`` in a shape whose length is known when the program runs."""
    if len(shape) != ndim:
        raise ValueError("shape argument to Reshape has length " + str(len(shape)) + ", should be "
                         + str(ndim))
    return torch.reshape(x, shape)


class _Sizes(Sized, Op):
    """An op of sizes: nothing flows through its values."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[False] for _ in node.inputs]

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [disconnected_type() for _ in inputs]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        return [None]


@dataclass(frozen=True)
class Shape(_Sizes):
    """The shape of ``x``, an int64 vector of length ``ndim``."""

    def make_node(self, x: Any) -> Apply:
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [TensorType("int64", (False,))()])

    def length(self, node: Apply) -> int | None:
        return getattr(node.inputs[0].type, "ndim", None)

    def element(self, node: Apply, i: int) -> Any:
        return Shape_i(i).make_node(node.inputs[0]).outputs[0]

    def compute(self, node: Apply, x: Any) -> np.ndarray:
        return np.asarray(x.shape, dtype="int64")

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if not isinstance(node.inputs[0].type, TensorType):
            return ctx.host(node, x)
        return ctx.call(torch._shape_as_tensor, x)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        length = self.length(node)
        return [(fresh() if length is None else length,)]

    def __str__(self) -> str:
        return "Shape"


@dataclass(frozen=True)
class Shape_i(_Sizes):
    """The size of axis ``i`` of ``x``, an int64 scalar."""

    i: int

    def __post_init__(self) -> None:
        assert int(self.i) == self.i, "an axis is an integer"
        object.__setattr__(self, "i", int(self.i))

    def make_node(self, x: Any) -> Apply:
        if not isinstance(x, Variable) or not hasattr(x.type, "ndim"):
            raise TypeError("x must be Variable with ndim attribute", x)
        if x.type.ndim <= self.i:
            raise TypeError("x has too few dimensions for Shape_i", (x, self.i))
        return Apply(self, [x], [TensorType("int64", ())()])

    def behind(self, node: Apply) -> Any:
        x = node.inputs[0]
        if isinstance(x, Constant):
            return np.asarray(x.data.shape[self.i])
        return np.asarray(1) if self._one(x) else None

    def _one(self, x: Any) -> bool:
        if not isinstance(x.type, TensorType):
            return False
        # a Rebroadcast says what its input or its output promises
        while not x.type.broadcastable[self.i]:
            if x.owner is None or not isinstance(x.owner.op, Rebroadcast):
                return False
            x = x.owner.inputs[0]
        return True

    def integer_part(self, node: Apply) -> Any:
        x = node.inputs[0]
        return (x, self.i) if isinstance(x.type, TensorType) else None

    def compute(self, node: Apply, x: Any) -> np.ndarray:
        return np.asarray(x.shape[self.i], dtype="int64")

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if not isinstance(node.inputs[0].type, TensorType):
            return ctx.host(node, x)
        return ctx.call(torch.scalar_tensor, x.size(self.i), dtype=torch.int64)

    def __str__(self) -> str:
        return f"Shape_i{{{self.i}}}"


_shape = Shape()


@offers("shape")
def shape(x: Any) -> Any:
    """The symbolic shape of ``x``: an int64 vector of length ``ndim``."""
    return _shape(x)


def shape_i(x: Any, i: int, fgraph: Any = None) -> Any:
    """The symbolic size of axis ``i`` of ``x``; what a graph (``fgraph``) knows of it is found when it is compiled."""
    return Shape_i(i)(x)


@offers("size")
def size(x: Any) -> Any:
    """The number of elements, an int64 scalar."""
    return x.shape[0] if x.type.ndim == 1 else x.shape.prod()


@dataclass(frozen=True)
class MakeVector(Sized, Op):
    """z[i] = the i-th of the scalars, cast to ``dtype`` (to which all must promote)."""

    dtype: str = "int64"

    def make_node(self, *scalars: Any) -> Apply:
        ins = [as_tensor_variable(x) for x in scalars]
        if ins and any(x.type.dtype != self.dtype for x in ins):
            dtype = upcast(self.dtype, *[x.type.dtype for x in ins])
            assert dtype == self.dtype, "the dtype of a MakeVector must hold those of its inputs"
            ins = [x if x.type.dtype == dtype else x.astype(dtype) for x in ins]
        assert all(x.type.ndim == 0 for x in ins), "MakeVector takes scalars"
        return Apply(self, ins, [TensorType(self.dtype, (False,))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        if self.dtype in discrete_dtypes:
            return [zero_for(x) for x in inputs]
        return [output_grads[0][i] for i in range(len(inputs))]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if any(e is None for e in eval_points):
            return [None]
        return [MakeVector(upcast(*[e.type.dtype for e in eval_points]))(*eval_points)]

    def length(self, node: Apply) -> int:
        return len(node.inputs)

    def element(self, node: Apply, i: int) -> Any:
        return node.inputs[i]

    def compute(self, node: Apply, *scalars: Any) -> np.ndarray:
        return np.array(scalars, dtype=self.dtype)

    def lower(self, node: Apply, ctx: Any, *xs: Any) -> Any:
        dtype = TORCH_DTYPES[self.dtype]
        if not xs:
            return ctx.call(torch.zeros, [0], dtype=dtype)
        if self.dtype in ("int64", "int32"):
            known = [ctx.known_integer(v) for v in node.inputs]
            if all(k is not None for k in known):
                return ctx.call(torch.tensor, known, dtype=dtype)
        if self.dtype in _HOST_DTYPES:
            return ctx.host(node, *xs)
        return torch.stack(xs)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [(len(node.inputs),)]

    def __str__(self) -> str:
        return f"MakeVector{{dtype='{self.dtype}'}}"


make_vector = MakeVector()


@dataclass(frozen=True)
class Reshape(Sized, Op):
    """The elements of ``x`` in row-major order in another shape of ``ndim`` dimensions; one entry may be -1.

    Raises TypeError for a shape that is not made of signed integers; ValueError at run time for a misfit.
    """

    ndim: int
    name: str | None = None

    view_map = {0: [0]}

    def __post_init__(self) -> None:
        object.__setattr__(self, "ndim", int(self.ndim))
        if self.ndim < 0:
            raise ValueError("The output dimensions after reshape must be 0 or greater")
        assert self.name is None, "name attribute for Reshape has been deprecated"

    def make_node(self, x: Any, shp: Any) -> Apply:
        x, given = as_tensor_variable(x), shp
        shp = as_tensor_variable(shp, ndim=1)
        constant = isinstance(shp, Constant)
        if shp.type.dtype not in int_dtypes and not (constant and shp.data.size == 0):
            raise TypeError("Shape must be integers", shp, shp.type.dtype)
        if constant:
            pattern = [int(s) == 1 for s in shp.data]
        else:
            pattern = [self._known_one(shp, given, i) for i in range(self.ndim)]
        return Apply(self, [x, shp], [TensorType(x.type.dtype, pattern)()])

    @staticmethod
    def _known_one(shp: Any, given: Any, i: int) -> bool:
        if isinstance(given, (list, tuple)):
            entry = as_tensor_variable(given[i])
        else:
            try:
                known = i < get_vector_length(shp)
            except ValueError:
                known = False
            entry = element_of(shp, i) if known else None
        value = None if entry is None else known_scalar(entry)
        return value is not None and int(value) == 1

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x, _), (g,) = inputs, output_grads
        back = reshape(g, x.shape, ndim=x.type.ndim)
        promises = zip(x.type.broadcastable, back.type.broadcastable, strict=True)
        lost = [i for i, (mine, theirs) in enumerate(promises) if mine and not theirs]
        return [addbroadcast(back, *lost) if lost else back, disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], *inputs[1:], return_list=True)

    def compute(self, node: Apply, x: np.ndarray, shp: np.ndarray) -> np.ndarray:
        if len(shp) != self.ndim:
            raise ValueError(f"shape argument to Reshape has length {len(shp)}, should be {self.ndim}", shp)
        try:
            return np.reshape(x, tuple(int(s) for s in shp))
        except ValueError as error:
            raise ValueError(f"Cannot reshape input of shape {x.shape} to shape {shp}") from error

    def lower(self, node: Apply, ctx: Any, x: Any, shp: Any) -> Any:
        ints = ctx.integers(node.inputs[1], shp)
        if isinstance(ints, list) and len(ints) == self.ndim:
            return torch.reshape(x, ints)
        return ctx.call(reshape_by, x, ints, self.ndim)

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        x, shp = node.inputs
        try:
            entries = [element_of(shp, i) for i in range(get_vector_length(shp))]
        except ValueError:
            entries = []
        if len(entries) != self.ndim:
            return self.dims(node, [], ctx.fresh)
        symbols: list[Any] = []
        missing = []
        for i, entry in enumerate(entries):
            if entry is None:
                symbol = None
            elif isinstance(entry, Variable):
                symbol = ctx.proved_size(entry)
            else:
                symbol = int(entry)
            if symbol is None or (isinstance(symbol, int) and symbol < 0):
                missing.append(i)
                symbol = None
            symbols.append(symbol)
        if len(missing) == 1:
            # the elements stay: what the other entries leave of the old sizes is the size of this one
            symbols[missing[0]] = ctx.quotient(ctx.sizes(x), [s for s in symbols if s is not None])
        return [tuple(ctx.fresh() if s is None else s for s in symbols)]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


@offers("reshape")
def reshape(x: Any, newshape: Any, ndim: int | None = None) -> Any:
    """The elements of ``x`` in another shape; one entry may be -1.

    ``newshape`` is a list of integers and integer scalars, or an integer vector; where its length is not
    known give ``ndim``. Raises TypeError for what is not a vector of integers, ValueError for an unknown
    length.
    """
    if ndim is None:
        newshape = as_tensor_variable(newshape)
        if newshape.type.ndim != 1:
            raise TypeError("New shape in reshape must be a vector or a list/tuple of scalar. "
                            f"Got {newshape} after conversion to a vector.")
        try:
            ndim = get_vector_length(newshape)
        except ValueError as error:
            raise ShapeError(f"The length of the provided shape ({newshape}) is not known, so the number of "
                             "dimensions of the result is not either", fix="give the keyword ndim") from error
    return Reshape(ndim)(x, newshape)


def _one_name(ndim: int | None, outdim: int | None) -> int:
    if ndim is not None and outdim is not None:
        raise ValueError("You should only specify ndim")
    if outdim is not None:
        warn("flatten outdim parameter is deprecated, use ndim instead.")
        return outdim
    return 1 if ndim is None else ndim


@offers("flatten")
def flatten(x: Any, ndim: int | None = None, outdim: int | None = None) -> Any:
    """The leading ``ndim - 1`` dimensions kept, the rest made one: (2, 3, 4) with ndim 2 is (2, 12).

    Raises ValueError for an ``ndim`` below 1 or above that of ``x``.
    """
    ndim = _one_name(ndim, outdim)
    x = as_tensor_variable(x)
    if ndim < 1 or (ndim > 1 and ndim > x.type.ndim):
        raise ValueError(f"ndim {ndim} out of bound [1, {x.type.ndim + 1})")
    flat = reshape(x, [*(x.shape[i] for i in range(ndim - 1)), -1])
    pattern = (*x.type.broadcastable[: ndim - 1], all(x.type.broadcastable[ndim - 1:]))
    return addbroadcast(flat, *[i for i, b in enumerate(pattern) if b])


@dataclass(frozen=True)
class Flatten(Sized, Op):
    """``flatten(x, outdim)`` as an op of its own: the older form."""

    outdim: int = 1

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if self.outdim < 1 or (x.type.ndim and self.outdim > x.type.ndim):
            raise ValueError(f"invalid output ndimensions ({self.outdim}) for tensor of rank {x.type.ndim}")
        kept, rest = x.type.broadcastable[: self.outdim - 1], x.type.broadcastable[self.outdim - 1:]
        return Apply(self, [x], [TensorType(x.type.dtype, (*kept, all(rest)))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,) = inputs
        return [reshape(output_grads[0], x.shape, ndim=x.type.ndim)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(*eval_points, return_list=True)

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        return x.reshape([*x.shape[: self.outdim - 1], int(np.prod(x.shape[self.outdim - 1:], dtype="int64"))])

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return torch.flatten(x, self.outdim - 1)


def is_flat(var: Any, ndim: int | None = None, outdim: int | None = None) -> bool:
    """True if ``var`` has ``ndim`` dimensions."""
    return var.ndim == _one_name(ndim, outdim)


class Rebroadcast(Sized, Op):
    """``x`` with another promise: ``Rebroadcast((0, True), (1, False))``: axis 0 has size 1, axis 1 maybe.

    Raises ValueError for axes that do not exist, and when it runs for a size that breaks the promise.
    """

    view_map = {0: [0]}
    __props__ = ("axis",)

    def __init__(self, *axis: Any):
        self.axis: dict[int, bool] = OrderedDict(sorted(axis))
        for i, b in self.axis.items():
            if not isinstance(i, (int, np.integer)):
                raise TypeError(f"Rebroadcast needs integer axes. Got {i}")
            if not isinstance(b, (bool, np.bool_)):
                raise TypeError(f"Rebroadcast needs bool for new broadcast pattern. Got {b}")

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.axis.items())))

    def make_node(self, x: Any) -> Apply:
        if self.axis and x.type.ndim <= max(self.axis):
            raise ValueError("Trying to rebroadcast non-existent dimension")
        pattern = [self.axis.get(i, b) for i, b in enumerate(x.type.broadcastable)]
        return Apply(self, [x], [x.type.clone(broadcastable=pattern)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,), (g,) = inputs, output_grads
        return [Rebroadcast(*[(i, x.type.broadcastable[i]) for i in self.axis])(g)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(*eval_points, return_list=True)

    def behind(self, node: Apply) -> Variable:
        return node.inputs[0]

    def length(self, node: Apply) -> int | None:
        try:
            return get_vector_length(node.inputs[0])
        except ValueError:
            return None

    def element(self, node: Apply, i: int) -> Any:
        return element_of(node.inputs[0], i)

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        for i, b in self.axis.items():
            if b and x.shape[i] != 1:
                raise ValueError(f"Dimension {i} in Rebroadcast's input was supposed to be 1 "
                                 f"(got {x.shape[i]} instead)")
        return x

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        sizes = ctx.sizes(node.inputs[0])
        for i, b in self.axis.items():
            if b and ctx.find(sizes[i]) != 1:
                ctx.call(check_one, x, int(i))
                ctx.unify(sizes[i], 1)
        return x

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(1 if self.axis.get(i, False) else s for i, s in enumerate(inputs[0]))]

    def __str__(self) -> str:
        marks = ["?"] * (1 + max(self.axis)) if self.axis else []
        for i, b in self.axis.items():
            marks[i] = str(int(b))
        return f"Rebroadcast{{{','.join(marks)}}}"


def _rebroadcast(x: Any, promises: dict[int, Any]) -> Any:
    x = as_tensor_variable(x)
    node = Rebroadcast(*promises.items()).make_node(x)
    if node.outputs[0].type == x.type:
        return x
    if x.owner is not None and isinstance(x.owner.op, Rebroadcast):
        # one promise after the other is one promise
        inner = x.owner.op.axis
        kept = {i: b for i, b in inner.items() if i not in promises}
        return _rebroadcast(x.owner.inputs[0], {**kept, **promises})
    changed = {i: b for i, b in promises.items() if x.type.broadcastable[i] != b}
    return Rebroadcast(*changed.items())(x)


@offers("addbroadcast")
def addbroadcast(x: Any, *axes: int) -> Any:
    """``x`` with the promise that these axes have size 1 (ValueError at run time where one has not)."""
    return _rebroadcast(x, dict.fromkeys(axes, True))


@offers("unbroadcast")
def unbroadcast(x: Any, *axes: int) -> Any:
    """``x`` without the promise that these axes have size 1."""
    return _rebroadcast(x, dict.fromkeys(axes, False))


@offers("patternbroadcast")
def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Any:
    """``x`` with exactly this pattern of promises (ValueError at run time where one is broken)."""
    return _rebroadcast(x, {i: bool(b) for i, b in enumerate(broadcastable)})


@dataclass(frozen=True)
class SpecifyShape(Sized, Op):
    """``x``, whose shape must be ``shape`` (AssertionError at run time where it is not)."""

    view_map = {0: [0]}

    def make_node(self, x: Any, shape: Any) -> Apply:
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        shape = as_tensor_variable(shape)
        assert shape.type.ndim == 1, "a shape is a vector"
        assert shape.type.dtype in integer_dtypes, "a shape is made of integers"
        if isinstance(shape, Constant):
            assert shape.data.size == x.type.ndim, "a shape has one size for each dimension"
        return Apply(self, [x, shape], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [output_grads[0], disconnected_type()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        return [[True], [False]]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        if eval_points[0] is None:
            return [None]
        return self(eval_points[0], *inputs[1:], return_list=True)

    def compute(self, node: Apply, x: np.ndarray, shape: np.ndarray) -> np.ndarray:
        assert x.ndim == shape.size, ("got shape", x.shape, "expected", shape)
        assert np.all(x.shape == shape), ("got shape", x.shape, "expected", shape)
        return x

    def lower(self, node: Apply, ctx: Any, x: Any, shape: Any) -> Any:
        ctx.call(check_sizes, x, ctx.integers(node.inputs[1], shape))
        return x

    def sized(self, node: Apply, ctx: Any) -> list[Any]:
        x, shape = node.inputs
        sizes = list(ctx.sizes(x))
        for i in range(x.type.ndim):
            try:
                known = i < get_vector_length(shape)
            except ValueError:
                known = False
            entry = element_of(shape, i) if known else None
            if entry is not None:
                symbol = ctx.size_symbol(entry) if isinstance(entry, Variable) else int(entry)
                ctx.unify(sizes[i], symbol)
                sizes[i] = ctx.find(symbol)
        return [tuple(sizes)]

    def __str__(self) -> str:
        return "SpecifyShape"


specify_shape = table["specify_shape"] = SpecifyShape()


def shape_padleft(t: Any, n_ones: int = 1) -> Any:
    """``t`` with ``n_ones`` broadcastable dimensions before its own."""
    t = as_tensor_variable(t)
    return DimShuffle(t.type.broadcastable, ("x",) * n_ones + tuple(range(t.type.ndim)))(t)


def shape_padright(t: Any, n_ones: int = 1) -> Any:
    """``t`` with ``n_ones`` broadcastable dimensions after its own."""
    t = as_tensor_variable(t)
    return DimShuffle(t.type.broadcastable, tuple(range(t.type.ndim)) + ("x",) * n_ones)(t)


def shape_padaxis(t: Any, axis: int) -> Any:
    """``t`` with a new broadcastable dimension at ``axis``. Raises IndexError for an axis out of bounds."""
    t = as_tensor_variable(t)
    ndim = t.type.ndim + 1
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{ndim}, {ndim})")
    order: list[Any] = list(range(t.type.ndim))
    order.insert(axis % ndim, "x")
    return DimShuffle(t.type.broadcastable, tuple(order))(t)


@offers("squeeze")
def squeeze(x: Any) -> Any:
    """``x`` without the dimensions that its *type* promises to be 1 (one that only happens to be 1 stays)."""
    return x.dimshuffle([i for i, b in enumerate(x.type.broadcastable) if not b])


@offers("transpose")
def transpose(x: Any, axes: Any = None) -> Any:
    """Axes permuted; all reversed where ``axes`` is None."""
    x = as_tensor_variable(x)
    order = tuple(range(x.type.ndim)[::-1]) if axes is None else tuple(axes)
    out = DimShuffle(x.type.broadcastable, order)(x)
    if x.name and axes is None:
        out.name = x.name + ".T"
    return out


@offers("swapaxes")
def swapaxes(y: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged. Raises IndexError for an axis out of bounds."""
    y = as_tensor_variable(y)
    order = list(range(y.type.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return y.dimshuffle(order)


@dataclass(frozen=True)
class ExtractDiag(Op):
    """The diagonals z[.., i] = x[.., i, .., i + offset, ..] of ``axis1`` and ``axis2``, as a last axis."""

    __props__ = ("offset", "axis1", "axis2", "view")
    offset: int = 0
    axis1: int = 0
    axis2: int = 1
    view: bool = False

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim < 2:
            raise ValueError("ExtractDiag needs an input with 2 or more dimensions", x)
        return Apply(self, [x], [TensorType(x.type.dtype, (False,) * (x.type.ndim - 1))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        (x,) = inputs
        if x.type.dtype in discrete_dtypes:
            return [zero_for(x)]
        return [_DiagonalOnly(self.offset, self.axis1, self.axis2)(x, output_grads[0])]

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        return x.diagonal(self.offset, self.axis1, self.axis2).copy()

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return torch.diagonal(x, self.offset, self.axis1, self.axis2)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        gone = {self.axis1 % len(inputs[0]), self.axis2 % len(inputs[0])}
        return [(*(s for i, s in enumerate(inputs[0]) if i not in gone), fresh())]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        (sizes,) = shapes
        gone = {self.axis1 % len(sizes), self.axis2 % len(sizes)}
        height, width = sizes[self.axis1], sizes[self.axis2]
        if self.offset > 0:
            width = width - self.offset
        elif self.offset < 0:
            height = height + self.offset
        count = table["maximum"](table["minimum"](height, width), 0)
        return [(*(s for i, s in enumerate(sizes) if i not in gone), count)]


@dataclass(frozen=True)
class _DiagonalOnly(Op):
    """Zeros in the shape of ``x`` with the diagonals ``d``: what flows back through ``ExtractDiag``."""

    offset: int
    axis1: int
    axis2: int

    def make_node(self, x: Any, d: Any) -> Apply:
        return Apply(self, [x, d], [TensorType(d.type.dtype, x.type.broadcastable)()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [zero_for(inputs[0]), diagonal(output_grads[0], self.offset, self.axis1, self.axis2)]

    def compute(self, node: Apply, x: np.ndarray, d: np.ndarray) -> np.ndarray:
        out = np.zeros(x.shape, dtype=d.dtype)
        i = np.arange(d.shape[-1])
        moved = np.moveaxis(out, (self.axis1, self.axis2), (-2, -1))
        moved[..., i + max(0, -self.offset), i + max(0, self.offset)] = d
        return out

    def lower(self, node: Apply, ctx: Any, x: Any, d: Any) -> Any:
        if x is not None and node.inputs[1].type.dtype in _HOST_DTYPES:
            return ctx.host(node, x, d)
        zeros = torch.zeros_like(x, dtype=TORCH_DTYPES[node.inputs[1].type.dtype])
        return torch.diagonal_scatter(zeros, d, self.offset, self.axis1, self.axis2)

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [tuple(inputs[0])]


@dataclass(frozen=True)
class AllocDiag(Op):
    """Zeros with ``x``'s last axis on a diagonal of two new axes: z[.., i, .., i + offset, ..] = x[.., i]."""

    __props__ = ("offset", "axis1", "axis2")
    offset: int = 0
    axis1: int = 0
    axis2: int = 1

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        if x.type.ndim < 1:
            raise ValueError("AllocDiag needs an input with 1 or more dimensions", x.type)
        return Apply(self, [x], [TensorType(x.type.dtype, (False,) * (x.type.ndim + 1))()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        if inputs[0].type.dtype in discrete_dtypes:
            return [zero_for(inputs[0])]
        return [diagonal(output_grads[0], self.offset, *self._axes())]

    def _axes(self) -> tuple[int, int]:
        return min(self.axis1, self.axis2), max(self.axis1, self.axis2)

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        side = x.shape[-1] + abs(self.offset)
        out = np.zeros((*x.shape[:-1], side, side), dtype=x.dtype)
        i = np.arange(x.shape[-1])
        out[..., i + max(0, -self.offset), i + max(0, self.offset)] = x
        return np.moveaxis(out, (-2, -1), self._axes())

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        if node.inputs[0].type.dtype in _HOST_DTYPES:
            return ctx.host(node, x)
        return torch.diag_embed(x, self.offset, *self._axes())

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        *sizes, side = shapes[0]
        for axis in self._axes():
            sizes.insert(axis, side + abs(self.offset))
        return [tuple(sizes)]

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        *sizes, side = inputs[0]
        if self.offset:
            side = side + abs(self.offset) if isinstance(side, int) else fresh()
        for axis in self._axes():
            sizes.insert(axis, side)
        return [tuple(sizes)]


@dataclass(frozen=True)
class CpuContiguous(Op):
    """``x`` in C order in memory: x itself where it is so already."""

    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def grad(self, inputs: Sequence[Any], output_grads: Sequence[Any]) -> list[Any]:
        return [as_tensor_variable(output_grads[0])]

    def compute(self, node: Apply, x: np.ndarray) -> np.ndarray:
        return np.asarray(x, order="C")

    def lower(self, node: Apply, ctx: Any, x: Any) -> Any:
        return x.contiguous()

    def dims(self, node: Apply, inputs: Sequence[Sequence[Any]], fresh: Any) -> list[Sequence[Any]]:
        return [inputs[0]]


cpu_contiguous = CpuContiguous()


@offers("diagonal")
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of two axes, as the last axis. Raises ValueError for fewer than two dimensions."""
    return ExtractDiag(offset, axis1, axis2)(a)


def diag(v: Any, k: int = 0) -> Any:
    """The matrix with a vector on diagonal ``k``, or the ``k``-th diagonal of a matrix.

    Raises ValueError for a scalar.
    """
    if v.ndim == 0:
        raise ValueError("Input must has v.ndim >= 1.")
    return AllocDiag(k)(v) if v.ndim == 1 else diagonal(v, offset=k)


__all__ = [
    "AllocDiag", "CpuContiguous", "ExtractDiag", "Flatten", "MakeVector", "Rebroadcast", "Reshape", "Shape",
    "Shape_i", "SpecifyShape", "addbroadcast", "cpu_contiguous", "diag", "diagonal", "flatten", "is_flat",
    "make_vector", "patternbroadcast", "reshape", "shape", "shape_i", "shape_padaxis", "shape_padleft",
    "shape_padright", "size", "specify_shape", "squeeze", "swapaxes", "transpose", "unbroadcast",
]
