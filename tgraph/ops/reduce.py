"""Reductions over axes: sum, prod, max, min, argmax, all, any; mean, var, std, norm, ptp made of them."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Sequence
from typing import Any as Value  # the name Any is a reduction here

import numpy as np
import torch

from tgraph.config import config
from tgraph.errors import ShapeError
from tgraph.grad import grad_not_implemented
from tgraph.graph import Apply, Constant, Op, Sized, Variable
from tgraph.kernels import kernel
from tgraph.operators import as_tensor_variable, constant, offers
from tgraph.ops.elemwise import DimShuffle, elemwise
from tgraph.ops.rows import BinaryScalarOp, rows, upcast_out, zero_for
from tgraph.ops.wide_sums import wide_sum
from tgraph.types import (
    DisconnectedType,
    TensorType,
    complex_dtypes,
    discrete_dtypes,
    unsigned_dtypes,
    upcast,
)
from tgraph.values import TORCH_DTYPES

#: dtypes that torch stores but does not reduce
_HOST = frozenset(("uint16", "uint32", "uint64"))
#: scalar ops that torch folds by
_FOLDS = ("add", "maximum", "minimum", "and_", "or_")
_SMALL_INTS = ("bool", "int8", "int16", "int32")
_SMALL_UINTS = ("uint8", "uint16", "uint32")


def _ufunc(op: Value) -> Value:
    """The numpy function of two arguments that folds by a scalar op."""
    for name, ufunc in (
        ("add", np.add),
        ("mul", np.multiply),
        ("maximum", np.maximum),
        ("minimum", np.minimum),
        ("and_", np.bitwise_and),
        ("or_", np.bitwise_or),
        ("xor", np.bitwise_xor),
    ):
        if op == rows[name]:
            return ufunc
    return np.frompyfunc(op.impl, 2, 1, identity=getattr(op, "identity", None))


def _axis_fields(axis: Value) -> tuple[int, ...] | None:
    """An ``axis`` argument as the op keeps it: None, or a sorted tuple without repeats."""
    if axis is None:
        return None
    if isinstance(axis, (int, np.integer)) or (isinstance(axis, np.ndarray) and axis.ndim == 0):
        return (int(axis),)
    return tuple(sorted({int(a) for a in axis}))


def _in_range(axis: Sequence[int] | None, x: Value) -> tuple[int, ...] | None:
    """The axes counted from the front; ValueError for one that ``x`` does not have."""
    if axis is None:
        return None
    ndim = x.type.ndim
    for a in axis:
        if not -ndim <= a < ndim:
            raise ShapeError(
                f"Not enough dimensions on {x} to reduce on axis {a}",
                fix=f"use axes from {-ndim} to {ndim - 1}" if ndim else "a scalar has no axes",
            )
    return tuple(sorted({a % ndim for a in axis}))


def _spread(reduced: Value, axes: Sequence[int] | None, ndim: int) -> Value:
    """What is left after a reduction with the axes put back as broadcastable ones."""
    kept = iter(range(reduced.type.ndim))
    order = ["x" if axes is None or i in axes else next(kept) for i in range(ndim)]
    if order == list(range(ndim)):
        return reduced
    return DimShuffle(reduced.type.broadcastable, tuple(order))(reduced)


def _axis_text(axis: Sequence[int] | None) -> str:
    return "" if axis is None else "{" + ", ".join(str(a) for a in axis) + "}"


class CAReduce(Sized, Op):
    """z[kept] = x[..] folded by a commutative, associative scalar op of two arguments over ``axis``.

    ``axis``: None (all), an int, or ints. Result in the dtype of x. ValueError for axes that x does not have,
    and at run time for an empty x where the op has no identity.
    """

    __props__: tuple[str, ...] = ("scalar_op", "axis")

    def __init__(self, scalar_op: Value, axis: Value = None):
        if scalar_op.nin not in (-1, 2) or scalar_op.nout != 1:
            raise NotImplementedError("CAReduce only supports binary functions with a single output.")
        self.scalar_op = scalar_op
        self.axis = _axis_fields(axis)

    def _resolved(self, x: Value, axes: tuple[int, ...] | None) -> Value:
        """This op with its axes counted from the front."""
        return self if axes == self.axis else type(self)._made(self, axis=axes)

    def _made(self, **changes: Value) -> Value:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.__dict__.update(changes)
        return made

    def output_dtype(self, dtype: str) -> str:
        """The dtype of the result."""
        return dtype

    def make_node(self, x: Value) -> Apply:
        x = self._prepared(as_tensor_variable(x))
        axes = _in_range(self.axis, x)
        pattern = [b for i, b in enumerate(x.type.broadcastable) if axes is not None and i not in axes]
        op = self._resolved(x, axes)
        return Apply(op, [x], [TensorType(op.output_dtype(x.type.dtype), pattern)()])

    def _prepared(self, x: Value) -> Value:
        return x

    def axes(self, node: Apply) -> list[int]:
        """The reduced axes of a node's input."""
        return list(range(node.inputs[0].type.ndim)) if self.axis is None else list(self.axis)

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        ufunc = _ufunc(self.scalar_op)
        dtype = node.outputs[0].type.dtype
        with np.errstate(all="ignore"):
            if ufunc in (np.add, np.multiply):
                return np.asarray(ufunc.reduce(x, axis=tuple(self.axes(node)), dtype=dtype))
            for axis in reversed(self.axes(node)):
                x = ufunc.reduce(x, axis=axis)
            return np.asarray(x).astype(dtype)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        dtype, axes = node.inputs[0].type.dtype, self.axes(node)
        name = next((k for k in _FOLDS if self.scalar_op == rows[k]), "")
        if dtype in _HOST or not axes:
            return ctx.host(node, x)
        if name in ("maximum", "minimum") and dtype not in complex_dtypes:
            return (torch.amax if name == "maximum" else torch.amin)(x, axes)
        if name == "add":
            return torch.sum(x, axes, dtype=TORCH_DTYPES[dtype]) if dtype != "bool" else torch.any(x, axes)
        if name in ("and_", "or_") and dtype == "bool":
            return (torch.all if name == "and_" else torch.any)(x, axes)
        return ctx.host(node, x)

    def dims(self, node: Apply, inputs: Value, fresh: Value) -> list[Value]:
        axes = self.axes(node)
        return [tuple(s for i, s in enumerate(inputs[0]) if i not in axes)]

    def __str__(self) -> str:
        return f"Reduce{{{self.scalar_op}}}{_axis_text(self.axis)}"


class Max(CAReduce):
    """z[kept] = the largest x over ``axis``; NaN if there is one. All tied places get the whole gradient."""

    __props__ = ("axis",)
    _row = "maximum"

    def __init__(self, axis: Value = None):
        super().__init__(rows[self._row], axis)

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        (x,), (z,), (g,) = inputs, outputs, output_grads
        ndim = x.type.ndim
        hit = elemwise(rows["eq"])(_spread(z, self.axis, ndim), x)
        return [hit * _spread(g, self.axis, ndim)]


class Min(Max):
    """z[kept] = the smallest x over ``axis``; NaN if there is one. All tied places get the whole gradient."""

    _row = "minimum"

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        if inputs[0].type.dtype in discrete_dtypes:
            return [zero_for(inputs[0])]
        return super().L_op(inputs, outputs, output_grads)


class All(CAReduce):
    """z[kept] = True where all x over ``axis`` are nonzero (True for none)."""

    __props__ = ("axis",)
    _row = "and_"

    def __init__(self, axis: Value = None):
        super().__init__(rows[self._row], axis)

    def output_dtype(self, dtype: str) -> str:
        return "bool"

    def _prepared(self, x: Value) -> Value:
        return x if x.type.dtype == "bool" else elemwise(rows["neq"])(x, 0)

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        return np.asarray((np.all if self._row == "and_" else np.any)(x, axis=tuple(self.axes(node))))

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        axes = self.axes(node)
        return (torch.all if self._row == "and_" else torch.any)(x, axes) if axes else x

    def grad(self, inputs: Sequence[Value], output_grads: Sequence[Value]) -> list[Value]:
        return [zero_for(inputs[0])]

    def __str__(self) -> str:
        return f"{type(self).__name__}{_axis_text(self.axis)}"


class Any(All):
    """z[kept] = True where any x over ``axis`` is nonzero (False for none)."""

    _row = "or_"


class CAReduceDtype(CAReduce):
    """A reduction that accumulates in ``acc_dtype`` and gives ``dtype``.

    By default small integers give int64 or uint64, all else its own dtype; float32 accumulates in float64.
    TypeError for an ``acc_dtype`` that holds less than the input.
    """

    __props__ = ("scalar_op", "axis", "dtype", "acc_dtype")

    def __init__(self, scalar_op: Value, axis: Value = None, dtype: Value = None, acc_dtype: Value = None):
        super().__init__(scalar_op, axis)
        self.dtype = _dtype_name(dtype)
        self.acc_dtype = _dtype_name(acc_dtype)

    def output_dtype(self, dtype: str) -> str:
        if self.dtype is not None:
            return self.dtype
        return "int64" if dtype in _SMALL_INTS else "uint64" if dtype in _SMALL_UINTS else dtype

    def accumulator(self, dtype: str) -> str:
        """The dtype in which a reduction of ``dtype`` is done."""
        if self.acc_dtype is not None:
            return self.acc_dtype
        wider = {"float16": "float32", "float32": "float64", "complex64": "complex128"}
        for small, wide in ((_SMALL_INTS, "int64"), (_SMALL_UINTS, "uint64")):
            if dtype in small:
                return wide
        return wider.get(dtype, dtype)

    def _resolved(self, x: Value, axes: tuple[int, ...] | None) -> Value:
        ours = x.type.dtype
        dtype, acc = self.output_dtype(ours), self.accumulator(ours)
        if self.acc_dtype is not None and upcast(ours, acc) != acc:
            raise TypeError(
                f"Cannot build {self} node with input dtype {ours} and acc_dtype {acc}, as precision would "
                f"be lost. To correct this error, you can: not specify acc_dtype, cast the input, or set "
                f"acc_dtype to {upcast(ours, acc)}."
            )
        if (axes, dtype, acc) == (self.axis, self.dtype, self.acc_dtype):
            return self
        return self._made(axis=axes, dtype=dtype, acc_dtype=acc)

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        ufunc = _ufunc(self.scalar_op)
        x = x.astype(self.acc_dtype)
        with np.errstate(all="ignore"):
            for axis in reversed(self.axes(node)):
                x = ufunc.reduce(x, axis=axis)
            return np.asarray(x).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        return ctx.host(node, x)

    def _finished(self, node: Apply, ctx: Value, x: Value, dtype: str) -> Value:
        out = node.outputs[0].type.dtype
        return x if dtype == out else ctx.cast(x, out)

    def __str__(self) -> str:
        name = type(self).__name__
        return f"{name}{{axis={self.axis}, dtype={self.dtype!r}, acc_dtype={self.acc_dtype!r}}}"


def _dtype_name(dtype: Value) -> str | None:
    if dtype is None:
        return None
    if dtype == "floatX":
        return config.floatX
    return TensorType(dtype if isinstance(dtype, str) else np.dtype(dtype).name, ()).dtype


def _signed(dtype: str) -> str:
    """Where torch adds and multiplies for a dtype: unsigned integers as int64 (it wraps to the same bits)."""
    return "int64" if dtype in unsigned_dtypes or dtype == "bool" else dtype


class Sum(CAReduceDtype):
    """z[kept] = sum of x over ``axis``; 0 for none."""

    __props__ = ("axis", "dtype", "acc_dtype")

    def __init__(self, axis: Value = None, dtype: Value = None, acc_dtype: Value = None):
        super().__init__(rows["add"], axis, dtype, acc_dtype)

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        (x,), (g,) = inputs, output_grads
        if outputs[0].type.dtype in discrete_dtypes:
            return [zero_for(x)]
        return [elemwise(rows["second"])(x, _spread(g, self.axis, x.type.ndim))]

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        with np.errstate(all="ignore"):
            total = np.add.reduce(x, axis=tuple(self.axes(node)), dtype=self.acc_dtype)
            return np.asarray(total).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        axes, ours = self.axes(node), node.inputs[0].type.dtype
        acc = _signed(self.acc_dtype)
        if not axes:
            return self._finished(node, ctx, x, ours)
        if ours in _HOST:
            x, ours = ctx.cast(x, "int64"), "int64"
        if ours == "float32" and acc == "float64" and ctx.device == "cpu":
            total = ctx.call(wide_sum, x, x, axes, 0)
        else:
            total = torch.sum(x, axes) if ours == acc else torch.sum(x, axes, dtype=TORCH_DTYPES[acc])
        return self._finished(node, ctx, total, acc)

    def __str__(self) -> str:
        axis = "" if self.axis is None else f"axis=[{', '.join(map(str, self.axis))}], "
        return f"Sum{{{axis}acc_dtype={self.acc_dtype}}}"


class Prod(CAReduceDtype):
    """z[kept] = product of x over ``axis``; 1 for none.

    ``no_zeros_in_input`` promises that, which makes the gradient cheaper (g * z / x, NaN at a zero).
    """

    __props__ = ("axis", "dtype", "acc_dtype")

    def __init__(
        self,
        axis: Value = None,
        dtype: Value = None,
        acc_dtype: Value = None,
        no_zeros_in_input: bool = False,
    ):
        super().__init__(rows["mul"], axis, dtype, acc_dtype)
        self.no_zeros_in_input = no_zeros_in_input

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        (x,), (z,), (g,) = inputs, outputs, output_grads
        if x.type.dtype in discrete_dtypes or z.type.dtype in discrete_dtypes:
            return [zero_for(x)]
        ndim = x.type.ndim
        g = _spread(g, self.axis, ndim)
        plain = g * _spread(z, self.axis, ndim) / x
        if self.no_zeros_in_input:
            return [plain]
        # one zero: only its own place has a gradient, the product of all others; two or more: none has
        equal, switch = elemwise(rows["eq"]), elemwise(rows["switch"])
        zero = equal(x, 0.0)
        count = _spread(Sum(self.axis)(zero), self.axis, ndim)
        others = _spread(ProdWithoutZeros(self.axis)(x), self.axis, ndim)
        alone = g * switch(elemwise(rows["and_"])(equal(count, 1), zero), others, 0.0)
        return [switch(equal(count, 0), plain, alone)]

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        with np.errstate(all="ignore"):
            product = np.multiply.reduce(x, axis=tuple(self.axes(node)), dtype=self.acc_dtype)
            return np.asarray(product).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        axes, ours = self.axes(node), node.inputs[0].type.dtype
        acc = _signed(self.acc_dtype)
        if ours in _HOST or ours == "bool":
            x, ours = ctx.cast(x, "int64"), "int64"
        if not axes:
            return self._finished(node, ctx, x, ours)
        if ours != acc:
            x = ctx.cast(x, acc)
        for axis in reversed(axes):
            x = torch.prod(x, axis)
        return self._finished(node, ctx, x, acc)


class MulWithoutZeros(BinaryScalarOp):
    """x * y, where a zero counts as nothing: x * 0 is x."""

    nin = 2
    commutative = associative = True
    identity = 0.0

    def impl(self, x: Value, y: Value) -> Value:
        return y if x == 0 else x if y == 0 else x * y


mul_without_zeros = MulWithoutZeros(upcast_out, name="mul_without_zeros")


class ProdWithoutZeros(CAReduceDtype):
    """z[kept] = product of the nonzero x over ``axis``; 0 where there are none. It has no gradient."""

    __props__ = ("axis", "dtype", "acc_dtype")

    def __init__(self, axis: Value = None, dtype: Value = None, acc_dtype: Value = None):
        super().__init__(mul_without_zeros, axis, dtype, acc_dtype)

    def grad(self, inputs: Sequence[Value], output_grads: Sequence[Value]) -> list[Value]:
        return [grad_not_implemented(self, 0, inputs[0], "2nd derivatives of prod are not defined at zeros.")]

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        axes = tuple(self.axes(node))
        with np.errstate(all="ignore"):
            product = np.multiply.reduce(
                np.where(x == 0, x.dtype.type(1), x), axis=axes, dtype=self.acc_dtype
            )
            product = np.where((x == 0).all(axis=axes), np.zeros_like(product), product)
        return np.asarray(product).astype(node.outputs[0].type.dtype)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        acc = self.acc_dtype
        if node.inputs[0].type.dtype in _HOST or acc in unsigned_dtypes or not self.axes(node):
            return ctx.host(node, x)
        product = ctx.call(prod_of_nonzeros, ctx.cast(x, acc), self.axes(node))
        return self._finished(node, ctx, product, acc)


@kernel
def prod_of_nonzeros(x: torch.Tensor, axes: list[int]) -> torch.Tensor:
    """Product of the nonzero elements over axes (ascending); 0 where there are none."""
    zero = torch.eq(x, 0)
    product = torch.masked_fill(x, zero, 1)
    for i in range(len(axes)):
        product = torch.prod(product, axes[len(axes) - 1 - i])
    return torch.masked_fill(product, torch.all(zero, axes), 0)


class Mean(CAReduce):
    """z[kept] = mean of x over ``axis`` (None or one axis) in float64: the older form of ``mean``."""

    __props__ = ("axis",)

    def __init__(self, axis: Value = None):
        super().__init__(rows["add"], axis)
        assert self.axis is None or len(self.axis) == 1, "one axis, or all"

    def output_dtype(self, dtype: str) -> str:
        return "float64"

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        (x,), (g,) = inputs, output_grads
        count = Prod()(x.shape) if self.axis is None else x.shape[self.axis[0]]
        share = g / count.astype("float64")
        if x.type.dtype not in discrete_dtypes:
            share = share.astype(x.type.dtype)
        return [elemwise(rows["second"])(x, _spread(share, self.axis, x.type.ndim))]

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.asarray(np.mean(x, dtype="float64", axis=tuple(self.axes(node))))

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        if node.inputs[0].type.dtype in (*_HOST, *complex_dtypes):
            return ctx.host(node, x)
        axes = self.axes(node)
        return torch.mean(ctx.cast(x, "float64"), axes) if axes else ctx.cast(x, "float64")


# -- places of extremes --------------------------------------------------------------------------------------


class _AxisGiven(Sized, Op):
    """An op of an axis; up to Theano 0.8 that was an input."""

    def adopt(self, node: Apply) -> None:
        """Take the axis of a node of an old pickle."""
        if len(node.inputs) == 2:
            x, axis = node.inputs
            data = getattr(axis, "data", None)
            axes = range(x.type.ndim) if data is None else np.atleast_1d(data)
            node.op, node.inputs = type(self)([int(a) % (x.type.ndim or 1) for a in axes]), [x]


class Argmax(_AxisGiven):
    """z[kept] = index (int64) of the first largest x over ``axis``, or of the first NaN.

    Over several axes the index counts through them in order, the last one fastest. The gradient is zero.
    """

    __props__: tuple[str, ...] = ("axis",)
    nin, nout = 2, 1  # as old code knows it, with the axes as an input
    _largest = True

    def __init__(self, axis: Value):
        if axis is not None:
            axis = tuple(int(a) for a in axis)
        self.axis = axis

    def make_node(self, x: Value, axis: Value = None) -> Apply:
        x = as_tensor_variable(x)
        axes = self.axis
        if axes is None:
            axes = tuple(range(x.type.ndim))
        pattern = [b for i, b in enumerate(x.type.broadcastable) if i not in axes]
        return Apply(self, [x], [TensorType("int64", pattern)()])

    def axes(self, node: Apply) -> list[int]:
        """The reduced axes of a node's input."""
        return list(range(node.inputs[0].type.ndim)) if self.axis is None else list(self.axis)

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        return _place(x, self.axes(node), self._largest)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        return _lowered_place(node, ctx, x, self.axes(node), self._largest)

    def grad(self, inputs: Sequence[Value], output_grads: Sequence[Value]) -> list[Value]:
        return [zero_for(inputs[0])]

    def dims(self, node: Apply, inputs: Value, fresh: Value) -> list[Value]:
        axes = self.axes(node)
        return [tuple(s for i, s in enumerate(inputs[0]) if i not in axes)]


class Argmin(Argmax):
    """z[kept] = index (int64) of the first smallest x over ``axis``, or of the first NaN. Gradient zero."""

    _largest = False


def _place(x: np.ndarray, axes: Sequence[int], largest: bool) -> np.ndarray:
    kept = [i for i in range(x.ndim) if i not in axes]
    flat = x.transpose(kept + list(axes)).reshape(
        [x.shape[i] for i in kept] + [-1]
        if x.size
        else [x.shape[i] for i in kept] + [int(np.prod([x.shape[i] for i in axes]))]
    )
    return np.asarray((np.argmax if largest else np.argmin)(flat, axis=-1), dtype="int64")


def _lowered_place(node: Apply, ctx: Value, x: Value, axes: Sequence[int], largest: bool) -> Value:
    dtype, ndim = node.inputs[0].type.dtype, node.inputs[0].type.ndim
    if dtype in _HOST or dtype in complex_dtypes:
        return ctx.host(node, x)
    if dtype == "bool":
        x = ctx.cast(x, "uint8")
    function = torch.argmax if largest else torch.argmin
    if len(axes) == ndim:
        return function(x)
    if len(axes) > 1:
        kept = [i for i in range(ndim) if i not in axes]
        x = torch.flatten(torch.permute(x, kept + list(axes)), len(kept))
        axes = [len(kept)]
    if ctx.device == "cpu" and dtype in ("float32", "float64"):
        # also the first of them, in a third of the time
        return (torch.max if largest else torch.min)(x, axes[0])[1]
    return function(x, axes[0])


class MaxAndArgmax(_AxisGiven):
    """Largest x over ``axis`` and the index of the first of them: see ``Max`` and ``Argmax``.

    ``axis``: a tuple or list of axes (not empty unless x is a scalar).
    """

    __props__ = ("axis",)
    nin = nout = 2
    nin, nout = 2, 2

    def __init__(self, axis: Value):
        assert isinstance(axis, (tuple, list))
        self.axis = tuple(int(a) for a in axis)

    def make_node(self, x: Value) -> Apply:
        x = as_tensor_variable(x)
        pattern = [b for i, b in enumerate(x.type.broadcastable) if i not in self.axis]
        top = TensorType(x.type.dtype, pattern)(name="max")
        place = TensorType("int64", pattern)(name="argmax")
        return Apply(self, [x], [top, place])

    def compute(self, node: Apply, x: np.ndarray) -> Value:
        return np.asarray(np.max(x, axis=self.axis)), _place(x, self.axis, True)

    def lower(self, node: Apply, ctx: Value, x: Value) -> Value:
        dtype = node.inputs[0].type.dtype
        if dtype in _HOST or dtype in complex_dtypes:
            return ctx.host(node, x)
        if ctx.device == "cpu" and len(self.axis) == 1 and dtype in ("float32", "float64"):
            found = torch.max(x, self.axis[0])
            return found[0], found[1]
        return torch.amax(x, list(self.axis)), _lowered_place(node, ctx, x, self.axis, True)

    def L_op(
        self, inputs: Sequence[Value], outputs: Sequence[Value], output_grads: Sequence[Value]
    ) -> list[Value]:
        x, g = inputs[0], output_grads[0]
        if isinstance(g.type, DisconnectedType):
            return [zero_for(x)]
        hit = elemwise(rows["eq"])(_spread(outputs[0], self.axis, x.type.ndim), x)
        return [hit * _spread(g, self.axis, x.type.ndim)]

    def grad(self, inputs: Sequence[Value], output_grads: Sequence[Value]) -> list[Value]:
        return self.L_op(inputs, self(*inputs), output_grads)

    def dims(self, node: Apply, inputs: Value, fresh: Value) -> list[Value]:
        kept = tuple(s for i, s in enumerate(inputs[0]) if i not in self.axis)
        return [kept, kept]


# -- functions -----------------------------------------------------------------------------------------------


def makeKeepDims(x: Value, y: Value, axis: Value) -> Value:
    """``y``, which is ``x`` reduced over ``axis``, with the reduced axes put back as broadcastable ones."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    return _spread(y, _in_range(_axis_fields(axis), x), x.type.ndim)


def check_and_normalize_axes(x: Value, axis: Value) -> list[int]:
    """``axis`` (None, int, ints, constant, array) as a list of axes counted from the front; None gives all.

    TypeError for anything else, ValueError for axes that x does not have.
    """
    x = as_tensor_variable(x)
    if axis is None:
        return list(range(x.type.ndim))
    if isinstance(axis, Variable):
        if not isinstance(axis, Constant):
            raise TypeError(f"Computation needs a constant axis. Got {axis}")
        axis = axis.data
    if axis is None:  # the constant None
        return list(range(x.type.ndim))
    if isinstance(axis, np.ndarray):
        axis = axis.tolist()
    if isinstance(axis, (int, np.integer)):
        axis = [axis]
    if not isinstance(axis, (list, tuple)) or not builtins.all(
        isinstance(a, (int, float, np.integer, Constant)) or np.shape(a) == () == getattr(a, "shape", None)
        for a in axis
    ):
        raise TypeError(f"Axis must be an integer, tuple, list of integers or a TensorVariable. Got {axis}")
    found = _in_range([int(a.data) if isinstance(a, Constant) else int(a) for a in axis], x)
    return list(found or range(x.type.ndim))


@offers("sum")
def sum(
    input: Value, axis: Value = None, dtype: Value = None, keepdims: bool = False, acc_dtype: Value = None
) -> Value:
    """Sum over ``axis`` (None for all, an int, or several). Small integers give int64 or uint64."""
    out = Sum(axis=axis, dtype=dtype, acc_dtype=acc_dtype)(input)
    return makeKeepDims(input, out, axis) if keepdims else out


@offers("prod")
def prod(
    input: Value,
    axis: Value = None,
    dtype: Value = None,
    keepdims: bool = False,
    acc_dtype: Value = None,
    no_zeros_in_input: bool = False,
) -> Value:
    """Product over ``axis``. Small integers give int64 or uint64."""
    out = Prod(axis=axis, dtype=dtype, acc_dtype=acc_dtype, no_zeros_in_input=no_zeros_in_input)(input)
    return makeKeepDims(input, out, axis) if keepdims else out


@offers("mean")
def mean(
    input: Value,
    axis: Value = None,
    dtype: Value = None,
    op: bool = False,
    keepdims: bool = False,
    acc_dtype: Value = None,
) -> Value:
    """Mean over ``axis``: float64 for integers unless ``dtype`` says otherwise, NaN for none.

    ``op=True`` (an older form) takes no dtype: NotImplementedError.
    """
    x = as_tensor_variable(input)
    if op and dtype not in (None, "float64"):
        raise NotImplementedError(
            "The Mean op does not support the dtype argument, and will always use float64. If you want to "
            "specify the dtype, call tensor.mean(..., op=False).",
            dtype,
        )
    half = x.type.dtype == "float16" and dtype is None  # sums of many soon exceed what a float16 holds
    total = sum(x, axis=axis, dtype="float32" if half else dtype, keepdims=keepdims, acc_dtype=acc_dtype)
    size_dtype = "float32" if total.type.dtype in ("float16", "float32", "complex64") else "float64"
    axes = range(x.type.ndim) if axis is None else _in_range(_axis_fields(axis), x) or ()
    for a in axes:
        total = elemwise(rows["true_div"])(total, x.shape[a].astype(size_dtype))
    if total.type.dtype in discrete_dtypes:  # no axis, no division
        total = total.astype(size_dtype)
    if half or dtype == "float16":
        total = total.astype("float16")
    total.name = "mean"
    return total


@offers("var")
def var(
    input: Value, axis: Value = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Value:
    """mean((x - mean(x)) ** 2) over ``axis``, divided by n - ``ddof`` instead of n.

    ``corrected`` subtracts mean(x - mean(x)) ** 2, the rounding error of the first pass.
    """
    x = as_tensor_variable(input)
    axes = list(range(x.type.ndim)) if axis is None else list(_in_range(_axis_fields(axis), x) or ())
    centered = x - mean(x, axis=axes, keepdims=True)
    squares = centered ** constant(2, dtype=centered.type.dtype)
    if ddof == 0:
        v = mean(squares, axis=axes, keepdims=keepdims)
    else:
        v = sum(squares, axis=axes, keepdims=keepdims)
        for a in axes:
            v = elemwise(rows["true_div"])(v, x.shape[a] - ddof)
    if corrected:
        off = mean(centered, axis=axes, keepdims=keepdims) ** 2
        if ddof != 0:
            for a in axes:
                off = elemwise(rows["true_div"])(off, x.shape[a] - ddof)
        v = v - off
    v.name = "var"
    return v


@offers("std")
def std(
    input: Value, axis: Value = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False
) -> Value:
    """The square root of ``var``."""
    result = var(input, axis=axis, ddof=ddof, keepdims=keepdims, corrected=corrected).sqrt()
    result.name = "std"
    return result


@offers("norm")
def norm(x: Value, L: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """sum(|x| ** L) ** (1 / L) over ``axis``. NotImplementedError for L of 0 or infinity."""
    x = as_tensor_variable(x)
    if np.isinf(L) or L == 0:
        raise NotImplementedError(f"norm with L={L}: use abs(x).max(), or neq(x, 0).sum()")
    y = sum(abs(x) ** L, axis=axis) ** (1.0 / L)
    return makeKeepDims(x, y, axis) if keepdims else y


@offers("max")
def max(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """Largest element over ``axis``, NaN if there is one; ValueError at run time for an empty tensor."""
    x = as_tensor_variable(x)
    axes = check_and_normalize_axes(x, axis)
    out = Max(axes)(x)
    out.name = "max"
    return _spread(out, axes, x.type.ndim) if keepdims else out


@offers("min")
def min(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """Smallest element over ``axis``, NaN if there is one; ValueError at run time for an empty tensor."""
    x = as_tensor_variable(x)
    if x.type.dtype in complex_dtypes:
        raise NotImplementedError(f"min of {x.type.dtype}: complex numbers have no order")
    axes = check_and_normalize_axes(x, axis)
    out = Min(axes)(x)
    return _spread(out, axes, x.type.ndim) if keepdims else out


@offers("argmax")
def argmax(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """Index (int64) of the first largest element over ``axis``, counted through the reduced axes."""
    x = as_tensor_variable(x)
    axes = check_and_normalize_axes(x, axis)
    out = Argmax(axes)(x)
    out.name = "argmax"
    return _spread(out, axes, x.type.ndim) if keepdims else out


@offers("argmin")
def argmin(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """Index (int64) of the first smallest element over ``axis``, counted through the reduced axes."""
    x = as_tensor_variable(x)
    if x.type.dtype in complex_dtypes:
        raise NotImplementedError(f"argmin of {x.type.dtype}: complex numbers have no order")
    axes = check_and_normalize_axes(x, axis)
    out = Argmin(axes)(x)
    out.name = "argmax"
    return _spread(out, axes, x.type.ndim) if keepdims else out


@offers("max_and_argmax")
def max_and_argmax(a: Value, axis: Value = None, keepdims: bool = False) -> list[Value]:
    """[largest element, index of the first of them] over ``axis``."""
    a = as_tensor_variable(a)
    axes = check_and_normalize_axes(a, axis)
    out, place = MaxAndArgmax(axes)(a)
    if keepdims:
        out, place = (_spread(v, axes, a.type.ndim) for v in (out, place))
    return [out, place]


@offers("all")
def all(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """True where all elements over ``axis`` are nonzero."""
    out = All(axis)(x)
    return makeKeepDims(x, out, axis) if keepdims else out


@offers("any")
def any(x: Value, axis: Value = None, keepdims: bool = False) -> Value:
    """True where any element over ``axis`` is nonzero."""
    out = Any(axis)(x)
    return makeKeepDims(x, out, axis) if keepdims else out


@offers("ptp")
def ptp(a: Value, axis: Value = None) -> Value:
    """Largest minus smallest element over ``axis``."""
    a = as_tensor_variable(a)
    return max(a, axis) - min(a, axis)


__all__ = [
    "All",
    "Any",
    "Argmax",
    "Argmin",
    "CAReduce",
    "CAReduceDtype",
    "Max",
    "MaxAndArgmax",
    "Mean",
    "Min",
    "MulWithoutZeros",
    "Prod",
    "ProdWithoutZeros",
    "Sum",
    "all",
    "any",
    "argmax",
    "argmin",
    "check_and_normalize_axes",
    "makeKeepDims",
    "max",
    "max_and_argmax",
    "mean",
    "min",
    "mul_without_zeros",
    "norm",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]
